-- How accounts are made and found again by people who have none: tokens that open one thing once.  Only
-- hashes (SHA-256) of them are stored.

-- Each lets one account be made, or proves that the one it is linked to belongs to a person: those stay at
-- least as long as their account.
CREATE TABLE account_creation_tokens (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  domain text NOT NULL REFERENCES spaces (domain) ON DELETE CASCADE,
  -- Of the device it was pushed to.
  pn_provider text CHECK (length(pn_provider) <= 16),
  pn_param text CHECK (length(pn_param) <= 255),
  pn_prid text CHECK (length(pn_prid) <= 512),
  used boolean NOT NULL DEFAULT false,
  -- A device that deletes what it has made is throttled all the same.
  account_id bigint REFERENCES accounts ON DELETE SET NULL,
  -- Null is never.
  expires_at timestamptz,
  ip text,
  user_agent text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CHECK (used OR account_id IS NULL)
);
CREATE INDEX account_creation_tokens_account ON account_creation_tokens (account_id)
  WHERE account_id IS NOT NULL;
CREATE INDEX account_creation_tokens_device
  ON account_creation_tokens (domain, pn_prid, pn_param, pn_provider, created_at)
  WHERE pn_prid IS NOT NULL;
CREATE INDEX account_creation_tokens_expires_at ON account_creation_tokens (expires_at) WHERE NOT used;
CREATE INDEX account_creation_tokens_left ON account_creation_tokens (updated_at)
  WHERE used AND account_id IS NULL;

-- Each becomes a creation token when a person has pressed the button of its page.
CREATE TABLE account_creation_request_tokens (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  domain text NOT NULL REFERENCES spaces (domain) ON DELETE CASCADE,
  validated_at timestamptz,
  used boolean NOT NULL DEFAULT false,
  account_creation_token_id bigint REFERENCES account_creation_tokens ON DELETE CASCADE,
  expires_at timestamptz NOT NULL,
  ip text,
  user_agent text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CHECK (validated_at IS NOT NULL OR NOT used)
);
CREATE INDEX account_creation_request_tokens_made
  ON account_creation_request_tokens (account_creation_token_id)
  WHERE account_creation_token_id IS NOT NULL;
CREATE INDEX account_creation_request_tokens_expires_at ON account_creation_request_tokens (expires_at);

-- Each opens the page on which a forgotten password is replaced, on the device it was pushed to.
CREATE TABLE account_recovery_tokens (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  domain text NOT NULL REFERENCES spaces (domain) ON DELETE CASCADE,
  pn_provider text NOT NULL CHECK (length(pn_provider) <= 16),
  pn_param text NOT NULL CHECK (length(pn_param) <= 255),
  pn_prid text NOT NULL CHECK (length(pn_prid) <= 512),
  used boolean NOT NULL DEFAULT false,
  account_id bigint REFERENCES accounts ON DELETE SET NULL,
  expires_at timestamptz,
  ip text,
  user_agent text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CHECK (used OR account_id IS NULL)
);
CREATE INDEX account_recovery_tokens_account ON account_recovery_tokens (account_id)
  WHERE account_id IS NOT NULL;
CREATE INDEX account_recovery_tokens_device
  ON account_recovery_tokens (domain, pn_prid, pn_param, pn_provider, created_at);
CREATE INDEX account_recovery_tokens_expires_at ON account_recovery_tokens (expires_at);

-- A key is compared with what its seal holds: the hash of four digits would tell them.
ALTER TABLE confirmation_keys DROP COLUMN key_hash;
