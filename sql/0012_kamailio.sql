-- Devices that are registered at Kamailio, in a table of its own (schema kamailio), which may not be there: it is
-- looked at when it is asked for. Its times have no zone: the proxy runs with TZ=UTC. Whoever holds the table
-- holds up a request, but not for long.
CREATE FUNCTION kamailio_devices(of_username text, of_domain text)
RETURNS TABLE (uuid text, contact text, update_time timestamptz, user_agent text)
LANGUAGE plpgsql STABLE SET lock_timeout = '2s' AS $$
BEGIN
  RETURN QUERY EXECUTE
    'SELECT DISTINCT ON (1) d.uuid, l.contact::text, l.last_modified AT TIME ZONE ''UTC'', left(l.user_agent::text, 1024)'
    '  FROM kamailio.location l,'
    '       LATERAL (SELECT coalesce(nullif(btrim(l.instance::text, ''"<>''), ''''), l.ruid::text) AS uuid) d'
    ' WHERE l.username = $1 AND l.domain = $2 AND l.expires > now() AT TIME ZONE ''UTC'''
    '   AND d.uuid ~ ''^[A-Za-z0-9:._-]{1,128}$'''
    ' ORDER BY 1, l.last_modified DESC'
    USING of_username, of_domain;
END $$;
