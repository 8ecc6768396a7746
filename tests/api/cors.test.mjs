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

test('by_default_no_other_origin_is_let_in', async () => {
  const answer = await dialtone.api('GET', '/api/user/me', { token: user.token, headers: { Origin: ORIGIN } });
  assert.equal(answer.status, 200);
  assert.deepEqual(corsOf(answer), {});
  assert.equal(answer.header('vary'), undefined);
  assert.equal((await preflight('/api/user/me', ORIGIN)).status, 405);
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
      'access-control-allow-headers': 'Authorization, Content-Type',
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
  for (const origin of ['https://evil.example.org', 'http://app.example.org', 'https://app.example.org:8443', 'https://app.example.org.evil.org', 'https://APP.example.org', 'null', '*']) {
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

test('5.37 a_configuration_that_lets_everybody_in_is_refused', async () => {
  for (const origins of ['*', 'https://app.example.org,*', 'app.example.org', 'https://app.example.org/path']) {
    const result = await run(`${buildDir}/dialtone-api`, ['--config', dialtone.env.DIALTONE_CONFIG, `--cors_origins=${origins}`, '--check-config'], { env: sanitizerEnv });
    assert.notEqual(result.status, 0, origins);
    assert.match(result.stderr + result.stdout, /cors_origins/);
  }
});

test('an_options_request_that_is_no_preflight_is_405', async () => {
  const answer = await dialtone.api('OPTIONS', '/api/user/me', { headers: { Origin: ORIGIN } });
  assert.deepEqual([answer.status, answer.header('allow')], [405, 'GET, HEAD']);
});
