-- The schema, ordered by resource: each one's tables, what they show of themselves in the row of their
-- account, what they tell in the outbox, what they end.
--
-- Rules the database can hold it holds. Copies of facts, tombstones and the end of sessions are triggers:
-- they hold for every writer, in the writer's transaction. What clients hear and may do is decided in C.

-- Spaces (tenants), accounts-api sections 2 and 14.

CREATE TABLE spaces (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  domain text NOT NULL UNIQUE CHECK (length(domain) BETWEEN 1 AND 253 AND domain = lower(domain)),
  host text NOT NULL UNIQUE CHECK (length(host) BETWEEN 1 AND 253 AND host = lower(host)),
  name text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 255),
  super boolean NOT NULL DEFAULT false,
  -- Expired from 00:00 UTC of this day (accounts-api 2.2).
  expire_at date,
  -- 0 is unlimited.
  max_accounts bigint NOT NULL DEFAULT 0 CHECK (max_accounts >= 0),
  unique_email boolean NOT NULL DEFAULT true,
  -- Digest realm; null is the domain.
  realm text CHECK (length(realm) BETWEEN 1 AND 255),
  default_password_algorithm text NOT NULL DEFAULT 'SHA-256'
    CHECK (default_password_algorithm IN ('MD5', 'SHA-256')),
  allowed_algorithms text[] NOT NULL DEFAULT '{MD5,SHA-256}'
    CHECK (allowed_algorithms <@ '{MD5,SHA-256}' AND default_password_algorithm = ANY (allowed_algorithms)),
  -- Null is the server's setting; extension numbers are short.
  username_min_length bigint CHECK (username_min_length BETWEEN 1 AND 64),
  -- Two-factor authentication is forbidden, left to the users, or required: of each account so many days
  -- after it, or the rule, was made.
  two_factor_policy text NOT NULL DEFAULT 'optional'
    CHECK (two_factor_policy IN ('off', 'optional', 'required')),
  two_factor_policy_since timestamptz NOT NULL DEFAULT now(),
  two_factor_grace_days bigint NOT NULL DEFAULT 0 CHECK (two_factor_grace_days BETWEEN 0 AND 365),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- Accounts. The column names of accounts and passwords are a contract with SIP proxies
-- (sip-integration 2.1).

CREATE TABLE accounts (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  username text NOT NULL CHECK (length(username) BETWEEN 1 AND 64),
  domain text NOT NULL REFERENCES spaces (domain) ON DELETE CASCADE,
  email text CHECK (length(email) <= 254),
  -- lower(email) where the space wants addresses to be unique, else null; kept by triggers.
  email_key text,
  activated boolean NOT NULL DEFAULT false,
  blocked boolean NOT NULL DEFAULT false,
  admin boolean NOT NULL DEFAULT false,
  ip_address text CHECK (length(ip_address) <= 45),
  user_agent text CHECK (length(user_agent) <= 256),
  display_name text CHECK (length(display_name) <= 255),
  dtmf_protocol text CHECK (dtmf_protocol IN ('sipinfo', 'rfc2833', 'sipmessage')),
  phone text CHECK (phone ~ '^\+[1-9][0-9]{6,14}$'),
  -- Free texts by key: an object of strings.
  dictionary jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(dictionary) = 'object'),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),

  -- What every request and answer needs of other tables: read each time, changed rarely. Their triggers
  -- keep these copies in the same transaction; never written by hand.
  algorithms jsonb NOT NULL DEFAULT '[]',
  types jsonb NOT NULL DEFAULT '[]',
  actions jsonb NOT NULL DEFAULT '[]',
  -- Of its space. The realm is null where it is the domain.
  space_realm text,
  space_super boolean NOT NULL DEFAULT false,
  -- From then on the space is expired (accounts-api 2.2); null: never.
  space_ends_at timestamptz,
  -- From then on it needs a second factor (cti-api 4.3); null: it need not have one.
  must_enrol_at timestamptz,
  -- It has a second factor.
  two_factor boolean NOT NULL DEFAULT false,
  -- The provisioning token that is current, and the confirmation key.
  provisioning_sealed bytea,
  provisioning_expires_at timestamptz,
  confirmation_sealed bytea,
  confirmation_expires_at timestamptz,

  CONSTRAINT accounts_username_key UNIQUE (domain, username),
  CONSTRAINT accounts_phone_key UNIQUE (domain, phone),
  CONSTRAINT accounts_email_key UNIQUE (domain, email_key)
);
CREATE INDEX accounts_username ON accounts (username);
CREATE INDEX accounts_email ON accounts (domain, lower(email)) WHERE email IS NOT NULL;
CREATE INDEX accounts_phone ON accounts (phone) WHERE phone IS NOT NULL;
CREATE INDEX accounts_created_at ON accounts (created_at);
CREATE INDEX accounts_blocked ON accounts (domain) WHERE blocked;
-- Foreign keys of tables that repeat the domain.
CREATE UNIQUE INDEX accounts_id_domain ON accounts (id, domain);

CREATE FUNCTION accounts_set_email_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.email_key := CASE
    WHEN (SELECT s.unique_email FROM spaces s WHERE s.domain = NEW.domain) THEN lower(NEW.email)
  END;
  RETURN NEW;
END $$;
CREATE TRIGGER accounts_email_key BEFORE INSERT OR UPDATE OF email, domain, email_key ON accounts
  FOR EACH ROW EXECUTE FUNCTION accounts_set_email_key();

CREATE FUNCTION spaces_refresh_email_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE accounts SET email_key = NULL WHERE domain = NEW.domain AND email IS NOT NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER spaces_unique_email AFTER UPDATE OF unique_email ON spaces
  FOR EACH ROW WHEN (OLD.unique_email <> NEW.unique_email)
  EXECUTE FUNCTION spaces_refresh_email_keys();

-- Copies of the space's facts.
CREATE FUNCTION space_ends_at(s spaces) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN NOT s.super THEN s.expire_at::timestamp AT TIME ZONE 'UTC' END
$$;
CREATE FUNCTION space_must_enrol_at(s spaces, made_at timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
  SELECT CASE s.two_factor_policy WHEN 'required' THEN
    greatest(made_at, s.two_factor_policy_since)
    + make_interval(days => s.two_factor_grace_days::int) END
$$;

-- The share lock makes it wait for a transaction that changes the space, and that one for the new
-- account: neither misses the other.
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

-- Names that were in use once: a new account may not take one over (creation only).
CREATE TABLE accounts_tombstones (
  username text NOT NULL,
  domain text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (domain, username)
);
CREATE INDEX accounts_tombstones_created_at ON accounts_tombstones (created_at);

-- Every deletion leaves one, by whatever way: the API, an operator, the end of a space.
CREATE FUNCTION accounts_leave_tombstone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO accounts_tombstones (username, domain) VALUES (OLD.username, OLD.domain)
    ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER accounts_tombstone AFTER DELETE ON accounts
  FOR EACH ROW EXECUTE FUNCTION accounts_leave_tombstone();

-- The accounts that an account has as its contacts.
CREATE TABLE contacts (
  account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
  contact_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
  PRIMARY KEY (account_id, contact_id)
);
CREATE INDEX contacts_contact ON contacts (contact_id);

-- Events: facts that wait to be told, written in the transaction that made them true and taken out by
-- dialtone-jobs; a crash or a Redis outage delays an event and never loses it. The kinds, with who hears of
-- them and in which words, are a table in src/events.

CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL,
  -- As they were then: the account may have another name by now, or be gone.
  domain text NOT NULL,
  account_id bigint NOT NULL,
  username text,
  -- Of all users of this profile in the domain (0: of those without one of their own) whose id is above
  -- account_id; there is no username. dialtone-jobs puts a row for each in its place, so many at a time.
  profile_id bigint,
  -- Those that ended, or the one that was replaced and the one in its place.
  sessions text[],
  facts jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  CHECK ((username IS NULL) = (profile_id IS NOT NULL))
) WITH (autovacuum_vacuum_scale_factor = 0.01);

CREATE FUNCTION outbox_add(kind text, about accounts, facts jsonb DEFAULT NULL) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO outbox (kind, domain, account_id, username, facts)
  VALUES (kind, about.domain, about.id, about.username, facts)
$$;

CREATE FUNCTION outbox_add(kind text, account bigint, facts jsonb DEFAULT NULL) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO outbox (kind, domain, account_id, username, facts)
  SELECT outbox_add.kind, a.domain, a.id, a.username, outbox_add.facts FROM accounts a WHERE a.id = account
$$;

CREATE FUNCTION outbox_add_for_profile(domain text, profile bigint) RETURNS void LANGUAGE sql AS $$
  INSERT INTO outbox (kind, domain, account_id, profile_id)
  VALUES ('permissions.changed_for_profile', domain, 0, profile)
$$;

-- A row lock orders the events of one account.
CREATE FUNCTION accounts_tell() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  a accounts := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
BEGIN
  PERFORM outbox_add(CASE TG_OP WHEN 'INSERT' THEN 'account.created' WHEN 'UPDATE' THEN 'account.updated'
                               ELSE 'account.deleted' END,
    a, jsonb_build_object('activated', a.activated, 'blocked', a.blocked));
  RETURN NULL;
END $$;
CREATE TRIGGER accounts_tell AFTER INSERT OR DELETE OR UPDATE OF
  username, domain, email, activated, blocked, admin, display_name, dtmf_protocol, phone, dictionary
  ON accounts FOR EACH ROW EXECUTE FUNCTION accounts_tell();

-- Admins have a room of their own: what they may hear changes with the flag.
CREATE FUNCTION accounts_tell_permissions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM outbox_add('permissions.changed', NEW);
  RETURN NULL;
END $$;
CREATE TRIGGER accounts_tell_permissions AFTER UPDATE OF admin ON accounts
  FOR EACH ROW WHEN (OLD.admin <> NEW.admin) EXECUTE FUNCTION accounts_tell_permissions();

-- A space that requires a second factor ends the sessions of those who have none when their time is up:
-- the copies that relays read end then.
CREATE FUNCTION spaces_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM outbox_add_for_profile(NEW.domain, p.id)
     FROM (SELECT 0 AS id UNION ALL SELECT id FROM profiles WHERE domain = NEW.domain) p;
  RETURN NULL;
END $$;
CREATE TRIGGER spaces_tell AFTER UPDATE ON spaces
  FOR EACH ROW WHEN ('required' IN (OLD.two_factor_policy, NEW.two_factor_policy)
    AND (OLD.two_factor_policy, OLD.two_factor_policy_since, OLD.two_factor_grace_days)
      IS DISTINCT FROM
        (NEW.two_factor_policy, NEW.two_factor_policy_since, NEW.two_factor_grace_days))
  EXECUTE FUNCTION spaces_tell();

-- Passwords: HA1 = H(username ":" realm ":" password) in lower-case hexadecimal, RFC 7616 section 3.4.2.

CREATE TABLE passwords (
  account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
  password text NOT NULL CHECK (password ~ '^[0-9a-f]+$'),
  algorithm text NOT NULL CHECK (algorithm IN ('MD5', 'SHA-256')),
  PRIMARY KEY (account_id, algorithm),
  CHECK (length(password) = CASE algorithm WHEN 'MD5' THEN 32 WHEN 'SHA-256' THEN 64 END)
);

CREATE FUNCTION passwords_show() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  owner bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.account_id ELSE NEW.account_id END;
BEGIN
  UPDATE accounts SET algorithms = (
    SELECT coalesce(jsonb_agg(jsonb_build_object('algorithm', algorithm) ORDER BY algorithm), '[]')
      FROM passwords WHERE account_id = owner)
   WHERE id = owner;
  RETURN NULL;
END $$;
CREATE TRIGGER passwords_show AFTER INSERT OR DELETE OR UPDATE OF algorithm ON passwords
  FOR EACH ROW EXECUTE FUNCTION passwords_show();

-- Types and actions of accounts.

CREATE TABLE account_types (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text NOT NULL UNIQUE CHECK (key ~ '^[a-z0-9_-]+$'),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE account_account_type (
  account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
  account_type_id bigint NOT NULL REFERENCES account_types ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, account_type_id)
);
CREATE INDEX account_account_type_type ON account_account_type (account_type_id);

CREATE TABLE account_actions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
  key text NOT NULL CHECK (key ~ '^[a-z0-9_-]+$'),
  code text NOT NULL CHECK (code ~ '^[a-z0-9]+$'),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX account_actions_account ON account_actions (account_id);

CREATE FUNCTION account_types_show(owner bigint) RETURNS void LANGUAGE sql AS $$
  UPDATE accounts SET types = (
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'key', t.key) ORDER BY t.id), '[]')
      FROM account_account_type l JOIN account_types t ON t.id = l.account_type_id
     WHERE l.account_id = owner)
   WHERE id = owner
$$;

CREATE FUNCTION account_account_type_show() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM account_types_show(CASE TG_OP WHEN 'DELETE' THEN OLD.account_id ELSE NEW.account_id END);
  RETURN NULL;
END $$;
CREATE TRIGGER account_account_type_show AFTER INSERT OR DELETE ON account_account_type
  FOR EACH ROW EXECUTE FUNCTION account_account_type_show();

CREATE FUNCTION account_types_renamed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM account_types_show(account_id) FROM account_account_type WHERE account_type_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER account_types_renamed AFTER UPDATE OF key ON account_types
  FOR EACH ROW EXECUTE FUNCTION account_types_renamed();

CREATE FUNCTION account_actions_show() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  owner bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.account_id ELSE NEW.account_id END;
BEGIN
  UPDATE accounts SET actions = (
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'key', key, 'code', code) ORDER BY id), '[]')
      FROM account_actions WHERE account_id = owner)
   WHERE id = owner;
  RETURN NULL;
END $$;
CREATE TRIGGER account_actions_show AFTER INSERT OR DELETE OR UPDATE ON account_actions
  FOR EACH ROW EXECUTE FUNCTION account_actions_show();

-- What opens a door besides the password. Only hashes (SHA-256) of keys and tokens are stored; what has
-- to be shown again is sealed (AES-256-GCM) with a key kept outside the database; the seal carries the
-- number of that key.

CREATE TABLE api_keys (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
  key_hash bytea NOT NULL UNIQUE CHECK (length(key_hash) = 32),
  -- Null: the account's own key, of which there is one. Named: a service key of an administrator.
  name text CHECK (length(name) BETWEEN 3 AND 255),
  -- Null is any address.
  ip inet,
  requests bigint NOT NULL DEFAULT 0,
  last_used_at timestamptz,
  -- Null is the server's setting, 0 is never.
  expires_after_last_used_minutes bigint CHECK (expires_after_last_used_minutes >= 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX api_keys_own ON api_keys (account_id) WHERE name IS NULL;
CREATE INDEX api_keys_account ON api_keys (account_id);

-- Replay counters of DIGEST while Redis is away (otherwise they live there).
CREATE TABLE digest_nonces (
  nonce text PRIMARY KEY CHECK (length(nonce) = 64),
  nc bigint NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX digest_nonces_expires_at ON digest_nonces (expires_at);

-- Wrong guesses by subject ("otp:42", "address:192.0.2.7", "password:HASH" of a name and
-- "password:HASH/192.0.2.7" of a name and a network; names are hashed, since passwords are typed in their
-- place). A row counts until its time is over; locks grows with each lock that follows the one before.
-- The order of bytes makes what begins alike one range.
CREATE TABLE guesses (
  subject text COLLATE "C" PRIMARY KEY CHECK (length(subject) BETWEEN 1 AND 128),
  failures bigint NOT NULL,
  locks bigint NOT NULL DEFAULT 0,
  ends_at timestamptz NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX guesses_ends_at ON guesses (ends_at);

-- Where an account logged in from: wrong passwords from elsewhere do not lock it out there.
CREATE TABLE known_networks (
  account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
  network text NOT NULL CHECK (length(network) BETWEEN 1 AND 64), -- an IPv4 address or an IPv6 /64
  last_success timestamptz NOT NULL,
  PRIMARY KEY (account_id, network)
);

-- The newest unused one is the current one; making or using one voids the others (accounts-api 9.3).
CREATE TABLE provisioning_tokens (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
  token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  token_sealed bytea NOT NULL,
  used boolean NOT NULL DEFAULT false,
  expires_at timestamptz,
  ip text,
  user_agent text,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX provisioning_tokens_current ON provisioning_tokens (account_id) WHERE NOT used;

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

-- The confirmation key of the deprecated activation endpoints (accounts-api 9.5).
CREATE TABLE confirmation_keys (
  account_id bigint PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
  key_hash bytea NOT NULL CHECK (length(key_hash) = 32),
  key_sealed bytea NOT NULL,
  kind text NOT NULL CHECK (kind IN ('email', 'phone')),
  expires_at timestamptz,
  attempts bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now()
);

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

-- Sessions: one row per JWT (cti-api 1.3); the token itself is stored nowhere.

CREATE TABLE sessions (
  jti text PRIMARY KEY CHECK (length(jti) BETWEEN 16 AND 64),
  account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
  audience text CHECK (length(audience) <= 64),
  two_factor boolean NOT NULL DEFAULT false,
  otp_verified boolean NOT NULL DEFAULT false,
  ip inet,
  user_agent text CHECK (length(user_agent) <= 256),
  issued_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  last_used_at timestamptz,
  revoked_at timestamptz,
  -- A session that was replaced (verify-otp) ends in the future: calls in flight still pass.
  replaced_by text,
  wrong_codes bigint NOT NULL DEFAULT 0
);
CREATE INDEX sessions_account ON sessions (account_id);
CREATE INDEX sessions_expires_at ON sessions (expires_at);
-- One persistent token for each audience (cti-api 4.2).
CREATE UNIQUE INDEX sessions_audience ON sessions (account_id, audience)
  WHERE audience IS NOT NULL AND revoked_at IS NULL;

-- Tells which sessions ended, by whatever way, in the same transaction. At most 50 in a row: the header of
-- a message has a limit of 2 KiB.
CREATE FUNCTION sessions_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Mostly it was only written that they were used.
  IF NOT EXISTS (SELECT FROM new_sessions n JOIN old_sessions o USING (jti)
                  WHERE n.revoked_at IS DISTINCT FROM o.revoked_at) THEN
    RETURN NULL;
  END IF;
  INSERT INTO outbox (kind, domain, account_id, username, sessions)
  SELECT 'session.replaced', a.domain, a.id, a.username, ARRAY[n.jti, n.replaced_by]
    FROM new_sessions n JOIN old_sessions o USING (jti) JOIN accounts a ON a.id = n.account_id
   WHERE n.replaced_by IS NOT NULL AND o.replaced_by IS NULL;

  INSERT INTO outbox (kind, domain, account_id, username, sessions)
  SELECT 'sessions.ended', a.domain, a.id, a.username, array_agg(e.jti)
    FROM (SELECT n.jti, n.account_id, row_number() OVER (PARTITION BY n.account_id) AS place
            FROM new_sessions n JOIN old_sessions o USING (jti)
           WHERE n.revoked_at <= now() AND (o.revoked_at IS NULL OR o.revoked_at > now())) e
    JOIN accounts a ON a.id = e.account_id
   GROUP BY a.id, (e.place - 1) / 50;
  RETURN NULL;
END $$;
CREATE TRIGGER sessions_tell AFTER UPDATE ON sessions
  REFERENCING OLD TABLE AS old_sessions NEW TABLE AS new_sessions
  FOR EACH STATEMENT EXECUTE FUNCTION sessions_tell();

-- Sockets that were opened by the HMAC login belong to no session of ours: relays look at them when that is
-- what a change ends.
CREATE FUNCTION sessions_end(account bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  -- Most accounts that are written have none, and an UPDATE of nothing costs more than this.
  IF EXISTS (SELECT FROM sessions WHERE account_id = account) THEN
    UPDATE sessions SET revoked_at = now()
     WHERE account_id = account AND (revoked_at IS NULL OR revoked_at > now());
  END IF;
  -- No one can have logged in to what this transaction has made.
  IF EXISTS (SELECT FROM accounts WHERE id = account AND created_at <> now()) THEN
    PERFORM outbox_add('permissions.changed', account);
  END IF;
END $$;

-- Before the change, while they can still be told by the old name.
CREATE FUNCTION accounts_end_sessions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM sessions_end(OLD.id);
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER accounts_deleted BEFORE DELETE ON accounts
  FOR EACH ROW EXECUTE FUNCTION accounts_end_sessions();
CREATE TRIGGER accounts_shut_out BEFORE UPDATE OF blocked, username, domain ON accounts
  FOR EACH ROW WHEN (NEW.blocked AND NOT OLD.blocked
    OR (NEW.username, NEW.domain) IS DISTINCT FROM (OLD.username, OLD.domain))
  EXECUTE FUNCTION accounts_end_sessions();

CREATE FUNCTION passwords_end_sessions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM sessions_end(CASE TG_OP WHEN 'DELETE' THEN OLD.account_id ELSE NEW.account_id END);
  RETURN NULL;
END $$;
CREATE TRIGGER passwords_changed AFTER INSERT OR UPDATE OR DELETE ON passwords
  FOR EACH ROW EXECUTE FUNCTION passwords_end_sessions();

-- Two-factor authentication (cti-api 1.7 to 1.11).

CREATE TABLE two_factor (
  account_id bigint PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
  -- Shown as a QR code, waiting for the first code made with it.
  pending_sealed bytea,
  pending_expires_at timestamptz,
  -- Two-factor authentication is on when there is a secret.
  secret_sealed bytea,
  enabled_at timestamptz,
  -- The newest time step a code was accepted for: each opens a door once.
  last_step bigint NOT NULL DEFAULT 0,
  CHECK ((pending_sealed IS NULL) = (pending_expires_at IS NULL)),
  CHECK ((secret_sealed IS NULL) = (enabled_at IS NULL))
);

-- HMAC-SHA-256 with a key of the server: the plain hash of six digits would tell them.
CREATE TABLE recovery_codes (
  account_id bigint NOT NULL REFERENCES two_factor ON DELETE CASCADE,
  code_hash bytea NOT NULL CHECK (length(code_hash) = 32),
  PRIMARY KEY (account_id, code_hash)
);

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

CREATE FUNCTION two_factor_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM outbox_add('permissions.changed', NEW.account_id);
  RETURN NULL;
END $$;
CREATE TRIGGER two_factor_tell AFTER UPDATE OF secret_sealed ON two_factor
  FOR EACH ROW WHEN (OLD.secret_sealed IS NULL AND NEW.secret_sealed IS NOT NULL)
  EXECUTE FUNCTION two_factor_tell();

-- The HMAC login of old clients: who still uses the paths below /webrest, for the operator who wants to
-- switch them off (cti-api 1.16). Counted in batches; names that are no account's, and their programs, are
-- not kept.

CREATE TABLE legacy_uses (
  domain text NOT NULL REFERENCES spaces (domain) ON DELETE CASCADE,
  -- Empty: not known.
  username text NOT NULL,
  user_agent text NOT NULL CHECK (length(user_agent) <= 256),
  requests bigint NOT NULL,
  first_used_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (domain, username, user_agent)
);

-- Profiles: what the users of the web, desktop and mobile clients may do (cti-api 1.5, 2.10).

CREATE TABLE profiles (
  -- Numbers below 100 are for profiles that are in no table.
  id bigint GENERATED ALWAYS AS IDENTITY (START WITH 100) PRIMARY KEY,
  domain text NOT NULL REFERENCES spaces (domain) ON DELETE CASCADE,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
  -- Of all users of the domain without a profile of their own.
  is_default boolean NOT NULL DEFAULT false,
  -- {"macro": {"value": boolean, "permissions": {"name": {"value": boolean, ...}}}}
  macro_permissions jsonb NOT NULL DEFAULT '{}'
    CONSTRAINT profiles_macros_check CHECK (jsonb_typeof(macro_permissions) = 'object'),
  outbound_routes_permissions jsonb NOT NULL DEFAULT '[]'
    CONSTRAINT profiles_routes_check CHECK (jsonb_typeof(outbound_routes_permissions) = 'array'),
  -- What the macros grant, written together with them.
  capabilities text[] NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT profiles_name_key UNIQUE (domain, name)
);
CREATE UNIQUE INDEX profiles_default_key ON profiles (domain) WHERE is_default;

CREATE FUNCTION profiles_tell() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  p profiles := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  grants_other boolean := TG_OP = 'UPDATE' AND NEW.capabilities <> OLD.capabilities;
  -- Users without a profile of their own have the default one, as have those of one that is deleted.
  concerns_others boolean := CASE TG_OP
    WHEN 'INSERT' THEN NEW.is_default
    WHEN 'UPDATE' THEN NEW.is_default <> OLD.is_default OR (NEW.is_default AND grants_other)
    ELSE true END;
BEGIN
  IF grants_other THEN
    PERFORM outbox_add_for_profile(p.domain, p.id);
  END IF;
  IF concerns_others THEN
    PERFORM outbox_add_for_profile(p.domain, 0);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER profiles_tell AFTER INSERT OR DELETE OR UPDATE OF is_default, capabilities
  ON profiles FOR EACH ROW EXECUTE FUNCTION profiles_tell();

-- Users of the clients (cti-api 1.5, 2.7, 4.2). An account without rows here is a user all the same: the
-- store fills in the defaults.

CREATE TABLE cti_users (
  account_id bigint PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
  profile_id bigint REFERENCES profiles ON DELETE SET NULL,
  -- Null is the account's own name.
  main_extension text CHECK (main_extension ~ '^[0-9A-Za-z*#+._-]{1,64}$'),
  voicemail text CHECK (length(voicemail) BETWEEN 1 AND 64),
  cellphone text CHECK (length(cellphone) BETWEEN 1 AND 64),
  jabber text CHECK (length(jabber) BETWEEN 1 AND 255),
  default_device text CHECK (length(default_device) BETWEEN 1 AND 64),
  call_summary_enabled boolean NOT NULL DEFAULT false,
  recall_on_busy boolean NOT NULL DEFAULT false,
  presence text NOT NULL DEFAULT 'online'
    CHECK (presence IN ('online', 'dnd', 'voicemail', 'cellphone', 'callforward')),
  presence_to text CHECK (length(presence_to) BETWEEN 1 AND 64),
  on_busy text NOT NULL DEFAULT 'online'
    CHECK (on_busy IN ('online', 'voicemail', 'cellphone', 'callforward')),
  on_busy_to text CHECK (length(on_busy_to) BETWEEN 1 AND 64),
  on_unavailable text NOT NULL DEFAULT 'online'
    CHECK (on_unavailable IN ('online', 'voicemail', 'cellphone', 'callforward')),
  on_unavailable_to text CHECK (length(on_unavailable_to) BETWEEN 1 AND 64),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CHECK ((presence = 'callforward') = (presence_to IS NOT NULL)),
  CHECK ((on_busy = 'callforward') = (on_busy_to IS NOT NULL)),
  CHECK ((on_unavailable = 'callforward') = (on_unavailable_to IS NOT NULL))
);
-- Users of a profile are walked through in slices.
CREATE INDEX cti_users_profile ON cti_users (profile_id, account_id);

CREATE TABLE cti_settings (
  account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
  key text NOT NULL CHECK (length(key) BETWEEN 1 AND 50),
  value jsonb NOT NULL CHECK (jsonb_typeof(value) <> 'null'),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, key)
);

CREATE FUNCTION cti_users_tell() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  was cti_users := CASE TG_OP WHEN 'UPDATE' THEN OLD END;
BEGIN
  PERFORM outbox_add('presence.changed', NEW.account_id,
      jsonb_build_object('which', c.which, 'status', c.status, 'to', c.number))
     FROM (VALUES
       ('now', NEW.presence, NEW.presence_to, was.presence, was.presence_to),
       ('on_busy', NEW.on_busy, NEW.on_busy_to, was.on_busy, was.on_busy_to),
       ('on_unavailable', NEW.on_unavailable, NEW.on_unavailable_to, was.on_unavailable,
         was.on_unavailable_to)) c (which, status, number, old_status, old_number)
    WHERE (c.status, coalesce(c.number, ''))
      <> (coalesce(c.old_status, 'online'), coalesce(c.old_number, ''));
  IF NEW.default_device <> coalesce(was.default_device, '') THEN
    PERFORM outbox_add('default_device.changed', NEW.account_id,
      jsonb_build_object('exten', NEW.default_device));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER cti_users_tell AFTER INSERT OR UPDATE ON cti_users
  FOR EACH ROW EXECUTE FUNCTION cti_users_tell();

CREATE FUNCTION cti_users_tell_permissions() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  was bigint := CASE WHEN TG_OP <> 'INSERT' THEN OLD.profile_id END;
  is_now bigint := CASE WHEN TG_OP <> 'DELETE' THEN NEW.profile_id END;
BEGIN
  -- Users of a profile that was deleted are told together.
  IF was IS DISTINCT FROM is_now
     AND (is_now IS NOT NULL OR EXISTS (SELECT FROM profiles WHERE id = was)) THEN
    PERFORM outbox_add('permissions.changed',
      CASE TG_OP WHEN 'DELETE' THEN OLD.account_id ELSE NEW.account_id END);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER cti_users_tell_permissions AFTER INSERT OR DELETE OR UPDATE OF profile_id ON cti_users
  FOR EACH ROW EXECUTE FUNCTION cti_users_tell_permissions();

CREATE FUNCTION cti_settings_tell_avatar() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM outbox_add('avatar.changed', OLD.account_id, '{}');
  ELSE
    PERFORM outbox_add('avatar.changed', NEW.account_id, jsonb_build_object('avatar', NEW.value));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER cti_settings_tell_avatar AFTER INSERT OR UPDATE ON cti_settings
  FOR EACH ROW WHEN (NEW.key = 'avatar') EXECUTE FUNCTION cti_settings_tell_avatar();
CREATE TRIGGER cti_settings_tell_no_avatar AFTER DELETE ON cti_settings
  FOR EACH ROW WHEN (OLD.key = 'avatar') EXECUTE FUNCTION cti_settings_tell_avatar();

-- Extensions: the devices of a user. The secret is sealed: only its owner reads it back.

CREATE TABLE extensions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id bigint NOT NULL,
  domain text NOT NULL,
  exten text NOT NULL CHECK (exten ~ '^[0-9A-Za-z*#+._-]{1,64}$'),
  type text NOT NULL CHECK (type IN ('webrtc', 'mobile', 'nethlink', 'physical')),
  -- Physical phones are provisioned elsewhere and have neither.
  username text CHECK (length(username) BETWEEN 1 AND 64),
  secret_sealed bytea,
  description text NOT NULL DEFAULT '' CHECK (length(description) <= 255),
  proxy_port bigint CHECK (proxy_port BETWEEN 1 AND 65535),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT extensions_exten_key UNIQUE (domain, exten),
  FOREIGN KEY (account_id, domain) REFERENCES accounts (id, domain)
    ON UPDATE CASCADE ON DELETE CASCADE,
  CHECK ((type = 'physical') = (username IS NULL AND secret_sealed IS NULL))
);
CREATE INDEX extensions_account ON extensions (account_id);

CREATE FUNCTION extensions_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    PERFORM outbox_add('permissions.changed', OLD.account_id);
  END IF;
  IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND NEW.account_id <> OLD.account_id) THEN
    PERFORM outbox_add('permissions.changed', NEW.account_id);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER extensions_tell AFTER INSERT OR DELETE OR UPDATE OF exten, account_id ON extensions
  FOR EACH ROW EXECUTE FUNCTION extensions_tell();

-- What a SIP proxy reads (sip-integration, annex A): active, unblocked accounts and their realm.
-- The proxy's role gets USAGE on this schema and SELECT on its views, never the tables.
CREATE SCHEMA sip;

CREATE VIEW sip.subscriber AS
  SELECT a.id, a.username, a.domain, coalesce(s.realm, a.domain) AS realm, p.password AS ha1,
         coalesce(a.display_name, '') AS display_name
    FROM accounts a JOIN spaces s ON s.domain = a.domain
    JOIN passwords p ON p.account_id = a.id AND p.algorithm = 'MD5'
   WHERE a.activated AND NOT a.blocked;

CREATE VIEW sip.subscriber_sha256 AS
  SELECT a.id, a.username, a.domain, coalesce(s.realm, a.domain) AS realm, p.password AS ha1,
         coalesce(a.display_name, '') AS display_name
    FROM accounts a JOIN spaces s ON s.domain = a.domain
    JOIN passwords p ON p.account_id = a.id AND p.algorithm = 'SHA-256'
   WHERE a.activated AND NOT a.blocked;

CREATE VIEW sip.realm AS
  SELECT id, domain AS key_name, 0 AS key_type, 0 AS value_type, coalesce(realm, domain) AS key_value,
         0 AS expires
    FROM spaces;
