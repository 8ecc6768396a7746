/* Two hosts with one PostgreSQL and one Redis: each serves what the other began, and one may be lost. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import { after, test } from 'node:test';

import { createAccount, login, randomName } from '../lib/accounts.mjs';
import { Authority } from '../lib/certificates.mjs';
import { createOperator } from '../lib/cti.mjs';
import { Client } from '../lib/http.mjs';
import { buildDir, freePort, ownInstance, sanitizerEnv, sourceDir } from '../lib/instance.mjs';
import { Live } from '../lib/live.mjs';
import { SecondHost } from '../lib/second_host.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await ownInstance();
const second = await SecondHost.start(dialtone);
const run_ = path.join(dialtone.dir, 'run');
const FIRST = ['--api', path.join(run_, 'api.sock'), '--relay', `aa=unix:${run_}/relay-aa.sock`, '--relay', `ab=unix:${run_}/relay-ab.sock`];
const SECOND = ['--api', second.api, ...Object.entries(second.relays).flatMap(([id, place]) => ['--relay', `${id}=${place}`])];
const front = await second.front([...FIRST, ...SECOND]);
const both = { ...dialtone, env: { ...dialtone.env, DIALTONE_URL: front.url }, ca: dialtone.ca };
const channel = (user) => `cti1:{${dialtone.env.DIALTONE_DOMAIN}}:u:${user}`;

function client(url = front.url) {
  const made = new Client(url, dialtone.ca);
  after(() => made.close());
  return made;
}
const asAdmin = { 'x-api-key': dialtone.env.DIALTONE_ADMIN_API_KEY };

/* A client as people have one: it logs in again whenever it is connected again. */
async function listener(account, token, options = {}) {
  const live = new Live(both, options);
  after(() => live.close());
  await live.login(account.username, token);
  live.socket.on('connect', () => live.emit('login', { accessKeyId: account.username, token }));
  return live;
}
const relayOf = (live) => live.socket.io.engine.id.slice(0, 2);

test('a_session_of_one_host_is_one_of_the_other_and_its_relay_is_found_by_the_sid', async () => {
  const account = await createAccount(dialtone), token = await login(dialtone, account);
  const sockets = await Promise.all(Array.from({ length: 16 }, () => listener(account, token, { transports: ['polling'] })));
  const relays = new Set(sockets.map(relayOf));
  assert.ok(['aa', 'ab'].some((id) => relays.has(id)) && ['ba', 'bb'].some((id) => relays.has(id)), [...relays].join());
  assert.equal(await dialtone.publish(channel(account.username), '["heard"]'), relays.size);
  for (const live of sockets) await live.event('heard');
  assert.equal((await client().request('POST', '/api/logout', { headers: { Authorization: `Bearer ${token}` } })).status, 200);
  for (const live of sockets) await live.event('401');
  sockets.forEach((live) => live.close());
});

/* Reads and writes without a pause until stop(). */
function load(clients = 4) {
  const seen = { read: {}, write: {}, acknowledged: [], slowest: 0, going: true };
  const one = async (n) => {
    const mine = client(), write = n % 2 === 1;
    while (seen.going) {
      const username = randomName('two'), begin = Date.now();
      const { status } = write
        ? await mine.request('POST', '/api/accounts', { headers: asAdmin, body: { username, password: 'correct horse battery', algorithm: 'SHA-256' } })
        : await mine.request('GET', '/api/accounts/1', { headers: asAdmin });
      const kind = write ? seen.write : seen.read;
      kind[status] = (kind[status] ?? 0) + 1;
      if (write && status === 200) seen.acknowledged.push(username);
      seen.slowest = Math.max(seen.slowest, Date.now() - begin);
    }
  };
  const all = Promise.all(Array.from({ length: clients }, (_, n) => one(n)));
  seen.stop = async () => {
    seen.going = false;
    await all;
  };
  return seen;
}
const total = (kind) => Object.values(kind).reduce((sum, n) => sum + n, 0);

test('a_host_that_is_killed_fails_no_read_and_its_clients_go_on_at_the_other', async () => {
  const users = await Promise.all([1, 2, 3, 4].map(() => createOperator(dialtone)));
  for (const user of users) user.token = await login(dialtone, user);
  /* All of one user: with those of the lost host, of which it is not known yet, there are more than the limit. */
  const owners = Array.from({ length: 16 }, () => users[0]);
  const sockets = await Promise.all(owners.map((user) => listener(user, user.token)));
  const theirs = sockets.filter((live) => relayOf(live).startsWith('b'));
  assert.ok(theirs.length > 0);
  const seen = load();
  await until(() => total(seen.read) > 200 && total(seen.write) > 50, { what: 'some load' });
  const begin = Date.now();
  await second.kill();
  /* A change over REST while they are between two relays. */
  for (const { token } of users) assert.equal((await dialtone.api('POST', '/api/user/presence', { token, body: { status: 'dnd' } })).status, 200);
  await until(() => theirs.every((live) => live.socket.connected && live.named('authe_ok').length >= 2), { what: 'clients at the other host' });
  const back = Date.now() - begin;
  const from = total(seen.read);
  await until(() => total(seen.read) > from + 200, { what: 'more load' });
  await seen.stop();
  /* In the rooms they are in; what is their own they read when they connect. */
  for (const [i, live] of sockets.entries()) {
    for (const user of users.filter((other) => other !== owners[i])) await live.event('userPresenceUpdate', { of: user.username });
  }
  assert.deepEqual(Object.keys(seen.read), ['200'], JSON.stringify(seen.read));
  assert.ok(Object.keys(seen.write).every((status) => ['200', '503'].includes(status)), JSON.stringify(seen.write));
  assert.ok((seen.write['503'] ?? 0) <= 2, 'what the host had begun, and no more');
  assert.deepEqual(sockets.flatMap((live) => live.named('401')), []);
  assert.ok(theirs.every((live) => relayOf(live).startsWith('a')));
  const there = new Set((await dialtone.sql("SELECT username FROM accounts WHERE username LIKE 'two.%'")).map(([name]) => name));
  assert.deepEqual(seen.acknowledged.filter((name) => !there.has(name)), []);
  await until(async () => (await dialtone.sql('SELECT count(*) FROM outbox'))[0][0] === '0', { what: 'the outbox to be published' });
  console.log(`# host killed: reads ${JSON.stringify(seen.read)}, writes ${JSON.stringify(seen.write)}, slowest ${seen.slowest} ms, ${theirs.length} clients back after ${back} ms`);
  sockets.forEach((live) => live.close());
});

test('a_host_that_comes_back_has_its_share_again', async () => {
  await second.begin();
  const before = (await second.log('api')).split('event=request').length;
  const mine = client();
  await until(async () => {
    await mine.request('GET', '/api/accounts/1', { headers: asAdmin });
    return (await second.log('api')).split('event=request').length > before;
  }, { what: 'a request at the second host', seconds: 20 });
});

/* Kernels still take what is sent there. */
test('a_host_that_says_nothing_any_more_fails_no_read', async () => {
  const seen = load();
  await until(() => total(seen.read) > 100, { what: 'some load' });
  await second.kill('SIGSTOP');
  const begin = Date.now();
  await until(() => Date.now() - begin > 20000, { what: 'time in which reads were sent again', seconds: 60 });
  await seen.stop();
  await second.kill('SIGCONT');
  console.log(`# host silent: reads ${JSON.stringify(seen.read)}, writes ${JSON.stringify(seen.write)}, slowest ${seen.slowest} ms`);
  assert.deepEqual(Object.keys(seen.read), ['200'], JSON.stringify(seen.read));
});

/* ---- the tunnel ------------------------------------------------------------------------------------ */

async function stunnel(name, pair, ca, changes) {
  const file = path.join(second.dir, `${name}-${await freePort()}.conf`);
  let text = await fs.readFile(path.join(sourceDir, 'packaging/stunnel', `dialtone-${name}.conf`), 'utf8');
  for (const [from, to] of [...changes, ['/etc/dialtone/tunnel/this-host.crt', pair.certificate], ['/etc/dialtone/tunnel/this-host.key', pair.key], ['/etc/dialtone/tunnel/ca.crt', ca.file]]) {
    assert.ok(text.includes(from), from);
    text = text.replaceAll(from, to);
  }
  await fs.writeFile(file, text.replaceAll(/^set[ug]id = .*\n/gm, ''));
  const child = spawn('stunnel4', [file], { stdio: ['ignore', 'ignore', 'pipe'] });
  const made = { log: '' };
  child.stderr.setEncoding('utf8').on('data', (part) => (made.log += part));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  after(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  await until(() => /Configuration successful/.test(made.log), { what: `stunnel: ${made.log}` });
  return made;
}

test('through_the_tunnel_only_the_other_host_gets_in', async () => {
  const ca = await Authority.make(second.dir, 'tunnel'), strange = await Authority.make(second.dir, 'strange');
  const sign = (by, name) => by.sign(name, { names: [`DNS:${name}.internal`] });
  const [hostA, hostB, hostC, forged] = [await sign(ca, 'host-a'), await sign(ca, 'host-b'), await sign(ca, 'host-c'), await sign(strange, 'host-a')];
  const [door, relayDoor, here, relayHere] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const inside = await stunnel('in', hostB, ca, [['10.0.0.2:9443', `127.0.0.1:${door}`], ['10.0.0.2:9444', `127.0.0.1:${relayDoor}`],
    ['/run/dialtone/api.sock', path.join(second.dir, 'api.sock')], ['/run/dialtone/relay-ba.sock', second.relays.ba]]);
  await stunnel('out', hostA, ca, [['10.0.0.2:9443', `127.0.0.1:${door}`], ['10.0.0.2:9444', `127.0.0.1:${relayDoor}`],
    ['127.0.0.1:9100', `127.0.0.1:${here}`], ['127.0.0.1:9101', `127.0.0.1:${relayHere}`]]);
  const tunnelled = await second.front(['--api', `127.0.0.1:${await freePort()}`, '--api-spare', `127.0.0.1:${here}`, '--relay', `ba=127.0.0.1:${relayHere}`]);
  const mine = client(tunnelled.url), account = await createAccount(dialtone);
  for (let i = 0; i < 20; i++) assert.equal((await mine.request('GET', '/api/accounts/1', { headers: asAdmin })).status, 200);
  const { status, json } = await mine.request('POST', '/api/login', { body: { username: account.username, password: account.password } });
  assert.equal(status, 200);
  for (const transports of [['websocket'], ['polling']]) {
    const live = new Live({ ...both, env: { ...both.env, DIALTONE_URL: tunnelled.url } }, { transports });
    after(() => live.close());
    await live.login(account.username, json.token);
    assert.equal(relayOf(live), 'ba');
  }

  /* What a stranger gets who says it in FastCGI: true when the API answered. */
  const answers = (options) => new Promise((resolve) => {
    const pairs = Object.entries({ REQUEST_METHOD: 'GET', REQUEST_URI: '/api/ping', HTTP_HOST: 'localhost' }).map(([k, v]) => Buffer.from([k.length, v.length, ...Buffer.from(k + v)]));
    const record = (type, content) => Buffer.concat([Buffer.from([1, type, 0, 1, content.length >> 8, content.length & 255, 0, 0]), content]);
    const socket = tls.connect({ host: '127.0.0.1', port: door, rejectUnauthorized: false, ...options }, () => {
      socket.write(Buffer.concat([record(1, Buffer.from([0, 1, 0, 0, 0, 0, 0, 0])), record(4, Buffer.concat(pairs)), record(4, Buffer.alloc(0)), record(5, Buffer.alloc(0))]));
    });
    let said = '';
    socket.on('data', (part) => (said += part)).on('error', () => resolve(false)).on('close', () => resolve(said.includes('200')));
  });
  const shows = async (pair) => answers({ cert: await fs.readFile(pair.certificate), key: await fs.readFile(pair.key) });
  assert.equal(await shows(hostA), true);
  assert.equal(await answers({}), false, 'none shown');
  assert.equal(await shows(forged), false, 'of another authority');
  assert.equal(await shows(hostC), false, 'of another host');
  assert.match(inside.log, /certificate/i);
});

/* ---- what else goes wrong ---------------------------------------------------------------------------- */

test('what_clients_say_in_header_lines_means_nothing_at_the_other_host', async () => {
  await dialtone.stop('api');
  const mine = client();
  const account = '1', lies = { DIALTONE_INTERNAL: '1', 'Dialtone-Internal': '1', 'X-Forwarded-For': '192.0.2.1', 'X-Real-Ip': '192.0.2.1', 'SSL-Client-Verify': 'SUCCESS', 'X-Request-Id': 'lie' };
  assert.equal((await mine.request('GET', `/api/accounts/${account}`, { headers: lies })).status, 401);
  assert.equal((await mine.request('GET', '/internal/session', { headers: lies })).status, 404);
  await dialtone.start('api');
  const log = await second.log('api');
  assert.doesNotMatch(log, /ip=192\.0\.2\.1|req=lie/);
});

test('an_api_that_anyone_may_reach_says_so_at_its_start', async () => {
  const port = await freePort(), file = path.join(second.dir, 'open.log'), log = await fs.open(file, 'w');
  const child = spawn('systemd-socket-activate', ['-l', `0.0.0.0:${port}`, '-E', 'ASAN_OPTIONS', path.join(buildDir, 'dialtone-api'), '--config', second.config,
    '--metrics_socket=', '--metrics_listen=', '--pid_file='], { env: sanitizerEnv, stdio: ['ignore', log.fd, log.fd] });
  after(() => child.kill('SIGTERM'));
  await until(async () => {
    net.connect(port, '127.0.0.1').on('error', () => {}).end();
    return /level=warn .*0\.0\.0\.0:\d+ is no address of a private network/.test(await fs.readFile(file, 'utf8'));
  }, { what: 'the warning' });
  assert.doesNotMatch(await second.log('api'), /private network/);
});
