/*
 * GET /api/accounts/me through nginx, by API key and by JWT, over kept HTTP and HTTPS connections,
 * beside `pgbench -S -M prepared` on the same PostgreSQL and nginx's own `return 200`. Everything
 * shares the machine, the load generators too, so the cells take turns and the median of the rounds
 * counts. All traffic stays on the loopback interface and ends after ROUNDS * SECONDS a cell.
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
    'pgbench -S -M prepared, 4 clients': pgbench,
    'nginx return 200, HTTP': () => wrk(`${base.http}/bench/200`),
    'nginx return 200, HTTPS': () => wrk(`${base.https}/bench/200`),
    'accounts/me by API key, HTTP': () => wrk(`${base.http}/api/accounts/me`, key),
    'accounts/me by JWT, HTTP': () => wrk(`${base.http}/api/accounts/me`, jwt),
    'accounts/me by API key, HTTPS': () => wrk(`${base.https}/api/accounts/me`, key),
    'accounts/me by JWT, HTTPS': () => wrk(`${base.https}/api/accounts/me`, jwt),
  };
  const results = Object.fromEntries(Object.keys(cells).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, cell] of Object.entries(cells)) results[name].push(await cell());
  }
  report(results);
  await reportMemory();
}

async function start() {
  const plain = await freePort();
  const include = path.join(dir, 'bench.conf');
  await fs.writeFile(include, "location = /bench/200 { access_log off; return 200 '{}'; }\n");
  await dialtone.create(['--port', String(await freePort()), '--plain-port', String(plain), '--include', include,
    '--workers', String(WORKERS), '--set', 'request_rate=0']);
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

async function pgbench() {
  const { stdout } = await runOk(pgProgram('pgbench'), ['-S', '-M', 'prepared', '-n', '-c', '4', '-j', '2',
    '-T', String(seconds), '-h', path.join(dir, 'run/pg'), '-U', 'dialtone', 'bench']);
  return Number(stdout.match(/^tps = ([\d.]+)/m)[1]);
}

async function wrk(url, header) {
  const { stdout } = await runOk('wrk', ['-t', '2', '-c', String(CONNECTIONS), '-d', `${seconds}s`,
    ...(header ? ['-H', header] : []), url]);
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`${url} did not answer 200 each time:\n${stdout}`);
  return Number(stdout.match(/Requests\/sec:\s*([\d.]+)/)[1]);
}

function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

function report(results) {
  const best = median(results['pgbench -S -M prepared, 4 clients']);
  const front = median(results['nginx return 200, HTTP']);
  console.log(`\n${rounds} rounds of ${seconds} s, ${CONNECTIONS} connections, ${WORKERS} workers; medians`);
  console.log(`${'a second'.padStart(46)} ${'of pgbench'.padStart(11)} ${'of nginx'.padStart(9)}`);
  for (const [name, numbers] of Object.entries(results)) {
    const value = median(numbers);
    const share = (of) => `${((100 * value) / of).toFixed(0)} %`;
    console.log(`${name.padEnd(36)} ${value.toFixed(0).padStart(9)} ${share(best).padStart(11)} ${share(front).padStart(9)}`);
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
