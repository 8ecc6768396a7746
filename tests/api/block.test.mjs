/* Blocking an account, and letting it in again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAccount, createUser, login } from '../lib/accounts.mjs';
import { digestRequest } from '../lib/digest.mjs';
import { sharedInstance } from '../lib/instance.mjs';

const dialtone = await sharedInstance();

async function order(verb, { id }) {
  const answer = await dialtone.api('POST', `/api/accounts/${id}/${verb}`, { as: 'admin' });
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}

const me = (options) => dialtone.api('GET', '/api/accounts/me', options).then(({ status }) => status);

test('blocked_account_is_refused_by_key_digest_and_password_until_it_is_unblocked', async () => {
  const user = await createUser(dialtone);
  assert.equal((await order('block', user)).blocked, true);
  assert.equal(await me({ key: user.key }), 403);
  assert.equal((await digestRequest(dialtone, user, { path: '/api/accounts/me' })).status, 403);
  const refused = await dialtone.api('POST', '/api/login', { body: { username: user.username, password: user.password } });
  assert.equal(refused.status, 401);
  assert.equal((await order('unblock', user)).blocked, false);
  assert.equal(await me({ key: user.key }), 200, 'the same key opens again');
  await login(dialtone, user);
});

test('blocking_ends_the_sessions_for_good', async () => {
  const user = await createUser(dialtone);
  await order('block', user);
  await order('unblock', user);
  assert.equal(await me({ token: user.token }), 401);
});

test('blocking_twice_and_unblocking_what_is_not_blocked_change_nothing_else', async () => {
  const account = await createAccount(dialtone, { display_name: 'Alice', email: 'alice.block@example.org' });
  await order('block', account);
  assert.equal((await order('block', account)).display_name, 'Alice');
  await order('unblock', account);
  assert.equal((await order('unblock', account)).email, 'alice.block@example.org');
});

test('no_administrator_blocks_their_own_account', async () => {
  const admin = await createUser(dialtone, { admin: true });
  const own = await dialtone.api('POST', `/api/accounts/${admin.id}/block`, { key: admin.key });
  assert.equal(own.status, 409, own.text);
  assert.equal(await me({ key: admin.key }), 200);
});
