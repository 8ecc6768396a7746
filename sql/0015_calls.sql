-- Calls that have ended, as history shows them. A call is in each of the spaces that its two ends belong to, once,
-- and an end that is not the space's own is only a number there.
--
-- An account that is deleted leaves its calls as they are, whatever their number: the other end had them, too, and
-- an id is never given again. They go with their space, or when they are old.
CREATE TABLE calls (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  domain text NOT NULL REFERENCES spaces (domain) ON DELETE CASCADE,
  -- Of SIP, chosen by who calls, who may choose the same one for another call; and the proxy's.
  call_id text NOT NULL CHECK (length(call_id) <= 255),
  linked_id text NOT NULL CHECK (length(linked_id) <= 64),
  -- Null: it is no account, or of another space.
  from_account_id bigint,
  from_domain text NOT NULL CHECK (length(from_domain) <= 255),
  from_number text NOT NULL CHECK (length(from_number) <= 255),
  from_name text CHECK (length(from_name) <= 255),
  from_exten text CHECK (length(from_exten) <= 64),
  to_account_id bigint,
  to_domain text NOT NULL CHECK (length(to_domain) <= 255),
  to_number text NOT NULL CHECK (length(to_number) <= 255),
  to_name text CHECK (length(to_name) <= 255),
  to_exten text CHECK (length(to_exten) <= 64),
  started_at timestamptz NOT NULL,
  rang_at timestamptz,
  answered_at timestamptz,
  ended_at timestamptz NOT NULL,
  cause text NOT NULL CHECK (length(cause) <= 64),
  -- Of SIP; null: it was hung up.
  code bigint,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT calls_call_id_key UNIQUE (domain, linked_id, call_id)
);
-- Calls have many owners, whatever a sample of them says.
ALTER TABLE calls ALTER domain SET (n_distinct = -0.05), ALTER from_account_id SET (n_distinct = -0.05),
  ALTER to_account_id SET (n_distinct = -0.05);

-- The newest of a space, and of an account.
CREATE INDEX calls_domain ON calls (domain, started_at, id);
CREATE INDEX calls_from ON calls (from_account_id, started_at, id);
CREATE INDEX calls_to ON calls (to_account_id, started_at, id);
-- The clean-up's.
CREATE INDEX calls_created_at ON calls (created_at);
