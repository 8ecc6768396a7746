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

-- A client that knew the old password may have attached some.
CREATE FUNCTION passwords_void_tokens() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM auth_tokens WHERE account_id = OLD.account_id;
  RETURN NULL;
END $$;
CREATE TRIGGER passwords_void_tokens AFTER UPDATE OR DELETE ON passwords
  FOR EACH ROW EXECUTE FUNCTION passwords_void_tokens();
