-- What the web, desktop and mobile clients know of their user (cti-api 1.5, 2.7, 4.2).
-- An account without rows here is a user all the same: the store fills in the defaults.

-- {"macro": {"value": boolean, "permissions": {"name": {"value": boolean, ...}}}}
CREATE FUNCTION cti_macros_are_valid(macros jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN jsonb_typeof(macros) = 'object' THEN NOT EXISTS (
    SELECT FROM jsonb_each(macros) m
     WHERE m.key !~ '^[A-Za-z0-9_-]{1,64}$' OR jsonb_typeof(m.value) <> 'object'
        OR jsonb_typeof(m.value -> 'value') IS DISTINCT FROM 'boolean'
        OR jsonb_typeof(coalesce(m.value -> 'permissions', '{}')) <> 'object'
        OR EXISTS (
          SELECT FROM jsonb_each(CASE WHEN jsonb_typeof(m.value -> 'permissions') = 'object'
                                      THEN m.value -> 'permissions' ELSE '{}' END) p
           WHERE p.key !~ '^[A-Za-z0-9_-]{1,64}$' OR jsonb_typeof(p.value) <> 'object'
              OR jsonb_typeof(p.value -> 'value') IS DISTINCT FROM 'boolean')) ELSE false END
$$;

-- Profile files keep the permissions of a macro in arrays, clients want them by name (cti-api 1.5).
CREATE FUNCTION cti_macros_keyed(macros jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN jsonb_typeof(macros) <> 'object' THEN macros ELSE coalesce((
    SELECT jsonb_object_agg(m.key, CASE
        WHEN jsonb_typeof(m.value) <> 'object'
          OR jsonb_typeof(m.value -> 'permissions') IS DISTINCT FROM 'array'
          OR EXISTS (SELECT FROM jsonb_array_elements(m.value -> 'permissions') p
                      WHERE p ->> 'name' IS NULL) THEN m.value
        ELSE jsonb_set(m.value, '{permissions}', coalesce((
          SELECT jsonb_object_agg(p ->> 'name', p)
            FROM jsonb_array_elements(m.value -> 'permissions') p), '{}')) END)
      FROM jsonb_each(macros) m), '{}') END
$$;

-- The names of the capabilities a profile grants: "macro", and "macro.permission" where both are on.
CREATE FUNCTION cti_capabilities(macros jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN cti_macros_are_valid(macros) THEN coalesce((
    SELECT array_agg(name ORDER BY name) FROM (
      SELECT m.key AS name FROM jsonb_each(macros) m WHERE m.value -> 'value' = 'true'
      UNION ALL
      SELECT m.key || '.' || p.key
        FROM jsonb_each(macros) m, jsonb_each(coalesce(m.value -> 'permissions', '{}')) p
       WHERE m.value -> 'value' = 'true' AND p.value -> 'value' = 'true') granted), '{}')
    ELSE '{}' END
$$;

CREATE TABLE profiles (
  -- Numbers below 100 are for profiles that are in no table.
  id bigint GENERATED ALWAYS AS IDENTITY (START WITH 100) PRIMARY KEY,
  domain text NOT NULL REFERENCES spaces (domain) ON DELETE CASCADE,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
  -- Of everybody in the domain who has none of his own.
  is_default boolean NOT NULL DEFAULT false,
  macro_permissions jsonb NOT NULL DEFAULT '{}'
    CONSTRAINT profiles_macros_check CHECK (cti_macros_are_valid(macro_permissions)),
  outbound_routes_permissions jsonb NOT NULL DEFAULT '[]'
    CONSTRAINT profiles_routes_check CHECK (jsonb_typeof(outbound_routes_permissions) = 'array'),
  capabilities text[] NOT NULL GENERATED ALWAYS AS (cti_capabilities(macro_permissions)) STORED,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT profiles_name_key UNIQUE (domain, name)
);
CREATE UNIQUE INDEX profiles_default_key ON profiles (domain) WHERE is_default;

CREATE TABLE cti_users (
  account_id bigint PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
  profile_id bigint REFERENCES profiles ON DELETE SET NULL,
  -- Null is the account's own name.
  main_extension text CHECK (main_extension ~ '^[0-9A-Za-z*#+._-]{1,64}$'),
  voicemail text CHECK (length(voicemail) BETWEEN 1 AND 64),
  cellphone text CHECK (length(cellphone) BETWEEN 1 AND 64),
  jabber text CHECK (length(jabber) BETWEEN 1 AND 255),
  default_device text CHECK (length(default_device) BETWEEN 1 AND 64),
  call_summary_enabled boolean NOT NULL DEFAULT false,
  recall_on_busy boolean NOT NULL DEFAULT false,
  presence text NOT NULL DEFAULT 'online'
    CHECK (presence IN ('online', 'dnd', 'voicemail', 'cellphone', 'callforward')),
  presence_to text CHECK (length(presence_to) BETWEEN 1 AND 64),
  on_busy text NOT NULL DEFAULT 'online'
    CHECK (on_busy IN ('online', 'voicemail', 'cellphone', 'callforward')),
  on_busy_to text CHECK (length(on_busy_to) BETWEEN 1 AND 64),
  on_unavailable text NOT NULL DEFAULT 'online'
    CHECK (on_unavailable IN ('online', 'voicemail', 'cellphone', 'callforward')),
  on_unavailable_to text CHECK (length(on_unavailable_to) BETWEEN 1 AND 64),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CHECK ((presence = 'callforward') = (presence_to IS NOT NULL)),
  CHECK ((on_busy = 'callforward') = (on_busy_to IS NOT NULL)),
  CHECK ((on_unavailable = 'callforward') = (on_unavailable_to IS NOT NULL))
);
CREATE INDEX cti_users_profile ON cti_users (profile_id);

-- The devices of a user. The secret is sealed: only its owner reads it back.
CREATE UNIQUE INDEX accounts_id_domain ON accounts (id, domain);
CREATE TABLE extensions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id bigint NOT NULL,
  domain text NOT NULL,
  exten text NOT NULL CHECK (exten ~ '^[0-9A-Za-z*#+._-]{1,64}$'),
  type text NOT NULL CHECK (type IN ('webrtc', 'mobile', 'nethlink', 'physical')),
  -- Physical phones are provisioned elsewhere and have neither.
  username text CHECK (length(username) BETWEEN 1 AND 64),
  secret_sealed bytea,
  description text NOT NULL DEFAULT '' CHECK (length(description) <= 255),
  proxy_port bigint CHECK (proxy_port BETWEEN 1 AND 65535),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT extensions_exten_key UNIQUE (domain, exten),
  FOREIGN KEY (account_id, domain) REFERENCES accounts (id, domain)
    ON UPDATE CASCADE ON DELETE CASCADE,
  CHECK ((type = 'physical') = (username IS NULL AND secret_sealed IS NULL))
);
CREATE INDEX extensions_account ON extensions (account_id);

CREATE TABLE cti_settings (
  account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
  key text NOT NULL CHECK (length(key) BETWEEN 1 AND 50),
  value jsonb NOT NULL CHECK (jsonb_typeof(value) <> 'null'),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, key)
);

-- Names in channels: what is not plain is percent-encoded, byte by byte (cti-api 3.1).
CREATE FUNCTION cti_channel_name(name text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT string_agg(CASE WHEN c ~ '^[a-z0-9._@-]$' THEN c
    ELSE regexp_replace(upper(encode(convert_to(c, 'UTF8'), 'hex')), '(..)', '%\1', 'g') END, ''
    ORDER BY i)
    FROM unnest(regexp_split_to_array(name, '')) WITH ORDINALITY u (c, i)
$$;

-- What somebody with the privacy flag sees of a number (cti-api 2.10).
CREATE FUNCTION cti_masked(number text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN length(number) < 3 THEN 'xxx' ELSE left(number, -3) || 'xxx' END
$$;

CREATE FUNCTION cti_presence_object(username text, status text, number text) RETURNS json
LANGUAGE sql IMMUTABLE AS $$
  SELECT json_strip_nulls(json_build_object('username', username, 'status', status, 'to', number))
$$;

-- One event about a user's presence: to himself, to those who see everything, and masked to those
-- who do not.
CREATE FUNCTION cti_tell_presence(a accounts, event text, member text, status text, number text)
RETURNS void LANGUAGE sql AS $$
  INSERT INTO outbox (channel, event, payload)
  SELECT '{' || a.domain || '}:' || c.name, event, json_build_array(event, json_build_object(
           member, cti_presence_object(a.username, status,
             CASE WHEN c.masked THEN cti_masked(number) ELSE number END)))
    FROM (VALUES ('u:' || cti_channel_name(a.username), false), ('r:ext.clear', false),
                 ('r:ext.mq', true), ('r:ext.ma', true)) c (name, masked)
$$;

-- Whoever changes it, its followers learn of it: the events stand in the same transaction.
CREATE FUNCTION cti_users_tell() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  a accounts;
  old_row cti_users := CASE TG_OP WHEN 'UPDATE' THEN OLD END;
BEGIN
  SELECT * INTO a FROM accounts WHERE id = NEW.account_id;
  IF (NEW.presence, coalesce(NEW.presence_to, ''))
     <> (coalesce(old_row.presence, 'online'), coalesce(old_row.presence_to, '')) THEN
    PERFORM cti_tell_presence(a, 'userPresenceUpdate', 'presence', NEW.presence, NEW.presence_to);
    PERFORM cti_tell_presence(a, 'userMainPresenceUpdate', 'mainPresence', NEW.presence,
      NEW.presence_to);
  END IF;
  IF (NEW.on_busy, coalesce(NEW.on_busy_to, ''))
     <> (coalesce(old_row.on_busy, 'online'), coalesce(old_row.on_busy_to, '')) THEN
    PERFORM cti_tell_presence(a, 'userPresenceUpdate', 'presence_onbusy', NEW.on_busy,
      NEW.on_busy_to);
  END IF;
  IF (NEW.on_unavailable, coalesce(NEW.on_unavailable_to, ''))
     <> (coalesce(old_row.on_unavailable, 'online'), coalesce(old_row.on_unavailable_to, '')) THEN
    PERFORM cti_tell_presence(a, 'userPresenceUpdate', 'presence_onunavailable',
      NEW.on_unavailable, NEW.on_unavailable_to);
  END IF;
  IF NEW.default_device <> coalesce(old_row.default_device, '') THEN
    INSERT INTO outbox (channel, event, payload)
    VALUES ('{' || a.domain || '}:u:' || cti_channel_name(a.username), 'updateDefaultDevice',
      json_build_array('updateDefaultDevice', NEW.default_device));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER cti_users_tell AFTER INSERT OR UPDATE ON cti_users
  FOR EACH ROW EXECUTE FUNCTION cti_users_tell();

-- A large picture is not sent to everybody: who shows it asks for it (cti-api 2.7).
CREATE FUNCTION cti_settings_tell_avatar() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  who bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.account_id ELSE NEW.account_id END;
  event text := 'userProfileAvatarUpdate';
BEGIN
  INSERT INTO outbox (channel, event, payload)
  SELECT '{' || a.domain || '}:r:all', event, json_build_array(event, CASE
      WHEN TG_OP = 'DELETE' THEN json_build_object('username', a.username)
      WHEN octet_length(NEW.value #>> '{}') > 16384
        THEN json_build_object('username', a.username, 'avatar', NULL, 'changed', true)
      ELSE json_build_object('username', a.username, 'avatar', NEW.value) END)
    FROM accounts a WHERE a.id = who;
  RETURN NULL;
END $$;
CREATE TRIGGER cti_settings_tell_avatar AFTER INSERT OR UPDATE ON cti_settings
  FOR EACH ROW WHEN (NEW.key = 'avatar') EXECUTE FUNCTION cti_settings_tell_avatar();
CREATE TRIGGER cti_settings_tell_no_avatar AFTER DELETE ON cti_settings
  FOR EACH ROW WHEN (OLD.key = 'avatar') EXECUTE FUNCTION cti_settings_tell_avatar();
