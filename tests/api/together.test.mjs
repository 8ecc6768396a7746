/*
 * Requests that come in while a worker is at another one ask the database together: each is answered as if it had come
 * alone, whatever came with it, and opens nothing from the moment on in which its credential is revoked.  TEST_SEED repeats a run.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAccount, createUser, login } from '../lib/accounts.mjs';
import { inCrowd, passersBy } from '../lib/crowd.mjs';
import { figure } from '../lib/figures.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { lockTable } from '../lib/lock.mjs';
import { chance, seedOf } from '../lib/random.mjs';
import { until } from '../lib/until.mjs';

const CROWD = 24;
const seed = seedOf();
const random = chance(seed);
const below = (n) => Math.floor(random() * n);
const dialtone = await ownInstance({ options: ['--workers', '1'] });
const user = await createUser(dialtone);
const others = await Promise.all(Array.from({ length: 6 }, () => createUser(dialtone)));
const together = () => figure(dialtone, 'api', 'dialtone_api_requests_together_total');

const all = passersBy(dialtone, user, others);

const passBy = (n) => Array.from({ length: n }, () => () => all[below(all.length)](`seed ${seed}`));
const crowd = (calls) => inCrowd(calls, random);

/* How many of the calls that come in while the worker waits are counted as together; all answers. */
async function countTogether(call) {
  const before = await together(), lock = await lockTable(dialtone, 'accounts');
  const early = dialtone.api('GET', '/api/accounts/me', { token: user.token });
  await lock.waiting(1);
  const behind = Array.from({ length: 8 }, call);
  await lock.release();
  assert.equal((await early).status, 200);
  const answers = await Promise.all(behind);
  return [await together() - before, answers];
}

test('crowds_of_chance_get_what_is_theirs', async () => {
  const before = await together();
  for (let round = 0; round < 12; round++) await crowd(passBy(CROWD));
  assert.ok(await together() - before > CROWD);
});

test('a_token_that_is_revoked_opens_nothing_in_any_crowd', async () => {
  for (let round = 0; round < 6; round++) {
    const token = await login(dialtone, others[round]);
    const readers = Array.from({ length: 6 }, () => () => dialtone.api('GET', '/api/user/me', { token }));
    const early = (await crowd([...readers, ...passBy(6)])).slice(0, readers.length);
    assert.deepEqual(early.map(({ status }) => status), readers.map(() => 200), `seed ${seed}`);
    const out = dialtone.api('POST', '/api/logout', { token }).then(({ status }) => assert.equal(status, 200));
    const meanwhile = crowd(passBy(8));
    await out;
    const late = (await crowd([...readers, ...passBy(6)])).slice(0, readers.length);
    assert.deepEqual(late.map(({ status }) => status), readers.map(() => 401), `seed ${seed}`);
    await meanwhile;
  }
});

test('what_waits_for_a_lock_together_is_answered_when_it_is_released', async () => {
  const before = await together();
  /* By chance, too few of them may go together. */
  await until(async () => {
    const lock = await lockTable(dialtone, 'accounts');
    const waiting = crowd(passBy(8));
    await lock.waiting(1);
    await lock.release();
    await waiting;
    return await together() >= before + 2;
  }, { what: 'requests that waited together' });
});

/* Longer than a lock is waited for, and the list of spaces is good for. */
test('what_waits_for_a_lock_in_vain_waits_for_it_together', async () => {
  const before = await together(), lock = await lockTable(dialtone, 'accounts');
  const early = dialtone.api('GET', '/api/accounts/me', { token: user.token });
  await lock.waiting(1);
  const behind = others.map(({ token }) => dialtone.api('GET', '/api/accounts/me', { token }));
  assert.equal((await early).status, 503);
  for (const { status } of await Promise.all(behind)) assert.equal(status, 503);
  await lock.release();
  assert.ok(await together() > before + 1);
});

/* They may be of many megabytes each, which all would be held at once, and others would wait for. */
test('pictures_of_a_whole_domain_are_read_one_by_one', async () => {
  const pictures = () => dialtone.api('GET', '/api/user/all_avatars', { token: user.token });
  const [count, answers] = await countTogether(pictures);
  for (const { status } of answers) assert.equal(status, 200);
  assert.equal(count, 0);
});

test('what_asks_the_database_for_nothing_is_not_counted_with_those_that_do', async () => {
  const [count, answers] = await countTogether(() => dialtone.api('GET', '/api/user/presence', { token: user.token.slice(0, -3) }));
  for (const { status } of answers) assert.equal(status, 401);
  assert.equal(count, 0);
});

test('a_connection_that_is_lost_under_a_crowd_costs_no_wrong_answer', async () => {
  const { username, key } = await createAccount(dialtone).then(async (made) => {
    const token = await login(dialtone, made);
    return { ...made, key: (await dialtone.api('GET', '/api/accounts/me/api_key', { token })).text };
  });
  for (let round = 0; round < 5; round++) {
    const asking = Array.from({ length: CROWD }, () => dialtone.api('GET', '/api/accounts/me', { key }));
    await dialtone.sql("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'dialtone-api'", { as: 'postgres' });
    for (const { status, json } of await Promise.all(asking)) {
      assert.ok(status === 503 || (status === 200 && json.username === username), `${status}, seed ${seed}`);
    }
  }
});
