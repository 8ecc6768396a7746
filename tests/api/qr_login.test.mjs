/* Logging in with a QR code (accounts-api 9.2): a token is made, attached by a device that is logged in, exchanged. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createUser } from '../lib/accounts.mjs';
import { digestRequest } from '../lib/digest.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { enable } from '../lib/otp.mjs';

const dialtone = await sharedInstance();
const hash = (token) => `sha256('${token}')`;
const UNKNOWN = { message: 'No such resource.' };

async function newToken(options) {
  const made = await dialtone.api('POST', '/api/accounts/auth_token', options);
  assert.equal(made.status, 201, made.text);
  return made.json;
}
const attach = (token, options) => dialtone.api('GET', `/api/accounts/auth_token/${token}/attach`, options);
/* By both of its paths, which answer alike. */
async function look(token, options) {
  const answer = await dialtone.api('GET', `/api/accounts/me/auth_token/${token}`, options);
  const alias = await dialtone.api('GET', `/api/accounts/auth_token/${token}`, options);
  assert.deepEqual([alias.status, alias.text], [answer.status, answer.text]);
  return answer;
}
const exchange = (token, options) => dialtone.api('GET', `/api/accounts/me/api_key/${token}`, options);
const me = (key, options) => dialtone.api('GET', '/api/accounts/me', { key, ...options });
const parallel = (n, call) => Promise.all(Array.from({ length: n }, call));
const count = (answers, status) => answers.filter((answer) => answer.status === status).length;

async function attachedToken(user) {
  const { token } = await newToken();
  assert.equal((await attach(token, { token: user.token })).status, 200);
  return token;
}

function isUnknown(answer) {
  assert.equal(answer.status, 404, answer.text);
  assert.deepEqual(answer.json, UNKNOWN);
  assert.equal(answer.header('set-cookie'), undefined);
}

test('new_token_is_told_once_and_stored_as_a_hash (security 11)', async () => {
  const made = await newToken({ headers: { 'User-Agent': 'Phone/1.0' } });
  assert.match(made.token, /^[A-Za-z0-9]{32}$/);
  assert.deepEqual(Object.keys(made), ['id', 'token', 'created_at', 'updated_at', 'ip', 'user_agent']);
  assert.deepEqual([made.ip, made.user_agent], ['127.0.0.1', 'Phone/1.0']);
  assert.deepEqual(await dialtone.sql(`SELECT id, (expires_at - created_at)::text FROM auth_tokens WHERE token_hash = ${hash(made.token)}`),
    [[String(made.id), '00:05:00']]);
  assert.deepEqual(await dialtone.sql(`SELECT count(*) FROM auth_tokens t WHERE t::text LIKE '%${made.token}%'`), [['0']]);
  assert.equal((await dialtone.api('POST', '/api/accounts/auth_token', { body: '{bad', headers: { 'Content-Type': 'application/json' } })).status, 400);
});

test('the_whole_flow_gives_the_new_device_a_key_of_the_account', async () => {
  const user = await createUser(dialtone);
  const { token } = await newToken();
  isUnknown(await exchange(token));
  isUnknown(await exchange(token));
  const attached = await attach(token, { token: user.token });
  assert.deepEqual([attached.status, attached.text, attached.header('content-type')], [200, '', undefined]);
  const got = await exchange(token);
  assert.equal(got.status, 200, got.text);
  assert.deepEqual(Object.keys(got.json), ['api_key']);
  assert.match(got.json.api_key, /^[A-Za-z0-9]{40}$/);
  assert.equal(got.header('set-cookie'), `x-api-key=${got.json.api_key}; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=3600`);
  assert.equal((await me(got.json.api_key)).json.id, user.id);
  assert.equal((await me(user.key)).status, 401, 'the account has one key of its own');
  assert.equal((await me(got.json.api_key, { localAddress: '127.0.0.2' })).status, 401, 'it is bound to the address');
  isUnknown(await exchange(token));
  isUnknown(await attach(token, { token: user.token }));
});

test('attaching_works_by_key_token_and_DIGEST_but_once_even_for_the_same_caller', async () => {
  const user = await createUser(dialtone);
  for (const options of [{ token: user.token }, { key: user.key }]) {
    const { token } = await newToken();
    assert.equal((await attach(token, options)).status, 200);
    isUnknown(await attach(token, options));
  }
  const { token } = await newToken();
  assert.equal((await digestRequest(dialtone, user, { path: `/api/accounts/auth_token/${token}/attach` })).status, 200);
});

test('tokens_that_are_none_are_unknown_at_every_step', async () => {
  const user = await createUser(dialtone);
  const { token } = await newToken();
  for (const none of ['x'.repeat(32), 'short', `${token}x`, token.slice(1), 'x'.repeat(2000), "'%20OR%201=1--", token.toUpperCase() + token]) {
    isUnknown(await attach(none, { token: user.token }));
    isUnknown(await look(none, { token: user.token }));
    isUnknown(await exchange(none));
  }
});

test('after_five_minutes_it_is_unknown_attached_or_not', async () => {
  const user = await createUser(dialtone);
  const [waiting, attached] = [(await newToken()).token, await attachedToken(user)];
  await dialtone.sql(`UPDATE auth_tokens SET expires_at = now() WHERE token_hash IN (${hash(waiting)}, ${hash(attached)})`);
  isUnknown(await attach(waiting, { token: user.token }));
  isUnknown(await look(waiting, { token: user.token }));
  isUnknown(await exchange(attached));
});

test('who_asks_is_told_to_the_device_that_is_to_attach_it', async () => {
  const user = await createUser(dialtone);
  const { token, created_at } = await newToken({ headers: { 'User-Agent': 'Evil/6.6' } });
  assert.deepEqual((await look(token, { key: user.key })).json, { ip: '127.0.0.1', user_agent: 'Evil/6.6', created_at });
  assert.equal((await look(token)).status, 401);
  await attach(token, { key: user.key });
  isUnknown(await look(token, { key: user.key }));
});

test('of_100_parallel_attaches_one_succeeds', async () => {
  const users = await Promise.all([createUser(dialtone), createUser(dialtone)]);
  const { token } = await newToken();
  let i = 0;
  const answers = await parallel(100, () => attach(token, { token: users[i++ % 2].token }));
  assert.deepEqual([count(answers, 200), count(answers, 404)], [1, 99]);
});

test('of_100_parallel_exchanges_one_succeeds', async () => {
  const user = await createUser(dialtone);
  const token = await attachedToken(user);
  const answers = await parallel(100, () => exchange(token));
  assert.deepEqual([count(answers, 200), count(answers, 404)], [1, 99]);
  const { api_key: key } = answers.find(({ status }) => status === 200).json;
  assert.equal((await me(key)).json.id, user.id);
});

test('HEAD_neither_attaches_nor_exchanges', async () => {
  const user = await createUser(dialtone);
  const { token } = await newToken();
  const head = (path, options) => dialtone.api('HEAD', path, options);
  assert.equal((await head(`/api/accounts/auth_token/${token}/attach`, { token: user.token })).status, 200);
  assert.equal((await attach(token, { token: user.token })).status, 200);
  const looked = await head(`/api/accounts/me/api_key/${token}`);
  assert.deepEqual([looked.status, looked.header('set-cookie')], [200, undefined]);
  assert.equal((await me(user.key)).status, 200, 'the key it has still opens');
  assert.equal((await exchange(token)).status, 200);
  assert.equal((await head(`/api/accounts/me/api_key/${token}`)).status, 404);
});

test('attaching_takes_no_cookie (security 15)', async () => {
  const user = await createUser(dialtone);
  const { token } = await newToken();
  for (const headers of [{}, { 'Sec-Fetch-Site': 'same-origin' }]) {
    assert.equal((await attach(token, { headers: { Cookie: `x-api-key=${user.key}`, ...headers } })).status, 401);
  }
  assert.equal((await attach(token, { key: user.key })).status, 200);
});

test('no_page_of_another_site_logs_a_browser_in', async () => {
  for (const headers of [{ 'Sec-Fetch-Site': 'cross-site' }, { 'Sec-Fetch-Site': 'same-site' }]) {
    const got = await exchange(await attachedToken(await createUser(dialtone)), { headers });
    assert.equal(got.status, 200, got.text);
    assert.equal(got.header('set-cookie'), undefined);
  }
});

test('a_block_and_a_new_password_between_attaching_and_exchanging_stop_it', async () => {
  const user = await createUser(dialtone);
  const [one, two] = [await attachedToken(user), await attachedToken(user)];
  await dialtone.api('POST', `/api/accounts/${user.id}/block`, { as: 'admin' });
  isUnknown(await exchange(one));
  await dialtone.api('POST', `/api/accounts/${user.id}/unblock`, { as: 'admin' });
  assert.equal((await exchange(one)).status, 200);
  await dialtone.api('PUT', `/api/accounts/${user.id}`, { as: 'admin', body: { username: user.username, password: 'another good one' } });
  isUnknown(await exchange(two));
});

test('account_with_a_second_factor_attaches_with_a_whole_login_alone', async () => {
  const user = await createUser(dialtone);
  const { token } = await newToken();
  await dialtone.sql(`INSERT INTO two_factor (account_id, secret_sealed, enabled_at) VALUES (${user.id}, '\\x00', now())`);
  assert.equal((await digestRequest(dialtone, user, { path: `/api/accounts/auth_token/${token}/attach` })).status, 403);
  assert.equal((await attach(token, { key: user.key })).status, 403);
  assert.equal((await look(token, { key: user.key })).status, 200, 'it still waits');
});

test('turning_the_second_factor_on_voids_what_was_attached_before', async () => {
  const user = await createUser(dialtone);
  const token = await attachedToken(user);
  await enable(dialtone, user.token);
  isUnknown(await exchange(token));
});

test('a_deleted_account_takes_its_tokens_along', async () => {
  const user = await createUser(dialtone);
  const token = await attachedToken(user);
  await dialtone.api('DELETE', `/api/accounts/${user.id}`, { as: 'admin' });
  isUnknown(await exchange(token));
});
