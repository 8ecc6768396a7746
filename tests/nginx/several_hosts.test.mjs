/*
 * One nginx in front of several hosts: which requests go to another one, and that none that may have changed
 * something is sent twice. nginx is real, the APIs and relays are not.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { after, test } from 'node:test';

import { fcgiServer } from '../lib/fcgi.mjs';
import { freePort, sourceDir, temporaryDirectory } from '../lib/instance.mjs';
import { runOk } from '../lib/run.mjs';
import { until } from '../lib/until.mjs';

const WRITES = [['POST', '/api/accounts'], ['PUT', '/api/accounts/42'], ['PATCH', '/api/spaces/a'], ['DELETE', '/api/accounts/42'],
  ['GET', '/api/accounts/42/activate'], ['GET', '/provisioning/x'], ['POST', '/api/login']];

const root = process.getuid() === 0 ? ['--user', 'root'] : [];

/* Hosts that do not answer are left alone for the rest of the test, or never. They have a fifth of a second to take a connection. */
async function front(args, { left_alone = true } = {}) {
  const dir = await temporaryDirectory('nginx-hosts'), port = await freePort();
  await fs.cp(path.join(sourceDir, 'nginx'), path.join(dir, 'share'), { recursive: true, filter: (name) => !name.endsWith('reference') });
  const fastcgi = path.join(dir, 'share/fastcgi.conf');
  await fs.writeFile(fastcgi, (await fs.readFile(fastcgi, 'utf8')).replace('connect_timeout 2s', 'connect_timeout 200ms'));
  const { stdout } = await runOk(path.join(sourceDir, 'nginx/render'), [...args, '--plain', `127.0.0.1:${port}`, '--standalone', dir, '--share', path.join(dir, 'share'), ...root]);
  await fs.writeFile(path.join(dir, 'nginx.conf'), stdout.replace(/read_timeout 6s/g, 'read_timeout 300ms').replaceAll(/max_fails=\d fail_timeout=5s/g,
    (told) => (left_alone ? told.replace('5s', '600s') : 'max_fails=0')));
  const nginx = spawn('nginx', ['-e', 'stderr', '-c', path.join(dir, 'nginx.conf')],
    { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` }, stdio: ['ignore', 'ignore', 'pipe'] });
  const made = { port, dir, log: '' };
  nginx.stderr.setEncoding('utf8').on('data', (text) => (made.log += text));
  const ended = new Promise((resolve) => nginx.once('exit', resolve));
  after(async () => {
    nginx.kill('SIGTERM');
    await ended;
    await fs.rm(dir, { recursive: true, force: true });
  });
  await until(() => new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => resolve(true) || socket.destroy()).on('error', () => resolve(false));
  }), { what: 'nginx' });
  made.ask = (method, target, { headers = {}, body } = {}) => new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, method, path: target, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => (text += part)).on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
    });
    request.on('error', reject).end(body);
  });
  return made;
}

/* An API on a port; answer() may break the connection. */
async function host(name) {
  const port = await freePort();
  const made = { place: `127.0.0.1:${port}`, answer: () => name };
  const begin = async () => (made.server = await fcgiServer({ host: '127.0.0.1', port }, (...args) => made.answer(...args)));
  made.start = begin;
  made.stop = () => {
    made.server.close();
    return until(() => new Promise((resolve) => {
      const socket = net.connect(port, '127.0.0.1', () => resolve(false) || socket.destroy()).on('error', () => resolve(true));
    }), { what: 'the port to be free' });
  };
  await begin();
  after(() => made.server.close());
  return made;
}
const seen = (...hosts) => hosts.flatMap(({ server }) => server.calls.map(({ method, uri }) => [method, uri]));

test('hosts_share_the_requests_and_a_spare_one_has_none', async () => {
  const [a, b, c] = [await host('a'), await host('b'), await host('c')];
  const { ask } = await front(['--api', a.place, '--api', b.place, '--api-spare', c.place, '--relay', 'aa=unix:/x']);
  for (let i = 0; i < 8; i++) assert.equal((await ask('GET', `/api/accounts/${i}`)).status, 200);
  for (let i = 0; i < 8; i++) assert.equal((await ask('POST', '/api/accounts')).status, 200);
  assert.deepEqual([a, b, c].map(({ server }) => server.calls.length), [8, 8, 0]);
});

test('what_no_host_has_begun_goes_to_the_next_one_also_what_writes', async () => {
  const [a, b, c] = [await host('a'), await host('b'), await host('c')];
  const { ask } = await front(['--api', a.place, '--api', b.place, '--api-spare', c.place, '--relay', 'aa=unix:/x']);
  await a.stop();
  for (const [method, target] of [...WRITES, ...WRITES]) assert.equal((await ask(method, target, { body: 'x' })).text, 'b', target);
  await b.stop();
  for (const [method, target] of [...WRITES, ['GET', '/api/accounts/42']]) assert.equal((await ask(method, target, { body: method === 'GET' ? undefined : 'x' })).text, 'c', target);
  assert.deepEqual(seen(c).map(([, uri]) => uri), [...WRITES.map(([, uri]) => uri), '/api/accounts/42']);
  await c.stop();
  for (const [method, target] of [...WRITES, ['GET', '/api/accounts/42']]) {
    const { status, headers, text } = await ask(method, target);
    assert.deepEqual([status, headers['retry-after'], JSON.parse(text).code], [503, '1', 503], target);
  }
});

test('a_write_that_a_host_has_begun_is_sent_to_no_other', async () => {
  const [a, b] = [await host('a'), await host('b')];
  const { ask } = await front(['--api', a.place, '--api-spare', b.place, '--relay', 'aa=unix:/x'], { left_alone: false });
  a.answer = (_, socket) => void socket.destroy();
  for (const [method, target] of WRITES) assert.equal((await ask(method, target)).status, 503, target);
  assert.deepEqual(seen(a), WRITES);
  assert.deepEqual(seen(b), []);
});

test('a_read_that_a_host_breaks_off_is_answered_by_another', async () => {
  const [a, b] = [await host('a'), await host('b')];
  const { ask } = await front(['--api', a.place, '--api-spare', b.place, '--relay', 'aa=unix:/x']);
  a.answer = (_, socket) => void socket.destroy();
  for (let i = 0; i < 3; i++) assert.deepEqual(await ask('GET', `/api/accounts/${i}`).then(({ status, text }) => [status, text]), [200, 'b']);
});

test('a_read_that_a_host_leaves_without_an_answer_is_answered_by_another', async () => {
  const [a, b] = [await host('a'), await host('b')];
  const { ask } = await front(['--api', a.place, '--api-spare', b.place, '--relay', 'aa=unix:/x'], { left_alone: false });
  a.answer = () => undefined;
  assert.equal((await ask('GET', '/api/accounts/1')).text, 'b');
});

/* It takes no connection: the kernel holds one or two for it and drops what else comes, as a host does that is off. */
async function silentPort() {
  const child = spawn('python3', ['-c', `
import socket, sys
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(0)
held = []
for _ in range(3):
    c = socket.socket(); c.setblocking(False); c.connect_ex(s.getsockname()); held.append(c)
print(s.getsockname()[1], flush=True); sys.stdin.read()`], { stdio: ['pipe', 'pipe', 'ignore'] });
  after(() => child.kill());
  return Number(await new Promise((resolve) => child.stdout.once('data', resolve)));
}

test('a_host_that_is_silent_costs_one_request_its_time_and_is_left_alone_then', async () => {
  const b = await host('b');
  const { ask } = await front(['--api', `127.0.0.1:${await silentPort()}`, '--api', b.place, '--relay', 'aa=unix:/x']);
  for (let i = 0; i < 4; i++) assert.equal((await ask('PUT', '/api/accounts/42', { body: 'x' })).text, 'b');
  assert.equal(seen(b).length, 4);
});

test('the_path_of_a_token_that_goes_to_the_next_host_is_in_no_log', async () => {
  const dead = [await freePort(), await freePort()];
  const made = await front(['--api', `127.0.0.1:${dead[0]}`, '--api', `127.0.0.1:${dead[1]}`, '--relay', 'aa=unix:/x']);
  assert.equal((await made.ask('GET', '/provisioning/CANARY')).status, 503);
  assert.equal((await made.ask('POST', '/api/accounts')).status, 503);
  await until(() => made.log.includes('/api/accounts'), { what: 'the line of another request' });
  assert.doesNotMatch(made.log, /CANARY/);
});

test('a_request_of_a_session_goes_to_no_api_when_its_relay_is_away', async () => {
  const [a, b] = [await host('a'), await host('b')];
  const { ask } = await front(['--api', a.place, '--api', b.place, '--relay', `aa=127.0.0.1:${await freePort()}`, '--relay', 'ab=unix:/nowhere']);
  for (const method of ['GET', 'POST']) {
    for (const sid of ['aaXXXXXXXXXXXXXXXXXX', 'abXXXXXXXXXXXXXXXXXX', '']) assert.equal((await ask(method, `/api/ws/?EIO=4&transport=polling&sid=${sid}`)).status, 503);
  }
  assert.equal((await ask('POST', '/api/ws/?EIO=4&transport=polling', { body: 'x'.repeat(1100000) })).status, 413);
  assert.deepEqual(seen(a, b), []);
});

test('a_handshake_finds_the_relay_that_is_there', async () => {
  const relay = http.createServer((_, response) => response.end('here'));
  await new Promise((resolve) => relay.listen(0, '127.0.0.1', resolve));
  after(() => relay.close());
  const dead = [await freePort(), await freePort()].map((port, i) => ['--relay', `a${i}=127.0.0.1:${port}`]).flat();
  const { ask } = await front(['--api', '/nowhere', ...dead, '--relay', 'a9=unix:/nowhere', '--relay', `ba=127.0.0.1:${relay.address().port}`]);
  for (let i = 0; i < 4; i++) assert.equal((await ask('GET', '/api/ws/?EIO=4&transport=polling')).text, 'here');
});

test('a_load_balancer_is_told_by_any_name_and_nothing_else_is', async () => {
  const [a, health] = [await host('{"status":"ok"}'), await freePort()];
  await front(['--api', a.place, '--api-spare', '/nowhere', '--relay', 'aa=unix:/x', '--health', `127.0.0.1:${health}`, '--server-name', 'pbx.example.org']);
  const ask = async (target) => {
    const answer = await fetch(`http://127.0.0.1:${health}${target}`);
    return [answer.status, await answer.text()];
  };
  for (const target of ['/up', '/health/live', '/health/ready']) assert.deepEqual(await ask(target), [200, '{"status":"ok"}']);
  assert.equal((await ask('/api/ping'))[0], 404);
  await a.stop();
  assert.deepEqual(await ask('/health/ready'), [503, '{"status":"unavailable"}']);
});
