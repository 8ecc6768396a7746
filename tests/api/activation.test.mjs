/* Activating and deactivating an account, fresh provisioning tokens (accounts-api I.7, 9.3), and GETs that act. */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { test } from 'node:test';

import { createAccount, createUser, login, readAccount } from '../lib/accounts.mjs';
import { digestRequest } from '../lib/digest.mjs';
import { sharedInstance } from '../lib/instance.mjs';

const dialtone = await sharedInstance();
const order = (method, { id }, verb, options = { as: 'admin' }) => dialtone.api(method, `/api/accounts/${id}/${verb}`, options);
const hashOf = (token) => crypto.createHash('sha256').update(token).digest('hex');
const tokensOf = ({ id }) => dialtone.sql(`SELECT encode(token_hash, 'hex') FROM provisioning_tokens WHERE account_id = ${id}`);
const isByAdmin = async ({ id }) => (await dialtone.sql(`SELECT deactivated_by_admin FROM accounts WHERE id = ${id}`))[0][0] === 't';

test('activate_and_deactivate_answer_the_account_by_POST_and_by_GET', async () => {
  const account = await createAccount(dialtone, { activated: false });
  for (const method of ['POST', 'GET']) {
    for (const [verb, activated] of [['activate', true], ['activate', true], ['deactivate', false], ['deactivate', false]]) {
      const answer = await order(method, account, verb);
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.json.activated, activated);
      assert.equal(answer.json.id, account.id);
      assert.equal(answer.header('cache-control'), 'no-store');
      assert.equal((await readAccount(dialtone, account.id)).activated, activated);
    }
  }
});

test('deactivated_account_may_still_log_in_and_SIP_servers_see_it_no_more', async () => {
  const account = await createAccount(dialtone, { algorithm: 'MD5' });
  const seen = () => dialtone.sql(`SELECT count(*) FROM sip.subscriber WHERE id = ${account.id}`);
  assert.deepEqual(await seen(), [['1']]);
  await order('POST', account, 'deactivate');
  assert.deepEqual(await seen(), [['0']]);
  await login(dialtone, account);
  await order('POST', account, 'activate');
  assert.deepEqual(await seen(), [['1']]);
});

test('what_an_administrator_deactivated_is_remembered_whichever_call_did_it (security 13)', async () => {
  const fresh = await createAccount(dialtone, { activated: false });
  assert.equal(await isByAdmin(fresh), false, 'a new account waits for its user');
  await order('POST', fresh, 'deactivate');
  assert.equal(await isByAdmin(fresh), true);
  await order('POST', fresh, 'activate');
  assert.equal(await isByAdmin(fresh), false);
  const put = (activated) => dialtone.api('PUT', `/api/accounts/${fresh.id}`, { as: 'admin', body: { username: fresh.username, activated } });
  await put(false);
  assert.equal(await isByAdmin(fresh), true);
  await put(true);
  assert.equal(await isByAdmin(fresh), false);
});

test('provision_gives_another_token_and_the_one_before_is_unknown (security 12)', async () => {
  const account = await createAccount(dialtone);
  const seen = [account.provisioning_token];
  for (let i = 0; i < 3; i++) {
    const { json } = await order('GET', account, 'provision');
    assert.match(json.provisioning_token, /^[A-Za-z0-9]{13}$/);
    assert.ok(!seen.includes(json.provisioning_token));
    seen.push(json.provisioning_token);
    assert.deepEqual(await tokensOf(account), [[hashOf(json.provisioning_token)]], 'one is left, and only as a hash');
    assert.equal((await readAccount(dialtone, account.id)).provisioning_token, json.provisioning_token);
  }
});

test('own_provision_is_the_same_for_the_caller', async () => {
  const user = await createUser(dialtone);
  const { status, json } = await dialtone.api('GET', '/api/accounts/me/provision', { key: user.key });
  assert.equal(status, 200);
  assert.notEqual(json.provisioning_token, user.provisioning_token);
  assert.deepEqual(await tokensOf(user), [[hashOf(json.provisioning_token)]]);
  const digest = await digestRequest(dialtone, user, { path: '/api/accounts/me/provision' });
  assert.equal(digest.status, 200, digest.text);
  assert.notEqual(digest.json.provisioning_token, json.provisioning_token);
});

test('provisioning_token_ends_after_seven_days_as_is_told_with_it', async () => {
  const user = await createUser(dialtone);
  const own = (await dialtone.api('GET', '/api/accounts/me/provision', { key: user.key })).json;
  const fresh = (await order('GET', user, 'provision')).json;
  for (const answer of [user, own, fresh, await readAccount(dialtone, user.id)]) {
    const left = Date.parse(answer.provisioning_token_expire_at) - Date.now();
    assert.ok(Math.abs(left - 7 * 86400_000) < 60_000, answer.provisioning_token_expire_at);
  }
});

test('parallel_rotations_leave_exactly_one_token', async () => {
  const account = await createAccount(dialtone);
  const answers = await Promise.all(Array.from({ length: 40 }, () => order('GET', account, 'provision')));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  const tokens = await tokensOf(account);
  assert.equal(tokens.length, 1);
  assert.ok(answers.some(({ json }) => hashOf(json.provisioning_token) === tokens[0][0]));
});

const actingGets = ({ id }) => [`/api/accounts/${id}/deactivate`, `/api/accounts/${id}/activate`, `/api/accounts/${id}/provision`, '/api/accounts/me/provision'];

test('GETs_that_act_take_no_cookie_at_all (security 15)', async () => {
  const admin = await createUser(dialtone, { admin: true });
  const account = await createAccount(dialtone);
  for (const path of actingGets(account)) {
    for (const headers of [{}, { 'Sec-Fetch-Site': 'same-origin' }, { Origin: dialtone.env.DIALTONE_URL }]) {
      const answer = await dialtone.api('GET', path, { headers: { Cookie: `x-api-key=${admin.key}`, ...headers } });
      assert.equal(answer.status, 401, `${path} ${answer.text}`);
    }
    assert.equal((await dialtone.api('GET', path, { key: admin.key })).status, 200, path);
  }
  const posted = await dialtone.api('POST', `/api/accounts/${account.id}/deactivate`, { headers: { Cookie: `x-api-key=${admin.key}` } });
  assert.equal(posted.status, 200, 'a POST does');
});

test('HEAD_answers_as_GET_would_and_changes_nothing', async () => {
  const admin = await createUser(dialtone, { admin: true });
  const account = await createAccount(dialtone);
  for (const path of [...actingGets(account), '/api/accounts/me/api_key']) {
    const answer = await dialtone.api('HEAD', path, { key: admin.key });
    assert.equal(answer.status, 200, path);
    assert.equal(answer.text, '');
    assert.equal(answer.header('set-cookie'), undefined);
  }
  const now = await readAccount(dialtone, account.id);
  assert.deepEqual([now.activated, now.provisioning_token], [true, account.provisioning_token]);
  assert.equal((await dialtone.api('GET', '/api/accounts/me', { key: admin.key })).json.provisioning_token, admin.provisioning_token);
  assert.equal((await dialtone.api('HEAD', '/api/accounts/987654321/activate', { key: admin.key })).status, 404);
});
