/* Figures and health, as monitors and load balancers read them (docs/monitoring.md, docs/figures.md; accounts-api II.19). */
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';

import { createAccount, login } from '../lib/accounts.mjs';
import { PROGRAMS, ask, families, figure, health, socketOf } from '../lib/figures.mjs';
import { ownInstance, sourceDir } from '../lib/instance.mjs';
import { newEnrolled, verify } from '../lib/otp.mjs';
import { run } from '../lib/run.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await ownInstance({ options: ['--pbx', '--set', 'password_failures_per_account=3'] });
const requests = (labels) => figure(dialtone, 'api', 'dialtone_api_requests_total', labels);
const pings = () => requests({ route: '/api/ping', method: 'GET', status: '200' });
const ping = () => dialtone.client.request('GET', '/api/ping');
const isHealth = async (program, status, body, where) =>
  until(async () => { assert.deepEqual(await health(dialtone, program, where), { status, body }); return true; }, { what: `${program} ${JSON.stringify(body)}` });
const throughNginx = async (where = '/health/ready') => {
  const { status, json } = await dialtone.client.request('GET', where);
  return { status, body: json };
};
const isHealthThroughNginx = (status, body) =>
  until(async () => { assert.deepEqual(await throughNginx(), { status, body }); return true; }, { what: `${status} ${JSON.stringify(body)} through nginx` });
const allAreWell = async () => { for (const program of PROGRAMS) await isHealth(program, 200, { status: 'ok' }); await isHealthThroughNginx(200, { status: 'ok' }); };

/* Text format 0.0.4, which promtool judges: there a counter is called as its samples are, and so is what is an info. */
const asText = (text) => text.replace(/^# (TYPE|HELP) (\S+) /gm, (line, word, name) => {
  const [, type] = text.match(new RegExp(`^# TYPE ${name} (\\w+)$`, 'm'));
  return `# ${word} ${name}${{ counter: '_total', info: '_info' }[type] ?? ''} `;
}).replace(/ info$/gm, ' gauge').replace(/^# EOF\n/m, '');

const documented = async () => new Set([...(await fs.readFile(path.join(sourceDir, 'docs/figures.md'), 'utf8')).matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name));
const ENDING = { counter: '_total', info: '_info', gauge: '', histogram: '' };

for (const program of PROGRAMS.slice(0, -1)) {
  test(`figures of ${program} are taken by strict readers, and each stands in docs/figures.md`, async () => {
    if (program === 'api') {
      await dialtone.client.request('GET', '/api/accounts/%22%0a%5c/search');
      await dialtone.client.request('PROPFIND', '/nowhere');
    }
    const { status, headers, text } = await ask(dialtone, program, '/metrics');
    assert.equal(status, 200);
    assert.equal(headers['content-type'], 'application/openmetrics-text; version=1.0.0; charset=utf-8');
    assert.equal(Number(headers['content-length']), Buffer.byteLength(text));
    const found = await families(text), known = await documented();
    for (const { name, type, help, samples } of found) {
      assert.ok(help && type !== 'unknown', `${name} has no TYPE or HELP`);
      assert.ok(samples.length, `${name} has no value`);
      assert.ok(known.has(name + ENDING[type]), `${name} does not stand in docs/figures.md`);
    }
    assert.deepEqual(found.find(({ name }) => name === 'dialtone_build').samples.map(({ labels }) => labels.program), [`dialtone-${program.replace(/-.*/, '')}`]);
    const { status: judged, stderr } = await run('promtool', ['check', 'metrics'], { input: asText(text) });
    assert.equal(judged, 0, stderr);
    const routes = new Set(found.flatMap(({ samples }) => samples.map(({ labels }) => labels.route).filter(Boolean)));
    for (const route of routes) assert.match(route, /^(other|\/[\w./{}*-]*)$/, 'routes are those of the rows');
  });
}

test('what is no GET of a page is refused, and a line that is an order does nothing', async () => {
  assert.equal((await ask(dialtone, 'api', '/metrics', { method: 'POST' })).status, 405);
  assert.equal((await ask(dialtone, 'api', '/metrics?a=b')).status, 200);
  assert.equal((await ask(dialtone, 'api', '/')).status, 404);
  const head = await ask(dialtone, 'api', '/metrics', { method: 'HEAD' });
  assert.deepEqual([head.status, head.text, Number(head.headers['content-length']) > 1000], [200, '', true]);
  const say = (program, bytes) => new Promise((resolve, reject) => {
    let text = '';
    const socket = net.connect(socketOf(dialtone, program), () => socket.end(bytes));
    socket.setEncoding('utf8').on('data', (part) => (text += part)).on('close', () => resolve(text)).on('error', reject);
  });
  for (const order of ['drain\n\n', 'status\r\n\r\n', 'sessions\n\n', '\n\n', 'GET /metrics\n\n', '\0\0\n\n']) assert.match(await say('relay-aa', order), /^HTTP\/1.1 400 Bad Request\r\n/, order);
  assert.match(await say('relay-aa', `GET /${'a'.repeat(9000)}`), /^HTTP\/1.1 431 /);
  assert.match(await say('jobs', 'GET /up HTTP/1.0\n\n'), /^HTTP\/1.1 200 OK\r\n[^]*\r\n\r\n{"status":"ok"}$/);
  await isHealth('relay-aa', 200, { status: 'ok' });
});

test('requests are counted by route, method and status, and their time by route', async () => {
  const before = await requests({ route: '/api/ping' });
  await ping();
  await dialtone.client.request('GET', '/api/ping?route=%22mine%22');
  assert.equal(await requests({ route: '/api/ping', method: 'GET', status: '200' }), before + 2);
  const took = (le) => figure(dialtone, 'api', 'dialtone_api_request_seconds_bucket', { route: '/api/ping', le });
  assert.equal(await took('+Inf'), before + 2);
  assert.equal(await figure(dialtone, 'api', 'dialtone_api_request_seconds_count', { route: '/api/ping' }), before + 2);
  assert.ok(await took('0.001') <= await took('10.0'));
});

test('logins, second factors and locks are counted by their result', async () => {
  const names = { right: 'logins', wrong: 'logins', locked: 'logins' };
  const counts = async () => Object.fromEntries(await Promise.all(Object.keys(names).map(async (result) => [result, await figure(dialtone, 'api', 'dialtone_api_logins_total', { door: 'login', result })])));
  const locks = (kind) => figure(dialtone, 'api', 'dialtone_api_locks_total', { kind });
  const account = await createAccount(dialtone), before = await counts(), locked = await locks('account_for_network');
  await login(dialtone, account);
  for (let i = 0; i < 4; i++) await dialtone.api('POST', '/api/login', { body: { username: account.username, password: 'a wrong one' } });
  assert.deepEqual(await counts(), { right: before.right + 1, wrong: before.wrong + 3, locked: before.locked + 1 });
  assert.equal(await locks('account_for_network'), locked + 1);
  const code = (result) => figure(dialtone, 'api', 'dialtone_api_second_factors_total', { result });
  const right = await code('right'), wrong = await code('wrong');
  const { account: enrolled, app } = await newEnrolled(dialtone);
  const token = await login(dialtone, enrolled);
  await verify(dialtone, token, app.wrong());
  await verify(dialtone, token, app.fresh());
  assert.deepEqual([await code('right'), await code('wrong')], [right + 2, wrong + 1], 'the first one was that of the set-up');
});

test('the installation is counted by dialtone-jobs, and so is what waits', async () => {
  await dialtone.stop('jobs');
  await dialtone.api('POST', '/api/accounts', { as: 'admin', body: { username: `counted${Date.now()}`, password: 'a good password' } });
  await dialtone.start('jobs');
  const [[accounts, coded]] = await dialtone.sql('SELECT (SELECT count(*) FROM accounts), (SELECT count(*) FROM two_factor WHERE enabled_at IS NOT NULL)');
  assert.equal(await figure(dialtone, 'jobs', 'dialtone_jobs_accounts'), Number(accounts));
  assert.equal(await figure(dialtone, 'jobs', 'dialtone_jobs_accounts_two_factor'), Number(coded));
  assert.ok(Number(coded) > 0);
  await until(async () => await figure(dialtone, 'jobs', 'dialtone_jobs_leader') === 1);
  await dialtone.stop('redis');
  await until(async () => (await figure(dialtone, 'jobs', 'dialtone_jobs_outbox_failures_total')) > 0 || (await createAccount(dialtone), false), { what: 'a batch that Redis does not take' });
  await until(async () => (await figure(dialtone, 'jobs', 'dialtone_jobs_outbox_waiting')) > 0 && (await figure(dialtone, 'jobs', 'dialtone_jobs_outbox_oldest_seconds')) > 0, { what: 'events that wait' });
  const published = await figure(dialtone, 'jobs', 'dialtone_jobs_outbox_published_total');
  await dialtone.start('redis');
  await until(async () => (await figure(dialtone, 'jobs', 'dialtone_jobs_outbox_waiting')) === 0, { what: 'nothing to wait' });
  assert.ok(await figure(dialtone, 'jobs', 'dialtone_jobs_outbox_published_total') > published);
});

test('numbers add up over workers that are killed and replaced', async () => {
  const before = await pings(), restarted = await figure(dialtone, 'api', 'dialtone_api_workers_restarted_total');
  let answered = 0;
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 20; i++) answered += (await ping()).status === 200;
    const [victim] = await dialtone.workers();
    process.kill(victim, 'SIGKILL');
    await until(async () => { const now = await dialtone.workers(); return now.length === 2 && !now.includes(victim); }, { what: 'another worker' });
  }
  for (let i = 0; i < 20; i++) answered += (await ping()).status === 200;
  assert.equal(await pings(), before + answered);
  assert.equal(await figure(dialtone, 'api', 'dialtone_api_workers_restarted_total'), restarted + 2);
  assert.equal(await figure(dialtone, 'api', 'dialtone_api_workers_wanted'), 2);
  await until(async () => (await figure(dialtone, 'api', 'dialtone_api_workers_alive')) === 2, { what: 'both to be alive' });
});

test('workers that hang hide no figures, and the process that tells them is replaced too', async () => {
  const workers = await dialtone.workers(), supervisor = await dialtone.pid('api');
  for (const pid of workers) process.kill(pid, 'SIGSTOP');
  try {
    assert.equal(await figure(dialtone, 'api', 'dialtone_api_workers_alive'), workers.length);
    assert.equal((await health(dialtone, 'api', '/health/live')).status, 200);
  } finally {
    for (const pid of workers) process.kill(pid, 'SIGCONT');
  }
  const children = (await fs.readFile(`/proc/${supervisor}/task/${supervisor}/children`, 'utf8')).trim().split(/\s+/).map(Number);
  const [teller] = children.filter((pid) => !workers.includes(pid));
  const before = await pings();
  process.kill(teller, 'SIGKILL');
  await until(async () => (await pings()) === before, { what: 'another one to tell them' });
});

/* More of them than are served at a time; their ends are awaited by the last test. */
const hanging = [];
const hang = (bytes) => new Promise((resolve) => {
  const socket = net.connect(socketOf(dialtone, 'jobs'), () => { if (bytes) socket.write(bytes); resolve(); });
  hanging.push({ socket, ended: new Promise((gone) => socket.on('close', gone)) });
  socket.on('error', () => {}).pause();
});

test('scrapers that hang hold up no other', async () => {
  await Promise.all(Array.from({ length: 150 }, (_, i) => hang(['', 'GET /metr', 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'][i % 3])));
  assert.equal((await health(dialtone, 'jobs')).status, 200);
  assert.equal(await figure(dialtone, 'jobs', 'dialtone_jobs_running'), 0);
  const { username } = await createAccount(dialtone);
  await until(async () => (await dialtone.sql(`SELECT count(*) FROM outbox WHERE username = '${username}'`))[0][0] === '0', { what: 'jobs to work on' });
});

test('health: Redis away stops relays, jobs and pbx, and not the API', async () => {
  await allAreWell();
  await dialtone.stop('redis');
  await isHealth('api', 200, { status: 'ok', redis: 'away' });
  await isHealthThroughNginx(200, { status: 'ok', redis: 'away' });
  for (const program of ['jobs', 'pbx', 'relay-aa']) await isHealth(program, 503, { status: 'redis' });
  for (const program of PROGRAMS) assert.deepEqual(await health(dialtone, program, '/health/live'), { status: 200, body: { status: 'ok' } });
  await dialtone.start('redis');
  await allAreWell();
});

test('health: PostgreSQL away, then silent, then with a schema that does not fit', async () => {
  await dialtone.stop('postgres');
  for (const program of ['api', 'jobs', 'pbx']) await isHealth(program, 503, { status: 'postgresql' });
  await isHealthThroughNginx(503, { status: 'postgresql' });
  assert.deepEqual(await throughNginx('/up'), { status: 503, body: { status: 'postgresql' } });
  assert.deepEqual(await throughNginx('/health/live'), { status: 200, body: { status: 'ok' } });
  assert.equal((await health(dialtone, 'relay-aa')).status, 200);
  await dialtone.start('postgres');
  await allAreWell();
  const backends = (await dialtone.sql("SELECT pid FROM pg_stat_activity WHERE application_name IN ('dialtone-api', 'dialtone-api-figures')")).flat().map(Number);
  for (const pid of backends) process.kill(pid, 'SIGSTOP');
  try {
    await isHealth('api', 503, { status: 'postgresql' });
    await isHealthThroughNginx(503, { status: 'postgresql' });
  } finally {
    for (const pid of backends) process.kill(pid, 'SIGCONT');
  }
  await allAreWell();
  assert.deepEqual((await dialtone.sql(`SELECT count(*) FROM pg_stat_activity WHERE pid IN (${backends})`)).flat(), [String(backends.length)], 'late answers cost no connection');
  await dialtone.sql('ALTER TABLE accounts RENAME COLUMN user_agent TO agent', { as: 'postgres' });
  await dialtone.sql("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name IN ('dialtone-api', 'dialtone-api-figures')", { as: 'postgres' });
  try {
    await isHealth('api', 503, { status: 'schema' });
    await isHealthThroughNginx(503, { status: 'schema' });
  } finally {
    await dialtone.sql('ALTER TABLE accounts RENAME COLUMN agent TO user_agent', { as: 'postgres' });
  }
  await allAreWell();
});

test('health: a relay that is drained takes no newcomers', async () => {
  const { status } = await dialtone.ctl(['relay', 'drain', path.join(dialtone.dir, 'run/relay-ab.ctl')]);
  assert.equal(status, 0);
  await isHealth('relay-ab', 503, { status: 'draining' });
  assert.equal((await health(dialtone, 'relay-ab', '/health/live')).status, 200);
  await isHealth('relay-aa', 200, { status: 'ok' });
});

test('scrapers that hang are ended', async () => {
  for (const { socket } of hanging) socket.resume();
  await Promise.all(hanging.map(({ ended }) => ended));
});
