/*
 * Requests per second and the 99th percentile of what admin scripts ask for, over kept HTTP connections, with ACCOUNTS
 * accounts and as many statistics in PostgreSQL: each beside the statements of the same call, run by pgbench with as
 * many connections as there are workers, and the processor time that workers and PostgreSQL take for a request, beside
 * that of an account by its id: what is found or counted among a million should cost about as much.  All traffic stays
 * on the loopback interface, and ends after ROUNDS * SECONDS a cell.
 */
import fs from 'node:fs/promises';
import path from 'node:path';
import { execFileSync } from 'node:child_process';

import { Instance, freePort, temporaryDirectory } from '../lib/instance.mjs';
import { runOk } from '../lib/run.mjs';
import { readStatements, withValues } from '../lib/statements.mjs';
import { cpuOfAll } from './processor.mjs';

const rounds = Number(process.argv[2] ?? 3);
const seconds = Number(process.argv[3] ?? 3);
const accounts = Number(process.argv[4] ?? 1000000);
const CONNECTIONS = 8;
const WORKERS = 4;
const CONTACTS = 10000;
const OWNER = 5000; /* of the contacts */
const FEW = 'few.example.org'; /* a space of five accounts */
const BY_ID = 'get by id';
/* At most so many times the processor time of that. */
const GOALS = { 'page 1': 5, 'any page': 5, 'last page': 5, 'page of 5': 5, 'search by e-mail': 1.5 };

const dir = await temporaryDirectory('bench');
const dialtone = new Instance(dir);

async function measure() {
  const port = await start();
  const began = Date.now();
  await seed();
  console.log(`seeded in ${((Date.now() - began) / 1000).toFixed(0)} s`);
  const statements = Object.fromEntries((await readStatements()).map((each) => [each.name, each]));
  const calls = callsOf(dialtone.env.DIALTONE_DOMAIN, statements);
  const results = Object.fromEntries(Object.keys(calls).map((name) => [name, { api: [], pg: [] }]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, { request, host, sql }] of Object.entries(calls)) {
      results[name].api.push(await withCpu(() => wrk(port, request, host)));
      results[name].pg.push(await pgbench(sql));
    }
  }
  report(results);
}

async function start() {
  const port = await freePort();
  await dialtone.create(['--port', String(await freePort()), '--plain-port', String(port), '--workers', String(WORKERS), '--set', 'request_rate=0',
    '--set', 'stranger_rate=0', '--set', 'account_requests_per_minute=0']);
  await dialtone.start();
  await dialtone.stop('jobs');
  return port;
}

const socket = () => path.join(dir, 'run/pg');

/* As an import would: the copies that triggers keep are written with the rows. */
async function seed() {
  const domain = dialtone.env.DIALTONE_DOMAIN;
  await runOk('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-h', socket(), '-U', 'postgres', '-d', 'dialtone'], { seconds: 900, input: `
    INSERT INTO spaces (domain, host, name) VALUES ('${FEW}', 'few.localhost', 'few');
    SET session_replication_role = replica;
    SET maintenance_work_mem = '256MB';
    INSERT INTO accounts (username, domain, email, activated, algorithms, created_at)
      SELECT 'user.' || i, '${domain}', 'user.' || i || '@example.org', i % 2 = 0, '[{"algorithm": "SHA-256"}]',
        now() - i * interval '1 minute' FROM generate_series(1, ${accounts}) i;
    INSERT INTO passwords SELECT id, repeat('a', 64), 'SHA-256' FROM accounts ON CONFLICT DO NOTHING;
    INSERT INTO contacts SELECT ${OWNER}, id FROM accounts WHERE id > ${OWNER} ORDER BY id LIMIT ${CONTACTS};
    INSERT INTO contacts_lists (domain, title, description, contacts_count) SELECT '${domain}', 'list ' || i, 'big', ${CONTACTS} FROM generate_series(1, 3) i;
    INSERT INTO contacts_list_contact SELECT l.id, a.id FROM contacts_lists l CROSS JOIN LATERAL (SELECT id FROM accounts WHERE id > 20000 * l.id LIMIT ${CONTACTS}) a;
    INSERT INTO statistics_messages (id, domain, from_username, from_domain, sent_at, encrypted)
      SELECT 'm' || i, '${domain}', 'user.' || i, '${domain}', now(), true FROM generate_series(1, ${accounts} / 2) i;
    INSERT INTO statistics_calls (id, domain, from_username, from_domain, to_username, to_domain, initiated_at)
      SELECT 'c' || i, '${domain}', 'user.' || i, '${domain}', 'user.1', '${domain}', now() FROM generate_series(1, ${accounts} / 2) i;
    INSERT INTO accounts (username, domain, activated, created_at) SELECT 'few.' || i, '${FEW}', true, now() FROM generate_series(1, 5) i;
    SELECT accounts_recount();
    VACUUM (ANALYZE); CHECKPOINT;` });
}

/* request: Lua of wrk, n is a random account; sql: what pgbench runs, n likewise. */
function callsOf(domain, statements) {
  const base = { domain: `'${domain}'`, within: `'${domain}'`, limit: '20', unit: "'day'", span: "'1 month'", caller_id: '1', email: 'NULL', phone: 'NULL', dtmf_protocol: 'NULL',
    algorithm: "'SHA-256'", ha1: "repeat('a', 64)", other_ha1: 'NULL', other_algorithm: 'NULL', confirmation_sealed: 'NULL', confirmation_hash: 'NULL',
    confirmation_expires_at: 'NULL', provisioning_hash: 'sha256(:m::text::bytea)', ip_address: "'127.0.0.1'", user_agent: "'bench'" };
  const sql = (names, more) => names.map((name) => `${withValues(statements[name], { ...base, ...more })};`.replace(/\s*\n\s*/g, ' ')).join('\n');
  const get = (where) => `return wrk.format('GET', ${where})`;
  const pages = Math.ceil(accounts / 20);
  const fresh = { username: "'b' || :m", name: "'b' || :m", id: '0' };
  return {
    [BY_ID]: { request: get("'/api/accounts/' .. n"), sql: sql(['account_by_id'], { id: ':n' }) },
    'search by SIP': { request: get(`'/api/accounts/user.' .. (n - first) .. '@${domain}/search'`), sql: sql(['account_by_username'], { name: "'user.' || :n" }) },
    'search by e-mail': { request: get("'/api/accounts/user.' .. (n - first) .. '@example.org/search-by-email'"), sql: sql(['account_by_email'], { name: "'user.' || :n || '@example.org'" }) },
    'page 1': { request: get("'/api/accounts?page=1'"), sql: sql(['account_count', 'account_page'], { offset: '0' }) },
    'any page': { request: get(`'/api/accounts?page=' .. math.random(1, ${pages})`), sql: sql(['account_count', 'account_page'], { offset: ':p * 20' }) },
    'last page': { request: get(`'/api/accounts?page=${pages}'`), sql: sql(['account_count', 'account_page'], { offset: String((pages - 1) * 20) }) },
    'page of 5': { request: get("'/api/accounts?page=1'"), host: 'few.localhost', sql: sql(['account_count', 'account_page'], { offset: '0', domain: `'${FEW}'` }) },
    create: { request: `return wrk.format('POST', '/api/accounts', json, '{"username":"w' .. m .. '","password":"a good password","activated":true}')`,
      sql: `BEGIN;\n${sql(['account_taken', 'account_insert', 'account_by_username'], fresh)}\nCOMMIT;` },
    update: { request: `return wrk.format('PUT', '/api/accounts/' .. n, json, '{"username":"user.' .. (n - first) .. '","email":"user.' .. (n - first) .. '@example.org","display_name":"Name ' .. m .. '","password":"a good password"}')`,
      sql: `BEGIN;\n${sql(['account_by_id', 'account_taken', 'account_update_password', 'account_update'], { id: ':n', username: "'user.' || (:n - FIRST)", email: "'user.' || (:n - FIRST) || '@example.org'", name: "'x'", display_name: "'Name'", admin: 'NULL', blocked: 'NULL' })}\nCOMMIT;` },
    [`${CONTACTS} contacts`]: { request: get(`'/api/accounts/${OWNER}/contacts'`), sql: sql(['contact_list'], { id: String(OWNER) }) },
    'statistics/month': { request: get("'/api/statistics/month'"), sql: sql(['registrations'], {}) },
  };
}

let firstId;
async function offsetOfIds() {
  firstId ??= Number((await dialtone.sql("SELECT id - 1 FROM accounts WHERE username = 'user.1'"))[0][0]);
  return firstId;
}

const serversCpu = async () => Promise.all(['api', 'postgres'].map(async (name) => cpuOfAll(await dialtone.pid(name))));

/* Microseconds of workers and of PostgreSQL for one request. What served pgbench, or the seeding, is given the time to end. */
async function withCpu(load) {
  await new Promise((resolve) => { setTimeout(resolve, 300); });
  const before = await serversCpu();
  const result = await load();
  return { ...result, cpu: (await serversCpu()).map((us, i) => (us - before[i]) / result.count) };
}

async function wrk(port, request, host = 'localhost') {
  const script = path.join(dir, 'bench.lua');
  await fs.writeFile(script, `
    local first = ${await offsetOfIds()}
    local json = { ['Content-Type'] = 'application/json' }
    local count = 0
    function setup(thread) count = count + 1; thread:set('seed', ${Date.now() % 1000000} * 100 + count) end
    function init() math.randomseed(seed); for i = 1, 10 do math.random() end end
    wrk.headers['Host'] = '${host}'
    wrk.headers['x-api-key'] = '${dialtone.env.DIALTONE_ADMIN_API_KEY}'
    json['x-api-key'] = wrk.headers['x-api-key']
    function request() local n, m = first + math.random(1, ${accounts}), math.random(1, 2000000000); ${request} end`);
  const { stdout } = await runOk('wrk', ['-t', '2', '-c', String(CONNECTIONS), '-d', `${seconds}s`, '--timeout', '20s', '--latency', '-s', script, `http://127.0.0.1:${port}`]);
  const count = Number(stdout.match(/(\d+) requests in/)[1]);
  const refused = Number(stdout.match(/Non-2xx or 3xx responses: (\d+)/)?.[1] ?? 0);
  if (/Socket errors/.test(stdout) || refused > 5) throw new Error(`${request} did not answer 200 each time:\n${stdout}`);
  const [, p99, unit] = stdout.match(/99%\s+([\d.]+)(us|ms|s)/);
  return { count, rate: Number(stdout.match(/Requests\/sec:\s*([\d.]+)/)[1]), p99: Number(p99) * { us: 0.001, ms: 1, s: 1000 }[unit] };
}

function pgProgram(name) {
  return execFileSync('bash', ['-c', `find /usr/lib/postgresql/*/bin -name ${name} | sort -V | tail -n 1`]).toString().trim();
}

async function pgbench(sql) {
  const script = path.join(dir, 'bench.sql');
  const first = await offsetOfIds();
  await fs.writeFile(script, `\\set n random(${first + 1}, ${first + accounts})\n\\set m random(1, 2000000000000)\n\\set p random(0, ${Math.ceil(accounts / 20) - 1})\n${sql.replaceAll('FIRST', first)}\n`);
  const { stdout } = await runOk(pgProgram('pgbench'), ['-n', '-M', 'prepared', '-c', String(WORKERS), '-j', '2', '-T', String(seconds), '-f', script,
    '-h', socket(), '-U', 'dialtone', 'dialtone']);
  return Number(stdout.match(/^tps = ([\d.]+)/m)[1]);
}

function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

function report(results) {
  console.log(`\n${accounts} accounts, ${rounds} rounds of ${seconds} s, ${CONNECTIONS} connections, ${WORKERS} workers; medians`);
  console.log('us: processor time of a request; by id: how many times that of an account by its id, and at most how many are the goal');
  const costOf = (name) => [0, 1].map((i) => median(results[name].api.map((each) => each.cpu[i])));
  const sum = ([workers, postgres]) => workers + postgres;
  console.log(''.padEnd(20) + ['requests/s', 'p99 ms', 'pgbench/s', 'ratio', 'us workers', 'us postgres', 'by id', 'goal'].map((text) => text.padStart(12)).join(''));
  for (const [name, { api, pg }] of Object.entries(results)) {
    const rate = median(api.map((each) => each.rate)), tps = median(pg);
    const cells = [rate.toFixed(1), median(api.map((each) => each.p99)).toFixed(1), tps.toFixed(1), `${((100 * rate) / tps).toFixed(0)} %`,
      ...costOf(name).map((us) => us.toFixed(0)), (sum(costOf(name)) / sum(costOf(BY_ID))).toFixed(2), GOALS[name] ?? ''].map(String);
    console.log(name.padEnd(20) + cells.map((text) => text.padStart(12)).join(''));
  }
}

try {
  await measure();
} finally {
  await dialtone.remove();
}
