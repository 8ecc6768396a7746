-- How people and phones get in: activation and tokens for it.

-- An administrator has taken `activated` away: what users do by themselves (a new password, a confirmed
-- address, a provisioned phone) leaves it so.
ALTER TABLE accounts ADD COLUMN deactivated_by_admin boolean NOT NULL DEFAULT false;

-- Only administrators take it away, by whatever call.
CREATE FUNCTION accounts_remember_deactivation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.deactivated_by_admin := NOT NEW.activated;
  RETURN NEW;
END $$;
CREATE TRIGGER accounts_activated BEFORE UPDATE OF activated ON accounts
  FOR EACH ROW WHEN (OLD.activated <> NEW.activated)
  EXECUTE FUNCTION accounts_remember_deactivation();

-- Networks that were not logged in from for 30 days are removed by this.
CREATE INDEX known_networks_last_success ON known_networks (last_success);
-- The QR code login (accounts-api 9.2): a new device has one made and shows it, a logged-in device attaches
-- its account, the new device takes an API key for it, once.
CREATE TABLE auth_tokens (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  account_id bigint REFERENCES accounts ON DELETE CASCADE,
  -- Who had it made, for the one who is to attach it.
  ip text CHECK (length(ip) <= 45),
  user_agent text CHECK (length(user_agent) <= 256),
  expires_at timestamptz NOT NULL DEFAULT now() + interval '5 minutes',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX auth_tokens_account ON auth_tokens (account_id);
CREATE INDEX auth_tokens_expires_at ON auth_tokens (expires_at);

-- A client that knew the old password may have attached some; a link that sets a password is for the old one.
CREATE FUNCTION passwords_void_tokens() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM auth_tokens WHERE account_id = OLD.account_id;
  DELETE FROM reset_password_email_tokens WHERE account_id = OLD.account_id AND NOT used;
  RETURN NULL;
END $$;
CREATE TRIGGER passwords_void_tokens AFTER UPDATE OR DELETE ON passwords
  FOR EACH ROW EXECUTE FUNCTION passwords_void_tokens();

-- What links in mails open (accounts-api II.8). Of an account one of each kind is good, the newest.
CREATE TABLE reset_password_email_tokens (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
  token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  used boolean NOT NULL DEFAULT false,
  -- Where it was sent: it is of no use once the account has another address.
  email text NOT NULL CHECK (length(email) <= 254),
  ip text,
  user_agent text,
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX reset_password_email_tokens_current
  ON reset_password_email_tokens (account_id) WHERE NOT used;
CREATE INDEX reset_password_email_tokens_account ON reset_password_email_tokens (account_id);
CREATE INDEX reset_password_email_tokens_expires_at ON reset_password_email_tokens (expires_at);

CREATE TABLE wizards (
  token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
  -- The administrator who made it.
  account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
  provisioning_account_id bigint REFERENCES accounts ON DELETE CASCADE,
  sip text CHECK (length(sip) <= 1024),
  linphone_action text CHECK (linphone_action IN ('call', 'show', 'bye', 'accept', 'decline')),
  linphone_use_sips boolean,
  used_at timestamptz,
  expires_at timestamptz NOT NULL DEFAULT now() + interval '7 days',
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX wizards_account ON wizards (account_id);
CREATE INDEX wizards_provisioning_account ON wizards (provisioning_account_id);
CREATE INDEX wizards_expires_at ON wizards (expires_at);

-- The account at another provider that calls of an account go through (accounts-api II.9).
CREATE TABLE external_accounts (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id bigint NOT NULL CONSTRAINT external_accounts_account_key UNIQUE
    REFERENCES accounts ON DELETE CASCADE,
  username text NOT NULL CHECK (length(username) BETWEEN 1 AND 64),
  domain text NOT NULL CHECK (length(domain) BETWEEN 1 AND 253),
  realm text CHECK (length(realm) BETWEEN 1 AND 255),
  registrar text CHECK (length(registrar) BETWEEN 1 AND 255),
  outbound_proxy text CHECK (length(outbound_proxy) BETWEEN 1 AND 255),
  protocol text NOT NULL CHECK (protocol IN ('UDP', 'TCP', 'TLS')),
  algorithm text NOT NULL DEFAULT 'MD5' CHECK (algorithm = 'MD5'),
  -- HA1 with the realm, or the domain where there is none; never told.
  password text NOT NULL CHECK (password ~ '^[0-9a-f]{32}$'),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT external_accounts_name_key UNIQUE (username, domain)
);
