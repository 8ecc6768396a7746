/*
 * Canaries: secrets that are known nowhere else are sent in every field and path that takes one, while all is
 * well and while each server is away, and then every log of every program and server is searched for them.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs/promises';
import { openSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';

import { createUser, login } from '../lib/accounts.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await ownInstance();
const user = await createUser(dialtone);
const canaries = [];
const canary = () => {
  canaries.push(`canary${crypto.randomBytes(12).toString('hex')}`);
  return canaries.at(-1);
};
const { json: api } = await dialtone.api('GET', '/api/openapi.json');

/* MONITOR goes to a file beside the logs, so that it is searched like one. */
const monitors = [];
function watchRedis() {
  const out = openSync(path.join(dialtone.dir, 'log', 'redis-monitor.log'), 'a');
  const socket = dialtone.env.DIALTONE_REDIS.replace('unix://', '');
  monitors.push(spawn('redis-cli', ['-s', socket, 'monitor'], { stdio: ['ignore', out, 'ignore'] }));
}
after(() => monitors.forEach((child) => child.kill()));

/* With a token in the path (accounts-api 3.3, 9, 11; realtime 3), served today or not. */
const tokenPaths = [
  (c) => `/provisioning/${c}`,
  (c) => `/provisioning/qrcode/${c}`,
  (c) => `/wizard/${c}`,
  (c) => `/f/${c}/name`,
  (c) => `/reset_password/${c}`,
  (c) => `/api/accounts/me/api_key/${c}`,
  (c) => `/api/accounts/auth_token/${c}/attach`,
  (c) => `/webrest/accounts/me/auth_token/${c}/`,
  (c) => `/api/accounts/${user.username}@${user.domain}/recover/${c}`,
  (c) => `/creation_token/check/${c}`,
  (c) => `/api/creation_token/check/${c}`,
  (c) => `/Creation_Token/Check/${c}`,
  (c) => `/webrest/accounts/me/api_key/${c}`,
  (c) => `/accounts/auth_token/${c}/attach`,
  (c) => `/api/ws/?EIO=4&transport=polling&sid=${c}`,
  (c) => `/socket.io/?EIO=4&transport=websocket&sid=${c}&token=${c}`,
  ...Object.keys(api.paths).filter((row) => /\{(\w*token|recover_key)\}/.test(row)).map((row) => (c) => row.replace(/\{\w*(token|key)\}/, c).replace(/\{\w+\}/, 'x')),
];

const headers = [
  (c) => ({ 'x-api-key': c }),
  (c) => ({ Cookie: `x-api-key=${c}` }),
  (c) => ({ Authorization: `Bearer ${c}` }),
  (c) => ({ Authorization: `Basic ${c}` }),
  (c) => ({ From: `sip:${user.username}@${user.domain}`, Authorization: `Digest username="${user.username}", realm="${user.domain}", nonce="${c}", uri="/", response="${c}"` }),
  (c) => ({ 'x-api-key': user.key, Authorization: `${user.username}:${c}` }),
];

const isSecret = (name) => /password|secret|token|otp|key/.test(name);

/* The rows that take a body, each with all its fields: canaries where a secret goes. */
function* bodies() {
  for (const [where, methods] of Object.entries(api.paths)) {
    for (const [method, row] of Object.entries(methods)) {
      const schema = row.requestBody?.content?.['application/json']?.schema;
      const name = schema?.$ref?.split('/').at(-1);
      const fields = Object.keys((name ? api.components.schemas[name] : schema)?.properties ?? {});
      if (fields.length) yield [method.toUpperCase(), where, fields];
    }
  }
}

/* Over polling, to whichever relay answers, if one does. */
async function loginOverSocket(args) {
  const where = '/api/ws/?EIO=4&transport=polling';
  const open = await dialtone.client.request('GET', where, {}).catch(() => undefined);
  const [, sid] = open?.text?.match(/"sid":"([^"]+)"/) ?? [];
  for (const body of sid ? ['40', `42["login",${JSON.stringify(args)}]`] : []) {
    await dialtone.client.request('POST', `${where}&sid=${sid}`, { body, headers: { 'Content-Type': 'text/plain' } }).catch(() => {});
  }
}

async function sendEverything() {
  const send = (method, where, options) => dialtone.client.request(method, where, options).catch(() => {});
  for (const make of tokenPaths) for (const method of ['GET', 'POST']) await send(method, make(canary()), {});
  for (const make of headers) await send('GET', '/api/accounts/me', { headers: make(canary()) });
  for (const [method, where, fields] of bodies()) {
    const body = Object.fromEntries(fields.map((name) => [name, isSecret(name) ? canary() : 'x']));
    const target = where.replace(/\{\w+\}/g, '1');
    for (const who of [{}, { Authorization: `Bearer ${user.token}` }]) await send(method, target, { headers: who, body });
  }
  await send('POST', '/api/login', { body: { username: user.username, password: canary() } });
  /* Typed into the wrong field. */
  for (const username of [canary(), `${canary()}@${user.domain}`]) await send('POST', '/api/login', { body: { username, password: canary() } });
  await loginOverSocket({ accessKeyId: canary(), token: canary() });
  await send('POST', '/api/accounts', { headers: { 'x-api-key': dialtone.env.DIALTONE_ADMIN_API_KEY },
    body: { username: `well${canaries.length}`, password: canary(), algorithm: 'SHA-256', activated: true } });
}

/* What Redis found slow, every command here, stands in no file: it is put beside the logs. */
async function readSlowlog() {
  const text = await dialtone.redis('slowlog', 'get', '100000');
  await fs.appendFile(path.join(dialtone.dir, 'log', 'redis-slowlog.log'), text);
}

test('canaries_stand_in_no_log_while_all_is_well', async () => {
  await dialtone.redis('config', 'set', 'slowlog-log-slower-than', '0');
  await dialtone.redis('config', 'set', 'slowlog-max-len', '100000');
  watchRedis();
  await until(async () => (await dialtone.log('redis-monitor')).includes('OK'), { what: 'the monitor' });
  await sendEverything();
  await login(dialtone, user);
  await readSlowlog();
  assert.ok(canaries.length > 30, `${canaries.length} canaries`);
  assert.ok((await dialtone.log('redis-monitor')).length > 100, 'the monitor heard something');
  assert.deepEqual(await dialtone.leaks(canaries), []);
});

for (const [name, servers] of [['the_api', ['api']], ['the_relays', ['relay-aa', 'relay-ab']], ['postgresql', ['postgres']], ['redis', ['redis']]]) {
  test(`canaries_stand_in_no_log_while_${name}_is_killed_stopped_and_back`, async () => {
    await dialtone.kill(...servers);
    await sendEverything();
    await dialtone.start(...servers);
    await dialtone.stop(...servers);
    await sendEverything();
    await dialtone.start(...servers);
    await dialtone.untilAnswering();
    await sendEverything();
    await until(async () => (await dialtone.log('access')).length > 0, { what: 'the access log' });
    assert.deepEqual(await dialtone.leaks(canaries), []);
  });
}

test('nginx_still_says_that_the_api_was_away', async () => {
  await dialtone.kill('api');
  await dialtone.client.request('GET', '/api/ping');
  await dialtone.start('api');
  assert.match(await dialtone.log('nginx'), /GET \/api\/ping/, 'paths without a token are logged');
});

test('a_program_that_crashes_leaves_no_core_file', async () => {
  const pids = [await dialtone.pid('api'), ...await dialtone.workers(), await dialtone.pid('jobs'), await dialtone.pid('relay-aa')];
  for (const pid of pids) {
    const limits = await fs.readFile(`/proc/${pid}/limits`, 'utf8');
    assert.match(limits, /^Max core file size +0 /m, String(pid));
  }
});
