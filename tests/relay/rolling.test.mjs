/* Relays are replaced one after the other while clients are connected through nginx. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { createAccount, login } from '../lib/accounts.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { Live } from '../lib/live.mjs';
import { until } from '../lib/until.mjs';

const CLIENTS = 12;
const dialtone = await ownInstance();
const account = await createAccount(dialtone);
const token = await login(dialtone, account);
const channel = `cti1:{${dialtone.env.DIALTONE_DOMAIN}}:u:${account.username}`;

/* Logs in again whenever it is connected again, as real clients do. */
async function client() {
  const live = new Live(dialtone);
  after(() => live.close());
  await live.login(account.username, token);
  live.socket.on('connect', () => live.emit('login', { accessKeyId: account.username, token }));
  return live;
}

const logins = (live) => live.named('authe_ok').length;
const lost = (live) => live.disconnects.length;

async function allHear(sockets, name) {
  await until(() => sockets.every((live) => logins(live) === lost(live) + 1 && live.socket.connected), { what: 'all to be logged in' });
  await dialtone.publish(channel, JSON.stringify([name]));
  for (const live of sockets) await live.event(name);
}

test('replaced_relays_cost_each_client_a_reconnect_and_never_a_logout', async () => {
  const sockets = await Promise.all(Array.from({ length: CLIENTS }, client));
  for (const relay of ['relay-aa', 'relay-ab']) {
    await dialtone.stop(relay);
    await allHear(sockets, `without.${relay}`);
    await dialtone.start(relay);
  }
  await allHear(sockets, 'with.both');
  assert.deepEqual(new Set(sockets.flatMap(({ disconnects }) => disconnects)), new Set(['transport close']));
  assert.ok(sockets.some((live) => lost(live) === 1), 'those of the second relay moved once');
  assert.deepEqual(sockets.flatMap((live) => live.named('401')), []);
});
