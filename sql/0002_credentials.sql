-- What opens a door besides the password. Only hashes (SHA-256) of keys and tokens are stored; what
-- has to be shown again is sealed (AES-256-GCM) with a key kept outside the database.

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

-- One row per JWT (cti-api 1.3); the token itself is stored nowhere.
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
  revoked_at timestamptz
);
CREATE INDEX sessions_account ON sessions (account_id) WHERE revoked_at IS NULL;
CREATE INDEX sessions_expires_at ON sessions (expires_at);

-- Replay counters of DIGEST while Redis is away (otherwise they live there).
CREATE TABLE digest_nonces (
  nonce text PRIMARY KEY CHECK (length(nonce) = 64),
  nc bigint NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX digest_nonces_expires_at ON digest_nonces (expires_at);

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
