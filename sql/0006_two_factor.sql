-- Two-factor authentication, guesses that went wrong, and what ends a session (cti-api 1.3, 1.7 to
-- 1.11, 4.2, 4.3 and 5).

-- Secrets are sealed with a key from outside the database; the seal carries the number of that key.
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

-- Wrong guesses by subject ("otp:42", "address:192.0.2.7"; names are hashed, people type passwords
-- there). A row counts until its time is over; locks grows with each lock that follows the one before.
CREATE TABLE guesses (
  subject text PRIMARY KEY CHECK (length(subject) BETWEEN 1 AND 128),
  failures bigint NOT NULL,
  locks bigint NOT NULL DEFAULT 0,
  ends_at timestamptz NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX guesses_ends_at ON guesses (ends_at);

-- A space may forbid two-factor authentication, leave it to its users, or require it: of each
-- account so many days after it, or the rule, was made.
ALTER TABLE spaces
  ADD two_factor_policy text NOT NULL DEFAULT 'optional'
    CHECK (two_factor_policy IN ('off', 'optional', 'required')),
  ADD two_factor_policy_since timestamptz NOT NULL DEFAULT now(),
  ADD two_factor_grace_days bigint NOT NULL DEFAULT 0 CHECK (two_factor_grace_days BETWEEN 0 AND 365);

-- A session that was replaced (verify-otp) ends in the future: calls in flight still pass.
ALTER TABLE sessions
  ADD replaced_by text,
  ADD wrong_codes bigint NOT NULL DEFAULT 0;
DROP INDEX sessions_account;
CREATE INDEX sessions_account ON sessions (account_id);
-- One persistent token for each audience (cti-api 4.2).
CREATE UNIQUE INDEX sessions_audience ON sessions (account_id, audience)
  WHERE audience IS NOT NULL AND revoked_at IS NULL;

-- A row with sessions is a control message to relays (cti-api 3.2), `event` its operation: revoke
-- ends all of them, rebind puts the second in the place of the first. It has no payload.
ALTER TABLE outbox
  ALTER payload DROP NOT NULL,
  ADD sessions text[],
  ADD CHECK ((payload IS NULL) = (sessions IS NOT NULL)),
  ADD CHECK (sessions IS NULL OR event IN ('revoke', 'rebind'));

-- User names in channels: everything but [a-z0-9._@-] percent-encoded (cti-api 3.1).
CREATE FUNCTION channel_encode(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT coalesce(string_agg(CASE
      WHEN chr(byte) ~ '[a-z0-9._@-]' AND byte < 128 THEN chr(byte)
      ELSE '%' || upper(lpad(to_hex(byte), 2, '0'))
    END, '' ORDER BY i), '')
  FROM (SELECT i, get_byte(convert_to(name, 'UTF8'), i) AS byte
          FROM generate_series(0, octet_length(convert_to(name, 'UTF8')) - 1) i) bytes
$$;

-- Tells relays which sessions ended, whoever ended them, in the same transaction. At most 50 in a
-- message: its header has a limit of 2 KiB.
CREATE FUNCTION sessions_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Mostly it was only written that they were used.
  IF NOT EXISTS (SELECT FROM new_sessions n JOIN old_sessions o USING (jti)
                  WHERE n.revoked_at IS DISTINCT FROM o.revoked_at) THEN
    RETURN NULL;
  END IF;
  INSERT INTO outbox (channel, event, sessions)
  SELECT '{' || a.domain || '}:u:' || channel_encode(a.username), 'rebind', ARRAY[n.jti, n.replaced_by]
    FROM new_sessions n JOIN old_sessions o USING (jti) JOIN accounts a ON a.id = n.account_id
   WHERE n.replaced_by IS NOT NULL AND o.replaced_by IS NULL;

  INSERT INTO outbox (channel, event, sessions)
  SELECT '{' || a.domain || '}:u:' || channel_encode(a.username), 'revoke', array_agg(e.jti)
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

CREATE FUNCTION sessions_end(account bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  -- Most accounts that are written have none, and an UPDATE of nothing is dearer than this.
  IF EXISTS (SELECT FROM sessions WHERE account_id = account) THEN
    UPDATE sessions SET revoked_at = now()
     WHERE account_id = account AND (revoked_at IS NULL OR revoked_at > now());
  END IF;
END $$;

-- Before the change, while the channel can still be told by the old name.
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
