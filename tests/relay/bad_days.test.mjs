/* What connected clients notice when something behind the relay breaks. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { io as io4 } from 'socket.io-client';
import io2 from 'socket.io-client-2';
import { io as io3 } from 'socket.io-client-3';

import { createAccount, login } from '../lib/accounts.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { Live } from '../lib/live.mjs';
import { Python } from '../lib/python.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await ownInstance();
const account = await createAccount(dialtone);
const token = await login(dialtone, account);
const channel = `cti1:{${dialtone.env.DIALTONE_DOMAIN}}:u:${account.username}`;

async function loggedIn(options) {
  const made = new Live(dialtone, options);
  after(() => made.close());
  return made.login(account.username, token);
}

/* Again and again until a relay has subscribed anew and the socket hears it. */
async function hears(socket, name) {
  await until(async () => {
    await dialtone.publish(channel, JSON.stringify([name]));
    return socket.named(name).length > 0;
  }, { what: `${name} to be heard` });
}

/* A client as they are: after a lost transport it logs in again. */
async function persistent(options) {
  const made = await loggedIn(options);
  made.socket.on('connect', () => made.emit('login', { accessKeyId: account.username, token }));
  return made;
}

test('redis_outage_keeps_clients_and_its_return_logs_nobody_out', async () => {
  const socket = await persistent();
  await dialtone.stop('redis');
  await new Promise((resolve) => socket.socket.emit('ping', resolve)); /* the relay is alive meanwhile */
  assert.deepEqual(socket.disconnects, []);
  await dialtone.start('redis');
  await hears(socket, 'again');
  /* Who may have missed something is sent for it (cti-api 3.5), and comes back by itself. */
  assert.ok(!socket.disconnects.includes('io server disconnect'), socket.disconnects.join());
});

test('postgres_restart_is_not_noticed_by_who_is_logged_in', async () => {
  const socket = await loggedIn();
  await dialtone.stop('postgres');
  await hears(socket, 'still');
  await dialtone.start('postgres');
  assert.deepEqual(socket.disconnects, []);
});

test('killed_relay_costs_its_clients_one_reconnect_to_another', async () => {
  const sockets = await Promise.all([io2, io3, io4].flatMap((library) =>
    ['default', ['websocket'], ['polling']].map((transports) => persistent({ library, transports }))));
  const python = new Python(dialtone, { username: account.username, token });
  await python.hears('authe_ok');
  await dialtone.kill('relay-aa', 'relay-ab');
  await dialtone.start('relay-ab');
  await python.hears('authe_ok', 2);
  for (const socket of sockets) {
    await until(() => socket.named('authe_ok').length === 2, { what: 'a second login' });
    await hears(socket, 'elsewhere');
    assert.ok(!socket.disconnects.includes('io server disconnect'), socket.disconnects.join());
    socket.close();
  }
  await dialtone.start('relay-aa');
});
