-- Whose presence it is gets a copy on his own channel, always clear: he is skipped where others hear of
-- it, or a masked copy would follow the clear one (cti-api 2.7, `x` of 3.2).
ALTER TABLE outbox ADD skip_user text;

CREATE OR REPLACE FUNCTION cti_tell_presence(a accounts, event text, member text, status text,
  number text)
RETURNS void LANGUAGE sql AS $$
  INSERT INTO outbox (channel, event, payload, skip_user)
  SELECT '{' || a.domain || '}:' || c.name, event, json_build_array(event, json_build_object(
           member, cti_presence_object(a.username, status,
             CASE WHEN c.masked THEN cti_masked(number) ELSE number END))), c.skipped
    FROM (VALUES ('u:' || channel_encode(a.username), false, NULL),
                 ('r:ext.clear', false, a.username), ('r:ext.mq', true, a.username),
                 ('r:ext.ma', true, a.username)) c (name, masked, skipped)
$$;

-- One encoding is enough.
CREATE OR REPLACE FUNCTION cti_channel_name(name text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT channel_encode(name)
$$;
