/* Devices where Flexisip's registrar keeps them in a Redis of its own (accounts-api I.10, 13.3, 13.9; sip-integration 2.2). */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { after, test } from 'node:test';

import { createAccount, createUser } from '../lib/accounts.mjs';
import { digestRequest } from '../lib/digest.mjs';
import { drip, fakeServer } from '../lib/fake_server.mjs';
import { ownInstance, temporaryDirectory } from '../lib/instance.mjs';
import { lockTable } from '../lib/lock.mjs';
import { run, runOk } from '../lib/run.mjs';
import { Subscriber } from '../lib/subscriber.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await ownInstance({ options: ['--workers', '4'] });
const socket = path.join(await temporaryDirectory('flexisip'), 'redis.sock');
const server = spawn('redis-server', ['--port', '0', '--unixsocket', socket, '--save', ''], { stdio: 'ignore' });
after(() => server.kill());
const flexisip = async (...args) => (await runOk('redis-cli', ['-s', socket, ...args])).stdout.trim();
await until(async () => (await run('redis-cli', ['-s', socket, 'ping'])).stdout.trim() === 'PONG', { what: 'the Redis of Flexisip' });

const registrar = (address) => dialtone.configureApi({ registrar: 'redis', registrar_redis: address });
await registrar(`unix:${socket}`);

const uuid = (n) => `urn:uuid:f81d4fae-7dec-11d0-a765-0000000000${String(n).padStart(2, '0')}`;
const field = (n) => `"<${uuid(n)}>"`;
const now = () => Math.floor(Date.now() / 1000);
const contact = ({ username, domain }, n, { updated = now(), expires = 3600, agent = 'LinphoneAndroid%2F6.0.0%20(Pixel%206)%20LinphoneSDK%2F5.4.0' } = {}) =>
  `<sip:${username}@10.0.0.${n}:5061;transport=tls;callid=c${n};expires=${expires};cseq=20;updatedAt=${updated};alias=no;usedAsRoute=no?path=%3Csip:p%3E&accept=a&user-agent=${agent}>`
  + `;+sip.instance="<${uuid(n)}>";q=1`;
const register = (user, n, more) => flexisip('hset', `fs:${user.username}@${user.domain}`, field(n), contact(user, n, more));
const mine = (user) => dialtone.api('GET', '/api/accounts/me/devices', { key: user.key });

test('devices are listed as they registered; what is over or makes no sense is left out', async () => {
  const user = await createUser(dialtone);
  assert.deepEqual((await mine(user)).text, '{}');
  const updated = now() - 60;
  await register(user, 1, { updated });
  await register(user, 2, { agent: 'Zoiper' });
  await register(user, 3, { updated: now() - 100, expires: 60 });
  for (const [name, value] of [[field(4), 'nonsense'], [field(5), ''], [uuid(6), contact(user, 6)], ['"<a b>"', contact(user, 7)]]) {
    await flexisip('hset', `fs:${user.username}@${user.domain}`, name, value);
  }
  const { json } = await mine(user);
  assert.deepEqual(Object.keys(json).sort(), [uuid(1), uuid(2)]);
  assert.deepEqual(json[uuid(1)], { uuid: uuid(1), update_time: new Date(updated * 1000).toISOString().replace('000Z', '000000Z'),
    user_agent: 'LinphoneAndroid/6.0.0 (Pixel 6) LinphoneSDK/5.4.0', app: 'LinphoneAndroid', version: '6.0.0', device_name: 'Pixel 6' });
  assert.deepEqual([json[uuid(2)].app, json[uuid(2)].version, json[uuid(2)].device_name], ['Zoiper', '', '']);
  assert.deepEqual((await dialtone.api('GET', `/api/accounts/${user.id}/devices`, { as: 'admin' })).json, json);
  assert.deepEqual((await digestRequest(dialtone, user, { method: 'GET', path: '/api/accounts/me/devices' })).json, json);
});

test('a device is removed once, the proxy and listeners are told, others keep theirs', async () => {
  const [user, other] = [await createUser(dialtone), await createUser(dialtone)];
  await register(user, 1);
  await register(user, 2);
  const [proxy, events] = await Promise.all([Subscriber.on(socket, `${user.username}@${user.domain}`),
    Subscriber.on(dialtone.env.DIALTONE_REDIS.replace('unix://', ''), 'sip:events')]);
  const remove = (who, n) => dialtone.api('DELETE', `/api/accounts/me/devices/${uuid(n)}`, { key: who.key });
  assert.deepEqual((await remove(other, 1)).text, '', 'not theirs');
  assert.deepEqual((await remove(user, 1)).text, '1');
  assert.deepEqual((await remove(user, 1)).text, '');
  const removed = await dialtone.api('DELETE', `/api/accounts/${user.id}/devices/${uuid(2)}`, { as: 'admin' });
  assert.equal(removed.text, '1');
  assert.deepEqual(await dialtone.sql(`SELECT action, object, part FROM audit WHERE request_id = '${removed.header('x-request-id')}'`),
    [['device_remove', `account:${user.username}@${user.domain}`, `devices/${uuid(2)}`]]);
  assert.deepEqual((await mine(user)).text, '{}');
  await until(() => proxy.messages.length === 2 && events.messages.length === 2, { what: 'both to be told' });
  assert.deepEqual(proxy.messages, ['', '']);
  const aor = `${user.username}@${user.domain}`;
  assert.deepEqual(events.messages.map((text) => JSON.parse(text)).map(({ ev, aor: of, contact: uri }) => [ev, of, uri]),
    [1, 2].map((n) => ['reg.removed', aor, `sip:${user.username}@10.0.0.${n}:5061`]));
  proxy.close();
  events.close();
});

test('a registrar that is away, silent, slow, senseless or endless has no devices', async () => {
  const user = await createUser(dialtone);
  const servers = {
    silent: () => {},
    slow: (s) => { s.write('$100000\r\n'); drip(s); },
    senseless: (s) => s.write('HTTP/1.1 200 OK\r\n\r\n<html>'),
    endless: (s) => { s.write('$1000000000\r\n'); const more = () => { while (s.write('y'.repeat(65536))) ; }; s.on('drain', more); more(); },
  };
  const paths = await Promise.all(Object.values(servers).map(async (serve) => (await fakeServer(serve)).path));
  for (const address of [...paths, '/nowhere/redis.sock']) {
    await registrar(`unix:${address}`);
    assert.equal((await mine(user)).text, '{}', address);
  }
  const removed = await dialtone.api('DELETE', `/api/accounts/me/devices/${uuid(1)}`, { key: user.key });
  assert.deepEqual([removed.status, removed.text], [200, '']);
});

test('one of four workers waits, others are told to try again at once, quick requests are answered meanwhile', async () => {
  const fake = await fakeServer((s) => { s.write('$100000\r\n'); drip(s); });
  const user = await createUser(dialtone);
  await registrar(`unix:${fake.path}`);
  let waiting = true;
  const first = mine(user).finally(() => { waiting = false; });
  await until(() => fake.connections > 0, { what: 'the first to wait' });
  for (let i = 0; i < 6; i++) {
    const refused = await mine(user);
    assert.deepEqual([refused.status, refused.header('retry-after'), typeof refused.json.message], [503, '1', 'string']);
  }
  assert.equal((await dialtone.api('GET', '/api/ping')).text, 'pong');
  assert.ok(waiting, 'the first one still waits');
  assert.deepEqual((await first).text, '{}');
});

/* All workers wait for a lock, so that what comes in meanwhile is read together by those that go on. */
test('quick reads that come in with a list of devices do not wait for the registrar', async () => {
  const fake = await fakeServer((s) => { s.write('$100000\r\n'); drip(s); });
  const user = await createUser(dialtone);
  const me = () => dialtone.api('GET', '/api/accounts/me', { key: user.key });
  await registrar(`unix:${fake.path}`);
  const lock = await lockTable(dialtone, 'accounts'), early = [];
  for (let i = 1; i <= 4; i++) {
    early.push(me());
    await lock.waiting(i);
  }
  let waits = true;
  const devices = mine(user).finally(() => { waits = false; });
  const behind = Array.from({ length: 12 }, me);
  await lock.release();
  await Promise.all([...early, ...behind]);
  assert.ok(waits, 'the list of devices still waits');
  await devices;
});

test('an account that is new or was renamed has no devices of others', async () => {
  await registrar(`unix:${socket}`);
  const [user, old] = [await createUser(dialtone), await createAccount(dialtone)];
  await register(old, 1);
  assert.deepEqual((await mine(user)).text, '{}');
});
