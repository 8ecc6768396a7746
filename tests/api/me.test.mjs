/* /api/accounts/me, one account as each of its readers sees it, and what anybody may know of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAccount, createUser, readAccount } from '../lib/accounts.mjs';
import { sharedInstance } from '../lib/instance.mjs';

const dialtone = await sharedInstance();
const user = await createUser(dialtone, { display_name: 'Alice', activated: false });

const ALWAYS = ['id', 'username', 'domain', 'sip_uri', 'email', 'activated', 'blocked', 'admin', 'ip_address', 'user_agent',
  'creation_time', 'created_at', 'updated_at', 'display_name', 'dtmf_protocol', 'phone', 'realm', 'confirmation_key_expires',
  'dictionary', 'types', 'actions', 'email_changed', 'email_change_code', 'carddav_servers'];
const TOKEN = ['provisioning_token', 'provisioning_token_expire_at'];

const members = (json) => Object.keys(json).sort();
const expected = (...more) => [...ALWAYS, ...more].sort();
const get = (path, options) => dialtone.api('GET', path, options);

test('owner_sees_his_token_and_algorithms_but_no_confirmation_key', async () => {
  const { json } = await get('/api/accounts/me', { key: user.key });
  assert.deepEqual(members(json), expected(...TOKEN, 'passwords'));
  assert.equal(json.id, user.id);
  assert.equal(json.provisioning_token, user.provisioning_token);
  assert.deepEqual(json.passwords, [{ algorithm: 'SHA-256' }]);
});

test('account_is_the_same_whatever_its_owner_proves_himself_with', async () => {
  const byKey = (await get('/api/accounts/me', { key: user.key })).json;
  assert.deepEqual((await get('/api/accounts/me', { token: user.token })).json, byKey);
});

test('admin_who_looks_at_one_sees_keys_and_pending_codes_but_no_algorithms', async () => {
  const json = await readAccount(dialtone, user.id);
  assert.deepEqual(members(json), expected(...TOKEN, 'confirmation_key', 'phone_change_code'));
});

test('admin_who_searches_sees_what_its_maker_saw', async () => {
  const { json } = await get(`/api/accounts/${user.username}@${user.domain}/search`, { as: 'admin' });
  assert.deepEqual(members(json), expected(...TOKEN, 'confirmation_key', 'passwords', 'call_forwardings'));
});

test('admin_who_lists_sees_no_token_and_no_key', async () => {
  const { json } = await get('/api/accounts', { as: 'admin' });
  for (const account of json.data) assert.deepEqual(members(account), expected());
});

test('anybody_knows_whether_an_account_is_activated', async () => {
  assert.deepEqual((await get(`/api/accounts/${user.username}@${user.domain}/info`)).json, { activated: false, realm: null });
  const other = await createAccount(dialtone);
  assert.deepEqual((await get(`/api/accounts/sip:${other.username}@${other.domain}/info`)).json, { activated: true, realm: null });
});

test('account_that_is_not_activated_may_still_call', async () => {
  assert.equal((await get('/api/accounts/me', { token: user.token })).json.activated, false);
});

test('owner_deletes_himself_for_good', async () => {
  const gone = await createUser(dialtone);
  const answer = await dialtone.api('DELETE', '/api/accounts/me', { key: gone.key });
  assert.equal(answer.status, 200);
  assert.equal(answer.text, '1');
  assert.equal(answer.header('content-type'), 'application/json');
  assert.equal((await get(`/api/accounts/${gone.username}@${gone.domain}/info`)).status, 404);
  assert.equal((await get('/api/accounts/me', { key: gone.key })).status, 401);
  assert.deepEqual(await dialtone.sql(`SELECT count(*) FROM accounts_tombstones WHERE username = '${gone.username}'`), [['1']]);
});
