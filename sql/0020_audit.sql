-- Who changed what: one row for each request or command that changed something, with the names of fields and never a
-- value.  Nothing refers to anything: an account or a space that is gone leaves its trail.
CREATE TABLE audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  domain text NOT NULL, -- of the space whose trail it is; '': of the whole server
  actor text,           -- user@domain, or a user of the machine; NULL: a stranger
  door text NOT NULL,
  ip text,
  request_id text DEFAULT nullif(current_setting('dialtone.request', true), ''),
  action text NOT NULL,
  object text,          -- "account:alice@sip.example.org"
  part text,            -- of the object: "extensions/201"
  fields text[] NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_of_space ON audit (domain, at, id);
CREATE INDEX audit_of_object ON audit (domain, object, at, id);
CREATE INDEX audit_of_actor ON audit (domain, actor, at, id);

-- Where the commit travels with the change, the row of the trail is sent before it is known whether there was any:
-- one who comes second, to find it gone, has a transaction number all the same.  The first row that is really
-- changed says so.
CREATE FUNCTION audit_notice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('dialtone.changed', 'yes', true);
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  RETURN NEW;
END $$;
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['accounts', 'account_contacts_list', 'api_keys', 'contacts', 'contacts_list_contact',
    'contacts_lists', 'sessions', 'vcards_storage'] LOOP
    EXECUTE format('CREATE TRIGGER audit_notices_insert AFTER INSERT ON %I FOR EACH ROW'
      ' WHEN (current_setting(''dialtone.changed'', true) IS DISTINCT FROM ''yes'') EXECUTE FUNCTION audit_notice()', name);
    EXECUTE format('CREATE TRIGGER audit_notices BEFORE UPDATE OR DELETE ON %I FOR EACH ROW'
      ' WHEN (current_setting(''dialtone.changed'', true) IS DISTINCT FROM ''yes'') EXECUTE FUNCTION audit_notice()', name);
  END LOOP;
END $$;

-- What stands here stays as it is; dialtone-jobs removes what is old (audit_days), and never what is not 30 days old.
CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND OLD.at < now() - interval '30 days' THEN
    RETURN OLD;
  END IF;
  RAISE insufficient_privilege USING MESSAGE = 'the audit trail is only added to: ' || lower(TG_OP) || ' is refused';
END $$;
CREATE TRIGGER audit_rows_stay BEFORE UPDATE OR DELETE ON audit
  FOR EACH ROW EXECUTE FUNCTION audit_stays();
CREATE TRIGGER audit_stays BEFORE TRUNCATE ON audit
  FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();
