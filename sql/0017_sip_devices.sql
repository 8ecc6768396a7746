-- Devices of users are phones of the SIP server: what they log in with, and which of them ring.

-- Of the secret, for the algorithms of the space (as of passwords), made where the sealed secret is written. Null:
-- not for that algorithm, or not since the domain has changed: the SIP server does not let the device in then until
-- it is written again.
ALTER TABLE extensions
  ADD ha1_md5 text CHECK (ha1_md5 ~ '^[0-9a-f]{32}$'),
  ADD ha1_sha256 text CHECK (ha1_sha256 ~ '^[0-9a-f]{64}$'),
  ADD CONSTRAINT extensions_ha1_check CHECK (type <> 'physical' OR (ha1_md5 IS NULL AND ha1_sha256 IS NULL));

CREATE FUNCTION extensions_forget_ha1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.ha1_md5 := NULL;
  NEW.ha1_sha256 := NULL;
  RETURN NEW;
END $$;
CREATE TRIGGER extensions_forget_ha1 BEFORE UPDATE OF domain ON extensions
  FOR EACH ROW WHEN (NEW.domain <> OLD.domain) EXECUTE FUNCTION extensions_forget_ha1();

-- The realm depends on the space alone, so that few accounts are looked at for one.
CREATE OR REPLACE VIEW sip_accounts AS
  SELECT a.id, a.username, a.domain, coalesce(s.realm, s.domain) AS realm,
         coalesce(a.display_name, '') AS display_name
    FROM accounts a JOIN spaces s ON s.domain = a.domain
   WHERE a.activated AND NOT a.blocked AND s.ends IS NULL AND (space_ends_at(s) > now()) IS NOT FALSE;

-- Devices that may log in by themselves: not under the name of an account, and of two with one name the older.
CREATE VIEW sip_extensions AS
  SELECT a.id, x.username, a.domain, a.realm, x.ha1_md5, x.ha1_sha256, a.display_name
    FROM extensions x JOIN sip_accounts a ON a.id = x.account_id AND a.domain = x.domain
   WHERE x.username IS NOT NULL
     AND NOT EXISTS (SELECT FROM accounts o WHERE o.domain = x.domain AND o.username = x.username)
     AND NOT EXISTS (SELECT FROM extensions o WHERE o.domain = x.domain AND o.username = x.username AND o.id < x.id);

CREATE OR REPLACE VIEW sip.subscriber AS
  SELECT a.id, a.username, a.domain, a.realm, p.password AS ha1, a.display_name
    FROM sip_accounts a JOIN passwords p ON p.account_id = a.id AND p.algorithm = 'MD5'
  UNION ALL
  SELECT id, username, domain, realm, ha1_md5, display_name FROM sip_extensions WHERE ha1_md5 IS NOT NULL;

CREATE OR REPLACE VIEW sip.subscriber_sha256 AS
  SELECT a.id, a.username, a.domain, a.realm, p.password AS ha1, a.display_name
    FROM sip_accounts a JOIN passwords p ON p.account_id = a.id AND p.algorithm = 'SHA-256'
  UNION ALL
  SELECT id, username, domain, realm, ha1_sha256, display_name FROM sip_extensions WHERE ha1_sha256 IS NOT NULL;

-- The names that stand for a user: that of the account, and the main extension where it is no account, nor a device
-- of another user, nor the main extension of an older account. Extensions have few owners in all spaces together, and
-- are looked up one by one (OFFSET 0).
CREATE VIEW sip_user_names AS
  SELECT a.id, a.username AS name, a.domain, a.username FROM sip_accounts a
  UNION ALL
  SELECT a.id, u.main_extension, a.domain, a.username
    FROM cti_users u
   CROSS JOIN LATERAL (SELECT * FROM sip_accounts WHERE id = u.account_id OFFSET 0) a
   WHERE u.main_extension IS NOT NULL
     AND NOT EXISTS (SELECT FROM accounts o WHERE o.domain = a.domain AND o.username = u.main_extension)
     AND NOT EXISTS (SELECT FROM extensions o WHERE o.domain = a.domain AND o.account_id <> a.id
                        AND o.username = u.main_extension)
     AND NOT EXISTS (SELECT FROM extensions o WHERE o.domain = a.domain AND o.account_id <> a.id
                        AND o.exten = u.main_extension)
     AND NOT EXISTS (SELECT FROM cti_users p
                      CROSS JOIN LATERAL (SELECT FROM accounts o WHERE o.id = p.account_id AND o.domain = a.domain OFFSET 0) o
                      WHERE p.main_extension = u.main_extension AND p.account_id < u.account_id);

-- What rings when a name is called. A device that is called by its own name rings alone, and stands in no row.
-- A phone may be logged in as the account itself, whatever devices there are.
CREATE VIEW sip.device AS
  SELECT n.name AS username, n.domain, d.name AS device_username, n.id AS account_id
    FROM sip_user_names n
   CROSS JOIN LATERAL (SELECT coalesce(x.username, x.exten) AS name FROM extensions x
                        WHERE x.account_id = n.id AND x.domain = n.domain
                        UNION SELECT n.username) d;

-- All names of a user, those of single devices too: who is not to be disturbed is so on each.
CREATE VIEW sip_names AS
  SELECT id, name, domain, username FROM sip_user_names
  UNION ALL
  SELECT a.id, x.username, a.domain, a.username FROM extensions x JOIN sip_accounts a ON a.id = x.account_id AND a.domain = x.domain
   WHERE x.username IS NOT NULL
  UNION ALL
  SELECT a.id, x.exten, a.domain, a.username FROM extensions x JOIN sip_accounts a ON a.id = x.account_id AND a.domain = x.domain
   WHERE x.username IS NULL;

-- What the chosen presences of a user mean for calls; type "dnd" has no target: there is none to be disturbed. What is
-- stored for one kind of call goes before the presence.
CREATE VIEW sip_presence_forwards AS
  SELECT u.account_id, p.type, p.presence,
         CASE p.presence WHEN 'callforward' THEN p.number WHEN 'cellphone' THEN u.cellphone END AS number
    FROM cti_users u
   CROSS JOIN LATERAL (VALUES (CASE u.presence WHEN 'dnd' THEN 'dnd' ELSE 'always' END, u.presence, u.presence_to),
                              ('busy', u.on_busy, u.on_busy_to),
                              ('away', u.on_unavailable, u.on_unavailable_to)) p (type, presence, number)
   WHERE p.presence <> 'online' AND (p.presence <> 'cellphone' OR u.cellphone IS NOT NULL)
     AND NOT EXISTS (
       SELECT FROM call_forwardings f
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
      WHERE f.account_id = n.id AND f.enabled
     UNION ALL
     SELECT p.type, CASE p.presence WHEN 'voicemail' THEN 'voicemail' ELSE 'sip_uri' END,
            -- Numbers as people write them.
            'sip:' || regexp_replace(p.number, '[^0-9A-Za-z*#+._-]', '', 'g') || '@' || n.domain
       FROM sip_presence_forwards p WHERE p.account_id = n.id) r;

-- The same for one name, as the proxy of packaging/kamailio asks: it plans each of its statements anew, which takes
-- ten times as long as these.
CREATE FUNCTION sip.credentials(of_username text, of_domain text, of_algorithm text)
RETURNS TABLE (account_id bigint, ha1 text) LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
BEGIN
  IF of_algorithm = 'MD5' THEN
    RETURN QUERY SELECT s.id, s.ha1 FROM sip.subscriber s WHERE s.username = of_username AND s.domain = of_domain;
  ELSE
    RETURN QUERY SELECT s.id, s.ha1 FROM sip.subscriber_sha256 s WHERE s.username = of_username AND s.domain = of_domain;
  END IF;
END $$;

CREATE FUNCTION sip.devices(of_username text, of_domain text)
RETURNS TABLE (device_username text) LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
BEGIN
  RETURN QUERY SELECT d.device_username FROM sip.device d WHERE d.username = of_username AND d.domain = of_domain;
END $$;

CREATE FUNCTION sip.forward(of_username text, of_domain text, of_type text)
RETURNS TABLE (type text, target text) LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
BEGIN
  RETURN QUERY SELECT f.type, f.target FROM sip.call_forward f
                WHERE f.username = of_username AND f.domain = of_domain
                  AND (f.type = of_type OR (of_type = 'always' AND f.type = 'dnd')) LIMIT 1;
END $$;

-- They run with the rights of their owner, and find nothing but what that one has made.
ALTER FUNCTION sip.credentials SET search_path = public, pg_temp;
ALTER FUNCTION sip.devices SET search_path = public, pg_temp;
ALTER FUNCTION sip.forward SET search_path = public, pg_temp;
REVOKE ALL ON FUNCTION sip.credentials, sip.devices, sip.forward FROM PUBLIC;
