/* Every kind of client there is, through nginx with TLS and two relays. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { io as io4 } from 'socket.io-client';
import io2 from 'socket.io-client-2';
import { io as io3 } from 'socket.io-client-3';
import WebSocket from 'ws';

import { createAccount, login } from '../lib/accounts.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { Live } from '../lib/live.mjs';
import { Python } from '../lib/python.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await sharedInstance();
const account = await createAccount(dialtone);
const token = await login(dialtone, account);
const channel = `cti1:{${dialtone.env.DIALTONE_DOMAIN}}:u:${account.username}`;
const EVENT = ['extenRinging', { numCalled: '201', callerName: 'Zoë ☎', callerNum: '0721000000', callerHasConf: false }];
const LIBRARIES = { '2.x': io2, '3.x': io3, '4.x': io4 };

async function serves(made) {
  after(() => made.close());
  await made.login(account.username, token);
  await dialtone.publish(channel, JSON.stringify(EVENT));
  assert.deepEqual(await made.event('extenRinging'), EVENT);
  /* Library 2.x keeps the name ping for itself. */
  if (made.socket.onAny) await new Promise((resolve) => made.emit('ping', resolve));
  made.close();
  assert.deepEqual(made.disconnects, ['io client disconnect']);
}

for (const [version, library] of Object.entries(LIBRARIES)) {
  for (const path_ of ['/api/ws/', '/socket.io/']) {
    test(`socket_io_client_${version}_over_websocket_on_${path_}`, () => serves(new Live(dialtone, { library, path: path_ })));

    test(`socket_io_client_${version}_as_it_comes_on_${path_}`, async () => {
      const made = new Live(dialtone, { library, path: path_, transports: 'default' });
      await made.connected();
      await until(() => made.socket.io.engine.transport.name === 'websocket', { what: 'the upgrade' });
      await serves(made);
    });

    test(`socket_io_client_${version}_by_long_polling_on_${path_}`, () =>
      serves(new Live(dialtone, { library, path: path_, transports: ['polling'] })));
  }

  test(`socket_io_client_${version}_with_a_wrong_token_hears_401_and_stays_away`, async () => {
    const made = new Live(dialtone, { library, transports: 'default' });
    after(() => made.close());
    await made.connected();
    made.emit('login', { accessKeyId: account.username, token: `${token.slice(0, -4)}AAAA` });
    assert.deepEqual(await made.event('401'), ['401', { message: 'unauthorized access' }]);
    await until(() => made.disconnects.length, { what: 'the disconnect' });
    assert.deepEqual(made.disconnects, ['io server disconnect']);
  });
}

/* Options that change what a client puts on the wire. */
const OPTIONS = {
  '2.x': { forceBase64: true, rememberUpgrade: true, timestampParam: 'z', query: { tenant: 'a b&c' } },
  '3.x': { forceBase64: true, rememberUpgrade: true, timestampRequests: true, query: { sid_: '%' } },
  '4.x': {
    forceBase64: true, rememberUpgrade: true, timestampRequests: true, timestampParam: 'z', addTrailingSlash: false,
    withCredentials: true, closeOnBeforeunload: true, tryAllTransports: true, query: { b64: '1', tenant: 'a b&c' },
    auth: { token: 'ignored', pid: 'p', offset: 'o' }, extraHeaders: { cookie: 'a=b', authorization: 'Bearer x' },
  },
};

for (const [version, options] of Object.entries(OPTIONS)) {
  for (const transports of ['default', ['websocket', 'polling'], ['polling']]) {
    test(`socket_io_client_${version}_with_options_and_${transports}`, () =>
      serves(new Live(dialtone, { library: LIBRARIES[version], transports, options })));
  }
}

test('client_that_remembers_its_upgrade_comes_back_over_websocket_after_a_lost_transport', async () => {
  const made = new Live(dialtone, { transports: 'default', options: { rememberUpgrade: true } });
  after(() => made.close());
  await made.login(account.username, token);
  const { engine } = made.socket.io;
  await until(() => engine.transport.name === 'websocket', { what: 'the upgrade' });
  engine.transport.ws.terminate();
  await until(() => made.disconnects.length && made.socket.connected, { what: 'the client to come back' });
  assert.notEqual(made.socket.io.engine, engine);
  assert.equal(made.socket.io.engine.transport.name, 'websocket');
  made.emit('login', { accessKeyId: account.username, token });
  await until(() => made.named('authe_ok').length === 2, { what: 'the second login' });
});

test('events_during_the_upgrade_come_once_and_in_order', async () => {
  const sockets = await Promise.all(Array.from({ length: 20 }, async () => {
    const made = new Live(dialtone, { transports: 'default', options: { upgrade: true } });
    after(() => made.close());
    return made.login(account.username, token);
  }));
  for (let i = 0; i < 50; i++) await dialtone.publish(channel, JSON.stringify(['count', i]));
  for (const made of sockets) {
    await until(() => made.named('count').length >= 50, { what: 'all events' });
    assert.deepEqual(made.named('count').map(([, i]) => i), Array.from({ length: 50 }, (_, i) => i));
    made.close();
  }
});

for (const transports of ['default', 'websocket', 'polling']) {
  test(`python_socketio_with_transports_${transports}`, async () => {
    const python = new Python(dialtone, { username: account.username, token, transports });
    await python.hears('authe_ok');
    await dialtone.publish(channel, JSON.stringify(EVENT));
    assert.deepEqual(await python.hears('extenRinging'), EVENT);
    assert.deepEqual(await python.hears('ping acknowledged'), ['ping acknowledged']);
    assert.equal(await python.end(), 0, python.said);
  });
}

test('bare_websocket_with_the_lines_of_the_documentation', async () => {
  const socket = new WebSocket(`${dialtone.env.DIALTONE_URL.replace('https', 'wss')}/api/ws/?EIO=4&transport=websocket`,
    { ca: dialtone.ca });
  const heard = [];
  after(() => socket.terminate());
  socket.on('message', (data) => heard.push(data.toString()));
  await until(() => heard.length === 1, { what: 'the open packet' });
  socket.send(`42["login",{"accessKeyId":"${account.username}","token":"${token}","uaType":"desktop"}]`);
  await until(() => heard.includes('42["authe_ok",{"message":"authorized successfully"}]'), { what: 'authe_ok' });
  assert.match(heard[1], /^40\{"sid":"[\w-]+"\}$/);
  await dialtone.publish(channel, JSON.stringify(EVENT));
  await until(() => heard.includes(`42${JSON.stringify(EVENT)}`), { what: 'the event' });
});
