/*
 * Provisioning documents through nginx over kept HTTP connections: what any phone is told, what a phone of an account
 * is told that shows its key, and tokens that are used up, one a request. Beside GET /api/accounts/me, and `pgbench -S`
 * and `pgbench -N` (prepared, 4 connections, 2 threads) on the same server, in turns; medians.
 */
import fs from 'node:fs/promises';
import path from 'node:path';
import { execFileSync } from 'node:child_process';

import { createUser } from '../lib/accounts.mjs';
import { Instance, freePort, temporaryDirectory } from '../lib/instance.mjs';
import { runOk } from '../lib/run.mjs';
import { loadAccounts, preparePgbench, psql, socketOf } from './load.mjs';

const rounds = Number(process.argv[2] ?? 3);
const seconds = Number(process.argv[3] ?? 2);
const ACCOUNTS = 20000;
const ENTRIES = '[proxy_0]\nreg_proxy=<sip:sip.example.org;transport=tls>\n[net]\nmtu=1300\n';

const dir = await temporaryDirectory('bench');
const dialtone = new Instance(dir);
const pgbenchProgram = execFileSync('bash', ['-c', 'find /usr/lib/postgresql/*/bin -name pgbench | sort -V | tail -n 1']).toString().trim();

async function pgbench(mode) {
  const { stdout } = await runOk(pgbenchProgram, [mode, '-M', 'prepared', '-n', '-c', '4', '-j', '2', '-T', String(seconds), '-h', socketOf(dialtone), '-U', 'dialtone', 'bench']);
  return Number(stdout.match(/^tps = ([\d.]+)/m)[1]);
}

/* request: Lua. */
async function wrk(base, request) {
  const script = path.join(dir, 'bench.lua');
  await fs.writeFile(script, `
    local threads, count = 0, 0
    function setup(thread) thread:set('number', threads) threads = threads + 1 end
    function request() count = count + 1 ${request} end`);
  const { stdout } = await runOk('wrk', ['-t', '2', '-c', '16', '-d', `${seconds}s`, '--timeout', '20s', '-s', script, base]);
  if (/Socket errors|Non-2xx/.test(stdout)) throw new Error(stdout);
  return Number(stdout.match(/Requests\/sec:\s*([\d.]+)/)[1]);
}

/* A token for each account, "b" and twelve digits; what is sealed is not looked at. */
async function freshTokens() {
  await psql(dialtone, `SET session_replication_role = replica;
    DELETE FROM provisioning_tokens;
    INSERT INTO provisioning_tokens (account_id, token_hash, token_sealed)
      SELECT id, sha256(('b' || lpad(substr(username, 6), 12, '0'))::bytea), '\\x00' FROM accounts WHERE username LIKE 'user.%' AND substr(username, 6) ~ '^[0-9]+$';`);
}

async function tokens(base) {
  await freshTokens();
  return wrk(base, `
    local n = 2 * count - number
    if n > ${ACCOUNTS} then wrk.thread:stop() n = 1 end
    return wrk.format('GET', string.format('/provisioning/b%012d', n))`);
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

async function measure() {
  const plain = await freePort();
  await dialtone.create(['--port', String(await freePort()), '--plain-port', String(plain), '--workers', '4', '--set', 'stranger_rate=0', '--set', 'account_requests_per_minute=0']);
  await dialtone.start();
  const { key } = await createUser(dialtone);
  await loadAccounts(dialtone, ACCOUNTS);
  await preparePgbench(dialtone, pgbenchProgram, ACCOUNTS);
  await dialtone.sql(`UPDATE spaces SET custom_provisioning_entries = '${ENTRIES}'`);
  const base = `http://127.0.0.1:${plain}`;
  const cells = {
    'pgbench -S': ['pgbench -S', () => pgbench('-S')],
    'pgbench -N': ['pgbench -N', () => pgbench('-N')],
    'GET /api/accounts/me': ['pgbench -S', () => wrk(base, `return wrk.format('GET', '/api/accounts/me', { ['x-api-key'] = '${key}' })`)],
    'of the space': ['pgbench -S', () => wrk(base, "return wrk.format('GET', '/provisioning')")],
    'of an account, by key': ['pgbench -S', () => wrk(base, `return wrk.format('GET', '/provisioning/me', { ['x-api-key'] = '${key}' })`)],
    'by a token, once': ['pgbench -N', () => tokens(base)],
  };
  const rates = Object.fromEntries(Object.keys(cells).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, [, cell]] of Object.entries(cells)) rates[name].push(await cell());
  }
  console.log(`\n${rounds} rounds of ${seconds} s, 16 connections, 4 workers\n`);
  for (const [name, [yardstick]] of Object.entries(cells)) {
    const percent = (100 * median(rates[name])) / median(rates[yardstick]);
    console.log(`${name.padEnd(24)}${median(rates[name]).toFixed(0).padStart(8)}/s${name === yardstick ? '' : `  ${percent.toFixed(1).padStart(5)} % of ${yardstick}`}`);
  }
}

try {
  await measure();
} finally {
  await dialtone.remove();
}
