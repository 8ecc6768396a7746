-- What dialtone-pbx asks: all that is registered at Kamailio, so many at a time, in the order of their rows (see
-- kamailio_devices() for the table), and whose an address is.
CREATE FUNCTION kamailio_registrations(after_row bigint, at_most bigint)
RETURNS TABLE (row_id bigint, address text, contact text, place text, user_agent text)
LANGUAGE plpgsql STABLE SET lock_timeout = '1s' AS $$
BEGIN
  RETURN QUERY EXECUTE
    'SELECT l.id::bigint, l.username || ''@'' || l.domain, l.contact::text, coalesce(l.received, l.contact)::text,'
    '       left(l.user_agent::text, 255)'
    '  FROM kamailio.location l'
    ' WHERE l.id > $1 AND l.expires > now() AT TIME ZONE ''UTC'''
    ' ORDER BY l.id LIMIT $2'
    USING after_row, at_most;
END $$;

CREATE INDEX extensions_username ON extensions (domain, username) WHERE username IS NOT NULL;
CREATE INDEX cti_users_main_extension ON cti_users (main_extension) WHERE main_extension IS NOT NULL;
