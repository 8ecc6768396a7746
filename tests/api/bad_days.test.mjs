/* PostgreSQL or Redis away, and everything killed: what clients see, and that it comes back by itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createUser, login, randomName, readAccount } from '../lib/accounts.mjs';
import { challenge, digestRequest } from '../lib/digest.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { payloadOf } from '../lib/jwt.mjs';
import { pause, until } from '../lib/until.mjs';

const SECOND_MS = 1000;
const dialtone = await ownInstance();
const user = await createUser(dialtone);
const admin = await createUser(dialtone, { admin: true });
const newAccount = () => ({ username: randomName(), password: 'long enough' });

/* One call of each way to get in, and of each kind of work behind the door. */
const calls = {
  'public row': () => ['GET', `/api/accounts/${user.username}@${user.domain}/info`, {}],
  'user by key': () => ['GET', '/api/accounts/me', { key: user.key }],
  'user by token': () => ['GET', '/api/accounts/me', { token: user.token }],
  'cti by token': () => ['GET', '/api/user/endpoints/all', { token: user.token }],
  'admin reads': () => ['GET', '/api/accounts', { key: admin.key }],
  'admin writes': () => ['POST', '/api/accounts', { key: admin.key, body: newAccount() }],
  'super admin': () => ['GET', `/api/accounts/${user.id}`, { as: 'admin' }],
  'challenge': () => ['GET', '/api/accounts/me', { headers: { From: `sip:${user.username}@${user.domain}` } }],
  'login': () => ['POST', '/api/login', { body: { username: user.username, password: user.password } }],
};

const make = (name, options = {}) => {
  const [method, path, rest] = calls[name]();
  return dialtone.api(method, path, { ...rest, ...options });
};
const inASecond = (name) => make(name, { signal: AbortSignal.timeout(SECOND_MS) });
const isWell = async () => (await make('admin reads')).status === 200;

/* Every worker has found Redis: what it opens is mirrored there. */
async function untilRedisIsUsed() {
  const isMirrored = async () => {
    const token = await login(dialtone, user);
    return (await dialtone.redis('exists', `cti1:{dialtone.test}:tok:${payloadOf(token).jti}`)) === '1';
  };
  await until(async () => (await Promise.all(Array.from({ length: 8 }, isMirrored))).every(Boolean), { what: 'sessions in Redis' });
}

function isUnavailable(name, answer) {
  assert.equal(answer.status, 503, `${name}: ${answer.text}`);
  assert.equal(answer.header('retry-after'), '1', name);
  assert.equal(answer.header('content-type'), 'application/json', name);
}

test('postgres_away_every_call_that_needs_it_is_503_within_a_second', async () => {
  const workers = await dialtone.workers();
  await dialtone.stop('postgres');
  for (const name of Object.keys(calls)) {
    const answer = await inASecond(name);
    isUnavailable(name, answer);
    if (name === 'login') assert.deepEqual(answer.json, { code: 503, message: 'authentication backend unavailable', data: null });
    else if (name === 'cti by token') assert.deepEqual(Object.keys(answer.json), ['code', 'message', 'data']);
    else assert.deepEqual(answer.json, { message: 'The service is not available, retry later.' });
  }
  assert.equal((await dialtone.api('GET', '/api/ping')).text, 'pong', 'the process is well');
  assert.equal((await dialtone.api('GET', '/api/openapi.json')).status, 200);
  await dialtone.start('postgres');
  const back = Date.now();
  await until(isWell, { what: 'normal answers' });
  assert.ok(Date.now() - back <= SECOND_MS, `normal after ${Date.now() - back} ms`);
  assert.deepEqual(await dialtone.workers(), workers, 'nothing was restarted');
});

test('postgres_back_every_call_is_answered_as_before', async () => {
  await until(async () => (await Promise.all(Array.from({ length: 8 }, isWell))).every(Boolean), { what: 'all workers to be well' });
  for (const name of Object.keys(calls)) assert.equal((await make(name)).status, name === 'challenge' ? 401 : 200, name);
});

test('postgres_killed_under_load_gives_200_or_503_and_nothing_else', async (t) => {
  let running = true;
  t.after(() => { running = false; });
  const statuses = [];
  const client = async () => {
    while (running) statuses.push((await make('admin writes')).status);
  };
  const load = Promise.all([client(), client(), client()]);
  await until(() => statuses.includes(200), { what: 'load' });
  await dialtone.kill('postgres');
  await until(() => statuses.includes(503), { what: 'refusals' });
  await dialtone.start('postgres');
  await until(isWell, { what: 'normal answers' });
  running = false;
  await load;
  assert.deepEqual([...new Set(statuses)].sort(), [200, 503]);
});

test('backend_that_is_ended_costs_at_most_one_answer_each', async () => {
  await until(async () => (await Promise.all(Array.from({ length: 8 }, isWell))).every(Boolean), { what: 'all workers to be well' });
  await dialtone.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dialtone-api'");
  for (let i = 0; i < 8; i++) assert.ok([200, 503].includes((await make('user by key')).status));
  await until(async () => (await Promise.all(Array.from({ length: 8 }, isWell))).every(Boolean), { what: 'all workers to be well' });
});

test('redis_away_rest_keeps_answering', async () => {
  await dialtone.stop('redis');
  for (const name of Object.keys(calls)) {
    const answer = await inASecond(name);
    assert.equal(answer.status, name === 'challenge' ? 401 : 200, `${name}: ${answer.text}`);
  }
});

test('redis_away_login_and_logout_are_complete', async () => {
  const token = await login(dialtone, user);
  assert.equal((await dialtone.api('GET', '/api/user/me', { token })).status, 200);
  assert.equal((await dialtone.api('POST', '/api/logout', { token })).status, 200);
  assert.equal((await dialtone.api('GET', '/api/user/me', { token })).status, 401);
});

test('redis_away_digest_keeps_counting', async () => {
  const [line] = await challenge(dialtone, user);
  for (const nc of [1, 2]) assert.equal((await digestRequest(dialtone, user, { challenge: line, nc })).status, 200);
  const replay = await digestRequest(dialtone, user, { challenge: line, nc: 2 });
  assert.deepEqual([replay.status, replay.json.message], [401, 'Nonce replayed']);
});

test('redis_back_digest_and_sessions_use_it_again', async () => {
  const [old] = await challenge(dialtone, user);
  await dialtone.start('redis');
  await untilRedisIsUsed();
  assert.equal((await digestRequest(dialtone, user, { challenge: old })).status, 200, 'a nonce of the outage is good');
  assert.equal((await digestRequest(dialtone, user)).status, 200);
});

test('redis_killed_a_nonce_from_before_is_exchanged_once', async () => {
  await untilRedisIsUsed();
  const [old] = await challenge(dialtone, user);
  await dialtone.kill('redis');
  const answer = await digestRequest(dialtone, user, { challenge: old });
  assert.equal(answer.status, 401);
  assert.match(answer.header('www-authenticate'), /stale=true/);
  assert.equal((await digestRequest(dialtone, user)).status, 200);
  await dialtone.start('redis');
});

test('redis_that_hangs_costs_a_moment_and_not_the_answer', async () => {
  await untilRedisIsUsed();
  const redis = await dialtone.pid('redis');
  process.kill(redis, 'SIGSTOP');
  try {
    for (const name of Object.keys(calls)) {
      const answer = await make(name);
      assert.equal(answer.status, name === 'challenge' ? 401 : 200, `${name}: ${answer.text}`);
    }
  } finally {
    process.kill(redis, 'SIGCONT');
  }
});

test('both_away_and_back_is_no_more_than_an_outage', async () => {
  const workers = await dialtone.workers();
  await dialtone.stop('redis', 'postgres');
  for (const name of Object.keys(calls)) isUnavailable(name, await make(name));
  await dialtone.start('postgres', 'redis');
  await until(isWell, { what: 'normal answers' });
  assert.deepEqual(await dialtone.workers(), workers);
});

test('api_may_start_before_its_database', async () => {
  await dialtone.stop('api', 'postgres');
  await dialtone.start('api');
  await dialtone.untilAnswering();
  isUnavailable('admin reads', await make('admin reads'));
  await dialtone.start('postgres');
  await until(isWell, { what: 'normal answers' });
});

test('every_write_that_was_answered_survives_the_death_of_everything', async (t) => {
  const made = [];
  let running = true;
  t.after(() => { running = false; });
  const client = async () => {
    while (running) {
      const answer = await make('admin writes').catch(() => undefined);
      if (answer?.status === 200) made.push(answer.json);
      else await pause(5);
    }
  };
  const load = Promise.all([client(), client(), client(), client()]);
  await until(() => made.length > 20, { what: 'writes' });
  await dialtone.kill();
  running = false;
  await load;
  await dialtone.start();
  await until(isWell, { what: 'normal answers' });
  for (const { id, username } of made) assert.equal((await readAccount(dialtone, id)).username, username);
  assert.equal((await dialtone.api('GET', '/api/accounts/me', { key: user.key })).status, 200, 'credentials live on');
  assert.equal((await dialtone.api('GET', '/api/user/me', { token: user.token })).status, 200, 'and sessions');
});
