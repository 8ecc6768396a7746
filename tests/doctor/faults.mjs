/*
 * What goes wrong in practice, as rows: how it is seeded, which check names it, and the line that mends it.
 *
 *   check, verdict   who names it, and how ('wrong', unless said)
 *   seen, mend       what the finding and its line look like
 *   typed: false     the line is for a machine that is not this one, so `end` mends it
 *   end, after       puts back what the line does not; what is to be true then
 *   left             what is still said when the line was typed, and why not all is well yet
 *   slow             it is noticed within seconds
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';

import { buildDir, freePort, sanitizerEnv, temporaryDirectory } from '../lib/instance.mjs';
import { runOk } from '../lib/run.mjs';
import { until } from '../lib/until.mjs';

const LIBRARIES = `/usr/lib/${execFileSync('cc', ['-print-multiarch'], { encoding: 'utf8' }).trim()}`;
export const FAKETIME = path.join(LIBRARIES, 'faketime/libfaketime.so.1');
export const NAMES = ['pbx.test', 'two.test'];

const here = (dialtone, ...names) => path.join(dialtone.dir, ...names);
const nginxFile = (dialtone) => here(dialtone, 'nginx/nginx.conf');
const keysFile = (dialtone) => here(dialtone, 'keys');
const redisSocket = (dialtone) => dialtone.env.DIALTONE_REDIS.replace('unix://', '');

async function edit(file, from, to) {
  const text = await fs.readFile(file, 'utf8');
  assert.match(text, from);
  await fs.writeFile(file, text.replace(from, to));
}

const saved = new Map();
async function save(file) {
  saved.set(file, await fs.readFile(file));
}
const putBack = (file) => fs.writeFile(file, saved.get(file));
async function withSaved(file, change) {
  await save(file);
  await change();
}
const nginxFault = (change) => ({
  seed: (dialtone) => withSaved(nginxFile(dialtone), () => change(nginxFile(dialtone))),
  after: async (dialtone) => {
    await putBack(nginxFile(dialtone));
    await dialtone.stop('nginx');
    await dialtone.start('nginx');
  },
});
const configFault = (change, rest = {}) => ({
  seed: (dialtone) => withSaved(dialtone.env.DIALTONE_CONFIG, () => change(dialtone)),
  after: async (dialtone) => {
    await putBack(dialtone.env.DIALTONE_CONFIG);
    await rest.after?.(dialtone);
  },
});

const asOwner = (dialtone, database, ...commands) => runOk('psql', ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-U', 'postgres',
  '-h', here(dialtone, 'run/pg'), '-d', database, ...commands.flatMap((command) => ['-c', command])]);

/* Out of the way, and another one in its place. */
async function renameDatabase(dialtone, from, to) {
  await asOwner(dialtone, 'postgres', `ALTER DATABASE ${from} ALLOW_CONNECTIONS false`,
    `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '${from}'`,
    `ALTER DATABASE ${from} RENAME TO ${to}`, `ALTER DATABASE ${to} ALLOW_CONNECTIONS true`);
}

/* A certificate for the key there is; days may be long ago. */
async function showCertificate(dialtone, { begin = '-1d', days, names = NAMES }) {
  await save(here(dialtone, 'tls/server.crt'));
  await runOk('openssl', ['req', '-x509', '-new', '-key', here(dialtone, 'tls/server.key'), '-days', String(days), '-subj', '/CN=localhost',
    '-addext', `subjectAltName=${['localhost', ...names].map((name) => `DNS:${name}`).join()}`, '-out', here(dialtone, 'tls/server.crt')],
  { env: { ...process.env, LD_PRELOAD: FAKETIME, FAKETIME: begin } });
}
const certificateFault = (options) => ({
  seed: (dialtone) => showCertificate(dialtone, options),
  after: (dialtone) => dialtone.read(),
});

const anEvent = (dialtone) => dialtone.sql(`UPDATE accounts SET display_name = 'Number ' || random() WHERE username = 'demouser'`);
const ctl = (dialtone, ...args) => dialtone.ctl(args);
const setRedis = (dialtone, ...settings) => dialtone.redis('config', 'set', ...settings);
const withSetting = (name, value, section) => configFault((dialtone) => dialtone.writeSettings({ [name]: value }, section));

let other; /* a process that is in the way */

/* A session of the owner under a name of its own. */
function inDatabase(dialtone, name, sql) {
  const session = spawn('psql', ['-X', '-q', '-U', 'postgres', '-h', here(dialtone, 'run/pg'), '-d', 'dialtone', '-c', sql],
    { env: { ...process.env, PGAPPNAME: name }, stdio: 'ignore' });
  session.ended = new Promise((resolve) => { session.on('exit', resolve); });
  return session;
}

/* What goes wrong in the years of an operator. */
export const FAULTS = {
  postgres_stopped: {
    check: 'postgres', seen: /No such file|refused/, mend: /^packaging\/instance start \S+ postgres$/,
    seed: (dialtone) => dialtone.stop('postgres'),
  },
  role_wrong: {
    check: 'postgres', seen: /authentication failed for user "wrong"/, mend: /^sed .*postgres = host=/,
    ...configFault((dialtone) => dialtone.writeSettings({ postgres: `host=${here(dialtone, 'run/pg')} dbname=dialtone user=wrong` }, 'common'),
      { after: async (dialtone) => { await dialtone.untilAnswering(); } }),
  },
  grant_missing: {
    check: 'postgres_grants', seen: /may not read and write 1 tables, accounts/, mend: /GRANT ALL ON ALL TABLES/,
    seed: (dialtone) => asOwner(dialtone, 'dialtone', 'REVOKE INSERT ON accounts FROM dialtone'),
  },
  schema_behind: {
    check: 'postgres_schema', seen: /behind the programs by \d+ migrations/, mend: /dialtonectl --config \S+ migrate$/, slow: true,
    seed: async (dialtone) => {
      await renameDatabase(dialtone, 'dialtone', 'aside');
      await asOwner(dialtone, 'postgres', 'CREATE DATABASE dialtone OWNER dialtone');
    },
    after: async (dialtone) => {
      await renameDatabase(dialtone, 'dialtone', 'empty');
      await renameDatabase(dialtone, 'aside', 'dialtone');
      await asOwner(dialtone, 'postgres', 'DROP DATABASE empty');
    },
  },
  schema_changed: {
    check: 'postgres_schema', seen: /not the one that was applied/, mend: /schema/, typed: false,
    seed: (dialtone) => dialtone.sql('UPDATE schema_migrations SET checksum = reverse(checksum) WHERE version = 3'),
    end: (dialtone) => dialtone.sql('UPDATE schema_migrations SET checksum = reverse(checksum) WHERE version = 3'),
  },
  table_locked: {
    check: 'postgres_locks', seen: /^process \d+ of PostgreSQL \(role postgres, program holder\) has a lock that \d+ others wait for$/,
    mend: /SELECT pg_terminate_backend\(\d+\)/, slow: true,
    seed: async (dialtone) => {
      other = inDatabase(dialtone, 'holder', 'BEGIN; LOCK TABLE accounts; SELECT pg_sleep(60)');
      await until(async () => (await asOwner(dialtone, 'dialtone', `SELECT count(*) FROM pg_locks
        WHERE relation = 'accounts'::regclass AND mode = 'AccessExclusiveLock' AND granted`)).stdout.trim() === '1', { what: 'the lock' });
      other.waiter = inDatabase(dialtone, 'waiter', 'SELECT count(*) FROM accounts');
    },
    after: () => Promise.all([other.ended, other.waiter.ended]),
  },
  max_connections_too_small: {
    check: 'postgres_connections', seen: /take \d+ connections \(workers = 200\), PostgreSQL has 147/, mend: /ALTER SYSTEM SET max_connections = \d+/,
    ...withSetting('workers', '200', 'api'),
  },
  role_is_superuser: {
    check: 'postgres_role', verdict: 'warn', seen: /everything on the whole server/, mend: /NOSUPERUSER/,
    seed: (dialtone) => asOwner(dialtone, 'dialtone', 'ALTER ROLE dialtone SUPERUSER'),
  },
  redis_stopped: {
    check: 'redis', seen: /No such file|refused/, mend: /^packaging\/instance start \S+ redis$/,
    seed: (dialtone) => dialtone.stop('redis'),
  },
  redis_without_acl: {
    check: 'redis_users', seen: /\[jobs\] names no password/, mend: /\[jobs\\\]\/a redis_password_file = /,
    ...configFault((dialtone) => edit(dialtone.env.DIALTONE_CONFIG, /redis_password_file = \S+dialtone-jobs\n/, '')),
  },
  redis_password_refused: {
    check: 'redis_users', seen: /\[relay\]: .*WRONGPASS/, mend: /packaging\/redis-users/, typed: false,
    seed: (dialtone) => withSaved(here(dialtone, 'redis/passwords/dialtone-relay'), () => fs.writeFile(here(dialtone, 'redis/passwords/dialtone-relay'), 'another\n')),
    end: (dialtone) => putBack(here(dialtone, 'redis/passwords/dialtone-relay')),
  },
  redis_default_user_open_on_tcp: {
    check: 'redis_default_user', seen: /on port \d+ every caller is the user default/, mend: /^redis-cli -s \S+ config set port 0$/,
    seed: async (dialtone) => setRedis(dialtone, 'port', String(await freePort())),
  },
  redis_evicts: {
    check: 'redis_memory', seen: /maxmemory-policy allkeys-lru/, mend: /^redis-cli -s \S+ config set maxmemory-policy noeviction$/,
    seed: (dialtone) => setRedis(dialtone, 'maxmemory', '100mb', 'maxmemory-policy', 'allkeys-lru'),
    after: (dialtone) => setRedis(dialtone, 'maxmemory', '0'),
  },
  redis_full: {
    check: 'redis_memory', seen: /writes are refused/, mend: /config set maxmemory \d+mb$/,
    seed: (dialtone) => setRedis(dialtone, 'maxmemory', '1mb'),
    after: (dialtone) => setRedis(dialtone, 'maxmemory', '0'),
  },
  keys_missing: {
    check: 'keys_file', seen: /is missing: put its copy back/, mend: /dialtonectl --config \S+ keys create$/,
    left: 'wrong keys_fit', /* new keys open nothing */
    seed: (dialtone) => fs.rename(keysFile(dialtone), `${keysFile(dialtone)}.lost`),
    after: (dialtone) => fs.rename(`${keysFile(dialtone)}.lost`, keysFile(dialtone)),
  },
  keys_readable_by_others: {
    check: 'keys_file', seen: /all users of this machine/, mend: /^chmod 0600 \S+keys$/,
    seed: (dialtone) => fs.chmod(keysFile(dialtone), 0o644),
  },
  keys_older_than_the_database: {
    check: 'keys_fit', seen: /it is older than the database/, mend: /seal forget-unreadable$/, typed: false, /* it shows what would be lost */
    seed: async (dialtone) => {
      const old = await fs.readFile(keysFile(dialtone));
      assert.equal((await ctl(dialtone, 'keys', 'rotate', 'seal')).status, 0);
      assert.equal((await ctl(dialtone, 'seal', 're-encrypt')).status, 0);
      await save(keysFile(dialtone));
      await fs.writeFile(keysFile(dialtone), old);
    },
    end: (dialtone) => putBack(keysFile(dialtone)),
  },
  keys_two_years_old: {
    check: 'keys_age', verdict: 'warn', seen: /for 10\d\d days/, mend: /keys rotate jwt$/,
    seed: (dialtone) => fs.utimes(keysFile(dialtone), new Date(), new Date(Date.now() - 1000 * 86400e3)),
  },
  configuration_readable_by_others: {
    check: 'configuration', seen: /all users of this machine may read/, mend: /^chmod o= /,
    seed: (dialtone) => fs.chmod(dialtone.env.DIALTONE_CONFIG, 0o644),
  },
  dangerous_endpoints_on: {
    check: 'dangerous_settings', verdict: 'warn', seen: /dangerous_endpoints is on/, mend: /dangerous_endpoints = false/,
    ...withSetting('dangerous_endpoints', 'true', 'api'),
  },
  public_url_empty_with_two_spaces: {
    check: 'public_url', seen: /there are 2 spaces/, mend: /public_url = https:\/\/pbx\.test/,
    ...configFault(async (dialtone) => {
      assert.equal((await ctl(dialtone, 'space', 'create', 'second.test', 'two.test', 'Second')).status, 0);
      await edit(dialtone.env.DIALTONE_CONFIG, /public_url = \S+\n/, '');
    }, { after: (dialtone) => dialtone.sql("DELETE FROM spaces WHERE domain = 'second.test'") }),
  },
  nginx_stopped: {
    check: 'nginx', seen: /does not run/, mend: /start \S+ nginx$/,
    seed: (dialtone) => dialtone.stop('nginx'),
  },
  nginx_leads_nowhere: {
    check: 'nginx_file', seen: /nothing in .* leads to the API/, mend: /nginx\/render/, typed: false,
    seed: (dialtone) => withSaved(nginxFile(dialtone), () => edit(nginxFile(dialtone), /include "[^"]*server.conf";|fastcgi_pass dialtone_api_kept;/g, '')),
    end: (dialtone) => putBack(nginxFile(dialtone)),
  },
  worker_connections_too_small: {
    check: 'nginx_connections', seen: /worker_connections 768, /, mend: /^sed .*worker_connections \d+/,
    ...nginxFault((file) => edit(file, /worker_connections \d+;/, 'worker_connections 768;')),
  },
  nginx_descriptors_too_few: {
    check: 'nginx_descriptors', seen: /may open 1000 descriptors/, mend: /worker_rlimit_nofile \d+/,
    ...nginxFault((file) => edit(file, /worker_rlimit_nofile \d+;/, 'worker_rlimit_nofile 1000;')),
  },
  default_server_missing: {
    check: 'nginx_default_server', seen: /no default server refuses it/, mend: /^sed .*default_server/,
    ...nginxFault((file) => edit(file, /^server \{\n(?:(?!^\}).*\n)*?.*default_server(?:(?!^\}).*\n)*\}\n/m, '')),
  },
  host_of_a_space_not_served: {
    check: 'nginx_hosts', seen: /the host two\.test of a space/, mend: /^sed .*server_name/,
    seed: async (dialtone) => {
      await save(nginxFile(dialtone));
      await edit(nginxFile(dialtone), / two\.test/g, '');
      assert.equal((await ctl(dialtone, 'space', 'create', 'second.test', 'two.test', 'Second')).status, 0);
    },
    after: async (dialtone) => {
      await dialtone.sql("DELETE FROM spaces WHERE domain = 'second.test'");
      await putBack(nginxFile(dialtone));
    },
  },
  certificate_expired: {
    check: 'certificate_end', seen: /has expired/, mend: /^rm \S+server\.crt && /, ...certificateFault({ begin: '-100d', days: 90 }),
  },
  certificate_ends_in_ten_days: {
    check: 'certificate_end', verdict: 'warn', seen: /ends in (9|10) days/, mend: /^rm \S+server\.crt && /, ...certificateFault({ begin: '-80d', days: 90 }),
  },
  certificate_of_another_host: {
    check: 'certificate_names', seen: /no certificate is for pbx\.test/, mend: /^rm \S+server\.crt && /, ...certificateFault({ days: 90, names: ['else.test'] }),
  },
  clock_five_minutes_off: {
    check: 'clock', seen: /this machine is (29\d|30\d) s behind PostgreSQL/, mend: /^timedatectl set-ntp true$/, typed: false, slow: true,
    seed: async (dialtone) => {
      await dialtone.stop('postgres');
      await runOk('packaging/instance', ['start', dialtone.dir, 'postgres'], { env: { ...sanitizerEnv, FAKETIME: '+300s', FAKETIME_DONT_FAKE_MONOTONIC: '1', LD_PRELOAD: FAKETIME } });
    },
    end: async (dialtone) => {
      await dialtone.stop('postgres');
      await dialtone.start('postgres');
    },
  },
  jobs_stopped_with_rows_waiting: {
    check: 'jobs', seen: /[1-9]\d* events wait, the first since \d+ s/, mend: /start \S+ jobs$/,
    seed: async (dialtone) => {
      await dialtone.stop('jobs');
      await anEvent(dialtone);
      assert.equal((await ctl(dialtone, 'status')).status, 1, 'status fails, too');
    },
    after: (dialtone) => until(async () => (await ctl(dialtone, 'status')).status === 0, { what: 'status to be well' }),
  },
  outbox_left_alone: {
    check: 'outbox', seen: /though dialtone-jobs is connected/, mend: /start \S+ jobs$/, typed: false,
    seed: async (dialtone) => {
      process.kill(await dialtone.pid('jobs'), 'SIGSTOP');
      await anEvent(dialtone);
      await dialtone.sql("UPDATE outbox SET created_at = now() - interval '10 minutes'");
    },
    end: async (dialtone) => process.kill(await dialtone.pid('jobs'), 'SIGCONT'),
  },
  mails_without_a_server: {
    check: 'mails', verdict: 'warn', seen: /1 mails wait, and no mail server is named/, mend: /mail_server = /, typed: false,
    seed: (dialtone) => dialtone.sql(`INSERT INTO jobs (kind, domain, payload, expires_at, due_at)
      VALUES ('mail.test', '${dialtone.env.DIALTONE_DOMAIN}', '{}', now() + interval '1 hour', now() + interval '1 hour')`),
    end: (dialtone) => dialtone.sql('DELETE FROM jobs'),
  },
  mails_given_up: {
    check: 'dead_jobs', verdict: 'warn', seen: /1 mails or messages were given up/, mend: /jobs list --state dead$/, typed: false,
    seed: (dialtone) => dialtone.sql(`INSERT INTO jobs (kind, domain, payload, expires_at, ended_at)
      VALUES ('mail.test', '${dialtone.env.DIALTONE_DOMAIN}', '{}', now() + interval '1 hour', now())`),
    end: (dialtone) => dialtone.sql('DELETE FROM jobs'),
  },
  api_stopped: {
    check: 'api', seen: /No such file|refused/, mend: /start \S+ api$/,
    seed: (dialtone) => dialtone.stop('api'),
    after: (dialtone) => dialtone.untilAnswering(),
  },
  api_hangs: {
    check: 'api', seen: /no answer in time/, mend: /start \S+ api$/, typed: false,
    seed: async (dialtone) => { for (const pid of await dialtone.workers()) process.kill(pid, 'SIGSTOP'); },
    end: async (dialtone) => { for (const pid of await dialtone.workers()) process.kill(pid, 'SIGCONT'); },
  },
  api_worker_stopped: {
    check: 'api', verdict: 'warn', seen: /it answers at .*, and its process \d+ is stopped/, mend: /^kill -CONT \d+$/,
    seed: async (dialtone) => process.kill((await dialtone.workers())[0], 'SIGSTOP'),
  },
  relay_stopped: {
    check: 'relays', seen: /relay ab at unix:/, mend: /start \S+ relay-ab$/,
    seed: (dialtone) => dialtone.stop('relay-ab'),
  },
  two_relays_with_one_id: {
    check: 'relay_ids', seen: /2 relays have the id aa/, mend: /^kill \d+$/, slow: true,
    seed: async (dialtone) => {
      const dir = await temporaryDirectory('other');
      other = spawn(path.join(buildDir, 'dialtone-relay'), ['--config', dialtone.env.DIALTONE_CONFIG, '--id=aa', `--listen=unix:${path.join(dir, 'relay.sock')}`],
        { env: sanitizerEnv, stdio: 'ignore' });
      other.ended = new Promise((resolve) => { other.on('exit', resolve); });
      other.dir = dir;
    },
    after: async () => {
      await other.ended;
      await fs.rm(other.dir, { recursive: true });
    },
  },
  relay_descriptors_too_few: {
    check: 'relay_descriptors', seen: /relay aa may open 1000 descriptors/, mend: /^ulimit -n \d+ && .*start \S+ relay-aa$/, slow: true,
    seed: async (dialtone) => {
      await dialtone.stop('relay-aa');
      await runOk('prlimit', ['--nofile=1000:1000', 'packaging/instance', 'start', dialtone.dir, 'relay-aa'], { env: sanitizerEnv });
    },
  },
  dialtone_pbx_missing: {
    check: 'pbx', seen: /no dialtone-pbx is connected/, mend: /start \S+ pbx$/, typed: false,
    ...configFault((dialtone) => dialtone.writeSettings({ call_backend: 'kamailio' }, 'api')),
    end: (dialtone) => putBack(dialtone.env.DIALTONE_CONFIG),
  },
  kamailio_away: {
    check: 'kamailio', seen: /does not answer at http:/, mend: /start \S+ kamailio$/, typed: false,
    seed: async (dialtone) => {
      await save(dialtone.env.DIALTONE_CONFIG);
      await dialtone.writeSettings({ registrar: 'kamailio', kamailio_rpc: `http://127.0.0.1:${await freePort()}/RPC` }, 'api');
      await asOwner(dialtone, 'dialtone', 'CREATE SCHEMA kamailio AUTHORIZATION dialtone', 'CREATE TABLE kamailio.location (id int)',
        'ALTER TABLE kamailio.location OWNER TO dialtone');
    },
    end: async (dialtone) => {
      await putBack(dialtone.env.DIALTONE_CONFIG);
      await asOwner(dialtone, 'dialtone', 'DROP SCHEMA kamailio CASCADE');
    },
  },
  library_replaced_since: {
    check: 'libraries', verdict: 'warn', seen: /^dialtone-jobs \(process \d+\) runs 1 files that have been replaced, such as .*libold\.so/, mend: /start \S+ jobs$/,
    rootOnly: true,
    seed: async (dialtone) => {
      const old = here(dialtone, 'libold.so');
      await fs.copyFile(path.join(LIBRARIES, 'libutil.so.1'), old);
      await dialtone.stop('jobs');
      await runOk('packaging/instance', ['start', dialtone.dir, 'jobs'], { env: { ...sanitizerEnv, LD_PRELOAD: old,
        ASAN_OPTIONS: `${sanitizerEnv.ASAN_OPTIONS}:verify_asan_link_order=0` } });
      await fs.rm(old);
    },
    slow: true,
  },
  disk_nearly_full: {
    check: 'disk', seen: /\/log is (9[5-9]|100) % full/, mend: /^du -xh /, rootOnly: true,
    seed: async (dialtone) => {
      await runOk('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', here(dialtone, 'log')]);
      await fs.writeFile(here(dialtone, 'log/filler'), Buffer.alloc(1000 << 10));
    },
    end: (dialtone) => runOk('umount', ['-l', here(dialtone, 'log')]),
  },
};

/* As in faults of the table, but what mends it changes users of the machine: it is typed where /etc is a copy. */
export async function shutNginxOut(dialtone) {
  const sockets = ['api', 'relay-aa', 'relay-ab'].map((name) => here(dialtone, `run/${name}.sock`));
  await save(nginxFile(dialtone));
  await edit(nginxFile(dialtone), /^user root;/m, 'user www-data;');
  await runOk('chgrp', ['games', ...sockets]);
  return async () => {
    await dialtone.stop('nginx');
    await putBack(nginxFile(dialtone));
    await runOk('chgrp', ['root', ...sockets]);
    await dialtone.start('nginx');
  };
}

export const isWorkable = ({ rootOnly }) => !rootOnly || process.getuid() === 0;
