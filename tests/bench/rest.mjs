/*
 * GET /api/accounts/me through nginx, by API key and by JWT, over kept HTTP and HTTPS connections,
 * beside `pgbench -S -M prepared` on the same PostgreSQL and nginx's own `return 200`. With one thread
 * pgbench itself is what is busy; with two it is PostgreSQL, on two processors. Buckets of requests are
 * on, and large. Everything shares the machine, the load generators too, so the cells take turns and
 * the median of the rounds counts; the processor time of a request is told because it depends less on
 * what else the machine does. All traffic stays on the loopback interface and ends after
 * ROUNDS * SECONDS a cell.
 */
import fs from 'node:fs/promises';
import path from 'node:path';
import { execFileSync } from 'node:child_process';

import { createAccount, login } from '../lib/accounts.mjs';
import { Instance, buildDir, freePort, temporaryDirectory } from '../lib/instance.mjs';
import { runOk } from '../lib/run.mjs';

const rounds = Number(process.argv[2] ?? 3);
const seconds = Number(process.argv[3] ?? 2);
const CONNECTIONS = 16;
const WORKERS = 4;
const SERVERS = ['nginx', 'api', 'postgres', 'redis'];

const dir = await temporaryDirectory('bench');
const dialtone = new Instance(dir);
try {
  await measure();
} finally {
  await dialtone.remove();
}

async function measure() {
  const plain = await start();
  const base = { http: `http://127.0.0.1:${plain}`, https: dialtone.env.DIALTONE_URL };
  const account = await createAccount(dialtone);
  const jwt = `Authorization: Bearer ${await login(dialtone, account)}`;
  const key = `x-api-key: ${(await keyOf(account)).trim()}`;
  await preparePgbench();

  const cells = {
    'pgbench -S -M prepared, 1 thread': () => pgbench(1),
    'pgbench -S -M prepared, 2 threads': () => pgbench(2),
    'nginx return 200, HTTP': () => wrk(`${base.http}/bench/200`),
    'nginx return 200, HTTPS': () => wrk(`${base.https}/bench/200`),
    'accounts/me by API key, HTTP': () => wrk(`${base.http}/api/accounts/me`, key),
    'accounts/me by JWT, HTTP': () => wrk(`${base.http}/api/accounts/me`, jwt),
    'accounts/me by API key, HTTPS': () => wrk(`${base.https}/api/accounts/me`, key),
    'accounts/me by JWT, HTTPS': () => wrk(`${base.https}/api/accounts/me`, jwt),
  };
  const results = Object.fromEntries(Object.keys(cells).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, cell] of Object.entries(cells)) results[name].push(await withCpu(cell));
  }
  report(results);
  await reportMemory();
}

async function start() {
  const plain = await freePort();
  const include = path.join(dir, 'bench.conf');
  await fs.writeFile(include, "location = /bench/200 { access_log off; return 200 '{}'; }\n");
  await dialtone.create(['--port', String(await freePort()), '--plain-port', String(plain), '--include', include,
    '--workers', String(WORKERS), '--set', 'request_rate=100000', '--set', 'request_burst=1000000',
    '--set', 'stranger_rate=0', '--set', 'account_requests_per_minute=0']);
  await dialtone.start();
  return plain;
}

async function keyOf(account) {
  const { status, stdout, stderr } = await dialtone.ctl(['api-key', 'create', account.username, account.domain]);
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

function pgProgram(name) {
  return execFileSync('bash', ['-c', `find /usr/lib/postgresql/*/bin -name ${name} | sort -V | tail -n 1`]).toString().trim();
}

/* In a database of its own, as its owner. */
async function preparePgbench() {
  const socket = path.join(dir, 'run/pg');
  await runOk('psql', ['-X', '-q', '-h', socket, '-U', 'postgres', '-d', 'postgres', '-c', 'CREATE DATABASE bench OWNER dialtone']);
  await runOk(pgProgram('pgbench'), ['-i', '-q', '-h', socket, '-U', 'dialtone', 'bench']);
}

/* A second, and how many in all. */
async function pgbench(threads) {
  const { stdout } = await runOk(pgProgram('pgbench'), ['-S', '-M', 'prepared', '-n', '-c', '4', '-j', String(threads),
    '-T', String(seconds), '-h', path.join(dir, 'run/pg'), '-U', 'dialtone', 'bench']);
  return { rate: Number(stdout.match(/^tps = ([\d.]+)/m)[1]), count: Number(stdout.match(/actually processed: (\d+)/)[1]) };
}

async function wrk(url, header) {
  const { stdout } = await runOk('wrk', ['-t', '2', '-c', String(CONNECTIONS), '-d', `${seconds}s`,
    ...(header ? ['-H', header] : []), url]);
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`${url} did not answer 200 each time:\n${stdout}`);
  return { rate: Number(stdout.match(/Requests\/sec:\s*([\d.]+)/)[1]), count: Number(stdout.match(/(\d+) requests in/)[1]) };
}

/* Nanoseconds of processor that a process and those below it have had, as far as they still run. */
async function cpuOf(pid) {
  const read = (name) => fs.readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
  const own = Number((await read('schedstat')).split(' ')[0]);
  const children = (await read(`task/${pid}/children`)).trim().split(/\s+/).filter(Boolean);
  return own + (await Promise.all(children.map(cpuOf))).reduce((a, b) => a + b, 0);
}

async function cpuOfServers() {
  return Promise.all(SERVERS.map(async (name) => cpuOf(await dialtone.pid(name))));
}

/* Microseconds of each server for one request. Those of pgbench's own backends are gone with them. */
async function withCpu(cell) {
  const before = await cpuOfServers();
  const result = await cell();
  const after = await cpuOfServers();
  return { ...result, cpu: after.map((ns, i) => (ns - before[i]) / 1000 / result.count) };
}

function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

function report(results) {
  const rate = (name) => median(results[name].map((result) => result.rate));
  const yardsticks = ['pgbench -S -M prepared, 1 thread', 'pgbench -S -M prepared, 2 threads', 'nginx return 200, HTTP'].map(rate);
  const columns = ['a second', 'of pgbench 1', 'of pgbench 2', 'of nginx', ...SERVERS.map((name) => `us ${name}`)];
  const row = (name, cells) => console.log(name.padEnd(34) + cells.map((text, i) => text.padStart(columns[i].length + 2)).join(''));
  console.log(`\n${rounds} rounds of ${seconds} s, ${CONNECTIONS} connections, ${WORKERS} workers; medians`);
  row('', columns);
  for (const [name, runs] of Object.entries(results)) {
    const shares = yardsticks.map((of) => `${((100 * rate(name)) / of).toFixed(0)} %`);
    const cpu = SERVERS.map((_, i) => median(runs.map((run) => run.cpu[i])).toFixed(1));
    row(name, [rate(name).toFixed(0), ...shares, ...(name.startsWith('pgbench') ? [] : cpu)]);
  }
}

async function reportMemory() {
  const workers = await dialtone.workers();
  const rows = await Promise.all(workers.map(async (pid) => {
    const text = await fs.readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
    const kib = (name) => Number(text.match(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm'))[1]);
    return { pss: kib('Pss'), rss: kib('Rss'), own: kib('Private_Clean') + kib('Private_Dirty') };
  }));
  const mib = (name) => (median(rows.map((row) => row[name])) / 1024).toFixed(1);
  console.log(`\nmemory of a worker after the load (median of ${rows.length}, ${path.basename(buildDir)}):` +
    ` Rss ${mib('rss')} MiB, Pss ${mib('pss')} MiB, its own ${mib('own')} MiB`);
}
