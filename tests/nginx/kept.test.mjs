/*
 * Which requests nginx sends on kept connections, and sends again when one breaks: GETs that change nothing, in
 * one spelling. Everything else has a fresh connection and is sent once. nginx is real, the API is not.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { after, test } from 'node:test';

import { fcgiServer } from '../lib/fcgi.mjs';
import { freePort, sourceDir, temporaryDirectory } from '../lib/instance.mjs';
import { rowsSentOnce } from '../lib/kept.mjs';
import { runOk } from '../lib/run.mjs';
import { until } from '../lib/until.mjs';

const dir = await temporaryDirectory('nginx-kept');
const port = await freePort();
let answer = () => 'ok';
const api = await fcgiServer(path.join(dir, 'api.sock'), (...args) => answer(...args));
const { stdout: conf } = await runOk(path.join(sourceDir, 'nginx/render'), ['--api', path.join(dir, 'api.sock'), '--relay', 'aa=unix:/x',
  '--plain', `127.0.0.1:${port}`, '--standalone', dir, ...(process.getuid() === 0 ? ['--user', 'root'] : [])]);
/* One process: it knows of each connection that is kept. */
await fs.writeFile(path.join(dir, 'nginx.conf'), conf.replace('worker_processes auto;', 'worker_processes 1;'));
const nginx = spawn('nginx', ['-e', 'stderr', '-c', path.join(dir, 'nginx.conf')],
  { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` }, stdio: 'ignore' });
const ended = new Promise((resolve) => nginx.once('exit', resolve));
after(async () => {
  nginx.kill('SIGTERM');
  await ended;
  api.close();
  await fs.rm(dir, { recursive: true, force: true });
});
await until(async () => (await ask('GET', '/api/ping').catch(() => ({}))).status === 200, { what: 'nginx' });

function ask(method, target, { headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, method, path: target, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => (text += part)).on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
    });
    request.on('error', reject).end(body);
  });
}

/* What the API was asked for one request. */
async function seen(method, target, options) {
  const before = api.calls.length;
  const { status } = await ask(method, target, options);
  assert.equal(status, 200, `${method} ${target}`);
  assert.equal(api.calls.length, before + 1, `${method} ${target}`);
  return api.calls.at(-1);
}
const isKept = async (...args) => (await seen(...args)).keep;

/* The rows that are sent once, with what could stand in their variables: also the words of other rows. */
async function freshPaths() {
  const text = await fs.readFile(path.join(sourceDir, 'nginx/kept.conf'), 'utf8');
  const rows = (await rowsSentOnce()).filter((row) => !row.includes('*}'));
  const words = new Set(['x', '42', 'a%40b.c', '%78', ...text.matchAll(/[a-z_-]{2,}/g)].map(String));
  return rows.flatMap((row) => {
    const variables = row.match(/\{\w+\}/g) ?? [];
    if (!variables.length) return [row];
    return variables.flatMap((variable) => [...words].map((word) => row.replace(variable, word).replaceAll(/\{\w+\}/g, 'x')));
  });
}

/* In batches: the server answers each with what it saw. */
async function waysOf(targets, method = 'GET') {
  answer = (call) => String(call.keep);
  const kept = [];
  for (let i = 0; i < targets.length; i += 50) {
    const batch = targets.slice(i, i + 50);
    const texts = await Promise.all(batch.map(async (target) => (await ask(method, target)).text));
    kept.push(...batch.filter((_, n) => texts[n] === 'true'));
  }
  answer = () => 'ok';
  return kept;
}

test('reads_go_on_kept_connections_below_both_prefixes', async () => {
  for (const target of ['/api/ping', '/api/accounts', '/api/accounts/42', '/api/accounts/me', '/api/accounts/sip:a@b.c/info', '/api/accounts/a%40b.c/info',
    '/api/user/me', '/webrest/user/me', '/api/spaces/a-b.example.org/email']) {
    assert.equal(await isKept('GET', target), true, target);
  }
  assert.equal((await seen('GET', '/api/ping')).fresh, false, 'one is used again');
});

test('rows_that_act_or_hold_a_secret_never_do_whatever_stands_in_their_variables', async () => {
  const targets = await freshPaths();
  for (const known of ['/api/accounts/me/api_key', '/api/accounts/42/activate', '/api/accounts/42/provision', '/api/2fa/qr-code']) assert.ok(targets.includes(known), known);
  assert.ok(targets.length > 500);
  assert.deepEqual(await waysOf(targets), []);
  assert.deepEqual(await waysOf(targets.map((target) => target.replace(/^\/api/, '/webrest')), 'HEAD'), []);
});

test('another_spelling_or_a_query_string_is_not_recognised', async () => {
  const targets = ['/api/accounts/42/', '//api/accounts/42', '/api//accounts/42', '/api/accounts//42', '/api/accounts/%34%32', '/api/%61ccounts/42', '/API/accounts/42', '/api/Accounts/42',
    '/api/accounts/42?x=1', '/api/accounts/42?', '/api/accounts/42;x', '/api/./accounts/42', '/api/accounts/x/../42', '/api/accounts/me/ap%69_key', '/api/accounts/a%2Fb', '/api/accounts/a%2fprovision',
    '/api/accounts/42%0a', '/api/accounts/42%20', '/api/accounts/a%3ab', '/webrest//user/me', '/x/api/accounts/42', '/api/accounts/42/provision', '/api/accounts/42/nothing'];
  assert.deepEqual(await waysOf(targets), []);
});

test('what_writes_or_has_a_body_has_a_connection_of_its_own', async () => {
  for (const method of ['HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'get']) {
    const { keep, fresh } = await seen(method, '/api/accounts/42', { headers: { 'Content-Length': '0' } });
    assert.deepEqual({ keep, fresh }, { keep: false, fresh: true }, method);
  }
  assert.equal(await isKept('GET', '/api/accounts/42', { headers: { 'Content-Length': '2' }, body: 'ab' }), false);
  assert.equal(await isKept('GET', '/api/accounts/42', { headers: { 'Transfer-Encoding': 'chunked' }, body: 'ab' }), false);
});

test('a_read_is_sent_again_when_its_kept_connection_breaks', async () => {
  assert.equal(await isKept('GET', '/api/ping'), true);
  const before = api.calls.length;
  answer = (call, socket) => (call.fresh ? 'second' : void socket.destroy());
  const { status, text } = await ask('GET', '/api/accounts/me');
  answer = () => 'ok';
  assert.deepEqual([status, text], [200, 'second']);
  assert.ok(api.calls.length > before + 1);
  assert.ok(api.calls.slice(before).every(({ uri }) => uri === '/api/accounts/me'));
});

test('a_worker_that_dies_of_a_read_on_a_new_connection_is_not_asked_again', async () => {
  api.sockets.forEach((socket) => socket.destroy());
  await until(() => api.sockets.size === 0);
  const before = api.calls.length;
  answer = (_, socket) => void socket.destroy();
  const { status, headers, text } = await ask('GET', '/api/ping');
  answer = () => 'ok';
  assert.equal(status, 503);
  assert.equal(headers['retry-after'], '1');
  assert.deepEqual(JSON.parse(text), { code: 503, message: 'service unavailable, try again', data: null });
  assert.ok(api.calls.length - before <= 2, 'once, and once more where nginx had not heard of the end of a kept one');
});

test('what_acts_is_sent_once_also_when_its_connection_breaks', async () => {
  answer = (_, socket) => void socket.destroy();
  const before = api.calls.length;
  const calls = [['POST', '/api/accounts'], ['PUT', '/api/accounts/42'], ['PATCH', '/api/spaces/a'], ['DELETE', '/api/accounts/42'], ['GET', '/api/accounts/42/provision'],
    ['GET', '/api/accounts/me/api_key'], ['GET', '/api/accounts/42/activate'], ['GET', '/api/2fa/qr-code'], ['GET', '/provisioning/x'], ['GET', '/api/accounts/auth_token/x/attach']];
  for (const [method, target] of calls) assert.equal((await ask(method, target)).status, 503, target);
  answer = () => 'ok';
  assert.deepEqual(api.calls.slice(before).map(({ method, uri }) => [method, uri]), calls);
});

test('both_ways_tell_the_api_and_the_client_the_same', async () => {
  const kept = await seen('GET', '/api/accounts/42'), fresh = await seen('GET', '/api/accounts/42?');
  assert.deepEqual(Object.keys(kept.params).sort(), Object.keys(fresh.params).sort());
  const names = async (target) => Object.keys((await ask('GET', target)).headers).sort();
  assert.deepEqual(await names('/api/accounts/42'), await names('/api/accounts/42?'));
});
