-- Statistics that SIP servers report (accounts-api I.17 and 12): messages and calls with what became of them
-- on each device. A record belongs to a space, where its id, which the reporter chose, is unique.

CREATE TABLE statistics_messages (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
  domain text NOT NULL REFERENCES spaces (domain) ON DELETE CASCADE,
  from_username text NOT NULL CHECK (length(from_username) BETWEEN 1 AND 256),
  from_domain text NOT NULL CHECK (length(from_domain) BETWEEN 1 AND 256),
  sent_at timestamptz NOT NULL,
  encrypted boolean NOT NULL,
  conference_id text CHECK (length(conference_id) <= 255),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT statistics_messages_id UNIQUE (id, domain)
);
-- What an account sent, and what a space has.
CREATE INDEX statistics_messages_from ON statistics_messages (domain, from_username, from_domain, sent_at);
-- The clean-up's.
CREATE INDEX statistics_messages_created_at ON statistics_messages (created_at);

CREATE TABLE statistics_message_devices (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  message bigint NOT NULL REFERENCES statistics_messages ON DELETE CASCADE,
  to_username text NOT NULL CHECK (length(to_username) BETWEEN 1 AND 256),
  to_domain text NOT NULL CHECK (length(to_domain) BETWEEN 1 AND 256),
  device_id text NOT NULL CHECK (length(device_id) BETWEEN 1 AND 64),
  -- Of SIP.
  last_status bigint NOT NULL,
  received_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT statistics_message_devices_device UNIQUE (message, to_username, to_domain, device_id)
);

CREATE TABLE statistics_calls (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
  domain text NOT NULL REFERENCES spaces (domain) ON DELETE CASCADE,
  from_username text NOT NULL CHECK (length(from_username) BETWEEN 1 AND 256),
  from_domain text NOT NULL CHECK (length(from_domain) BETWEEN 1 AND 256),
  to_username text NOT NULL CHECK (length(to_username) BETWEEN 1 AND 256),
  to_domain text NOT NULL CHECK (length(to_domain) BETWEEN 1 AND 256),
  initiated_at timestamptz NOT NULL,
  ended_at timestamptz,
  conference_id text CHECK (length(conference_id) <= 255),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT statistics_calls_id UNIQUE (id, domain)
);
CREATE INDEX statistics_calls_from ON statistics_calls (domain, from_username, from_domain, initiated_at);
CREATE INDEX statistics_calls_to ON statistics_calls (domain, to_username, to_domain, initiated_at);
CREATE INDEX statistics_calls_created_at ON statistics_calls (created_at);

CREATE TABLE statistics_call_devices (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  call bigint NOT NULL REFERENCES statistics_calls ON DELETE CASCADE,
  device_id text NOT NULL CHECK (length(device_id) BETWEEN 1 AND 64),
  rang_at timestamptz,
  invite_terminated_at timestamptz,
  invite_terminated_state text CHECK (invite_terminated_state IN
    ('accepted', 'accepted_elsewhere', 'canceled', 'declined', 'declined_elsewhere', 'error')),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CHECK ((invite_terminated_at IS NULL) = (invite_terminated_state IS NULL)),
  CONSTRAINT statistics_call_devices_device UNIQUE (call, device_id)
);

-- An account that is deleted takes what it sent along, by its name; what was sent to it belongs to others. Of
-- very many records the deletion waits for the first alone: the clean-up takes the others.
CREATE TABLE statistics_senders_gone (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  domain text NOT NULL REFERENCES spaces (domain) ON DELETE CASCADE,
  username text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX statistics_senders_gone_domain ON statistics_senders_gone (domain);

CREATE FUNCTION accounts_forget_statistics() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  at_once CONSTANT bigint := 10000;
  messages bigint;
  calls bigint;
BEGIN
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
CREATE TRIGGER accounts_forget_statistics AFTER DELETE ON accounts
  FOR EACH ROW EXECUTE FUNCTION accounts_forget_statistics();

-- How many accounts were made in an hour or on a day: read from the index alone.
CREATE INDEX accounts_made ON accounts (domain, created_at) INCLUDE (activated, phone);

-- Service keys are few among the accounts' own.
CREATE INDEX api_keys_service ON api_keys (id) WHERE name IS NOT NULL;
