/* Pages of other origins (cti-api 1.13). */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createUser } from '../lib/accounts.mjs';
import { legacyAttempt } from '../lib/cti.mjs';
import { buildDir, ownInstance, sanitizerEnv } from '../lib/instance.mjs';
import { run } from '../lib/run.mjs';

const dialtone = await ownInstance();
const user = await createUser(dialtone);
const ORIGIN = 'https://app.example.org';
const CORS = ['access-control-allow-origin', 'access-control-allow-methods', 'access-control-allow-headers', 'access-control-max-age',
  'access-control-expose-headers', 'access-control-allow-credentials'];
const corsOf = (answer) => Object.fromEntries(CORS.filter((name) => answer.header(name) !== undefined).map((name) => [name, answer.header(name)]));
const preflight = (path, origin, headers = {}) => dialtone.api('OPTIONS', path, {
  headers: { Origin: origin, 'Access-Control-Request-Method': 'GET', 'Access-Control-Request-Headers': 'authorization', ...headers } });

test('by_default_packaged_apps_are_let_in_and_no_page', async () => {
  const from = (origin) => dialtone.api('GET', '/api/user/me', { token: user.token, headers: { Origin: origin } });
  assert.deepEqual(corsOf(await from('null')), { 'access-control-allow-origin': 'null' });
  assert.equal((await preflight('/api/login', 'null')).status, 204);
  const answer = await from(ORIGIN);
  assert.deepEqual([answer.status, corsOf(answer), answer.header('vary')], [200, {}, 'Origin']);
  assert.equal((await preflight('/api/user/me', ORIGIN)).status, 405);
});

test('every_kind_of_origin_can_be_listed_and_is_compared_after_normalising', async () => {
  await dialtone.configureApi({ cors_origins: 'file://,capacitor://localhost,ionic://localhost,app://main,http://localhost,https://app.example.org' });
  for (const origin of ['file://', 'capacitor://localhost', 'ionic://localhost', 'app://main', 'http://localhost', 'http://LOCALHOST:80',
    'https://app.example.org:443', 'wss://APP.example.org.']) {
    const answer = await dialtone.api('GET', '/api/user/me', { token: user.token, headers: { Origin: origin } });
    assert.deepEqual(corsOf(answer), { 'access-control-allow-origin': origin });
  }
  for (const origin of ['null', 'https://localhost', 'capacitor://other', 'https://app.example.org:8443']) {
    const answer = await dialtone.api('GET', '/api/user/me', { token: user.token, headers: { Origin: origin } });
    assert.deepEqual(corsOf(answer), {}, origin);
  }
});

test('a_star_lets_any_origin_in_without_credentials', async () => {
  await dialtone.configureApi({ cors_origins: '*' });
  const answer = await dialtone.api('GET', '/api/user/me', { token: user.token, headers: { Origin: 'https://any.example' } });
  assert.deepEqual(corsOf(answer), { 'access-control-allow-origin': 'https://any.example' });
  assert.equal(answer.header('vary'), 'Origin');
});

test('the_header_lines_a_page_may_send_are_a_setting', async () => {
  await dialtone.configureApi({ cors_origins: ORIGIN });
  await dialtone.configureApi({ cors_headers: 'authorization, content-type, x-request-id' }, 'common');
  const answer = await preflight('/api/user/me', ORIGIN);
  assert.equal(answer.header('access-control-allow-headers'), 'authorization, content-type, x-request-id');
  await dialtone.configureApi({ cors_headers: 'authorization, content-type' }, 'common');
});

test('a_login_from_a_foreign_page_is_refused_before_anything_is_counted', async () => {
  await dialtone.configureApi({ cors_origins: ORIGIN, legacy_auth: 'true' });
  const attempt = (path, origin, site = 'cross-site') => dialtone.api('POST', path, {
    body: { username: user.username, password: 'wrong' }, headers: { Origin: origin, 'Sec-Fetch-Site': site } });
  for (const path of ['/api/login', '/webrest/authentication/login']) {
    for (let i = 0; i < 12; i++) assert.equal((await attempt(path, 'https://evil.example')).status, 403, path);
    assert.equal((await attempt(path, 'null')).status, 403, 'not listed here');
  }
  assert.deepEqual((await attempt('/api/login', 'https://evil.example')).json.code, 403);
  const right = await dialtone.api('POST', '/api/login', { body: { username: user.username, password: user.password },
    headers: { Origin: ORIGIN, 'Sec-Fetch-Site': 'cross-site' } });
  assert.equal(right.status, 200, right.text);
  assert.equal((await attempt('/api/login', dialtone.env.DIALTONE_URL)).status, 401, 'the own origin');
});

test('a_listed_origin_gets_its_preflight_without_a_token', async () => {
  await dialtone.configureApi({ cors_origins: `${ORIGIN},http://localhost:3000` });
  for (const path of ['/api/user/me', '/api/login', '/webrest/user/me', '/api/accounts', '/api/no/such/path']) {
    const answer = await preflight(path, ORIGIN);
    assert.deepEqual([answer.status, answer.text], [204, ''], path);
    assert.equal(answer.header('content-length'), undefined);
    assert.equal(answer.header('vary'), 'Origin');
    assert.deepEqual(corsOf(answer), {
      'access-control-allow-origin': ORIGIN,
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, DELETE, OPTIONS',
      'access-control-allow-headers': 'authorization, content-type',
      'access-control-max-age': '86400',
    }, path);
  }
  assert.equal((await preflight('/api/user/me', 'http://localhost:3000')).header('access-control-allow-origin'), 'http://localhost:3000');
});

test('answers_and_refusals_name_the_origin', async () => {
  for (const [options, status] of [[{ token: user.token }, 200], [{}, 401], [{ token: 'x' }, 401]]) {
    const answer = await dialtone.api('GET', '/api/user/me', { ...options, headers: { Origin: ORIGIN } });
    assert.equal(answer.status, status);
    assert.deepEqual(corsOf(answer), { 'access-control-allow-origin': ORIGIN });
    assert.equal(answer.header('vary'), 'Origin');
  }
});

test('caches_are_told_also_when_no_origin_was_sent', async () => {
  const answer = await dialtone.api('GET', '/api/user/me', { token: user.token });
  assert.equal(answer.header('vary'), 'Origin');
  assert.deepEqual(corsOf(answer), {});
});

test('an_origin_that_is_not_listed_gets_nothing', async () => {
  for (const origin of ['https://evil.example.org', 'http://app.example.org', 'https://app.example.org:8443', 'https://app.example.org.evil.org', 'null', '*']) {
    const answer = await dialtone.api('GET', '/api/user/me', { token: user.token, headers: { Origin: origin } });
    assert.deepEqual([answer.status, corsOf(answer)], [200, {}], origin);
    const asked = await preflight('/api/user/me', origin);
    assert.deepEqual([asked.status, corsOf(asked)], [405, {}], origin);
  }
});

test('the_old_login_exposes_its_challenge', async () => {
  await dialtone.configureApi({ legacy_auth: 'true' });
  const answer = await legacyAttempt(dialtone, user, { Origin: ORIGIN });
  assert.equal(answer.status, 401);
  assert.deepEqual(corsOf(answer), { 'access-control-allow-origin': ORIGIN, 'access-control-expose-headers': 'WWW-Authenticate' });
});

test('5.37 no_answer_allows_credentials_or_everybody', async () => {
  for (const answer of [await preflight('/api/user/me', ORIGIN), await dialtone.api('GET', '/api/user/me', { token: user.token, headers: { Origin: ORIGIN, Cookie: 'a=b' } })]) {
    assert.equal(answer.header('access-control-allow-credentials'), undefined);
    assert.notEqual(answer.header('access-control-allow-origin'), '*');
  }
});

test('1.13 what_is_no_origin_is_refused_in_the_configuration', async () => {
  for (const origins of ['app.example.org', 'https://app.example.org/path', 'https://', 'file://host', 'https://app.example.org,evil']) {
    const result = await run(`${buildDir}/dialtone-api`, ['--config', dialtone.env.DIALTONE_CONFIG, `--cors_origins=${origins}`, '--check-config'], { env: sanitizerEnv });
    assert.notEqual(result.status, 0, origins);
    assert.match(result.stderr + result.stdout, /cors_origins/);
  }
});

test('an_options_request_that_is_no_preflight_is_405', async () => {
  const answer = await dialtone.api('OPTIONS', '/api/user/me', { headers: { Origin: ORIGIN } });
  assert.deepEqual([answer.status, answer.header('allow')], [405, 'GET, HEAD']);
});
