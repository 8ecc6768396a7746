/* API keys (accounts-api 3.3): header, cookie, address, counter, end. */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { test } from 'node:test';

import { createAccount, createUser, login } from '../lib/accounts.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await sharedInstance();
const me = (options) => dialtone.api('GET', '/api/accounts/me', options);
const withCookie = (key, headers = {}) => ({ headers: { Cookie: `x-api-key=${key}`, ...headers } });

function isRefused(answer) {
  assert.equal(answer.status, 401, answer.text);
  assert.deepEqual(answer.json, { message: 'Invalid API Key' });
  assert.deepEqual(answer.all('www-authenticate'), [], 'a key is not challenged for');
}

test('own_key_is_bare_text_of_forty_characters', async () => {
  const token = await login(dialtone, await createAccount(dialtone));
  const answer = await dialtone.api('GET', '/api/accounts/me/api_key', { token });
  assert.equal(answer.status, 200);
  assert.match(answer.text, /^[A-Za-z0-9]{40}$/);
  assert.equal(answer.header('content-type'), 'text/plain; charset=utf-8');
  assert.equal(answer.header('set-cookie'), `x-api-key=${answer.text}; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=3600`);
});

test('key_opens_in_the_header_and_in_the_cookie', async () => {
  const user = await createUser(dialtone);
  assert.equal((await me({ key: user.key })).json.id, user.id);
  assert.equal((await me(withCookie(user.key))).json.id, user.id);
  assert.equal((await me({ headers: { Cookie: `theme=dark; x-api-key="${user.key}"; lang=fr` } })).json.id, user.id);
});

test('from_beside_a_key_is_ignored', async () => {
  const user = await createUser(dialtone);
  for (const From of ['sip:nobody.at.all@dialtone.test', 'nonsense']) {
    assert.equal((await me({ key: user.key, headers: { From } })).json.id, user.id);
  }
});

test('unknown_key_is_refused_even_beside_better_credentials', async () => {
  const user = await createUser(dialtone);
  for (const key of ['x'.repeat(40), 'short', 'é', user.key.toLowerCase(), `${user.key}x`, 'x'.repeat(5000)]) {
    isRefused(await me({ headers: { 'x-api-key': Buffer.from(key).toString('latin1') } }));
  }
  isRefused(await me({ key: 'x'.repeat(40), token: user.token }));
  isRefused(await me({ ...withCookie('x'.repeat(40)), token: user.token }));
});

test('header_wins_over_cookie_and_key_over_token', async () => {
  const [one, two] = [await createUser(dialtone), await createUser(dialtone)];
  assert.equal((await me({ key: one.key, headers: { Cookie: `x-api-key=${two.key}` } })).json.id, one.id);
  assert.equal((await me({ key: one.key, token: two.token })).json.id, one.id);
  assert.equal((await dialtone.api('GET', '/api/accounts/me', { token: two.token, headers: { Cookie: `x-api-key=${one.key}` } })).json.id, one.id);
});

test('own_key_is_replaced_by_the_next_one', async () => {
  const user = await createUser(dialtone);
  const next = await dialtone.api('GET', '/api/accounts/me/api_key', { key: user.key });
  assert.notEqual(next.text, user.key);
  isRefused(await me({ key: user.key }));
  assert.equal((await me({ key: next.text })).status, 200);
  assert.deepEqual(await dialtone.sql(`SELECT count(*) FROM api_keys WHERE account_id = ${user.id}`), [['1']]);
});

test('own_key_is_bound_to_the_address_it_was_made_from', async () => {
  const user = await createUser(dialtone);
  assert.deepEqual(await dialtone.sql(`SELECT host(ip) FROM api_keys WHERE account_id = ${user.id}`), [['127.0.0.1']]);
  await dialtone.sql(`UPDATE api_keys SET ip = '192.0.2.1' WHERE account_id = ${user.id}`);
  isRefused(await me({ key: user.key }));
  await dialtone.sql(`UPDATE api_keys SET ip = NULL WHERE account_id = ${user.id}`);
  assert.equal((await me({ key: user.key })).status, 200);
});

test('own_key_opens_nothing_from_another_address', async () => {
  const user = await createUser(dialtone);
  isRefused(await me({ key: user.key, localAddress: '127.0.0.2' }));
  assert.equal((await me({ as: 'admin', localAddress: '127.0.0.2' })).status, 200, 'a service key has none');
});

test('address_cannot_be_claimed_by_a_header', async () => {
  const user = await createUser(dialtone);
  await dialtone.sql(`UPDATE api_keys SET ip = '192.0.2.1' WHERE account_id = ${user.id}`);
  isRefused(await me({ key: user.key, headers: { 'X-Forwarded-For': '192.0.2.1', 'X-Real-IP': '192.0.2.1', Forwarded: 'for=192.0.2.1', 'Remote-Addr': '192.0.2.1' } }));
});

test('every_accepted_use_is_counted', async () => {
  const user = await createUser(dialtone);
  for (let i = 0; i < 3; i++) assert.equal((await me({ key: user.key })).status, 200);
  await me({ key: 'x'.repeat(40) });
  const uses = () => dialtone.sql(`SELECT requests, last_used_at IS NOT NULL FROM api_keys WHERE account_id = ${user.id}`);
  await until(async () => (await uses())[0][0] === '3', { what: 'three uses' });
  assert.deepEqual(await uses(), [['3', 't']]);
});

test('key_ends_when_it_was_not_used_for_long_enough', async () => {
  const user = await createUser(dialtone);
  const age = (column, minutes) => dialtone.sql(`UPDATE api_keys SET ${column} = now() - interval '${minutes} minutes' WHERE account_id = ${user.id}`);
  await age('created_at', 61);
  isRefused(await me({ key: user.key }));
  await age('last_used_at', 59);
  assert.equal((await me({ key: user.key })).status, 200);
  await dialtone.sql(`UPDATE api_keys SET expires_after_last_used_minutes = 0, last_used_at = '2000-01-01' WHERE account_id = ${user.id}`);
  assert.equal((await me({ key: user.key })).status, 200, '0 minutes is never');
});

test('named_keys_of_an_admin_stay_beside_his_own', async () => {
  const admin = await createUser(dialtone, { admin: true });
  const service = crypto.randomBytes(20).toString('hex');
  await dialtone.sql(`INSERT INTO api_keys (account_id, key_hash, name, expires_after_last_used_minutes)
    VALUES (${admin.id}, sha256('${service}'), 'billing', 0)`);
  await dialtone.api('GET', '/api/accounts/me/api_key', { key: admin.key });
  assert.equal((await dialtone.api('GET', '/api/accounts', { key: service })).status, 200);
});

test('cookie_is_none_for_another_site', async () => {
  const user = await createUser(dialtone);
  const attempts = [{ 'Sec-Fetch-Site': 'cross-site' }, { 'Sec-Fetch-Site': 'same-site' },
    { Origin: 'https://evil.example.org' }, { Origin: 'null' }, { Origin: 'https://localhost.evil.example.org' },
    { Origin: 'https://localhost' }, { Origin: dialtone.env.DIALTONE_URL.replace('https', 'http') },
    { 'Sec-Fetch-Site': 'cross-site', Origin: dialtone.env.DIALTONE_URL }];
  for (const headers of attempts) {
    for (const [method, path] of [['DELETE', '/api/accounts/me'], ['GET', '/api/accounts/me/api_key'], ['GET', '/api/accounts/me']]) {
      const answer = await dialtone.api(method, path, withCookie(user.key, headers));
      assert.equal(answer.status, 401, `${method} ${JSON.stringify(headers)}: ${answer.text}`);
      assert.equal(answer.header('set-cookie'), undefined);
    }
  }
});

test('cookie_changes_nothing_when_a_link_was_only_followed', async () => {
  const user = await createUser(dialtone);
  const followed = withCookie(user.key, { 'Sec-Fetch-Site': 'none' });
  assert.equal((await dialtone.api('DELETE', '/api/accounts/me', followed)).status, 403);
  assert.equal((await dialtone.api('GET', '/api/accounts/me/api_key', followed)).status, 403);
  assert.equal((await me(followed)).status, 200, 'reading is free');
});

test('cookie_changes_what_its_own_site_and_programs_without_a_browser_ask_for', async () => {
  for (const headers of [{}, { 'Sec-Fetch-Site': 'same-origin' }, { Origin: dialtone.env.DIALTONE_URL }]) {
    const user = await createUser(dialtone);
    assert.equal((await dialtone.api('DELETE', '/api/accounts/me', withCookie(user.key, headers))).text, '1');
  }
});

test('cookie_is_no_credential_of_the_cti_calls', async () => {
  const user = await createUser(dialtone);
  assert.equal((await dialtone.api('GET', '/api/user/me', withCookie(user.key))).status, 401);
  assert.equal((await dialtone.api('GET', '/api/user/me', { key: user.key })).status, 401);
});
