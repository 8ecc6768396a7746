/* Clients that are slow, silent, many or gone, and a Redis that floods: the others do not notice. */
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import net from 'node:net';
import { after, test } from 'node:test';

import { randomName } from '../lib/accounts.mjs';
import { sanitizerEnv } from '../lib/instance.mjs';
import { Live } from '../lib/live.mjs';
import { Raw, frame, handshake, loginFrame } from '../lib/raw.mjs';
import { RelayAlone } from '../lib/relay.mjs';
import { pause, until } from '../lib/until.mjs';

const MIB = 1024 * 1024;
const AT_ONCE = 100;

/* Freed memory comes back at once, so that growth is a leak and not the sanitizer's quarantine. */
const LEAN = { ...sanitizerEnv, ASAN_OPTIONS: `${sanitizerEnv.ASAN_OPTIONS}:quarantine_size_mb=1:thread_local_quarantine_size_kb=64` };

async function ownRelay(settings = {}) {
  const own = await RelayAlone.start({ settings, env: LEAN });
  after(() => own.remove());
  return own;
}

async function resident(relay) {
  return Number(/VmRSS:\s+(\d+)/.exec(await fs.readFile(`/proc/${relay.process.pid}/status`, 'utf8'))[1]) * 1024;
}

async function descriptors(relay) {
  return (await fs.readdir(`/proc/${relay.process.pid}/fd`)).length;
}

async function loggedIn(relay, user) {
  const made = new Live(relay);
  after(() => made.close());
  return made.login(user, await relay.session({ id: user }));
}

/* Many PUBLISH in few packets, over one connection. */
class Publisher {
  static async connect(relay) {
    const publisher = new Publisher();
    publisher.socket = net.connect(relay.redisSocket);
    publisher.socket.resume();
    await new Promise((resolve) => publisher.socket.once('connect', resolve));
    return publisher;
  }

  async send(channel, message, times = 1) {
    const one = Buffer.from(`*3\r\n$7\r\nPUBLISH\r\n$${Buffer.byteLength(channel)}\r\n${channel}\r\n$${Buffer.byteLength(message)}\r\n${message}\r\n`);
    const all = Buffer.concat(Array.from({ length: times }, () => one));
    await new Promise((resolve) => this.socket.write(all, resolve));
  }

  close() {
    this.socket.destroy();
  }
}

test('5.21 half_open_peers_are_dropped_and_cost_nothing_afterwards', async () => {
  const relay = await ownRelay({ login_timeout_ms: 1000, ping_interval_ms: 500, ping_timeout_ms: 500, silent_client_ms: 1000 });
  const before = await descriptors(relay);
  const stages = [
    () => {}, /* connects and stops */
    (raw) => raw.write(handshake().subarray(0, 100)),
    (raw) => raw.write(handshake()),
    (raw) => raw.write(Buffer.concat([handshake(), frame('40')])),
    (raw) => raw.write(Buffer.concat([handshake(), frame('40').subarray(0, 5)])),
    (raw) => raw.write('GET /api/ws/?EIO=4&transport=polling HTTP/1.1\r\nConnection: close\r\n\r\n'), /* and never polls */
  ];
  const peers = Array.from({ length: 200 }, (_, i) => {
    const raw = new Raw(relay);
    raw.connected.then(() => stages[i % stages.length](raw));
    return raw;
  });
  after(() => peers.forEach((peer) => peer.close()));
  await Promise.all(peers.map((peer) => peer.connected));
  const user = randomName();
  const other = await loggedIn(relay, user);
  await Promise.all(peers.map((peer) => peer.untilEnd()));
  await relay.publish(relay.channel(user), '["still"]');
  await other.event('still');
  other.close();
  await until(async () => (await descriptors(relay)) <= before, { what: 'all descriptors to be closed' });
  await until(async () => (await relay.figures()).transports === 0, { what: 'all sessions to be over' });
});

/* Where a client may break off. */
const BREAKS = [
  (raw) => raw.connected,
  (raw) => raw.write(handshake().subarray(0, 60)),
  (raw) => raw.write(handshake()),
  async (raw) => {
    raw.write(handshake());
    await until(() => raw.heard.length || raw.ended, { what: 'the open packet' });
  },
  async (raw, login) => {
    raw.write(Buffer.concat([handshake(), frame('40'), login()]));
    await until(() => raw.heard.some((text) => text.includes('authe_ok')) || raw.ended, { what: 'authe_ok' });
    assert.ok(!raw.ended);
  },
];

async function connectAndDrop(relay, count, login) {
  for (let done = 0; done < count; done += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, async (_, i) => {
      const raw = new Raw(relay);
      await raw.connected;
      await BREAKS[i % BREAKS.length](raw, login);
      raw.close();
    }));
  }
}

test('ten_thousand_connects_and_drops_leave_descriptors_and_memory_as_they_were', async () => {
  const relay = await ownRelay({ handshakes_per_second: 0, max_sessions_per_address: 0 });
  const users = Array.from({ length: AT_ONCE }, (_, i) => `user${i}`);
  const logins = (await relay.sessions(users)).map((text, i) => loginFrame(users[i], text));
  let next = 0;
  const login = () => logins[next++ % logins.length];
  const idle = await descriptors(relay);
  await connectAndDrop(relay, 2000, login);
  const before = await resident(relay);
  await connectAndDrop(relay, 10000, login);
  await until(async () => (await descriptors(relay)) <= idle, { what: 'all descriptors to be closed' });
  const grown = (await resident(relay)) - before;
  assert.ok(grown < 2 * MIB, `${grown} bytes more after 10,000 connections`);
});

test('client_that_reads_a_byte_a_second_is_closed_and_others_are_served', async () => {
  const relay = await ownRelay();
  const [slow, user] = [randomName(), randomName()];
  const raw = await Raw.loggedIn(relay, slow, await relay.session({ id: slow }));
  const other = await loggedIn(relay, user);
  raw.socket.pause();
  const reading = setInterval(() => raw.socket.read(1), 1000);
  after(() => clearInterval(reading));
  const before = await resident(relay);
  const held = await descriptors(relay);
  const publisher = await Publisher.connect(relay);
  const event = JSON.stringify(['extenUpdate', 'x'.repeat(10000)]);
  let sent = 0;
  await until(async () => {
    await publisher.send(relay.channel(slow), event, 100);
    sent += 100;
    await publisher.send(relay.channel(user), `["count",${sent}]`);
    await until(() => other.named('count').some(([, n]) => n === sent), { what: 'the other client to be served' });
    return (await descriptors(relay)) < held;
  }, { what: 'the slow client to be closed', seconds: 60 });
  publisher.close();
  const grown = (await resident(relay)) - before;
  assert.ok(grown < 16 * MIB, `${grown} bytes more while one client was slow`);
  assert.deepEqual(other.disconnects, []);
  clearInterval(reading);
  raw.socket.resume();
  await raw.untilEnd();
  assert.ok(raw.bytes < sent * event.length);
});

test('5.25 flood_of_fifty_thousand_events_a_second_is_survived', async () => {
  const relay = await ownRelay();
  const [flooded, user] = [randomName(), randomName()];
  const target = await Raw.loggedIn(relay, flooded, await relay.session({ id: flooded }));
  after(() => target.close());
  target.socket.removeAllListeners('data').resume();
  const text = await relay.session({ id: user });
  const other = new Live(relay);
  after(() => other.close());
  await other.login(user, text);
  other.socket.on('connect', () => other.emit('login', { accessKeyId: user, token: text }));
  const before = await resident(relay);
  const publisher = await Publisher.connect(relay);
  let highest = before;
  for (let tick = 0; tick < 30; tick++) {
    const next = pause(100);
    await publisher.send(relay.channel(flooded), '["flood",{"exten":"201"}]', 5000);
    highest = Math.max(highest, await resident(relay));
    await next;
  }
  await until(async () => {
    await publisher.send(relay.channel(user), '["after"]');
    return other.named('after').length;
  }, { what: 'the other user to be served' });
  publisher.close();
  assert.ok(highest - before < 64 * MIB, `${highest - before} bytes more during the flood`);
  assert.equal(relay.process.exitCode, null);
});

test('ten_seconds_without_redis_end_no_session', async () => {
  const relay = await ownRelay();
  const user = randomName();
  const text = await relay.session({ id: user });
  const socket = new Live(relay);
  after(() => socket.close());
  await socket.login(user, text);
  await relay.stopRedis();
  for (const start = Date.now(); Date.now() - start < 10000; await pause(500)) {
    assert.equal(await socket.socket.timeout(5000).emitWithAck('ping'), undefined);
  }
  assert.deepEqual(socket.disconnects, []);
  await relay.startRedis();
  await until(async () => {
    await relay.publish(relay.channel(user), '["back"]');
    return socket.named('back').length;
  }, { what: 'events to come again' });
  assert.equal(socket.named('401').length, 0);
});

test('killed_relay_is_replaced_and_its_clients_log_in_again', async () => {
  const relay = await ownRelay();
  const users = Array.from({ length: 50 }, () => randomName());
  const tokens = await relay.sessions(users);
  const sockets = users.map((user, i) => {
    const made = new Live(relay);
    after(() => made.close());
    made.socket.on('connect', () => made.emit('login', { accessKeyId: user, token: tokens[i] }));
    return made;
  });
  for (const made of sockets) await made.event('authe_ok');
  relay.process.kill('SIGKILL');
  await until(() => relay.process.signalCode !== null, { what: 'the relay to be gone' });
  await relay.startRelay();
  for (const made of sockets) await until(() => made.named('authe_ok').length === 2, { what: 'a second login' });
  for (const [i, made] of sockets.entries()) {
    assert.equal(await relay.publish(relay.channel(users[i]), '["after"]'), '1');
    await made.event('after');
    assert.ok(!made.disconnects.includes('io server disconnect'));
  }
});

test('5.41 client_that_never_answers_a_heartbeat_has_its_grace_and_no_more', async () => {
  const relay = await ownRelay({ ping_interval_ms: 200, ping_timeout_ms: 200, silent_client_ms: 3000 });
  const user = randomName();
  const since = Date.now();
  const raw = await Raw.open(relay);
  raw.write(frame(`42["login",{"accessKeyId":"${user}","token":"${await relay.session({ id: user })}","uaType":"desktop"}]`));
  await raw.hears('42["authe_ok",{"message":"authorized successfully"}]');
  await until(() => raw.heard.filter((text) => text === '2').length >= 3, { what: 'heartbeats that nobody answers' });
  await relay.publish(relay.channel(user), '["extenRinging",{}]');
  await raw.hears('42["extenRinging",{}]');
  await raw.untilEnd();
  assert.ok(Date.now() - since >= 3000);
});
