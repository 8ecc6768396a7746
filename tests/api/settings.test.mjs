/* Settings of the API that change what is accepted, taken over by a reload. */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { test } from 'node:test';

import { createAccount, createUser, randomName } from '../lib/accounts.mjs';
import { digestRequest } from '../lib/digest.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { payloadOf } from '../lib/jwt.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await ownInstance();
const create = (fields) => dialtone.api('POST', '/api/accounts', { as: 'admin', body: { username: randomName(), password: 'long enough', ...fields } });

async function isRefusedFor(answer, name) {
  assert.equal(answer.status, 422, answer.text);
  assert.deepEqual(Object.keys(answer.json.errors), [name]);
}

test('while_there_is_one_space_every_host_is_its_own', async () => {
  for (const host of ['localhost', '127.0.0.1', 'anything.example.org']) {
    assert.equal((await dialtone.at(host).api('GET', '/api/accounts', { as: 'admin' })).status, 200, host);
  }
});

test('blacklisted_names_are_refused_plainly_and_as_patterns', async () => {
  await dialtone.configureApi({ account_blacklisted_usernames: 'foobar,blacklisted,username-.*' });
  for (const username of ['foobar', 'blacklisted', 'username-', 'username-42', 'my.username-42', 'notblacklistedatall']) {
    await isRefusedFor(await create({ username }), 'username');
  }
  for (const username of ['fooba.r', 'black.listed', 'user.name-42']) assert.equal((await create({ username })).status, 200, username);
  await dialtone.configureApi({ account_blacklisted_usernames: '' });
  assert.equal((await create({ username: 'foobar' })).status, 200);
});

test('other_names_may_be_allowed_and_refused', async () => {
  await dialtone.configureApi({ account_username_regex: '^[a-z!]+$', account_username_min_length: 2 });
  assert.equal((await create({ username: 'a!' })).status, 200);
  for (const username of ['a', 'a1', 'a.b']) await isRefusedFor(await create({ username }), 'username');
  await dialtone.configureApi({ account_username_regex: '^[a-z0-9+_.-]*$', account_username_min_length: 6 });
});

test('phone_numbers_as_names_may_be_allowed', async () => {
  await dialtone.configureApi({ allow_phone_number_username_admin_api: true });
  assert.equal((await create({ username: '+33612345678' })).status, 200);
  await isRefusedFor(await create({ phone: '+33612345678' }), 'phone');
});

test('shortest_password_follows_its_setting', async () => {
  await dialtone.configureApi({ account_password_min_length: 3 });
  assert.equal((await create({ password: 'abc' })).status, 200);
  await isRefusedFor(await create({ password: 'ab' }), 'password');
});

test('public_account_info_may_be_off', async () => {
  const path = '/api/accounts/demouser@dialtone.test/info';
  assert.equal((await dialtone.api('GET', path)).status, 200);
  await dialtone.configureApi({ public_account_info: false });
  assert.equal((await dialtone.api('GET', path)).status, 404);
});

test('turn_credentials_are_those_that_a_turn_server_with_the_secret_computes', async () => {
  const user = await createUser(dialtone);
  const turn = () => dialtone.api('GET', '/api/accounts/me/services/turn', { key: user.key });
  await dialtone.configureApi({ turn_host: 'turn.example.org:3478' });
  assert.equal((await turn()).status, 404, 'without a secret');
  await dialtone.configureApi({ turn_secret: 'north', turn_ttl_minutes: 10 });
  const { status, json } = await turn();
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(json), ['username', 'password', 'ttl', 'uris']);
  const [end, random] = json.username.split(':');
  assert.ok(Math.abs(Number(end) - Date.now() / 1000 - 600) < 10, json.username);
  assert.match(random, /^[A-Za-z0-9]{16}$/);
  assert.equal(json.password, crypto.createHmac('sha1', 'north').update(json.username).digest('base64'));
  assert.deepEqual([json.ttl, json.uris], [600, ['turn:turn.example.org:3478']]);
  assert.notEqual((await turn()).json.username, json.username);
  await dialtone.configureApi({ turn_ttl_minutes: 0 });
  assert.equal((await turn()).status, 404);
});

test('without_legacy_get_activate_only_POST_activates', async () => {
  const { id } = await createAccount(dialtone);
  await dialtone.configureApi({ legacy_get_activate: false });
  for (const verb of ['activate', 'deactivate']) {
    const answer = await dialtone.api('GET', `/api/accounts/${id}/${verb}`, { as: 'admin' });
    assert.equal(answer.status, 405, answer.text);
    assert.equal(answer.header('allow'), 'POST');
    assert.equal((await dialtone.api('POST', `/api/accounts/${id}/${verb}`, { as: 'admin' })).status, 200);
  }
});

test('admins_may_be_held_to_one_way_of_proving_themselves', async () => {
  const admin = await createUser(dialtone, { admin: true });
  await dialtone.configureApi({ admin_auth_methods: 'key' });
  assert.equal((await dialtone.api('GET', '/api/accounts', { key: admin.key })).status, 200);
  assert.equal((await dialtone.api('GET', '/api/accounts', { token: admin.token })).status, 403);
  assert.equal((await digestRequest(dialtone, admin, { path: '/api/accounts' })).status, 403);
  assert.equal((await dialtone.api('GET', '/api/accounts/me', { token: admin.token })).status, 200, 'as users they are free');
});

test('tokens_and_keys_end_when_their_settings_say', async () => {
  await dialtone.configureApi({ session_days: 1, api_key_expiration_minutes: 5, provisioning_token_expiration_minutes: 30 });
  const { provisioning_token_expire_at: end } = await createAccount(dialtone);
  assert.ok(Math.abs(Date.parse(end) - Date.now() - 30 * 60e3) < 60e3, end);
  const user = await createUser(dialtone);
  const { exp, iat } = payloadOf(user.token);
  assert.equal(exp - iat, 86400);
  await dialtone.sql(`UPDATE api_keys SET created_at = now() - interval '6 minutes' WHERE account_id = ${user.id}`);
  assert.equal((await dialtone.api('GET', '/api/accounts/me', { key: user.key })).status, 401);
});

test('realm_of_the_jwt_challenge_follows_its_setting', async () => {
  await dialtone.configureApi({ jwt_realm: 'office' });
  assert.equal((await dialtone.api('GET', '/api/user/me')).header('www-authenticate'), 'Bearer realm="office"');
});

test('links_of_a_list_follow_the_public_address', async () => {
  await dialtone.configureApi({ public_url: 'https://phones.example.org' });
  const { json } = await dialtone.api('GET', '/api/accounts', { as: 'admin' });
  assert.equal(json.path, 'https://phones.example.org/api/accounts');
  const { token } = await createUser(dialtone);
  const names = async (host) => (await dialtone.at(host).api('GET', '/api/profiling/all', { token })).json.publichost;
  assert.equal(await names('any.example.net'), 'phones.example.org');
  await dialtone.configureApi({ public_url: '' });
  assert.equal(await names('any.example.net'), 'localhost', 'the host of the space, not that of the request');
});

test('settings_that_are_wrong_leave_the_server_as_it_was', async () => {
  const before = await dialtone.workers();
  await dialtone.writeSettings({ workers: 'many' });
  await dialtone.reload('api');
  await until(async () => /dialtone\.conf:\d+: .*workers/.test(await dialtone.log('api')), { what: 'the complaint' });
  assert.deepEqual(await dialtone.workers(), before);
  assert.ok(await dialtone.isAnswering());
  await dialtone.configureApi({ workers: 2 });
});
