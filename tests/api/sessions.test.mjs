/* Sessions and the persistent tokens of programs through nginx: cti-api 1.2, 1.3, 4.2, 4.3. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAccount, login } from '../lib/accounts.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { lockRows } from '../lib/lock.mjs';
import { enable, payloadOf } from '../lib/otp.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await sharedInstance();
const api = (method, path, options) => dialtone.api(method, path, options);

async function user() {
  const account = await createAccount(dialtone);
  return { account, token: await login(dialtone, account) };
}

const opens = async (token) => (await api('GET', '/api/user/me', { token })).status === 200;

async function mint(token, audience = 'nethlink') {
  const answer = await api('POST', `/api/tokens/persistent/${audience}`, { token });
  assert.equal(answer.status, 200, answer.text);
  return answer.json.token;
}

test('5.14 and 1.2: tokens of the same second differ, and carry jti and domain', async () => {
  const { account } = await user();
  const tokens = await Promise.all(Array.from({ length: 4 }, () => login(dialtone, account)));
  assert.equal(new Set(tokens).size, 4);
  for (const token of tokens) {
    const claims = payloadOf(token);
    assert.match(claims.jti, /^[\w-]{22}$/);
    assert.equal(claims.dom, dialtone.env.DIALTONE_DOMAIN);
    assert.equal(claims.id, account.username);
    assert.equal(claims.exp - claims.iat, 14 * 86400);
    assert.equal('2fa_required' in claims, false);
  }
});

test('sessions_are_listed_newest_first_and_the_own_one_is_marked', async () => {
  const { account, token } = await user();
  const second = await login(dialtone, account);
  const { status, json } = await api('GET', '/api/sessions', { token });
  assert.equal(status, 200);
  assert.deepEqual(json.map(({ jti }) => jti).sort(), [token, second].map((t) => payloadOf(t).jti).sort());
  assert.deepEqual(json.filter(({ current }) => current).map(({ jti }) => jti), [payloadOf(token).jti]);
  assert.ok(json[0].issued_at >= json[1].issued_at);
  assert.equal(json[0].ip, '127.0.0.1');
});

test('5.42 a session remembers address and program', async () => {
  const account = await createAccount(dialtone);
  const answer = await api('POST', '/api/login', { body: { username: account.username, password: account.password }, headers: { 'User-Agent': 'phone/1.0' } });
  const [session] = (await api('GET', '/api/sessions', { token: answer.json.token })).json;
  assert.equal(session.user_agent, 'phone/1.0');
  assert.equal(session.ip, '127.0.0.1');
});

test('a_session_is_ended_from_afar_and_others_stay', async () => {
  const { account, token } = await user();
  const [far, third] = [await login(dialtone, account), await login(dialtone, account)];
  assert.equal((await api('DELETE', `/api/sessions/${payloadOf(far).jti}`, { token })).status, 204);
  assert.equal(await opens(far), false);
  assert.ok(await opens(token) && await opens(third));
  assert.equal((await api('DELETE', `/api/sessions/${payloadOf(far).jti}`, { token })).status, 404);
});

test('the_session_of_somebody_else_is_404_and_stays', async () => {
  const { token } = await user();
  const other = await user();
  assert.equal((await api('DELETE', `/api/sessions/${payloadOf(other.token).jti}`, { token })).status, 404);
  assert.ok(await opens(other.token));
});

test('all_other_sessions_end_at_once_persistent_ones_too', async () => {
  const { account, token } = await user();
  const others = [await login(dialtone, account), await mint(token)];
  assert.equal((await api('DELETE', '/api/sessions', { token })).status, 204);
  for (const other of others) assert.equal(await opens(other), false);
  assert.ok(await opens(token));
});

test('the_last_use_of_a_session_is_written_in_a_batch', async () => {
  const { token } = await user();
  await opens(token);
  const { until } = await import('../lib/until.mjs');
  await until(async () => (await dialtone.sql(`SELECT 1 FROM sessions WHERE jti = '${payloadOf(token).jti}' AND last_used_at IS NOT NULL`)).length,
    { what: 'last_used_at to be written' });
});

test('5.17 password change, block and deletion end sessions at once', async () => {
  const changes = {
    password: ({ id, username }) => api('PUT', `/api/accounts/${id}`, { as: 'admin', body: { username, password: 'another good one', algorithm: 'SHA-256' } }),
    block: ({ id, username }) => api('PUT', `/api/accounts/${id}`, { as: 'admin', body: { username, blocked: true } }),
    deletion: ({ id }) => api('DELETE', `/api/accounts/${id}`, { as: 'admin' }),
  };
  for (const [what, change] of Object.entries(changes)) {
    const { account, token } = await user();
    const persistent = await mint(token);
    assert.equal((await change(account)).status, 200, what);
    for (const ended of [token, persistent]) {
      const answer = await api('GET', '/api/user/me', { token: ended });
      assert.deepEqual(answer.json, { code: 401, message: 'token revoked', data: null }, what);
    }
  }
});

test('4.2 a persistent token is made, seen and ended', async () => {
  const { token } = await user();
  const path = '/api/tokens/persistent/NethLink';
  assert.deepEqual((await api('GET', path, { token })).json, { exists: false });
  const made = await mint(token, 'NethLink');
  const claims = payloadOf(made);
  assert.equal(claims.aud, 'nethlink');
  assert.equal(claims.exp - claims.iat, 365 * 86400);
  assert.deepEqual((await api('GET', path, { token })).json, { exists: true });
  assert.ok(await opens(made));
  const gone = await api('DELETE', path, { token });
  assert.equal(gone.status, 204);
  assert.equal(gone.text, '');
  assert.equal(await opens(made), false);
  assert.equal((await api('DELETE', path, { token })).status, 204);
});

test('4.2 there is one token for each audience, a new one ends the old', async () => {
  const { token } = await user();
  const [old, other] = [await mint(token), await mint(token, 'mobile-app')];
  const made = await Promise.all(Array.from({ length: 5 }, () => mint(token)));
  const alive = await Promise.all(made.map(opens));
  assert.equal(alive.filter(Boolean).length, 1);
  assert.equal(await opens(old), false);
  assert.ok(await opens(other));
});

test('4.2 an unknown audience is 400', async () => {
  const { token } = await user();
  for (const method of ['POST', 'GET', 'DELETE']) {
    const answer = await api(method, '/api/tokens/persistent/browser', { token });
    assert.deepEqual(answer.json, { code: 400, message: 'invalid audience', data: null });
  }
});

test('4.2 the older names do the same', async () => {
  const { token } = await user();
  const older = '/api/authentication';
  const made = await api('POST', `${older}/phone_island_token_login`, { token });
  assert.equal(payloadOf(made.json.token).aud, 'phone-island');
  const desktop = await api('POST', `${older}/phone_island_token_login`, { token, body: { subtype: 'nethlink' } });
  assert.equal(payloadOf(desktop.json.token).aud, 'nethlink');
  assert.deepEqual((await api('GET', `${older}/phone_island_token_check`, { token })).json, { exists: true });
  assert.equal((await api('POST', `${older}/persistent_token_remove`, { token, body: { type: 'nethlink' } })).status, 204);
  assert.deepEqual((await api('GET', `${older}/phone_island_token_check/nethlink`, { token })).json, { exists: false });
  assert.ok(await opens(made.json.token));
});

test('5.15 the audience restricts use: a persistent token manages no credentials', async () => {
  const account = await createAccount(dialtone, { admin: true });
  const token = await mint(await login(dialtone, account));
  assert.ok(await opens(token));
  const closed = [['GET', '/api/2fa/qr-code'], ['GET', '/api/2fa/status'], ['POST', '/api/2fa/verify-otp'], ['POST', '/api/2fa/disable'],
    ['POST', '/api/2fa/recovery-codes'], ['POST', '/api/tokens/persistent/mobile-app'], ['GET', '/api/sessions'], ['DELETE', '/api/sessions'],
    ['GET', '/api/accounts'], ['GET', '/api/accounts/me'], ['DELETE', '/api/accounts/me'], ['GET', '/api/accounts/me/api_key']];
  for (const [method, path] of closed) assert.equal((await api(method, path, { token })).status, 403, `${method} ${path}`);
});

test('5.15 the first set-up of 2FA ends persistent tokens', async () => {
  const { token } = await user();
  const persistent = await mint(token);
  const { token: verified } = await enable(dialtone, token);
  assert.equal(await opens(persistent), false);
  const again = payloadOf(await mint(verified));
  assert.equal(again['2fa'], true);
  assert.equal(again.otp_verified, true);
});

test('a_session_that_is_just_being_deleted_keeps_the_uses_of_no_other_from_being_written', async () => {
  const [held, other] = [await user(), await user()];
  const { jti } = payloadOf(held.token);
  const used = async () => (await dialtone.sql(`SELECT count(*) FROM sessions WHERE jti = '${payloadOf(other.token).jti}' AND last_used_at IS NOT NULL`))[0][0] === '1';
  const lock = await lockRows(dialtone, 'sessions', `jti = '${jti}'`);
  try {
    const tokens = Array.from({ length: 8 }, () => [held.token, other.token]).flat();
    assert.deepEqual([...new Set(await Promise.all(tokens.map(opens)))], [true]);
    await until(used, { what: 'the use of the other session' });
  } finally {
    await lock.release();
  }
});

test('a_session_that_ends_with_very_many_others_opens_nothing_though_it_is_not_among_the_first', async () => {
  const { account, token } = await user();
  await dialtone.sql(`INSERT INTO sessions (jti, account_id, expires_at)
    SELECT 'one-of-very-many-' || i || '-of-${account.id}', ${account.id}, now() + interval '1 day' FROM generate_series(1, 1500) i`);
  assert.equal(await opens(token), true);
  const put = await api('PUT', `/api/accounts/${account.id}`, { as: 'admin', body: { username: account.username, password: 'another good password' } });
  assert.equal(put.status, 200, put.text);
  assert.equal(await opens(token), false);
});
