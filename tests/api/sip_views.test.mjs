/* What a SIP server reads in the database, with a role of its own (sip-integration 2.1, 3.1, 3.5, annex A). */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import path from 'node:path';
import { after, test } from 'node:test';

import { createAccount, createUser } from '../lib/accounts.mjs';
import { giveContact } from '../lib/contacts.mjs';
import { sharedInstance, sourceDir } from '../lib/instance.mjs';
import { runOk } from '../lib/run.mjs';
import { createSpace } from '../lib/spaces.mjs';

after(() => superuser(`DROP OWNED BY ${ROLE}; DROP ROLE ${ROLE};`)); /* before the instance ends */
const dialtone = await sharedInstance();
const ROLE = `sip_${crypto.randomBytes(4).toString('hex')}`;
const [{ owner: OWNER, database: DATABASE }] = await rows('SELECT current_user AS owner, current_database() AS database');
for (let run = 0; run < 2; run++) await superuser((await runOk(`${sourceDir}/packaging/sip-role`, ['--owner', OWNER, '--tables', ROLE, ROLE])).stdout);

/* Who may make roles. Resolves with what the last statement shows. */
async function superuser(input) {
  const { stdout } = await runOk('psql', ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-h', path.join(dialtone.dir, 'run/pg'), '-U', 'postgres', '-d', DATABASE], { input });
  return stdout;
}

async function rows(query) {
  return JSON.parse(await dialtone.sql(`SELECT coalesce(jsonb_agg(q), '[]') FROM (${query}) q`));
}

/* As the role reads them: names of its search path. */
async function asRole(query) {
  return JSON.parse(await superuser(`SET SESSION AUTHORIZATION ${ROLE}; SET search_path = ${ROLE}, sip; SELECT coalesce(jsonb_agg(q), '[]') FROM (${query}) q`));
}

const refusedAs = (statement) => assert.rejects(superuser(`SET SESSION AUTHORIZATION ${ROLE}; ${statement}`), /permission denied|must be owner/, statement);
const md5 = (text) => crypto.createHash('md5').update(text).digest('hex');
const sha256 = (text) => crypto.createHash('sha256').update(text).digest('hex');
const seen = async (view, { username }) => (await asRole(`SELECT * FROM ${view} WHERE username = '${username}'`));

test('the role reads the views and its own tables, and nothing else', async () => {
  for (const view of ['subscriber', 'subscriber_sha256', 'realm', 'call_forward', 'device']) assert.ok(Array.isArray(await asRole(`SELECT * FROM ${view} LIMIT 1`)), view);
  const others = await rows("SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind IN ('r', 'v', 'm', 'p', 'S')");
  assert.ok(others.length > 30);
  const readable = await rows(`SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', '${ROLE}') AND n.nspname NOT LIKE 'pg_%' AND c.relkind IN ('r', 'v', 'm', 'p')
      AND has_table_privilege('${ROLE}', c.oid, 'SELECT') ORDER BY 1`);
  assert.deepEqual(readable.map(({ name }) => name), ['sip.call_forward', 'sip.device', 'sip.realm', 'sip.subscriber', 'sip.subscriber_sha256']);
  for (const statement of ['SELECT * FROM public.accounts', 'SELECT * FROM public.passwords', 'SELECT * FROM public.sip_accounts', 'SELECT ha1_md5 FROM public.extensions', 'CREATE TABLE public.mine (id int)',
    'CREATE TABLE sip.mine (id int)', 'DELETE FROM sip.realm', "UPDATE sip.realm SET key_name = ''", "INSERT INTO sip.realm (key_name) VALUES ('x')",
    'DROP VIEW sip.realm']) await refusedAs(statement);
  await superuser(`SET SESSION AUTHORIZATION ${ROLE}; CREATE TABLE ${ROLE}.location (id int); DROP TABLE ${ROLE}.location`);
});

test('the functions of the proxy say what the views do', async () => {
  const user = await createUser(dialtone, { algorithm: 'MD5' });
  await dialtone.sql(`INSERT INTO cti_users (account_id, presence) VALUES (${user.id}, 'dnd')`);
  const [{ ha1 }] = await seen('subscriber', user);
  const call = (name, more = '') => asRole(`SELECT * FROM sip.${name}('${user.username}', '${user.domain}'${more})`);
  assert.deepEqual(await call('credentials', ", 'MD5'"), [{ account_id: user.id, ha1 }]);
  assert.deepEqual(await call('credentials', ", 'SHA-256'"), []);
  assert.deepEqual(await call('devices'), [{ device_username: user.username }]);
  assert.deepEqual([await call('forward', ", 'always'"), await call('forward', ", 'busy'")], [[{ type: 'dnd', target: null }], []]);
});

test('each algorithm has its view, and what may not register is in none', async () => {
  const [one, other] = [await createAccount(dialtone, { algorithm: 'MD5', display_name: 'One' }), await createAccount(dialtone, { algorithm: 'SHA-256' })];
  const [row] = await seen('subscriber', one);
  const ha1 = ({ username, domain, password }, hash) => hash(`${username}:${domain}:${password}`);
  assert.deepEqual(row, { id: one.id, username: one.username, domain: one.domain, realm: one.domain, ha1: ha1(one, md5), display_name: 'One' });
  assert.equal((await seen('subscriber_sha256', other))[0].ha1, ha1(other, sha256));
  assert.deepEqual([await seen('subscriber_sha256', one), await seen('subscriber', other)], [[], []]);
  for (const [off, on] of [['block', 'unblock'], ['deactivate', 'activate']]) {
    await dialtone.api('POST', `/api/accounts/${one.id}/${off}`, { as: 'admin' });
    assert.deepEqual(await seen('subscriber', one), [], off);
    await dialtone.api('POST', `/api/accounts/${one.id}/${on}`, { as: 'admin' });
    assert.equal((await seen('subscriber', one)).length, 1, on);
  }
});

test('a space that has expired is not seen, a super space never expires', async () => {
  const space = await createSpace(dialtone);
  const realm = () => asRole(`SELECT * FROM realm WHERE key_name = '${space.domain}'`);
  const name = `in.${crypto.randomBytes(4).toString('hex')}`;
  await dialtone.sql(`WITH a AS (INSERT INTO accounts (username, domain, activated) VALUES ('${name}', '${space.domain}', true) RETURNING id)
    INSERT INTO passwords (account_id, password, algorithm) SELECT id, '${'0'.repeat(32)}', 'MD5' FROM a`);
  await dialtone.sql(`INSERT INTO call_forwardings (account_id, type, forward_to, enabled) SELECT id, 'busy', 'voicemail', true FROM accounts WHERE username = '${name}'`);
  const count = async () => [(await realm()).length, (await seen('subscriber', { username: name })).length, (await seen('call_forward', { username: name })).length];
  const expire = (day, more = '') => dialtone.sql(`UPDATE spaces SET expire_at = ${day} ${more} WHERE domain = '${space.domain}'`);
  assert.deepEqual(await count(), [1, 1, 1]);
  await expire('(now() AT TIME ZONE \'UTC\')::date');
  assert.deepEqual(await count(), [0, 0, 0]);
  await expire('(now() AT TIME ZONE \'UTC\')::date + 1');
  assert.deepEqual(await count(), [1, 1, 1]);
});

test('enabled rules have a target, and no_answer is away', async () => {
  const [user, contact] = [await createUser(dialtone), await createAccount(dialtone)];
  await giveContact(dialtone, user, contact);
  const rules = [{ type: 'busy', forward_to: 'contact', contact_id: contact.id, enabled: true }, { type: 'no_answer', forward_to: 'voicemail', enabled: true },
    { type: 'always', forward_to: 'sip_uri', sip_uri: 'sip:x@example.org', enabled: false }];
  for (const body of rules) assert.equal((await dialtone.api('POST', '/api/accounts/me/call_forwardings', { key: user.key, body })).status, 201);
  const told = (await seen('call_forward', user)).map(({ type, target }) => [type, target]).sort();
  assert.deepEqual(told, [['away', `sip:voicemail@${user.domain};target=sip%3A${user.username}%40${user.domain}`], ['busy', `sip:${contact.username}@${contact.domain}`]]);
  await dialtone.api('POST', `/api/accounts/${user.id}/block`, { as: 'admin' });
  assert.deepEqual(await seen('call_forward', user), []);
});

const number = () => String(Math.floor(1e8 + Math.random() * 9e8));

async function extension(user, body, method = 'POST', exten = '') {
  const answer = await dialtone.api(method, `/api/accounts/${user.id}/extensions${exten && `/${exten}`}`, { as: 'admin', body });
  assert.ok(answer.status < 300, answer.text);
  return answer.json;
}

test('a device logs in with its secret, under its name of today, unless an account has that name', async () => {
  const [user, other] = [await createUser(dialtone, { display_name: 'One' }), await createAccount(dialtone)];
  const [exten, secret] = [number(), 'a secret of a device'];
  const is = async (username, text) => assert.deepEqual(await seen('subscriber_sha256', { username }),
    text ? [{ id: user.id, username, domain: user.domain, realm: user.domain, ha1: sha256(`${username}:${user.domain}:${text}`), display_name: 'One' }] : [], username);
  await extension(user, { exten, type: 'webrtc', secret });
  await is(exten, secret);
  assert.deepEqual(await seen('subscriber', { username: exten }), [], 'the algorithm of the space');
  await extension(user, { type: 'mobile', sip_username: `m${exten}` }, 'PUT', exten);
  await is(exten);
  await is(`m${exten}`, secret);
  await extension(user, { type: 'mobile', secret: 'another secret' }, 'PUT', exten);
  await is(exten, 'another secret');
  await dialtone.api('POST', `/api/accounts/${user.id}/block`, { as: 'admin' });
  await is(exten);
  await dialtone.api('POST', `/api/accounts/${user.id}/unblock`, { as: 'admin' });
  await extension(user, { type: 'physical' }, 'PUT', exten);
  await is(exten);
  await extension(user, { type: 'webrtc', secret, sip_username: other.username }, 'PUT', exten);
  assert.deepEqual((await seen('subscriber_sha256', other)).map(({ id }) => id), [other.id]);
  await extension(other, { exten: number(), type: 'webrtc', sip_username: `two${exten}` });
  await extension(user, { exten: number(), type: 'webrtc', sip_username: `two${exten}` });
  assert.deepEqual((await seen('subscriber_sha256', { username: `two${exten}` })).map(({ id }) => id), [other.id], 'of two with one name the older');
});

test('a user who is called by name or main extension has all devices, one of them is called by its own', async () => {
  const [user, single] = [await createUser(dialtone), await createUser(dialtone)];
  const [main, desk, web] = [number(), number(), number()];
  const rings = async (username) => (await seen('device', { username })).map((row) => row.device_username).sort();
  assert.deepEqual(await rings(single.username), [single.username]);
  await extension(user, { exten: desk, type: 'physical' });
  await extension(user, { exten: web, type: 'webrtc', sip_username: `w${web}` });
  const setMain = (account, main_extension) => dialtone.api('PUT', `/api/accounts/${account.id}/cti`, { as: 'admin', body: { main_extension } });
  assert.equal((await setMain(user, main)).status, 200);
  const all = [desk, `w${web}`, user.username].sort();
  for (const name of [main, user.username]) assert.deepEqual(await rings(name), all, name);
  for (const name of [desk, web, `w${web}`]) assert.deepEqual(await rings(name), [], name);
  assert.deepEqual([...new Set((await seen('device', { username: main })).map((row) => row.account_id))], [user.id]);
  for (const taken of [main, desk, user.username]) {
    assert.equal((await setMain(single, taken)).status, 200);
    assert.ok((await seen('device', { username: taken })).every((row) => row.account_id === user.id), `${taken} stays with its owner`);
  }
  await dialtone.api('POST', `/api/accounts/${user.id}/block`, { as: 'admin' });
  assert.deepEqual(await rings(user.username), []);
});

test('presences forward calls, under every name of the user, where no rule is stored', async () => {
  const user = await createUser(dialtone);
  const [exten, at] = [number(), `@${user.domain}`];
  const voicemail = `sip:voicemail${at};target=sip%3A${user.username}%40${user.domain}`;
  await extension(user, { exten, type: 'webrtc' });
  const set = (columns) => dialtone.sql(`INSERT INTO cti_users (account_id) VALUES (${user.id}) ON CONFLICT DO NOTHING; UPDATE cti_users SET ${columns} WHERE account_id = ${user.id}`);
  const rules = async (username = user.username) => (await seen('call_forward', { username })).map(({ type, target }) => [type, target]).sort();
  assert.deepEqual(await rules(), []);
  await set("presence = 'dnd', main_extension = '99" + exten + "'");
  for (const name of [user.username, exten, `99${exten}`]) assert.deepEqual(await rules(name), [['dnd', null]], name);
  await set("presence = 'callforward', presence_to = '+39 0721.55', on_busy = 'voicemail', on_unavailable = 'cellphone'");
  assert.deepEqual(await rules(), [['always', `sip:+390721.55${at}`], ['busy', voicemail]], 'there is no cellphone');
  await set("cellphone = '333'");
  assert.deepEqual(await rules(), [['always', `sip:+390721.55${at}`], ['away', `sip:333${at}`], ['busy', voicemail]]);
  const forward = (change) => dialtone.sql(`UPDATE call_forwardings SET ${change} WHERE account_id = ${user.id}`);
  await dialtone.api('POST', '/api/accounts/me/call_forwardings', { key: user.key, body: { type: 'no_answer', forward_to: 'voicemail', enabled: true } });
  assert.deepEqual(await rules(), [['always', `sip:+390721.55${at}`], ['away', voicemail], ['busy', voicemail]]);
  await forward("type = 'always'");
  await set("presence = 'dnd', presence_to = NULL");
  assert.deepEqual(await rules(), [['always', voicemail], ['away', `sip:333${at}`], ['busy', voicemail]], 'a rule goes before being left alone');
  await forward('enabled = false');
  assert.deepEqual((await rules())[1], ['busy', voicemail]);
  assert.deepEqual((await rules())[2], ['dnd', null]);
});
