-- Flexisip's B2BUA hears of each change of an account at another provider, by whatever way it came: it asks for the
-- account again then, or finds none. One that is renamed is told under both names, the old one first. Its owner may
-- be gone already.
CREATE FUNCTION external_accounts_told(x external_accounts) RETURNS void LANGUAGE sql AS $$
  INSERT INTO outbox (kind, domain, account_id, username, facts)
  SELECT 'external_account.changed', coalesce(a.domain, x.domain), x.account_id, coalesce(a.username, x.username),
         jsonb_build_object('identifier', x.id::text, 'username', x.username, 'domain', x.domain)
    FROM (SELECT) one LEFT JOIN accounts a ON a.id = x.account_id
$$;

CREATE FUNCTION external_accounts_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND (OLD.username, OLD.domain) <> (NEW.username, NEW.domain)) THEN
    PERFORM external_accounts_told(OLD);
  END IF;
  IF TG_OP <> 'DELETE' THEN
    PERFORM external_accounts_told(NEW);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER external_accounts_tell AFTER INSERT OR UPDATE OR DELETE ON external_accounts
  FOR EACH ROW EXECUTE FUNCTION external_accounts_tell();
