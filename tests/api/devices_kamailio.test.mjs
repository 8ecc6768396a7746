/* A real Kamailio: it authenticates with the views, its registrations are devices, and it is told to end them (sip-integration 3.1, 3.2). */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createUser } from '../lib/accounts.mjs';
import { drip, fakeServer } from '../lib/fake_server.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { Kamailio } from '../lib/kamailio.mjs';
import { Subscriber } from '../lib/subscriber.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await ownInstance();
const kamailio = await Kamailio.beside(dialtone);
await dialtone.configureApi({ registrar: 'kamailio', kamailio_rpc: kamailio.url });

const uuid = (n) => `urn:uuid:f81d4fae-7dec-11d0-a765-0000000000${n}`;
const phone = () => createUser(dialtone, { algorithm: 'MD5' });
const mine = (user) => dialtone.api('GET', '/api/accounts/me/devices', { key: user.key });
const remove = (user, n) => dialtone.api('DELETE', `/api/accounts/me/devices/${uuid(n)}`, { key: user.key });
const aorOf = ({ username, domain }) => `${username}@${domain}`;

test('phones register with their password and are devices; a wrong one and a blocked account do not', async () => {
  const [user, other] = [await phone(), await phone()];
  assert.equal(await kamailio.register({ ...user, password: 'not it' }, uuid(10)), false);
  assert.equal((await mine(user)).text, '{}');
  assert.equal(await kamailio.register(user, uuid(10)), true);
  assert.equal(await kamailio.register(user, uuid(11)), true);
  const { json } = await mine(user);
  assert.deepEqual(Object.keys(json), [uuid(10), uuid(11)]);
  const { update_time: at, ...device } = json[uuid(10)];
  assert.deepEqual(device, { uuid: uuid(10), user_agent: 'Desk/1.2.3 (Room 4) sipp', app: 'Desk', version: '1.2.3', device_name: 'Room 4' });
  assert.ok(Math.abs(Date.parse(at) - Date.now()) < 120000, `${at} is UTC`);
  assert.deepEqual((await dialtone.api('GET', `/api/accounts/${user.id}/devices`, { as: 'admin' })).json, json);
  assert.equal((await mine(other)).text, '{}');
  await dialtone.api('POST', `/api/accounts/${other.id}/block`, { as: 'admin' });
  assert.equal(await kamailio.register(other, uuid(12)), false);
});

test('a removal ends the registration in the proxy, is told, and leaves the others', async () => {
  const user = await phone();
  for (const n of [20, 21]) await kamailio.register(user, uuid(n));
  const events = await Subscriber.to(dialtone, 'sip:events');
  assert.equal((await remove(user, 20)).text, '1');
  assert.equal((await remove(user, 20)).text, '');
  assert.deepEqual(Object.keys((await mine(user)).json), [uuid(21)]);
  const { result } = await kamailio.rpc('ul.lookup', ['location', aorOf(user)]);
  assert.equal(result.Contacts.length, 1);
  /* The proxy tells of a registration when the phone has its answer: that may come here as well. */
  const told = () => events.messages.map((text) => JSON.parse(text)).filter(({ ev }) => ev === 'reg.removed');
  await until(() => told().length > 0, { what: 'the event' });
  events.close();
  const [event] = told();
  assert.deepEqual([told().length, event.aor], [1, aorOf(user)]);
  assert.match(event.contact, new RegExp(`^sip:${user.username}@127\\.0\\.0\\.1:`));
});

test('while the proxy is away or answers nonsense devices stay listed and none is removed', async () => {
  const user = await phone();
  await kamailio.register(user, uuid(30));
  const nonsense = {
    slow: (s) => { s.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n'); drip(s); },
    empty: (s) => s.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}'),
    refusing: (s) => s.end('HTTP/1.1 500 No\r\n\r\n{"jsonrpc":"2.0","error":{"code":500,"message":"no\\u0000"},"id":1}'),
  };
  for (const [what, serve] of Object.entries(nonsense)) {
    const fake = await fakeServer(serve, { tcp: true });
    await dialtone.configureApi({ kamailio_rpc: `http://127.0.0.1:${fake.port}/RPC` });
    const answer = await remove(user, 30);
    assert.deepEqual([answer.status, answer.text], [200, ''], what);
    assert.equal(fake.connections, 1, what);
    fake.close();
  }
  assert.deepEqual(Object.keys((await mine(user)).json), [uuid(30)]);
});

test('without the table of the proxy, or with one that is locked, there are no devices', async () => {
  const user = await phone();
  await dialtone.sql('ALTER FUNCTION kamailio_devices SET lock_timeout = 100');
  await kamailio.stop();
  const table = (statement) => kamailio.sql(statement);
  await table('ALTER TABLE location RENAME TO elsewhere');
  assert.equal((await mine(user)).text, '{}');
  await table('ALTER TABLE elsewhere RENAME TO location');
  const lock = table('BEGIN; LOCK TABLE location; SELECT pg_sleep(1.5)');
  await until(async () => (await dialtone.sql("SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted"))[0][0] > 0, { what: 'the lock' });
  assert.equal((await mine(user)).text, '{}');
  await lock;
});
