/*
 * Days that an installation lives through, walked from the fault to the end of it: what clients are told meanwhile, what
 * doctor says, what is as before then.  Lost keys, a database older than its keys and a full disk: tests/api/disasters.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';

import { createUser, login, randomName } from '../lib/accounts.mjs';
import { examine, type, usualComplaints } from '../lib/doctor.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { newEnrolled, verify } from '../lib/otp.mjs';
import { runOk } from '../lib/run.mjs';
import { until } from '../lib/until.mjs';
import { FAKETIME, NAMES } from './faults.mjs';

const dialtone = await ownInstance({ options: NAMES.flatMap((name) => ['--server-name', name]) });
const keysFile = path.join(dialtone.dir, 'keys');
const usual = await usualComplaints(dialtone);

const newWorkers = () => dialtone.configureApi({});
const ctl = async (...args) => {
  const { status, stderr } = await dialtone.ctl(args);
  assert.equal(status, 0, stderr);
};
const created = async () => {
  const { status, text, json } = await dialtone.api('POST', '/api/accounts', { as: 'admin',
    body: { username: randomName('day'), password: 'long enough', algorithm: 'SHA-256', activated: true } });
  assert.equal(status, 200, text);
  return json;
};
const me = (user) => dialtone.api('GET', '/api/user/me', { token: user.token });
const published = () => until(async () => (await dialtone.sql('SELECT count(*) FROM outbox'))[0][0] === '0', { what: 'the outbox to be published' });
const isWellAgain = () => until(async () => {
  assert.deepEqual(await usualComplaints(dialtone), usual);
  return true;
}, { what: 'doctor to find nothing new' });

test('keys_older_than_the_database_lose_only_what_was_sealed_since', async () => {
  const before = await newEnrolled(dialtone);
  await fs.copyFile(keysFile, `${keysFile}.old`);
  await ctl('keys', 'rotate', 'seal');
  await newWorkers();
  const since = await newEnrolled(dialtone);
  await fs.copyFile(keysFile, `${keysFile}.new`);
  await fs.copyFile(`${keysFile}.old`, keysFile);
  await newWorkers();

  assert.equal((await verify(dialtone, await login(dialtone, before.account), before.app.fresh())).status, 200);
  const otp = await verify(dialtone, await login(dialtone, since.account), since.app.fresh());
  assert.deepEqual([otp.status, otp.json.message], [400, 'invalid_otp'], 'never 500, never open');
  const { keys_fit: said } = await examine(dialtone);
  assert.equal(said.verdict, 'wrong');
  assert.match(said.seen, /it is older than the database: put its newest copy back/);

  await fs.copyFile(`${keysFile}.new`, keysFile);
  await newWorkers();
  assert.equal((await verify(dialtone, await login(dialtone, since.account), since.app.fresh())).status, 200, 'the newest copy has it all');
  await isWellAgain();
});

/* What would show that something was left behind: every counter, and where each sequence stands. */
const countsOf = () => dialtone.sql(`SELECT 'counted', kind || ' ' || domain, sum(n)::text FROM accounts_counts GROUP BY 2
  UNION ALL SELECT 'rows', 'accounts', count(*)::text FROM accounts UNION ALL SELECT 'rows', 'sessions', count(*)::text FROM sessions
  UNION ALL SELECT 'sequence', sequencename, last_value::text FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL
  ORDER BY 1, 2`);

test('dump_restored_into_a_new_cluster_is_the_same_installation', async () => {
  const dump = path.join(dialtone.dir, 'all.dump');
  const user = await createUser(dialtone);
  const secured = await newEnrolled(dialtone);
  await published();
  await dialtone.stop('api', 'jobs');
  const counts = await countsOf();
  await runOk('pg_dump', ['-Fc', '-d', dialtone.env.DIALTONE_PG, '-f', dump]);

  await dialtone.stop();
  await fs.rename(path.join(dialtone.dir, 'postgres'), path.join(dialtone.dir, 'postgres.lost'));
  await dialtone.start(); /* makes a cluster with our role, and an empty database */
  await dialtone.stop('api', 'jobs');
  const asOwner = ['-h', path.join(dialtone.dir, 'run/pg'), '-U', 'postgres'];
  await runOk('dropdb', [...asOwner, '--force', 'dialtone']);
  await runOk('createdb', [...asOwner, '-O', 'dialtone', 'dialtone']);
  await runOk('pg_restore', ['--exit-on-error', '--no-owner', '-d', dialtone.env.DIALTONE_PG, dump]);
  assert.deepEqual(await countsOf(), counts);
  await dialtone.start('api', 'jobs');
  await dialtone.untilAnswering();

  assert.equal((await me(user)).status, 200, 'a session goes on');
  assert.equal((await dialtone.api('GET', '/api/accounts/me', { key: user.key })).status, 200, 'a key opens');
  assert.equal((await verify(dialtone, await login(dialtone, secured.account), secured.app.fresh())).status, 200, 'what is sealed is read');
  const account = await created();
  assert.ok(account.id > Math.max(user.id, secured.account.id), 'ids go on where they were');
  assert.deepEqual(await dialtone.sql('SELECT * FROM accounts_miscounted()'), []);
  await published();
  await isWellAgain();
  await fs.rm(path.join(dialtone.dir, 'postgres.lost'), { recursive: true });
});

const restOfTheDay = async (user) => {
  assert.equal((await me(user)).status, 200, 'a session goes on');
  const token = await login(dialtone, user);
  assert.equal((await dialtone.api('POST', '/api/logout', { token })).status, 200);
  assert.equal((await me({ token })).status, 401, 'a session that has ended opens nothing');
  await created();
};

test('redis_full_without_eviction_rest_goes_on_and_events_wait', async () => {
  const user = await createUser(dialtone);
  await published();
  await dialtone.redis('config', 'set', 'maxmemory', '1');
  await restOfTheDay(user);
  assert.notEqual((await dialtone.sql('SELECT count(*) FROM outbox'))[0][0], '0', 'events wait, none is lost');
  await until(async () => / level=warn prog=jobs .*redis refused \w+: OOM/.test(await dialtone.log('jobs')), { what: 'dialtone-jobs to say why' });
  const { redis_memory: said } = await examine(dialtone);
  assert.match(said.seen, /writes are refused/);
  await type(dialtone, said.mend);
  await published();
  await dialtone.redis('config', 'set', 'maxmemory', '0');
  await isWellAgain();
});

test('redis_that_evicts_loses_nothing_that_rest_needs', async () => {
  const user = await createUser(dialtone);
  await dialtone.redis('config', 'set', 'maxmemory', '1', 'maxmemory-policy', 'allkeys-random');
  await restOfTheDay(user);
  const { redis_memory: said } = await examine(dialtone);
  assert.match(said.seen, /maxmemory-policy allkeys-random/);
  await type(dialtone, said.mend);
  await dialtone.redis('config', 'set', 'maxmemory', '0');
  await restOfTheDay(user);
  await published();
  await isWellAgain();
});

test('certificate_expired_clients_refuse_until_another_one_is_there', async () => {
  const certificate = path.join(dialtone.dir, 'tls/server.crt');
  await runOk('openssl', ['req', '-x509', '-new', '-key', path.join(dialtone.dir, 'tls/server.key'), '-days', '90', '-subj', '/CN=localhost',
    '-addext', `subjectAltName=${['localhost', ...NAMES].map((name) => `DNS:${name}`).join()}`, '-out', certificate],
  { env: { ...process.env, LD_PRELOAD: FAKETIME, FAKETIME: '-100d' } });
  await dialtone.reload('nginx');
  await until(async () => (await runOk('bash', ['-c', `curl -s --cacert ${certificate} ${dialtone.env.DIALTONE_URL}/api/ping; echo $?`])).stdout.trim() === '60',
    { what: 'clients to refuse the certificate' });
  const { certificate_end: said } = await examine(dialtone);
  assert.match(said.seen, /has expired/);
  await type(dialtone, said.mend);
  await dialtone.read();
  await dialtone.untilAnswering();
  await isWellAgain();
});
