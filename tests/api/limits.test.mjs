/* How many requests a second: cti-api 1.0 "Limits", 5.8 and 5.27, with small numbers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAccount, createUser, login } from '../lib/accounts.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { verify } from '../lib/otp.mjs';
import { until } from '../lib/until.mjs';

const BURST = 20;
const ACCOUNT = 120;
const dialtone = await ownInstance({
  options: ['--set', 'request_rate=1', '--set', `request_burst=${BURST}`, '--set', 'stranger_rate=1', '--set', `stranger_burst=${BURST}`,
    '--set', `account_requests_per_minute=${ACCOUNT}`, '--set', 'password_failures_per_address=15'],
  rates: ['--login-rate', '1000r/s'],
});
const api = (method, path, options) => dialtone.api(method, path, options);

/* Statuses of so many requests at once, counted. */
async function burst(n, request) {
  const statuses = (await Promise.all(Array.from({ length: n }, request))).map(({ status }) => status);
  return Object.fromEntries([...new Set(statuses)].sort().map((s) => [s, statuses.filter((x) => x === s).length]));
}

/* A login came before, and a few may drip into a bucket while it is emptied. */
function passedAbout(counts, status) {
  assert.ok(counts[status] >= BURST - 1 && counts[status] <= BURST + 5, JSON.stringify(counts));
  assert.ok(counts[429] > 0, JSON.stringify(counts));
}

async function empty(account) {
  await dialtone.redis('flushall');
  return login(dialtone, account);
}

test('1.0 a session has a bucket of its own, shared by all workers', async () => {
  const account = await createAccount(dialtone);
  const [one, two] = [await empty(account), await login(dialtone, account)];
  passedAbout(await burst(3 * BURST, () => api('GET', '/api/2fa/status', { token: one })), 200);
  const refused = await api('GET', '/api/2fa/status', { token: one });
  assert.deepEqual(refused.json, { code: 429, message: 'too many requests', data: null });
  assert.ok(Number(refused.header('retry-after')) >= 1);
  assert.equal((await api('GET', '/api/2fa/status', { token: two })).status, 200);
});

test('1.0 whoever has no valid token shares the bucket of the address', async () => {
  await dialtone.redis('flushall');
  passedAbout(await burst(3 * BURST, () => api('GET', '/api/user/me', { token: 'no.such.token' })), 401);
  assert.equal((await api('GET', '/api/user/me')).status, 429);
  assert.equal((await api('POST', '/api/login', { body: {} })).status, 429);
  await dialtone.redis('flushall');
  assert.equal((await api('GET', '/api/user/me')).status, 401);
});

test('1.0 a Redis whose clock was ahead leaves nobody without requests', async () => {
  const account = await createAccount(dialtone);
  const token = await empty(account);
  assert.equal((await api('GET', '/api/2fa/status', { token })).status, 200);
  for (const key of (await dialtone.redis('keys', '*:rate:*')).split('\n')) {
    await dialtone.redis('set', key, String((Date.now() + 3600e3) * 1000), 'EX', '3600');
  }
  /* What the workers have in hand is used up first. */
  const refused = await until(async () => {
    const answer = await api('GET', '/api/2fa/status', { token });
    return answer.status === 429 && answer;
  }, { what: 'an empty bucket' });
  assert.equal(refused.header('retry-after'), '1');
  await until(async () => (await api('GET', '/api/2fa/status', { token })).status === 200, { what: 'the bucket to fill' });
});

test('1.0 an account has a bucket for the accounts API, whatever its credential', async () => {
  await dialtone.redis('flushall');
  const counts = await burst(2 * ACCOUNT, () => api('GET', '/api/accounts', { as: 'admin' }));
  assert.ok(counts[200] >= ACCOUNT * 3 / 4 && counts[200] <= ACCOUNT * 5 / 4 && counts[429] > 0, JSON.stringify(counts));
  const again = await Promise.all(Array.from({ length: BURST }, () => api('GET', '/api/accounts', { as: 'admin' })));
  const refused = again.find(({ status }) => status === 429);
  assert.deepEqual(refused.json, { message: 'too many requests' });
  assert.ok(Number(refused.header('retry-after')) >= 1);
  assert.deepEqual(rateOf(refused), [ACCOUNT, 0]);
  await dialtone.redis('flushall');
});

const rateOf = (answer) => ['x-ratelimit-limit', 'x-ratelimit-remaining'].map((name) => answer.header(name) && Number(answer.header(name)));

test('1.6 the accounts API tells what is left of a minute', async () => {
  const { key } = await createUser(dialtone);
  await dialtone.redis('flushall');
  const left = [];
  for (let i = 0; i < 10; i++) {
    const [limit, remaining] = rateOf(await api('GET', '/api/accounts/me', { key }));
    assert.equal(limit, ACCOUNT);
    left.push(remaining);
  }
  assert.ok(left[0] <= ACCOUNT && left[0] >= ACCOUNT * 3 / 4 && left[9] < left[0] && left[9] > 0, JSON.stringify(left));
  const strangers = await until(async () => {
    const answer = await api('GET', '/api/accounts');
    return answer.status === 429 && answer;
  }, { what: 'an empty bucket of strangers' });
  assert.deepEqual(rateOf(strangers), [60, 0]);
  const token = await empty(await createAccount(dialtone));
  assert.deepEqual(rateOf(await api('GET', '/api/2fa/status', { token })), [undefined, undefined], 'the other family has none');
});

test('1.0 wrong keys and accounts that are not there take from the bucket of the address', async () => {
  for (const headers of [{ 'x-api-key': 'x'.repeat(40) }, { From: 'sip:nobody@dialtone.test' }, { Authorization: 'Basic eDp5' }, {}]) {
    await dialtone.redis('flushall');
    const counts = await burst(3 * BURST, () => api('GET', '/api/accounts/me', { headers }));
    assert.ok(counts[429] >= BURST && counts[429] < 3 * BURST, JSON.stringify([headers, counts]));
  }
  await dialtone.redis('flushall');
});

test('1.0 a token that is revoked counts for the address, not for a session', async () => {
  const account = await createAccount(dialtone);
  const token = await empty(account);
  await api('POST', '/api/logout', { token });
  passedAbout(await burst(3 * BURST, () => api('GET', '/api/user/me', { token })), 401);
});

test('5.8 wrong passwords for many names from one address lock the address', async () => {
  const account = await createAccount(dialtone);
  await dialtone.sql('DELETE FROM guesses'); /* the wrong key of another test */
  for (let i = 0; i < 15; i++) {
    await dialtone.redis('flushall');
    const answer = await api('POST', '/api/login', { body: { username: `nobody.${i}`, password: 'not it' } });
    assert.equal(answer.status, 401);
    assert.equal(answer.header('retry-after'), undefined);
  }
  await dialtone.redis('flushall');
  const locked = await api('POST', '/api/login', { body: { username: account.username, password: account.password } });
  assert.deepEqual(locked.json, { code: 401, message: 'incorrect Username or Password', data: null });
  assert.ok(Number(locked.header('retry-after')) > 0);
  await dialtone.sql("DELETE FROM guesses WHERE subject LIKE 'address:%'");
  assert.equal((await api('POST', '/api/login', { body: { username: account.username, password: account.password } })).status, 200);
});

test('Redis away: each worker keeps buckets of its own', async () => {
  const account = await createAccount(dialtone);
  const token = await empty(account);
  await dialtone.kill('redis');
  const counts = await burst(8 * BURST, () => verify(dialtone, token, 'x'));
  assert.ok(counts[400] >= BURST && counts[400] <= 2 * BURST + 10, JSON.stringify(counts));
  assert.ok(counts[429] > 0);
  await dialtone.start('redis');
});
