/* What nobody may find: after the tests before this one, and after every way a secret can go astray. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createUser, login, randomName } from '../lib/accounts.mjs';
import { challenge, digestAuthorization, digestRequest } from '../lib/digest.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { keysOf } from '../lib/keys.mjs';
import { commandLines, runOk } from '../lib/run.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await sharedInstance();

/* Every request is in the log once the last one is. */
async function logsAreWritten() {
  const id = (await dialtone.api('GET', '/api/ping')).header('x-request-id');
  await until(async () => (await dialtone.log('api')).includes(id) && (await dialtone.log('access')).includes(id), { what: 'the last log line' });
}

const ha1s = async () => (await dialtone.sql('SELECT password FROM passwords')).flat();

test('secrets_that_went_astray_stand_in_no_log', async () => {
  const user = await createUser(dialtone);
  const [line] = await challenge(dialtone, user);
  const authorization = digestAuthorization(line, { ...user, method: 'GET', uri: '/api/accounts/me' });
  const astray = [
    ['GET', `/api/accounts/me?password=${user.password}&token=${user.token}`, {}],
    ['GET', '/api/accounts/me', { headers: { 'x-api-key': user.token, Cookie: `x-api-key=${user.key}` } }],
    ['GET', '/api/accounts/me', { headers: { Authorization: `Bearer ${user.key}` } }],
    ['GET', '/api/user/me', { headers: { Authorization: `Basic ${user.token}` } }],
    ['POST', '/api/login', { body: `{"username":"${user.username}","password":"${user.password}"` }],
    ['POST', '/api/login', { body: { username: user.password, password: 'in the wrong field' } }],
    ['POST', '/api/accounts', { as: 'admin', body: { username: 'UPPER', password: user.password } }],
    ['POST', '/api/accounts', { as: 'admin', body: `{"password":"${user.password}"`, headers: { 'Content-Type': 'application/json' } }],
    ['POST', '/api/accounts', { as: 'admin', body: user.password, headers: { 'Content-Type': 'text/plain' } }],
    ['GET', '/api/accounts/me', { headers: { From: `sip:${user.username}@${user.domain}`, Authorization: `${authorization}, broken` } }],
    ['GET', '/api/ping', { headers: { 'User-Agent': 'agent' } }],
  ];
  for (const [method, path, options] of astray) {
    const answer = await dialtone.api(method, path, options);
    assert.ok(!answer.text.includes(user.password), `${method} ${path.slice(0, 20)} repeats a password`);
  }
  await digestRequest(dialtone, user);
  await dialtone.api('POST', '/api/logout', { token: await login(dialtone, user) });
  await logsAreWritten();
  const response = authorization.match(/response="([^"]+)"/)[1];
  assert.deepEqual(await dialtone.leaks([user.password, user.token, user.key, user.provisioning_token, response]), []);
});

test('no_log_of_the_whole_run_holds_a_secret', async () => {
  await logsAreWritten();
  const keys = (await Promise.all(['jwt', 'seal', 'digest', 'token'].map((purpose) => keysOf(dialtone, purpose)))).flat();
  const secrets = [...await dialtone.secrets(), ...await ha1s(), ...keys.map((key) => key.toString('hex')),
    dialtone.env.DIALTONE_ADMIN_PASSWORD, dialtone.env.DIALTONE_ADMIN_API_KEY, dialtone.env.DIALTONE_USER_PASSWORD];
  assert.ok(secrets.length > 20, 'there are secrets to look for');
  assert.deepEqual(await dialtone.leaks(secrets), []);
});

test('what_looks_like_a_token_is_in_no_log', async () => {
  for (const name of ['api', 'access', 'nginx', 'jobs']) {
    assert.doesNotMatch(await dialtone.log(name), /eyJ[\w-]{10,}\.|Bearer \w|Digest username|x-api-key=/, name);
  }
});

test('database_holds_hashes_and_nothing_that_opens_a_door', async () => {
  const user = await createUser(dialtone, { username: randomName('dumped'), activated: false });
  const { stdout: dump } = await runOk('pg_dump', ['--inserts', '-d', dialtone.env.DIALTONE_PG]);
  assert.ok(dump.includes(user.username), 'the account is in the dump');
  const everything = [...await dialtone.secrets(), user.password, user.key, user.token, user.provisioning_token, user.confirmation_key,
    dialtone.env.DIALTONE_ADMIN_API_KEY, dialtone.env.DIALTONE_ADMIN_PASSWORD];
  assert.deepEqual(everything.filter((secret) => dump.includes(secret)), []);
  const hex = (text) => Buffer.from(text).toString('hex');
  assert.deepEqual(everything.filter((secret) => dump.includes(hex(secret))), [], 'nor as bytes');
});

test('redis_holds_nothing_that_opens_a_door', async () => {
  const user = await createUser(dialtone);
  const names = (await dialtone.redis('--raw', 'keys', '*')).split('\n');
  const values = await Promise.all(names.filter((name) => name.includes(':tok:')).map((name) => dialtone.redis('hgetall', name)));
  const all = [...names, ...values].join('\n');
  assert.deepEqual([user.password, user.key, user.token].filter((secret) => all.includes(secret)), []);
});

test('keys_file_and_credentials_are_for_the_owner_only', async () => {
  const { stdout } = await runOk('stat', ['-c', '%a', `${dialtone.dir}/keys`, `${dialtone.dir}/instance.env`]);
  assert.deepEqual(stdout.trim().split('\n'), ['600', '600']);
});

test('5.31 no_process_shows_a_secret_in_its_arguments', async () => {
  const lines = await commandLines();
  const secrets = [dialtone.env.DIALTONE_ADMIN_PASSWORD, dialtone.env.DIALTONE_ADMIN_API_KEY, ...(await keysOf(dialtone, 'jwt')).map((key) => key.toString('hex'))];
  assert.deepEqual(secrets.filter((secret) => lines.some((line) => line.includes(secret))), []);
});
