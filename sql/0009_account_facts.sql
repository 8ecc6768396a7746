-- What every authenticated request has to know about an account beside its own columns: read with
-- each request, changed rarely. Like algorithms, types and actions these columns are copies which
-- the triggers of the other tables keep, in the same transaction; never written by hand.

ALTER TABLE accounts
  -- Of its space. The realm is null where it is the domain.
  ADD space_realm text,
  ADD space_super boolean NOT NULL DEFAULT false,
  -- From then on the space is expired (accounts-api 2.2); null: never.
  ADD space_ends_at timestamptz,
  -- From then on it needs a second factor (cti-api 4.3); null: it need not have one.
  ADD must_enrol_at timestamptz,
  -- It has a second factor.
  ADD two_factor boolean NOT NULL DEFAULT false,
  -- The provisioning token that is current, and the confirmation key.
  ADD provisioning_sealed bytea,
  ADD provisioning_expires_at timestamptz,
  ADD confirmation_sealed bytea,
  ADD confirmation_expires_at timestamptz;

CREATE FUNCTION space_ends_at(s spaces) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN NOT s.super THEN s.expire_at::timestamp AT TIME ZONE 'UTC' END
$$;
CREATE FUNCTION space_must_enrol_at(s spaces, made_at timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
  SELECT CASE s.two_factor_policy WHEN 'required' THEN
    greatest(made_at, s.two_factor_policy_since)
    + make_interval(days => s.two_factor_grace_days::int) END
$$;

-- The share lock makes it wait for whoever changes the space, and him for the new account: neither
-- misses the other.
CREATE FUNCTION accounts_know_space() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT s.realm, s.super, space_ends_at(s), space_must_enrol_at(s, NEW.created_at)
    INTO NEW.space_realm, NEW.space_super, NEW.space_ends_at, NEW.must_enrol_at
    FROM spaces s WHERE s.domain = NEW.domain FOR SHARE;
  RETURN NEW;
END $$;
CREATE TRIGGER accounts_new BEFORE INSERT ON accounts
  FOR EACH ROW EXECUTE FUNCTION accounts_know_space();
CREATE TRIGGER accounts_moved BEFORE UPDATE OF domain, created_at ON accounts
  FOR EACH ROW WHEN ((NEW.domain, NEW.created_at) IS DISTINCT FROM (OLD.domain, OLD.created_at))
  EXECUTE FUNCTION accounts_know_space();

CREATE FUNCTION spaces_show() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE accounts SET space_realm = NEW.realm, space_super = NEW.super,
    space_ends_at = space_ends_at(NEW), must_enrol_at = space_must_enrol_at(NEW, created_at)
   WHERE domain = NEW.domain;
  RETURN NULL;
END $$;
CREATE TRIGGER spaces_show AFTER UPDATE ON spaces
  FOR EACH ROW WHEN ((OLD.realm, OLD.super, OLD.expire_at, OLD.two_factor_policy,
      OLD.two_factor_policy_since, OLD.two_factor_grace_days)
    IS DISTINCT FROM (NEW.realm, NEW.super, NEW.expire_at, NEW.two_factor_policy,
      NEW.two_factor_policy_since, NEW.two_factor_grace_days))
  EXECUTE FUNCTION spaces_show();

CREATE FUNCTION two_factor_show() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  owner bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.account_id ELSE NEW.account_id END;
BEGIN
  UPDATE accounts SET two_factor = EXISTS (
    SELECT FROM two_factor WHERE account_id = owner AND secret_sealed IS NOT NULL)
   WHERE id = owner;
  RETURN NULL;
END $$;
CREATE TRIGGER two_factor_show AFTER INSERT OR DELETE OR UPDATE OF secret_sealed ON two_factor
  FOR EACH ROW EXECUTE FUNCTION two_factor_show();

CREATE FUNCTION provisioning_tokens_show() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  owner bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.account_id ELSE NEW.account_id END;
BEGIN
  UPDATE accounts SET (provisioning_sealed, provisioning_expires_at) = (
    SELECT token_sealed, expires_at FROM provisioning_tokens WHERE account_id = owner AND NOT used)
   WHERE id = owner;
  RETURN NULL;
END $$;
CREATE TRIGGER provisioning_tokens_show
  AFTER INSERT OR DELETE OR UPDATE OF token_sealed, used, expires_at ON provisioning_tokens
  FOR EACH ROW EXECUTE FUNCTION provisioning_tokens_show();

CREATE FUNCTION confirmation_keys_show() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  owner bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.account_id ELSE NEW.account_id END;
BEGIN
  UPDATE accounts SET (confirmation_sealed, confirmation_expires_at) = (
    SELECT key_sealed, expires_at FROM confirmation_keys WHERE account_id = owner)
   WHERE id = owner;
  RETURN NULL;
END $$;
CREATE TRIGGER confirmation_keys_show
  AFTER INSERT OR DELETE OR UPDATE OF key_sealed, expires_at ON confirmation_keys
  FOR EACH ROW EXECUTE FUNCTION confirmation_keys_show();

UPDATE accounts a SET space_realm = s.realm, space_super = s.super,
  space_ends_at = space_ends_at(s), must_enrol_at = space_must_enrol_at(s, a.created_at),
  two_factor = EXISTS (
    SELECT FROM two_factor t WHERE t.account_id = a.id AND t.secret_sealed IS NOT NULL),
  (provisioning_sealed, provisioning_expires_at) = (
    SELECT token_sealed, expires_at FROM provisioning_tokens WHERE account_id = a.id AND NOT used),
  (confirmation_sealed, confirmation_expires_at) = (
    SELECT key_sealed, expires_at FROM confirmation_keys WHERE account_id = a.id)
  FROM spaces s WHERE s.domain = a.domain;
