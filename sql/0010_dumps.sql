-- pg_restore makes tables with an empty search_path; this function stands in a column of profiles, and
-- calls another one.
ALTER FUNCTION cti_capabilities(jsonb) SET search_path = public, pg_temp;
