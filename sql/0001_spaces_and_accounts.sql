-- Spaces (tenants), their accounts and the passwords SIP servers read.
-- accounts-api sections 2 and 14; the column names of accounts and passwords are a contract with
-- SIP proxies (sip-integration 2.1).

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
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

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
  -- What every answer about an account shows of its other tables, kept by their triggers: read with
  -- each request, changed rarely. Never written by hand.
  algorithms jsonb NOT NULL DEFAULT '[]',
  types jsonb NOT NULL DEFAULT '[]',
  actions jsonb NOT NULL DEFAULT '[]',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT accounts_username_key UNIQUE (domain, username),
  CONSTRAINT accounts_phone_key UNIQUE (domain, phone),
  CONSTRAINT accounts_email_key UNIQUE (domain, email_key)
);
CREATE INDEX accounts_username ON accounts (username);
CREATE INDEX accounts_email ON accounts (domain, lower(email)) WHERE email IS NOT NULL;
CREATE INDEX accounts_phone ON accounts (phone) WHERE phone IS NOT NULL;
CREATE INDEX accounts_created_at ON accounts (created_at);
CREATE INDEX accounts_blocked ON accounts (domain) WHERE blocked;

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

-- HA1 = H(username ":" realm ":" password) in lower-case hexadecimal, RFC 7616 section 3.4.2.
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

-- Names that were in use once: a new account may not take one over (creation only).
CREATE TABLE accounts_tombstones (
  username text NOT NULL,
  domain text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (domain, username)
);
CREATE INDEX accounts_tombstones_created_at ON accounts_tombstones (created_at);

-- Every deletion leaves one, whoever deletes: the API, an operator, the end of a space.
CREATE FUNCTION accounts_leave_tombstone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO accounts_tombstones (username, domain) VALUES (OLD.username, OLD.domain)
    ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER accounts_tombstone AFTER DELETE ON accounts
  FOR EACH ROW EXECUTE FUNCTION accounts_leave_tombstone();
