/*
 * Days that go wrong, and rules that change, for logging in: each test has the instance to itself, one
 * after the other.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAccount, login } from '../lib/accounts.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { enable, newEnrolled, newUser, payloadOf, verify } from '../lib/otp.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await ownInstance();
const api = (method, path, options) => dialtone.api(method, path, options);

const user = () => newUser(dialtone);
const enrolled = () => newEnrolled(dialtone);

const opens = async (token) => (await api('GET', '/api/user/me', { token })).status;

async function policy(...words) {
  const { status, stderr } = await dialtone.ctl(['space', 'two-factor', dialtone.env.DIALTONE_DOMAIN, ...words]);
  assert.equal(status, 0, stderr);
}

test('4.3 an enforced user can call what enrolment needs and nothing else', async () => {
  const { account, token: before } = await user();
  const persistent = (await api('POST', '/api/tokens/persistent/nethlink', { token: before })).json.token;
  await policy('required');
  const token = await login(dialtone, account);
  const claims = payloadOf(token);
  assert.equal(claims['2fa'], false);
  assert.equal(claims['2fa_required'], true);
  for (const bound of [token, before, persistent]) {
    const answer = await api('GET', '/api/user/me', { token: bound });
    assert.deepEqual(answer.json, { code: 403, message: '2FA must be set up', data: null });
  }
  for (const [method, path] of [['GET', '/api/sessions'], ['POST', '/api/tokens/persistent/nethlink'], ['POST', '/api/2fa/disable'], ['GET', '/api/accounts/me']]) {
    assert.equal((await api(method, path, { token })).status, 403, path);
  }
  assert.deepEqual((await api('GET', '/api/2fa/status', { token })).json, { status: false });
  const { token: verified } = await enable(dialtone, token);
  assert.equal(await opens(verified), 200);
  const waiting = payloadOf(await login(dialtone, account));
  assert.equal(waiting['2fa'], true);
  assert.equal('2fa_required' in waiting, false);
  await policy('optional');
});

test('1.11 while the space requires it, disable is 403', async () => {
  const { account, token } = await enrolled();
  await policy('required');
  const answer = await api('POST', '/api/2fa/disable', { token, body: { password: account.password } });
  assert.deepEqual(answer.json, { code: 403, message: '2FA is mandatory', data: null });
  await policy('optional');
});

test('4.3 within the grace period nothing changes, after it everything does', async () => {
  await policy('required', '--grace-days', '14');
  const { account, token } = await user();
  assert.equal(await opens(token), 200);
  await dialtone.sql("UPDATE spaces SET two_factor_policy_since = now() - interval '15 days'");
  assert.equal(await opens(token), 200, 'a new account has its own grace');
  await dialtone.sql(`UPDATE accounts SET created_at = now() - interval '15 days' WHERE id = ${account.id}`);
  assert.equal(await opens(token), 403);
  await policy('optional');
});

test('4.3 where the space wants none, nobody sets one up and those who have one still show it', async () => {
  const { account, app } = await enrolled();
  await policy('off');
  const { token } = await user();
  const answer = await api('GET', '/api/2fa/qr-code', { token });
  assert.deepEqual(answer.json, { code: 403, message: '2FA is not available', data: null });
  const waiting = await login(dialtone, account);
  assert.equal(await opens(waiting), 403);
  assert.equal((await verify(dialtone, waiting, app.fresh())).status, 200);
  await policy('optional');
});

test('5.38 after a rotation new tokens carry the new key and the old ones stay good', async () => {
  const { account, token: old } = await user();
  const recovery = await enrolled();
  const { codes } = (await api('POST', '/api/2fa/recovery-codes', { token: recovery.token, body: { password: recovery.account.password } })).json;
  for (const purpose of ['jwt', 'seal', 'token']) assert.equal((await dialtone.ctl(['keys', 'rotate', purpose])).status, 0);
  const workers = await dialtone.workers();
  await dialtone.reload('api');
  await until(async () => {
    const now = await dialtone.workers();
    return now.length === workers.length && now.every((pid) => !workers.includes(pid));
  }, { what: 'new workers' });
  assert.equal(await opens(old), 200);
  assert.equal(await opens(await login(dialtone, account)), 200);
  const waiting = await login(dialtone, recovery.account);
  assert.equal((await verify(dialtone, waiting, codes[0])).status, 200, 'a recovery code made with the old key');
  const { status, stdout } = await dialtone.ctl(['seal', 're-encrypt', '--json']);
  assert.equal(status, 0);
  assert.equal(JSON.parse(stdout).unreadable ?? JSON.parse(stdout)[0]?.unreadable, 0);
  const again = await login(dialtone, recovery.account);
  assert.equal((await verify(dialtone, again, recovery.app.fresh())).status, 200, 'a secret sealed with the new key');
});

test('5.17 relays hear of the end of a session once it is committed', async () => {
  const { account, token } = await user();
  const { spawn } = await import('node:child_process');
  const ear = spawn('redis-cli', ['-s', dialtone.env.DIALTONE_REDIS.replace('unix://', ''), 'psubscribe', `cti1:{${account.domain}}:ctl`]);
  let heard = '';
  ear.stdout.on('data', (text) => (heard += text));
  const told = () => heard.split('\n').filter((line) => line.startsWith('{"v"')).map((line) => JSON.parse(line));
  try {
    await until(() => heard.includes('psubscribe'), { what: 'the subscription' });
    const { token: verified } = await enable(dialtone, token);
    await api('POST', '/api/2fa/disable', { token: verified, body: { password: account.password } });
    const ends = () => told().filter(({ o }) => o !== 'perm');
    const [rebind, revoke] = await until(() => ends().length >= 2 && ends(), { what: 'two control messages' });
    assert.equal(rebind.k, 'c');
    assert.equal(rebind.o, 'rebind');
    assert.deepEqual([rebind.old, rebind.new], [payloadOf(token).jti, payloadOf(verified).jti]);
    assert.equal(revoke.o, 'revoke');
    assert.ok(revoke.j.includes(payloadOf(verified).jti));
  } finally {
    ear.kill();
  }
});

test('Redis away: guesses are counted all the same and logins work', async () => {
  const { account, app } = await enrolled();
  await dialtone.kill('redis');
  const token = await login(dialtone, account);
  for (let i = 0; i < 5; i++) assert.equal((await verify(dialtone, token, app.wrong())).status, 400);
  assert.equal((await verify(dialtone, token, app.fresh())).status, 429);
  const other = await createAccount(dialtone);
  const attempt = async (password) => (await api('POST', '/api/login', { body: { username: other.username, password } })).status;
  for (let i = 0; i < 10; i++) assert.equal(await attempt('not it'), 401);
  assert.equal(await attempt(other.password), 401);
  await dialtone.start('redis');
});

test('Redis away: a session ended meanwhile stays ended, and is told when Redis is back', async () => {
  const { account, token } = await user();
  const key = `cti1:{${account.domain}}:tok:${payloadOf(token).jti}`;
  await dialtone.kill('redis');
  await api('PUT', `/api/accounts/${account.id}`, { as: 'admin', body: { username: account.username, blocked: true } });
  assert.equal(await opens(token), 401);
  assert.notDeepEqual(await dialtone.sql('SELECT 1 FROM outbox WHERE sessions IS NOT NULL'), []);
  await dialtone.start('redis');
  await until(async () => (await dialtone.sql('SELECT 1 FROM outbox')).length === 0, { what: 'the outbox to be empty' });
  assert.equal(await dialtone.redis('exists', key), '0');
});

test('5.13 PostgreSQL away: 503, never "2FA off"', async () => {
  const { account, app, token } = await enrolled();
  const waiting = await login(dialtone, account);
  await dialtone.stop('postgres');
  const answers = [
    await api('GET', '/api/2fa/status', { token }), await api('GET', '/api/user/me', { token: waiting }),
    await verify(dialtone, waiting, app.fresh()), await api('POST', '/api/2fa/disable', { token, body: { password: account.password } }),
    await api('POST', '/api/login', { body: { username: account.username, password: account.password } }),
  ];
  for (const { status, json, header } of answers) {
    assert.equal(status, 503);
    assert.equal(json.code, 503);
    assert.ok(header('retry-after'));
  }
  assert.equal(answers[4].json.message, 'authentication backend unavailable');
  await dialtone.start('postgres');
  await until(async () => (await opens(token)) === 200, { what: 'PostgreSQL to be back' });
  assert.deepEqual((await api('GET', '/api/2fa/status', { token })).json, { status: true });
});
