-- What an owner has very much of is no part of the transaction in which the owner goes, or in which its sessions end.

-- Rows whose owner is gone, and sessions that have ended without it being written down.  The first of them go with the
-- owner, at once; of very many, dialtone-jobs takes the others, so many at a time.  No client finds them meanwhile.
CREATE TABLE leftovers (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('account', 'sessions', 'profile', 'contacts_list')),
  owner_id bigint NOT NULL,
  -- An account's as they were.
  domain text,
  username text,
  UNIQUE (kind, owner_id),
  CHECK (kind <> 'account' OR num_nulls(domain, username) = 0)
);

-- One that is being worked at is waited for: it may be done before it has seen all.
CREATE FUNCTION leftovers_note(kind text, owner bigint, domain text DEFAULT NULL, username text DEFAULT NULL) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO leftovers (kind, owner_id, domain, username) VALUES (kind, owner, domain, username)
    ON CONFLICT (kind, owner_id) DO UPDATE SET kind = excluded.kind
$$;

-- The end of sessions.  All of an account's that were issued until `sessions_void_at` have ended, but for those that
-- were spared; set only where there were too many to write each down at once.
ALTER TABLE accounts ADD sessions_void_at timestamptz, ADD sessions_spared text[];

-- The newest first: they are in use, and one that was issued after this transaction had begun is among them.  True:
-- there are more.  The account says so itself if `mark`; else it is the caller who is just writing it.
-- Locks are taken in this order: account, leftovers, sessions.
CREATE FUNCTION sessions_end_some(account bigint, spared text[], mark boolean) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  most CONSTANT bigint := refresh_at_once();
  live CONSTANT text[] := ARRAY(
    (SELECT jti FROM sessions WHERE account_id = account AND revoked_at > now())
     UNION ALL
    (SELECT jti FROM sessions WHERE account_id = account AND revoked_at IS NULL
      ORDER BY issued_at DESC LIMIT most + 1));
  more CONSTANT boolean := cardinality(live) > most;
BEGIN
  IF more THEN
    IF mark THEN
      UPDATE accounts SET sessions_void_at = now(), sessions_spared = spared WHERE id = account;
    END IF;
    PERFORM leftovers_note('sessions', account);
  END IF;
  -- Most accounts that are written have none, and an UPDATE of nothing costs more than this.
  IF cardinality(live) > 0 THEN
    UPDATE sessions SET revoked_at = now()
     WHERE jti = ANY (live[1:most]) AND (revoked_at IS NULL OR revoked_at > now()) AND jti <> ALL (spared);
  END IF;
  RETURN more;
END $$;

CREATE FUNCTION sessions_spared() RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT array_remove(ARRAY[session_spared()], NULL)
$$;

DROP FUNCTION sessions_end(bigint);

-- Before the change, while they can still be told by the old name.
CREATE OR REPLACE FUNCTION accounts_end_sessions() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  spared CONSTANT text[] := sessions_spared();
BEGIN
  IF sessions_end_some(OLD.id, spared, false) THEN
    NEW.sessions_void_at := now();
    NEW.sessions_spared := spared;
  END IF;
  PERFORM outbox_add('permissions.changed', OLD);
  RETURN NEW;
END $$;
DROP TRIGGER accounts_deleted ON accounts;

CREATE FUNCTION sessions_end_void(account bigint, most bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  owner accounts;
  live text[];
BEGIN
  SELECT * INTO owner FROM accounts WHERE id = account;
  live := ARRAY(SELECT jti FROM sessions WHERE account_id = account AND revoked_at IS NULL
                   AND issued_at <= owner.sessions_void_at AND jti <> ALL (owner.sessions_spared)
                 ORDER BY issued_at DESC LIMIT most);
  UPDATE sessions SET revoked_at = now() WHERE jti = ANY (live) AND revoked_at IS NULL;
  RETURN cardinality(live) < most;
END $$;

-- A password that was written ends the sessions of its account, and what a client may have made that knew the old
-- one; the account shows which algorithms there are.  Of an account that this transaction has made there is nothing to
-- end, and it mostly shows them; one that goes has no password to be known.
CREATE FUNCTION passwords_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  owner bigint;
  account record;
BEGIN
  IF NOT EXISTS (
    SELECT FROM changed c CROSS JOIN LATERAL (
      SELECT created_at, algorithms FROM accounts WHERE id = c.account_id OFFSET 0) a
     WHERE TG_OP <> 'INSERT' OR a.created_at <> now()
        OR NOT a.algorithms @> jsonb_build_array(jsonb_build_object('algorithm', c.algorithm))) THEN
    RETURN NULL;
  END IF;
  FOREACH owner IN ARRAY ARRAY(SELECT DISTINCT account_id FROM changed)
  LOOP
    SELECT domain, username, algorithms, created_at <> now() AS known,
           (SELECT coalesce(jsonb_agg(jsonb_build_object('algorithm', algorithm) ORDER BY algorithm), '[]')
              FROM passwords WHERE account_id = owner) AS shown,
           EXISTS (SELECT FROM auth_tokens WHERE account_id = owner)
             OR EXISTS (SELECT FROM reset_password_email_tokens WHERE account_id = owner AND NOT used) AS has_tokens
      INTO account FROM accounts WHERE id = owner;
    CONTINUE WHEN NOT FOUND;
    IF account.known THEN
      PERFORM sessions_end_some(owner, sessions_spared(), true);
      INSERT INTO outbox (kind, domain, account_id, username)
      VALUES ('permissions.changed', account.domain, owner, account.username);
    END IF;
    IF TG_OP <> 'INSERT' AND account.has_tokens THEN
      DELETE FROM auth_tokens WHERE account_id = owner;
      DELETE FROM reset_password_email_tokens WHERE account_id = owner AND NOT used;
    END IF;
    IF account.shown <> account.algorithms THEN
      UPDATE accounts SET algorithms = account.shown WHERE id = owner;
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
DROP TRIGGER passwords_changed ON passwords;
DROP TRIGGER passwords_show ON passwords;
DROP TRIGGER passwords_void_tokens ON passwords;
DROP FUNCTION passwords_show(), passwords_end_sessions(), passwords_void_tokens();
CREATE TRIGGER passwords_come AFTER INSERT ON passwords
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION passwords_changed();
CREATE TRIGGER passwords_change AFTER UPDATE ON passwords
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION passwords_changed();
CREATE TRIGGER passwords_go AFTER DELETE ON passwords
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION passwords_changed();

-- Rows of which an owner may have any number.  Where a foreign key would delete them all at once, a trigger at each end
-- does what the key did: none comes without its owner, which stays until the writer's transaction has ended, and those
-- of an owner that goes go, too.

CREATE FUNCTION accounts_hold(account bigint, key text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM accounts WHERE id = account FOR KEY SHARE;
  IF NOT FOUND THEN
    RAISE foreign_key_violation USING CONSTRAINT = key, MESSAGE = format('there is no account %s', account);
  END IF;
END $$;

CREATE FUNCTION rows_hold_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM accounts WHERE id = NEW.account_id FOR KEY SHARE;
  IF NOT FOUND THEN
    RAISE foreign_key_violation USING CONSTRAINT = TG_TABLE_NAME || '_account_id_fkey',
      MESSAGE = format('there is no account %s', NEW.account_id);
  END IF;
  RETURN NULL;
END $$;

-- The row is looked at anyway: a new account comes with what it is to show.
CREATE FUNCTION provisioning_tokens_come() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  account record;
BEGIN
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
DROP TRIGGER provisioning_tokens_show ON provisioning_tokens;
CREATE TRIGGER provisioning_tokens_come AFTER INSERT ON provisioning_tokens
  FOR EACH ROW EXECUTE FUNCTION provisioning_tokens_come();
CREATE TRIGGER provisioning_tokens_show AFTER UPDATE OF token_sealed, used, expires_at ON provisioning_tokens
  FOR EACH ROW EXECUTE FUNCTION provisioning_tokens_show();

CREATE FUNCTION contacts_hold_accounts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM accounts_hold(NEW.account_id, 'contacts_account_id_fkey');
  PERFORM accounts_hold(NEW.contact_id, 'contacts_contact_id_fkey');
  RETURN NULL;
END $$;

CREATE FUNCTION rows_hold_contacts_list() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM contacts_lists WHERE id = NEW.list_id FOR KEY SHARE;
  IF NOT FOUND THEN
    RAISE foreign_key_violation USING CONSTRAINT = TG_TABLE_NAME || '_list_id_fkey',
      MESSAGE = format('there is no contacts list %s', NEW.list_id);
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION cti_users_hold_profile() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM profiles WHERE id = NEW.profile_id FOR KEY SHARE;
  IF NOT FOUND THEN
    RAISE foreign_key_violation USING CONSTRAINT = 'cti_users_profile_id_fkey',
      MESSAGE = format('there is no profile %s', NEW.profile_id);
  END IF;
  RETURN NULL;
END $$;

ALTER TABLE sessions DROP CONSTRAINT sessions_account_id_fkey;
ALTER TABLE known_networks DROP CONSTRAINT known_networks_account_id_fkey;
ALTER TABLE provisioning_tokens DROP CONSTRAINT provisioning_tokens_account_id_fkey;
ALTER TABLE wizards DROP CONSTRAINT wizards_account_id_fkey;
ALTER TABLE contacts DROP CONSTRAINT contacts_account_id_fkey, DROP CONSTRAINT contacts_contact_id_fkey;
ALTER TABLE contacts_list_contact DROP CONSTRAINT contacts_list_contact_list_id_fkey;
ALTER TABLE account_contacts_list DROP CONSTRAINT account_contacts_list_list_id_fkey;
ALTER TABLE cti_users DROP CONSTRAINT cti_users_profile_id_fkey;

CREATE TRIGGER sessions_hold_account AFTER INSERT OR UPDATE OF account_id ON sessions
  FOR EACH ROW EXECUTE FUNCTION rows_hold_account();
CREATE TRIGGER known_networks_hold_account AFTER INSERT OR UPDATE OF account_id ON known_networks
  FOR EACH ROW EXECUTE FUNCTION rows_hold_account();
CREATE TRIGGER provisioning_tokens_hold_account AFTER UPDATE OF account_id ON provisioning_tokens
  FOR EACH ROW EXECUTE FUNCTION rows_hold_account();
CREATE TRIGGER wizards_hold_account AFTER INSERT OR UPDATE OF account_id ON wizards
  FOR EACH ROW EXECUTE FUNCTION rows_hold_account();
CREATE TRIGGER contacts_hold_accounts AFTER INSERT OR UPDATE ON contacts
  FOR EACH ROW EXECUTE FUNCTION contacts_hold_accounts();
CREATE TRIGGER contacts_list_contact_holds_list AFTER INSERT OR UPDATE OF list_id ON contacts_list_contact
  FOR EACH ROW EXECUTE FUNCTION rows_hold_contacts_list();
CREATE TRIGGER account_contacts_list_holds_list AFTER INSERT OR UPDATE OF list_id ON account_contacts_list
  FOR EACH ROW EXECUTE FUNCTION rows_hold_contacts_list();
CREATE TRIGGER cti_users_begin_profile AFTER INSERT ON cti_users
  FOR EACH ROW WHEN (NEW.profile_id IS NOT NULL) EXECUTE FUNCTION cti_users_hold_profile();
CREATE TRIGGER cti_users_change_profile AFTER UPDATE OF profile_id ON cti_users
  FOR EACH ROW WHEN (NEW.profile_id <> coalesce(OLD.profile_id, 0)) EXECUTE FUNCTION cti_users_hold_profile();

-- Of an account that is gone, at most so many of each table.  True: that was all.
CREATE FUNCTION account_rows_drop(account bigint, space text, name text, most bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  has record;
  live text[];
  n bigint;
  all_gone boolean := true;
BEGIN
  SELECT EXISTS (SELECT FROM sessions WHERE account_id = account) AS sessions,
         EXISTS (SELECT FROM provisioning_tokens WHERE account_id = account) AS tokens,
         EXISTS (SELECT FROM known_networks WHERE account_id = account) AS networks,
         EXISTS (SELECT FROM wizards WHERE account_id = account) AS wizards,
         EXISTS (SELECT FROM contacts WHERE account_id = account) AS contacts,
         EXISTS (SELECT FROM contacts WHERE contact_id = account) AS others
    INTO has;
  IF has.sessions THEN
    -- Those that live, first.
    WITH gone AS (
      DELETE FROM sessions WHERE jti = ANY (ARRAY(
        SELECT jti FROM sessions WHERE account_id = account ORDER BY revoked_at DESC LIMIT most))
      RETURNING jti, revoked_at)
    SELECT count(*), array_agg(jti) FILTER (WHERE revoked_at IS NULL OR revoked_at > now()) INTO n, live FROM gone;
    INSERT INTO outbox (kind, domain, account_id, username, sessions)
    SELECT 'sessions.ended', space, account, name, live[i : i + 49]
      FROM generate_series(1, cardinality(live), 50) i;
    all_gone := n < most;
  END IF;
  IF has.tokens THEN
    DELETE FROM provisioning_tokens WHERE id = ANY (ARRAY(
      SELECT id FROM provisioning_tokens WHERE account_id = account LIMIT most));
    GET DIAGNOSTICS n = ROW_COUNT;
    all_gone := all_gone AND n < most;
  END IF;
  IF has.networks THEN
    DELETE FROM known_networks WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM known_networks WHERE account_id = account LIMIT most));
    GET DIAGNOSTICS n = ROW_COUNT;
    all_gone := all_gone AND n < most;
  END IF;
  IF has.wizards THEN
    DELETE FROM wizards WHERE token_hash = ANY (ARRAY(
      SELECT token_hash FROM wizards WHERE account_id = account LIMIT most));
    GET DIAGNOSTICS n = ROW_COUNT;
    all_gone := all_gone AND n < most;
  END IF;
  IF has.contacts THEN
    DELETE FROM contacts WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM contacts WHERE account_id = account LIMIT most));
    GET DIAGNOSTICS n = ROW_COUNT;
    all_gone := all_gone AND n < most;
  END IF;
  IF has.others THEN
    DELETE FROM contacts WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM contacts WHERE contact_id = account LIMIT most));
    GET DIAGNOSTICS n = ROW_COUNT;
    all_gone := all_gone AND n < most;
  END IF;
  RETURN all_gone;
END $$;

-- Runs before what tells that the account is gone: triggers run in the order of their names.
CREATE FUNCTION accounts_drop_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT account_rows_drop(OLD.id, OLD.domain, OLD.username, refresh_at_once()) THEN
    PERFORM leftovers_note('account', OLD.id, OLD.domain, OLD.username);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER accounts_drop_rows AFTER DELETE ON accounts
  FOR EACH ROW EXECUTE FUNCTION accounts_drop_rows();

-- Sockets that were opened by the HMAC login belong to no session of ours: relays look at them when that is what a
-- change ends.
CREATE OR REPLACE FUNCTION accounts_tell() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  a accounts := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  facts CONSTANT jsonb := jsonb_build_object('activated', a.activated, 'blocked', a.blocked);
BEGIN
  IF TG_OP = 'DELETE' THEN
    INSERT INTO outbox (kind, domain, account_id, username, facts)
    VALUES ('permissions.changed', a.domain, a.id, a.username, NULL),
           ('account.deleted', a.domain, a.id, a.username, facts);
    RETURN NULL;
  END IF;
  INSERT INTO outbox (kind, domain, account_id, username, facts)
  VALUES (CASE TG_OP WHEN 'INSERT' THEN 'account.created' ELSE 'account.updated' END,
    a.domain, a.id, a.username, facts);
  RETURN NULL;
END $$;

-- Most accounts that are deleted have sent nothing.
CREATE OR REPLACE FUNCTION accounts_forget_statistics() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  at_once CONSTANT bigint := 10000;
  messages bigint;
  calls bigint;
BEGIN
  IF NOT (EXISTS (SELECT FROM statistics_messages
                   WHERE domain = OLD.domain AND from_username = OLD.username AND from_domain = OLD.domain)
       OR EXISTS (SELECT FROM statistics_calls
                   WHERE domain = OLD.domain AND from_username = OLD.username AND from_domain = OLD.domain)) THEN
    RETURN NULL;
  END IF;
  DELETE FROM statistics_messages WHERE number IN (
    SELECT number FROM statistics_messages
     WHERE domain = OLD.domain AND from_username = OLD.username AND from_domain = OLD.domain LIMIT at_once);
  GET DIAGNOSTICS messages = ROW_COUNT;
  DELETE FROM statistics_calls WHERE number IN (
    SELECT number FROM statistics_calls
     WHERE domain = OLD.domain AND from_username = OLD.username AND from_domain = OLD.domain LIMIT at_once);
  GET DIAGNOSTICS calls = ROW_COUNT;
  IF at_once IN (messages, calls) AND EXISTS (SELECT FROM spaces s WHERE s.domain = OLD.domain) THEN
    INSERT INTO statistics_senders_gone (domain, username) VALUES (OLD.domain, OLD.username);
  END IF;
  RETURN NULL;
END $$;

-- Of users whose profile is gone.
CREATE FUNCTION profile_users_leave(profile bigint, most bigint, tell boolean) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  ids CONSTANT bigint[] := ARRAY(
    SELECT account_id FROM cti_users WHERE profile_id = profile ORDER BY account_id LIMIT most);
BEGIN
  -- Found by their ids: all that have the profile are many.
  UPDATE cti_users SET profile_id = NULL WHERE account_id = ANY (ids) AND (profile_id = profile) IS TRUE;
  IF tell THEN
    INSERT INTO outbox (kind, domain, account_id, username)
    SELECT 'permissions.changed', a.domain, a.id, a.username
      FROM unnest(ids) i (id) CROSS JOIN LATERAL (SELECT * FROM accounts WHERE id = i.id OFFSET 0) a;
  END IF;
  RETURN cardinality(ids) < most;
END $$;

-- The first are told together with all others that have the default profile; the others when they leave.
CREATE FUNCTION profiles_leave_users() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT profile_users_leave(OLD.id, refresh_at_once(), false) THEN
    PERFORM leftovers_note('profile', OLD.id);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER profiles_leave_users AFTER DELETE ON profiles
  FOR EACH ROW EXECUTE FUNCTION profiles_leave_users();

CREATE FUNCTION contacts_list_rows_drop(list bigint, most bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  accounts_n bigint;
  contacts_n bigint;
BEGIN
  DELETE FROM account_contacts_list WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM account_contacts_list WHERE list_id = list LIMIT most));
  GET DIAGNOSTICS accounts_n = ROW_COUNT;
  DELETE FROM contacts_list_contact WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM contacts_list_contact WHERE list_id = list LIMIT most));
  GET DIAGNOSTICS contacts_n = ROW_COUNT;
  RETURN greatest(accounts_n, contacts_n) < most;
END $$;

CREATE FUNCTION contacts_lists_drop_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT contacts_list_rows_drop(OLD.id, refresh_at_once()) THEN
    PERFORM leftovers_note('contacts_list', OLD.id);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER contacts_lists_drop_rows AFTER DELETE ON contacts_lists
  FOR EACH ROW EXECUTE FUNCTION contacts_lists_drop_rows();

-- False: there was nothing to do, or another process is at it.
CREATE FUNCTION leftovers_take_some() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  most CONSTANT bigint := refresh_at_once();
  this leftovers;
  done boolean;
BEGIN
  SELECT * INTO this FROM leftovers ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  CASE this.kind
    WHEN 'account' THEN done := account_rows_drop(this.owner_id, this.domain, this.username, most);
    WHEN 'sessions' THEN done := sessions_end_void(this.owner_id, most);
    WHEN 'profile' THEN done := profile_users_leave(this.owner_id, most, true);
    WHEN 'contacts_list' THEN done := contacts_list_rows_drop(this.owner_id, most);
  END CASE;
  IF done THEN
    DELETE FROM leftovers WHERE id = this.id;
  END IF;
  RETURN true;
END $$;
