/*
 * A database as lopsided as they become: of each table nearly all rows belong to one space, one account, one list.
 * Beside them stand spaces of five accounts, which shall not notice.  Written as an import would write them.
 */

const FIRST = 1000000; /* before the ids of these accounts */
const IN_BIG = 30000;
const SMALL_SPACES = 20;
const IN_SMALL = 5;

export const BIG_TABLE = 4000; /* rows; what has fewer is read as it comes */

export const FAR = FIRST + 1000000; /* behind the ids of all */
const domainOf = (space) => (space ? `few${space}.example.org` : 'many.example.org');

export const FULL = domainOf(2); /* a space with a limit it comes near to */

/* Whose values statements are tried with: who owns nearly everything, who is one of very many, who is one of five. */
export const SIDES = {
  many: { id: FIRST + 1, other: FIRST + 2, username: 'user.1', otherUsername: 'user.2', domain: domainOf(0), list: FIRST + 1, space: FIRST, key: 'many' },
  one_of_many: { id: FIRST + 20001, other: FIRST + 20002, username: 'user.20001', otherUsername: 'user.20002', domain: domainOf(0), list: FIRST + 2, space: FIRST, key: 'one' },
  few: { id: FIRST + IN_BIG + 1, other: FIRST + IN_BIG + 2, username: `user.${IN_BIG + 1}`, otherUsername: `user.${IN_BIG + 2}`, domain: domainOf(1), list: FIRST + 11, space: FIRST + 1, key: 'few' },
};

/* Of n rows 49 in 50 are the big account's; the others are shared by five. */
const owner = `CASE WHEN i % 50 <> 0 THEN ${FIRST + 1} ELSE (ARRAY[${[FIRST + 1, FIRST + 3, FIRST + 20001, FIRST + IN_BIG + 1, FIRST + IN_BIG + 7]}])[1 + i / 50 % 5] END`;
const space = `CASE WHEN i % 50 <> 0 THEN '${domainOf(0)}' ELSE 'few' || 1 + i / 50 % ${SMALL_SPACES} || '.example.org' END`;
const ago = "now() - i * interval '1 second'";
const later = "now() + i * interval '1 second'";
const hash = (salt) => `sha256(('${salt}' || i)::bytea)`;
const some = (n) => `generate_series(1, ${n}) i`;
/* One row of each side whose secret, name or number is the side's key. */
const sides = (columns) => Object.values(SIDES).map((side) => `(${columns(side)})`).join(', ');
const keyHash = (side) => `sha256('${side.key}'::bytea)`;

export const LOAD = `
  SET session_replication_role = replica;
  INSERT INTO spaces (id, domain, host, name) OVERRIDING SYSTEM VALUE
    SELECT ${FIRST} + i, d, 'host.' || d, d FROM (SELECT i, CASE WHEN i = 0 THEN '${domainOf(0)}' ELSE 'few' || i || '.example.org' END AS d
      FROM generate_series(0, ${SMALL_SPACES + 1}) i) n;
  INSERT INTO spaces (domain, host, name) SELECT d, d, d FROM (SELECT 'empty' || i || '.example.org' AS d FROM ${some(2000)}) n;
  INSERT INTO accounts (id, username, domain, email, phone, created_at, activated, types, algorithms) OVERRIDING SYSTEM VALUE
    SELECT ${FIRST} + i, 'user.' || i, CASE WHEN i <= ${IN_BIG} THEN '${domainOf(0)}' ELSE 'few' || 1 + (i - ${IN_BIG + 1}) / ${IN_SMALL} || '.example.org' END,
      'user.' || i || '@example.org', '+336' || lpad(i::text, 8, '0'), now() - i * interval '10 minutes', i % 2 = 0,
      '[]', '[]' FROM ${some(IN_BIG + SMALL_SPACES * IN_SMALL)};
  INSERT INTO accounts_tombstones (username, domain, created_at) SELECT 'gone.' || i, ${space}, ${ago} FROM ${some(6000)};
  INSERT INTO passwords (account_id, password, algorithm) SELECT id, repeat('a', 64), 'SHA-256' FROM accounts ON CONFLICT DO NOTHING;
  INSERT INTO sessions (jti, account_id, audience, expires_at, revoked_at, issued_at)
    SELECT 'session-number-' || i, ${owner}, NULL, ${later}, CASE WHEN i % 3 = 0 THEN ${ago} END, ${ago} FROM ${some(12000)};
  INSERT INTO sessions (jti, account_id, audience, expires_at) VALUES ${sides((s) => `'session-of-' || rpad('${s.key}', 10, '.'), ${s.id}, '${s.key}', now() + interval '1 day'`)};
  INSERT INTO api_keys (account_id, key_hash) SELECT id, sha256(id::text::bytea) FROM accounts WHERE id BETWEEN ${FIRST + 5} AND ${FIRST + 6000};
  INSERT INTO api_keys (account_id, key_hash, name) SELECT ${owner}, ${hash('key')}, 'key ' || i FROM ${some(900)};
  INSERT INTO api_keys (account_id, key_hash) VALUES ${sides((s) => `${s.id}, ${keyHash(s)}`)};
  INSERT INTO contacts SELECT ${FIRST + 1}, id FROM accounts WHERE id BETWEEN ${FIRST + 3} AND ${FIRST + 6000};
  INSERT INTO contacts SELECT id, id + 1 FROM accounts WHERE id BETWEEN ${FIRST + 6000} AND ${FIRST + 15000};
  INSERT INTO contacts VALUES ${sides((s) => `${s.id}, ${s.other}`)}, ${sides((s) => `${s.other}, ${s.id}`)};
  INSERT INTO contacts_lists (id, domain, title, description, contacts_count) OVERRIDING SYSTEM VALUE
    SELECT ${FIRST} + i, CASE WHEN i <= 10 THEN '${domainOf(0)}' ELSE 'few' || i - 10 || '.example.org' END, 'list ' || i, 'accounts', CASE WHEN i = 1 THEN 10000 ELSE 5 END
      FROM ${some(30)};
  INSERT INTO contacts_list_contact SELECT ${FIRST + 1}, id FROM accounts WHERE id BETWEEN ${FIRST + 5} AND ${FIRST + 6000};
  INSERT INTO contacts_list_contact SELECT ${FIRST + 1} + i, ${FIRST + 15000} + i % 5 FROM ${some(9)};
  INSERT INTO account_contacts_list SELECT id, ${FIRST + 1} FROM accounts WHERE id BETWEEN ${FIRST + 1} AND ${FIRST + 5000};
  INSERT INTO account_contacts_list VALUES (${FIRST + 20001}, ${FIRST + 2}), (${FIRST + IN_BIG + 1}, ${FIRST + 11}) ON CONFLICT DO NOTHING;
  INSERT INTO known_networks SELECT ${FIRST} + i % 500, 'network.' || i, ${ago} FROM ${some(6000)}; /* at most 20 of an account */
  INSERT INTO provisioning_tokens (account_id, token_hash, token_sealed, used) SELECT ${owner}, ${hash('provisioning')}, '\\x01', true FROM ${some(6000)};
  INSERT INTO provisioning_tokens (account_id, token_hash, token_sealed) VALUES ${sides((s) => `${s.id}, ${keyHash(s)}, '\\x01'`)};
  INSERT INTO confirmation_keys (account_id, key_sealed, kind) SELECT id, '\\x01', 'email' FROM accounts WHERE id % 5 = 1;
  INSERT INTO two_factor (account_id, secret_sealed, enabled_at) SELECT id, '\\x01', now() FROM accounts WHERE id % 5 = 1;
  INSERT INTO recovery_codes SELECT ${FIRST} + 1 + i % 1000 * 5, ${hash('code')} FROM ${some(6000)}; /* ten of an account */
  INSERT INTO legacy_uses SELECT ${space}, 'user.' || i, 'phone', 1, ${ago}, ${ago} FROM ${some(6000)};
  INSERT INTO profiles (id, domain, name, is_default) OVERRIDING SYSTEM VALUE
    SELECT ${FIRST} + i, CASE WHEN i <= 10 THEN '${domainOf(0)}' ELSE 'few' || i - 10 || '.example.org' END, 'profile ' || i, i <> 1 AND (i = 2 OR i > 10) FROM ${some(30)};
  INSERT INTO cti_users (account_id, profile_id) SELECT id, ${FIRST + 1} FROM accounts WHERE id BETWEEN ${FIRST + 1} AND ${FIRST + 15000};
  INSERT INTO cti_users (account_id, profile_id) SELECT id, ${FIRST} + 3 + id % 7 FROM accounts WHERE id BETWEEN ${FIRST + 20000} AND ${FIRST + 20100};
  INSERT INTO cti_settings (account_id, key, value) SELECT id, 'avatar', '"x"' FROM accounts WHERE id > ${FIRST + 6000} AND id % 3 = 0;
  INSERT INTO cti_settings (account_id, key, value) SELECT ${FIRST + 1}, 'setting.' || i, '1' FROM ${some(64)};
  INSERT INTO extensions (account_id, domain, exten, type, username, secret_sealed) SELECT a.id, a.domain, '7' || i, 'mobile', 'phone' || i, '\\x01'
    FROM (SELECT i, ${FIRST} + 6000 + i AS id FROM ${some(6000)} UNION ALL SELECT 6000 + i, ${FIRST + 1} FROM ${some(60)}) n JOIN accounts a USING (id); /* at most 64 of an account */
  INSERT INTO extensions (account_id, domain, exten, type, username, secret_sealed) VALUES ${sides((s) => `${s.id}, '${s.domain}', '${s.key}', 'mobile', 'phone', '\\x01'`)};
  INSERT INTO jobs (kind, domain, account_id, payload_sealed, expires_at) SELECT 'mail.welcome', ${space}, ${owner}, '\\x01', ${later} FROM ${some(6000)};
  INSERT INTO job_paces SELECT 'mail', 'space' || i, ${later} FROM ${some(6000)};
  INSERT INTO outbox (kind, domain, account_id, username) SELECT 'account.updated', ${space}, ${owner}, 'user' FROM ${some(6000)};
  INSERT INTO outbox (id, kind, domain, account_id, profile_id) OVERRIDING SYSTEM VALUE
    VALUES ${sides((s) => `${s.id}, 'permissions.changed_for_profile', '${s.domain}', ${FIRST}, ${s.key === 'many' ? FIRST + 1 : 0}`)};
  INSERT INTO guesses (subject, failures, ends_at) SELECT 'password:' || i % 10 || '/' || i, 1, ${later} FROM ${some(6000)};
  INSERT INTO guesses (subject, failures, ends_at) VALUES ${sides((s) => `'${s.key}', 9, now() + interval '1 hour'`)};
  INSERT INTO digest_nonces SELECT encode(${hash('nonce')}, 'hex'), 1, ${later} FROM ${some(6000)};
  INSERT INTO account_creation_tokens (token_hash, domain, pn_provider, pn_param, pn_prid, used, account_id, expires_at, created_at, updated_at)
    SELECT ${hash('creation')}, ${space}, 'fcm', 'app', CASE WHEN i % 50 <> 0 THEN 'many' ELSE 'device ' || i END, i % 2 = 0, CASE WHEN i % 2 = 0 THEN ${owner} END,
      ${later}, ${ago}, ${ago} FROM ${some(6000)};
  INSERT INTO account_creation_tokens (token_hash, domain) VALUES ${sides((s) => `${keyHash(s)}, '${s.domain}'`)};
  INSERT INTO account_creation_request_tokens (token_hash, domain, expires_at, validated_at) SELECT ${hash('request')}, ${space}, ${later}, now() FROM ${some(6000)};
  INSERT INTO account_creation_request_tokens (token_hash, domain, expires_at, validated_at) VALUES ${sides((s) => `${keyHash(s)}, '${s.domain}', now() + interval '1 hour', now()`)};
  INSERT INTO account_recovery_tokens (token_hash, domain, pn_provider, pn_param, pn_prid, used, account_id, expires_at, created_at)
    SELECT ${hash('recovery')}, ${space}, 'fcm', 'app', CASE WHEN i % 50 <> 0 THEN 'many' ELSE 'device ' || i END, i % 2 = 0, CASE WHEN i % 2 = 0 THEN ${owner} END,
      ${later}, ${ago} FROM ${some(6000)};
  INSERT INTO email_change_codes (account_id, email, expires_at, created_at) SELECT ${owner}, 'new@example.org', ${later}, now() - i * interval '1 minute' FROM ${some(6000)};
  INSERT INTO email_change_codes (account_id, email, code_hash, expires_at) VALUES ${sides((s) => `${s.id}, 'new@example.org', repeat('a', 64), now() + interval '1 hour'`)};
  INSERT INTO phone_change_codes (account_id, phone, expires_at, created_at) SELECT ${owner}, '+33600000000', ${later}, now() - i * interval '1 minute' FROM ${some(6000)};
  INSERT INTO phone_change_codes (account_id, phone, code_hash, expires_at) VALUES ${sides((s) => `${s.id}, '+33600000000', repeat('a', 64), now() + interval '1 hour'`)};
  INSERT INTO auth_tokens (token_hash, account_id, expires_at) SELECT ${hash('auth')}, CASE WHEN i % 50 = 0 THEN ${owner} END, ${later} FROM ${some(6000)};
  INSERT INTO auth_tokens (token_hash, account_id) VALUES ${sides((s) => `${keyHash(s)}, ${s.id}`)};
  INSERT INTO reset_password_email_tokens (account_id, token_hash, used, email, expires_at) SELECT ${owner}, ${hash('reset')}, true, 'new@example.org', ${later} FROM ${some(6000)};
  INSERT INTO wizards (account_id, token_hash, provisioning_account_id, expires_at, used_at) SELECT ${owner}, ${hash('wizard')}, CASE WHEN i % 3 <> 0 THEN ${owner} END, ${later}, now() FROM ${some(6000)};
  INSERT INTO call_forwardings (account_id, type, forward_to, contact_id, enabled) SELECT id, 'always', 'contact', id + 1, true FROM accounts WHERE id % 5 = 1;
  INSERT INTO call_forwardings (account_id, type, forward_to, contact_id, enabled) SELECT id, 'busy', 'contact', ${FIRST + 1}, true FROM accounts WHERE id BETWEEN ${FIRST + 6000} AND ${FIRST + 9000};
  INSERT INTO external_accounts (account_id, username, domain, protocol, password) SELECT id, username, 'provider.example.org', 'UDP', repeat('a', 32) FROM accounts WHERE id % 5 = 1;
  INSERT INTO account_types (id, key) OVERRIDING SYSTEM VALUE SELECT ${FIRST} + i, 'type_' || i FROM ${some(50)};
  INSERT INTO account_account_type (account_id, account_type_id) SELECT id, ${FIRST + 1} FROM accounts WHERE id BETWEEN ${FIRST + 1} AND ${FIRST + 15000};
  INSERT INTO account_account_type (account_id, account_type_id) SELECT id, ${FIRST} + 2 + id % 40 FROM accounts WHERE id % 10 = 1;
  INSERT INTO account_actions (id, account_id, key, code) OVERRIDING SYSTEM VALUE SELECT id, id, 'door', '1' FROM accounts WHERE id > ${FIRST} AND id % 5 = 1;
  INSERT INTO vcards_storage (account_id, key, uid, vcard, bytes) SELECT ${FIRST + 1}, 'card ' || i, 'card ' || i, 'x', 1 FROM ${some(2000)};
  INSERT INTO vcards_storage (account_id, key, uid, vcard, bytes) SELECT id, 'card', 'card', 'x', 1 FROM accounts WHERE id % 10 = 1;
  INSERT INTO statistics_messages (number, id, domain, from_username, from_domain, sent_at, encrypted, created_at) OVERRIDING SYSTEM VALUE
    SELECT ${FIRST} + i, 'message ' || i, a.domain, a.username, a.domain, ${ago}, true, ${ago} FROM (SELECT i, ${owner} AS id FROM ${some(12000)}) n JOIN accounts a USING (id);
  INSERT INTO statistics_messages (number, id, domain, from_username, from_domain, sent_at, encrypted) OVERRIDING SYSTEM VALUE
    VALUES ${sides((s) => `${s.id}, 'message ${s.id - FIRST}', '${s.domain}', '${s.username}', '${s.domain}', now(), true`)} ON CONFLICT DO NOTHING;
  INSERT INTO statistics_message_devices (message, to_username, to_domain, device_id, last_status, received_at)
    SELECT CASE WHEN i <= 1000 THEN ${FIRST + 1} ELSE ${FIRST} + i END, 'bob', 'example.org', 'device ' || i, 200, now() FROM ${some(6000)};
  INSERT INTO statistics_calls (number, id, domain, from_username, from_domain, to_username, to_domain, initiated_at, created_at) OVERRIDING SYSTEM VALUE
    SELECT ${FIRST} + i, 'call ' || i, a.domain, a.username, a.domain, 'bob', 'example.org', ${ago}, ${ago} FROM (SELECT i, ${owner} AS id FROM ${some(12000)}) n JOIN accounts a USING (id);
  INSERT INTO statistics_calls (number, id, domain, from_username, from_domain, to_username, to_domain, initiated_at) OVERRIDING SYSTEM VALUE
    VALUES ${sides((s) => `${s.id}, 'call ${s.id - FIRST}', '${s.domain}', '${s.username}', '${s.domain}', 'bob', 'example.org', now()`)} ON CONFLICT DO NOTHING;
  INSERT INTO audit (domain, at, actor, door, action, object) SELECT ${space}, ${ago}, username || '@' || domain, 'key', 'account_change', 'account:' || username || '@' || domain
    FROM (SELECT i, ${owner} AS id FROM ${some(12000)}) n JOIN accounts a USING (id);
  INSERT INTO statistics_call_devices (call, device_id) SELECT CASE WHEN i <= 1000 THEN ${FIRST + 1} ELSE ${FIRST} + i END, 'device ' || i FROM ${some(6000)};
  INSERT INTO statistics_senders_gone (domain, username) SELECT ${space}, 'gone.' || i FROM ${some(6000)};
  INSERT INTO calls (domain, call_id, linked_id, from_account_id, from_domain, from_number, to_domain, to_number, started_at, ended_at, cause, created_at)
    SELECT a.domain, 'call ' || i, i, a.id, a.domain, a.username, 'example.org', 'bob', ${ago}, ${ago}, 'normal_clearing', ${ago} FROM (SELECT i, ${owner} AS id FROM ${some(12000)}) n JOIN accounts a USING (id);
  INSERT INTO space_email_servers (space_id, host, port) SELECT id, 'mail.example.org', 25 FROM spaces WHERE id >= ${FIRST};
  INSERT INTO space_oidc_configurations (space_id, server_url, realm) SELECT id, 'https://example.org', 'x' FROM spaces WHERE id >= ${FIRST};
  CREATE SCHEMA kamailio; /* what a proxy keeps there, and how it finds it */
  CREATE TABLE kamailio.location (id serial PRIMARY KEY, received text, username text, domain text, contact text, instance text, ruid text, user_agent text, last_modified timestamp, expires timestamp);
  INSERT INTO kamailio.location (username, domain, contact, instance, ruid, user_agent, last_modified, expires) SELECT username, domain, 'sip:phone', 'phone', 'phone', 'phone', now(), now() + interval '1 hour' FROM accounts WHERE id % 5 = 1;
  CREATE INDEX ON kamailio.location (username, domain, contact);
  INSERT INTO refreshes (domain, after_id) VALUES ('${domainOf(0)}', ${FIRST});
  UPDATE spaces SET max_accounts = CASE domain WHEN '${domainOf(0)}' THEN 1000000 ELSE ${IN_SMALL + 2} END WHERE id BETWEEN ${FIRST} AND ${FIRST + 2};
  SELECT accounts_recount();
  RESET session_replication_role;
  VACUUM (ANALYZE);
`;
