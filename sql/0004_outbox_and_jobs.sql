-- Events are written with the fact they tell of, in the same transaction, and published afterwards
-- by dialtone-jobs: a crash or a Redis outage delays an event and never loses it (stack-notes 5).
CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Redis channel without the prefix, cti-api 3.1: {domain}:r:<room>, {domain}:u:<user>.
  channel text NOT NULL,
  event text NOT NULL,
  -- The finished Socket.IO array, ["event", ...].
  payload json NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_scale_factor = 0.01);

-- Work for later: mail, SMS, push, webhooks. Claimed with SKIP LOCKED in a short transaction, done
-- outside of it, finished rows are deleted.
CREATE TABLE jobs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL,
  payload jsonb NOT NULL,
  state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'dead')),
  attempts bigint NOT NULL DEFAULT 0,
  run_at timestamptz NOT NULL DEFAULT now(),
  locked_until timestamptz,
  last_error text,
  created_at timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_scale_factor = 0.01);
CREATE INDEX jobs_due ON jobs (run_at, id) WHERE state = 'queued';
CREATE INDEX jobs_running ON jobs (locked_until) WHERE state = 'running';

-- Tells the members of the domain's room what happened to an account, in the same transaction,
-- whoever did it. A row lock orders the events of one account.
CREATE FUNCTION accounts_tell() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  a accounts := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  event text := CASE TG_OP
    WHEN 'INSERT' THEN 'account.created' WHEN 'UPDATE' THEN 'account.updated' ELSE 'account.deleted'
  END;
BEGIN
  INSERT INTO outbox (channel, event, payload) VALUES (
    '{' || a.domain || '}:r:all', event,
    json_build_array(event, json_build_object('id', a.id, 'username', a.username,
      'domain', a.domain, 'activated', a.activated, 'blocked', a.blocked)));
  RETURN NULL;
END $$;
CREATE TRIGGER accounts_tell AFTER INSERT OR DELETE OR UPDATE OF
  username, domain, email, activated, blocked, admin, display_name, dtmf_protocol, phone, dictionary
  ON accounts FOR EACH ROW EXECUTE FUNCTION accounts_tell();
