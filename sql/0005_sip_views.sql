-- What a SIP proxy reads (sip-integration, annex A): active, unblocked accounts and their realm.
-- The proxy's role gets USAGE on this schema and SELECT on its views, never the tables.
CREATE SCHEMA sip;

CREATE VIEW sip.subscriber AS
  SELECT a.id, a.username, a.domain, coalesce(s.realm, a.domain) AS realm, p.password AS ha1,
         coalesce(a.display_name, '') AS display_name
    FROM accounts a JOIN spaces s ON s.domain = a.domain
    JOIN passwords p ON p.account_id = a.id AND p.algorithm = 'MD5'
   WHERE a.activated AND NOT a.blocked;

CREATE VIEW sip.subscriber_sha256 AS
  SELECT a.id, a.username, a.domain, coalesce(s.realm, a.domain) AS realm, p.password AS ha1,
         coalesce(a.display_name, '') AS display_name
    FROM accounts a JOIN spaces s ON s.domain = a.domain
    JOIN passwords p ON p.account_id = a.id AND p.algorithm = 'SHA-256'
   WHERE a.activated AND NOT a.blocked;

CREATE VIEW sip.realm AS
  SELECT id, domain AS key_name, 0 AS key_type, 0 AS value_type, coalesce(realm, domain) AS key_value,
         0 AS expires
    FROM spaces;
