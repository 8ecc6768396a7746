/* PUT and DELETE /api/accounts/{id} (accounts-api I.7): replacement, what stays, and what ends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAccount, createUser, login, randomName, readAccount } from '../lib/accounts.mjs';
import { Contract } from '../lib/contract.mjs';
import { digestRequest, hash } from '../lib/digest.mjs';
import { sharedInstance } from '../lib/instance.mjs';

const dialtone = await sharedInstance();
const contract = await Contract.of(dialtone);
const randomPhone = () => `+3362${Math.floor(1000000 + Math.random() * 8999999)}`;

async function put(id, body, who = { as: 'admin' }) {
  const answer = await dialtone.api('PUT', `/api/accounts/${id}`, { ...who, body });
  contract.check('PUT', `/api/accounts/${id}`, answer);
  return answer;
}

async function isRefusedFor(answer, ...names) {
  assert.equal(answer.status, 422, answer.text);
  assert.deepEqual(Object.keys(answer.json.errors), names);
}

const remove = (id, who = { as: 'admin' }) => dialtone.api('DELETE', `/api/accounts/${id}`, who);

test('what_is_absent_is_cleared', async () => {
  const { id, username } = await createAccount(dialtone, { display_name: 'Alice', email: `${randomName()}@example.org`, phone: randomPhone(), dtmf_protocol: 'sipinfo' });
  const { status, json } = await put(id, { username });
  assert.equal(status, 200);
  assert.deepEqual([json.display_name, json.email, json.phone, json.dtmf_protocol], [null, null, null, null]);
});

test('switches_dictionary_and_password_stay_unless_given', async () => {
  const account = await createAccount(dialtone, { activated: true, admin: true, dictionary: { colour: 'blue' } });
  const blocked = await put(account.id, { username: account.username, blocked: true });
  assert.equal(blocked.json.blocked, true);
  const { json } = await put(account.id, { username: account.username });
  assert.deepEqual([json.activated, json.admin, json.blocked, json.dictionary], [true, true, true, { colour: 'blue' }]);
  const off = await put(account.id, { username: account.username, activated: false, admin: false, blocked: false, dictionary: {} });
  assert.deepEqual([off.json.activated, off.json.admin, off.json.blocked, off.json.dictionary], [false, false, false, {}]);
  await login(dialtone, account);
});

test('dictionary_is_replaced_as_a_whole', async () => {
  const { id, username } = await createAccount(dialtone, { dictionary: { a: '1', b: '2' } });
  assert.deepEqual((await put(id, { username, dictionary: { b: '3', c: '4' } })).json.dictionary, { b: '3', c: '4' });
  assert.deepEqual((await put(id, { username, dictionary: [] })).json.dictionary, {});
});

test('new_password_replaces_every_old_one', async () => {
  const account = await createUser(dialtone);
  const changed = await put(account.id, { username: account.username, password: 'another one', algorithm: 'MD5' });
  assert.deepEqual(changed.json.passwords, [{ algorithm: 'MD5' }]);
  assert.deepEqual(await dialtone.sql(`SELECT algorithm, password FROM passwords WHERE account_id = ${account.id}`),
    [['MD5', hash('MD5', `${account.username}:dialtone.test:another one`)]]);
  assert.equal((await dialtone.api('POST', '/api/login', { body: { username: account.username, password: account.password } })).status, 401);
  await login(dialtone, { ...account, password: 'another one' });
});

test('new_password_ends_the_sessions_opened_with_the_old_one', async () => {
  const account = await createUser(dialtone);
  await put(account.id, { username: account.username, password: 'another one' });
  const answer = await dialtone.api('GET', '/api/user/me', { token: account.token });
  assert.equal(answer.status, 401);
  assert.equal(answer.json.message, 'token revoked');
});

test('new_name_needs_the_password_as_well', async () => {
  const account = await createAccount(dialtone);
  const username = randomName();
  await isRefusedFor(await put(account.id, { username }), 'password');
  assert.equal((await put(account.id, { username, password: 'long enough' })).json.username, username);
  await login(dialtone, { username, password: 'long enough' });
});

test('token_of_the_old_name_opens_nothing', async () => {
  const account = await createUser(dialtone);
  await put(account.id, { username: randomName(), password: 'long enough' });
  assert.equal((await dialtone.api('GET', '/api/user/me', { token: account.token })).status, 401);
});

test('own_values_are_not_taken_by_somebody_else', async () => {
  const own = { email: `${randomName()}@example.org`, phone: randomPhone() };
  const { id, username } = await createAccount(dialtone, own);
  assert.equal((await put(id, { username, ...own })).status, 200);
});

test('values_of_others_are_taken', async () => {
  const other = await createAccount(dialtone, { email: `${randomName()}@example.org`, phone: randomPhone() });
  const { id, username } = await createAccount(dialtone);
  await isRefusedFor(await put(id, { username: other.username, password: 'long enough' }), 'username');
  await isRefusedFor(await put(id, { username, email: other.email.toUpperCase() }), 'email');
  await isRefusedFor(await put(id, { username, phone: other.phone }), 'phone');
});

test('name_of_a_deleted_account_may_be_taken_by_a_change', async () => {
  const gone = await createAccount(dialtone);
  await remove(gone.id);
  const { id } = await createAccount(dialtone);
  assert.equal((await put(id, { username: gone.username, password: 'long enough' })).status, 200);
});

test('validation_comes_before_not_found', async () => {
  await isRefusedFor(await put(999999999, {}), 'username');
  assert.equal((await put(999999999, { username: 'some.name' })).status, 404);
});

test('writer_is_remembered_and_the_maker_is_not_forgotten', async () => {
  const account = await createAccount(dialtone);
  const answer = await dialtone.api('PUT', `/api/accounts/${account.id}`, { as: 'admin', body: { username: account.username }, headers: { 'User-Agent': 'editor/1' } });
  assert.equal(answer.json.user_agent, 'editor/1');
  assert.equal(answer.json.created_at, account.created_at);
  assert.ok(answer.json.updated_at > account.updated_at);
});

test('admin_cannot_lock_himself_out', async () => {
  const admin = await createUser(dialtone, { admin: true });
  const who = { key: admin.key };
  assert.equal((await put(admin.id, { username: admin.username, admin: false }, who)).status, 409);
  assert.equal((await put(admin.id, { username: admin.username, blocked: true }, who)).status, 409);
  const same = await put(admin.id, { username: admin.username, admin: true, blocked: false, display_name: 'Boss' }, who);
  assert.equal(same.json.display_name, 'Boss');
});

test('blocked_account_is_refused_whatever_it_proves_itself_with_until_unblocked', async () => {
  const account = await createUser(dialtone);
  await put(account.id, { username: account.username, blocked: true });
  const byKey = await dialtone.api('GET', '/api/accounts/me', { key: account.key });
  assert.equal(byKey.status, 403);
  assert.equal(byKey.json.message, 'This account is blocked.');
  assert.equal((await dialtone.api('GET', '/api/accounts/me', { token: account.token })).status, 401);
  assert.equal((await digestRequest(dialtone, account)).status, 403);
  assert.equal((await dialtone.api('POST', '/api/login', { body: { username: account.username, password: account.password } })).status, 401);
  await put(account.id, { username: account.username, blocked: false });
  assert.equal((await dialtone.api('GET', '/api/accounts/me', { key: account.key })).status, 200);
  assert.equal((await dialtone.api('GET', '/api/accounts/me', { token: account.token })).status, 401);
});

test('blocked_admin_administers_nothing', async () => {
  const admin = await createUser(dialtone, { admin: true });
  await put(admin.id, { username: admin.username, blocked: true });
  assert.equal((await dialtone.api('GET', '/api/accounts', { key: admin.key })).status, 403);
});

test('two_changes_at_once_leave_one_of_them_whole', async () => {
  const { id, username } = await createAccount(dialtone);
  const values = Array.from({ length: 10 }, (_, i) => ({ username, display_name: `name ${i}`, dictionary: { writer: `${i}` } }));
  const answers = await Promise.all(values.map((body) => put(id, body)));
  assert.deepEqual(answers.map(({ status }) => status), values.map(() => 200));
  const { display_name: name, dictionary } = await readAccount(dialtone, id);
  assert.equal(name, `name ${dictionary.writer}`);
});

test('deletion_answers_nothing_and_takes_everything_along', async () => {
  const account = await createUser(dialtone, { dictionary: { a: '1' } });
  const answer = await remove(account.id);
  assert.equal(answer.status, 200);
  assert.equal(answer.text, '');
  assert.equal(answer.header('content-type'), undefined);
  for (const path of [`/api/accounts/${account.id}`, `/api/accounts/${account.username}@dialtone.test/search`, `/api/accounts/${account.username}@dialtone.test/info`]) {
    assert.equal((await dialtone.api('GET', path, { as: 'admin' })).status, 404, path);
  }
  assert.equal((await remove(account.id)).status, 404);
  assert.equal((await dialtone.api('GET', '/api/accounts/me', { key: account.key })).status, 401);
  assert.equal((await dialtone.api('GET', '/api/user/me', { token: account.token })).json.message, 'token revoked');
  assert.equal((await dialtone.api('GET', '/api/accounts/me', { headers: { From: `sip:${account.username}@dialtone.test` } })).status, 404);
  for (const table of ['passwords', 'api_keys', 'sessions', 'provisioning_tokens']) {
    assert.deepEqual(await dialtone.sql(`SELECT count(*) FROM ${table} WHERE account_id = ${account.id}`), [['0']], table);
  }
});
