/*
 * What a request costs, with ACCOUNTS accounts in PostgreSQL and a session for each tenth of them: through nginx over
 * kept HTTP and HTTPS connections, beside `pgbench -S` and `pgbench -N` (prepared, 4 connections, 2 threads) on the same
 * server, in turns.  Buckets of requests are on, and large.  PostgreSQL has 2 GB of shared_buffers.
 *
 * Load generators share the machine with the servers, so the rate depends on what else runs; the processor time of a
 * request depends less on it: of nginx, the workers, PostgreSQL and Redis, and what is left of a core-second when only
 * those count.  A cell during which others had more than a little of the machine is measured again, a few times; how often
 * is told, and whether the figures are quiet ones.  At the end, how long quick reads take beside a slow one that is asked
 * for without a pause.  All traffic stays on the loopback interface.
 */
import fs from 'node:fs/promises';
import path from 'node:path';
import { execFileSync } from 'node:child_process';

import { createUser } from '../lib/accounts.mjs';
import { Instance, buildDir, freePort, temporaryDirectory } from '../lib/instance.mjs';
import { LOGINS, PASSWORD, loadAccounts, preparePgbench, socketOf, tunePostgres } from './load.mjs';
import { FOREIGN_MAX, cpuOf, timed, withForeign } from './processor.mjs';

const rounds = Number(process.argv[2] ?? 3);
const seconds = Number(process.argv[3] ?? 2);
const accounts = Number(process.argv[4] ?? 1000);
const workers = Number(process.argv[5] ?? 4);
const CONNECTIONS = 16;
const CALLERS = 100; /* with a key and a token each: what they ask together is not the same */
const TRIES = 3; /* of a cell, while there is foreign load */
const SLOW = 20000; /* contacts in one answer */
const SERVERS = ['nginx', 'api', 'postgres', 'redis'];
const READS = 'pgbench -S', WRITES = 'pgbench -N';

/* Percent of the yardstick. */
const GOALS = {
  'me by API key': 22, 'me by JWT': 22, 'by id': 22, 'by SIP address': 22, 'me by API key, TLS': 20, 'me by JWT, TLS': 20, 'by id, TLS': 20,
  'create': 40, 'login': 45,
};
const CORE_SECOND_GOAL = 12000;
const WORKER_MIB_GOAL = 8;

const dir = await temporaryDirectory('bench');
const dialtone = new Instance(dir);
async function measure() {
  const plain = await start();
  const began = Date.now();
  const first = await loadAccounts(dialtone, accounts);
  await preparePgbench(dialtone, pgProgram('pgbench'), accounts);
  console.log(`${accounts} accounts and pgbench's tables made in ${((Date.now() - began) / 1000).toFixed(0)} s`);
  const cells = await cellsOf(plain, first);
  const results = Object.fromEntries(Object.keys(cells).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, { cell }] of Object.entries(cells)) results[name].push(...(await quietly(cell)));
  }
  report(cells, results);
  await reportSlow(plain, first);
  await reportMemory();
}

async function start() {
  const plain = await freePort();
  await dialtone.create(['--port', String(await freePort()), '--plain-port', String(plain), '--workers', String(workers),
    '--login-rate', '100000r/s', '--set', 'request_rate=100000', '--set', 'request_burst=1000000', '--set', 'stranger_rate=0',
    '--set', 'account_requests_per_minute=0']);
  await dialtone.start();
  await tunePostgres(dialtone);
  return plain;
}

function pgProgram(name) {
  return execFileSync('bash', ['-c', 'find /usr/lib/postgresql/*/bin -name "$1" | sort -V | tail -n 1', 'find', name]).toString().trim();
}

async function callersOf() {
  const callers = [];
  while (callers.length < CALLERS) callers.push(...await Promise.all(Array.from({ length: 10 }, () => createUser(dialtone))));
  return callers;
}

/* What is asked, as Lua: n is the number of a random account, m any number, caller the headers of one of those who call. */
async function cellsOf(plain, first) {
  const callers = await callersOf();
  const jwt = callers.map(({ token }) => ({ Authorization: `Bearer ${token}` }));
  const key = callers.map((caller) => ({ 'x-api-key': caller.key }));
  const admin = [{ 'x-api-key': dialtone.env.DIALTONE_ADMIN_API_KEY }];
  const domain = dialtone.env.DIALTONE_DOMAIN;
  const deepest = Math.ceil(accounts / 20);
  const base = { http: `http://127.0.0.1:${plain}`, https: dialtone.env.DIALTONE_URL };
  const get = (where) => `return wrk.format('GET', ${where}, caller)`;
  const send = (method, where, body) => `return wrk.format('${method}', ${where}, caller, ${body})`;
  const cell = (yardstick, headers, request, { over = 'http', victims = false } = {}) =>
    ({ yardstick, cell: () => wrk(base[over], headers, request, { first, victims }) });
  const bench = (mode) => ({ yardstick: mode, cell: () => pgbench(mode.slice(-2)) });
  const me = get("'/api/accounts/me'"), byId = get("'/api/accounts/' .. first + n");
  const tls = { over: 'https' };
  return {
    [READS]: bench(READS),
    [WRITES]: bench(WRITES),
    'me by API key': cell(READS, key, me),
    'me by JWT': cell(READS, jwt, me),
    'by id': cell(READS, admin, byId),
    'by SIP address': cell(READS, admin, get(`'/api/accounts/user.' .. n .. '@${domain}/search'`)),
    'by e-mail': cell(READS, admin, get("'/api/accounts/user.' .. n .. '@example.org/search-by-email'")),
    'first page': cell(READS, admin, get("'/api/accounts?page=1'")),
    'random page': cell(READS, admin, get(`'/api/accounts?page=' .. math.random(1, ${deepest})`)),
    [`page ${deepest}`]: cell(READS, admin, get(`'/api/accounts?page=${deepest}'`)),
    'me by API key, TLS': cell(READS, key, me, tls),
    'me by JWT, TLS': cell(READS, jwt, me, tls),
    'by id, TLS': cell(READS, admin, byId, tls),
    create: cell(WRITES, admin, send('POST', "'/api/accounts'", `'{"username":"w' .. m .. '","password":"${PASSWORD}","activated":true}'`)),
    'new password': cell(WRITES, admin, send('PUT', "'/api/accounts/' .. first + n", `'{"username":"user.' .. n .. '","email":"user.' .. n .. '@example.org","password":"${PASSWORD} ' .. m .. '"}'`)),
    delete: cell(WRITES, admin, "return wrk.format('DELETE', '/api/accounts/' .. next_victim(), caller)", { victims: true }),
    login: cell(WRITES, [{}], send('POST', "'/api/login'", `'{"username":"caller.' .. math.random(1, ${LOGINS}) .. '","password":"${PASSWORD}"}'`)),
  };
}

async function pgbench(mode) {
  const { stdout, cpu } = await timed(pgProgram('pgbench'), [mode, '-M', 'prepared', '-n', '-c', '4', '-j', '2', '-T', String(seconds),
    '-h', socketOf(dialtone), '-U', 'dialtone', 'bench']);
  return { rate: Number(stdout.match(/^tps = ([\d.]+)/m)[1]), count: Number(stdout.match(/actually processed: (\d+)/)[1]), load: cpu };
}

/* Those that were created in the rounds so far and are still there. */
async function victimsOf(first) {
  return dialtone.sql(`SELECT id FROM accounts WHERE id > ${first + accounts} AND username ~ '^w[0-9]+$' ORDER BY id`);
}

/* There are fewer to delete than could be deleted in the whole time. */
async function wrk(base, callers, request, { first, victims }) {
  const ids = victims ? (await victimsOf(first)).flat() : [];
  const time = victims ? Math.max(1, Math.floor(seconds / 2)) : seconds;
  const script = path.join(dir, 'bench.lua');
  const tables = callers.map((headers) => Object.entries({ 'Content-Type': 'application/json', ...headers }).map(([name, value]) => `['${name}'] = '${value}'`).join(','));
  await fs.writeFile(script, `
    local first = ${first}
    local callers = { ${tables.map((table) => `{ ${table} }`).join(',')} }
    local threads, victims = 0, 0
    function setup(thread) thread:set('number', threads) thread:set('seed', ${Date.now() % 1000000} * 100 + threads) threads = threads + 1 end
    function init() math.randomseed(seed) for i = 1, 10 do math.random() end end
    local ids = { ${ids.join(',')} }
    local function next_victim()
      victims = victims + 1
      if 2 * victims >= #ids then wrk.thread:stop() end
      return ids[2 * victims - number] or 0
    end
    function request() local n, m, caller = math.random(1, ${accounts}), math.random(1, 2000000000), callers[math.random(#callers)] ${request} end`);
  const { stdout, cpu } = await timed('wrk', ['-t', '2', '-c', String(CONNECTIONS), '-d', `${time}s`, '--timeout', '20s', '-s', script, base]);
  const refused = Number(stdout.match(/Non-2xx or 3xx responses: (\d+)/)?.[1] ?? 0);
  const count = Number(stdout.match(/(\d+) requests in/)[1]);
  /* A random name may be taken. */
  if (/Socket errors/.test(stdout) || refused > 5 + count / 100) {
    throw new Error(`${request} did not answer 200 each time:\n${stdout}`);
  }
  return { rate: Number(stdout.match(/Requests\/sec:\s*([\d.]+)/)[1]), count, refused, load: cpu };
}

const cpuOfServers = () => Promise.all(SERVERS.map(async (name) => cpuOf(await dialtone.pid(name))));

/* Microseconds of each server for one request. */
async function withCpu(cell) {
  const pids = await Promise.all([...SERVERS, 'jobs'].map((name) => dialtone.pid(name)));
  return withForeign(pids, async () => {
    const before = await cpuOfServers();
    const result = await cell();
    const after = await cpuOfServers();
    return { ...result, cpu: after.map((us, i) => (us - before[i]) / result.count) };
  });
}

/* All tries: the report takes the quiet ones, and the others where there is none. */
async function quietly(cell) {
  const runs = [];
  while (runs.length < TRIES) {
    runs.push(await withCpu(cell));
    if (runs.at(-1).foreign <= FOREIGN_MAX) break;
  }
  return runs;
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const isQuiet = (run) => run.foreign <= FOREIGN_MAX;
const taken = (runs) => (runs.some(isQuiet) ? runs.filter(isQuiet) : runs);

function report(cells, results) {
  const rate = (name) => median(taken(results[name]).map((run) => run.rate));
  const columns = ['a second', 'of it', 'goal', ...SERVERS.map((name) => `us ${name}`), 'us all', 'core-second', 'foreign', 'dropped', 'refused'];
  const row = (name, texts) => console.log(name.padEnd(22) + texts.map((text, i) => text.padStart(Math.max(columns[i].length, 6) + 2)).join(''));
  console.log(`\n${accounts} accounts, ${rounds} rounds of ${seconds} s, ${CONNECTIONS} connections, ${workers} workers; medians`);
  console.log(`of it: of ${READS} for reads, of ${WRITES} for changes; core-second: requests in one of the servers; goal there: ${CORE_SECOND_GOAL} for reads by key, token or id`);
  console.log('foreign: part of the machine others had (* : in no round little enough)\n');
  row('', columns);
  for (const [name, { yardstick }] of Object.entries(cells)) {
    const runs = taken(results[name]);
    const percent = (100 * rate(name)) / rate(yardstick);
    const cpu = SERVERS.map((_, i) => median(runs.map((run) => run.cpu[i])));
    const all = median(runs.map((run) => run.cpu.reduce((a, b) => a + b, 0)));
    const isBench = name === yardstick;
    const foreign = `${(100 * median(runs.map((run) => run.foreign))).toFixed(0)} %${isQuiet(runs[0]) ? '' : '*'}`;
    const dropped = results[name].length - runs.length;
    row(name, [rate(name).toFixed(0), isBench ? '' : `${percent.toFixed(1)} %`, GOALS[name] ? `${GOALS[name]} %` : '',
      ...(isBench ? SERVERS.map(() => '') : cpu.map((us) => us.toFixed(1))), isBench ? '' : all.toFixed(1), isBench ? '' : (1e6 / all).toFixed(0),
      foreign, String(dropped), isBench ? '' : String(runs.reduce((sum, run) => sum + run.refused, 0))]);
  }
}

/* Of quick reads on 8 connections, in ms: half of them, all but one of a hundred, and the slowest. */
async function quickReads(plain, key) {
  const { stdout } = await timed('wrk', ['-t', '1', '-c', '8', '-d', `${seconds}s`, '--latency', '-H', `x-api-key: ${key}`, `http://127.0.0.1:${plain}/api/accounts/me`]);
  const ms = (text) => parseFloat(text) * ({ us: 0.001, ms: 1, s: 1000 })[text.replace(/[\d.]/g, '')];
  const at = (percent) => ms(stdout.match(new RegExp(`${percent}%\\s+(\\S+)`))[1]);
  return { median: at(50), p99: at(99), max: ms(stdout.match(/Latency\s+\S+\s+\S+\s+(\S+)/)[1]) };
}

async function reportSlow(plain, first) {
  const owner = await createUser(dialtone), quick = (await createUser(dialtone)).key, took = [];
  await dialtone.sql(`INSERT INTO contacts SELECT ${owner.id}, id FROM accounts WHERE id > ${first} AND username LIKE 'user.%' ORDER BY id LIMIT ${SLOW}`);
  const slow = async () => {
    const began = performance.now();
    const answer = await fetch(`http://127.0.0.1:${plain}/api/accounts/me/contacts`, { headers: { 'x-api-key': owner.key } });
    if (answer.status !== 200) throw new Error(`the slow request: ${answer.status}`);
    await answer.arrayBuffer();
    took.push(performance.now() - began);
  };
  const alone = await quickReads(plain, quick);
  let goesOn = true;
  const slowly = (async () => { while (goesOn) await slow(); })();
  const beside = await quickReads(plain, quick);
  goesOn = false;
  await slowly;
  const text = (figures) => Object.values(figures).map((ms) => ms.toFixed(1)).join(' / ');
  console.log(`\nquick reads alone: ${text(alone)} ms (median / p99 / slowest); beside an answer with ${Math.min(SLOW, accounts)} contacts that takes ${median(took).toFixed(0)} ms, without a pause: ${text(beside)} ms`);
}

async function reportMemory() {
  const rows = await Promise.all((await dialtone.workers()).map(async (pid) => {
    const text = await fs.readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
    const kib = (name) => Number(text.match(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm'))[1]);
    return { pss: kib('Pss'), rss: kib('Rss'), own: kib('Private_Clean') + kib('Private_Dirty') };
  }));
  const mib = (name) => (median(rows.map((row) => row[name])) / 1024).toFixed(1);
  console.log(`\nmemory of a worker after the load (median of ${rows.length}, ${path.basename(buildDir)}):` +
    ` Rss ${mib('rss')} MiB (goal ${WORKER_MIB_GOAL}), Pss ${mib('pss')} MiB, its own ${mib('own')} MiB`);
}

try {
  await measure();
} finally {
  await dialtone.remove();
}
