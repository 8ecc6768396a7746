/*
 * What runs on the database besides the statements of tests/golden/statements.sql, and what those run only in a state
 * that a transaction has to bring about first: { name, sql, before } for a side of tests/lib/skew.mjs.
 */
import { FAR, FULL } from './skew.mjs';

/* What statements go on from that are one exchange with others. */
const isMade = (s) => `INSERT INTO accounts (username, domain, activated) VALUES ('made', '${s.domain}', true)`;
const BEFORE = {
  account_insert: () => "SELECT set_config('dialtone.taken', 'false', true)",
  account_insert_confirmation: isMade, account_insert_password: isMade, account_insert_provisioning: isMade,
};
/* Names of these that are no statement's any more. */
export const strangersBefore = (statements) => Object.keys(BEFORE).filter((name) => !statements.some((each) => each.name === name));
export const stateFor = (statement, side) => ({ before: BEFORE[statement.name]?.(side), ...statement });

const address = (s) => `'${s.username}', '${s.domain}'`;

/* What is asked by proxies (packaging/kamailio). */
const asked = (s) => [
  { name: 'sip_credentials', sql: `SELECT * FROM sip.credentials(${address(s)}, 'SHA-256') UNION ALL SELECT * FROM sip.credentials(${address(s)}, 'MD5')` },
  { name: 'sip_devices', sql: `SELECT * FROM sip.devices(${address(s)})` },
  { name: 'sip_forward', sql: `SELECT * FROM sip.forward(${address(s)}, 'always')` },
];

/* What dialtone-jobs goes on with, of each kind. */
const left = (kind, before) => ({ name: `leftovers_take_some_${kind}`, sql: 'SELECT leftovers_take_some()', before: `DELETE FROM leftovers; ${before}` });
const leftover = (kind, owner) => `INSERT INTO leftovers (kind, owner_id, domain, username) VALUES ('${kind}', ${owner}, 'd', 'u')`;
const refreshed = (name, before) => ({ name: `refresh_some_${name}`, sql: 'SELECT refresh_some()', before });
const goneOn = (s) => [
  left('account', leftover('account', s.id)),
  left('sessions', `UPDATE accounts SET sessions_void_at = now(), sessions_spared = '{}' WHERE id = ${s.id}; ${leftover('sessions', s.id)}`),
  left('profile', leftover('profile', s.list)),
  left('contacts_list', leftover('contacts_list', s.list)),
  refreshed('space', 'SELECT'),
  refreshed('space_to_its_end', `UPDATE refreshes SET after_id = ${FAR}`),
  refreshed('type', `DELETE FROM refreshes; INSERT INTO refreshes (account_type_id, after_id) VALUES (${s.list}, 0)`),
  refreshed('type_that_ended', `DELETE FROM refreshes; UPDATE account_types SET ended = true WHERE id = ${s.list};
    INSERT INTO refreshes (account_type_id, after_id) SELECT id, 0 FROM account_types WHERE id = ${s.list} ON CONFLICT DO NOTHING`),
];

/* What a statement does for other values than those it is tried with. */
const otherwise = (s) => [
  { name: 'account_moves', sql: `UPDATE accounts SET domain = '${FULL}' WHERE id = ${s.id}` },
  { name: 'avatar_is_put', sql: `INSERT INTO cti_settings (account_id, key, value) VALUES (${s.other}, 'avatar', '"y"') ON CONFLICT (account_id, key) DO UPDATE SET value = excluded.value` },
  { name: 'provisioning_token_comes', before: `DELETE FROM provisioning_tokens WHERE account_id = ${s.id} AND NOT used`,
    sql: `INSERT INTO provisioning_tokens (account_id, token_hash, token_sealed) VALUES (${s.id}, sha256('another'), '\\x02')` },
];

export const besideFor = (side) => [...asked(side), ...goneOn(side), ...otherwise(side)].map((each) => ({ parameters: [], ...each }));
