/* A relay that goes, and the clients that come back to another (cti-api 3.8). */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, test } from 'node:test';

import WebSocket from 'ws';

import { randomName } from '../lib/accounts.mjs';
import { Live } from '../lib/live.mjs';
import { RelayAlone } from '../lib/relay.mjs';
import { run } from '../lib/run.mjs';
import { until } from '../lib/until.mjs';

async function ownRelay(options) {
  const own = await RelayAlone.start(options);
  after(() => own.remove());
  return own;
}

async function loggedIn(relay, user) {
  const made = new Live(relay, { options: { reconnection: false } });
  after(() => made.close());
  return made.login(user, await relay.session({ id: user }));
}

/* Status and Retry-After of the answer to a newcomer. */
const handshake = (relay) => new Promise((resolve, reject) => {
  const socket = new WebSocket(`ws://127.0.0.1:${relay.port}/api/ws/?EIO=4&transport=websocket`);
  socket.on('unexpected-response', (_, { statusCode, headers }) => resolve([statusCode, headers['retry-after']]));
  socket.on('error', reject);
});

test('drained_relay_refuses_newcomers_and_sends_its_clients_elsewhere', async () => {
  const relay = await ownRelay();
  const sockets = [];
  for (let i = 0; i < 5; i++) sockets.push(await loggedIn(relay, randomName()));
  const codes = [];
  for (const { socket } of sockets) socket.io.engine.transport.ws.on('close', (code) => codes.push(code));
  await relay.publish('cti1:n:aa', JSON.stringify({ v: 1, k: 'c', o: 'drain', rate: 100 }));
  await until(() => sockets.every(({ disconnects }) => disconnects.length), { what: 'all to be closed' });
  assert.deepEqual(new Set(sockets.flatMap(({ disconnects }) => disconnects)), new Set(['transport close']));
  assert.deepEqual(new Set(codes), new Set([1012]));
  assert.deepEqual(await handshake(relay), [503, '5']);
});

test('drain_option_empties_the_relay_of_the_same_configuration_and_returns_when_it_has_begun', async () => {
  const control = path.join('/tmp', `dialtone-drain-${process.pid}.ctl`);
  const relay = await ownRelay({ settings: { metrics_socket: control } });
  const socket = await loggedIn(relay, randomName());
  const program = path.join(relay.build, 'dialtone-relay');
  const drain = async (at) => {
    const { status, stdout, stderr } = await run(program, ['--config', path.join(relay.dir, 'dialtone.conf'), '--keys_file', path.join(relay.dir, 'keys'),
      `--metrics_socket=${at}`, '--drain']);
    return { status, stdout, stderr };
  };
  assert.deepEqual(await drain(`${control}.none`), { status: 1, stdout: '', stderr: `dialtone-relay: no relay answers at ${control}.none\n` });
  assert.deepEqual(await drain(''), { status: 1, stdout: '', stderr: 'dialtone-relay: --drain needs the setting metrics_socket\n' });
  assert.deepEqual(await drain(control), { status: 0, stdout: '', stderr: '' });
  assert.deepEqual(await handshake(relay), [503, '5']);
  await until(() => socket.disconnects.length, { what: 'the client to be sent elsewhere' });
  assert.deepEqual(socket.disconnects, ['transport close']);
});

test('sigterm_lets_clients_go_little_by_little_and_ends_when_they_are_gone', async () => {
  const relay = await ownRelay();
  const sockets = [];
  for (let i = 0; i < 30; i++) sockets.push(await loggedIn(relay, randomName()));
  relay.process.kill('SIGTERM');
  await until(() => sockets.some(({ disconnects }) => disconnects.length), { what: 'the first to go' });
  assert.ok(sockets.some(({ disconnects }) => !disconnects.length), 'not all at once');
  assert.equal(await relay.stopRelay(), 0);
  await until(() => sockets.every(({ disconnects }) => disconnects.length), { what: 'all to go' });
  assert.deepEqual(new Set(sockets.flatMap(({ disconnects }) => disconnects)), new Set(['transport close']));
  assert.equal(await relay.cli('KEYS', '*:sess:*'), '', 'nothing is left behind in Redis');
});
