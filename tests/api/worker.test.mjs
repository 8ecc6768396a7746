/* Workers that die, are replaced and are told to end: what the clients notice. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, test } from 'node:test';

import { createUser, randomName } from '../lib/accounts.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { lockTable } from '../lib/lock.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await ownInstance();
const user = await createUser(dialtone);
const asAdmin = { as: 'admin' };
const post = () => dialtone.api('POST', '/api/accounts', { ...asAdmin, body: { username: randomName(), password: 'long enough' } });

/* The process that answered: the log says so. */
async function workerOf(answer) {
  const id = answer.header('x-request-id');
  const line = await until(async () => (await dialtone.log('api')).split('\n').find((text) => text.includes(`req=${id} `)), { what: 'the log line' });
  return Number(line.match(/ pid=(\d+) /)[1]);
}

/* Gone, or a zombie that no process waits for. */
function hasEnded(pid) {
  try {
    return / Z /.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/s, ''));
  } catch {
    return true;
  }
}

/* Requests without a pause until told to stop; resolves with the statuses. */
function underLoad(makeRequest, clients = 4) {
  const load = { running: true, statuses: [] };
  after(() => { load.running = false; }); // of a test that fails before it stops it
  const client = async () => {
    while (load.running) load.statuses.push((await makeRequest().catch(({ code }) => ({ status: code }))).status);
  };
  const clientsDone = Promise.all(Array.from({ length: clients }, client));
  load.stop = async () => {
    load.running = false;
    await clientsDone;
    return load.statuses;
  };
  return load;
}

test('killed_worker_loses_its_own_request_only_and_is_replaced', async () => {
  const lock = await lockTable(dialtone, 'accounts');
  const before = await dialtone.workers();
  const lost = dialtone.api('GET', '/api/accounts', asAdmin);
  await lock.waiting(1);
  const idle = await workerOf(await dialtone.api('GET', '/api/ping'));
  const busy = before.find((pid) => pid !== idle);
  const load = underLoad(() => dialtone.api('GET', '/api/ping'));
  process.kill(busy, 'SIGKILL');
  const answer = await lost;
  assert.equal(answer.status, 503);
  assert.equal(answer.header('retry-after'), '1');
  await lock.release();
  await until(async () => (await dialtone.workers()).length === 2 && !(await dialtone.workers()).includes(busy), { what: 'another worker' });
  const statuses = await load.stop();
  assert.deepEqual(new Set(statuses), new Set([200]));
  assert.equal((await dialtone.api('GET', '/api/accounts', asAdmin)).status, 200);
});

test('write_of_a_killed_worker_is_whole_or_not_there', async () => {
  const lock = await lockTable(dialtone, 'passwords');
  const username = randomName();
  const before = await dialtone.workers();
  const lost = dialtone.api('POST', '/api/accounts', { ...asAdmin, body: { username, password: 'long enough' } });
  await lock.waiting(1);
  const idle = await workerOf(await dialtone.api('GET', '/api/ping'));
  process.kill(before.find((pid) => pid !== idle), 'SIGKILL');
  assert.equal((await lost).status, 503);
  await lock.release();
  await until(async () => (await dialtone.workers()).length === 2, { what: 'another worker' });
  const [[accounts, passwords]] = await dialtone.sql(`SELECT (SELECT count(*) FROM accounts WHERE username = '${username}'),
    (SELECT count(*) FROM passwords p JOIN accounts a ON a.id = p.account_id WHERE a.username = '${username}')`);
  assert.equal(accounts, passwords);
});

test('reload_replaces_every_worker_without_a_failed_request', async () => {
  const load = underLoad(post);
  for (let round = 0; round < 3; round++) {
    const before = await dialtone.workers();
    await dialtone.reload('api');
    await until(async () => {
      const now = await dialtone.workers();
      return now.length === before.length && now.every((pid) => !before.includes(pid));
    }, { what: 'other workers' });
  }
  const statuses = await load.stop();
  assert.ok(statuses.length > 10, 'there was load');
  assert.deepEqual(new Set(statuses), new Set([200]));
});

test('reloads_one_upon_another_are_survived', async () => {
  const load = underLoad(post);
  const before = await dialtone.workers();
  for (let i = 0; i < 10; i++) await dialtone.reload('api');
  await until(async () => {
    const now = await dialtone.workers();
    return now.length === 2 && now.every((pid) => !before.includes(pid));
  }, { what: 'other workers' });
  assert.deepEqual(new Set(await load.stop()), new Set([200]));
});

test('termination_lets_the_request_in_flight_finish', async () => {
  const lock = await lockTable(dialtone, 'accounts');
  const inFlight = post();
  await lock.waiting(1);
  const stopped = dialtone.stop('api');
  await until(async () => (await dialtone.log('api')).includes('ending, workers alive'), { what: 'the supervisor to end' });
  await lock.release();
  assert.equal((await inFlight).status, 200);
  await stopped;
  await dialtone.start('api');
  await dialtone.untilAnswering();
});

test('killed_supervisor_takes_its_workers_along_and_the_next_one_serves', async () => {
  const workers = await dialtone.workers();
  process.kill(await dialtone.pid('api'), 'SIGKILL');
  await until(() => workers.every(hasEnded), { what: 'the workers to end' });
  await dialtone.start('api');
  await dialtone.untilAnswering();
});

test('requests_are_shared_by_all_workers', async () => {
  const seen = new Set();
  await until(async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => dialtone.api('GET', '/api/accounts/me', { key: user.key })));
    for (const answer of answers) seen.add(await workerOf(answer));
    return seen.size === 2;
  }, { what: 'answers of both workers' });
});

test('client_that_goes_away_is_nobodys_loss', async () => {
  const lock = await lockTable(dialtone, 'accounts');
  const controller = new AbortController();
  const username = randomName();
  const gone = dialtone.api('POST', '/api/accounts', { ...asAdmin, signal: controller.signal, body: { username, password: 'long enough' } });
  await lock.waiting(1);
  controller.abort();
  await assert.rejects(gone, { name: 'AbortError' });
  await lock.release();
  await until(async () => (await dialtone.sql(`SELECT 1 FROM accounts WHERE username = '${username}'`)).length === 1, { what: 'the account' });
  assert.equal((await dialtone.workers()).length, 2);
});

test('uses_of_keys_are_counted_before_a_worker_ends', async () => {
  const { id, key } = await createUser(dialtone);
  const answers = await Promise.all(Array.from({ length: 20 }, () => dialtone.api('GET', '/api/accounts/me', { key })));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
  await dialtone.stop('api');
  assert.deepEqual(await dialtone.sql(`SELECT requests FROM api_keys WHERE account_id = ${id}`), [['20']]);
  await dialtone.start('api');
  await dialtone.untilAnswering();
});
