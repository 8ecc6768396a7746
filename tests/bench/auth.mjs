/*
 * What logging in and being logged in cost: POST /api/login and GET /api/2fa/status by JWT (the
 * smallest authenticated answer), with and without buckets, beside `pgbench -S -M prepared` and
 * pgbench's own write transaction; and the CPU of the gate alone in instructions, which repeat where times do
 * not.
 */
import fs from 'node:fs/promises';
import path from 'node:path';
import { execFileSync } from 'node:child_process';

import { createAccount, login } from '../lib/accounts.mjs';
import { Instance, buildDir, freePort, temporaryDirectory } from '../lib/instance.mjs';
import { runOk } from '../lib/run.mjs';
import { until } from '../lib/until.mjs';

const rounds = Number(process.argv[2] ?? 3);
const seconds = Number(process.argv[3] ?? 2);
const CONNECTIONS = 16;
const WORKERS = 4;
const COUNTED = 500; /* requests under callgrind */
const STATUS = '/api/2fa/status';

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

async function withInstance(options, measure) {
  const dir = await temporaryDirectory('bench');
  const dialtone = new Instance(dir);
  const plain = await freePort();
  try {
    await dialtone.create(['--port', String(await freePort()), '--plain-port', String(plain), '--login-rate', '100000r/s',
      '--set', 'password_failures_per_account=1000000', '--set', 'password_failures_per_account_total=1000000',
      '--set', 'password_failures_per_address=1000000', '--set', 'stranger_rate=0',
      '--set', 'account_requests_per_minute=0', ...options]);
    await dialtone.start();
    return await measure(dialtone, `http://127.0.0.1:${plain}`, dir);
  } finally {
    await dialtone.remove();
  }
}

function pgProgram(name) {
  return execFileSync('bash', ['-c', `find /usr/lib/postgresql/*/bin -name ${name} | sort -V | tail -n 1`]).toString().trim();
}

async function preparePgbench(dir) {
  const socket = path.join(dir, 'run/pg');
  await runOk('psql', ['-X', '-q', '-h', socket, '-U', 'postgres', '-d', 'postgres', '-c', 'CREATE DATABASE bench OWNER dialtone']);
  await runOk(pgProgram('pgbench'), ['-i', '-q', '-s', '10', '-h', socket, '-U', 'dialtone', 'bench']);
}

async function pgbench(dir, ...script) {
  const { stdout } = await runOk(pgProgram('pgbench'), [...script, '-M', 'prepared', '-n', '-c', '4', '-j', '2',
    '-T', String(seconds), '-h', path.join(dir, 'run/pg'), '-U', 'dialtone', 'bench']);
  return Number(stdout.match(/^tps = ([\d.]+)/m)[1]);
}

async function wrk(url, ...options) {
  const { stdout } = await runOk('wrk', ['-t', '2', '-c', String(CONNECTIONS), '-d', `${seconds}s`, ...options, url]);
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`${url} did not answer 2xx each time:\n${stdout}`);
  return Number(stdout.match(/Requests\/sec:\s*([\d.]+)/)[1]);
}

async function loginScript(dir, { username, password }) {
  const file = path.join(dir, 'login.lua');
  await fs.writeFile(file, `wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\n` +
    `wrk.body = [[${JSON.stringify({ username, password })}]]\n`);
  return file;
}

async function throughput(options, name) {
  await withInstance(['--workers', String(WORKERS), ...options], async (dialtone, base, dir) => {
    const account = await createAccount(dialtone);
    const jwt = `Authorization: Bearer ${await login(dialtone, account)}`;
    const script = await loginScript(dir, account);
    await preparePgbench(dir);
    const cells = {
      'pgbench -S -M prepared': () => pgbench(dir, '-S'),
      'pgbench -N (a write transaction)': () => pgbench(dir, '-N'),
      'authenticated requests by JWT': () => wrk(base + STATUS, '-H', jwt),
      logins: () => wrk(`${base}/api/login`, '-s', script),
    };
    const results = Object.fromEntries(Object.keys(cells).map((cell) => [cell, []]));
    for (let round = 0; round < rounds; round++) {
      for (const [cell, run] of Object.entries(cells)) results[cell].push(await run());
    }
    console.log(`\n${name}: a second, medians of ${rounds} rounds of ${seconds} s, ${WORKERS} workers, ${CONNECTIONS} connections`);
    for (const [cell, numbers] of Object.entries(results)) console.log(`  ${cell.padEnd(34)} ${median(numbers).toFixed(0).padStart(8)}`);
  });
}

/* One worker under callgrind, which counts inside the gate alone. */
async function instructions() {
  const programs = await temporaryDirectory('bench-programs');
  for (const name of ['dialtone-relay', 'dialtone-jobs', 'dialtonectl']) await fs.symlink(path.join(buildDir, name), path.join(programs, name));
  const wrapper = path.join(programs, 'dialtone-api');
  await fs.writeFile(wrapper, `#!/bin/sh\nexec valgrind -q --tool=callgrind --toggle-collect=auth_pass --trace-children=yes ` +
    `--callgrind-out-file=${programs}/callgrind.%p ${buildDir}/dialtone-api "$@"\n`, { mode: 0o755 });
  await withInstance(['--workers', '1', '--build-dir', programs, '--set', 'request_rate=0'], async (dialtone) => {
    const token = await login(dialtone, await createAccount(dialtone));
    for (let i = 0; i < COUNTED; i++) await dialtone.api('GET', STATUS, { token });
    await dialtone.stop('api');
    const total = await until(async () => {
      const counts = await Promise.all((await fs.readdir(programs)).filter((name) => name.startsWith('callgrind.')).map(async (name) =>
        Number((await fs.readFile(path.join(programs, name), 'utf8')).match(/^(?:totals|summary): (\d+)/m)?.[1] ?? 0)));
      return counts.reduce((a, b) => a + b, 0);
    }, { what: 'what callgrind counted' });
    console.log(`\nauth gate: ${(total / COUNTED).toFixed(0)} instructions a request by JWT, its statement to PostgreSQL included` +
      ` (${COUNTED} requests, ${path.basename(buildDir)})`);
  });
  await fs.rm(programs, { recursive: true, force: true });
}

await throughput(['--set', 'request_rate=0'], 'without buckets of requests');
await throughput(['--set', 'request_rate=100000', '--set', 'request_burst=1000000'], 'with buckets in Redis');
await instructions();
