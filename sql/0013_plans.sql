-- Every statement finds its rows by an index, whoever owns how many of them.

-- Statements are planned once for all values.  Of tables in which a few accounts or spaces own nearly everything
-- the planner would believe that each owns very much, and read all for those who own little; an index loses
-- nothing where there is much.  So it is told that rows have many owners, whatever the sample says.
DO $$
DECLARE
  owner record;
BEGIN
  FOR owner IN
    SELECT c.conrelid::regclass AS table, a.attname AS column
      FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
     WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace
  LOOP
    EXECUTE format('ALTER TABLE %s ALTER %I SET (n_distinct = -0.05)', owner.table, owner.column);
  END LOOP;
END $$;

-- Those that are live, and those that end in some seconds as another took their place, of an account that has many
-- others.
DROP INDEX sessions_account;
CREATE INDEX sessions_account ON sessions (account_id, revoked_at);
CREATE INDEX sessions_live ON sessions (account_id, issued_at DESC, jti) WHERE revoked_at IS NULL;
CREATE INDEX sessions_revoked_at ON sessions (revoked_at) WHERE revoked_at IS NOT NULL;

CREATE OR REPLACE FUNCTION sessions_end(account bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  live CONSTANT text[] := ARRAY(
    SELECT jti FROM sessions WHERE account_id = account AND revoked_at IS NULL
     UNION ALL SELECT jti FROM sessions WHERE account_id = account AND revoked_at > now());
BEGIN
  -- Most accounts that are written have none, and an UPDATE of nothing costs more than this.
  IF cardinality(live) > 0 THEN
    UPDATE sessions SET revoked_at = now()
     WHERE jti = ANY (live) AND (revoked_at IS NULL OR revoked_at > now())
       AND jti IS DISTINCT FROM session_spared();
  END IF;
  -- No one can have logged in to what this transaction has made.
  IF EXISTS (SELECT FROM accounts WHERE id = account AND created_at <> now()) THEN
    PERFORM outbox_add('permissions.changed', account);
  END IF;
END $$;

-- What sessions_tell() looks for of an account is looked up by its id: nothing is known of how many rows a
-- statement has changed when this is planned.
CREATE OR REPLACE FUNCTION sessions_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Mostly it was only written that they were used.
  IF NOT EXISTS (SELECT FROM new_sessions n JOIN old_sessions o USING (jti)
                  WHERE n.revoked_at IS DISTINCT FROM o.revoked_at) THEN
    RETURN NULL;
  END IF;
  INSERT INTO outbox (kind, domain, account_id, username, sessions)
  SELECT 'session.replaced', a.domain, a.id, a.username, ARRAY[n.jti, n.replaced_by]
    FROM new_sessions n JOIN old_sessions o USING (jti)
    CROSS JOIN LATERAL (SELECT * FROM accounts WHERE id = n.account_id OFFSET 0) a
   WHERE n.replaced_by IS NOT NULL AND o.replaced_by IS NULL;

  INSERT INTO outbox (kind, domain, account_id, username, sessions)
  SELECT 'sessions.ended', a.domain, a.id, a.username, e.jtis[i : i + 49]
    FROM (SELECT n.account_id, array_agg(n.jti) AS jtis
            FROM new_sessions n JOIN old_sessions o USING (jti)
           WHERE n.revoked_at <= now() AND (o.revoked_at IS NULL OR o.revoked_at > now())
           GROUP BY n.account_id) e
    CROSS JOIN LATERAL (SELECT * FROM accounts WHERE id = e.account_id OFFSET 0) a
    CROSS JOIN generate_series(1, cardinality(e.jtis), 50) i;
  RETURN NULL;
END $$;

-- An account's own key is the one without a name.
DROP INDEX api_keys_account;
CREATE INDEX api_keys_account ON api_keys (account_id, name);
-- The clean-up looks at these, and at no others.
CREATE INDEX api_keys_may_expire ON api_keys (id) WHERE expires_after_last_used_minutes > 0;

-- An account may have many, a space more.
DROP INDEX extensions_account;
CREATE INDEX extensions_account ON extensions (account_id, exten);
CREATE INDEX extensions_domain ON extensions (domain, account_id, exten);

-- A space that goes takes these along.
CREATE INDEX account_creation_tokens_domain ON account_creation_tokens (domain);
CREATE INDEX account_creation_request_tokens_domain ON account_creation_request_tokens (domain);

-- The unused one of an account, beside those that were used.
DROP INDEX wizards_provisioning_account;
CREATE INDEX wizards_provisioning_account ON wizards (provisioning_account_id, used_at);

-- Nothing asks when a name was given up.
DROP INDEX accounts_tombstones_created_at;

-- What is deleted changes a copy in the account's row only if it is what the copy shows: an account that goes may
-- have had many.
DROP TRIGGER provisioning_tokens_show ON provisioning_tokens;
CREATE TRIGGER provisioning_tokens_show
  AFTER INSERT OR UPDATE OF token_sealed, used, expires_at ON provisioning_tokens
  FOR EACH ROW EXECUTE FUNCTION provisioning_tokens_show();
CREATE TRIGGER provisioning_tokens_hide AFTER DELETE ON provisioning_tokens
  FOR EACH ROW WHEN (NOT OLD.used) EXECUTE FUNCTION provisioning_tokens_show();

DROP TRIGGER email_change_codes_show ON email_change_codes;
CREATE TRIGGER email_change_codes_show AFTER INSERT OR UPDATE OF code_hash ON email_change_codes
  FOR EACH ROW EXECUTE FUNCTION email_change_codes_show();
CREATE TRIGGER email_change_codes_hide AFTER DELETE ON email_change_codes
  FOR EACH ROW WHEN (OLD.code_hash IS NOT NULL) EXECUTE FUNCTION email_change_codes_show();

DROP TRIGGER phone_change_codes_show ON phone_change_codes;
CREATE TRIGGER phone_change_codes_show AFTER INSERT OR UPDATE OF code_hash ON phone_change_codes
  FOR EACH ROW EXECUTE FUNCTION phone_change_codes_show();
CREATE TRIGGER phone_change_codes_hide AFTER DELETE ON phone_change_codes
  FOR EACH ROW WHEN (OLD.code_hash IS NOT NULL) EXECUTE FUNCTION phone_change_codes_show();

-- What a change of a space, or of the key of a type, leaves to be done in the copies of accounts.  The first of them
-- have it at once, in the transaction of the change; of very many, dialtone-jobs goes over the others, so many at a
-- time, and they know it some seconds later.  Accounts that are made meanwhile know it from the beginning.
CREATE TABLE refreshes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  domain text UNIQUE REFERENCES spaces (domain) ON DELETE CASCADE,
  account_type_id bigint UNIQUE REFERENCES account_types ON DELETE CASCADE,
  -- Accounts up to this one have it.
  after_id bigint NOT NULL,
  CHECK (num_nonnulls(domain, account_type_id) = 1)
);

-- An address that two accounts got while the space did not know of its rule everywhere stays with both.
CREATE FUNCTION space_refresh_accounts(space text, after bigint, most bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  ids CONSTANT bigint[] := ARRAY(
    SELECT a.id FROM accounts a WHERE a.domain = space AND a.id > after ORDER BY a.id LIMIT most);
BEGIN
  PERFORM FROM accounts WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE;
  UPDATE accounts a
     SET space_realm = s.realm, must_enrol_at = space_must_enrol_at(s, a.created_at), email_rank = r.rank
    FROM spaces s, accounts o CROSS JOIN LATERAL (
      SELECT CASE WHEN NOT u.unique_email THEN o.id
                  WHEN EXISTS (SELECT FROM accounts b WHERE b.domain = space
                                  AND lower(b.email) = lower(o.email) OFFSET 1) THEN o.email_rank
                  ELSE 0 END AS rank
        FROM spaces u WHERE u.domain = space OFFSET 0) r
   WHERE s.domain = space AND o.id = ANY (ids) AND a.id = o.id
     AND (a.space_realm, a.must_enrol_at, a.email_rank)
       IS DISTINCT FROM (s.realm, space_must_enrol_at(s, a.created_at), r.rank);
  RETURN CASE WHEN cardinality(ids) = most THEN ids[most] END;
END $$;

CREATE FUNCTION account_type_refresh_accounts(type bigint, after bigint, most bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  ids CONSTANT bigint[] := ARRAY(
    SELECT l.account_id FROM account_account_type l WHERE l.account_type_id = type AND l.account_id > after
     ORDER BY l.account_id LIMIT most);
BEGIN
  PERFORM account_types_show(ids);
  RETURN CASE WHEN cardinality(ids) = most THEN ids[most] END;
END $$;
-- A type that was deleted: it exists for no client any more, and leaves the accounts that have it as they are gone
-- over.  Its key is free at once.
ALTER TABLE account_types ADD ended boolean NOT NULL DEFAULT false, DROP CONSTRAINT account_types_key_key;
CREATE UNIQUE INDEX account_types_key_key ON account_types (key) WHERE NOT ended;

-- True: no account has it any more, and it is gone.
CREATE FUNCTION account_type_leave_accounts(type bigint, most bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  n bigint;
BEGIN
  DELETE FROM account_account_type WHERE ctid = ANY (ARRAY(
    SELECT l.ctid FROM account_account_type l WHERE l.account_type_id = type ORDER BY l.account_id LIMIT most));
  GET DIAGNOSTICS n = ROW_COUNT;
  IF n < most THEN
    DELETE FROM account_types WHERE id = type;
  END IF;
  RETURN n < most;
END $$;

DROP INDEX account_account_type_type;
CREATE INDEX account_account_type_type ON account_account_type (account_type_id, account_id);

CREATE FUNCTION refresh_at_once() RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT 1000::bigint';

CREATE OR REPLACE FUNCTION spaces_show() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  next CONSTANT bigint := space_refresh_accounts(NEW.domain, 0, refresh_at_once());
BEGIN
  DELETE FROM refreshes WHERE domain = NEW.domain;
  IF next IS NOT NULL THEN
    INSERT INTO refreshes (domain, after_id) VALUES (NEW.domain, next);
  END IF;
  RETURN NULL;
END $$;
DROP TRIGGER spaces_unique_email ON spaces;
DROP FUNCTION spaces_refresh_email_keys();
DROP TRIGGER spaces_show ON spaces;
CREATE TRIGGER spaces_show AFTER UPDATE ON spaces
  FOR EACH ROW WHEN ((OLD.realm, OLD.two_factor_policy, OLD.two_factor_policy_since, OLD.two_factor_grace_days,
      OLD.unique_email)
    IS DISTINCT FROM (NEW.realm, NEW.two_factor_policy, NEW.two_factor_policy_since, NEW.two_factor_grace_days,
      NEW.unique_email))
  EXECUTE FUNCTION spaces_show();

CREATE OR REPLACE FUNCTION account_types_renamed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  next CONSTANT bigint := account_type_refresh_accounts(NEW.id, 0, refresh_at_once());
BEGIN
  DELETE FROM refreshes WHERE account_type_id = NEW.id;
  IF next IS NOT NULL THEN
    INSERT INTO refreshes (account_type_id, after_id) VALUES (NEW.id, next);
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION account_types_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT account_type_leave_accounts(NEW.id, refresh_at_once()) THEN
    INSERT INTO refreshes (account_type_id, after_id) VALUES (NEW.id, 0)
      ON CONFLICT (account_type_id) DO UPDATE SET after_id = 0;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER account_types_end AFTER UPDATE OF ended ON account_types
  FOR EACH ROW WHEN (NEW.ended AND NOT OLD.ended) EXECUTE FUNCTION account_types_end();

-- The accounts after those that have it. False: there was nothing to do, or the space or type is being changed.
-- Whoever changes one of them holds it before it touches what is to be done, and so does this.
CREATE FUNCTION refresh_some() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  this refreshes;
  next bigint;
BEGIN
  SELECT * INTO this FROM refreshes ORDER BY id LIMIT 1;
  IF this.domain IS NOT NULL THEN
    PERFORM FROM spaces WHERE domain = this.domain FOR SHARE SKIP LOCKED;
  ELSE
    PERFORM FROM account_types WHERE id = this.account_type_id FOR SHARE SKIP LOCKED;
  END IF;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  SELECT * INTO this FROM refreshes WHERE id = this.id FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  IF EXISTS (SELECT FROM account_types WHERE id = this.account_type_id AND ended) THEN
    PERFORM account_type_leave_accounts(this.account_type_id, refresh_at_once());
    RETURN true;
  END IF;
  IF this.domain IS NOT NULL THEN
    next := space_refresh_accounts(this.domain, this.after_id, refresh_at_once());
  ELSE
    next := account_type_refresh_accounts(this.account_type_id, this.after_id, refresh_at_once());
  END IF;
  IF next IS NOT NULL THEN
    UPDATE refreshes SET after_id = next WHERE id = this.id;
    RETURN true;
  END IF;
  DELETE FROM refreshes WHERE id = this.id;
  -- Who must have a second factor was told when the change was made, and known when this is done.
  IF this.domain IS NOT NULL THEN
    PERFORM outbox_add_for_profile(this.domain, p.id)
       FROM (SELECT 0 AS id UNION ALL SELECT id FROM profiles WHERE domain = this.domain) p;
  END IF;
  RETURN true;
END $$;
