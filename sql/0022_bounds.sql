-- What still went with an account all at once, though it may be very many rows: call forwardings that lead to it, its
-- jobs, its tokens and the invitations it was sent.  They go as those of 0018_leftovers.sql do, and keep their owner as
-- those do.
ALTER TABLE call_forwardings DROP CONSTRAINT call_forwardings_contact_id_fkey;
ALTER TABLE jobs DROP CONSTRAINT jobs_account_id_fkey;
ALTER TABLE account_creation_tokens DROP CONSTRAINT account_creation_tokens_account_id_fkey;
ALTER TABLE account_recovery_tokens DROP CONSTRAINT account_recovery_tokens_account_id_fkey;
ALTER TABLE reset_password_email_tokens DROP CONSTRAINT reset_password_email_tokens_account_id_fkey;
ALTER TABLE wizards DROP CONSTRAINT wizards_provisioning_account_id_fkey;

CREATE TRIGGER jobs_hold_account AFTER INSERT OR UPDATE OF account_id ON jobs
  FOR EACH ROW WHEN (NEW.account_id IS NOT NULL) EXECUTE FUNCTION rows_hold_account();
CREATE TRIGGER account_creation_tokens_hold_account AFTER INSERT OR UPDATE OF account_id ON account_creation_tokens
  FOR EACH ROW WHEN (NEW.account_id IS NOT NULL) EXECUTE FUNCTION rows_hold_account();
CREATE TRIGGER account_recovery_tokens_hold_account AFTER INSERT OR UPDATE OF account_id ON account_recovery_tokens
  FOR EACH ROW WHEN (NEW.account_id IS NOT NULL) EXECUTE FUNCTION rows_hold_account();
CREATE TRIGGER reset_password_email_tokens_hold_account AFTER INSERT OR UPDATE OF account_id ON reset_password_email_tokens
  FOR EACH ROW EXECUTE FUNCTION rows_hold_account();

CREATE FUNCTION wizards_hold_invited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM accounts_hold(NEW.provisioning_account_id, 'wizards_provisioning_account_id_fkey');
  RETURN NULL;
END $$;
CREATE TRIGGER wizards_hold_invited AFTER INSERT OR UPDATE OF provisioning_account_id ON wizards
  FOR EACH ROW WHEN (NEW.provisioning_account_id IS NOT NULL) EXECUTE FUNCTION wizards_hold_invited();

-- Those that there are for clients and for proxies: what leads to an account that is gone is none.
CREATE VIEW call_forwardings_found AS
  SELECT f.* FROM call_forwardings f
   WHERE f.contact_id IS NULL OR (SELECT true FROM accounts c WHERE c.id = f.contact_id);

-- One that is none keeps no other of its kind out.
CREATE FUNCTION call_forwardings_hold_contact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    DELETE FROM call_forwardings f WHERE f.account_id = NEW.account_id AND f.type = NEW.type
       AND NOT EXISTS (SELECT FROM call_forwardings_found g WHERE g.id = f.id);
  END IF;
  IF NEW.contact_id IS NOT NULL THEN
    PERFORM accounts_hold(NEW.contact_id, 'call_forwardings_contact_id_fkey');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER call_forwardings_hold_contact BEFORE INSERT OR UPDATE OF contact_id ON call_forwardings
  FOR EACH ROW EXECUTE FUNCTION call_forwardings_hold_contact();

CREATE OR REPLACE VIEW sip_presence_forwards AS
  SELECT u.account_id, p.type, p.presence,
         CASE p.presence WHEN 'callforward' THEN p.number WHEN 'cellphone' THEN u.cellphone END AS number
    FROM cti_users u
   CROSS JOIN LATERAL (VALUES (CASE u.presence WHEN 'dnd' THEN 'dnd' ELSE 'always' END, u.presence, u.presence_to),
                              ('busy', u.on_busy, u.on_busy_to),
                              ('away', u.on_unavailable, u.on_unavailable_to)) p (type, presence, number)
   WHERE p.presence <> 'online' AND (p.presence <> 'cellphone' OR u.cellphone IS NOT NULL)
     AND NOT EXISTS (
       SELECT FROM call_forwardings_found f
        WHERE f.account_id = u.account_id AND f.enabled
          AND f.type = CASE p.type WHEN 'dnd' THEN 'always' WHEN 'away' THEN 'no_answer' ELSE p.type END);

CREATE OR REPLACE VIEW sip.call_forward AS
  SELECT n.name AS username, n.domain, r.type,
         CASE r.forward_to WHEN 'sip_uri' THEN r.sip_uri
                           WHEN 'voicemail' THEN 'sip:voicemail@' || n.domain || ';target=sip%3A' || n.username || '%40' || n.domain
         END AS target
    FROM sip_names n
   CROSS JOIN LATERAL (
     SELECT CASE f.type WHEN 'no_answer' THEN 'away' ELSE f.type END AS type,
            CASE f.forward_to WHEN 'contact' THEN 'sip_uri' ELSE f.forward_to END AS forward_to,
            coalesce(f.sip_uri, 'sip:' || c.username || '@' || c.domain) AS sip_uri
       FROM call_forwardings f LEFT JOIN accounts c ON c.id = f.contact_id
      WHERE f.account_id = n.id AND f.enabled AND (f.contact_id IS NULL OR c.id IS NOT NULL)
     UNION ALL
     SELECT p.type, CASE p.presence WHEN 'voicemail' THEN 'voicemail' ELSE 'sip_uri' END,
            -- Numbers as people write them.
            'sip:' || regexp_replace(p.number, '[^0-9A-Za-z*#+._-]', '', 'g') || '@' || n.domain
       FROM sip_presence_forwards p WHERE p.account_id = n.id) r;

-- Those that are still to be done come last in it, and are read first.
DROP INDEX jobs_account;
CREATE INDEX jobs_account ON jobs (account_id, ended_at) WHERE account_id IS NOT NULL;

-- Of an account that is gone, at most so many of each table.  True: that was all.
CREATE OR REPLACE FUNCTION account_rows_drop(account bigint, space text, name text, most bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  has record;
  live text[];
  n bigint;
  most_of_one bigint := 0;
BEGIN
  SELECT EXISTS (SELECT FROM sessions WHERE account_id = account) AS sessions,
         EXISTS (SELECT FROM provisioning_tokens WHERE account_id = account) AS tokens,
         EXISTS (SELECT FROM known_networks WHERE account_id = account) AS networks,
         EXISTS (SELECT FROM wizards WHERE account_id = account) AS wizards,
         EXISTS (SELECT FROM wizards WHERE provisioning_account_id = account) AS invitations,
         EXISTS (SELECT FROM contacts WHERE account_id = account) AS contacts,
         EXISTS (SELECT FROM contacts WHERE contact_id = account) AS others,
         EXISTS (SELECT FROM call_forwardings WHERE contact_id = account) AS forwardings,
         EXISTS (SELECT FROM jobs WHERE account_id = account) AS jobs,
         EXISTS (SELECT FROM account_creation_tokens WHERE account_id = account) AS creation_tokens,
         EXISTS (SELECT FROM account_recovery_tokens WHERE account_id = account) AS recovery_tokens,
         EXISTS (SELECT FROM reset_password_email_tokens WHERE account_id = account) AS reset_tokens
    INTO has;
  IF has.sessions THEN
    -- Those that live, first.
    WITH gone AS (
      DELETE FROM sessions WHERE jti = ANY (ARRAY(
        SELECT jti FROM sessions WHERE account_id = account ORDER BY revoked_at DESC LIMIT most))
      RETURNING jti, revoked_at)
    SELECT count(*), array_agg(jti) FILTER (WHERE revoked_at IS NULL OR revoked_at > now()) INTO n, live FROM gone;
    INSERT INTO outbox (kind, domain, account_id, username, sessions)
    SELECT 'sessions.ended', space, account, name, live[i : i + 49]
      FROM generate_series(1, cardinality(live), 50) i;
    most_of_one := greatest(most_of_one, n);
  END IF;
  IF has.tokens THEN
    DELETE FROM provisioning_tokens WHERE id = ANY (ARRAY(
      SELECT id FROM provisioning_tokens WHERE account_id = account LIMIT most));
    GET DIAGNOSTICS n = ROW_COUNT;
    most_of_one := greatest(most_of_one, n);
  END IF;
  IF has.networks THEN
    DELETE FROM known_networks WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM known_networks WHERE account_id = account LIMIT most));
    GET DIAGNOSTICS n = ROW_COUNT;
    most_of_one := greatest(most_of_one, n);
  END IF;
  IF has.wizards THEN
    DELETE FROM wizards WHERE token_hash = ANY (ARRAY(
      SELECT token_hash FROM wizards WHERE account_id = account LIMIT most));
    GET DIAGNOSTICS n = ROW_COUNT;
    most_of_one := greatest(most_of_one, n);
  END IF;
  IF has.invitations THEN
    DELETE FROM wizards WHERE token_hash = ANY (ARRAY(
      SELECT token_hash FROM wizards WHERE provisioning_account_id = account LIMIT most));
    GET DIAGNOSTICS n = ROW_COUNT;
    most_of_one := greatest(most_of_one, n);
  END IF;
  IF has.contacts THEN
    DELETE FROM contacts WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM contacts WHERE account_id = account LIMIT most));
    GET DIAGNOSTICS n = ROW_COUNT;
    most_of_one := greatest(most_of_one, n);
  END IF;
  IF has.others THEN
    DELETE FROM contacts WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM contacts WHERE contact_id = account LIMIT most));
    GET DIAGNOSTICS n = ROW_COUNT;
    most_of_one := greatest(most_of_one, n);
  END IF;
  IF has.forwardings THEN
    DELETE FROM call_forwardings WHERE id = ANY (ARRAY(
      SELECT id FROM call_forwardings WHERE contact_id = account LIMIT most));
    GET DIAGNOSTICS n = ROW_COUNT;
    most_of_one := greatest(most_of_one, n);
  END IF;
  IF has.jobs THEN
    -- What is still to be done, first.
    DELETE FROM jobs WHERE id = ANY (ARRAY(
      SELECT id FROM jobs WHERE account_id = account ORDER BY ended_at DESC LIMIT most));
    GET DIAGNOSTICS n = ROW_COUNT;
    most_of_one := greatest(most_of_one, n);
  END IF;
  IF has.creation_tokens THEN
    UPDATE account_creation_tokens SET account_id = NULL WHERE id = ANY (ARRAY(
      SELECT id FROM account_creation_tokens WHERE account_id = account LIMIT most));
    GET DIAGNOSTICS n = ROW_COUNT;
    most_of_one := greatest(most_of_one, n);
  END IF;
  IF has.recovery_tokens THEN
    UPDATE account_recovery_tokens SET account_id = NULL WHERE id = ANY (ARRAY(
      SELECT id FROM account_recovery_tokens WHERE account_id = account LIMIT most));
    GET DIAGNOSTICS n = ROW_COUNT;
    most_of_one := greatest(most_of_one, n);
  END IF;
  IF has.reset_tokens THEN
    DELETE FROM reset_password_email_tokens WHERE id = ANY (ARRAY(
      SELECT id FROM reset_password_email_tokens WHERE account_id = account LIMIT most));
    GET DIAGNOSTICS n = ROW_COUNT;
    most_of_one := greatest(most_of_one, n);
  END IF;
  RETURN most_of_one < most;
END $$;

-- Of what an account has sent no more than of its other rows go with it: dialtone-jobs takes the others.
CREATE OR REPLACE FUNCTION accounts_forget_statistics() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  at_once CONSTANT bigint := refresh_at_once();
  messages bigint;
  calls bigint;
BEGIN
  IF NOT (EXISTS (SELECT FROM statistics_messages
                   WHERE domain = OLD.domain AND from_username = OLD.username AND from_domain = OLD.domain)
       OR EXISTS (SELECT FROM statistics_calls
                   WHERE domain = OLD.domain AND from_username = OLD.username AND from_domain = OLD.domain)) THEN
    RETURN NULL;
  END IF;
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
