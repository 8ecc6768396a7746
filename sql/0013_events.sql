-- The outbox holds facts: who hears of them and in which words is decided in src/events.
DROP TABLE outbox;
CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL,
  -- As they were then: the account may have another name by now, or be gone.
  domain text NOT NULL,
  account_id bigint NOT NULL,
  username text,
  -- Of all users of this profile in the domain (0: of those without one of their own) whose id is above
  -- account_id; there is no username. dialtone-jobs puts a row for each in its place, so many at a time.
  profile_id bigint,
  -- Those that ended, or the one that was replaced and the one in its place.
  sessions text[],
  facts jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  CHECK ((username IS NULL) = (profile_id IS NOT NULL))
) WITH (autovacuum_vacuum_scale_factor = 0.01);

CREATE FUNCTION outbox_add(kind text, about accounts, facts jsonb DEFAULT NULL) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO outbox (kind, domain, account_id, username, facts)
  VALUES (kind, about.domain, about.id, about.username, facts)
$$;

CREATE FUNCTION outbox_add(kind text, account bigint, facts jsonb DEFAULT NULL) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO outbox (kind, domain, account_id, username, facts)
  SELECT outbox_add.kind, a.domain, a.id, a.username, outbox_add.facts FROM accounts a WHERE a.id = account
$$;

CREATE FUNCTION outbox_add_for_profile(domain text, profile bigint) RETURNS void LANGUAGE sql AS $$
  INSERT INTO outbox (kind, domain, account_id, profile_id)
  VALUES ('permissions.changed_for_profile', domain, 0, profile)
$$;

CREATE OR REPLACE FUNCTION accounts_tell() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  a accounts := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
BEGIN
  PERFORM outbox_add(CASE TG_OP WHEN 'INSERT' THEN 'account.created' WHEN 'UPDATE' THEN 'account.updated'
                               ELSE 'account.deleted' END,
    a, jsonb_build_object('activated', a.activated, 'blocked', a.blocked));
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION sessions_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Mostly it was only written that they were used.
  IF NOT EXISTS (SELECT FROM new_sessions n JOIN old_sessions o USING (jti)
                  WHERE n.revoked_at IS DISTINCT FROM o.revoked_at) THEN
    RETURN NULL;
  END IF;
  INSERT INTO outbox (kind, domain, account_id, username, sessions)
  SELECT 'session.replaced', a.domain, a.id, a.username, ARRAY[n.jti, n.replaced_by]
    FROM new_sessions n JOIN old_sessions o USING (jti) JOIN accounts a ON a.id = n.account_id
   WHERE n.replaced_by IS NOT NULL AND o.replaced_by IS NULL;

  INSERT INTO outbox (kind, domain, account_id, username, sessions)
  SELECT 'sessions.ended', a.domain, a.id, a.username, array_agg(e.jti)
    FROM (SELECT n.jti, n.account_id, row_number() OVER (PARTITION BY n.account_id) AS place
            FROM new_sessions n JOIN old_sessions o USING (jti)
           WHERE n.revoked_at <= now() AND (o.revoked_at IS NULL OR o.revoked_at > now())) e
    JOIN accounts a ON a.id = e.account_id
   GROUP BY a.id, (e.place - 1) / 50;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION cti_users_tell() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  was cti_users := CASE TG_OP WHEN 'UPDATE' THEN OLD END;
BEGIN
  PERFORM outbox_add('presence.changed', NEW.account_id,
      jsonb_build_object('which', c.which, 'status', c.status, 'to', c.number))
     FROM (VALUES
       ('now', NEW.presence, NEW.presence_to, was.presence, was.presence_to),
       ('on_busy', NEW.on_busy, NEW.on_busy_to, was.on_busy, was.on_busy_to),
       ('on_unavailable', NEW.on_unavailable, NEW.on_unavailable_to, was.on_unavailable,
         was.on_unavailable_to)) c (which, status, number, old_status, old_number)
    WHERE (c.status, coalesce(c.number, ''))
      <> (coalesce(c.old_status, 'online'), coalesce(c.old_number, ''));
  IF NEW.default_device <> coalesce(was.default_device, '') THEN
    PERFORM outbox_add('default_device.changed', NEW.account_id,
      jsonb_build_object('exten', NEW.default_device));
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION cti_settings_tell_avatar() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM outbox_add('avatar.changed', OLD.account_id, '{}');
  ELSE
    PERFORM outbox_add('avatar.changed', NEW.account_id, jsonb_build_object('avatar', NEW.value));
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION cti_users_tell_permissions() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  was bigint := CASE WHEN TG_OP <> 'INSERT' THEN OLD.profile_id END;
  is_now bigint := CASE WHEN TG_OP <> 'DELETE' THEN NEW.profile_id END;
BEGIN
  -- Users of a profile that was deleted are told together.
  IF was IS DISTINCT FROM is_now
     AND (is_now IS NOT NULL OR EXISTS (SELECT FROM profiles WHERE id = was)) THEN
    PERFORM outbox_add('permissions.changed',
      CASE TG_OP WHEN 'DELETE' THEN OLD.account_id ELSE NEW.account_id END);
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION profiles_tell() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  p profiles := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  grants_other boolean := TG_OP = 'UPDATE' AND NEW.capabilities <> OLD.capabilities;
  concerns_others boolean := CASE TG_OP
    WHEN 'INSERT' THEN NEW.is_default
    WHEN 'UPDATE' THEN NEW.is_default <> OLD.is_default OR (NEW.is_default AND grants_other)
    ELSE true END;
BEGIN
  IF grants_other THEN
    PERFORM outbox_add_for_profile(p.domain, p.id);
  END IF;
  IF concerns_others THEN
    PERFORM outbox_add_for_profile(p.domain, 0);
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION extensions_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    PERFORM outbox_add('permissions.changed', OLD.account_id);
  END IF;
  IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND NEW.account_id <> OLD.account_id) THEN
    PERFORM outbox_add('permissions.changed', NEW.account_id);
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION spaces_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM outbox_add_for_profile(NEW.domain, p.id)
     FROM (SELECT 0 AS id UNION ALL SELECT id FROM profiles WHERE domain = NEW.domain) p;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION sessions_end(account bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  -- Most accounts that are written have none, and an UPDATE of nothing is dearer than this.
  IF EXISTS (SELECT FROM sessions WHERE account_id = account) THEN
    UPDATE sessions SET revoked_at = now()
     WHERE account_id = account AND (revoked_at IS NULL OR revoked_at > now());
  END IF;
  -- Nobody can have logged in to what this transaction has made.
  IF EXISTS (SELECT FROM accounts WHERE id = account AND created_at <> now()) THEN
    PERFORM outbox_add('permissions.changed', account);
  END IF;
END $$;

CREATE OR REPLACE FUNCTION two_factor_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM outbox_add('permissions.changed', NEW.account_id);
  RETURN NULL;
END $$;

-- Admins have a room of their own: what they may hear changes with the flag.
CREATE FUNCTION accounts_tell_permissions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM outbox_add('permissions.changed', NEW);
  RETURN NULL;
END $$;
CREATE TRIGGER accounts_tell_permissions AFTER UPDATE OF admin ON accounts
  FOR EACH ROW WHEN (OLD.admin <> NEW.admin) EXECUTE FUNCTION accounts_tell_permissions();

DROP FUNCTION outbox_tell_user, outbox_tell_users_of, cti_tell_presence, cti_presence_object, cti_masked,
  cti_channel_name, channel_encode;
