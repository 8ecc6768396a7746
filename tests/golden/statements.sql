-- Every statement as the server gets it: name, parameters in order, text.
-- Made from the tables of the store files. When the test says it differs, look at the
-- difference, then copy tests/golden/statements.sql of the build folder over this one.

-- account_action_delete ($1 id bigint, $2 account_id bigint)
DELETE FROM account_actions WHERE id = $1 AND account_id = $2;

-- account_action_insert ($1 account_id bigint, $2 key text, $3 code text)
INSERT INTO account_actions (account_id, key, code) SELECT $1, $2, $3 WHERE (SELECT count(*) FROM
  account_actions WHERE account_id = $1) < 64 RETURNING id, account_id, key, code;

-- account_action_list ($1 id bigint, $2 domain text, $3 caller_id bigint)
SELECT id, account_id, key, code FROM account_actions WHERE account_id = (SELECT o.id FROM accounts
  o WHERE o.id = $1 AND o.domain = $2 AND (coalesce($3, nullif(current_setting('dialtone.caller',
  true), '')::bigint) IS NOT NULL)) ORDER BY id;

-- account_action_place ($1 part_id bigint, $2 id bigint, $3 domain text)
SELECT x.id AS id, a.id AS account_id, a.dtmf_protocol AS dtmf_protocol, x.key AS key, x.code AS
  code FROM accounts a LEFT JOIN account_actions x ON x.account_id = a.id AND x.id = $1 WHERE a.id =
  $2 AND a.domain = $3;

-- account_action_update ($1 key text, $2 code text, $3 id bigint, $4 account_id bigint)
UPDATE account_actions SET key = $1, code = $2, updated_at = now() WHERE id = $3 AND account_id = $4
  RETURNING id, account_id, key, code;

-- account_activate_own ($1 id bigint, $2 domain text)
UPDATE accounts a SET activated = a.activated OR NOT a.deactivated_by_admin, updated_at = now()
  WHERE id = $1 AND domain = $2 RETURNING a.id, a.username, a.domain, a.email, a.activated,
  a.blocked, a.admin, a.ip_address, a.user_agent, a.created_at, a.updated_at, a.display_name,
  a.dtmf_protocol, a.phone, a.space_realm AS realm, a.confirmation_expires_at AS
  confirmation_key_expires, a.confirmation_sealed, a.provisioning_sealed, a.provisioning_expires_at
  AS provisioning_token_expire_at, a.dictionary, a.algorithms AS passwords, a.types, a.actions,
  a.email_change AS email_change_code, a.phone_change AS phone_change_code;

-- account_after ($1 domain text, $2 after bigint, $3 limit bigint)
SELECT a.id, a.username, a.domain, a.email, a.activated, a.blocked, a.admin, a.ip_address,
  a.user_agent, a.created_at, a.updated_at, a.display_name, a.dtmf_protocol, a.phone, a.space_realm
  AS realm, a.confirmation_expires_at AS confirmation_key_expires, a.confirmation_sealed,
  a.provisioning_sealed, a.provisioning_expires_at AS provisioning_token_expire_at, a.dictionary,
  a.algorithms AS passwords, a.types, a.actions, a.email_change AS email_change_code, a.phone_change
  AS phone_change_code FROM (SELECT x.id FROM accounts x WHERE (x.domain, x.id) > ($1, $2) AND
  x.domain <= $1 ORDER BY x.domain, x.id LIMIT $3) i CROSS JOIN LATERAL (SELECT * FROM accounts b
  WHERE b.id = i.id OFFSET 0) a ORDER BY i.id;

-- account_by_email ($1 domain text, $2 name text)
SELECT a.id, a.username, a.domain, a.email, a.activated, a.blocked, a.admin, a.ip_address,
  a.user_agent, a.created_at, a.updated_at, a.display_name, a.dtmf_protocol, a.phone, a.space_realm
  AS realm, a.confirmation_expires_at AS confirmation_key_expires, a.confirmation_sealed,
  a.provisioning_sealed, a.provisioning_expires_at AS provisioning_token_expire_at, a.dictionary,
  a.algorithms AS passwords, a.types, a.actions, a.email_change AS email_change_code, a.phone_change
  AS phone_change_code FROM accounts a WHERE a.domain = $1 AND lower(a.email) = lower($2) ORDER BY
  a.email_rank LIMIT 1;

-- account_by_email_of_many ($1 domain text[], $2 name text[])
SELECT r.*, q.place FROM unnest($1, $2) WITH ORDINALITY q (p1, p2, place) CROSS JOIN LATERAL (SELECT
  * FROM (SELECT a.id, a.username, a.domain, a.email, a.activated, a.blocked, a.admin, a.ip_address,
  a.user_agent, a.created_at, a.updated_at, a.display_name, a.dtmf_protocol, a.phone, a.space_realm
  AS realm, a.confirmation_expires_at AS confirmation_key_expires, a.confirmation_sealed,
  a.provisioning_sealed, a.provisioning_expires_at AS provisioning_token_expire_at, a.dictionary,
  a.algorithms AS passwords, a.types, a.actions, a.email_change AS email_change_code, a.phone_change
  AS phone_change_code FROM accounts a WHERE a.domain = q.p1 AND lower(a.email) = lower(q.p2) ORDER
  BY a.email_rank LIMIT 1) s OFFSET 0) r;

-- account_by_id ($1 domain text, $2 id bigint)
SELECT a.id, a.username, a.domain, a.email, a.activated, a.blocked, a.admin, a.ip_address,
  a.user_agent, a.created_at, a.updated_at, a.display_name, a.dtmf_protocol, a.phone, a.space_realm
  AS realm, a.confirmation_expires_at AS confirmation_key_expires, a.confirmation_sealed,
  a.provisioning_sealed, a.provisioning_expires_at AS provisioning_token_expire_at, a.dictionary,
  a.algorithms AS passwords, a.types, a.actions, a.email_change AS email_change_code, a.phone_change
  AS phone_change_code FROM accounts a WHERE a.domain = $1 AND a.id = $2;

-- account_by_id_of_many ($1 domain text[], $2 id bigint[])
SELECT r.*, q.place FROM unnest($1, $2) WITH ORDINALITY q (p1, p2, place) CROSS JOIN LATERAL (SELECT
  * FROM (SELECT a.id, a.username, a.domain, a.email, a.activated, a.blocked, a.admin, a.ip_address,
  a.user_agent, a.created_at, a.updated_at, a.display_name, a.dtmf_protocol, a.phone, a.space_realm
  AS realm, a.confirmation_expires_at AS confirmation_key_expires, a.confirmation_sealed,
  a.provisioning_sealed, a.provisioning_expires_at AS provisioning_token_expire_at, a.dictionary,
  a.algorithms AS passwords, a.types, a.actions, a.email_change AS email_change_code, a.phone_change
  AS phone_change_code FROM accounts a WHERE a.domain = q.p1 AND a.id = q.p2) s OFFSET 0) r;

-- account_by_phone ($1 domain text, $2 name text)
SELECT a.id, a.username, a.domain, a.email, a.activated, a.blocked, a.admin, a.ip_address,
  a.user_agent, a.created_at, a.updated_at, a.display_name, a.dtmf_protocol, a.phone, a.space_realm
  AS realm, a.confirmation_expires_at AS confirmation_key_expires, a.confirmation_sealed,
  a.provisioning_sealed, a.provisioning_expires_at AS provisioning_token_expire_at, a.dictionary,
  a.algorithms AS passwords, a.types, a.actions, a.email_change AS email_change_code, a.phone_change
  AS phone_change_code FROM accounts a WHERE a.domain = $1 AND (a.phone = $2 OR a.username = $2)
  ORDER BY a.phone = $2 DESC NULLS LAST LIMIT 1;

-- account_by_phone_of_many ($1 domain text[], $2 name text[])
SELECT r.*, q.place FROM unnest($1, $2) WITH ORDINALITY q (p1, p2, place) CROSS JOIN LATERAL (SELECT
  * FROM (SELECT a.id, a.username, a.domain, a.email, a.activated, a.blocked, a.admin, a.ip_address,
  a.user_agent, a.created_at, a.updated_at, a.display_name, a.dtmf_protocol, a.phone, a.space_realm
  AS realm, a.confirmation_expires_at AS confirmation_key_expires, a.confirmation_sealed,
  a.provisioning_sealed, a.provisioning_expires_at AS provisioning_token_expire_at, a.dictionary,
  a.algorithms AS passwords, a.types, a.actions, a.email_change AS email_change_code, a.phone_change
  AS phone_change_code FROM accounts a WHERE a.domain = q.p1 AND (a.phone = q.p2 OR a.username =
  q.p2) ORDER BY a.phone = q.p2 DESC NULLS LAST LIMIT 1) s OFFSET 0) r;

-- account_by_username ($1 domain text, $2 name text)
SELECT a.id, a.username, a.domain, a.email, a.activated, a.blocked, a.admin, a.ip_address,
  a.user_agent, a.created_at, a.updated_at, a.display_name, a.dtmf_protocol, a.phone, a.space_realm
  AS realm, a.confirmation_expires_at AS confirmation_key_expires, a.confirmation_sealed,
  a.provisioning_sealed, a.provisioning_expires_at AS provisioning_token_expire_at, a.dictionary,
  a.algorithms AS passwords, a.types, a.actions, a.email_change AS email_change_code, a.phone_change
  AS phone_change_code FROM accounts a WHERE a.domain = $1 AND a.username = $2;

-- account_by_username_of_many ($1 domain text[], $2 name text[])
SELECT r.*, q.place FROM unnest($1, $2) WITH ORDINALITY q (p1, p2, place) CROSS JOIN LATERAL (SELECT
  * FROM (SELECT a.id, a.username, a.domain, a.email, a.activated, a.blocked, a.admin, a.ip_address,
  a.user_agent, a.created_at, a.updated_at, a.display_name, a.dtmf_protocol, a.phone, a.space_realm
  AS realm, a.confirmation_expires_at AS confirmation_key_expires, a.confirmation_sealed,
  a.provisioning_sealed, a.provisioning_expires_at AS provisioning_token_expire_at, a.dictionary,
  a.algorithms AS passwords, a.types, a.actions, a.email_change AS email_change_code, a.phone_change
  AS phone_change_code FROM accounts a WHERE a.domain = q.p1 AND a.username = q.p2) s OFFSET 0) r;

-- account_codes ($1 bigint)
SELECT (SELECT code_sealed FROM email_change_codes WHERE account_id = $1 AND code_hash IS NOT NULL)
  AS email, (SELECT code_sealed FROM phone_change_codes WHERE account_id = $1 AND code_hash IS NOT
  NULL) AS phone;

-- account_count ($1 domain text)
SELECT coalesce(sum(n), 0) AS count FROM accounts_counts WHERE domain = $1 AND kind = 1;

-- account_delete ($1 id bigint, $2 domain text)
DELETE FROM accounts WHERE id = $1 AND domain = $2 RETURNING id;

-- account_info ($1 name text, $2 domain text)
SELECT activated, space_realm AS realm FROM accounts WHERE username = $1 AND domain = $2 AND NOT
  EXISTS (SELECT FROM spaces e WHERE e.domain = $2 AND e.ends IS NOT NULL);

-- account_info_of_many ($1 name text[], $2 domain text[])
SELECT r.*, q.place FROM unnest($1, $2) WITH ORDINALITY q (p1, p2, place) CROSS JOIN LATERAL (SELECT
  * FROM (SELECT activated, space_realm AS realm FROM accounts WHERE username = q.p1 AND domain =
  q.p2 AND NOT EXISTS (SELECT FROM spaces e WHERE e.domain = q.p2 AND e.ends IS NOT NULL)) s OFFSET
  0) r;

-- account_insert ($1 username text, $2 domain text, $3 email text, $4 phone text, $5 display_name
--   text, $6 dtmf_protocol text, $7 activated boolean, $8 admin boolean, $9 user_agent text, $10
--   dictionary jsonb, $11 ip_address text, $12 ha1 text, $13 other_ha1 text, $14 algorithm text,
--   $15 other_algorithm text, $16 provisioning_sealed bytea, $17 provisioning_expires_at
--   timestamptz, $18 confirmation_sealed bytea, $19 confirmation_expires_at timestamptz)
INSERT INTO accounts AS a (username, domain, email, phone, display_name, dtmf_protocol, activated,
  admin, user_agent, dictionary, ip_address, algorithms, provisioning_sealed,
  provisioning_expires_at, confirmation_sealed, confirmation_expires_at) SELECT $1, $2, $3, $4, $5,
  $6, coalesce($7, false), coalesce($8, false), $9, $10, $11, CASE WHEN $12 IS NULL THEN '[]' WHEN
  $13 IS NULL THEN jsonb_build_array(jsonb_build_object('algorithm', $14)) ELSE jsonb_build_array(
  jsonb_build_object('algorithm', least($14, $15)), jsonb_build_object('algorithm', greatest($14,
  $15))) END, $16, $17, $18, $19 WHERE current_setting('dialtone.taken', true) = 'false' RETURNING
  a.id, a.username, a.domain, a.email, a.activated, a.blocked, a.admin, a.ip_address, a.user_agent,
  a.created_at, a.updated_at, a.display_name, a.dtmf_protocol, a.phone, a.space_realm AS realm,
  a.confirmation_expires_at AS confirmation_key_expires, a.confirmation_sealed,
  a.provisioning_sealed, a.provisioning_expires_at AS provisioning_token_expire_at, a.dictionary,
  a.algorithms AS passwords, a.types, a.actions, a.email_change AS email_change_code, a.phone_change
  AS phone_change_code;

-- account_insert_confirmation ($1 confirmation_sealed bytea, $2 confirmation_expires_at
--   timestamptz)
INSERT INTO confirmation_keys (account_id, key_sealed, kind, expires_at) SELECT account_made(), $1,
  'email', $2 WHERE account_made() IS NOT NULL;

-- account_insert_password ($1 ha1 text, $2 algorithm text, $3 other_ha1 text, $4 other_algorithm
--   text)
INSERT INTO passwords (account_id, password, algorithm) SELECT a.id, n.ha1, n.algorithm FROM (SELECT
  account_made() AS id) a, (VALUES ($1, $2), ($3, $4)) n (ha1, algorithm) WHERE n.ha1 IS NOT NULL
  AND a.id IS NOT NULL;

-- account_insert_provisioning ($1 provisioning_hash bytea, $2 provisioning_sealed bytea, $3
--   provisioning_expires_at timestamptz, $4 ip_address text, $5 user_agent text)
INSERT INTO provisioning_tokens (account_id, token_hash, token_sealed, expires_at, ip, user_agent)
  SELECT account_made(), $1, $2, $3, $4, $5 WHERE account_made() IS NOT NULL;

-- account_new_taken ($1 domain text, $2 username text, $3 id bigint, $4 email text, $5 phone text,
--   $6 calling_code text)
SELECT username, tombstone, email, phone, country FROM (SELECT EXISTS (SELECT FROM accounts WHERE
  domain = $1 AND (username = $2 OR phone = $2) AND id <> $3) AS username, EXISTS (SELECT FROM
  accounts_tombstones WHERE domain = $1 AND username = $2) AS tombstone, EXISTS (SELECT FROM
  accounts WHERE domain = $1 AND lower(email) = lower($4) AND email_rank = 0 AND id <> $3) AS email,
  EXISTS (SELECT FROM accounts WHERE domain = $1 AND (phone = $5 OR username = $5) AND id <> $3) AS
  phone, EXISTS (SELECT FROM phone_countries WHERE country_code = $6 AND NOT activated) AS country
  OFFSET 0) w WHERE set_config('dialtone.taken', (w.username OR w.tombstone OR w.email OR w.phone OR
  w.country)::text, true) IS NOT NULL;

-- account_page ($1 domain text, $2 page bigint)
SELECT a.id, a.username, a.domain, a.email, a.activated, a.blocked, a.admin, a.ip_address,
  a.user_agent, a.created_at, a.updated_at, a.display_name, a.dtmf_protocol, a.phone, a.space_realm
  AS realm, a.confirmation_expires_at AS confirmation_key_expires, a.confirmation_sealed,
  a.provisioning_sealed, a.provisioning_expires_at AS provisioning_token_expire_at, a.dictionary,
  a.algorithms AS passwords, a.types, a.actions, a.email_change AS email_change_code, a.phone_change
  AS phone_change_code FROM (SELECT r.bucket, r.before FROM (SELECT s.bucket, s.n, 0 + sum(s.n) OVER
  (ORDER BY s.bucket ROWS UNBOUNDED PRECEDING) - s.n AS before FROM (SELECT c.bucket, sum(c.n)::int
  AS n FROM accounts_counts c WHERE c.domain = $1 AND c.kind = 1 AND true GROUP BY c.bucket) s) r
  WHERE r.before + r.n > (($2 - 1) * 20) ORDER BY r.bucket LIMIT 1) big CROSS JOIN LATERAL (SELECT
  r.bucket, r.before FROM (SELECT s.bucket, s.n, big.before + sum(s.n) OVER (ORDER BY s.bucket ROWS
  UNBOUNDED PRECEDING) - s.n AS before FROM (SELECT c.bucket, sum(c.n)::int AS n FROM
  accounts_counts c WHERE c.domain = $1 AND c.kind = 0 AND c.bucket >= big.bucket << 8 AND c.bucket
  < (big.bucket + 1) << 8 GROUP BY c.bucket) s) r WHERE r.before + r.n > (($2 - 1) * 20) ORDER BY
  r.bucket LIMIT 1) small CROSS JOIN LATERAL (SELECT x.id FROM accounts x WHERE (x.domain, x.id) >=
  ($1, small.bucket << 8) AND x.domain <= $1 ORDER BY x.domain, x.id OFFSET (($2 - 1) * 20) -
  small.before LIMIT 20) i CROSS JOIN LATERAL (SELECT * FROM accounts b WHERE b.id = i.id OFFSET 0)
  a ORDER BY i.id;

-- account_rotate_provisioning ($1 id bigint, $2 within text, $3 provisioning_hash bytea, $4
--   provisioning_sealed bytea, $5 provisioning_expires_at timestamptz, $6 ip_address text, $7
--   user_agent text)
WITH a AS (SELECT id FROM accounts WHERE id = $1 AND domain = $2 FOR NO KEY UPDATE) INSERT INTO
  provisioning_tokens (account_id, token_hash, token_sealed, expires_at, ip, user_agent) SELECT id,
  $3, $4, $5, $6, $7 FROM a ON CONFLICT (account_id) WHERE NOT used DO UPDATE SET token_hash =
  excluded.token_hash, token_sealed = excluded.token_sealed, expires_at = excluded.expires_at, ip =
  excluded.ip, user_agent = excluded.user_agent, created_at = now() RETURNING account_id AS id;

-- account_search_email ($1 domain text, $2 name text)
SELECT a.id, a.username, a.domain, a.email, a.activated, a.blocked, a.admin, a.ip_address,
  a.user_agent, a.created_at, a.updated_at, a.display_name, a.dtmf_protocol, a.phone, a.space_realm
  AS realm, a.confirmation_expires_at AS confirmation_key_expires, a.confirmation_sealed,
  a.provisioning_sealed, a.provisioning_expires_at AS provisioning_token_expire_at, a.dictionary,
  a.algorithms AS passwords, a.types, a.actions, a.email_change AS email_change_code, a.phone_change
  AS phone_change_code, coalesce((SELECT json_agg(json_build_object('id', f.id, 'type', CASE f.type
  WHEN 'no_answer' THEN 'away' ELSE f.type END, 'forward_to', f.forward_to, 'sip_uri', f.sip_uri,
  'enabled', f.enabled, 'contact_id', f.contact_id, 'contact_sip_uri', 'sip:' || c.username || '@'
  || c.domain, 'created_at', iso_time(f.created_at), 'updated_at', iso_time(f.updated_at)) ORDER BY
  f.id DESC) FROM call_forwardings f LEFT JOIN accounts c ON c.id = f.contact_id WHERE f.account_id
  = a.id), '[]') AS call_forwardings FROM accounts a WHERE a.domain = $1 AND lower(a.email) =
  lower($2) ORDER BY a.email_rank LIMIT 1;

-- account_search_sip ($1 domain text, $2 name text)
SELECT a.id, a.username, a.domain, a.email, a.activated, a.blocked, a.admin, a.ip_address,
  a.user_agent, a.created_at, a.updated_at, a.display_name, a.dtmf_protocol, a.phone, a.space_realm
  AS realm, a.confirmation_expires_at AS confirmation_key_expires, a.confirmation_sealed,
  a.provisioning_sealed, a.provisioning_expires_at AS provisioning_token_expire_at, a.dictionary,
  a.algorithms AS passwords, a.types, a.actions, a.email_change AS email_change_code, a.phone_change
  AS phone_change_code, coalesce((SELECT json_agg(json_build_object('id', f.id, 'type', CASE f.type
  WHEN 'no_answer' THEN 'away' ELSE f.type END, 'forward_to', f.forward_to, 'sip_uri', f.sip_uri,
  'enabled', f.enabled, 'contact_id', f.contact_id, 'contact_sip_uri', 'sip:' || c.username || '@'
  || c.domain, 'created_at', iso_time(f.created_at), 'updated_at', iso_time(f.updated_at)) ORDER BY
  f.id DESC) FROM call_forwardings f LEFT JOIN accounts c ON c.id = f.contact_id WHERE f.account_id
  = a.id), '[]') AS call_forwardings FROM accounts a WHERE a.domain = $1 AND a.username = $2;

-- account_set_activated ($1 activated boolean, $2 id bigint, $3 domain text)
UPDATE accounts a SET activated = $1, deactivated_by_admin = NOT $1, updated_at = now() WHERE id =
  $2 AND domain = $3 RETURNING a.id, a.username, a.domain, a.email, a.activated, a.blocked, a.admin,
  a.ip_address, a.user_agent, a.created_at, a.updated_at, a.display_name, a.dtmf_protocol, a.phone,
  a.space_realm AS realm, a.confirmation_expires_at AS confirmation_key_expires,
  a.confirmation_sealed, a.provisioning_sealed, a.provisioning_expires_at AS
  provisioning_token_expire_at, a.dictionary, a.algorithms AS passwords, a.types, a.actions,
  a.email_change AS email_change_code, a.phone_change AS phone_change_code;

-- account_set_blocked ($1 blocked boolean, $2 id bigint, $3 domain text)
UPDATE accounts a SET blocked = $1, updated_at = now() WHERE id = $2 AND domain = $3 RETURNING a.id,
  a.username, a.domain, a.email, a.activated, a.blocked, a.admin, a.ip_address, a.user_agent,
  a.created_at, a.updated_at, a.display_name, a.dtmf_protocol, a.phone, a.space_realm AS realm,
  a.confirmation_expires_at AS confirmation_key_expires, a.confirmation_sealed,
  a.provisioning_sealed, a.provisioning_expires_at AS provisioning_token_expire_at, a.dictionary,
  a.algorithms AS passwords, a.types, a.actions, a.email_change AS email_change_code, a.phone_change
  AS phone_change_code;

-- account_taken ($1 domain text, $2 username text, $3 id bigint, $4 email text, $5 phone text, $6
--   calling_code text)
SELECT EXISTS (SELECT FROM accounts WHERE domain = $1 AND (username = $2 OR phone = $2) AND id <>
  $3) AS username, EXISTS (SELECT FROM accounts_tombstones WHERE domain = $1 AND username = $2) AS
  tombstone, EXISTS (SELECT FROM accounts WHERE domain = $1 AND lower(email) = lower($4) AND
  email_rank = 0 AND id <> $3) AS email, EXISTS (SELECT FROM accounts WHERE domain = $1 AND (phone =
  $5 OR username = $5) AND id <> $3) AS phone, EXISTS (SELECT FROM phone_countries WHERE
  country_code = $6 AND NOT activated) AS country;

-- account_type_attach ($1 account_id bigint, $2 account_type_id bigint)
INSERT INTO account_account_type (account_id, account_type_id) VALUES ($1, $2) ON CONFLICT DO
  NOTHING;

-- account_type_attachable ($1 id bigint, $2 domain text, $3 part_id bigint)
SELECT a.id AS account_id, t.id AS account_type_id, jsonb_array_length(a.types) AS count FROM
  accounts a, account_types t WHERE a.id = $1 AND a.domain = $2 AND t.id = $3 AND NOT t.ended;

-- account_type_by_id ($1 id bigint)
SELECT id, key FROM account_types WHERE id = $1 AND NOT ended;

-- account_type_delete ($1 id bigint)
UPDATE account_types SET ended = true WHERE id = $1 AND NOT ended;

-- account_type_detach ($1 account_id bigint, $2 account_type_id bigint)
DELETE FROM account_account_type WHERE account_id = $1 AND account_type_id = $2;

-- account_type_detachable ($1 part_id bigint, $2 id bigint, $3 domain text)
SELECT id AS account_id, $1::bigint AS account_type_id, NULL::bigint AS count FROM accounts WHERE id
  = $2 AND domain = $3;

-- account_type_insert ($1 key text)
INSERT INTO account_types (key) SELECT $1 WHERE (SELECT count(*) FROM account_types WHERE NOT ended)
  < 1000 RETURNING id, key;

-- account_type_list ($1 caller_id bigint)
SELECT id, key FROM account_types WHERE NOT ended AND (coalesce($1,
  nullif(current_setting('dialtone.caller', true), '')::bigint) IS NOT NULL) ORDER BY id;

-- account_type_update ($1 key text, $2 id bigint)
UPDATE account_types SET key = $1, updated_at = now() WHERE id = $2 AND NOT ended RETURNING id, key;

-- account_update ($1 username text, $2 domain text, $3 email text, $4 phone text, $5 display_name
--   text, $6 dtmf_protocol text, $7 activated boolean, $8 admin boolean, $9 user_agent text, $10
--   dictionary jsonb, $11 blocked boolean, $12 id bigint, $13 within text)
UPDATE accounts a SET username = $1, domain = $2, email = $3, phone = $4, display_name = $5,
  dtmf_protocol = $6, activated = coalesce($7, a.activated), admin = coalesce($8, a.admin),
  user_agent = $9, dictionary = coalesce($10, a.dictionary), blocked = coalesce($11, a.blocked),
  updated_at = now() WHERE a.id = $12 AND a.domain = $13 RETURNING a.id, a.username, a.domain,
  a.email, a.activated, a.blocked, a.admin, a.ip_address, a.user_agent, a.created_at, a.updated_at,
  a.display_name, a.dtmf_protocol, a.phone, a.space_realm AS realm, a.confirmation_expires_at AS
  confirmation_key_expires, a.confirmation_sealed, a.provisioning_sealed, a.provisioning_expires_at
  AS provisioning_token_expire_at, a.dictionary, a.algorithms AS passwords, a.types, a.actions,
  a.email_change AS email_change_code, a.phone_change AS phone_change_code;

-- account_update_password ($1 id bigint, $2 within text, $3 algorithm text, $4 other_algorithm
--   text, $5 ha1 text, $6 other_ha1 text)
WITH a AS (SELECT id FROM accounts WHERE id = $1 AND domain = $2 FOR NO KEY UPDATE), o AS (DELETE
  FROM passwords USING a WHERE account_id = a.id AND algorithm NOT IN ($3, coalesce($4, $3))), p AS
  (INSERT INTO passwords (account_id, password, algorithm) SELECT a.id, n.ha1, n.algorithm FROM a,
  (VALUES ($5, $3), ($6, $4)) n (ha1, algorithm) WHERE n.ha1 IS NOT NULL ON CONFLICT (account_id,
  algorithm) DO UPDATE SET password = excluded.password) SELECT id FROM a;

-- audit_add ($1 text, $2 text, $3 text, $4 text, $5 text, $6 text, $7 text, $8 bigint, $9 text, $10
--   text[], $11 bigint)
INSERT INTO audit (domain, actor, door, ip, request_id, action, object, part, fields) SELECT
  coalesce(a.domain, $1), $2, $3, $4, $5, $6, coalesce('account:' || a.username || '@' || a.domain,
  $7), $9, $10 FROM (SELECT $8 AS id) o LEFT JOIN accounts a ON a.id = o.id WHERE CASE $11 WHEN 1
  THEN current_setting('dialtone.changed', true) = 'yes' WHEN 2 THEN
  pg_current_xact_id_if_assigned() IS NOT NULL ELSE true END;

-- audit_count ($1 domain text, $2 from timestamptz, $3 to timestamptz)
SELECT count(*) FROM (SELECT * FROM audit WHERE domain = $1 AND at >= coalesce($2, '-infinity') AND
  at <= coalesce($3, 'infinity') ORDER BY at DESC, id DESC LIMIT 10000) a;

-- audit_count_of_actor ($1 domain text, $2 actor text, $3 from timestamptz, $4 to timestamptz)
SELECT count(*) FROM (SELECT * FROM audit WHERE domain = $1 AND actor = $2 AND at >= coalesce($3,
  '-infinity') AND at <= coalesce($4, 'infinity') ORDER BY at DESC, id DESC LIMIT 10000) a;

-- audit_count_of_object ($1 domain text, $2 object text, $3 from timestamptz, $4 to timestamptz, $5
--   part text, $6 actor text)
SELECT count(*) FROM (SELECT * FROM audit WHERE domain = $1 AND object = $2 AND at >= coalesce($3,
  '-infinity') AND at <= coalesce($4, 'infinity') ORDER BY at DESC, id DESC LIMIT 10000) a WHERE
  ($5::text IS NULL OR part = $5) AND ($6::text IS NULL OR actor = $6);

-- audit_domains ()
WITH RECURSIVE d (domain) AS ((SELECT domain FROM audit ORDER BY domain LIMIT 1) UNION ALL SELECT
  (SELECT a.domain FROM audit a WHERE a.domain > d.domain ORDER BY a.domain LIMIT 1) FROM d WHERE
  d.domain IS NOT NULL) SELECT domain FROM d WHERE domain IS NOT NULL;

-- audit_page ($1 domain text, $2 from timestamptz, $3 to timestamptz, $4 limit bigint, $5 offset
--   bigint)
SELECT id, at, actor, door, ip, request_id, action, (object || coalesce('/' || part, '')) AS object,
  to_json(fields) AS fields, domain FROM (SELECT * FROM audit WHERE domain = $1 AND at >=
  coalesce($2, '-infinity') AND at <= coalesce($3, 'infinity') ORDER BY at DESC, id DESC LIMIT
  10000) a ORDER BY at DESC, id DESC LIMIT $4 OFFSET $5;

-- audit_page_of_actor ($1 domain text, $2 actor text, $3 from timestamptz, $4 to timestamptz, $5
--   limit bigint, $6 offset bigint)
SELECT id, at, actor, door, ip, request_id, action, (object || coalesce('/' || part, '')) AS object,
  to_json(fields) AS fields, domain FROM (SELECT * FROM audit WHERE domain = $1 AND actor = $2 AND
  at >= coalesce($3, '-infinity') AND at <= coalesce($4, 'infinity') ORDER BY at DESC, id DESC LIMIT
  10000) a ORDER BY at DESC, id DESC LIMIT $5 OFFSET $6;

-- audit_page_of_object ($1 domain text, $2 object text, $3 from timestamptz, $4 to timestamptz, $5
--   part text, $6 actor text, $7 limit bigint, $8 offset bigint)
SELECT id, at, actor, door, ip, request_id, action, (object || coalesce('/' || part, '')) AS object,
  to_json(fields) AS fields, domain FROM (SELECT * FROM audit WHERE domain = $1 AND object = $2 AND
  at >= coalesce($3, '-infinity') AND at <= coalesce($4, 'infinity') ORDER BY at DESC, id DESC LIMIT
  10000) a WHERE ($5::text IS NULL OR part = $5) AND ($6::text IS NULL OR actor = $6) ORDER BY at
  DESC, id DESC LIMIT $7 OFFSET $8;

-- auth_token_attach ($1 bytea, $2 bigint)
UPDATE auth_tokens SET account_id = $2, updated_at = now() WHERE token_hash = $1 AND account_id IS
  NULL AND expires_at > now();

-- auth_token_drop ($1 bigint)
DELETE FROM auth_tokens WHERE account_id = $1;

-- auth_token_insert ($1 bytea, $2 text, $3 text)
INSERT INTO auth_tokens (token_hash, ip, user_agent) VALUES ($1, $2, $3) RETURNING id, created_at,
  updated_at, ip, user_agent;

-- auth_token_redeem ($1 bytea)
DELETE FROM auth_tokens t USING accounts a WHERE t.token_hash = $1 AND t.expires_at > now() AND a.id
  = t.account_id AND NOT a.blocked AND EXISTS (SELECT FROM spaces p WHERE p.domain = a.domain AND
  p.ends IS NULL AND (space_ends_at(p) <= now()) IS NOT TRUE) RETURNING a.id;

-- auth_token_waiting ($1 name text)
SELECT id, created_at, updated_at, ip, user_agent FROM auth_tokens WHERE token_hash = decode($1,
  'hex') AND account_id IS NULL AND expires_at > now();

-- call_device_list ($1 number bigint)
SELECT d.id, d.call, d.device_id, d.rang_at, d.invite_terminated_at, d.invite_terminated_state,
  d.created_at, d.updated_at, (d.xmax = 0) AS is_new FROM statistics_call_devices d WHERE d.call =
  $1 ORDER BY d.id;

-- call_device_put ($1 call bigint, $2 device_id text, $3 rang_at timestamptz, $4
--   invite_terminated_at timestamptz, $5 invite_terminated_state text)
INSERT INTO statistics_call_devices AS d (call, device_id, rang_at, invite_terminated_at,
  invite_terminated_state) SELECT $1, $2, $3, $4, $5 WHERE (SELECT count(*) FROM
  statistics_call_devices WHERE call = $1) < 1000 OR EXISTS (SELECT FROM statistics_call_devices
  WHERE call = $1 AND device_id = $2) ON CONFLICT (call, device_id) DO UPDATE SET rang_at =
  coalesce(excluded.rang_at, d.rang_at), invite_terminated_at =
  coalesce(excluded.invite_terminated_at, d.invite_terminated_at), invite_terminated_state =
  coalesce(excluded.invite_terminated_state, d.invite_terminated_state), updated_at = now()
  RETURNING d.id, d.call, d.device_id, d.rang_at, d.invite_terminated_at, d.invite_terminated_state,
  d.created_at, d.updated_at, (d.xmax = 0) AS is_new;

-- call_end ($1 ended_at timestamptz, $2 number bigint)
UPDATE statistics_calls r SET ended_at = $1, updated_at = now() WHERE number = $2 RETURNING
  r.number, r.id, r.domain, r.from_username, r.from_domain, r.to_username, r.to_domain,
  r.initiated_at, r.ended_at, r.conference_id, r.created_at, r.updated_at;

-- call_forwarding_delete ($1 id bigint, $2 account_id bigint)
DELETE FROM call_forwardings WHERE id = $1 AND account_id = $2;

-- call_forwarding_insert ($1 account_id bigint, $2 type text, $3 forward_to text, $4 sip_uri text,
--   $5 enabled boolean, $6 contact_id bigint)
INSERT INTO call_forwardings AS f (account_id, type, forward_to, sip_uri, enabled, contact_id)
  VALUES ($1, $2, $3, $4, $5, $6) RETURNING f.id, f.account_id, f.type, f.forward_to, f.sip_uri,
  f.enabled, f.contact_id, (SELECT 'sip:' || c.username || '@' || c.domain FROM accounts c WHERE
  c.id = f.contact_id) AS contact_sip_uri, f.created_at, f.updated_at;

-- call_forwarding_list ($1 id bigint, $2 domain text, $3 caller_id bigint)
SELECT f.id, f.account_id, f.type, f.forward_to, f.sip_uri, f.enabled, f.contact_id, (SELECT 'sip:'
  || c.username || '@' || c.domain FROM accounts c WHERE c.id = f.contact_id) AS contact_sip_uri,
  f.created_at, f.updated_at FROM call_forwardings_found f WHERE f.account_id = (SELECT o.id FROM
  accounts o WHERE o.id = $1 AND o.domain = $2 AND (coalesce($3,
  nullif(current_setting('dialtone.caller', true), '')::bigint) IS NOT NULL)) ORDER BY f.id DESC;

-- call_forwarding_list_own ($1 caller_id bigint)
SELECT f.id, f.account_id, f.type, f.forward_to, f.sip_uri, f.enabled, f.contact_id, (SELECT 'sip:'
  || c.username || '@' || c.domain FROM accounts c WHERE c.id = f.contact_id) AS contact_sip_uri,
  f.created_at, f.updated_at FROM call_forwardings_found f WHERE f.account_id = coalesce($1,
  nullif(current_setting('dialtone.caller', true), '')::bigint) ORDER BY f.id DESC;

-- call_forwarding_lock ($1 account_id bigint)
SELECT id FROM accounts WHERE id = $1 FOR NO KEY UPDATE;

-- call_forwarding_neighbours ($1 account_id bigint, $2 id bigint, $3 type text, $4 contact_id
--   bigint)
SELECT EXISTS (SELECT FROM call_forwardings_found f WHERE f.account_id = $1 AND f.id <> $2 AND
  f.type = $3) AS same_type, EXISTS (SELECT FROM call_forwardings_found f WHERE f.account_id = $1
  AND f.id <> $2 AND f.enabled AND f.type = 'always') AS always, EXISTS (SELECT FROM
  call_forwardings_found f WHERE f.account_id = $1 AND f.id <> $2 AND f.enabled AND f.type <>
  'always') AS other, EXISTS (SELECT FROM contacts c WHERE c.account_id = $1 AND c.contact_id = $4)
  OR EXISTS (SELECT FROM account_contacts_list l JOIN contacts_lists t ON t.id = l.list_id JOIN
  contacts_list_contact c ON c.list_id = t.id WHERE l.account_id = $1 AND c.contact_id = $4) AS
  is_contact;

-- call_forwarding_own ($1 part_id bigint, $2 caller_id bigint)
SELECT f.id, f.account_id, f.type, f.forward_to, f.sip_uri, f.enabled, f.contact_id, (SELECT 'sip:'
  || c.username || '@' || c.domain FROM accounts c WHERE c.id = f.contact_id) AS contact_sip_uri,
  f.created_at, f.updated_at FROM call_forwardings_found f WHERE f.id = $1 AND f.account_id =
  coalesce($2, nullif(current_setting('dialtone.caller', true), '')::bigint);

-- call_forwarding_subject ($1 part_id bigint, $2 id bigint, $3 domain text)
SELECT f.id, f.account_id, f.type, f.forward_to, f.sip_uri, f.enabled, f.contact_id, (SELECT 'sip:'
  || c.username || '@' || c.domain FROM accounts c WHERE c.id = f.contact_id) AS contact_sip_uri,
  f.created_at, f.updated_at FROM call_forwardings_found f JOIN accounts a ON a.id = f.account_id
  WHERE f.id = $1 AND a.id = $2 AND a.domain = $3;

-- call_forwarding_update ($1 forward_to text, $2 sip_uri text, $3 enabled boolean, $4 contact_id
--   bigint, $5 id bigint, $6 account_id bigint)
UPDATE call_forwardings f SET forward_to = $1, sip_uri = $2, enabled = $3, contact_id = $4,
  updated_at = now() WHERE f.id = $5 AND f.account_id = $6 RETURNING f.id, f.account_id, f.type,
  f.forward_to, f.sip_uri, f.enabled, f.contact_id, (SELECT 'sip:' || c.username || '@' || c.domain
  FROM accounts c WHERE c.id = f.contact_id) AS contact_sip_uri, f.created_at, f.updated_at;

-- call_insert ($1 id text, $2 domain text, $3 from_username text, $4 from_domain text, $5
--   to_username text, $6 to_domain text, $7 initiated_at timestamptz, $8 ended_at timestamptz, $9
--   conference_id text)
INSERT INTO statistics_calls (id, domain, from_username, from_domain, to_username, to_domain,
  initiated_at, ended_at, conference_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- call_order_devices ($1 number text, $2 domain text, $3 account_id bigint)
SELECT a.id AS account_id, coalesce(x.exten, a.username) AS exten, coalesce(x.type, 'physical') AS
  type, coalesce(x.username, x.exten, a.username) AS sip_name, coalesce(w.is_device AND
  coalesce(x.exten, a.username) = w.number, false) AS is_asked, coalesce(coalesce(x.exten,
  a.username) = u.default_device, false) AS is_chosen FROM (SELECT * FROM (SELECT n.account_id,
  n.is_device, $1::text AS number FROM (SELECT e.account_id, true AS is_device, 1 AS rank FROM
  extensions e WHERE e.domain = $2 AND e.exten = $1 UNION ALL SELECT b.id, NOT EXISTS (SELECT FROM
  extensions x WHERE x.account_id = b.id), 2 FROM accounts b LEFT JOIN cti_users v ON v.account_id =
  b.id WHERE b.domain = $2 AND b.username = $1 AND (coalesce(v.main_extension, b.username) =
  b.username OR NOT EXISTS (SELECT FROM extensions x WHERE x.account_id = b.id)) UNION ALL SELECT
  m.id, false, 3 FROM cti_users v JOIN accounts m ON m.id = v.account_id WHERE v.main_extension = $1
  AND m.domain = $2) n JOIN accounts o ON o.id = n.account_id AND NOT o.blocked ORDER BY n.rank,
  n.account_id LIMIT 1) n UNION ALL SELECT $3, false, NULL WHERE $1 IS NULL) w JOIN accounts a ON
  a.id = w.account_id LEFT JOIN cti_users u ON u.account_id = a.id LEFT JOIN extensions x ON
  x.account_id = a.id ORDER BY exten;

-- call_subject ($1 name text, $2 domain text, $3 caller_id bigint)
SELECT r.number, r.id, r.domain, r.from_username, r.from_domain, r.to_username, r.to_domain,
  r.initiated_at, r.ended_at, r.conference_id, r.created_at, r.updated_at FROM statistics_calls r
  WHERE r.id = $1 AND (r.domain = $2 OR EXISTS (SELECT FROM accounts a WHERE a.id = coalesce($3,
  nullif(current_setting('dialtone.caller', true), '')::bigint) AND a.admin AND EXISTS (SELECT FROM
  spaces p WHERE p.domain = a.domain AND p.super))) ORDER BY r.domain <> $2, r.number LIMIT 1;

-- calls_add ($1 jsonb, $2 boolean)
WITH given AS MATERIALIZED (SELECT coalesce(left(r.call_id, 255), '') AS call_id,
  coalesce(left(r.linked_id, 64), '') AS linked_id, nullif(r.from_account_id, 0) AS from_account_id,
  lower(left(r.from_domain, 255)) AS from_domain, coalesce(left(r.from_number, 255), '') AS
  from_number, left(r.from_name, 255) AS from_name, left(r.from_exten, 64) AS from_exten,
  nullif(r.to_account_id, 0) AS to_account_id, lower(left(r.to_domain, 255)) AS to_domain,
  coalesce(left(r.to_number, 255), '') AS to_number, left(r.to_name, 255) AS to_name,
  left(r.to_exten, 64) AS to_exten, coalesce(CASE WHEN r.started_us BETWEEN 1 AND 4102444800000000
  THEN to_timestamp(0) + r.started_us * interval '1 microsecond' END, CASE WHEN r.ended_us BETWEEN 1
  AND 4102444800000000 THEN to_timestamp(0) + r.ended_us * interval '1 microsecond' END, now()) AS
  started_at, CASE WHEN r.rang_us BETWEEN 1 AND 4102444800000000 THEN to_timestamp(0) + r.rang_us *
  interval '1 microsecond' END AS rang_at, CASE WHEN r.answered_us BETWEEN 1 AND 4102444800000000
  THEN to_timestamp(0) + r.answered_us * interval '1 microsecond' END AS answered_at, coalesce(CASE
  WHEN r.ended_us BETWEEN 1 AND 4102444800000000 THEN to_timestamp(0) + r.ended_us * interval '1
  microsecond' END, now()) AS ended_at, coalesce(left(r.cause, 64), '') AS cause, nullif(r.code, 0)
  AS code FROM jsonb_to_recordset($1) AS r (call_id text, linked_id text, from_account_id bigint,
  from_domain text, from_number text, from_name text, from_exten text, to_account_id bigint,
  to_domain text, to_number text, to_name text, to_exten text, started_us bigint, rang_us bigint,
  answered_us bigint, ended_us bigint, cause text, code bigint)), ours AS MATERIALIZED (SELECT
  s.domain FROM spaces s WHERE s.ends IS NULL AND s.domain = ANY (ARRAY(SELECT from_domain FROM
  given UNION SELECT to_domain FROM given)) ORDER BY s.domain FOR KEY SHARE), added AS (INSERT INTO
  calls (domain, call_id, linked_id, from_account_id, from_domain, from_number, from_name,
  from_exten, to_account_id, to_domain, to_number, to_name, to_exten, started_at, rang_at,
  answered_at, ended_at, cause, code) SELECT o.domain, g.call_id, g.linked_id, CASE WHEN
  g.from_domain = o.domain THEN g.from_account_id END, coalesce(g.from_domain, ''), g.from_number,
  g.from_name, CASE WHEN g.from_domain = o.domain THEN g.from_exten END, CASE WHEN g.to_domain =
  o.domain THEN g.to_account_id END, coalesce(g.to_domain, ''), g.to_number, g.to_name, CASE WHEN
  g.to_domain = o.domain THEN g.to_exten END, g.started_at, g.rang_at, g.answered_at, g.ended_at,
  g.cause, g.code FROM given g JOIN ours o ON o.domain IN (g.from_domain, g.to_domain) ORDER BY
  o.domain, g.linked_id, g.call_id ON CONFLICT (domain, linked_id, call_id) DO NOTHING RETURNING
  domain, linked_id, call_id), reported AS (INSERT INTO statistics_calls (id, domain, from_username,
  from_domain, to_username, to_domain, initiated_at, ended_at) SELECT g.linked_id, a.domain,
  coalesce((SELECT username FROM accounts WHERE id = g.from_account_id), nullif(g.from_number, ''),
  'anonymous'), coalesce(nullif(g.from_domain, ''), 'anonymous.invalid'), coalesce((SELECT username
  FROM accounts WHERE id = g.to_account_id), nullif(g.to_number, ''), 'anonymous'),
  coalesce(nullif(g.to_domain, ''), 'anonymous.invalid'), g.started_at, g.ended_at FROM added a JOIN
  given g USING (linked_id, call_id) WHERE $2 AND g.linked_id <> '' AND (a.domain = g.from_domain OR
  NOT EXISTS (SELECT FROM ours o WHERE o.domain = g.from_domain)) ON CONFLICT (id, domain) DO
  NOTHING RETURNING number, id, domain) INSERT INTO statistics_call_devices (call, device_id,
  rang_at, invite_terminated_at, invite_terminated_state) SELECT n.number, g.to_exten, g.rang_at,
  coalesce(g.answered_at, g.ended_at), CASE WHEN g.answered_at IS NOT NULL THEN 'accepted' WHEN
  g.cause = 'answered_elsewhere' THEN 'accepted_elsewhere' WHEN g.cause IN ('user_busy',
  'call_rejected') THEN 'declined' WHEN g.cause IN ('normal_clearing', 'no_answer') THEN 'canceled'
  ELSE 'error' END FROM reported n JOIN given g ON g.linked_id = n.id WHERE g.to_exten <> '' AND
  n.domain IN (g.from_domain, g.to_domain) ON CONFLICT (call, device_id) DO NOTHING;

-- calls_of_account ($1 account_id bigint, $2 domain text, $3 username text, $4 exten text, $5 zone
--   text, $6 from text, $7 to text, $8 direction text, $9 remove_lost boolean, $10 filter text, $11
--   hidden bigint, $12 limit bigint, $13 offset bigint)
SELECT c.id, c.linked_id, c.from_number, c.from_name, c.from_exten, c.to_number, c.to_name,
  c.to_exten, c.started_at, c.answered_at, c.ended_at, c.cause, c.direction, c.type FROM (SELECT *
  FROM ((SELECT c.*, 'out' AS direction, CASE WHEN c.to_account_id IS NULL THEN 'out' WHEN
  c.from_account_id IS NULL THEN 'in' ELSE 'internal' END AS type FROM calls c WHERE
  c.from_account_id = coalesce($1, (SELECT id FROM accounts WHERE domain = $2 AND username = $3))
  AND ($4 IS NULL OR c.from_exten = $4) AND c.started_at >= timezone($5, ($6::date)::timestamp) AND
  c.started_at < timezone($5, ($7::date + 1)::timestamp) ORDER BY started_at DESC, id DESC LIMIT
  50000) UNION ALL (SELECT c.*, 'in' AS direction, CASE WHEN c.to_account_id IS NULL THEN 'out' WHEN
  c.from_account_id IS NULL THEN 'in' ELSE 'internal' END AS type FROM calls c WHERE c.to_account_id
  = coalesce($1, (SELECT id FROM accounts WHERE domain = $2 AND username = $3)) AND ($4 IS NULL OR
  c.to_exten = $4) AND c.from_account_id IS DISTINCT FROM coalesce($1, (SELECT id FROM accounts
  WHERE domain = $2 AND username = $3)) AND c.started_at >= timezone($5, ($6::date)::timestamp) AND
  c.started_at < timezone($5, ($7::date + 1)::timestamp) ORDER BY started_at DESC, id DESC LIMIT
  50000)) u ORDER BY started_at DESC, id DESC LIMIT 50000) c WHERE CASE $8 WHEN 'lost' THEN
  coalesce(c.direction, c.type) = 'in' AND c.answered_at IS NULL WHEN 'internal' THEN c.type =
  'internal' ELSE $8 IS NULL OR $8 = coalesce(c.direction, c.type) END AND NOT ($9 AND
  coalesce(c.direction, c.type) = 'in' AND c.answered_at IS NULL) AND ($10 IS NULL OR
  strpos(lower(concat_ws(' ', left(c.from_number, greatest(length(c.from_number) - $11, 0)::int),
  left(c.to_number, greatest(length(c.to_number) - $11, 0)::int), CASE WHEN $11 = 0 THEN concat_ws('
  ', c.from_name, c.to_name) END)), lower($10)) > 0) ORDER BY c.started_at DESC, c.id DESC LIMIT $12
  OFFSET $13;

-- calls_of_account_count ($1 account_id bigint, $2 domain text, $3 username text, $4 exten text, $5
--   zone text, $6 from text, $7 to text, $8 direction text, $9 remove_lost boolean, $10 filter
--   text, $11 hidden bigint)
SELECT count(*) AS id FROM (SELECT * FROM ((SELECT c.*, 'out' AS direction, CASE WHEN
  c.to_account_id IS NULL THEN 'out' WHEN c.from_account_id IS NULL THEN 'in' ELSE 'internal' END AS
  type FROM calls c WHERE c.from_account_id = coalesce($1, (SELECT id FROM accounts WHERE domain =
  $2 AND username = $3)) AND ($4 IS NULL OR c.from_exten = $4) AND c.started_at >= timezone($5,
  ($6::date)::timestamp) AND c.started_at < timezone($5, ($7::date + 1)::timestamp) ORDER BY
  started_at DESC, id DESC LIMIT 50000) UNION ALL (SELECT c.*, 'in' AS direction, CASE WHEN
  c.to_account_id IS NULL THEN 'out' WHEN c.from_account_id IS NULL THEN 'in' ELSE 'internal' END AS
  type FROM calls c WHERE c.to_account_id = coalesce($1, (SELECT id FROM accounts WHERE domain = $2
  AND username = $3)) AND ($4 IS NULL OR c.to_exten = $4) AND c.from_account_id IS DISTINCT FROM
  coalesce($1, (SELECT id FROM accounts WHERE domain = $2 AND username = $3)) AND c.started_at >=
  timezone($5, ($6::date)::timestamp) AND c.started_at < timezone($5, ($7::date + 1)::timestamp)
  ORDER BY started_at DESC, id DESC LIMIT 50000)) u ORDER BY started_at DESC, id DESC LIMIT 50000) c
  WHERE CASE $8 WHEN 'lost' THEN coalesce(c.direction, c.type) = 'in' AND c.answered_at IS NULL WHEN
  'internal' THEN c.type = 'internal' ELSE $8 IS NULL OR $8 = coalesce(c.direction, c.type) END AND
  NOT ($9 AND coalesce(c.direction, c.type) = 'in' AND c.answered_at IS NULL) AND ($10 IS NULL OR
  strpos(lower(concat_ws(' ', left(c.from_number, greatest(length(c.from_number) - $11, 0)::int),
  left(c.to_number, greatest(length(c.to_number) - $11, 0)::int), CASE WHEN $11 = 0 THEN concat_ws('
  ', c.from_name, c.to_name) END)), lower($10)) > 0);

-- calls_of_account_oldest ($1 account_id bigint, $2 domain text, $3 username text, $4 exten text,
--   $5 zone text, $6 from text, $7 to text, $8 direction text, $9 remove_lost boolean, $10 filter
--   text, $11 hidden bigint, $12 limit bigint, $13 offset bigint)
SELECT c.id, c.linked_id, c.from_number, c.from_name, c.from_exten, c.to_number, c.to_name,
  c.to_exten, c.started_at, c.answered_at, c.ended_at, c.cause, c.direction, c.type FROM (SELECT *
  FROM ((SELECT c.*, 'out' AS direction, CASE WHEN c.to_account_id IS NULL THEN 'out' WHEN
  c.from_account_id IS NULL THEN 'in' ELSE 'internal' END AS type FROM calls c WHERE
  c.from_account_id = coalesce($1, (SELECT id FROM accounts WHERE domain = $2 AND username = $3))
  AND ($4 IS NULL OR c.from_exten = $4) AND c.started_at >= timezone($5, ($6::date)::timestamp) AND
  c.started_at < timezone($5, ($7::date + 1)::timestamp) ORDER BY started_at DESC, id DESC LIMIT
  50000) UNION ALL (SELECT c.*, 'in' AS direction, CASE WHEN c.to_account_id IS NULL THEN 'out' WHEN
  c.from_account_id IS NULL THEN 'in' ELSE 'internal' END AS type FROM calls c WHERE c.to_account_id
  = coalesce($1, (SELECT id FROM accounts WHERE domain = $2 AND username = $3)) AND ($4 IS NULL OR
  c.to_exten = $4) AND c.from_account_id IS DISTINCT FROM coalesce($1, (SELECT id FROM accounts
  WHERE domain = $2 AND username = $3)) AND c.started_at >= timezone($5, ($6::date)::timestamp) AND
  c.started_at < timezone($5, ($7::date + 1)::timestamp) ORDER BY started_at DESC, id DESC LIMIT
  50000)) u ORDER BY started_at DESC, id DESC LIMIT 50000) c WHERE CASE $8 WHEN 'lost' THEN
  coalesce(c.direction, c.type) = 'in' AND c.answered_at IS NULL WHEN 'internal' THEN c.type =
  'internal' ELSE $8 IS NULL OR $8 = coalesce(c.direction, c.type) END AND NOT ($9 AND
  coalesce(c.direction, c.type) = 'in' AND c.answered_at IS NULL) AND ($10 IS NULL OR
  strpos(lower(concat_ws(' ', left(c.from_number, greatest(length(c.from_number) - $11, 0)::int),
  left(c.to_number, greatest(length(c.to_number) - $11, 0)::int), CASE WHEN $11 = 0 THEN concat_ws('
  ', c.from_name, c.to_name) END)), lower($10)) > 0) ORDER BY c.started_at, c.id LIMIT $12 OFFSET
  $13;

-- calls_of_space ($1 number text, $2 domain text, $3 zone text, $4 from text, $5 to text, $6
--   direction text, $7 remove_lost boolean, $8 filter text, $9 hidden bigint, $10 limit bigint, $11
--   offset bigint)
SELECT c.id, c.linked_id, c.from_number, c.from_name, c.from_exten, c.to_number, c.to_name,
  c.to_exten, c.started_at, c.answered_at, c.ended_at, c.cause, c.direction, c.type FROM (SELECT *
  FROM (SELECT c.*, CASE WHEN $1 IS NULL THEN NULL WHEN (c.from_account_id IS NOT NULL AND $1 IN
  (c.from_number, c.from_exten)) THEN 'out' ELSE 'in' END AS direction, CASE WHEN c.to_account_id IS
  NULL THEN 'out' WHEN c.from_account_id IS NULL THEN 'in' ELSE 'internal' END AS type FROM calls c
  WHERE c.domain = $2 AND c.started_at >= timezone($3, ($4::date)::timestamp) AND c.started_at <
  timezone($3, ($5::date + 1)::timestamp) ORDER BY started_at DESC, id DESC LIMIT 50000) u ORDER BY
  started_at DESC, id DESC LIMIT 50000) c WHERE ($1 IS NULL OR (c.from_account_id IS NOT NULL AND $1
  IN (c.from_number, c.from_exten)) OR (c.to_account_id IS NOT NULL AND $1 IN (c.to_number,
  c.to_exten))) AND CASE $6 WHEN 'lost' THEN coalesce(c.direction, c.type) = 'in' AND c.answered_at
  IS NULL WHEN 'internal' THEN c.type = 'internal' ELSE $6 IS NULL OR $6 = coalesce(c.direction,
  c.type) END AND NOT ($7 AND coalesce(c.direction, c.type) = 'in' AND c.answered_at IS NULL) AND
  ($8 IS NULL OR strpos(lower(concat_ws(' ', left(c.from_number, greatest(length(c.from_number) -
  $9, 0)::int), left(c.to_number, greatest(length(c.to_number) - $9, 0)::int), CASE WHEN $9 = 0 THEN
  concat_ws(' ', c.from_name, c.to_name) END)), lower($8)) > 0) ORDER BY c.started_at DESC, c.id
  DESC LIMIT $10 OFFSET $11;

-- calls_of_space_count ($1 number text, $2 domain text, $3 zone text, $4 from text, $5 to text, $6
--   direction text, $7 remove_lost boolean, $8 filter text, $9 hidden bigint)
SELECT count(*) AS id FROM (SELECT * FROM (SELECT c.*, CASE WHEN $1 IS NULL THEN NULL WHEN
  (c.from_account_id IS NOT NULL AND $1 IN (c.from_number, c.from_exten)) THEN 'out' ELSE 'in' END
  AS direction, CASE WHEN c.to_account_id IS NULL THEN 'out' WHEN c.from_account_id IS NULL THEN
  'in' ELSE 'internal' END AS type FROM calls c WHERE c.domain = $2 AND c.started_at >= timezone($3,
  ($4::date)::timestamp) AND c.started_at < timezone($3, ($5::date + 1)::timestamp) ORDER BY
  started_at DESC, id DESC LIMIT 50000) u ORDER BY started_at DESC, id DESC LIMIT 50000) c WHERE ($1
  IS NULL OR (c.from_account_id IS NOT NULL AND $1 IN (c.from_number, c.from_exten)) OR
  (c.to_account_id IS NOT NULL AND $1 IN (c.to_number, c.to_exten))) AND CASE $6 WHEN 'lost' THEN
  coalesce(c.direction, c.type) = 'in' AND c.answered_at IS NULL WHEN 'internal' THEN c.type =
  'internal' ELSE $6 IS NULL OR $6 = coalesce(c.direction, c.type) END AND NOT ($7 AND
  coalesce(c.direction, c.type) = 'in' AND c.answered_at IS NULL) AND ($8 IS NULL OR
  strpos(lower(concat_ws(' ', left(c.from_number, greatest(length(c.from_number) - $9, 0)::int),
  left(c.to_number, greatest(length(c.to_number) - $9, 0)::int), CASE WHEN $9 = 0 THEN concat_ws('
  ', c.from_name, c.to_name) END)), lower($8)) > 0);

-- calls_of_space_oldest ($1 number text, $2 domain text, $3 zone text, $4 from text, $5 to text, $6
--   direction text, $7 remove_lost boolean, $8 filter text, $9 hidden bigint, $10 limit bigint, $11
--   offset bigint)
SELECT c.id, c.linked_id, c.from_number, c.from_name, c.from_exten, c.to_number, c.to_name,
  c.to_exten, c.started_at, c.answered_at, c.ended_at, c.cause, c.direction, c.type FROM (SELECT *
  FROM (SELECT c.*, CASE WHEN $1 IS NULL THEN NULL WHEN (c.from_account_id IS NOT NULL AND $1 IN
  (c.from_number, c.from_exten)) THEN 'out' ELSE 'in' END AS direction, CASE WHEN c.to_account_id IS
  NULL THEN 'out' WHEN c.from_account_id IS NULL THEN 'in' ELSE 'internal' END AS type FROM calls c
  WHERE c.domain = $2 AND c.started_at >= timezone($3, ($4::date)::timestamp) AND c.started_at <
  timezone($3, ($5::date + 1)::timestamp) ORDER BY started_at DESC, id DESC LIMIT 50000) u ORDER BY
  started_at DESC, id DESC LIMIT 50000) c WHERE ($1 IS NULL OR (c.from_account_id IS NOT NULL AND $1
  IN (c.from_number, c.from_exten)) OR (c.to_account_id IS NOT NULL AND $1 IN (c.to_number,
  c.to_exten))) AND CASE $6 WHEN 'lost' THEN coalesce(c.direction, c.type) = 'in' AND c.answered_at
  IS NULL WHEN 'internal' THEN c.type = 'internal' ELSE $6 IS NULL OR $6 = coalesce(c.direction,
  c.type) END AND NOT ($7 AND coalesce(c.direction, c.type) = 'in' AND c.answered_at IS NULL) AND
  ($8 IS NULL OR strpos(lower(concat_ws(' ', left(c.from_number, greatest(length(c.from_number) -
  $9, 0)::int), left(c.to_number, greatest(length(c.to_number) - $9, 0)::int), CASE WHEN $9 = 0 THEN
  concat_ws(' ', c.from_name, c.to_name) END)), lower($8)) > 0) ORDER BY c.started_at, c.id LIMIT
  $10 OFFSET $11;

-- change_block ($1 bigint)
UPDATE accounts SET blocked = true, updated_at = now() WHERE id = $1 RETURNING id;

-- change_lock ($1 bigint)
SELECT id FROM accounts WHERE id = $1 FOR NO KEY UPDATE;

-- change_state ($1 bigint, $2 bigint)
SELECT (SELECT count(*) FROM email_change_codes WHERE account_id = $1 AND created_at > now() -
  make_interval(mins => $2::int)) + (SELECT count(*) FROM phone_change_codes WHERE account_id = $1
  AND created_at > now() - make_interval(mins => $2::int)) AS requests, EXISTS (SELECT FROM
  account_creation_tokens WHERE account_id = $1 AND used) AS validated, email FROM accounts WHERE id
  = $1;

-- cleanup_account_creation_request_tokens ($1 bigint)
DELETE FROM account_creation_request_tokens WHERE ctid = ANY (ARRAY(SELECT ctid FROM
  account_creation_request_tokens WHERE expires_at < now() - interval '7 days' ORDER BY expires_at
  LIMIT $1)) AND expires_at < now() - interval '7 days';

-- cleanup_account_creation_tokens ($1 bigint)
DELETE FROM account_creation_tokens WHERE ctid = ANY (ARRAY(SELECT ctid FROM account_creation_tokens
  WHERE NOT used AND expires_at < now() - interval '7 days' ORDER BY expires_at LIMIT $1)) AND NOT
  used AND expires_at < now() - interval '7 days';

-- cleanup_account_recovery_tokens ($1 bigint)
DELETE FROM account_recovery_tokens WHERE ctid = ANY (ARRAY(SELECT ctid FROM account_recovery_tokens
  WHERE expires_at < now() - interval '7 days' ORDER BY expires_at LIMIT $1)) AND expires_at < now()
  - interval '7 days';

-- cleanup_accounts_counts ($1 bigint)
WITH range AS MATERIALIZED (SELECT DISTINCT domain, kind, bucket FROM accounts_counts WHERE slot <>
  0 AND (SELECT pg_try_advisory_xact_lock(7235419170889131623)) ORDER BY domain, kind, bucket LIMIT
  $1), free AS MATERIALIZED (SELECT c.domain, c.kind, c.bucket, c.slot FROM range CROSS JOIN LATERAL
  (SELECT * FROM accounts_counts n WHERE (n.domain, n.kind, n.bucket) = (range.domain, range.kind,
  range.bucket) FOR UPDATE SKIP LOCKED) c), loose AS (DELETE FROM accounts_counts c USING free WHERE
  (c.domain, c.kind, c.bucket, c.slot) = (free.domain, free.kind, free.bucket, free.slot) RETURNING
  c.domain, c.kind, c.bucket, c.n) INSERT INTO accounts_counts AS c (domain, kind, bucket, slot, n)
  SELECT domain, kind, bucket, 0, sum(n) FROM loose GROUP BY 1, 2, 3 HAVING sum(n) <> 0 ORDER BY 1,
  2, 3 ON CONFLICT (domain, kind, bucket, slot) DO UPDATE SET n = c.n + excluded.n;

-- cleanup_api_keys ($1 bigint)
DELETE FROM api_keys WHERE ctid = ANY (ARRAY(SELECT ctid FROM api_keys WHERE
  expires_after_last_used_minutes > 0 AND coalesce(last_used_at, created_at) + make_interval(mins =>
  expires_after_last_used_minutes::int) < now() ORDER BY id LIMIT $1)) AND
  expires_after_last_used_minutes > 0 AND coalesce(last_used_at, created_at) + make_interval(mins =>
  expires_after_last_used_minutes::int) < now();

-- cleanup_audit ($1 bigint, $2 bigint)
DELETE FROM audit WHERE ctid = ANY (ARRAY(SELECT o.ctid FROM (SELECT ctid, at FROM audit ORDER BY id
  LIMIT $1) o WHERE $2 > 0 AND o.at < now() - make_interval(days => $2::int)));

-- cleanup_auth_tokens ($1 bigint)
DELETE FROM auth_tokens WHERE ctid = ANY (ARRAY(SELECT ctid FROM auth_tokens WHERE expires_at <
  now() ORDER BY expires_at LIMIT $1)) AND expires_at < now();

-- cleanup_calls ($1 bigint, $2 bigint)
DELETE FROM calls WHERE ctid = ANY (ARRAY(SELECT ctid FROM calls WHERE $2 > 0 AND created_at < now()
  - make_interval(days => $2::int) ORDER BY created_at LIMIT $1)) AND $2 > 0 AND created_at < now()
  - make_interval(days => $2::int);

-- cleanup_digest_nonces ($1 bigint)
DELETE FROM digest_nonces WHERE ctid = ANY (ARRAY(SELECT ctid FROM digest_nonces WHERE expires_at <
  now() ORDER BY expires_at LIMIT $1)) AND expires_at < now();

-- cleanup_email_change_codes ($1 bigint)
DELETE FROM email_change_codes WHERE ctid = ANY (ARRAY(SELECT ctid FROM email_change_codes WHERE
  created_at < now() - interval '2 days' ORDER BY created_at LIMIT $1)) AND created_at < now() -
  interval '2 days';

-- cleanup_guesses ($1 bigint)
DELETE FROM guesses WHERE ctid = ANY (ARRAY(SELECT ctid FROM guesses WHERE ends_at < now() -
  interval '1 day' ORDER BY ends_at LIMIT $1)) AND ends_at < now() - interval '1 day';

-- cleanup_job_paces ($1 bigint)
DELETE FROM job_paces WHERE ctid = ANY (ARRAY(SELECT ctid FROM job_paces WHERE next_at < now() -
  interval '1 hour' ORDER BY next_at LIMIT $1)) AND next_at < now() - interval '1 hour';

-- cleanup_jobs ($1 bigint, $2 bigint)
DELETE FROM jobs WHERE ctid = ANY (ARRAY(SELECT ctid FROM jobs WHERE $2 > 0 AND ended_at < now() -
  make_interval(days => $2::int) ORDER BY ended_at LIMIT $1)) AND $2 > 0 AND ended_at < now() -
  make_interval(days => $2::int);

-- cleanup_known_networks ($1 bigint)
DELETE FROM known_networks WHERE ctid = ANY (ARRAY(SELECT ctid FROM known_networks WHERE
  last_success < now() - interval '30 days' ORDER BY last_success LIMIT $1)) AND last_success <
  now() - interval '30 days';

-- cleanup_left_tokens ($1 bigint)
DELETE FROM account_creation_tokens WHERE ctid = ANY (ARRAY(SELECT ctid FROM account_creation_tokens
  WHERE used AND account_id IS NULL AND updated_at < now() - interval '7 days' ORDER BY updated_at
  LIMIT $1)) AND used AND account_id IS NULL AND updated_at < now() - interval '7 days';

-- cleanup_phone_change_codes ($1 bigint)
DELETE FROM phone_change_codes WHERE ctid = ANY (ARRAY(SELECT ctid FROM phone_change_codes WHERE
  created_at < now() - interval '2 days' ORDER BY created_at LIMIT $1)) AND created_at < now() -
  interval '2 days';

-- cleanup_reset_password_email_tokens ($1 bigint)
DELETE FROM reset_password_email_tokens WHERE ctid = ANY (ARRAY(SELECT ctid FROM
  reset_password_email_tokens WHERE expires_at < now() - interval '7 days' ORDER BY expires_at LIMIT
  $1)) AND expires_at < now() - interval '7 days';

-- cleanup_revoked_sessions ($1 bigint)
DELETE FROM sessions WHERE ctid = ANY (ARRAY(SELECT ctid FROM sessions WHERE revoked_at < now() -
  interval '30 days' ORDER BY revoked_at LIMIT $1)) AND revoked_at < now() - interval '30 days';

-- cleanup_sessions ($1 bigint)
DELETE FROM sessions WHERE ctid = ANY (ARRAY(SELECT ctid FROM sessions WHERE expires_at < now() -
  interval '30 days' ORDER BY expires_at LIMIT $1)) AND expires_at < now() - interval '30 days';

-- cleanup_statistics_calls ($1 bigint, $2 bigint)
DELETE FROM statistics_calls WHERE ctid = ANY (ARRAY(SELECT ctid FROM statistics_calls WHERE $2 > 0
  AND created_at < now() - make_interval(days => $2::int) ORDER BY created_at LIMIT $1)) AND $2 > 0
  AND created_at < now() - make_interval(days => $2::int);

-- cleanup_statistics_calls_of_gone ($1 bigint)
DELETE FROM statistics_calls WHERE ctid = ANY (ARRAY(SELECT r.ctid FROM (SELECT * FROM
  statistics_senders_gone ORDER BY id LIMIT 20) g CROSS JOIN LATERAL (SELECT r.ctid FROM
  statistics_calls r WHERE r.domain = g.domain AND r.from_username = g.username AND r.from_domain =
  g.domain AND r.created_at <= g.created_at LIMIT $1) r LIMIT $1));

-- cleanup_statistics_messages ($1 bigint, $2 bigint)
DELETE FROM statistics_messages WHERE ctid = ANY (ARRAY(SELECT ctid FROM statistics_messages WHERE
  $2 > 0 AND created_at < now() - make_interval(days => $2::int) ORDER BY created_at LIMIT $1)) AND
  $2 > 0 AND created_at < now() - make_interval(days => $2::int);

-- cleanup_statistics_messages_of_gone ($1 bigint)
DELETE FROM statistics_messages WHERE ctid = ANY (ARRAY(SELECT r.ctid FROM (SELECT * FROM
  statistics_senders_gone ORDER BY id LIMIT 20) g CROSS JOIN LATERAL (SELECT r.ctid FROM
  statistics_messages r WHERE r.domain = g.domain AND r.from_username = g.username AND r.from_domain
  = g.domain AND r.created_at <= g.created_at LIMIT $1) r LIMIT $1));

-- cleanup_statistics_senders_gone ($1 bigint)
DELETE FROM statistics_senders_gone WHERE ctid = ANY (ARRAY(SELECT g.ctid FROM (SELECT ctid, * FROM
  statistics_senders_gone ORDER BY id LIMIT least(20, $1)) g WHERE (SELECT r.number FROM
  statistics_messages r WHERE r.domain = g.domain AND r.from_username = g.username AND r.from_domain
  = g.domain AND r.created_at <= g.created_at LIMIT 1) IS NULL AND (SELECT r.number FROM
  statistics_calls r WHERE r.domain = g.domain AND r.from_username = g.username AND r.from_domain =
  g.domain AND r.created_at <= g.created_at LIMIT 1) IS NULL));

-- cleanup_wizards ($1 bigint)
DELETE FROM wizards WHERE ctid = ANY (ARRAY(SELECT ctid FROM wizards WHERE expires_at < now() -
  interval '7 days' ORDER BY expires_at LIMIT $1)) AND expires_at < now() - interval '7 days';

-- confirmation_give_back ($1 account_id bigint, $2 sealed bytea)
UPDATE confirmation_keys SET attempts = attempts - 1 WHERE account_id = $1 AND key_sealed = $2
  RETURNING account_id AS id;

-- confirmation_ha1s ($1 bigint)
SELECT coalesce(jsonb_agg(jsonb_build_object('algorithm', algorithm, 'password', password) ORDER BY
  algorithm), '[]') AS passwords FROM passwords WHERE account_id = $1;

-- confirmation_put ($1 account_id bigint, $2 sealed bytea, $3 kind text, $4 expires_at timestamptz)
WITH a AS (SELECT id FROM accounts WHERE id = $1 FOR NO KEY UPDATE) INSERT INTO confirmation_keys
  (account_id, key_sealed, kind, expires_at) SELECT id, $2, $3, $4 FROM a ON CONFLICT (account_id)
  DO UPDATE SET key_sealed = excluded.key_sealed, kind = excluded.kind, expires_at =
  excluded.expires_at, attempts = 0, created_at = now() RETURNING account_id AS id;

-- confirmation_take ($1 account_id bigint, $2 sealed bytea)
WITH a AS (SELECT id FROM accounts WHERE id = $1 FOR NO KEY UPDATE) DELETE FROM confirmation_keys k
  USING a WHERE k.account_id = a.id AND k.key_sealed = $2 RETURNING a.id;

-- confirmation_try ($1 account_id bigint, $2 attempts_max bigint, $3 kind text)
UPDATE confirmation_keys SET attempts = attempts + 1 WHERE account_id = $1 AND attempts < $2 AND ($3
  IS NULL OR kind = $3) RETURNING key_sealed AS sealed, (expires_at <= now()) IS TRUE AS expired;

-- contact_account ($1 id bigint, $2 part_id bigint, $3 domain text)
SELECT a.id, a.username, a.domain, a.email, a.activated, a.blocked, a.admin, a.ip_address,
  a.user_agent, a.created_at, a.updated_at, a.display_name, a.dtmf_protocol, a.phone, a.space_realm
  AS realm, a.confirmation_expires_at AS confirmation_key_expires, a.confirmation_sealed,
  a.provisioning_sealed, a.provisioning_expires_at AS provisioning_token_expire_at, a.dictionary,
  a.algorithms AS passwords, a.types, a.actions, a.email_change AS email_change_code, a.phone_change
  AS phone_change_code FROM contacts c JOIN accounts o ON o.id = c.account_id JOIN accounts a ON
  a.id = c.contact_id AND a.domain = o.domain WHERE c.account_id = $1 AND c.contact_id = $2 AND
  o.domain = $3;

-- contact_add ($1 account_id bigint, $2 contact_id bigint)
INSERT INTO contacts (account_id, contact_id) VALUES ($1, $2) ON CONFLICT DO NOTHING;

-- contact_all_own ($1 caller_id bigint)
SELECT a.id, a.username, a.domain, a.activated, a.display_name, a.dtmf_protocol, a.types, a.actions
  FROM (SELECT c.contact_id FROM contacts c WHERE c.account_id = coalesce($1,
  nullif(current_setting('dialtone.caller', true), '')::bigint) UNION SELECT c.contact_id FROM
  account_contacts_list l JOIN contacts_lists t ON t.id = l.list_id JOIN contacts_list_contact c ON
  c.list_id = t.id WHERE l.account_id = coalesce($1, nullif(current_setting('dialtone.caller',
  true), '')::bigint) ORDER BY 1 LIMIT 20000 + 1) u CROSS JOIN LATERAL (SELECT * FROM accounts b
  WHERE b.id = u.contact_id OFFSET 0) a ORDER BY u.contact_id;

-- contact_list ($1 id bigint, $2 domain text, $3 caller_id bigint)
SELECT a.id, a.username, a.domain, a.email, a.activated, a.blocked, a.admin, a.ip_address,
  a.user_agent, a.created_at, a.updated_at, a.display_name, a.dtmf_protocol, a.phone, a.space_realm
  AS realm, a.confirmation_expires_at AS confirmation_key_expires, a.confirmation_sealed,
  a.provisioning_sealed, a.provisioning_expires_at AS provisioning_token_expire_at, a.dictionary,
  a.algorithms AS passwords, a.types, a.actions, a.email_change AS email_change_code, a.phone_change
  AS phone_change_code FROM (SELECT contact_id FROM contacts WHERE account_id = (SELECT o.id FROM
  accounts o WHERE o.id = $1 AND o.domain = $2 AND (coalesce($3,
  nullif(current_setting('dialtone.caller', true), '')::bigint) IS NOT NULL)) ORDER BY 1 LIMIT
  20000) u CROSS JOIN LATERAL (SELECT * FROM accounts b WHERE b.id = u.contact_id OFFSET 0) a WHERE
  a.domain = $2 ORDER BY u.contact_id;

-- contact_or_type ($1 part_id bigint, $2 id bigint, $3 domain text)
SELECT id AS account_id, $1::bigint AS contact_id, NULL::bigint AS count FROM accounts WHERE id = $2
  AND domain = $3;

-- contact_own ($1 name text, $2 domain text, $3 caller_id bigint)
SELECT a.id, a.username, a.domain, a.activated, a.display_name, a.dtmf_protocol, a.types, a.actions
  FROM accounts a WHERE a.username = $1 AND a.domain = $2 AND coalesce( (SELECT true FROM contacts c
  WHERE c.account_id = coalesce($3, nullif(current_setting('dialtone.caller', true), '')::bigint)
  AND c.contact_id = a.id), (SELECT true FROM account_contacts_list l CROSS JOIN LATERAL (SELECT
  FROM contacts_list_contact c WHERE c.list_id = l.list_id AND c.contact_id = a.id OFFSET 0) c WHERE
  l.account_id = coalesce($3, nullif(current_setting('dialtone.caller', true), '')::bigint) AND
  EXISTS (SELECT FROM contacts_lists t WHERE t.id = l.list_id) LIMIT 1), false);

-- contact_remove ($1 account_id bigint, $2 contact_id bigint)
DELETE FROM contacts WHERE account_id = $1 AND contact_id = $2;

-- contact_to_be ($1 id bigint, $2 domain text, $3 part_id bigint)
SELECT o.id AS account_id, a.id AS contact_id, (SELECT count(*) FROM contacts c WHERE c.account_id =
  o.id AND c.contact_id <> a.id) AS count FROM accounts o JOIN accounts a ON a.domain = o.domain
  WHERE o.id = $1 AND o.domain = $2 AND a.id = $3;

-- contacts_list_all ($1 domain text, $2 caller_id bigint)
SELECT id, domain, title, description, created_at, updated_at, (SELECT s.id FROM spaces s WHERE
  s.domain = contacts_lists.domain) AS space_id, contacts_count FROM contacts_lists WHERE domain =
  $1 AND (coalesce($2, nullif(current_setting('dialtone.caller', true), '')::bigint) IS NOT NULL)
  ORDER BY id;

-- contacts_list_attach ($1 account_id bigint, $2 list_id bigint)
INSERT INTO account_contacts_list (account_id, list_id) VALUES ($1, $2) ON CONFLICT DO NOTHING;

-- contacts_list_by_id ($1 id bigint, $2 domain text)
SELECT id, domain, title, description, created_at, updated_at, (SELECT s.id FROM spaces s WHERE
  s.domain = contacts_lists.domain) AS space_id, contacts_count FROM contacts_lists WHERE id = $1
  AND domain = $2;

-- contacts_list_delete ($1 id bigint, $2 domain text)
DELETE FROM contacts_lists WHERE id = $1 AND domain = $2;

-- contacts_list_detach ($1 account_id bigint, $2 list_id bigint)
DELETE FROM account_contacts_list WHERE account_id = $1 AND list_id = $2;

-- contacts_list_for_account ($1 id bigint, $2 domain text, $3 part_id bigint)
SELECT l.id AS list_id, a.id AS account_id, (SELECT count(*) FROM account_contacts_list x WHERE
  x.account_id = a.id) AS count FROM contacts_lists l JOIN accounts a ON a.domain = l.domain WHERE
  a.id = $1 AND a.domain = $2 AND l.id = $3;

-- contacts_list_insert ($1 domain text, $2 title text, $3 description text)
INSERT INTO contacts_lists (domain, title, description) SELECT $1, $2, $3 WHERE (SELECT count(*)
  FROM contacts_lists WHERE domain = $1) < 1000 RETURNING id, domain, title, description,
  created_at, updated_at, (SELECT s.id FROM spaces s WHERE s.domain = contacts_lists.domain) AS
  space_id, contacts_count;

-- contacts_list_of_account ($1 part_id bigint, $2 id bigint, $3 domain text)
SELECT $1::bigint AS list_id, id AS account_id, NULL::bigint AS count FROM accounts WHERE id = $2
  AND domain = $3;

-- contacts_list_put_on ($1 list_id bigint, $2 account_id bigint)
INSERT INTO contacts_list_contact (list_id, contact_id) VALUES ($1, $2) ON CONFLICT DO NOTHING;

-- contacts_list_take_off ($1 list_id bigint, $2 account_id bigint)
DELETE FROM contacts_list_contact WHERE list_id = $1 AND contact_id = $2;

-- contacts_list_update ($1 title text, $2 description text, $3 id bigint, $4 domain text)
UPDATE contacts_lists SET title = $1, description = $2, updated_at = now() WHERE id = $3 AND domain
  = $4 RETURNING id, domain, title, description, created_at, updated_at, (SELECT s.id FROM spaces s
  WHERE s.domain = contacts_lists.domain) AS space_id, contacts_count;

-- contacts_list_with_contact ($1 id bigint, $2 domain text, $3 part_id bigint)
SELECT l.id AS list_id, a.id AS account_id, l.contacts_count - EXISTS ( SELECT FROM
  contacts_list_contact c WHERE c.list_id = l.id AND c.contact_id = a.id)::int AS count FROM
  contacts_lists l JOIN accounts a ON a.domain = l.domain WHERE l.id = $1 AND l.domain = $2 AND a.id
  = $3;

-- contacts_list_without_contact ($1 part_id bigint, $2 id bigint, $3 domain text)
SELECT id AS list_id, $1::bigint AS account_id, NULL::bigint AS count FROM contacts_lists WHERE id =
  $2 AND domain = $3;

-- creation_push_add ($1 token_hash bytea, $2 domain text, $3 pn_provider text, $4 pn_param text, $5
--   pn_prid text, $6 expires_at timestamptz, $7 ip text, $8 user_agent text)
INSERT INTO account_creation_tokens (token_hash, domain, pn_provider, pn_param, pn_prid, expires_at,
  ip, user_agent) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- creation_push_wait ($1 domain text, $2 pn_prid text, $3 pn_param text, $4 pn_provider text, $5
--   minutes bigint, $6 unused_max bigint)
SELECT coalesce(ceil(extract(epoch FROM greatest((SELECT created_at FROM account_creation_tokens
  WHERE domain = $1 AND pn_prid = $2 AND pn_param = $3 AND pn_provider = $4 AND created_at > now() -
  make_interval(mins => $5::int) AND used ORDER BY created_at DESC LIMIT 1), (SELECT created_at FROM
  account_creation_tokens WHERE domain = $1 AND pn_prid = $2 AND pn_param = $3 AND pn_provider = $4
  AND created_at > now() - make_interval(mins => $5::int) AND NOT used ORDER BY created_at DESC
  OFFSET $6 LIMIT 1)) + make_interval(mins => $5::int) - now())), 0)::bigint AS seconds;

-- creation_token_add ($1 hash bytea, $2 domain text, $3 expires_at timestamptz, $4 ip text, $5
--   user_agent text)
INSERT INTO account_creation_tokens (token_hash, domain, expires_at, ip, user_agent) VALUES ($1, $2,
  $3, $4, $5) RETURNING expires_at AS expire_at, ip, user_agent, used, account_id;

-- creation_token_hold ($1 hash bytea, $2 domain text)
SELECT used, (expires_at <= now()) IS TRUE AS expired FROM account_creation_tokens WHERE token_hash
  = $1 AND domain = $2 FOR UPDATE;

-- creation_token_take ($1 account_id bigint, $2 hash bytea, $3 domain text)
UPDATE account_creation_tokens SET used = true, account_id = $1, updated_at = now() WHERE token_hash
  = $2 AND domain = $3 AND NOT used AND (expires_at IS NULL OR expires_at > now()) RETURNING
  expires_at AS expire_at, ip, user_agent, used, account_id;

-- cti_setting_delete ($1 account_id bigint, $2 key text)
DELETE FROM cti_settings WHERE account_id = $1 AND ($2 IS NULL OR key = $2);

-- cti_setting_put ($1 account_id bigint, $2 object jsonb)
INSERT INTO cti_settings (account_id, key, value) SELECT a.id, e.key, e.value FROM (SELECT id FROM
  accounts WHERE id = $1 FOR NO KEY UPDATE) a, jsonb_each($2) e ORDER BY e.key ON CONFLICT
  (account_id, key) DO UPDATE SET value = excluded.value, updated_at = now();

-- cti_setting_usage ($1 account_id bigint)
SELECT count(*) AS keys, coalesce(sum(octet_length(key) + octet_length(value::text)) FILTER (WHERE
  key <> 'avatar'), 0)::bigint AS bytes FROM cti_settings WHERE account_id = $1;

-- cti_user_admin_get ($1 id bigint, $2 domain text)
SELECT u.account_id, u.profile_id, u.main_extension, u.voicemail, u.cellphone, u.jabber,
  u.default_device, u.call_summary_enabled, u.recall_on_busy FROM accounts a LEFT JOIN cti_users u
  ON u.account_id = a.id WHERE a.id = $1 AND a.domain = $2;

-- cti_user_admin_put ($1 account_id bigint, $2 profile_id bigint, $3 main_extension text, $4
--   voicemail text, $5 cellphone text, $6 jabber text, $7 default_device text, $8
--   call_summary_enabled boolean, $9 recall_on_busy boolean, $10 domain text)
INSERT INTO cti_users AS u (account_id, profile_id, main_extension, voicemail, cellphone, jabber,
  default_device, call_summary_enabled, recall_on_busy) SELECT $1, $2, $3, $4, $5, $6, $7,
  coalesce($8, false), coalesce($9, false) FROM accounts a WHERE a.id = $1 AND a.domain = $10 ON
  CONFLICT (account_id) DO UPDATE SET profile_id = $2, main_extension = $3, voicemail = $4,
  cellphone = $5, jabber = $6, default_device = $7, call_summary_enabled = coalesce($8,
  u.call_summary_enabled), recall_on_busy = coalesce($9, u.recall_on_busy), updated_at = now();

-- cti_user_avatars ($1 caller_id bigint)
WITH d AS MATERIALIZED (SELECT domain, CASE WHEN own THEN id ELSE 0 END AS low, CASE WHEN own THEN
  id ELSE 9223372036854775807 END AS high, own FROM ( SELECT o.id, o.domain, (SELECT
  coalesce(sum(c.n), 0) FROM accounts_counts c WHERE c.domain = o.domain AND c.kind = 1) > 10000 OR
  EXISTS (SELECT FROM extensions x WHERE x.domain = o.domain OFFSET 40000) AS own FROM accounts o
  WHERE o.id = coalesce($1, nullif(current_setting('dialtone.caller', true), '')::bigint)) o), found
  AS MATERIALIZED (SELECT a.id, a.username, c.value FROM accounts a CROSS JOIN LATERAL (SELECT value
  FROM cti_settings WHERE account_id = a.id AND key = 'avatar' OFFSET 0) c WHERE a.domain = (SELECT
  d.domain FROM d) AND a.id BETWEEN (SELECT d.low FROM d) AND (SELECT d.high FROM d) AND NOT
  a.blocked), own AS MATERIALIZED (SELECT coalesce((SELECT d.own FROM d), false) OR CASE WHEN
  (SELECT sum(pg_column_size(value)) FROM found) > 33554432 THEN true ELSE coalesce((SELECT
  sum(length(value::text)) FROM found), 0) > 33554432 END AS yes) SELECT coalesce((SELECT
  jsonb_object_agg(f.username, f.value) FROM found f WHERE f.id = coalesce($1,
  nullif(current_setting('dialtone.caller', true), '')::bigint) OR NOT (SELECT yes FROM own)), '{}')
  AS document, yes AS own FROM own;

-- cti_user_get ($1 caller_id bigint)
SELECT a.id AS account_id, a.username, a.display_name, a.email, a.phone, coalesce(u.main_extension,
  a.username) AS main_extension, u.voicemail AS voicemail, u.cellphone AS cellphone, u.jabber AS
  jabber, u.recall_on_busy AS recall_on_busy, coalesce(u.presence, 'online') AS presence,
  coalesce(u.on_busy, 'online') AS on_busy, coalesce(u.on_unavailable, 'online') AS on_unavailable,
  a.domain, u.default_device AS default_device, u.call_summary_enabled AS call_summary_enabled,
  u.presence_to AS presence_to, u.on_busy_to AS on_busy_to, u.on_unavailable_to AS
  on_unavailable_to, p.id::text AS profile_id, p.name AS profile_name, p.macro_permissions -
  'remote_sites' AS macro_permissions, p.outbound_routes_permissions AS outbound_routes_permissions,
  array_to_string(p.capabilities, ' ') AS capabilities, (SELECT coalesce(jsonb_object_agg(c.key,
  c.value), '{}') FROM cti_settings c WHERE c.account_id = a.id) AS settings FROM accounts a LEFT
  JOIN cti_users u ON u.account_id = a.id LEFT JOIN profiles p ON p.id = coalesce( (SELECT o.id FROM
  profiles o WHERE o.id = u.profile_id), (SELECT d.id FROM profiles d WHERE d.domain = a.domain AND
  d.is_default)) WHERE a.id = coalesce($1, nullif(current_setting('dialtone.caller', true),
  '')::bigint);

-- cti_user_list ($1 caller_id bigint)
WITH d AS MATERIALIZED (SELECT domain, CASE WHEN own THEN id ELSE 0 END AS low, CASE WHEN own THEN
  id ELSE 9223372036854775807 END AS high, own FROM ( SELECT o.id, o.domain, (SELECT
  coalesce(sum(c.n), 0) FROM accounts_counts c WHERE c.domain = o.domain AND c.kind = 1) > 10000 OR
  EXISTS (SELECT FROM extensions x WHERE x.domain = o.domain OFFSET 40000) AS own FROM accounts o
  WHERE o.id = coalesce($1, nullif(current_setting('dialtone.caller', true), '')::bigint)) o) SELECT
  a.id AS account_id, a.username, a.display_name, a.email, a.phone, coalesce(u.main_extension,
  a.username) AS main_extension, u.voicemail AS voicemail, u.cellphone AS cellphone, u.jabber AS
  jabber, u.recall_on_busy AS recall_on_busy, coalesce(u.presence, 'online') AS presence,
  coalesce(u.on_busy, 'online') AS on_busy, coalesce(u.on_unavailable, 'online') AS on_unavailable,
  (SELECT d.own FROM d) AS listed_alone FROM accounts a LEFT JOIN LATERAL (SELECT * FROM cti_users
  WHERE account_id = a.id OFFSET 0) u ON true WHERE a.domain = (SELECT d.domain FROM d) AND a.id
  BETWEEN (SELECT d.low FROM d) AND (SELECT d.high FROM d) AND NOT a.blocked ORDER BY a.id;

-- cti_user_set_default_device ($1 account_id bigint, $2 default_device text)
INSERT INTO cti_users (account_id, default_device) VALUES ($1, $2) ON CONFLICT (account_id) DO
  UPDATE SET default_device = excluded.default_device, updated_at = now();

-- devices_kamailio ($1 text, $2 text, $3 bigint)
SELECT uuid, contact, update_time, user_agent FROM kamailio_devices($1, $2) LIMIT $3;

-- dictionary_clear ($1 account_id bigint)
WITH d AS (SELECT id, (SELECT count(*) FROM jsonb_object_keys(dictionary)) AS count FROM accounts
  WHERE id = $1 FOR NO KEY UPDATE), u AS (UPDATE accounts a SET dictionary = '{}', updated_at =
  now() FROM d WHERE a.id = d.id AND d.count > 0) SELECT count FROM d;

-- dictionary_entry ($1 name text, $2 id bigint, $3 domain text)
SELECT id AS account_id, $1::text AS key, dictionary ->> $1::text AS value FROM accounts WHERE id =
  $2 AND domain = $3;

-- dictionary_remove ($1 key text, $2 account_id bigint)
UPDATE accounts SET dictionary = dictionary - $1::text, updated_at = now() WHERE id = $2 AND
  dictionary ? $1::text;

-- dictionary_set ($1 key text, $2 value text, $3 account_id bigint)
UPDATE accounts SET dictionary = dictionary || jsonb_build_object($1::text, $2::text), updated_at =
  now() WHERE id = $3 AND octet_length((dictionary || jsonb_build_object($1::text, $2::text))::text)
  <= 65536;

-- email_change_add ($1 account_id bigint, $2 value text, $3 code_hash text, $4 code_sealed bytea,
--   $5 ip text, $6 user_agent text, $7 expires_at timestamptz)
INSERT INTO email_change_codes (account_id, email, code_hash, code_sealed, ip, user_agent,
  expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id;

-- email_change_apply ($1 value text, $2 account_id bigint)
UPDATE accounts SET email = $1, activated = activated OR NOT deactivated_by_admin, updated_at =
  now() WHERE id = $2 RETURNING id;

-- email_change_consume ($1 id bigint, $2 code_hash text)
UPDATE email_change_codes SET code_hash = NULL, code_sealed = NULL WHERE id = $1 AND code_hash = $2
  RETURNING id;

-- email_change_tries ($1 bigint)
SELECT attempts FROM email_change_codes WHERE account_id = $1 AND code_hash IS NOT NULL;

-- email_change_try ($1 bigint, $2 bigint)
UPDATE email_change_codes SET attempts = attempts + 1 WHERE account_id = $1 AND code_hash IS NOT
  NULL AND attempts < $2 AND expires_at > now() RETURNING id, account_id, email AS value, code_hash;

-- email_change_void ($1 account_id bigint)
UPDATE email_change_codes SET code_hash = NULL, code_sealed = NULL WHERE account_id = $1 AND
  code_hash IS NOT NULL RETURNING id;

-- email_sender_get ($1 text)
SELECT s.name AS space_name, e.host, e.port, e.username, e.password_sealed, e.from_address,
  e.from_name, e.signature FROM spaces s LEFT JOIN space_email_servers e ON e.space_id = s.id WHERE
  s.domain = $1;

-- email_server_delete ($1 bigint)
DELETE FROM space_email_servers WHERE space_id = $1;

-- email_server_get ($1 name text, $2 caller_id bigint)
SELECT id, host, port, username, password_sealed, from_address, from_name, signature, created_at,
  updated_at, xmax = 0 AS is_new FROM space_email_servers WHERE space_id = (SELECT id FROM spaces
  WHERE domain = $1 AND ends IS NULL AND (coalesce($2, nullif(current_setting('dialtone.caller',
  true), '')::bigint) IS NOT NULL));

-- email_server_put ($1 space_id bigint, $2 host text, $3 port bigint, $4 username text, $5
--   password_sealed bytea, $6 from_address text, $7 from_name text, $8 signature text)
INSERT INTO space_email_servers (space_id, host, port, username, password_sealed, from_address,
  from_name, signature) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (space_id) DO UPDATE SET
  host = $2, port = $3, username = $4, password_sealed = $5, from_address = $6, from_name = $7,
  signature = $8, updated_at = now() RETURNING id, host, port, username, password_sealed,
  from_address, from_name, signature, created_at, updated_at, xmax = 0 AS is_new;

-- exten_owner ($1 name text, $2 caller_id bigint)
SELECT a.id AS account_id, w.number AS exten, a.username, a.display_name, coalesce(u.presence,
  'online') AS presence, w.is_device AS is_device FROM (SELECT n.account_id, n.is_device, $1::text
  AS number FROM (SELECT e.account_id, true AS is_device, 1 AS rank FROM extensions e WHERE e.domain
  = (SELECT o.domain FROM accounts o WHERE o.id = coalesce($2,
  nullif(current_setting('dialtone.caller', true), '')::bigint)) AND e.exten = $1 UNION ALL SELECT
  b.id, NOT EXISTS (SELECT FROM extensions x WHERE x.account_id = b.id), 2 FROM accounts b LEFT JOIN
  cti_users v ON v.account_id = b.id WHERE b.domain = (SELECT o.domain FROM accounts o WHERE o.id =
  coalesce($2, nullif(current_setting('dialtone.caller', true), '')::bigint)) AND b.username = $1
  AND (coalesce(v.main_extension, b.username) = b.username OR NOT EXISTS (SELECT FROM extensions x
  WHERE x.account_id = b.id)) UNION ALL SELECT m.id, false, 3 FROM cti_users v JOIN accounts m ON
  m.id = v.account_id WHERE v.main_extension = $1 AND m.domain = (SELECT o.domain FROM accounts o
  WHERE o.id = coalesce($2, nullif(current_setting('dialtone.caller', true), '')::bigint))) n JOIN
  accounts o ON o.id = n.account_id AND NOT o.blocked ORDER BY n.rank, n.account_id LIMIT 1) w JOIN
  accounts a ON a.id = w.account_id LEFT JOIN cti_users u ON u.account_id = a.id;

-- extension_delete ($1 account_id bigint, $2 exten text)
DELETE FROM extensions WHERE account_id = $1 AND exten = $2;

-- extension_get ($1 account_id bigint, $2 exten text)
SELECT account_id, domain, exten, type, username AS sip_username, description, proxy_port,
  secret_sealed FROM extensions WHERE account_id = $1 AND exten = $2;

-- extension_insert ($1 account_id bigint, $2 domain text, $3 exten text, $4 type text, $5
--   sip_username text, $6 description text, $7 proxy_port bigint, $8 secret_sealed bytea, $9
--   ha1_md5 text, $10 ha1_sha256 text)
WITH a AS MATERIALIZED (SELECT (SELECT count(*) FROM (SELECT FROM extensions WHERE account_id = $1
  LIMIT 64) x) < 64 AS is_left FROM accounts WHERE id = $1 AND domain = $2), i AS (INSERT INTO
  extensions (account_id, domain, exten, type, username, description, proxy_port, secret_sealed,
  ha1_md5, ha1_sha256) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 FROM a WHERE is_left) SELECT
  is_left FROM a;

-- extension_list ($1 id bigint, $2 domain text, $3 caller_id bigint)
SELECT account_id, domain, exten, type, username AS sip_username, description, proxy_port,
  secret_sealed FROM extensions WHERE account_id = (SELECT o.id FROM accounts o WHERE o.id = $1 AND
  o.domain = $2 AND (coalesce($3, nullif(current_setting('dialtone.caller', true), '')::bigint) IS
  NOT NULL)) ORDER BY exten;

-- extension_list_domain ($1 caller_id bigint)
WITH d AS MATERIALIZED (SELECT domain, CASE WHEN own THEN id ELSE 0 END AS low, CASE WHEN own THEN
  id ELSE 9223372036854775807 END AS high, own FROM ( SELECT o.id, o.domain, (SELECT
  coalesce(sum(c.n), 0) FROM accounts_counts c WHERE c.domain = o.domain AND c.kind = 1) > 10000 OR
  EXISTS (SELECT FROM extensions x WHERE x.domain = o.domain OFFSET 40000) AS own FROM accounts o
  WHERE o.id = coalesce($1, nullif(current_setting('dialtone.caller', true), '')::bigint)) o) SELECT
  account_id, domain, exten, type, username AS sip_username, description, proxy_port, secret_sealed
  FROM extensions WHERE domain = (SELECT d.domain FROM d) AND account_id BETWEEN (SELECT d.low FROM
  d) AND (SELECT d.high FROM d) ORDER BY account_id, exten;

-- extension_list_own ($1 caller_id bigint)
SELECT account_id, domain, exten, type, username AS sip_username, description, proxy_port,
  secret_sealed FROM extensions WHERE account_id = coalesce($1,
  nullif(current_setting('dialtone.caller', true), '')::bigint) ORDER BY exten;

-- extension_subject ($1 id bigint, $2 name text, $3 domain text)
SELECT account_id, domain, exten, type, username AS sip_username, description, proxy_port,
  secret_sealed FROM extensions WHERE account_id = $1 AND exten = $2 AND domain = $3;

-- extension_update ($1 type text, $2 sip_username text, $3 description text, $4 proxy_port bigint,
--   $5 secret_sealed bytea, $6 ha1_md5 text, $7 ha1_sha256 text, $8 account_id bigint, $9 exten
--   text)
UPDATE extensions SET type = $1, username = $2, description = $3, proxy_port = $4, updated_at =
  now(), secret_sealed = CASE WHEN $1 <> 'physical' THEN coalesce($5, secret_sealed) END, ha1_md5 =
  $6, ha1_sha256 = $7 WHERE account_id = $8 AND exten = $9;

-- external_delete ($1 bigint)
DELETE FROM external_accounts WHERE id = $1;

-- external_get ($1 bigint)
SELECT id, username, domain, realm, registrar, outbound_proxy, protocol, algorithm, account_id,
  created_at, updated_at FROM external_accounts WHERE account_id = $1;

-- external_lock ($1 bigint)
SELECT id FROM accounts WHERE id = $1 FOR NO KEY UPDATE;

-- external_put ($1 account_id bigint, $2 username text, $3 domain text, $4 realm text, $5 registrar
--   text, $6 outbound_proxy text, $7 protocol text, $8 ha1 text)
INSERT INTO external_accounts AS x (account_id, username, domain, realm, registrar, outbound_proxy,
  protocol, password) SELECT $1, $2, $3, $4, $5, $6, $7, coalesce($8, (SELECT password FROM
  external_accounts WHERE account_id = $1)) ON CONFLICT (account_id) DO UPDATE SET username =
  excluded.username, domain = excluded.domain, realm = excluded.realm, registrar =
  excluded.registrar, outbound_proxy = excluded.outbound_proxy, protocol = excluded.protocol,
  password = excluded.password, updated_at = now() RETURNING x.id, x.username, x.domain, x.realm,
  x.registrar, x.outbound_proxy, x.protocol, x.algorithm, x.account_id, x.created_at, x.updated_at;

-- external_subject ($1 id bigint, $2 domain text)
SELECT x.id, x.username, x.domain, x.realm, x.registrar, x.outbound_proxy, x.protocol, x.algorithm,
  x.account_id, x.created_at, x.updated_at FROM external_accounts x JOIN accounts a ON a.id =
  x.account_id WHERE x.account_id = $1 AND a.domain = $2;

-- figures_installation ()
SELECT (SELECT count(*) FROM spaces) AS spaces, (SELECT coalesce(sum(n), 0)::bigint FROM
  accounts_counts WHERE kind = 1) AS accounts, (SELECT count(*) FROM two_factor WHERE enabled_at IS
  NOT NULL) AS two_factor, live.sessions, live.sessions_two_factor FROM (SELECT count(*) AS
  sessions, count(*) FILTER (WHERE otp_verified) AS sessions_two_factor FROM sessions WHERE
  revoked_at IS NULL AND expires_at > now()) live;

-- figures_outbox ($1 bigint)
SELECT (SELECT count(*) FROM (SELECT FROM outbox LIMIT $1) o) AS waiting, coalesce((SELECT
  greatest(0, extract(epoch FROM now() - created_at) * 1000000) FROM outbox ORDER BY id LIMIT 1),
  0)::bigint AS oldest_us;

-- guess_add ($1 subject text, $2 seconds bigint, $3 limit bigint, $4 doublings bigint)
INSERT INTO guesses AS g (subject, failures, ends_at) VALUES ($1, 1, now() + make_interval(secs =>
  $2)) ON CONFLICT (subject) DO UPDATE SET failures = CASE WHEN g.ends_at <= now() THEN 1 ELSE
  g.failures + 1 END, locks = CASE WHEN g.ends_at < now() - interval '1 day' THEN 0 WHEN g.ends_at >
  now() AND g.failures + 1 = $3 THEN g.locks + 1 ELSE g.locks END, ends_at = CASE WHEN g.ends_at <=
  now() THEN excluded.ends_at WHEN g.failures + 1 = $3 THEN now() + make_interval(secs => $2 * 2 ^
  least(g.locks, $4)) ELSE g.ends_at END RETURNING failures, ceil(extract(epoch FROM ends_at -
  now()))::bigint AS wait_s, ends_at;

-- guess_clear ($1 subject text)
DELETE FROM guesses WHERE subject = $1;

-- guess_clear_below ($1 subject text)
DELETE FROM guesses WHERE subject = $1 OR (subject > $1 || '/' AND subject < $1 || '0');

-- guess_wait ($1 subject text, $2 limit bigint)
SELECT coalesce(max(ceil(extract(epoch FROM ends_at - now()))::bigint), 0) AS wait_s FROM guesses
  WHERE subject = $1 AND failures >= $2 AND ends_at > now();

-- hmac_count_uses ($1 text[], $2 text[], $3 text[], $4 bigint[])
WITH known AS (SELECT n.domain, coalesce(a.username, '') AS username, CASE WHEN a.id IS NULL THEN ''
  ELSE left(n.agent, 256) END AS agent, n.uses FROM unnest($1, $2, $3, $4) n (domain, name, agent,
  uses) LEFT JOIN accounts a ON a.domain = n.domain AND a.username = n.name), kept AS (SELECT
  k.domain, k.username, CASE WHEN EXISTS (SELECT FROM legacy_uses l WHERE (l.domain, l.username,
  l.user_agent) = (k.domain, k.username, k.agent)) OR (SELECT count(*) FROM legacy_uses l WHERE
  (l.domain, l.username) = (k.domain, k.username)) < 32 THEN k.agent ELSE 'other' END AS agent,
  k.uses FROM known k) INSERT INTO legacy_uses AS l (domain, username, user_agent, requests) SELECT
  k.domain, k.username, k.agent, sum(k.uses) FROM kept k JOIN spaces s ON s.domain = k.domain GROUP
  BY 1, 2, 3 ORDER BY 1, 2, 3 ON CONFLICT (domain, username, user_agent) DO UPDATE SET requests =
  l.requests + excluded.requests, last_used_at = now();

-- hmac_report ()
SELECT domain, username, user_agent, requests, first_used_at, last_used_at FROM legacy_uses ORDER BY
  last_used_at DESC, domain, username, user_agent;

-- hmac_resolve ($1 domain text, $2 name text)
SELECT a.username, a.two_factor OR (NOT a.two_factor AND a.must_enrol_at <= now()) IS TRUE AS
  second_factor FROM accounts a WHERE a.domain = $1 AND (a.username = $2 OR a.id = (SELECT
  e.account_id FROM extensions e WHERE e.domain = $1 AND e.exten = $2)) ORDER BY a.username <> $2
  LIMIT 1;

-- identity_by_address ($1 boolean, $2 text, $3 text)
SELECT a.id AS account_id, a.username, a.domain, coalesce(a.space_realm, a.domain) AS realm,
  a.admin, a.blocked, (a.two_factor OR a.must_enrol_at IS NOT NULL) AS second_factor, (SELECT
  v.version FROM spaces_version v) AS spaces_version, CASE WHEN $1 THEN
  set_config('dialtone.caller', a.id::text, true) IS NOT NULL END AS left_behind FROM accounts a
  WHERE a.domain = $2 AND a.username = $3;

-- identity_by_email ($1 boolean, $2 text, $3 text)
SELECT a.id AS account_id, a.username, a.domain, coalesce(a.space_realm, a.domain) AS realm,
  a.admin, a.blocked, (a.two_factor OR a.must_enrol_at IS NOT NULL) AS second_factor, (SELECT
  v.version FROM spaces_version v) AS spaces_version, CASE WHEN $1 THEN
  set_config('dialtone.caller', a.id::text, true) IS NOT NULL END AS left_behind FROM accounts a
  WHERE a.domain = $2 AND lower(a.email) = lower($3) AND NOT EXISTS (SELECT FROM accounts b WHERE
  b.domain = $2 AND lower(b.email) = lower($3) AND b.id <> a.id);

-- identity_by_key ($1 boolean, $2 bytea, $3 inet, $4 bigint)
SELECT a.id AS account_id, a.username, a.domain, coalesce(a.space_realm, a.domain) AS realm,
  a.admin, a.blocked, (a.two_factor OR a.must_enrol_at IS NOT NULL) AS second_factor, (SELECT
  v.version FROM spaces_version v) AS spaces_version, CASE WHEN $1 THEN
  set_config('dialtone.caller', a.id::text, true) IS NOT NULL END AS left_behind FROM accounts a
  WHERE a.id = (SELECT k.account_id FROM (SELECT *, coalesce(expires_after_last_used_minutes, $4) AS
  minutes FROM api_keys) k WHERE k.key_hash = $2 AND (k.ip IS NULL OR k.ip = $3) AND (k.minutes = 0
  OR coalesce(k.last_used_at, k.created_at) + make_interval(mins => k.minutes::int) > now()));

-- identity_by_key_of_many ($1 boolean[], $2 bytea[], $3 inet[], $4 bigint[])
SELECT r.*, q.place FROM unnest($1, $2, $3, $4) WITH ORDINALITY q (p1, p2, p3, p4, place) CROSS JOIN
  LATERAL (SELECT * FROM (SELECT a.id AS account_id, a.username, a.domain, coalesce(a.space_realm,
  a.domain) AS realm, a.admin, a.blocked, (a.two_factor OR a.must_enrol_at IS NOT NULL) AS
  second_factor, (SELECT v.version FROM spaces_version v) AS spaces_version, CASE WHEN q.p1 THEN
  set_config('dialtone.caller', a.id::text, true) IS NOT NULL END AS left_behind FROM accounts a
  WHERE a.id = (SELECT k.account_id FROM (SELECT *, coalesce(expires_after_last_used_minutes, q.p4)
  AS minutes FROM api_keys) k WHERE k.key_hash = q.p2 AND (k.ip IS NULL OR k.ip = q.p3) AND
  (k.minutes = 0 OR coalesce(k.last_used_at, k.created_at) + make_interval(mins => k.minutes::int) >
  now()))) s OFFSET 0) r;

-- identity_by_key_with_account ($1 boolean, $2 bytea, $3 inet, $4 bigint)
SELECT (a.two_factor OR a.must_enrol_at IS NOT NULL) AS second_factor, (SELECT v.version FROM
  spaces_version v) AS spaces_version, a.id, a.username, a.domain, a.email, a.activated, a.blocked,
  a.admin, a.ip_address, a.user_agent, a.created_at, a.updated_at, a.display_name, a.dtmf_protocol,
  a.phone, a.space_realm AS realm, a.confirmation_expires_at AS confirmation_key_expires,
  a.confirmation_sealed, a.provisioning_sealed, a.provisioning_expires_at AS
  provisioning_token_expire_at, a.dictionary, a.algorithms AS passwords, a.types, a.actions,
  a.email_change AS email_change_code, a.phone_change AS phone_change_code, CASE WHEN $1 THEN
  set_config('dialtone.caller', a.id::text, true) IS NOT NULL END AS left_behind FROM accounts a
  WHERE a.id = (SELECT k.account_id FROM (SELECT *, coalesce(expires_after_last_used_minutes, $4) AS
  minutes FROM api_keys) k WHERE k.key_hash = $2 AND (k.ip IS NULL OR k.ip = $3) AND (k.minutes = 0
  OR coalesce(k.last_used_at, k.created_at) + make_interval(mins => k.minutes::int) > now()));

-- identity_by_key_with_account_of_many ($1 boolean[], $2 bytea[], $3 inet[], $4 bigint[])
SELECT r.*, q.place FROM unnest($1, $2, $3, $4) WITH ORDINALITY q (p1, p2, p3, p4, place) CROSS JOIN
  LATERAL (SELECT * FROM (SELECT (a.two_factor OR a.must_enrol_at IS NOT NULL) AS second_factor,
  (SELECT v.version FROM spaces_version v) AS spaces_version, a.id, a.username, a.domain, a.email,
  a.activated, a.blocked, a.admin, a.ip_address, a.user_agent, a.created_at, a.updated_at,
  a.display_name, a.dtmf_protocol, a.phone, a.space_realm AS realm, a.confirmation_expires_at AS
  confirmation_key_expires, a.confirmation_sealed, a.provisioning_sealed, a.provisioning_expires_at
  AS provisioning_token_expire_at, a.dictionary, a.algorithms AS passwords, a.types, a.actions,
  a.email_change AS email_change_code, a.phone_change AS phone_change_code, CASE WHEN q.p1 THEN
  set_config('dialtone.caller', a.id::text, true) IS NOT NULL END AS left_behind FROM accounts a
  WHERE a.id = (SELECT k.account_id FROM (SELECT *, coalesce(expires_after_last_used_minutes, q.p4)
  AS minutes FROM api_keys) k WHERE k.key_hash = q.p2 AND (k.ip IS NULL OR k.ip = q.p3) AND
  (k.minutes = 0 OR coalesce(k.last_used_at, k.created_at) + make_interval(mins => k.minutes::int) >
  now()))) s OFFSET 0) r;

-- identity_by_session ($1 boolean, $2 text)
SELECT a.id AS account_id, a.username, a.domain, coalesce(a.space_realm, a.domain) AS realm,
  a.admin, a.blocked, (a.two_factor OR a.must_enrol_at IS NOT NULL) AS second_factor, (SELECT
  v.version FROM spaces_version v) AS spaces_version, se.audience AS audience, se.two_factor AS
  two_factor, se.otp_verified AS otp_verified, NOT se.otp_verified AND (NOT a.two_factor AND
  a.must_enrol_at <= now()) IS TRUE AS must_enrol, se.replaced_by IS NOT NULL AS replaced,
  se.expires_at AS expires_at, CASE WHEN $1 THEN set_config('dialtone.caller', a.id::text, true) IS
  NOT NULL END AS left_behind FROM sessions se CROSS JOIN LATERAL (SELECT * FROM accounts WHERE id =
  se.account_id OFFSET 0) a WHERE se.jti = $2 AND (se.revoked_at IS NULL OR se.revoked_at > now())
  AND se.expires_at > now() AND (a.sessions_void_at IS NULL OR se.issued_at > a.sessions_void_at OR
  se.jti = ANY (a.sessions_spared));

-- identity_by_session_of_many ($1 boolean[], $2 text[])
SELECT r.*, q.place FROM unnest($1, $2) WITH ORDINALITY q (p1, p2, place) CROSS JOIN LATERAL (SELECT
  * FROM (SELECT a.id AS account_id, a.username, a.domain, coalesce(a.space_realm, a.domain) AS
  realm, a.admin, a.blocked, (a.two_factor OR a.must_enrol_at IS NOT NULL) AS second_factor, (SELECT
  v.version FROM spaces_version v) AS spaces_version, se.audience AS audience, se.two_factor AS
  two_factor, se.otp_verified AS otp_verified, NOT se.otp_verified AND (NOT a.two_factor AND
  a.must_enrol_at <= now()) IS TRUE AS must_enrol, se.replaced_by IS NOT NULL AS replaced,
  se.expires_at AS expires_at, CASE WHEN q.p1 THEN set_config('dialtone.caller', a.id::text, true)
  IS NOT NULL END AS left_behind FROM sessions se CROSS JOIN LATERAL (SELECT * FROM accounts WHERE
  id = se.account_id OFFSET 0) a WHERE se.jti = q.p2 AND (se.revoked_at IS NULL OR se.revoked_at >
  now()) AND se.expires_at > now() AND (a.sessions_void_at IS NULL OR se.issued_at >
  a.sessions_void_at OR se.jti = ANY (a.sessions_spared))) s OFFSET 0) r;

-- identity_by_session_with_account ($1 boolean, $2 text)
SELECT (a.two_factor OR a.must_enrol_at IS NOT NULL) AS second_factor, (SELECT v.version FROM
  spaces_version v) AS spaces_version, se.audience AS audience, se.two_factor AS two_factor,
  se.otp_verified AS otp_verified, NOT se.otp_verified AND (NOT a.two_factor AND a.must_enrol_at <=
  now()) IS TRUE AS must_enrol, se.replaced_by IS NOT NULL AS replaced, se.expires_at AS expires_at,
  a.id, a.username, a.domain, a.email, a.activated, a.blocked, a.admin, a.ip_address, a.user_agent,
  a.created_at, a.updated_at, a.display_name, a.dtmf_protocol, a.phone, a.space_realm AS realm,
  a.confirmation_expires_at AS confirmation_key_expires, a.confirmation_sealed,
  a.provisioning_sealed, a.provisioning_expires_at AS provisioning_token_expire_at, a.dictionary,
  a.algorithms AS passwords, a.types, a.actions, a.email_change AS email_change_code, a.phone_change
  AS phone_change_code, CASE WHEN $1 THEN set_config('dialtone.caller', a.id::text, true) IS NOT
  NULL END AS left_behind FROM sessions se CROSS JOIN LATERAL (SELECT * FROM accounts WHERE id =
  se.account_id OFFSET 0) a WHERE se.jti = $2 AND (se.revoked_at IS NULL OR se.revoked_at > now())
  AND se.expires_at > now() AND (a.sessions_void_at IS NULL OR se.issued_at > a.sessions_void_at OR
  se.jti = ANY (a.sessions_spared));

-- identity_by_session_with_account_of_many ($1 boolean[], $2 text[])
SELECT r.*, q.place FROM unnest($1, $2) WITH ORDINALITY q (p1, p2, place) CROSS JOIN LATERAL (SELECT
  * FROM (SELECT (a.two_factor OR a.must_enrol_at IS NOT NULL) AS second_factor, (SELECT v.version
  FROM spaces_version v) AS spaces_version, se.audience AS audience, se.two_factor AS two_factor,
  se.otp_verified AS otp_verified, NOT se.otp_verified AND (NOT a.two_factor AND a.must_enrol_at <=
  now()) IS TRUE AS must_enrol, se.replaced_by IS NOT NULL AS replaced, se.expires_at AS expires_at,
  a.id, a.username, a.domain, a.email, a.activated, a.blocked, a.admin, a.ip_address, a.user_agent,
  a.created_at, a.updated_at, a.display_name, a.dtmf_protocol, a.phone, a.space_realm AS realm,
  a.confirmation_expires_at AS confirmation_key_expires, a.confirmation_sealed,
  a.provisioning_sealed, a.provisioning_expires_at AS provisioning_token_expire_at, a.dictionary,
  a.algorithms AS passwords, a.types, a.actions, a.email_change AS email_change_code, a.phone_change
  AS phone_change_code, CASE WHEN q.p1 THEN set_config('dialtone.caller', a.id::text, true) IS NOT
  NULL END AS left_behind FROM sessions se CROSS JOIN LATERAL (SELECT * FROM accounts WHERE id =
  se.account_id OFFSET 0) a WHERE se.jti = q.p2 AND (se.revoked_at IS NULL OR se.revoked_at > now())
  AND se.expires_at > now() AND (a.sessions_void_at IS NULL OR se.issued_at > a.sessions_void_at OR
  se.jti = ANY (a.sessions_spared))) s OFFSET 0) r;

-- identity_credentials ($1 pair text, $2 pair_limit bigint, $3 total text, $4 total_limit bigint,
--   $5 address_limit bigint, $6 address text, $7 network text, $8 username text, $9 domain text)
SELECT a.id AS account_id, a.username, a.domain, coalesce(a.space_realm, a.domain) AS realm,
  a.admin, a.blocked, (a.two_factor OR a.must_enrol_at IS NOT NULL) AS second_factor, (SELECT
  v.version FROM spaces_version v) AS spaces_version, (SELECT space_ends_at(e) <= now() FROM spaces
  e WHERE e.domain = a.domain) IS TRUE AS space_expired, (SELECT password FROM passwords WHERE
  account_id = coalesce(a.id, 0) AND algorithm = 'MD5') AS md5, (SELECT password FROM passwords
  WHERE account_id = coalesce(a.id, 0) AND algorithm = 'SHA-256') AS sha256, g.failed AS failed,
  (n.last_success > now() - interval '30 days') IS TRUE AS network_known, (n.last_success > now() -
  interval '1 day') IS TRUE AS seen_today, greatest(g.pair_wait_s, CASE WHEN (n.last_success > now()
  - interval '30 days') IS TRUE THEN 0 ELSE g.wide_wait_s END) AS wait_s, g.pair_wait_s AS
  pair_wait_s, g.wide_wait_s AS wide_wait_s, a.display_name FROM (SELECT coalesce(bool_or(subject =
  $1), false) AS failed, coalesce(max(wait_s) FILTER (WHERE subject = $1), 0) AS pair_wait_s,
  coalesce(max(wait_s) FILTER (WHERE subject <> $1), 0) AS wide_wait_s FROM (SELECT subject, CASE
  WHEN failures >= CASE subject WHEN $1 THEN $2 WHEN $3 THEN $4 ELSE $5 END THEN ceil(extract(epoch
  FROM ends_at - now()))::bigint ELSE 0 END AS wait_s FROM guesses WHERE subject IN ($1, $3, $6) AND
  ends_at > now()) w) g CROSS JOIN accounts a LEFT JOIN known_networks n ON n.account_id =
  coalesce(a.id, 0) AND n.network = $7 WHERE a.username = $8 AND a.domain = $9 AND NOT EXISTS
  (SELECT FROM spaces e WHERE e.domain = $9 AND e.ends IS NOT NULL);

-- identity_login ($1 pair text, $2 pair_limit bigint, $3 total text, $4 total_limit bigint, $5
--   address_limit bigint, $6 address text, $7 username text, $8 domain text, $9 network text)
SELECT a.id AS account_id, a.username, a.domain, coalesce(a.space_realm, a.domain) AS realm,
  a.admin, a.blocked, (a.two_factor OR a.must_enrol_at IS NOT NULL) AS second_factor, (SELECT
  v.version FROM spaces_version v) AS spaces_version, (SELECT space_ends_at(e) <= now() FROM spaces
  e WHERE e.domain = a.domain) IS TRUE AS space_expired, (SELECT password FROM passwords WHERE
  account_id = coalesce(a.id, 0) AND algorithm = 'MD5') AS md5, (SELECT password FROM passwords
  WHERE account_id = coalesce(a.id, 0) AND algorithm = 'SHA-256') AS sha256, g.failed AS failed,
  (n.last_success > now() - interval '30 days') IS TRUE AS network_known, (n.last_success > now() -
  interval '1 day') IS TRUE AS seen_today, greatest(g.pair_wait_s, CASE WHEN (n.last_success > now()
  - interval '30 days') IS TRUE THEN 0 ELSE g.wide_wait_s END) AS wait_s, g.pair_wait_s AS
  pair_wait_s, g.wide_wait_s AS wide_wait_s, a.two_factor, (NOT a.two_factor AND a.must_enrol_at <=
  now()) IS TRUE AS must_enrol, a.must_enrol_at IS NOT NULL AS required FROM (SELECT
  coalesce(bool_or(subject = $1), false) AS failed, coalesce(max(wait_s) FILTER (WHERE subject =
  $1), 0) AS pair_wait_s, coalesce(max(wait_s) FILTER (WHERE subject <> $1), 0) AS wide_wait_s FROM
  (SELECT subject, CASE WHEN failures >= CASE subject WHEN $1 THEN $2 WHEN $3 THEN $4 ELSE $5 END
  THEN ceil(extract(epoch FROM ends_at - now()))::bigint ELSE 0 END AS wait_s FROM guesses WHERE
  subject IN ($1, $3, $6) AND ends_at > now()) w) g LEFT JOIN accounts a ON a.username = $7 AND
  a.domain = $8 AND NOT EXISTS (SELECT FROM spaces e WHERE e.domain = $8 AND e.ends IS NOT NULL)
  LEFT JOIN known_networks n ON n.account_id = coalesce(a.id, 0) AND n.network = $9;

-- job_add ($1 kind text, $2 domain text, $3 account_id bigint, $4 expires_at timestamptz, $5
--   request_id text, $6 payload jsonb, $7 payload_sealed bytea)
INSERT INTO jobs (kind, domain, account_id, expires_at, request_id, payload, payload_sealed) VALUES
  ($1, $2, $3, $4, $5, $6, $7);

-- job_drop ($1 bigint)
DELETE FROM jobs WHERE id = $1 AND NOT (running AND due_at > now());

-- job_get ($1 bigint)
SELECT id, kind, domain, account_id, created_at, expires_at, (CASE WHEN ended_at IS NOT NULL THEN
  'dead' WHEN (running AND due_at > now()) THEN 'running' ELSE 'waiting' END) AS state, attempts,
  due_at, ended_at, failure, request_id, mark::text AS mark, (payload_sealed IS NOT NULL) AS secret,
  payload, payload_sealed FROM jobs WHERE id = $1;

-- job_list ($1 text, $2 text, $3 bigint)
SELECT id, kind, domain, account_id, created_at, expires_at, (CASE WHEN ended_at IS NOT NULL THEN
  'dead' WHEN (running AND due_at > now()) THEN 'running' ELSE 'waiting' END) AS state, attempts,
  due_at, ended_at, failure, request_id, mark::text AS mark, (payload_sealed IS NOT NULL) AS secret
  FROM jobs WHERE ($1::text IS NULL OR kind = $1) AND ($2::text IS NULL OR CASE WHEN ended_at IS NOT
  NULL THEN 'dead' WHEN (running AND due_at > now()) THEN 'running' ELSE 'waiting' END = $2) ORDER
  BY id DESC LIMIT $3;

-- job_retry ($1 bigint)
UPDATE jobs SET ended_at = NULL, attempts = 0, due_at = now(), running = false WHERE id = $1 AND
  expires_at > now() AND NOT (running AND due_at > now());

-- key_count_uses ($1 text[], $2 bigint[])
WITH used AS MATERIALIZED (SELECT k.id, u.uses FROM unnest($1, $2) u (hash, uses) JOIN api_keys k ON
  k.key_hash = decode(u.hash, 'hex') ORDER BY k.account_id, k.id FOR NO KEY UPDATE OF k) UPDATE
  api_keys k SET requests = k.requests + u.uses, last_used_at = greatest(k.last_used_at,
  k.created_at, now()) FROM used u WHERE k.id = u.id;

-- key_delete ($1 bigint)
DELETE FROM api_keys WHERE id = $1 RETURNING id;

-- key_drop_own ($1 bigint)
DELETE FROM api_keys WHERE account_id = $1 AND name IS NULL;

-- key_insert ($1 bigint, $2 bytea, $3 text, $4 inet, $5 bigint, $6 bigint)
INSERT INTO api_keys AS k (account_id, key_hash, name, ip, expires_after_last_used_minutes) SELECT
  $1, $2, $3, $4, $5 WHERE (SELECT count(*) FROM (SELECT FROM api_keys WHERE account_id = $1 AND
  name IS NOT NULL LIMIT $6) o) < $6 RETURNING k.id, k.account_id, k.name, host(k.ip) AS ip,
  k.expires_after_last_used_minutes, k.requests, k.last_used_at, k.created_at;

-- key_list ($1 username text, $2 domain text)
SELECT k.id, a.username AS username, a.domain AS domain, k.name, host(k.ip) AS ip, k.requests,
  k.last_used_at, k.created_at, k.expires_after_last_used_minutes::text AS expires FROM (SELECT *
  FROM api_keys WHERE $1 IS NULL UNION ALL SELECT o.* FROM accounts a CROSS JOIN LATERAL (SELECT *
  FROM api_keys WHERE account_id = a.id OFFSET 0) o WHERE a.username = $1 AND a.domain = $2) k CROSS
  JOIN LATERAL (SELECT * FROM accounts WHERE id = k.account_id OFFSET 0) a ORDER BY k.id;

-- key_list_service ($1 domain text, $2 caller_id bigint)
SELECT k.id, k.account_id, k.name, host(k.ip) AS ip, k.expires_after_last_used_minutes, k.requests,
  k.last_used_at, k.created_at FROM api_keys k CROSS JOIN LATERAL (SELECT domain FROM accounts WHERE
  id = k.account_id OFFSET 0) a WHERE a.domain = $1 AND k.name IS NOT NULL AND (coalesce($2,
  nullif(current_setting('dialtone.caller', true), '')::bigint) IS NOT NULL) ORDER BY k.id;

-- key_replace_own ($1 bigint, $2 bytea, $3 inet)
INSERT INTO api_keys (account_id, key_hash, ip) VALUES ($1, $2, $3) ON CONFLICT (account_id) WHERE
  name IS NULL DO UPDATE SET key_hash = excluded.key_hash, ip = excluded.ip, requests = 0,
  last_used_at = NULL, expires_after_last_used_minutes = NULL, created_at = now(), updated_at =
  now();

-- key_subject ($1 id bigint, $2 domain text)
SELECT k.id, k.account_id, k.name, host(k.ip) AS ip, k.expires_after_last_used_minutes, k.requests,
  k.last_used_at, k.created_at FROM api_keys k JOIN accounts a ON a.id = k.account_id WHERE k.id =
  $1 AND k.name IS NOT NULL AND a.domain = $2;

-- known_network_add ($1 account_id bigint, $2 network text)
WITH old AS (DELETE FROM known_networks WHERE account_id = $1 AND network IN (SELECT network FROM
  known_networks WHERE account_id = $1 AND network <> $2 ORDER BY last_success DESC OFFSET 19))
  INSERT INTO known_networks AS k (account_id, network, last_success) SELECT a.id, $2, now() FROM
  accounts a WHERE a.id = $1 ON CONFLICT (account_id, network) DO UPDATE SET last_success = now();

-- leftovers_take_some ()
SELECT leftovers_take_some() AS worked;

-- message_device_put ($1 message bigint, $2 to_username text, $3 to_domain text, $4 device_id text,
--   $5 last_status bigint, $6 received_at timestamptz)
INSERT INTO statistics_message_devices AS d (message, to_username, to_domain, device_id,
  last_status, received_at) SELECT $1, $2, $3, $4, $5, $6 WHERE (SELECT count(*) FROM
  statistics_message_devices WHERE message = $1 AND to_username = $2 AND to_domain = $3) < 1000 OR
  EXISTS (SELECT FROM statistics_message_devices WHERE message = $1 AND to_username = $2 AND
  to_domain = $3 AND device_id = $4) ON CONFLICT (message, to_username, to_domain, device_id) DO
  UPDATE SET last_status = excluded.last_status, received_at = excluded.received_at, updated_at =
  now() RETURNING d.id, d.message, d.to_username, d.to_domain, d.device_id, d.last_status,
  d.received_at, d.created_at, d.updated_at, (d.xmax = 0) AS is_new;

-- message_insert ($1 id text, $2 domain text, $3 from_username text, $4 from_domain text, $5
--   sent_at timestamptz, $6 encrypted boolean, $7 conference_id text)
INSERT INTO statistics_messages (id, domain, from_username, from_domain, sent_at, encrypted,
  conference_id) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- message_subject ($1 name text, $2 domain text, $3 caller_id bigint)
SELECT r.number, r.id, r.domain, r.from_username, r.from_domain, r.sent_at, r.encrypted,
  r.conference_id FROM statistics_messages r WHERE r.id = $1 AND (r.domain = $2 OR EXISTS (SELECT
  FROM accounts a WHERE a.id = coalesce($3, nullif(current_setting('dialtone.caller', true),
  '')::bigint) AND a.admin AND EXISTS (SELECT FROM spaces p WHERE p.domain = a.domain AND p.super)))
  ORDER BY r.domain <> $2, r.number LIMIT 1;

-- nonce_advance ($1 nonce text, $2 nc bigint, $3 expires_at timestamptz)
INSERT INTO digest_nonces AS n (nonce, nc, expires_at) VALUES ($1, $2, $3) ON CONFLICT (nonce) DO
  UPDATE SET nc = excluded.nc WHERE n.nc < excluded.nc;

-- outbox_add ($1 text, $2 bigint, $3 jsonb)
INSERT INTO outbox (kind, domain, account_id, username, facts) SELECT $1, domain, id, username, $3
  FROM accounts WHERE id = $2;

-- outbox_delete ($1 bigint[])
DELETE FROM outbox WHERE id = ANY ($1);

-- outbox_list ($1 bigint)
SELECT id, kind, domain, username, account_id, profile_id, array_to_string(sessions, ' ') AS
  sessions, facts, request_id, created_at FROM outbox ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED;

-- outbox_lock ()
SELECT pg_try_advisory_xact_lock(7235419170889131622) AS mine;

-- outbox_spread ($1 bigint[], $2 bigint)
WITH slice AS (SELECT o.id AS origin, o.domain, o.profile_id, o.request_id, u.id, u.username FROM
  outbox o CROSS JOIN LATERAL ( (SELECT c.account_id AS id, (SELECT a.username FROM accounts a WHERE
  a.id = c.account_id) AS username FROM cti_users c WHERE o.profile_id > 0 AND c.profile_id =
  o.profile_id AND c.account_id > o.account_id ORDER BY c.account_id LIMIT $2) UNION ALL (SELECT
  a.id, CASE WHEN (SELECT c.profile_id FROM cti_users c WHERE c.account_id = a.id) IS NULL THEN
  a.username END FROM accounts a WHERE o.profile_id = 0 AND a.domain = o.domain AND a.id >
  o.account_id ORDER BY a.id LIMIT $2)) u WHERE o.id = ANY ($1)) INSERT INTO outbox (kind, domain,
  account_id, username, profile_id, request_id) SELECT 'permissions.changed', domain, id, username,
  NULL, request_id FROM slice WHERE username IS NOT NULL UNION ALL SELECT
  'permissions.changed_for_profile', domain, max(id), NULL, profile_id, request_id FROM slice GROUP
  BY origin, domain, profile_id, request_id HAVING count(*) = $2;

-- password_follow ($1 account_id bigint, $2 key_hash bytea)
WITH k AS (DELETE FROM api_keys WHERE account_id = $1 AND key_hash IS DISTINCT FROM $2), t AS
  (DELETE FROM provisioning_tokens WHERE account_id = $1 AND NOT used) UPDATE accounts SET activated
  = activated OR NOT deactivated_by_admin, updated_at = now() WHERE id = $1;

-- password_hold ($1 jti text, $2 account_id bigint)
SELECT id, set_config('dialtone.spared_session', coalesce($1, ''), true) AS spared FROM accounts
  WHERE id = $2 FOR NO KEY UPDATE;

-- password_is ($1 ha1 text, $2 account_id bigint)
SELECT CASE WHEN $1 IS NULL THEN count(*) = 0 ELSE coalesce(bool_or(password = $1), false) END AS
  stored FROM passwords WHERE account_id = $2;

-- pbx_domains ()
SELECT domain FROM spaces ORDER BY domain;

-- pbx_lease ()
SELECT CASE WHEN EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()
  AND granted) THEN true ELSE pg_try_advisory_lock(7235419170889131624) END AS mine;

-- pbx_presence ($1 bigint)
SELECT presence AS status, presence_to FROM cti_users WHERE account_id = $1;

-- pbx_registrations ($1 bigint, $2 bigint)
SELECT row_id, address, contact, place, user_agent FROM kamailio_registrations($1, $2);

-- pbx_user ($1 text, $2 text)
SELECT a.id AS account_id, a.username, a.domain, coalesce(nullif(a.display_name, ''), a.username) AS
  name, coalesce(u.main_extension, a.username) AS main_extension, u.voicemail, (SELECT
  jsonb_agg(jsonb_build_object('exten', x.exten, 'user', coalesce(x.username, x.exten), 'type',
  x.type) ORDER BY x.exten) FROM extensions x WHERE x.account_id = a.id) AS devices FROM (SELECT
  a.id, 1 AS rank FROM accounts a WHERE a.domain = $1 AND a.username = $2 UNION ALL SELECT
  x.account_id, 2 FROM extensions x WHERE x.domain = $1 AND x.username = $2 UNION ALL SELECT
  x.account_id, 3 FROM extensions x WHERE x.domain = $1 AND x.exten = $2 UNION ALL (SELECT m.id, 4
  FROM cti_users c JOIN accounts m ON m.id = c.account_id WHERE c.main_extension = $2 AND m.domain =
  $1 ORDER BY m.id LIMIT 1) ORDER BY rank LIMIT 1) o JOIN accounts a ON a.id = o.id LEFT JOIN
  cti_users u ON u.account_id = a.id;

-- phone_change_add ($1 account_id bigint, $2 value text, $3 code_hash text, $4 code_sealed bytea,
--   $5 ip text, $6 user_agent text, $7 expires_at timestamptz)
INSERT INTO phone_change_codes (account_id, phone, code_hash, code_sealed, ip, user_agent,
  expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id;

-- phone_change_apply ($1 value text, $2 account_id bigint)
UPDATE accounts SET phone = $1, activated = activated OR NOT deactivated_by_admin, updated_at =
  now() WHERE id = $2 RETURNING id;

-- phone_change_consume ($1 id bigint, $2 code_hash text)
UPDATE phone_change_codes SET code_hash = NULL, code_sealed = NULL WHERE id = $1 AND code_hash = $2
  RETURNING id;

-- phone_change_tries ($1 bigint)
SELECT attempts FROM phone_change_codes WHERE account_id = $1 AND code_hash IS NOT NULL;

-- phone_change_try ($1 bigint, $2 bigint)
UPDATE phone_change_codes SET attempts = attempts + 1 WHERE account_id = $1 AND code_hash IS NOT
  NULL AND attempts < $2 AND expires_at > now() RETURNING id, account_id, phone AS value, code_hash;

-- phone_change_void ($1 account_id bigint)
UPDATE phone_change_codes SET code_hash = NULL, code_sealed = NULL WHERE account_id = $1 AND
  code_hash IS NOT NULL RETURNING id;

-- phone_country_activate ($1 activated boolean, $2 country_code text)
WITH c AS (UPDATE phone_countries SET activated = $1 WHERE country_code = $2 AND activated <> $1
  RETURNING 1) SELECT count(*) FROM c;

-- phone_country_get ($1 name text)
SELECT code, country_code, activated FROM phone_countries WHERE code = upper($1);

-- phone_country_list ($1 domain text)
SELECT code, country_code, activated FROM phone_countries WHERE $1 IS NOT NULL ORDER BY code;

-- presence_set_now ($1 account_id bigint, $2 status text, $3 to text)
INSERT INTO cti_users (account_id, presence, presence_to) VALUES ($1, $2, $3) ON CONFLICT
  (account_id) DO UPDATE SET presence = $2, presence_to = $3, updated_at = now();

-- presence_set_on_busy ($1 account_id bigint, $2 status text, $3 to text)
INSERT INTO cti_users (account_id, on_busy, on_busy_to) VALUES ($1, $2, $3) ON CONFLICT (account_id)
  DO UPDATE SET on_busy = $2, on_busy_to = $3, updated_at = now();

-- presence_set_on_unavailable ($1 account_id bigint, $2 status text, $3 to text)
INSERT INTO cti_users (account_id, on_unavailable, on_unavailable_to) VALUES ($1, $2, $3) ON
  CONFLICT (account_id) DO UPDATE SET on_unavailable = $2, on_unavailable_to = $3, updated_at =
  now();

-- profile_delete ($1 id bigint, $2 domain text)
DELETE FROM profiles WHERE id = $1 AND domain = $2;

-- profile_get ($1 id bigint, $2 domain text)
SELECT id, domain, name, is_default, macro_permissions, outbound_routes_permissions FROM profiles
  WHERE id = $1 AND domain = $2;

-- profile_grants ($1 bigint)
SELECT p.id::text AS profile_id, array_to_string(p.capabilities, ' ') AS capabilities,
  coalesce((SELECT string_agg(e.exten, ' ' ORDER BY e.exten) FROM extensions e WHERE e.account_id =
  a.id), a.username) AS extensions, a.admin AS admin, CASE WHEN NOT a.two_factor THEN
  a.must_enrol_at END AS must_enrol_at, statement_timestamp() AS read_at FROM accounts a LEFT JOIN
  cti_users u ON u.account_id = a.id LEFT JOIN profiles p ON p.id = coalesce( (SELECT o.id FROM
  profiles o WHERE o.id = u.profile_id), (SELECT d.id FROM profiles d WHERE d.domain = a.domain AND
  d.is_default)) WHERE a.id = $1;

-- profile_grants_of_caller ($1 caller_id bigint)
SELECT p.id::text AS profile_id, array_to_string(p.capabilities, ' ') AS capabilities,
  coalesce((SELECT string_agg(e.exten, ' ' ORDER BY e.exten) FROM extensions e WHERE e.account_id =
  a.id), a.username) AS extensions, a.admin AS admin, CASE WHEN NOT a.two_factor THEN
  a.must_enrol_at END AS must_enrol_at, statement_timestamp() AS read_at FROM accounts a LEFT JOIN
  cti_users u ON u.account_id = a.id LEFT JOIN profiles p ON p.id = coalesce( (SELECT o.id FROM
  profiles o WHERE o.id = u.profile_id), (SELECT d.id FROM profiles d WHERE d.domain = a.domain AND
  d.is_default)) WHERE a.id = coalesce($1, nullif(current_setting('dialtone.caller', true),
  '')::bigint);

-- profile_grants_of_many ($1 bigint[])
SELECT a.id AS account_id, p.id::text AS profile_id, array_to_string(p.capabilities, ' ') AS
  capabilities, coalesce((SELECT string_agg(e.exten, ' ' ORDER BY e.exten) FROM extensions e WHERE
  e.account_id = a.id), a.username) AS extensions, a.admin AS admin, CASE WHEN NOT a.two_factor THEN
  a.must_enrol_at END AS must_enrol_at, statement_timestamp() AS read_at, (SELECT string_agg(se.jti
  || ' ' || floor(extract(epoch FROM se.expires_at))::bigint, ' ') FROM sessions se WHERE
  se.account_id = a.id AND se.revoked_at IS NULL AND se.expires_at > now() AND (a.sessions_void_at
  IS NULL OR se.issued_at > a.sessions_void_at OR se.jti = ANY (a.sessions_spared))) AS sessions
  FROM accounts a LEFT JOIN cti_users u ON u.account_id = a.id LEFT JOIN profiles p ON p.id =
  coalesce( (SELECT o.id FROM profiles o WHERE o.id = u.profile_id), (SELECT d.id FROM profiles d
  WHERE d.domain = a.domain AND d.is_default)) WHERE a.id = ANY ($1);

-- profile_insert ($1 text, $2 text, $3 boolean, $4 jsonb, $5 jsonb, $6 text[])
INSERT INTO profiles (domain, name, is_default, macro_permissions, outbound_routes_permissions,
  capabilities) SELECT $1, $2, $3, $4, $5, $6 WHERE (SELECT count(*) < 1000 AND
  coalesce(sum(octet_length(o.macro_permissions::text) +
  octet_length(o.outbound_routes_permissions::text)), 0) + octet_length($4::text) +
  octet_length($5::text) <= 8388608 FROM profiles o WHERE o.domain = $1) RETURNING id;

-- profile_list ($1 domain text, $2 caller_id bigint)
SELECT id, domain, name, is_default, macro_permissions, outbound_routes_permissions FROM profiles
  WHERE domain = $1 AND (coalesce($2, nullif(current_setting('dialtone.caller', true), '')::bigint)
  IS NOT NULL) ORDER BY id;

-- profile_update ($1 bigint, $2 text, $3 text, $4 boolean, $5 jsonb, $6 jsonb, $7 text[])
WITH p AS MATERIALIZED (SELECT id, octet_length(o.macro_permissions::text) +
  octet_length(o.outbound_routes_permissions::text) >= octet_length($5::text) +
  octet_length($6::text) OR (SELECT coalesce(sum(octet_length(o.macro_permissions::text) +
  octet_length(o.outbound_routes_permissions::text)), 0) + octet_length($5::text) +
  octet_length($6::text) <= 8388608 FROM profiles o WHERE o.domain = $2 AND o.id <> $1) AS fits FROM
  profiles o WHERE id = $1 AND domain = $2), u AS (UPDATE profiles o SET name = $3, is_default = $4,
  macro_permissions = $5, outbound_routes_permissions = $6, capabilities = $7, updated_at = now()
  FROM p WHERE o.id = p.id AND fits) SELECT fits FROM p;

-- provisioning_account ($1 bigint)
SELECT a.id AS account_id, a.username AS username, a.domain AS domain, coalesce(a.space_realm,
  a.domain) AS realm, a.display_name AS display_name, m.password AS md5, h.password AS sha256,
  (a.two_factor OR a.must_enrol_at IS NOT NULL) AS second_factor, s.domain AS space_domain,
  s.custom_provisioning_entries AS entries, s.default_password_algorithm AS default_algorithm,
  s.custom_provisioning_overwrite_all AS overwrite, s.max_account AS max_account, s.super AS super,
  s.disable_chat_feature AS disable_chat_feature, s.disable_meetings_feature AS
  disable_meetings_feature, s.disable_broadcast_feature AS disable_broadcast_feature,
  s.hide_settings AS hide_settings, s.hide_account_settings AS hide_account_settings,
  s.disable_call_recordings_feature AS disable_call_recordings_feature,
  s.only_display_sip_uri_username AS only_display_sip_uri_username, s.assistant_hide_create_account
  AS assistant_hide_create_account, s.assistant_disable_qr_code AS assistant_disable_qr_code,
  s.assistant_hide_third_party_account AS assistant_hide_third_party_account FROM accounts a JOIN
  spaces s ON s.domain = a.domain AND s.ends IS NULL LEFT JOIN passwords m ON m.account_id = a.id
  AND m.algorithm = 'MD5' LEFT JOIN passwords h ON h.account_id = a.id AND h.algorithm = 'SHA-256'
  WHERE a.id = $1;

-- provisioning_base ($1 domain text)
SELECT s.domain AS space_domain, s.custom_provisioning_entries AS entries,
  s.default_password_algorithm AS default_algorithm, s.custom_provisioning_overwrite_all AS
  overwrite, s.max_account AS max_account, s.super AS super, s.disable_chat_feature AS
  disable_chat_feature, s.disable_meetings_feature AS disable_meetings_feature,
  s.disable_broadcast_feature AS disable_broadcast_feature, s.hide_settings AS hide_settings,
  s.hide_account_settings AS hide_account_settings, s.disable_call_recordings_feature AS
  disable_call_recordings_feature, s.only_display_sip_uri_username AS only_display_sip_uri_username,
  s.assistant_hide_create_account AS assistant_hide_create_account, s.assistant_disable_qr_code AS
  assistant_disable_qr_code, s.assistant_hide_third_party_account AS
  assistant_hide_third_party_account FROM spaces s WHERE s.domain = $1 AND s.ends IS NULL;

-- provisioning_own ($1 caller_id bigint)
SELECT a.id AS account_id, a.username AS username, a.domain AS domain, coalesce(a.space_realm,
  a.domain) AS realm, a.display_name AS display_name, m.password AS md5, h.password AS sha256,
  (a.two_factor OR a.must_enrol_at IS NOT NULL) AS second_factor, s.domain AS space_domain,
  s.custom_provisioning_entries AS entries, s.default_password_algorithm AS default_algorithm,
  s.custom_provisioning_overwrite_all AS overwrite, s.max_account AS max_account, s.super AS super,
  s.disable_chat_feature AS disable_chat_feature, s.disable_meetings_feature AS
  disable_meetings_feature, s.disable_broadcast_feature AS disable_broadcast_feature,
  s.hide_settings AS hide_settings, s.hide_account_settings AS hide_account_settings,
  s.disable_call_recordings_feature AS disable_call_recordings_feature,
  s.only_display_sip_uri_username AS only_display_sip_uri_username, s.assistant_hide_create_account
  AS assistant_hide_create_account, s.assistant_disable_qr_code AS assistant_disable_qr_code,
  s.assistant_hide_third_party_account AS assistant_hide_third_party_account FROM accounts a JOIN
  spaces s ON s.domain = a.domain AND s.ends IS NULL LEFT JOIN passwords m ON m.account_id = a.id
  AND m.algorithm = 'MD5' LEFT JOIN passwords h ON h.account_id = a.id AND h.algorithm = 'SHA-256'
  WHERE a.id = coalesce($1, nullif(current_setting('dialtone.caller', true), '')::bigint);

-- provisioning_state ($1 name text, $2 domain text)
SELECT t.used AS used, (t.expires_at <= now()) IS TRUE AS expired FROM provisioning_tokens t JOIN
  accounts a ON a.id = t.account_id WHERE t.token_hash = decode($1, 'hex') AND a.domain = $2 AND NOT
  a.blocked;

-- provisioning_take ($1 name text, $2 domain text)
WITH l AS (SELECT id FROM accounts WHERE id = (SELECT account_id FROM provisioning_tokens WHERE
  token_hash = decode($1, 'hex')) AND domain = $2 AND NOT blocked FOR NO KEY UPDATE), t AS (UPDATE
  provisioning_tokens t SET used = true FROM l WHERE t.token_hash = decode($1, 'hex') AND
  t.account_id = l.id AND NOT t.used AND (t.expires_at <= now()) IS NOT TRUE RETURNING
  t.account_id), u AS (UPDATE accounts o SET activated = true, updated_at = now() FROM t WHERE o.id
  = t.account_id AND NOT o.activated AND NOT o.deactivated_by_admin) SELECT a.id AS account_id,
  a.username AS username, a.domain AS domain, coalesce(a.space_realm, a.domain) AS realm,
  a.display_name AS display_name, m.password AS md5, h.password AS sha256, (a.two_factor OR
  a.must_enrol_at IS NOT NULL) AS second_factor, s.domain AS space_domain,
  s.custom_provisioning_entries AS entries, s.default_password_algorithm AS default_algorithm,
  s.custom_provisioning_overwrite_all AS overwrite, s.max_account AS max_account, s.super AS super,
  s.disable_chat_feature AS disable_chat_feature, s.disable_meetings_feature AS
  disable_meetings_feature, s.disable_broadcast_feature AS disable_broadcast_feature,
  s.hide_settings AS hide_settings, s.hide_account_settings AS hide_account_settings,
  s.disable_call_recordings_feature AS disable_call_recordings_feature,
  s.only_display_sip_uri_username AS only_display_sip_uri_username, s.assistant_hide_create_account
  AS assistant_hide_create_account, s.assistant_disable_qr_code AS assistant_disable_qr_code,
  s.assistant_hide_third_party_account AS assistant_hide_third_party_account FROM t JOIN accounts a
  ON a.id = t.account_id JOIN spaces s ON s.domain = a.domain AND s.ends IS NULL LEFT JOIN passwords
  m ON m.account_id = a.id AND m.algorithm = 'MD5' LEFT JOIN passwords h ON h.account_id = a.id AND
  h.algorithm = 'SHA-256';

-- queue_claim ($1 text, $2 bigint, $3 bigint, $4 text[], $5 bigint)
WITH seen AS MATERIALIZED (SELECT id, domain, due_at FROM jobs WHERE backend = $1 AND due_at <=
  now() AND ended_at IS NULL AND expires_at > now() AND domain <> ALL($4) AND (account_id IS NULL OR
  (SELECT true FROM accounts a WHERE a.id = account_id)) ORDER BY due_at LIMIT $2 * 4), shared AS
  MATERIALIZED (SELECT id FROM (SELECT id, due_at, row_number() OVER (PARTITION BY domain ORDER BY
  due_at) AS place FROM seen) s WHERE place <= $3 ORDER BY due_at), due AS MATERIALIZED (SELECT id
  FROM jobs WHERE id = ANY (ARRAY(SELECT id FROM shared)) AND due_at <= now() AND ended_at IS NULL
  AND expires_at > now() ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED) UPDATE jobs SET attempts =
  attempts + 1, running = true, due_at = now() + make_interval(secs => $5) WHERE id = ANY
  (ARRAY(SELECT id FROM due)) RETURNING jobs.id, jobs.kind, jobs.domain, jobs.account_id,
  jobs.created_at, jobs.expires_at, jobs.attempts, jobs.request_id, jobs.mark::text AS mark,
  jobs.payload, jobs.payload_sealed, jobs.paced;

-- queue_done ($1 bigint[], $2 bigint[])
DELETE FROM jobs USING unnest($1, $2) t (id, attempts) WHERE jobs.id = t.id AND jobs.attempts =
  t.attempts AND running;

-- queue_expire ()
WITH over AS MATERIALIZED (SELECT id FROM jobs WHERE ended_at IS NULL AND expires_at <= now() AND
  NOT (running AND due_at > now()) ORDER BY expires_at LIMIT 1000 FOR UPDATE SKIP LOCKED), dead AS
  (UPDATE jobs SET ended_at = now(), running = false, failure = coalesce(failure, 'It expired before
  it was tried.') WHERE id = ANY (ARRAY(SELECT id FROM over)) RETURNING kind) SELECT kind, count(*)
  AS n FROM dead GROUP BY kind;

-- queue_later ($1 failure text, $2 wait_ms bigint, $3 id bigint, $4 attempts bigint)
UPDATE jobs SET running = false, paced = true, failure = $1, due_at = now() + make_interval(secs =>
  $2 / 1000.0), ended_at = CASE WHEN $2 < 0 OR expires_at <= now() + make_interval(secs => $2 /
  1000.0) THEN now() END WHERE id = $3 AND attempts = $4 AND running RETURNING ended_at IS NOT NULL
  AS dead;

-- queue_pace ($1 text, $2 text, $3 bigint)
INSERT INTO job_paces (backend, domain, next_at) VALUES ($1, $2, now() + make_interval(secs => $3 /
  1000.0)) ON CONFLICT (backend, domain) DO UPDATE SET next_at = greatest(job_paces.next_at, now())
  + make_interval(secs => $3 / 1000.0) RETURNING greatest(0, (extract(epoch FROM next_at - now()) *
  1000)::bigint - $3) AS id;

-- queue_release ($1 wait_ms bigint, $2 id bigint, $3 attempts bigint)
UPDATE jobs SET running = false, paced = true, attempts = attempts - 1, due_at = now() +
  make_interval(secs => $1 / 1000.0) WHERE id = $2 AND attempts = $3 AND running;

-- queue_renew ($1 bigint[], $2 bigint[], $3 bigint)
UPDATE jobs SET due_at = now() + make_interval(secs => $3) FROM unnest($1, $2) t (id, attempts)
  WHERE jobs.id = t.id AND jobs.attempts = t.attempts AND running;

-- queue_standing ($1 bigint)
SELECT kind, count(*) FILTER (WHERE ended_at IS NULL) AS waiting, count(ended_at) AS dead FROM jobs
  GROUP BY kind ORDER BY kind LIMIT $1;

-- recovery_add ($1 bigint, $2 text[])
INSERT INTO recovery_codes (account_id, code_hash) SELECT t.account_id, decode(h, 'hex') FROM
  (SELECT account_id FROM two_factor WHERE account_id = $1 AND secret_sealed IS NOT NULL FOR UPDATE)
  t, unnest($2) h;

-- recovery_clear ($1 account_id bigint)
DELETE FROM recovery_codes WHERE account_id = $1;

-- recovery_push_add ($1 token_hash bytea, $2 domain text, $3 pn_provider text, $4 pn_param text, $5
--   pn_prid text, $6 expires_at timestamptz, $7 ip text, $8 user_agent text)
INSERT INTO account_recovery_tokens (token_hash, domain, pn_provider, pn_param, pn_prid, expires_at,
  ip, user_agent) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- recovery_push_wait ($1 domain text, $2 pn_prid text, $3 pn_param text, $4 pn_provider text, $5
--   minutes bigint, $6 unused_max bigint)
SELECT coalesce(ceil(extract(epoch FROM greatest((SELECT created_at FROM account_recovery_tokens
  WHERE domain = $1 AND pn_prid = $2 AND pn_param = $3 AND pn_provider = $4 AND created_at > now() -
  make_interval(mins => $5::int) AND used ORDER BY created_at DESC LIMIT 1), (SELECT created_at FROM
  account_recovery_tokens WHERE domain = $1 AND pn_prid = $2 AND pn_param = $3 AND pn_provider = $4
  AND created_at > now() - make_interval(mins => $5::int) AND NOT used ORDER BY created_at DESC
  OFFSET $6 LIMIT 1)) + make_interval(mins => $5::int) - now())), 0)::bigint AS seconds;

-- recovery_use ($1 bigint, $2 text[])
DELETE FROM recovery_codes WHERE account_id = $1 AND code_hash = ANY (ARRAY(SELECT decode(h, 'hex')
  FROM unnest($2) h));

-- refresh_some ()
SELECT refresh_some() AS worked;

-- registrations_of_day ($1 domain text, $2 caller_id bigint)
SELECT to_char(b.at, CASE 'hour' WHEN 'hour' THEN 'YYYY-MM-DD HH24' ELSE 'YYYY-MM-DD' END) AS
  moment, coalesce(n.made, 0) AS all, coalesce(n.phone, 0) AS phone, coalesce(n.made, 0) -
  coalesce(n.phone, 0) AS email, coalesce(n.activated_phone, 0) AS activated_phone,
  coalesce(n.activated, 0) - coalesce(n.activated_phone, 0) AS activated_email FROM
  generate_series(date_trunc('hour', timezone('UTC', now()) - interval '24 hours'), timezone('UTC',
  now()), ('1 ' || 'hour')::interval) AS b (at) LEFT JOIN (SELECT date_trunc('hour', timezone('UTC',
  to_timestamp(c.bucket * 3600))) AS at, sum(c.n) FILTER (WHERE k.kind = 2) AS made, sum(c.n) FILTER
  (WHERE k.kind = 3) AS phone, sum(c.n) FILTER (WHERE k.kind = 4) AS activated, sum(c.n) FILTER
  (WHERE k.kind = 5) AS activated_phone FROM generate_series(2, 5) k (kind) CROSS JOIN LATERAL
  (SELECT bucket, n FROM accounts_counts WHERE domain = $1 AND kind = k.kind AND bucket >=
  accounts_hour(timezone('UTC', date_trunc('hour', timezone('UTC', now()) - interval '24 hours')))
  AND (coalesce($2, nullif(current_setting('dialtone.caller', true), '')::bigint) IS NOT NULL)) c
  GROUP BY 1) n ON n.at = b.at ORDER BY b.at;

-- registrations_of_month ($1 domain text, $2 caller_id bigint)
SELECT to_char(b.at, CASE 'day' WHEN 'hour' THEN 'YYYY-MM-DD HH24' ELSE 'YYYY-MM-DD' END) AS moment,
  coalesce(n.made, 0) AS all, coalesce(n.phone, 0) AS phone, coalesce(n.made, 0) - coalesce(n.phone,
  0) AS email, coalesce(n.activated_phone, 0) AS activated_phone, coalesce(n.activated, 0) -
  coalesce(n.activated_phone, 0) AS activated_email FROM generate_series(date_trunc('day',
  timezone('UTC', now()) - interval '1 month'), timezone('UTC', now()), ('1 ' || 'day')::interval)
  AS b (at) LEFT JOIN (SELECT date_trunc('day', timezone('UTC', to_timestamp(c.bucket * 3600))) AS
  at, sum(c.n) FILTER (WHERE k.kind = 2) AS made, sum(c.n) FILTER (WHERE k.kind = 3) AS phone,
  sum(c.n) FILTER (WHERE k.kind = 4) AS activated, sum(c.n) FILTER (WHERE k.kind = 5) AS
  activated_phone FROM generate_series(2, 5) k (kind) CROSS JOIN LATERAL (SELECT bucket, n FROM
  accounts_counts WHERE domain = $1 AND kind = k.kind AND bucket >= accounts_hour(timezone('UTC',
  date_trunc('day', timezone('UTC', now()) - interval '1 month'))) AND (coalesce($2,
  nullif(current_setting('dialtone.caller', true), '')::bigint) IS NOT NULL)) c GROUP BY 1) n ON
  n.at = b.at ORDER BY b.at;

-- registrations_of_week ($1 domain text, $2 caller_id bigint)
SELECT to_char(b.at, CASE 'day' WHEN 'hour' THEN 'YYYY-MM-DD HH24' ELSE 'YYYY-MM-DD' END) AS moment,
  coalesce(n.made, 0) AS all, coalesce(n.phone, 0) AS phone, coalesce(n.made, 0) - coalesce(n.phone,
  0) AS email, coalesce(n.activated_phone, 0) AS activated_phone, coalesce(n.activated, 0) -
  coalesce(n.activated_phone, 0) AS activated_email FROM generate_series(date_trunc('day',
  timezone('UTC', now()) - interval '7 days'), timezone('UTC', now()), ('1 ' || 'day')::interval) AS
  b (at) LEFT JOIN (SELECT date_trunc('day', timezone('UTC', to_timestamp(c.bucket * 3600))) AS at,
  sum(c.n) FILTER (WHERE k.kind = 2) AS made, sum(c.n) FILTER (WHERE k.kind = 3) AS phone, sum(c.n)
  FILTER (WHERE k.kind = 4) AS activated, sum(c.n) FILTER (WHERE k.kind = 5) AS activated_phone FROM
  generate_series(2, 5) k (kind) CROSS JOIN LATERAL (SELECT bucket, n FROM accounts_counts WHERE
  domain = $1 AND kind = k.kind AND bucket >= accounts_hour(timezone('UTC', date_trunc('day',
  timezone('UTC', now()) - interval '7 days'))) AND (coalesce($2,
  nullif(current_setting('dialtone.caller', true), '')::bigint) IS NOT NULL)) c GROUP BY 1) n ON
  n.at = b.at ORDER BY b.at;

-- removal_drop_account_creation_request_tokens ($1 text, $2 bigint)
DELETE FROM account_creation_request_tokens WHERE ctid = ANY (ARRAY(SELECT ctid FROM
  account_creation_request_tokens WHERE domain = $1 LIMIT $2));

-- removal_drop_account_creation_tokens ($1 text, $2 bigint)
DELETE FROM account_creation_tokens WHERE ctid = ANY (ARRAY(SELECT ctid FROM account_creation_tokens
  WHERE domain = $1 LIMIT $2));

-- removal_drop_account_recovery_tokens ($1 text, $2 bigint)
DELETE FROM account_recovery_tokens WHERE ctid = ANY (ARRAY(SELECT ctid FROM account_recovery_tokens
  WHERE domain = $1 LIMIT $2));

-- removal_drop_accounts ($1 text, $2 bigint)
DELETE FROM accounts WHERE id = ANY (ARRAY(SELECT id FROM accounts WHERE domain = $1 ORDER BY id
  LIMIT $2));

-- removal_drop_calls ($1 text, $2 bigint)
DELETE FROM calls WHERE ctid = ANY (ARRAY(SELECT ctid FROM calls WHERE domain = $1 LIMIT $2));

-- removal_drop_legacy_uses ($1 text, $2 bigint)
DELETE FROM legacy_uses WHERE ctid = ANY (ARRAY(SELECT ctid FROM legacy_uses WHERE domain = $1 LIMIT
  $2));

-- removal_drop_space ($1 bigint)
DELETE FROM spaces WHERE id = $1;

-- removal_drop_statistics_calls ($1 text, $2 bigint)
DELETE FROM statistics_calls WHERE ctid = ANY (ARRAY(SELECT ctid FROM statistics_calls WHERE domain
  = $1 LIMIT $2));

-- removal_drop_statistics_messages ($1 text, $2 bigint)
DELETE FROM statistics_messages WHERE ctid = ANY (ARRAY(SELECT ctid FROM statistics_messages WHERE
  domain = $1 LIMIT $2));

-- removal_end_sessions ($1 text, $2 bigint, $3 bigint)
WITH few AS MATERIALIZED (SELECT id FROM accounts WHERE domain = $1 AND id > $2 ORDER BY id LIMIT
  $3), ended AS (UPDATE sessions SET revoked_at = now() WHERE jti = ANY (ARRAY( SELECT se.jti FROM
  few CROSS JOIN LATERAL ( SELECT jti, expires_at FROM sessions WHERE account_id = few.id AND
  revoked_at IS NULL UNION ALL SELECT jti, expires_at FROM sessions WHERE account_id = few.id AND
  revoked_at > now()) se WHERE se.expires_at > now())) AND (revoked_at IS NULL OR revoked_at >
  now())) SELECT CASE WHEN count(*) = $3 THEN max(id) ELSE 0 END AS id FROM few;

-- removal_sessions_ended ($1 bigint)
UPDATE spaces SET ends = 'accounts' WHERE id = $1;

-- removal_take ()
WITH taken AS MATERIALIZED (SELECT * FROM spaces WHERE ends IS NOT NULL ORDER BY id LIMIT 1 FOR
  UPDATE SKIP LOCKED), said AS MATERIALIZED (SELECT set_config('dialtone.request',
  coalesce(ends_request_id, ''), true) FROM taken) SELECT id, domain, ends_request_id, ends =
  'sessions' AS has_sessions FROM taken, said;

-- request_token_add ($1 hash bytea, $2 domain text, $3 expires_at timestamptz, $4 ip text, $5
--   user_agent text)
INSERT INTO account_creation_request_tokens (token_hash, domain, expires_at, ip, user_agent) VALUES
  ($1, $2, $3, $4, $5);

-- request_token_exchange ($1 hash bytea, $2 domain text, $3 new_hash bytea, $4 expires_at
--   timestamptz, $5 ip text, $6 user_agent text)
WITH r AS (SELECT id FROM account_creation_request_tokens WHERE token_hash = $1 AND domain = $2 AND
  NOT used AND (expires_at IS NULL OR expires_at > now()) AND validated_at IS NOT NULL FOR UPDATE),
  c AS (INSERT INTO account_creation_tokens (token_hash, domain, expires_at, ip, user_agent) SELECT
  $3, $2, $4, $5, $6 FROM r RETURNING *), u AS (UPDATE account_creation_request_tokens q SET used =
  true, account_creation_token_id = c.id, updated_at = now() FROM r, c WHERE q.id = r.id) SELECT
  c.expires_at AS expire_at, c.ip, c.user_agent, c.used, c.account_id FROM c;

-- request_token_open ($1 name text, $2 domain text)
SELECT (validated_at IS NOT NULL) AS validated FROM account_creation_request_tokens WHERE token_hash
  = decode($1, 'hex') AND domain = $2 AND NOT used AND (expires_at IS NULL OR expires_at > now());

-- request_token_state ($1 hash bytea, $2 domain text)
SELECT used, (expires_at <= now()) IS TRUE AS expired FROM account_creation_request_tokens WHERE
  token_hash = $1 AND domain = $2;

-- request_token_validate ($1 hash bytea, $2 domain text)
UPDATE account_creation_request_tokens SET validated_at = coalesce(validated_at, now()), updated_at
  = now() WHERE token_hash = $1 AND domain = $2 AND NOT used AND (expires_at IS NULL OR expires_at >
  now()) RETURNING id;

-- reset_state ($1 bytea, $2 text)
SELECT (t.used OR t.expires_at <= now()) AS over FROM reset_password_email_tokens t JOIN accounts a
  ON a.id = t.account_id AND a.email = t.email WHERE t.token_hash = $1 AND a.domain = $2 AND NOT
  a.blocked;

-- reset_take ($1 bytea, $2 text)
WITH a AS (SELECT id, username, domain, email FROM accounts WHERE id = (SELECT account_id FROM
  reset_password_email_tokens WHERE token_hash = $1) AND domain = $2 AND NOT blocked FOR NO KEY
  UPDATE) UPDATE reset_password_email_tokens t SET used = true FROM a WHERE t.token_hash = $1 AND
  t.account_id = a.id AND t.email = a.email AND NOT t.used AND t.expires_at > now() RETURNING a.id
  AS account_id, a.username AS username, a.domain AS domain;

-- reset_token_put ($1 bigint, $2 bytea, $3 text, $4 timestamptz, $5 text, $6 text)
INSERT INTO reset_password_email_tokens (account_id, token_hash, email, expires_at, ip, user_agent)
  VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (account_id) WHERE NOT used DO UPDATE SET token_hash =
  excluded.token_hash, email = excluded.email, expires_at = excluded.expires_at, ip = excluded.ip,
  user_agent = excluded.user_agent, created_at = now();

-- sealed_count_of_key ($1 bigint)
SELECT count(*) AS id FROM (SELECT CASE WHEN length(secret_sealed) > 2 THEN get_byte(secret_sealed,
  1) * 256 + get_byte(secret_sealed, 2) ELSE -1 END AS id FROM two_factor UNION ALL SELECT CASE WHEN
  length(password_sealed) > 2 THEN get_byte(password_sealed, 1) * 256 + get_byte(password_sealed, 2)
  ELSE -1 END AS id FROM space_email_servers UNION ALL SELECT CASE WHEN length(client_secret_sealed)
  > 2 THEN get_byte(client_secret_sealed, 1) * 256 + get_byte(client_secret_sealed, 2) ELSE -1 END
  AS id FROM space_oidc_configurations UNION ALL SELECT CASE WHEN length(code_sealed) > 2 THEN
  get_byte(code_sealed, 1) * 256 + get_byte(code_sealed, 2) ELSE -1 END AS id FROM
  email_change_codes UNION ALL SELECT CASE WHEN length(code_sealed) > 2 THEN get_byte(code_sealed,
  1) * 256 + get_byte(code_sealed, 2) ELSE -1 END AS id FROM phone_change_codes UNION ALL SELECT
  CASE WHEN length(pending_sealed) > 2 THEN get_byte(pending_sealed, 1) * 256 +
  get_byte(pending_sealed, 2) ELSE -1 END AS id FROM two_factor UNION ALL SELECT CASE WHEN
  length(token_sealed) > 2 THEN get_byte(token_sealed, 1) * 256 + get_byte(token_sealed, 2) ELSE -1
  END AS id FROM provisioning_tokens UNION ALL SELECT CASE WHEN length(key_sealed) > 2 THEN
  get_byte(key_sealed, 1) * 256 + get_byte(key_sealed, 2) ELSE -1 END AS id FROM confirmation_keys
  UNION ALL SELECT CASE WHEN length(secret_sealed) > 2 THEN get_byte(secret_sealed, 1) * 256 +
  get_byte(secret_sealed, 2) ELSE -1 END AS id FROM extensions UNION ALL SELECT CASE WHEN
  length(payload_sealed) > 2 THEN get_byte(payload_sealed, 1) * 256 + get_byte(payload_sealed, 2)
  ELSE -1 END AS id FROM jobs) keys WHERE id = $1;

-- sealed_drop_confirmation_keys_key_sealed ($1 id bigint, $2 old bytea)
DELETE FROM confirmation_keys WHERE account_id = $1 AND key_sealed = $2;

-- sealed_drop_email_change_codes_code_sealed ($1 id bigint, $2 old bytea)
UPDATE email_change_codes SET code_sealed = NULL WHERE id = $1 AND code_sealed = $2;

-- sealed_drop_extensions_secret_sealed ($1 id bigint, $2 old bytea)
UPDATE extensions SET secret_sealed = NULL WHERE id = $1 AND secret_sealed = $2;

-- sealed_drop_jobs_payload_sealed ($1 id bigint, $2 old bytea)
DELETE FROM jobs WHERE id = $1 AND payload_sealed = $2;

-- sealed_drop_phone_change_codes_code_sealed ($1 id bigint, $2 old bytea)
UPDATE phone_change_codes SET code_sealed = NULL WHERE id = $1 AND code_sealed = $2;

-- sealed_drop_provisioning_tokens_token_sealed ($1 id bigint, $2 old bytea)
DELETE FROM provisioning_tokens WHERE id = $1 AND token_sealed = $2;

-- sealed_drop_space_email_servers_password_sealed ($1 id bigint, $2 old bytea)
UPDATE space_email_servers SET password_sealed = NULL WHERE id = $1 AND password_sealed = $2;

-- sealed_drop_space_oidc_configurations_client_secret_sealed ($1 id bigint, $2 old bytea)
UPDATE space_oidc_configurations SET client_secret_sealed = NULL WHERE space_id = $1 AND
  client_secret_sealed = $2;

-- sealed_drop_two_factor_pending_sealed ($1 id bigint, $2 old bytea)
UPDATE two_factor SET pending_sealed = NULL, pending_expires_at = NULL WHERE account_id = $1 AND
  pending_sealed = $2;

-- sealed_drop_two_factor_secret_sealed ($1 id bigint, $2 old bytea)
DELETE FROM two_factor WHERE account_id = $1 AND secret_sealed = $2;

-- sealed_list_confirmation_keys_key_sealed ($1 key_id bigint, $2 after bigint, $3 limit bigint)
SELECT account_id AS id, key_sealed AS sealed FROM confirmation_keys WHERE key_sealed IS NOT NULL
  AND CASE WHEN length(key_sealed) > 2 THEN get_byte(key_sealed, 1) * 256 + get_byte(key_sealed, 2)
  ELSE -1 END <> $1 AND account_id > $2 ORDER BY account_id LIMIT $3;

-- sealed_list_email_change_codes_code_sealed ($1 key_id bigint, $2 after bigint, $3 limit bigint)
SELECT id AS id, code_sealed AS sealed FROM email_change_codes WHERE code_sealed IS NOT NULL AND
  CASE WHEN length(code_sealed) > 2 THEN get_byte(code_sealed, 1) * 256 + get_byte(code_sealed, 2)
  ELSE -1 END <> $1 AND id > $2 ORDER BY id LIMIT $3;

-- sealed_list_extensions_secret_sealed ($1 key_id bigint, $2 after bigint, $3 limit bigint)
SELECT id AS id, secret_sealed AS sealed FROM extensions WHERE secret_sealed IS NOT NULL AND CASE
  WHEN length(secret_sealed) > 2 THEN get_byte(secret_sealed, 1) * 256 + get_byte(secret_sealed, 2)
  ELSE -1 END <> $1 AND id > $2 ORDER BY id LIMIT $3;

-- sealed_list_jobs_payload_sealed ($1 key_id bigint, $2 after bigint, $3 limit bigint)
SELECT id AS id, payload_sealed AS sealed FROM jobs WHERE payload_sealed IS NOT NULL AND CASE WHEN
  length(payload_sealed) > 2 THEN get_byte(payload_sealed, 1) * 256 + get_byte(payload_sealed, 2)
  ELSE -1 END <> $1 AND id > $2 ORDER BY id LIMIT $3;

-- sealed_list_phone_change_codes_code_sealed ($1 key_id bigint, $2 after bigint, $3 limit bigint)
SELECT id AS id, code_sealed AS sealed FROM phone_change_codes WHERE code_sealed IS NOT NULL AND
  CASE WHEN length(code_sealed) > 2 THEN get_byte(code_sealed, 1) * 256 + get_byte(code_sealed, 2)
  ELSE -1 END <> $1 AND id > $2 ORDER BY id LIMIT $3;

-- sealed_list_provisioning_tokens_token_sealed ($1 key_id bigint, $2 after bigint, $3 limit bigint)
SELECT id AS id, token_sealed AS sealed FROM provisioning_tokens WHERE token_sealed IS NOT NULL AND
  CASE WHEN length(token_sealed) > 2 THEN get_byte(token_sealed, 1) * 256 + get_byte(token_sealed,
  2) ELSE -1 END <> $1 AND id > $2 ORDER BY id LIMIT $3;

-- sealed_list_space_email_servers_password_sealed ($1 key_id bigint, $2 after bigint, $3 limit
--   bigint)
SELECT id AS id, password_sealed AS sealed FROM space_email_servers WHERE password_sealed IS NOT
  NULL AND CASE WHEN length(password_sealed) > 2 THEN get_byte(password_sealed, 1) * 256 +
  get_byte(password_sealed, 2) ELSE -1 END <> $1 AND id > $2 ORDER BY id LIMIT $3;

-- sealed_list_space_oidc_configurations_client_secret_sealed ($1 key_id bigint, $2 after bigint, $3
--   limit bigint)
SELECT space_id AS id, client_secret_sealed AS sealed FROM space_oidc_configurations WHERE
  client_secret_sealed IS NOT NULL AND CASE WHEN length(client_secret_sealed) > 2 THEN
  get_byte(client_secret_sealed, 1) * 256 + get_byte(client_secret_sealed, 2) ELSE -1 END <> $1 AND
  space_id > $2 ORDER BY space_id LIMIT $3;

-- sealed_list_two_factor_pending_sealed ($1 key_id bigint, $2 after bigint, $3 limit bigint)
SELECT account_id AS id, pending_sealed AS sealed FROM two_factor WHERE pending_sealed IS NOT NULL
  AND CASE WHEN length(pending_sealed) > 2 THEN get_byte(pending_sealed, 1) * 256 +
  get_byte(pending_sealed, 2) ELSE -1 END <> $1 AND account_id > $2 ORDER BY account_id LIMIT $3;

-- sealed_list_two_factor_secret_sealed ($1 key_id bigint, $2 after bigint, $3 limit bigint)
SELECT account_id AS id, secret_sealed AS sealed FROM two_factor WHERE secret_sealed IS NOT NULL AND
  CASE WHEN length(secret_sealed) > 2 THEN get_byte(secret_sealed, 1) * 256 +
  get_byte(secret_sealed, 2) ELSE -1 END <> $1 AND account_id > $2 ORDER BY account_id LIMIT $3;

-- sealed_newest_key ()
SELECT greatest(max(id), 0) AS id FROM (SELECT CASE WHEN length(secret_sealed) > 2 THEN
  get_byte(secret_sealed, 1) * 256 + get_byte(secret_sealed, 2) ELSE -1 END AS id FROM two_factor
  UNION ALL SELECT CASE WHEN length(password_sealed) > 2 THEN get_byte(password_sealed, 1) * 256 +
  get_byte(password_sealed, 2) ELSE -1 END AS id FROM space_email_servers UNION ALL SELECT CASE WHEN
  length(client_secret_sealed) > 2 THEN get_byte(client_secret_sealed, 1) * 256 +
  get_byte(client_secret_sealed, 2) ELSE -1 END AS id FROM space_oidc_configurations UNION ALL
  SELECT CASE WHEN length(code_sealed) > 2 THEN get_byte(code_sealed, 1) * 256 +
  get_byte(code_sealed, 2) ELSE -1 END AS id FROM email_change_codes UNION ALL SELECT CASE WHEN
  length(code_sealed) > 2 THEN get_byte(code_sealed, 1) * 256 + get_byte(code_sealed, 2) ELSE -1 END
  AS id FROM phone_change_codes UNION ALL SELECT CASE WHEN length(pending_sealed) > 2 THEN
  get_byte(pending_sealed, 1) * 256 + get_byte(pending_sealed, 2) ELSE -1 END AS id FROM two_factor
  UNION ALL SELECT CASE WHEN length(token_sealed) > 2 THEN get_byte(token_sealed, 1) * 256 +
  get_byte(token_sealed, 2) ELSE -1 END AS id FROM provisioning_tokens UNION ALL SELECT CASE WHEN
  length(key_sealed) > 2 THEN get_byte(key_sealed, 1) * 256 + get_byte(key_sealed, 2) ELSE -1 END AS
  id FROM confirmation_keys UNION ALL SELECT CASE WHEN length(secret_sealed) > 2 THEN
  get_byte(secret_sealed, 1) * 256 + get_byte(secret_sealed, 2) ELSE -1 END AS id FROM extensions
  UNION ALL SELECT CASE WHEN length(payload_sealed) > 2 THEN get_byte(payload_sealed, 1) * 256 +
  get_byte(payload_sealed, 2) ELSE -1 END AS id FROM jobs) keys;

-- sealed_replace_confirmation_keys_key_sealed ($1 sealed bytea, $2 id bigint, $3 old bytea)
UPDATE confirmation_keys SET key_sealed = $1 WHERE account_id = $2 AND key_sealed = $3;

-- sealed_replace_email_change_codes_code_sealed ($1 sealed bytea, $2 id bigint, $3 old bytea)
UPDATE email_change_codes SET code_sealed = $1 WHERE id = $2 AND code_sealed = $3;

-- sealed_replace_extensions_secret_sealed ($1 sealed bytea, $2 id bigint, $3 old bytea)
UPDATE extensions SET secret_sealed = $1 WHERE id = $2 AND secret_sealed = $3;

-- sealed_replace_jobs_payload_sealed ($1 sealed bytea, $2 id bigint, $3 old bytea)
UPDATE jobs SET payload_sealed = $1 WHERE id = $2 AND payload_sealed = $3;

-- sealed_replace_phone_change_codes_code_sealed ($1 sealed bytea, $2 id bigint, $3 old bytea)
UPDATE phone_change_codes SET code_sealed = $1 WHERE id = $2 AND code_sealed = $3;

-- sealed_replace_provisioning_tokens_token_sealed ($1 sealed bytea, $2 id bigint, $3 old bytea)
UPDATE provisioning_tokens SET token_sealed = $1 WHERE id = $2 AND token_sealed = $3;

-- sealed_replace_space_email_servers_password_sealed ($1 sealed bytea, $2 id bigint, $3 old bytea)
UPDATE space_email_servers SET password_sealed = $1 WHERE id = $2 AND password_sealed = $3;

-- sealed_replace_space_oidc_configurations_client_secret_sealed ($1 sealed bytea, $2 id bigint, $3
--   old bytea)
UPDATE space_oidc_configurations SET client_secret_sealed = $1 WHERE space_id = $2 AND
  client_secret_sealed = $3;

-- sealed_replace_two_factor_pending_sealed ($1 sealed bytea, $2 id bigint, $3 old bytea)
UPDATE two_factor SET pending_sealed = $1 WHERE account_id = $2 AND pending_sealed = $3;

-- sealed_replace_two_factor_secret_sealed ($1 sealed bytea, $2 id bigint, $3 old bytea)
UPDATE two_factor SET secret_sealed = $1 WHERE account_id = $2 AND secret_sealed = $3;

-- session_has_audience ($1 account_id bigint, $2 audience text)
SELECT EXISTS (SELECT FROM accounts a JOIN sessions se ON se.account_id = a.id WHERE a.id = $1 AND
  se.audience = $2 AND se.revoked_at IS NULL AND se.expires_at > now() AND (a.sessions_void_at IS
  NULL OR se.issued_at > a.sessions_void_at OR se.jti = ANY (a.sessions_spared))) AS yes;

-- session_insert ($1 text, $2 bigint, $3 text, $4 boolean, $5 boolean, $6 inet, $7 text, $8
--   timestamptz)
INSERT INTO sessions (jti, account_id, audience, two_factor, otp_verified, ip, user_agent,
  expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- session_list ($1 caller_id bigint)
SELECT se.jti, se.audience, host(ip) AS ip, se.user_agent, se.otp_verified, se.issued_at,
  se.expires_at, se.last_used_at FROM accounts a JOIN sessions se ON se.account_id = a.id WHERE a.id
  = coalesce($1, nullif(current_setting('dialtone.caller', true), '')::bigint) AND se.revoked_at IS
  NULL AND se.expires_at > now() AND (a.sessions_void_at IS NULL OR se.issued_at >
  a.sessions_void_at OR se.jti = ANY (a.sessions_spared)) ORDER BY se.issued_at DESC, se.jti LIMIT
  1000;

-- session_lock_account ($1 account_id bigint)
SELECT id FROM accounts WHERE id = $1 FOR NO KEY UPDATE;

-- session_of_caller ($1 caller_id bigint, $2 name text)
SELECT jti, audience, host(ip) AS ip, user_agent, otp_verified, issued_at, expires_at, last_used_at
  FROM sessions WHERE account_id = coalesce($1, nullif(current_setting('dialtone.caller', true),
  '')::bigint) AND jti = $2 AND expires_at > now() AND (revoked_at IS NULL OR revoked_at > now());

-- session_replace ($1 replaced_by text, $2 grace_s bigint, $3 jti text)
UPDATE sessions SET replaced_by = $1, revoked_at = now() + make_interval(secs => $2) WHERE jti = $3
  AND revoked_at IS NULL;

-- session_revoke ($1 jti text)
UPDATE sessions SET revoked_at = now() WHERE jti = $1 AND (revoked_at IS NULL OR revoked_at > now());

-- session_revoke_all ($1 account_id bigint, $2 but text, $3 and_but text)
SELECT sessions_end_some($1, array_remove(ARRAY[$2, $3], NULL), true) AS yes;

-- session_revoke_audience ($1 account_id bigint, $2 audience text)
UPDATE sessions SET revoked_at = now() WHERE jti = ANY (ARRAY( SELECT jti FROM sessions WHERE
  account_id = $1 AND audience = $2 AND revoked_at IS NULL UNION ALL SELECT jti FROM sessions WHERE
  account_id = $1 AND audience = $2 AND revoked_at > now())) AND (revoked_at IS NULL OR revoked_at >
  now());

-- session_revoke_of ($1 account_id bigint, $2 jti text)
UPDATE sessions SET revoked_at = now() WHERE account_id = $1 AND jti = $2 AND expires_at > now() AND
  (revoked_at IS NULL OR revoked_at > now());

-- session_touch ($1 text[])
UPDATE sessions SET last_used_at = now() WHERE jti IN (SELECT jti FROM sessions WHERE jti = ANY ($1)
  AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute') FOR NO KEY UPDATE SKIP
  LOCKED);

-- session_wrong_code ($1 limit bigint, $2 jti text)
UPDATE sessions SET wrong_codes = wrong_codes + 1, revoked_at = CASE WHEN wrong_codes + 1 >= $1 THEN
  now() ELSE revoked_at END WHERE jti = $2 AND (revoked_at IS NULL OR revoked_at > now());

-- space_accounts ($1 text)
SELECT coalesce(sum(n), 0) AS count FROM accounts_counts WHERE domain = $1 AND kind = 1;

-- space_end ($1 text)
UPDATE spaces SET ends = 'sessions', updated_at = now(), ends_request_id =
  nullif(current_setting('dialtone.request', true), '') WHERE domain = $1 AND ends IS NULL;

-- space_insert ($1 domain text, $2 super boolean, $3 disable_chat_feature boolean, $4
--   disable_meetings_feature boolean, $5 disable_broadcast_feature boolean, $6 hide_settings
--   boolean, $7 hide_account_settings boolean, $8 disable_call_recordings_feature boolean, $9
--   only_display_sip_uri_username boolean, $10 assistant_hide_create_account boolean, $11
--   assistant_disable_qr_code boolean, $12 assistant_hide_third_party_account boolean, $13
--   custom_provisioning_overwrite_all boolean, $14 web_panel boolean, $15 public_registration
--   boolean, $16 phone_registration boolean, $17 intercom_features boolean, $18
--   carddav_user_credentials boolean, $19 unique_email boolean, $20
--   client_certificate_authentication boolean, $21 copyright_text text, $22 intro_registration_text
--   text, $23 newsletter_registration_address text, $24 account_proxy_registrar_address text, $25
--   custom_provisioning_entries text, $26 logo text, $27 host text, $28 name text, $29 max_account
--   bigint, $30 max_accounts bigint, $31 theme_hue bigint, $32 digest_enabled boolean, $33 realm
--   text, $34 default_password_algorithm text, $35 expire_at timestamptz)
INSERT INTO spaces (domain, super, disable_chat_feature, disable_meetings_feature,
  disable_broadcast_feature, hide_settings, hide_account_settings, disable_call_recordings_feature,
  only_display_sip_uri_username, assistant_hide_create_account, assistant_disable_qr_code,
  assistant_hide_third_party_account, custom_provisioning_overwrite_all, web_panel,
  public_registration, phone_registration, intercom_features, carddav_user_credentials,
  unique_email, client_certificate_authentication, copyright_text, intro_registration_text,
  newsletter_registration_address, account_proxy_registrar_address, custom_provisioning_entries,
  logo, host, name, max_account, max_accounts, theme_hue, digest_enabled, realm,
  default_password_algorithm, expire_at) SELECT $1, coalesce($2, false), coalesce($3, false),
  coalesce($4, false), coalesce($5, false), coalesce($6, false), coalesce($7, false), coalesce($8,
  false), coalesce($9, false), coalesce($10, false), coalesce($11, false), coalesce($12, false),
  coalesce($13, false), coalesce($14, false), coalesce($15, false), coalesce($16, false),
  coalesce($17, false), coalesce($18, false), coalesce($19, false), coalesce($20, false), $21, $22,
  $23, $24, $25, $26, $27, $28, $29, $30, $31, coalesce($32, false), $33, $34, ($35 AT TIME ZONE
  'UTC')::date WHERE (SELECT count(*) FROM (SELECT FROM spaces LIMIT 10000) o) < 10000 RETURNING id;

-- space_list ()
SELECT s.id, s.domain, s.host, s.name, s.super, (NOT s.super AND s.expire_at <= (now() AT TIME ZONE
  'UTC')::date) IS TRUE AS expired, s.max_accounts, coalesce(s.realm, s.domain) AS realm,
  s.default_password_algorithm AS default_algorithm, 'MD5' = ANY (s.allowed_algorithms) AS
  allows_md5, 'SHA-256' = ANY (s.allowed_algorithms) AS allows_sha256, s.username_min_length,
  s.digest_enabled, s.client_certificate_authentication AS client_certificates, o.public_key AS
  provider_key, o.server_url AS provider_url, o.realm AS provider_realm, o.audience AS audience,
  o.sip_identifier AS sip_claim FROM spaces s LEFT JOIN space_oidc_configurations o ON o.space_id =
  s.id WHERE s.ends IS NULL ORDER BY s.id;

-- space_lock ($1 text)
SELECT id FROM spaces WHERE domain = $1 AND ends IS NULL FOR NO KEY UPDATE;

-- space_provider_drop ($1 bigint)
DELETE FROM space_oidc_configurations WHERE space_id = $1;

-- space_provider_put ($1 space_id bigint, $2 server_url text, $3 realm text, $4 sip_identifier
--   text, $5 public_key text, $6 audience text, $7 client_id text, $8 client_secret_sealed bytea,
--   $9 auto_provisioning boolean, $10 role_provisioning boolean)
INSERT INTO space_oidc_configurations AS o (space_id, server_url, realm, sip_identifier, public_key,
  audience, client_id, client_secret_sealed, auto_provisioning, role_provisioning) VALUES ($1, $2,
  $3, $4, $5, $6, $7, $8, coalesce($9, false), coalesce($10, false)) ON CONFLICT (space_id) DO
  UPDATE SET server_url = $2, realm = $3, sip_identifier = $4, public_key = $5, audience = $6,
  client_id = $7, client_secret_sealed = coalesce($8, o.client_secret_sealed), auto_provisioning =
  coalesce($9, o.auto_provisioning), role_provisioning = coalesce($10, o.role_provisioning),
  updated_at = now();

-- space_put ($1 domain text, $2 host text, $3 name text, $4 super boolean)
INSERT INTO spaces (domain, host, name, super) VALUES ($1, $2, $3, $4) ON CONFLICT (domain) DO
  UPDATE SET host = $2, name = $3, super = $4, updated_at = now() WHERE spaces.ends IS NULL
  RETURNING id;

-- space_record ($1 name text)
SELECT s.id, s.domain, s.host, s.name, s.created_at, s.updated_at, s.super, s.disable_chat_feature,
  s.disable_meetings_feature, s.disable_broadcast_feature, s.hide_settings, s.hide_account_settings,
  s.disable_call_recordings_feature, s.only_display_sip_uri_username,
  s.assistant_hide_create_account, s.assistant_disable_qr_code,
  s.assistant_hide_third_party_account, s.custom_provisioning_overwrite_all, s.web_panel,
  s.public_registration, s.phone_registration, s.intercom_features, s.carddav_user_credentials,
  s.unique_email, s.client_certificate_authentication, s.max_account, s.max_accounts,
  s.expire_at::timestamp AT TIME ZONE 'UTC' AS expire_at, s.copyright_text,
  s.intro_registration_text, s.newsletter_registration_address, s.account_proxy_registrar_address,
  s.custom_provisioning_entries, s.logo, s.theme_hue, (SELECT row_to_json(d) FROM (SELECT e.id,
  e.host, e.port, e.username, e.from_address, e.from_name, e.signature, iso_time(e.created_at) AS
  created_at, iso_time(e.updated_at) AS updated_at FROM space_email_servers e WHERE e.space_id =
  s.id) d) AS email_server, '[]'::json AS carddav_servers, (SELECT row_to_json(d) FROM (SELECT
  coalesce(s.realm, s.domain) AS realm, s.default_password_algorithm) d WHERE s.digest_enabled) AS
  digest_authentication_configuration, (SELECT row_to_json(d) FROM (SELECT o.server_url, o.realm,
  o.sip_identifier, o.public_key, o.audience, o.client_id, o.auto_provisioning, o.role_provisioning
  FROM space_oidc_configurations o WHERE o.space_id = s.id) d) AS oidc_authentication_configuration,
  coalesce(s.realm, s.domain) AS realm FROM spaces s WHERE s.domain = $1 AND s.ends IS NULL;

-- space_records ($1 caller_id bigint)
SELECT s.id, s.domain, s.host, s.name, s.created_at, s.updated_at, s.super, s.disable_chat_feature,
  s.disable_meetings_feature, s.disable_broadcast_feature, s.hide_settings, s.hide_account_settings,
  s.disable_call_recordings_feature, s.only_display_sip_uri_username,
  s.assistant_hide_create_account, s.assistant_disable_qr_code,
  s.assistant_hide_third_party_account, s.custom_provisioning_overwrite_all, s.web_panel,
  s.public_registration, s.phone_registration, s.intercom_features, s.carddav_user_credentials,
  s.unique_email, s.client_certificate_authentication, s.max_account, s.max_accounts,
  s.expire_at::timestamp AT TIME ZONE 'UTC' AS expire_at, s.copyright_text,
  s.intro_registration_text, s.newsletter_registration_address, s.account_proxy_registrar_address,
  s.custom_provisioning_entries, s.logo, s.theme_hue, (SELECT row_to_json(d) FROM (SELECT e.id,
  e.host, e.port, e.username, e.from_address, e.from_name, e.signature, iso_time(e.created_at) AS
  created_at, iso_time(e.updated_at) AS updated_at FROM space_email_servers e WHERE e.space_id =
  s.id) d) AS email_server, '[]'::json AS carddav_servers, (SELECT row_to_json(d) FROM (SELECT
  coalesce(s.realm, s.domain) AS realm, s.default_password_algorithm) d WHERE s.digest_enabled) AS
  digest_authentication_configuration, (SELECT row_to_json(d) FROM (SELECT o.server_url, o.realm,
  o.sip_identifier, o.public_key, o.audience, o.client_id, o.auto_provisioning, o.role_provisioning
  FROM space_oidc_configurations o WHERE o.space_id = s.id) d) AS oidc_authentication_configuration,
  coalesce(s.realm, s.domain) AS realm FROM spaces s WHERE s.ends IS NULL AND (SELECT o.super FROM
  spaces o WHERE o.domain = (SELECT o.domain FROM accounts o WHERE o.id = coalesce($1,
  nullif(current_setting('dialtone.caller', true), '')::bigint))) ORDER BY s.id;

-- space_set_two_factor ($1 policy text, $2 grace_days bigint, $3 domain text)
UPDATE spaces SET two_factor_policy = $1, two_factor_grace_days = $2, two_factor_policy_since =
  now(), updated_at = now() WHERE domain = $3 AND ends IS NULL RETURNING id;

-- space_shared_emails ($1 text)
SELECT lower(email) AS email FROM accounts WHERE domain = $1 AND email IS NOT NULL GROUP BY
  lower(email) HAVING count(*) > 1 ORDER BY 1 LIMIT 10;

-- space_taken ($1 domain text, $2 host text, $3 name text, $4 id bigint)
SELECT coalesce(bool_or(domain = $1), false) AS domain, coalesce(bool_or(domain = $1 AND ends IS NOT
  NULL), false) AS ends, coalesce(bool_or(host = $2 AND ends IS NULL), false) AS host,
  coalesce(bool_or(name = $3 AND ends IS NULL), false) AS name FROM spaces WHERE id <> $4 AND
  (domain = $1 OR host = $2 OR name = $3);

-- space_update ($1 super boolean, $2 disable_chat_feature boolean, $3 disable_meetings_feature
--   boolean, $4 disable_broadcast_feature boolean, $5 hide_settings boolean, $6
--   hide_account_settings boolean, $7 disable_call_recordings_feature boolean, $8
--   only_display_sip_uri_username boolean, $9 assistant_hide_create_account boolean, $10
--   assistant_disable_qr_code boolean, $11 assistant_hide_third_party_account boolean, $12
--   custom_provisioning_overwrite_all boolean, $13 web_panel boolean, $14 public_registration
--   boolean, $15 phone_registration boolean, $16 intercom_features boolean, $17
--   carddav_user_credentials boolean, $18 unique_email boolean, $19
--   client_certificate_authentication boolean, $20 copyright_text text, $21 intro_registration_text
--   text, $22 newsletter_registration_address text, $23 account_proxy_registrar_address text, $24
--   custom_provisioning_entries text, $25 logo text, $26 host text, $27 name text, $28 max_account
--   bigint, $29 max_accounts bigint, $30 theme_hue bigint, $31 digest_enabled boolean, $32 realm
--   text, $33 default_password_algorithm text, $34 expire_at timestamptz, $35 domain text)
UPDATE spaces SET super = coalesce($1, super), disable_chat_feature = coalesce($2,
  disable_chat_feature), disable_meetings_feature = coalesce($3, disable_meetings_feature),
  disable_broadcast_feature = coalesce($4, disable_broadcast_feature), hide_settings = coalesce($5,
  hide_settings), hide_account_settings = coalesce($6, hide_account_settings),
  disable_call_recordings_feature = coalesce($7, disable_call_recordings_feature),
  only_display_sip_uri_username = coalesce($8, only_display_sip_uri_username),
  assistant_hide_create_account = coalesce($9, assistant_hide_create_account),
  assistant_disable_qr_code = coalesce($10, assistant_disable_qr_code),
  assistant_hide_third_party_account = coalesce($11, assistant_hide_third_party_account),
  custom_provisioning_overwrite_all = coalesce($12, custom_provisioning_overwrite_all), web_panel =
  coalesce($13, web_panel), public_registration = coalesce($14, public_registration),
  phone_registration = coalesce($15, phone_registration), intercom_features = coalesce($16,
  intercom_features), carddav_user_credentials = coalesce($17, carddav_user_credentials),
  unique_email = coalesce($18, unique_email), client_certificate_authentication = coalesce($19,
  client_certificate_authentication), copyright_text = $20, intro_registration_text = $21,
  newsletter_registration_address = $22, account_proxy_registrar_address = $23,
  custom_provisioning_entries = $24, logo = $25, host = $26, name = $27, max_account = $28,
  max_accounts = $29, theme_hue = $30, digest_enabled = coalesce($31, digest_enabled), realm =
  coalesce($32, realm), default_password_algorithm = coalesce($33, default_password_algorithm),
  expire_at = ($34 AT TIME ZONE 'UTC')::date, updated_at = now() WHERE domain = $35 AND ends IS NULL;

-- space_version ()
SELECT version FROM spaces_version;

-- status_read ()
SELECT (SELECT count(*) FROM spaces) AS spaces, (SELECT coalesce(sum(n), 0) FROM accounts_counts
  WHERE kind = 1) AS accounts, (SELECT count(*) FROM sessions WHERE revoked_at IS NULL AND
  expires_at > now()) AS sessions, (SELECT count(*) FROM outbox) AS outbox, (SELECT
  coalesce(extract(epoch FROM now() - min(created_at)), 0)::bigint FROM outbox) AS outbox_s, (SELECT
  count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name =
  'dialtone-jobs') AS jobs;

-- status_unwrite ()
DELETE FROM guesses WHERE subject = 'status:' || pg_backend_pid();

-- status_write ()
INSERT INTO guesses (subject, failures, ends_at) VALUES ('status:' || pg_backend_pid(), 0, now()) ON
  CONFLICT (subject) DO UPDATE SET ends_at = now();

-- two_factor_begin ($1 sealed bytea, $2 expires_at timestamptz, $3 account_id bigint)
INSERT INTO two_factor AS t (account_id, pending_sealed, pending_expires_at) SELECT a.id, $1, $2
  FROM accounts a JOIN spaces s ON s.domain = a.domain WHERE a.id = $3 AND s.two_factor_policy <>
  'off' FOR NO KEY UPDATE OF a ON CONFLICT (account_id) DO UPDATE SET pending_sealed = CASE WHEN
  t.pending_expires_at > now() THEN t.pending_sealed ELSE excluded.pending_sealed END,
  pending_expires_at = CASE WHEN t.pending_expires_at > now() THEN t.pending_expires_at ELSE
  excluded.pending_expires_at END WHERE t.secret_sealed IS NULL RETURNING pending_sealed AS sealed;

-- two_factor_cancel ($1 account_id bigint)
UPDATE two_factor SET pending_sealed = NULL, pending_expires_at = NULL WHERE account_id = $1;

-- two_factor_disable ($1 account_id bigint)
DELETE FROM two_factor WHERE account_id = $1 AND secret_sealed IS NOT NULL;

-- two_factor_enable ($1 step bigint, $2 account_id bigint, $3 sealed bytea)
UPDATE two_factor SET secret_sealed = pending_sealed, enabled_at = now(), last_step = $1,
  pending_sealed = NULL, pending_expires_at = NULL WHERE account_id = $2 AND secret_sealed IS NULL
  AND pending_sealed = $3 AND pending_expires_at > now();

-- two_factor_get ($1 account_id bigint)
SELECT account_id, secret_sealed AS secret, CASE WHEN pending_expires_at > now() THEN pending_sealed
  END AS pending FROM two_factor WHERE account_id = $1 AND (secret_sealed IS NOT NULL OR
  pending_expires_at > now());

-- two_factor_own ($1 caller_id bigint)
SELECT account_id AS id FROM two_factor WHERE account_id = coalesce($1,
  nullif(current_setting('dialtone.caller', true), '')::bigint) AND secret_sealed IS NOT NULL;

-- two_factor_use_step ($1 step bigint, $2 account_id bigint)
UPDATE two_factor SET last_step = $1 WHERE account_id = $2 AND secret_sealed IS NOT NULL AND
  last_step < $1;

-- vcard_delete ($1 account_id bigint, $2 key text)
DELETE FROM vcards_storage WHERE account_id = $1 AND key = $2;

-- vcard_insert ($1 account_id bigint, $2 key text, $3 uid text, $4 vcard text, $5 bytes bigint)
INSERT INTO vcards_storage (account_id, key, uid, vcard, bytes) SELECT $1, $2, $3, $4, $5 WHERE
  (SELECT count(*) < 2000 AND coalesce(sum(o.bytes), 0) + $5 <= 7340032 FROM vcards_storage o WHERE
  o.account_id = $1 AND o.key <> $2) RETURNING uid, account_id, key, vcard, bytes, created_at,
  updated_at;

-- vcard_list_of_account ($1 id bigint, $2 domain text, $3 caller_id bigint)
SELECT uid, account_id, key, vcard, bytes, created_at, updated_at FROM vcards_storage WHERE
  account_id = (SELECT o.id FROM accounts o WHERE o.id = $1 AND o.domain = $2 AND (coalesce($3,
  nullif(current_setting('dialtone.caller', true), '')::bigint) IS NOT NULL)) ORDER BY created_at,
  key;

-- vcard_list_own ($1 caller_id bigint)
SELECT uid, account_id, key, vcard, bytes, created_at, updated_at FROM vcards_storage WHERE
  account_id = coalesce($1, nullif(current_setting('dialtone.caller', true), '')::bigint) ORDER BY
  created_at, key;

-- vcard_of_account ($1 id bigint, $2 name text, $3 domain text)
SELECT v.uid, v.account_id, v.key, v.vcard, v.bytes, v.created_at, v.updated_at FROM vcards_storage
  v JOIN accounts a ON a.id = v.account_id WHERE v.account_id = $1 AND v.key = $2 AND a.domain = $3;

-- vcard_own ($1 caller_id bigint, $2 name text)
SELECT uid, account_id, key, vcard, bytes, created_at, updated_at FROM vcards_storage WHERE
  account_id = coalesce($1, nullif(current_setting('dialtone.caller', true), '')::bigint) AND key =
  $2;

-- vcard_update ($1 uid text, $2 vcard text, $3 bytes bigint, $4 account_id bigint, $5 key text)
UPDATE vcards_storage SET uid = $1, vcard = $2, bytes = $3, updated_at = now() WHERE account_id = $4
  AND key = $5 AND (SELECT count(*) < 2000 AND coalesce(sum(o.bytes), 0) + $3 <= 7340032 FROM
  vcards_storage o WHERE o.account_id = $4 AND o.key <> $5) RETURNING uid, account_id, key, vcard,
  bytes, created_at, updated_at;

-- wizard_find ($1 bytea, $2 text)
SELECT a.id AS account_id, w.expires_at AS expires_at, t.token_sealed AS token_sealed, t.expires_at
  AS token_expires_at FROM wizards w JOIN accounts a ON a.id = w.provisioning_account_id LEFT JOIN
  provisioning_tokens t ON t.account_id = a.id AND NOT t.used AND (t.expires_at <= now()) IS NOT
  TRUE WHERE w.token_hash = $1 AND w.used_at IS NULL AND w.expires_at > now() AND a.domain = $2 AND
  NOT a.blocked;

-- wizard_put ($1 bigint, $2 bytea, $3 bigint)
WITH o AS (DELETE FROM wizards WHERE provisioning_account_id = $1 AND used_at IS NULL) INSERT INTO
  wizards (provisioning_account_id, token_hash, account_id) VALUES ($1, $2, $3);

-- wizard_take ($1 bytea, $2 text)
WITH l AS (SELECT id FROM accounts WHERE id = (SELECT provisioning_account_id FROM wizards WHERE
  token_hash = $1) AND domain = $2 AND NOT blocked FOR NO KEY UPDATE) UPDATE wizards w SET used_at =
  now() FROM l WHERE w.token_hash = $1 AND w.used_at IS NULL AND w.expires_at > now() AND
  w.provisioning_account_id = l.id RETURNING l.id;
