/*
 * Requests that come in while a worker is at another one ask the database together: each is answered as if it had come
 * alone, whoever else came with it, and at once when its credential is revoked.  TEST_SEED repeats a run.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAccount, createUser, login } from '../lib/accounts.mjs';
import { Contract } from '../lib/contract.mjs';
import { figure } from '../lib/figures.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { keptPatterns } from '../lib/kept.mjs';
import { lockTable } from '../lib/lock.mjs';
import { chance, seedOf } from '../lib/random.mjs';
import { goodCalls } from '../lib/rows.mjs';

const CROWD = 24;
const seed = seedOf();
const random = chance(seed);
const below = (n) => Math.floor(random() * n);
const dialtone = await ownInstance({ options: ['--workers', '1'] });
const contract = await Contract.of(dialtone);
const isKept = await keptPatterns();
const user = await createUser(dialtone);
const others = await Promise.all(Array.from({ length: 6 }, () => createUser(dialtone)));
const together = () => figure(dialtone, 'api', 'dialtone_api_requests_together_total');

/* Own accounts, by each kind of credential; credentials that are none; other people's things. */
const passersBy = [
  ...others.flatMap(({ username, key, token }) => [
    { call: () => dialtone.api('GET', '/api/accounts/me', { key }), expect: ({ status, json }) => [status, json.username], is: [200, username] },
    { call: () => dialtone.api('GET', '/api/accounts/me', { token }), expect: ({ status, json }) => [status, json.username], is: [200, username] },
    { call: () => dialtone.api('GET', '/api/user/me', { token }), expect: ({ status, json }) => [status, json.username], is: [200, username] },
    { call: () => dialtone.api('GET', `/api/accounts/${user.id}`, { key }), expect: ({ status }) => status, is: 403 },
  ]),
  { call: () => dialtone.api('GET', '/api/accounts/me', { key: 'no such key' }), expect: ({ status }) => status, is: 401 },
  { call: () => dialtone.api('GET', '/api/user/me', { token: user.token.slice(0, -3) }), expect: ({ status }) => status, is: 401 },
  { call: () => dialtone.api('GET', `/api/accounts/${user.id}`, { as: 'admin' }), expect: ({ status, json }) => [status, json.username], is: [200, user.username] },
  { call: () => dialtone.api('GET', '/api/accounts/999999999', { as: 'admin' }), expect: ({ status }) => status, is: 404 },
];

/* In an order of chance, all at once. */
async function inCrowd(calls) {
  const order = calls.map((call) => ({ call, at: random() })).sort((a, b) => a.at - b.at).map(({ call }) => call);
  const answers = new Map(await Promise.all(order.map(async (call) => [call, await call()])));
  return calls.map((call) => answers.get(call));
}

async function passBy(n) {
  const some = Array.from({ length: n }, () => passersBy[below(passersBy.length)]);
  return some.map((one) => async () => assert.deepEqual(one.expect(await one.call()), one.is, `seed ${seed}`));
}

test('each_read_answers_in_a_crowd_as_it_does_alone', async () => {
  const world = { dialtone, user };
  const reads = [];
  for (const { key, path: row, method } of contract.operations) {
    if (method !== 'GET') continue;
    const { path = row, invalid, broken, status, aliases, compared, missing, ...options } = await goodCalls[key](world);
    if (isKept('GET', path)) reads.push({ key, call: () => dialtone.api('GET', path, options) });
  }
  assert.ok(reads.length > 60, `${reads.length} rows`);
  const told = ({ status, text }) => ({ status, text });
  const alone = [], before = await together();
  for (const { call } of reads) alone.push([told(await call()), told(await call())]);
  for (let i = 0; i < reads.length; i += CROWD) {
    const some = reads.slice(i, i + CROWD);
    const answers = (await inCrowd([...some.map(({ call }) => call), ...await passBy(CROWD / 2)])).slice(0, some.length);
    answers.forEach((answer, n) => {
      const [first, second] = alone[i + n];
      const what = `${some[n].key}, seed ${seed}`;
      /* What tells the time, or counts, is another each time. */
      if (first.text === second.text) assert.deepEqual(told(answer), first, what);
      else assert.equal(answer.status, first.status, what);
    });
  }
  assert.ok(await together() - before > CROWD, 'they did come together');
});

test('crowds_of_chance_get_what_is_theirs', async () => {
  const before = await together();
  for (let round = 0; round < 12; round++) await inCrowd(await passBy(CROWD));
  assert.ok(await together() - before > CROWD);
});

test('a_token_that_is_revoked_opens_nothing_in_any_crowd', async () => {
  for (let round = 0; round < 6; round++) {
    const token = await login(dialtone, others[round]);
    const readers = Array.from({ length: 6 }, () => () => dialtone.api('GET', '/api/user/me', { token }));
    for (const { status } of await inCrowd([...readers, ...await passBy(6)])) assert.ok(status === undefined || status === 200);
    const out = dialtone.api('POST', '/api/logout', { token }).then(({ status }) => assert.equal(status, 200));
    const meanwhile = inCrowd(await passBy(8));
    await out;
    const late = (await inCrowd([...readers, ...await passBy(6)])).slice(0, readers.length);
    assert.deepEqual(late.map(({ status }) => status), readers.map(() => 401), `seed ${seed}`);
    await meanwhile;
  }
});

test('what_waits_for_a_lock_together_is_answered_when_it_is_released', async () => {
  const before = await together();
  const lock = await lockTable(dialtone, 'accounts');
  const waiting = inCrowd(await passBy(8));
  await lock.waiting(1);
  await lock.release();
  await waiting;
  assert.ok(await together() >= before + 2);
});

test('a_connection_that_is_lost_under_a_crowd_costs_no_wrong_answer', async () => {
  const { username, key } = await createAccount(dialtone).then(async (made) => {
    const token = await login(dialtone, made);
    return { ...made, key: (await dialtone.api('GET', '/api/accounts/me/api_key', { token })).text };
  });
  for (let round = 0; round < 5; round++) {
    const crowd = Array.from({ length: CROWD }, () => dialtone.api('GET', '/api/accounts/me', { key }));
    await dialtone.sql("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'dialtone-api'", { as: 'postgres' });
    for (const { status, json } of await Promise.all(crowd)) {
      assert.ok(status === 503 || (status === 200 && json.username === username), `${status}, seed ${seed}`);
    }
  }
});
