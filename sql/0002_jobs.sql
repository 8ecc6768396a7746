-- Work that waits to be done outside a request: mails, text messages. Written in the transaction that makes
-- it necessary, so that a request that failed leaves none behind and a crash loses none.

CREATE TABLE jobs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL CHECK (length(kind) BETWEEN 1 AND 64),
  -- The space it is done for, and the account it is about; null: about none.
  domain text NOT NULL,
  account_id bigint REFERENCES accounts ON DELETE CASCADE,
  -- What the kind needs to know, an object. Where codes, links or other secrets are in it, it is sealed.
  payload jsonb CHECK (jsonb_typeof(payload) = 'object'),
  payload_sealed bytea,
  created_at timestamptz NOT NULL DEFAULT now(),
  -- From then on it is of no use: a code that no longer opens anything.
  expires_at timestamptz NOT NULL,
  CHECK ((payload IS NULL) <> (payload_sealed IS NULL))
);
CREATE INDEX jobs_account ON jobs (account_id);
CREATE INDEX jobs_expires_at ON jobs (expires_at);
