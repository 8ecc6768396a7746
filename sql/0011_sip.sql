-- What the SIP side is told: call forwardings, and the views of proxies without what has expired.

-- One of each kind an account (accounts-api II.10).
CREATE TABLE call_forwardings (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
  type text NOT NULL CHECK (type IN ('always', 'no_answer', 'busy')),
  forward_to text NOT NULL CHECK (forward_to IN ('sip_uri', 'contact', 'voicemail')),
  sip_uri text CHECK (length(sip_uri) BETWEEN 1 AND 1024),
  contact_id bigint REFERENCES accounts ON DELETE CASCADE,
  enabled boolean NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT call_forwardings_type_key UNIQUE (account_id, type),
  CHECK ((sip_uri IS NOT NULL) = (forward_to = 'sip_uri')),
  CHECK ((contact_id IS NOT NULL) = (forward_to = 'contact'))
);
CREATE INDEX call_forwardings_contact ON call_forwardings (contact_id) WHERE contact_id IS NOT NULL;

-- The accounts that may use the SIP server: activated, not blocked, of a space that has not expired and is not
-- being removed. Whoever changes what that means changes it here, for all views. Not for proxies: they have no
-- right to it.
CREATE VIEW sip_accounts AS
  SELECT a.id, a.username, a.domain, coalesce(s.realm, a.domain) AS realm,
         coalesce(a.display_name, '') AS display_name
    FROM accounts a JOIN spaces s ON s.domain = a.domain
   WHERE a.activated AND NOT a.blocked AND s.ends IS NULL AND (space_ends_at(s) > now()) IS NOT FALSE;

CREATE OR REPLACE VIEW sip.subscriber AS
  SELECT a.id, a.username, a.domain, a.realm, p.password AS ha1, a.display_name
    FROM sip_accounts a JOIN passwords p ON p.account_id = a.id AND p.algorithm = 'MD5';

CREATE OR REPLACE VIEW sip.subscriber_sha256 AS
  SELECT a.id, a.username, a.domain, a.realm, p.password AS ha1, a.display_name
    FROM sip_accounts a JOIN passwords p ON p.account_id = a.id AND p.algorithm = 'SHA-256';

CREATE OR REPLACE VIEW sip.realm AS
  SELECT s.id, s.domain AS key_name, 0 AS key_type, 0 AS value_type, coalesce(s.realm, s.domain) AS key_value,
         0 AS expires
    FROM spaces s WHERE s.ends IS NULL AND (space_ends_at(s) > now()) IS NOT FALSE;

-- Where calls of an account go; what is stored as no_answer is away to proxies.
CREATE VIEW sip.call_forward AS
  SELECT a.username, a.domain, CASE f.type WHEN 'no_answer' THEN 'away' ELSE f.type END AS type,
         CASE f.forward_to WHEN 'sip_uri' THEN f.sip_uri
                           WHEN 'contact' THEN 'sip:' || c.username || '@' || c.domain
                           ELSE 'sip:voicemail@' || a.domain || ';target=sip%3A' || a.username || '%40' || a.domain
         END AS target
    FROM call_forwardings f JOIN sip_accounts a ON a.id = f.account_id
    LEFT JOIN accounts c ON c.id = f.contact_id
   WHERE f.enabled;
