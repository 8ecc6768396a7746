/* What dialtone-api refuses to start with, and how it says so. */
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { buildDir, sanitizerEnv, sharedInstance, sourceDir, temporaryDirectory } from '../lib/instance.mjs';
import { run, runOk } from '../lib/run.mjs';

const dialtone = await sharedInstance();
const dir = await temporaryDirectory('startup');
const conf = path.join(dir, 'dialtone.conf');
const scratch = `scratch_${process.pid}`;
const conninfo = dialtone.env.DIALTONE_PG.replace('dbname=dialtone', `dbname=${scratch}`);

const asOwner = (database, statement) => runOk('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-U', 'postgres',
  '-d', dialtone.env.DIALTONE_PG.replace('user=dialtone', '').replace('dbname=dialtone', `dbname=${database}`), '-c', statement]);

before(async () => {
  await asOwner('postgres', `CREATE DATABASE ${scratch} OWNER dialtone`);
  await configure();
  await runOk(path.join(buildDir, 'dialtonectl'), ['--config', conf, 'keys', 'create'], { env: sanitizerEnv });
  await runOk(path.join(buildDir, 'dialtonectl'), ['--config', conf, 'migrate'], { env: sanitizerEnv });
});

after(async () => {
  await asOwner('postgres', `DROP DATABASE ${scratch} WITH (FORCE)`);
  await fs.rm(dir, { recursive: true, force: true });
});

/* Writes the configuration, in which more lines may stand, and says how it would be started. */
async function configure({ common = '', api = '' } = {}) {
  await fs.writeFile(conf, `postgres = ${conninfo}
redis = ${dialtone.env.DIALTONE_REDIS.replace('unix://', 'unix:')}
keys_file = ${path.join(dir, 'keys')}
${common}
[api]
listen = ${path.join(dir, 'api.sock')}
workers = 1
${api}`);
}

/* It has to end by itself: one that goes on is ended, and its status is null. */
async function isRefused(pattern, { args = [], env = {} } = {}) {
  const { status, stdout, stderr } = await run(path.join(buildDir, 'dialtone-api'), ['--config', conf, ...args],
    { env: { ...sanitizerEnv, ...env }, seconds: 20 });
  assert.ok(status > 0, `status ${status}: ${stdout}${stderr}`);
  assert.match(stderr, pattern);
  return stderr;
}

test('schema_that_does_not_fit_is_refused_with_the_name_of_the_statement', async () => {
  await configure();
  await asOwner(scratch, 'ALTER TABLE accounts RENAME COLUMN user_agent TO agent');
  await isRefused(/identity_by_key_with_account/);
  await asOwner(scratch, 'ALTER TABLE accounts RENAME COLUMN agent TO user_agent');
});

test('column_of_another_type_is_refused_with_the_name_of_the_statement', async () => {
  await configure();
  await asOwner(scratch, 'ALTER TABLE spaces ALTER COLUMN max_accounts TYPE numeric');
  await isRefused(/space_list.*max_accounts/);
  await asOwner(scratch, 'ALTER TABLE spaces ALTER COLUMN max_accounts TYPE bigint');
});

test('missing_keys_file_is_refused', async () => {
  await configure();
  await isRefused(/none/, { args: [`--keys_file=${dir}/none`] });
});

test('keys_file_that_others_may_read_is_refused', async () => {
  await configure();
  await fs.chmod(path.join(dir, 'keys'), 0o644);
  await isRefused(/keys/);
  await fs.chmod(path.join(dir, 'keys'), 0o600);
});

test('broken_keys_file_is_refused_with_the_line_and_without_the_key', async () => {
  const keys = await fs.readFile(path.join(dir, 'keys'), 'utf8');
  const broken = path.join(dir, 'broken');
  await fs.writeFile(broken, `${keys.trimEnd()}\njwt 9 ${'ab'.repeat(31)}xy\n`, { mode: 0o600 });
  await configure();
  const line = keys.trimEnd().split('\n').length + 1;
  const said = await isRefused(new RegExp(`broken, line ${line}:`), { args: [`--keys_file=${broken}`] });
  assert.doesNotMatch(said, /abab|[0-9a-f]{64}/);
});

test('unknown_setting_is_refused_with_file_and_line', async () => {
  await configure({ api: 'wrokers = 3\n' });
  await isRefused(new RegExp(`${conf}:8: .*wrokers`));
});

test('all_mistakes_are_told_at_once', async () => {
  await configure({ common: 'log_level = loud', api: 'workers = many\nsession_days = 0\nadmin_auth_methods = key,smile\n' });
  const said = await isRefused(/log_level/);
  for (const [line, name] of [[4, 'log_level'], [8, 'workers'], [9, 'session_days'], [10, 'admin_auth_methods']]) {
    assert.match(said, new RegExp(`${conf}:${line}: .*${name}`));
  }
});

test('mistakes_in_the_environment_and_on_the_command_line_are_told_too', async () => {
  await configure();
  const said = await isRefused(/DIALTONE_API_WORKERS/, { args: ['--session_days=never'], env: { DIALTONE_API_WORKERS: '-1' } });
  assert.match(said, /session_days/);
});

test('second_server_on_the_same_socket_is_refused', async () => {
  const listen = (await fs.readFile(dialtone.env.DIALTONE_CONFIG, 'utf8')).match(/^\s*listen = (\S+)/m)[1];
  await configure();
  await isRefused(/api\.sock/, { args: [`--listen=${listen}`] });
  assert.ok(await dialtone.isAnswering(), 'and the first one goes on');
});

test('secrets_of_a_wrong_configuration_are_not_repeated', async () => {
  await configure();
  assert.doesNotMatch(await isRefused(/redis/, { env: { DIALTONE_REDIS: 'redis://:hunter2-secret@host:notaport/0' } }), /hunter2/);
});

/* systemd runs the lines in this order and stops at the first that fails. */
test('reload_of_each_unit_fails_visibly_with_a_broken_file', async () => {
  const units = path.join(sourceDir, 'packaging/systemd');
  for (const name of ['dialtone-api.service', 'dialtone-jobs.service', 'dialtone-pbx.service', 'dialtone-relay@.service']) {
    const lines = [...(await fs.readFile(path.join(units, name), 'utf8')).matchAll(/^ExecReload=(.*)$/gm)].map(([, line]) => line);
    assert.match(lines.at(-1), /kill -HUP/, name);
    const [program, ...args] = lines[0].replaceAll('/usr/bin', buildDir).replaceAll('/etc/dialtone/dialtone.conf', conf).split(' ');
    await configure();
    await runOk(program, args, { env: sanitizerEnv });
    await configure({ api: 'session_days = many\n[relay]\nid = toolong\n' });
    const { status, stderr } = await run(program, args, { env: sanitizerEnv });
    assert.notEqual(status, 0, name);
    assert.match(stderr, /session_days must be[^]*id must be/);
  }
});

test('more_connections_than_descriptors_says_what_to_raise_and_what_to_lower', async () => {
  await configure();
  const { stderr } = await run('timeout', ['-s', 'TERM', '3', 'prlimit', '--nofile=200:200', path.join(buildDir, 'dialtone-relay'), '--config', conf,
    '--id=zz', `--listen=unix:${path.join(dir, 'relay.sock')}`, '--max_connections=20000'], { env: sanitizerEnv });
  assert.match(stderr, /max_connections is 20000 and takes 20064 descriptors, but only 200 may be open: 136 connections are let in/);
  assert.match(stderr, /LimitNOFILE= of the unit \(or ulimit -n\) to 20064, or lower max_connections to 136/);
});
