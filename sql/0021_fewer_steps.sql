-- A change of an account writes what it has to, and asks for little else.  A condition of a trigger is read anew for
-- each statement, and each statement of a trigger is started anew: where several triggers look at one row, one does it
-- in expressions, which cost next to nothing.

-- Said in an assignment, which needs no statement.
CREATE OR REPLACE FUNCTION audit_notice() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  said text;
BEGIN
  said := set_config('dialtone.changed', 'yes', true);
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  RETURN NEW;
END $$;

-- What this transaction has made an account with, as it still stands there: rows that come with it, and match, have
-- nothing to ask it for and nothing to write there.
--   dialtone.made        its id and its algorithms
--   dialtone.made_token  its id and its provisioning token
-- Whatever changes the account, or removes it, ends that.
CREATE FUNCTION account_made() RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT nullif(split_part(current_setting('dialtone.made', true), ' ', 1), '')::bigint
$$;
CREATE FUNCTION accounts_made_has(account bigint, algorithm text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
  made CONSTANT text := current_setting('dialtone.made', true);
BEGIN
  RETURN made <> '' AND starts_with(made, concat(account, ' ')) AND strpos(made, concat('"', algorithm, '"')) > 0;
END $$;

-- Before an account is written: what it knows of its space, and who is shut out.  The share lock makes it wait for a
-- transaction that changes the space, and that one for the account: neither misses the other.  A space that has ended
-- takes none.
CREATE FUNCTION accounts_before_write() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  said text;
  most bigint;
  spared text[];
BEGIN
  said := set_config('dialtone.changed', 'yes', true);
  IF TG_OP = 'UPDATE' THEN
    IF current_setting('dialtone.made', true) <> '' THEN
      said := set_config('dialtone.made', '', true);
      said := set_config('dialtone.made_token', '', true);
    END IF;
    IF NEW.activated <> OLD.activated THEN
      NEW.deactivated_by_admin := NOT NEW.activated;
    END IF;
  END IF;
  IF TG_OP = 'INSERT' OR NEW.domain <> OLD.domain OR NEW.created_at <> OLD.created_at THEN
    SELECT s.realm, space_must_enrol_at(s, NEW.created_at), CASE WHEN s.unique_email THEN 0 ELSE NEW.id END,
           s.max_accounts
      INTO NEW.space_realm, NEW.must_enrol_at, NEW.email_rank, most
      FROM spaces s WHERE s.domain = NEW.domain AND s.ends IS NULL FOR SHARE;
    IF NOT FOUND THEN
      RAISE foreign_key_violation USING CONSTRAINT = 'accounts_domain_fkey',
        MESSAGE = format('there is no space %s', NEW.domain);
    END IF;
    IF TG_OP = 'INSERT' AND most > 0 THEN
      PERFORM accounts_take_room(NEW.domain, most);
    END IF;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    -- Those who are shut out can still be told by the old name.
    IF (NEW.blocked AND NOT OLD.blocked) OR NEW.username <> OLD.username OR NEW.domain <> OLD.domain THEN
      spared := sessions_spared();
      IF sessions_end_some(OLD.id, spared, false) THEN
        NEW.sessions_void_at := now();
        NEW.sessions_spared := spared;
      END IF;
      PERFORM outbox_add('permissions.changed', OLD);
    END IF;
  END IF;
  RETURN NEW;
END $$;

-- Counted, told of.
CREATE FUNCTION accounts_come() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  said text;
  hour bigint;
BEGIN
  said := set_config('dialtone.made', concat(NEW.id, ' ', NEW.algorithms), true);
  said := set_config('dialtone.made_token',
    concat(NEW.id, ' ', NEW.provisioning_sealed, ' ', NEW.provisioning_expires_at), true);
  IF NEW.activated AND NEW.phone IS NULL THEN -- most are; what is counted of others tells accounts_buckets()
    hour := accounts_hour(NEW.created_at);
    INSERT INTO accounts_counts AS c (domain, kind, bucket, slot, n)
    VALUES (NEW.domain, 0, NEW.id >> 8, pg_backend_pid(), 1), (NEW.domain, 1, NEW.id >> 16, pg_backend_pid(), 1),
           (NEW.domain, 2, hour, pg_backend_pid(), 1), (NEW.domain, 4, hour, pg_backend_pid(), 1)
    ON CONFLICT (domain, kind, bucket, slot) DO UPDATE SET n = c.n + 1;
  ELSE
    INSERT INTO accounts_counts AS c (domain, kind, bucket, slot, n)
    SELECT NEW.domain, b.kind, b.bucket, pg_backend_pid(), 1
      FROM accounts_buckets(NEW.id, NEW.created_at, NEW.phone, NEW.activated) b
    ON CONFLICT (domain, kind, bucket, slot) DO UPDATE SET n = c.n + 1;
  END IF;
  INSERT INTO outbox (kind, domain, account_id, username, facts)
  VALUES ('account.created', NEW.domain, NEW.id, NEW.username,
    jsonb_build_object('activated', NEW.activated, 'blocked', NEW.blocked));
  RETURN NULL;
END $$;

CREATE FUNCTION accounts_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.domain <> OLD.domain OR NEW.phone IS DISTINCT FROM OLD.phone OR NEW.activated <> OLD.activated)
     AND NEW.created_at = OLD.created_at THEN -- else accounts_counted_over does it
    PERFORM accounts_count_step(OLD, NEW);
  END IF;
  IF NEW.domain <> OLD.domain THEN
    DELETE FROM contacts_list_contact WHERE contact_id = NEW.id;
    DELETE FROM account_contacts_list WHERE account_id = NEW.id;
  END IF;
  INSERT INTO outbox (kind, domain, account_id, username, facts)
  VALUES ('account.updated', NEW.domain, NEW.id, NEW.username,
    jsonb_build_object('activated', NEW.activated, 'blocked', NEW.blocked));
  IF NEW.admin <> OLD.admin THEN
    INSERT INTO outbox (kind, domain, account_id, username)
    VALUES ('permissions.changed', NEW.domain, NEW.id, NEW.username);
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION accounts_count_step(was accounts, has accounts) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO accounts_counts AS c (domain, kind, bucket, slot, n)
  SELECT s.domain, s.kind, s.bucket, pg_backend_pid(), sum(s.step)
    FROM (SELECT was.domain, b.kind, b.bucket, -1 AS step
            FROM accounts_buckets(was.id, was.created_at, was.phone, was.activated) b
           UNION ALL
          SELECT has.domain, b.kind, b.bucket, 1
            FROM accounts_buckets(has.id, has.created_at, has.phone, has.activated) b) s
   GROUP BY 1, 2, 3 HAVING sum(s.step) <> 0
  ON CONFLICT (domain, kind, bucket, slot) DO UPDATE SET n = c.n + excluded.n;
END $$;
CREATE OR REPLACE FUNCTION accounts_count_over() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM accounts_count_step(OLD, NEW);
  RETURN NULL;
END $$;

-- Sockets that were opened by the HMAC login belong to no session of ours: relays look at them when that is what a
-- change ends.
CREATE OR REPLACE FUNCTION accounts_tell() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  said text;
BEGIN
  said := set_config('dialtone.made', '', true);
  said := set_config('dialtone.made_token', '', true);
  INSERT INTO outbox (kind, domain, account_id, username, facts)
  VALUES ('permissions.changed', OLD.domain, OLD.id, OLD.username, NULL),
         ('account.deleted', OLD.domain, OLD.id, OLD.username,
           jsonb_build_object('activated', OLD.activated, 'blocked', OLD.blocked));
  RETURN NULL;
END $$;

DROP TRIGGER accounts_new ON accounts;
DROP TRIGGER accounts_moved ON accounts;
DROP TRIGGER accounts_activated ON accounts;
DROP TRIGGER accounts_shut_out ON accounts;
DROP TRIGGER audit_notices ON accounts;
DROP TRIGGER audit_notices_insert ON accounts;
DROP TRIGGER accounts_counted_in ON accounts;
DROP TRIGGER accounts_counted_over ON accounts;
DROP TRIGGER accounts_leave_lists ON accounts;
DROP TRIGGER accounts_tell ON accounts;
DROP TRIGGER accounts_tell_permissions ON accounts;
DROP FUNCTION accounts_know_space(), accounts_remember_deactivation(), accounts_end_sessions(), accounts_count_in(),
  accounts_leave_lists(), accounts_tell_permissions();

CREATE TRIGGER accounts_before_write BEFORE INSERT OR UPDATE ON accounts
  FOR EACH ROW EXECUTE FUNCTION accounts_before_write();
CREATE TRIGGER accounts_come AFTER INSERT ON accounts
  FOR EACH ROW EXECUTE FUNCTION accounts_come();
CREATE TRIGGER accounts_changed AFTER UPDATE OF
  username, domain, email, activated, blocked, admin, display_name, dtmf_protocol, phone, dictionary
  ON accounts FOR EACH ROW EXECUTE FUNCTION accounts_changed();
CREATE TRIGGER accounts_counted_over AFTER UPDATE OF created_at ON accounts
  FOR EACH ROW WHEN (OLD.created_at <> NEW.created_at) EXECUTE FUNCTION accounts_count_over();
CREATE TRIGGER accounts_tell AFTER DELETE ON accounts
  FOR EACH ROW EXECUTE FUNCTION accounts_tell();
CREATE TRIGGER audit_notices BEFORE DELETE ON accounts
  FOR EACH ROW EXECUTE FUNCTION audit_notice();

-- By row: of the three triggers of one statement that replaces a password two had nothing to look at, and looked.
DROP TRIGGER passwords_come ON passwords;
DROP TRIGGER passwords_change ON passwords;
DROP TRIGGER passwords_go ON passwords;
CREATE OR REPLACE FUNCTION passwords_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  said text;
  owner CONSTANT bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.account_id ELSE NEW.account_id END;
  account record;
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF accounts_made_has(owner, NEW.algorithm) THEN
      RETURN NULL;
    END IF;
  END IF;
  SELECT domain, username, created_at <> now() AS known,
         EXISTS (SELECT FROM sessions WHERE account_id = owner) AS has_sessions,
         EXISTS (SELECT FROM auth_tokens WHERE account_id = owner)
           OR EXISTS (SELECT FROM reset_password_email_tokens WHERE account_id = owner AND NOT used) AS has_tokens
    INTO account FROM accounts WHERE id = owner;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  IF account.known AND account.has_sessions THEN -- most accounts that are written have none
    PERFORM sessions_end_some(owner, sessions_spared(), true);
  END IF;
  -- Once for all passwords that are changed together.
  IF account.known AND current_setting('dialtone.password_of', true) IS DISTINCT FROM owner::text THEN
    said := set_config('dialtone.password_of', owner::text, true);
    INSERT INTO outbox (kind, domain, account_id, username)
    VALUES ('permissions.changed', account.domain, owner, account.username);
  END IF;
  IF TG_OP <> 'INSERT' AND account.has_tokens THEN
    DELETE FROM auth_tokens WHERE account_id = owner;
    DELETE FROM reset_password_email_tokens WHERE account_id = owner AND NOT used;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    IF NEW.algorithm = OLD.algorithm THEN
      RETURN NULL;
    END IF;
  END IF;
  UPDATE accounts a SET algorithms = p.shown
    FROM (SELECT coalesce(jsonb_agg(jsonb_build_object('algorithm', algorithm) ORDER BY algorithm), '[]') AS shown
            FROM passwords WHERE account_id = owner) p
   WHERE a.id = owner AND a.algorithms <> p.shown;
  RETURN NULL;
END $$;
CREATE TRIGGER passwords_changed AFTER INSERT OR UPDATE OR DELETE ON passwords
  FOR EACH ROW EXECUTE FUNCTION passwords_changed();

CREATE OR REPLACE FUNCTION provisioning_tokens_come() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  account record;
BEGIN
  IF NOT NEW.used AND current_setting('dialtone.made_token', true)
       = concat(NEW.account_id, ' ', NEW.token_sealed, ' ', NEW.expires_at) THEN
    RETURN NULL;
  END IF;
  SELECT provisioning_sealed, provisioning_expires_at INTO account
    FROM accounts WHERE id = NEW.account_id FOR KEY SHARE;
  IF NOT FOUND THEN
    RAISE foreign_key_violation USING CONSTRAINT = 'provisioning_tokens_account_id_fkey',
      MESSAGE = format('there is no account %s', NEW.account_id);
  END IF;
  IF NOT NEW.used AND (account.provisioning_sealed, account.provisioning_expires_at)
    IS DISTINCT FROM (NEW.token_sealed, NEW.expires_at) THEN
    UPDATE accounts SET provisioning_sealed = NEW.token_sealed, provisioning_expires_at = NEW.expires_at
     WHERE id = NEW.account_id;
  END IF;
  RETURN NULL;
END $$;

-- The text of a CHECK is read anew for each statement, and every part of it costs more than what it compares: one that
-- asks a function costs a tenth.  Rows that are there fitted what it takes the place of: they are not read again.
CREATE FUNCTION accounts_fit(username text, email text, ip_address text, user_agent text, display_name text,
  dtmf_protocol text, phone text, dictionary jsonb) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN length(username) >= 1 AND length(username) <= 64
    AND length(email) <= 254
    AND length(ip_address) <= 45
    AND length(user_agent) <= 256
    AND length(display_name) <= 255
    AND dtmf_protocol = ANY (ARRAY['sipinfo'::text, 'rfc2833'::text, 'sipmessage'::text])
    AND phone ~ '^\+[1-9][0-9]{6,14}$'
    AND jsonb_typeof(dictionary) = 'object';
END $$;
ALTER TABLE accounts DROP CONSTRAINT accounts_username_check, DROP CONSTRAINT accounts_email_check,
  DROP CONSTRAINT accounts_ip_address_check, DROP CONSTRAINT accounts_user_agent_check,
  DROP CONSTRAINT accounts_display_name_check, DROP CONSTRAINT accounts_dtmf_protocol_check,
  DROP CONSTRAINT accounts_phone_check, DROP CONSTRAINT accounts_dictionary_check,
  ADD CONSTRAINT accounts_fit CHECK (accounts_fit(username, email, ip_address, user_agent, display_name,
    dtmf_protocol, phone, dictionary)) NOT VALID;

CREATE FUNCTION passwords_fit(password text, algorithm text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN password ~ '^[0-9a-f]+$'
    AND length(password) = CASE algorithm WHEN 'MD5' THEN 32 WHEN 'SHA-256' THEN 64 ELSE 0 END;
END $$;
ALTER TABLE passwords DROP CONSTRAINT passwords_password_check, DROP CONSTRAINT passwords_algorithm_check,
  DROP CONSTRAINT passwords_check,
  ADD CONSTRAINT passwords_fit CHECK (passwords_fit(password, algorithm)) NOT VALID;

CREATE FUNCTION sessions_fit(jti text, audience text, user_agent text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN length(jti) >= 16 AND length(jti) <= 64
    AND length(audience) <= 64
    AND length(user_agent) <= 256;
END $$;
ALTER TABLE sessions DROP CONSTRAINT sessions_jti_check, DROP CONSTRAINT sessions_audience_check,
  DROP CONSTRAINT sessions_user_agent_check,
  ADD CONSTRAINT sessions_fit CHECK (sessions_fit(jti, audience, user_agent)) NOT VALID;

-- Written by the triggers above alone.
ALTER TABLE accounts_counts DROP CONSTRAINT accounts_counts_kind_check;

-- A new session is one row, and has two things to do.
CREATE FUNCTION sessions_come() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  said text;
BEGIN
  said := set_config('dialtone.changed', 'yes', true);
  PERFORM FROM accounts WHERE id = NEW.account_id FOR KEY SHARE;
  IF NOT FOUND THEN
    RAISE foreign_key_violation USING CONSTRAINT = 'sessions_account_id_fkey',
      MESSAGE = format('there is no account %s', NEW.account_id);
  END IF;
  RETURN NULL;
END $$;
DROP TRIGGER audit_notices_insert ON sessions;
DROP TRIGGER sessions_hold_account ON sessions;
CREATE TRIGGER sessions_come AFTER INSERT ON sessions FOR EACH ROW EXECUTE FUNCTION sessions_come();
CREATE TRIGGER sessions_hold_account AFTER UPDATE OF account_id ON sessions
  FOR EACH ROW EXECUTE FUNCTION rows_hold_account();
