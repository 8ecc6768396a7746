/*
 * Kept connections between nginx and the workers, under load: no client waits for ever, a long request holds up
 * no short one, and workers are replaced without a failed request.  DIALTONE_RELOADS: how often, default 5.
 */
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { after, test } from 'node:test';

import { createUser, randomName } from '../lib/accounts.mjs';
import { Contract } from '../lib/contract.mjs';
import { figure } from '../lib/figures.mjs';
import { freePort, ownInstance } from '../lib/instance.mjs';
import { keptPatterns } from '../lib/kept.mjs';
import { lockTable } from '../lib/lock.mjs';
import { runOk } from '../lib/run.mjs';
import { until } from '../lib/until.mjs';

const reloads = Number(process.env.DIALTONE_RELOADS ?? 5);
const plain = await freePort();
const dialtone = await ownInstance({ options: ['--plain-port', String(plain)] });
const user = await createUser(dialtone);
const asAdmin = { as: 'admin' };
const isKept = await keptPatterns();

/* A client with one connection of its own, and what it was answered. */
function client() {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  after(() => agent.destroy());
  const ask = (method, path, { headers = {}, body } = {}) => new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port: plain, method, path, agent, headers }, (response) => {
      response.resume().on('end', () => resolve({ status: response.statusCode, id: response.headers['x-request-id'] }));
    });
    request.on('error', reject).end(body);
  });
  return { ask, get: (path, headers) => ask('GET', path, { headers }) };
}
const clients = (n) => Array.from({ length: n }, client);
const withKey = { 'x-api-key': user.key };
const post = ({ ask }) => ask('POST', '/api/accounts', { headers: { 'x-api-key': dialtone.env.DIALTONE_ADMIN_API_KEY, 'Content-Type': 'application/json' },
  body: JSON.stringify({ username: randomName(), password: 'long enough' }) });

/* Each client asks that often, one request after the other; all statuses there were. */
async function statusesOf(all, times, call) {
  const statuses = await Promise.all(all.map(async (one) => {
    const own = new Set();
    for (let i = 0; i < times; i++) own.add((await call(one)).status);
    return own;
  }));
  return [...new Set(statuses.flatMap((own) => [...own]))];
}

test('two_workers_serve_eight_clients_and_then_those_that_need_a_new_connection', async () => {
  const eight = clients(8);
  assert.deepEqual(await statusesOf(eight, 40, ({ get }) => get('/api/accounts/me', withKey)), [200]);
  assert.deepEqual(await statusesOf(eight, 3, post), [200]);
  assert.deepEqual(await statusesOf(eight, 3, ({ get }) => get('/api/accounts/me?x=1', withKey)), [200]);
});

test('new_connections_are_served_while_kept_ones_are_busy', async () => {
  const running = { on: true };
  const readers = Promise.all(clients(6).map(async ({ get }) => {
    const statuses = new Set();
    while (running.on) statuses.add((await get('/api/ping')).status);
    return [...statuses];
  }));
  assert.deepEqual(await statusesOf(clients(4), 10, post), [200]);
  running.on = false;
  for (const statuses of await readers) assert.deepEqual(statuses, [200]);
});

/* One of the two workers waits for a lock until the others have all been answered: with one that held on to
 * its connections, some of them would wait as long. */
for (const [way, path] of [['kept', '/api/accounts/me'], ['new', '/api/accounts/me?x=1']]) {
  test(`a_long_request_on_a_${way}_connection_holds_up_no_short_one`, async () => {
    const eight = clients(8), lock = await lockTable(dialtone, 'accounts');
    assert.deepEqual(await statusesOf(eight, 5, ({ get }) => get('/api/ping')), [200]);
    const slow = client().get(path, withKey);
    assert.deepEqual(await statusesOf(eight, 20, ({ get }) => get('/api/ping')), [200]);
    await lock.waiting(1);
    await lock.release();
    assert.equal((await slow).status, 200);
  });
}

test('workers_are_replaced_under_reads_and_writes_without_a_failed_request', async () => {
  const running = { on: true };
  const loads = clients(6).map(async (one, i) => {
    const statuses = [];
    while (running.on) statuses.push((await (i < 4 ? one.get('/api/accounts/me', withKey) : post(one))).status);
    return statuses;
  });
  for (let round = 0; round < reloads; round++) {
    const before = await dialtone.workers();
    await dialtone.reload('api');
    await until(async () => {
      const now = await dialtone.workers();
      return now.length === before.length && now.every((pid) => !before.includes(pid));
    }, { what: 'other workers' });
  }
  running.on = false;
  const statuses = (await Promise.all(loads)).flat();
  assert.ok(statuses.length > 50, 'there was load');
  assert.deepEqual(statuses.filter((status) => status !== 200), []);
});

test('no_more_workers_than_there_are_cores_keep_connections', async () => {
  const many = clients(30), supervisor = String(await dialtone.pid('api'));
  const kept = () => figure(dialtone, 'api', 'dialtone_api_connections');
  const load = () => statusesOf(many, 10, ({ get }) => get('/api/ping'));
  const { stdout } = await runOk('taskset', ['-p', supervisor]);
  await runOk('taskset', ['-p', '-c', '0', supervisor]);
  after(() => runOk('taskset', ['-p', stdout.trim().split(' ').at(-1), supervisor]));
  const before = await dialtone.workers();
  await dialtone.reload('api');
  await until(async () => (await dialtone.workers()).every((pid) => !before.includes(pid)), { what: 'workers on one core' });
  /* Within a second each of them knows which is first. */
  await until(async () => {
    for (let i = 0; i < 5; i++) {
      assert.deepEqual(await load(), [200]);
      const n = await kept();
      if (n === 0 || n > 16) return false;
    }
    return true;
  }, { what: 'no more connections than one worker may keep' });
});

/* One that has all connections of its clients would otherwise be asked alone, until nginx closes one of them. */
test('a_worker_that_comes_later_is_given_connections_of_the_other', async () => {
  const eight = clients(8), ids = new Set();
  const ask = async () => (await Promise.all(eight.map(({ get }) => get('/api/ping')))).forEach(({ id }) => ids.add(id));
  const [lost] = await dialtone.workers();
  process.kill(lost, 'SIGKILL');
  await until(async () => {
    await ask();
    return !(await dialtone.workers()).includes(lost) && await figure(dialtone, 'api', 'dialtone_api_postgresql_connections') === 2;
  }, { what: 'another worker' });
  ids.clear();
  for (let round = 0; round < 100; round++) await ask();
  const newcomer = (await dialtone.workers()).at(-1);
  const answered = (line) => line.includes(` pid=${newcomer} `) && ids.has(line.match(/ req=(\S+) /)?.[1]);
  await until(async () => (await dialtone.log('api')).split('\n').some(answered), { what: 'an answer of the one that came' });
});

/* It waits for the other half of a request, and for nothing that nginx could send to it. */
test('a_worker_that_ends_is_given_no_connections_of_the_others', async () => {
  const many = clients(16), begin = Buffer.from([1, 1, 0, 1, 0, 8, 0, 0, 0, 1]);
  const load = () => statusesOf(many, 3, ({ get }) => get('/api/ping'));
  await until(async () => {
    await load();
    return await figure(dialtone, 'api', 'dialtone_api_connections') > 8;
  }, { what: 'connections that are kept' });
  /* Each of the two has half a request. */
  const halves = Array.from({ length: 6 }, () => net.connect(`${dialtone.dir}/run/api.sock`).on('error', () => {}));
  after(() => halves.forEach((half) => half.destroy()));
  for (const half of halves) half.write(begin);
  const before = await dialtone.workers(), kept = [];
  await dialtone.reload('api');
  await until(async () => (await dialtone.workers()).length === 3, { what: 'a worker that ends' });
  while ((await dialtone.workers()).length === 3) {
    assert.deepEqual(await load(), [200]);
    kept.push(await figure(dialtone, 'api', 'dialtone_api_connections'));
  }
  /* For a moment it may be few: the one that is new may be given some. */
  assert.ok(kept.sort((a, b) => a - b)[Math.floor(kept.length / 2)] > 8, String(kept));
  await until(async () => (await dialtone.workers()).every((pid) => !before.includes(pid)), { what: 'other workers' });
});

test('a_killed_worker_costs_no_read_that_only_waited_for_it', async () => {
  const running = { on: true };
  const loads = clients(4).map(async ({ get }) => {
    const statuses = [];
    while (running.on) statuses.push((await get('/api/ping')).status);
    return statuses;
  });
  const [first] = await dialtone.workers();
  process.kill(first, 'SIGKILL');
  await until(async () => (await dialtone.workers()).length === 2 && !(await dialtone.workers()).includes(first), { what: 'another worker' });
  running.on = false;
  const statuses = (await Promise.all(loads)).flat();
  /* What it was at on a connection that had just been made is lost, as ever. */
  assert.ok(statuses.filter((status) => status !== 200).length <= 1, String(statuses.filter((status) => status !== 200)));
});

test('every_answered_request_has_its_line_in_the_log_when_the_api_has_ended', async () => {
  const ids = (await Promise.all(clients(4).map(async ({ get }) => {
    const own = [];
    for (let i = 0; i < 25; i++) own.push((await get('/api/ping')).id);
    return own;
  }))).flat();
  await dialtone.stop('api');
  const lines = (await dialtone.log('api')).split('\n');
  for (const id of ids) assert.equal(lines.filter((line) => line.includes(`req=${id} `)).length, 1);
  await dialtone.start('api');
  await dialtone.untilAnswering();
});

async function setReadOnly(value) {
  const superuser = ['-X', '-q', '-h', `${dialtone.dir}/run/pg`, '-U', 'postgres', '-d', 'postgres'];
  await runOk('psql', [...superuser, '-c', `ALTER SYSTEM SET default_transaction_read_only = ${value}`, '-c', 'SELECT pg_reload_conf()']);
}

/* A call that has to write fails: of the first 20 tries none may still be let through. */
const untilWritesFail = () => until(async () => (await Promise.all(Array.from({ length: 20 }, () => post(client())))).every(({ status }) => status !== 200),
  { what: 'a database that only reads' });

test('what_nginx_may_repeat_writes_nothing', async () => {
  const world = { dialtone, user: await createUser(dialtone) }, { goodCalls: good } = await import('../lib/rows.mjs');
  const { operations } = await Contract.of(dialtone);
  const calls = [];
  for (const operation of operations.filter(({ method, path }) => method === 'GET' && isKept('GET', path.replaceAll(/\{\w+\}/g, 'x')))) {
    const options = await good[operation.key](world);
    const target = options.path ?? operation.path;
    calls.push({ target, options, status: (await dialtone.api('GET', target, options)).status });
  }
  assert.ok(calls.length > 50);
  await setReadOnly('on');
  try {
    await untilWritesFail();
    for (const { target, options, status } of calls) assert.equal((await dialtone.api('GET', target, options)).status, status, target);
    assert.notEqual((await dialtone.api('GET', `/api/accounts/${world.user.id}/provision`, asAdmin)).status, 200, 'one that writes fails');
  } finally {
    await setReadOnly('off');
  }
});
