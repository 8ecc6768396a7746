/* The paths below /webrest for whoever has a JWT, and the table of answers when switched off (cti-api 1.16). */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAccount, createUser } from '../lib/accounts.mjs';
import { legacyAttempt, webrest } from '../lib/cti.mjs';
import { buildDir, ownInstance, sanitizerEnv } from '../lib/instance.mjs';
import { run } from '../lib/run.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await ownInstance();
const user = await createUser(dialtone);
const other = await createUser(dialtone);
const bearer = `Bearer ${user.token}`;
const pair = `${user.username}:${user.token}`;
const hmac = `${user.username}:${'0123456789abcdef'.repeat(3).slice(0, 40)}`;

function hasHeaders(answer) {
  assert.equal(answer.header('deprecation'), '@1780272000');
  assert.equal(answer.header('sunset'), 'Mon, 01 Jun 2026 00:00:00 GMT');
  assert.equal(answer.header('link'), '</api/login>; rel="successor-version"');
}

function isGone(answer) {
  assert.equal(answer.status, 410, answer.text);
  assert.deepEqual(answer.json, { code: 410, message: 'legacy authentication is no longer available', data: { migrate_to: '/api/login' } });
  assert.deepEqual(answer.all('www-authenticate'), []);
  hasHeaders(answer);
}

async function works(path, authorization) {
  const [old, now] = [await webrest(dialtone, path, authorization), await dialtone.api('GET', `/api${path}`, { token: user.token })];
  assert.deepEqual([old.status, old.json], [now.status, now.json], path);
  assert.equal(old.status, 200);
  hasHeaders(old);
}

test('by_default_the_old_login_is_gone', async () => {
  isGone(await legacyAttempt(dialtone, user));
  isGone(await webrest(dialtone, '/authentication/login', bearer, { method: 'POST', body: {} }));
  isGone(await webrest(dialtone, '/authentication/login', undefined, { method: 'POST', body: '{"broken' }));
});

test('by_default_old_tokens_and_no_credentials_are_gone', async () => {
  for (const authorization of [hmac, undefined, 'nonsense', 'Basic YTpi', `${user.username}:x`]) {
    for (const path of ['/user/me', '/no/such/path', '/authentication/logout']) isGone(await webrest(dialtone, path, authorization));
  }
});

test('by_default_a_jwt_opens_what_it_opens_below_api', async () => {
  for (const path of ['/user/me', '/user/presence', '/user/endpoints/all', '/astproxy/extensions', '/2fa/status']) {
    await works(path, bearer);
    await works(path, pair);
  }
  await works('/user/me', `bearer ${user.token}`);
});

test('a_jwt_writes_below_webrest_too', async () => {
  const answer = await webrest(dialtone, '/user/settings', pair, { method: 'POST', body: { open_ccard: 'disabled' } });
  assert.deepEqual([answer.status, answer.text], [200, '']);
  assert.equal((await dialtone.api('GET', '/api/user/me', { token: user.token })).json.settings.open_ccard, 'disabled');
});

test('the_user_before_the_jwt_has_to_be_its_own', async () => {
  for (const name of [user.username, user.username.toUpperCase(), `${user.username}@dialtone.test`]) {
    assert.equal((await webrest(dialtone, '/user/me', `${name}:${user.token}`)).status, 200, name);
  }
  for (const name of [other.username, 'nobody.here', `${user.username}@elsewhere.example.org`, ' ']) {
    const answer = await webrest(dialtone, '/user/me', `${name}:${user.token}`);
    assert.ok([401, 410].includes(answer.status), name);
    if (answer.status === 401) assert.deepEqual(answer.json, { code: 401, message: 'invalid token', data: null });
  }
});

test('bad_jwts_are_refused_as_below_api', async () => {
  for (const token of [`${user.token}x`, user.token.replace(/\.[^.]+\./, '.e30.'), 'a.b.c']) {
    for (const authorization of [`Bearer ${token}`, `${user.username}:${token}`]) {
      const answer = await webrest(dialtone, '/user/me', authorization);
      assert.deepEqual([answer.status, answer.json], [401, { code: 401, message: 'invalid token', data: null }]);
      assert.deepEqual(answer.all('www-authenticate'), ['Bearer realm="nethcti"']);
    }
  }
});

test('unknown_paths_and_methods_are_refused_with_the_envelope', async () => {
  const nowhere = await webrest(dialtone, '/no/such/path', bearer);
  assert.deepEqual([nowhere.status, nowhere.json.code], [404, 404]);
  hasHeaders(nowhere);
  const method = await webrest(dialtone, '/user/me', bearer, { method: 'DELETE' });
  assert.deepEqual([method.status, method.json.code, method.header('allow')], [405, 405, 'GET, HEAD']);
  assert.equal((await webrest(dialtone, '/astproxy/call', bearer, { method: 'POST', body: {} })).status, 501);
});

test('the_accounts_api_is_not_below_webrest', async () => {
  const admin = { headers: { 'x-api-key': dialtone.env.DIALTONE_ADMIN_API_KEY } };
  isGone(await webrest(dialtone, '/accounts', undefined, admin));
  assert.equal((await webrest(dialtone, '/accounts', bearer, admin)).status, 404);
  assert.equal((await webrest(dialtone, '/accounts/me', bearer)).status, 404);
  assert.equal((await webrest(dialtone, '/internal/session', bearer)).status, 404);
});

test('a_jwt_can_log_out_at_the_old_place', async () => {
  const guest = await createUser(dialtone);
  const answer = await webrest(dialtone, '/authentication/logout', `Bearer ${guest.token}`, { method: 'POST' });
  assert.deepEqual([answer.status, answer.text], [200, '']);
  assert.equal((await dialtone.api('GET', '/api/user/me', { token: guest.token })).status, 401);
});

test('the_prefix_is_a_whole_segment', async () => {
  for (const path of ['/webrestuser/me', '/Webrest/user/me', '/api/webrest/user/me', '//webrest/user/me']) {
    const answer = await dialtone.api('GET', path, { token: user.token });
    assert.equal(answer.status, 404, path);
    assert.equal(answer.header('deprecation'), undefined);
  }
  assert.equal((await dialtone.api('GET', '/webrest', { token: user.token })).status, 404);
  assert.equal((await webrest(dialtone, '/user/me/', bearer)).status, 200);
});

test('with_the_alias_off_everything_is_gone', async () => {
  await dialtone.configureApi({ webrest_alias: 'false' }, 'common');
  for (const authorization of [bearer, pair, hmac, undefined]) isGone(await webrest(dialtone, '/user/me', authorization));
  isGone(await legacyAttempt(dialtone, user));
  await dialtone.configureApi({ webrest_alias: 'true' }, 'common');
  await works('/user/me', bearer);
});

test('with_the_alias_off_and_the_old_login_on_only_its_tokens_open', async () => {
  await dialtone.configureApi({ webrest_alias: 'false' }, 'common');
  await dialtone.configureApi({ legacy_auth: 'true' });
  for (const authorization of [bearer, pair]) isGone(await webrest(dialtone, '/user/me', authorization));
  assert.ok((await legacyAttempt(dialtone, user)).header('www-authenticate').startsWith('Digest '));
  for (const authorization of [hmac, undefined]) {
    const answer = await webrest(dialtone, '/user/me', authorization);
    assert.deepEqual([answer.status, answer.text, answer.all('www-authenticate')], [401, '', []]);
    hasHeaders(answer);
  }
  await dialtone.configureApi({ webrest_alias: 'true' }, 'common');
  await dialtone.configureApi({ legacy_auth: 'false' });
});

test('the_day_in_the_headers_is_a_setting', async () => {
  await dialtone.configureApi({ legacy_sunset: '2027-12-31' }, 'common');
  const answer = await webrest(dialtone, '/user/me', bearer);
  assert.deepEqual([answer.header('deprecation'), answer.header('sunset')], ['@1830211200', 'Fri, 31 Dec 2027 00:00:00 GMT']);
  await dialtone.configureApi({ legacy_sunset: '2026-06-01' }, 'common');
});

test('a_day_that_does_not_exist_is_refused', async () => {
  for (const day of ['2026-02-30', '2026-6-1', 'tomorrow', '2026-06-01 00:00:00']) {
    const result = await run(`${buildDir}/dialtone-api`, ['--config', dialtone.env.DIALTONE_CONFIG, `--legacy_sunset=${day}`, '--check-config'], { env: sanitizerEnv });
    assert.notEqual(result.status, 0, day);
    assert.match(result.stderr + result.stdout, /legacy_sunset/);
  }
});

test('uses_of_the_alias_are_counted_for_the_user_of_the_token', async () => {
  const guest = await createUser(dialtone);
  const headers = { 'User-Agent': 'Stuck Island/0.9' };
  for (let i = 0; i < 5; i++) await webrest(dialtone, '/user/me', `Bearer ${guest.token}`, { headers });
  await until(async () => {
    const [row] = await dialtone.sql(`SELECT user_agent, requests FROM legacy_uses WHERE username = '${guest.username}'`);
    return row?.[0] === 'Stuck Island/0.9' && row[1] === '5';
  }, { what: 'five counted uses' });
  const idle = await createAccount(dialtone);
  assert.deepEqual(await dialtone.sql(`SELECT 1 FROM legacy_uses WHERE username = '${idle.username}'`), []);
});
