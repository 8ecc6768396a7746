/* The relay's transports and doors: long-polling, old clients, origins, the legacy path. */
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';

import { randomName } from '../lib/accounts.mjs';
import { Polling, Wire } from '../lib/echo.mjs';
import { Live } from '../lib/live.mjs';
import { Raw, handshake } from '../lib/raw.mjs';
import { RelayAlone } from '../lib/relay.mjs';
import { until } from '../lib/until.mjs';

const OPEN = 'https://app.example.com';

const relay = await RelayAlone.start({ settings: { allowed_origins: OPEN, max_sessions_per_address: 3 } });
const closed = await RelayAlone.start({ settings: { webrest_alias: 'false', legacy_sunset: '2027-12-31', id: 'ab' } });
after(() => Promise.all([relay.remove(), closed.remove()]));

const host = (of) => `127.0.0.1:${of.port}`;
const url = (query, path = '/api/ws/') => `http://${host(relay)}${path}?${query}`;

async function loggedIn(options) {
  const user = randomName();
  const socket = new Live(relay, options);
  after(() => socket.close());
  await socket.login(user, await relay.session({ id: user }));
  return { user, socket };
}

for (const [name, options] of [['polling alone', { transports: ['polling'] }], ['polling and then websocket', { transports: ['polling', 'websocket'] }]]) {
  for (const path of ['/api/ws/', '/socket.io/']) {
    test(`stock client on ${path} with ${name} logs in and hears events in order`, async () => {
      const { user, socket } = await loggedIn({ path, options });
      for (let i = 0; i < 20; i++) await relay.publish(relay.channel(user), JSON.stringify(['n', i]));
      await until(() => socket.named('n').length === 20, { what: 'all events' });
      assert.deepEqual(socket.named('n').map(([, i]) => i), Array.from({ length: 20 }, (_, i) => i));
      assert.equal(await socket.socket.timeout(5000).emitWithAck('ping'), undefined);
      if (options.transports.length === 2) {
        await until(() => socket.socket.io.engine.transport.name === 'websocket', { what: 'the upgrade' });
        await relay.publish(relay.channel(user), '["after"]');
        await socket.event('after');
      }
      assert.deepEqual(socket.disconnects, []);
    });
  }
}

test('refused_polling_client_hears_401_and_41_and_the_end', async () => {
  const session = await Polling.open(host(relay), { path: '/api/ws/' });
  assert.equal(await session.push('40\x1e42["login",{"accessKeyId":"alice","token":"no"}]'), 'ok');
  const heard = await session.poll();
  assert.ok(heard.endsWith('\x1e42["401",{"message":"unauthorized access"}]\x1e41'), heard);
  assert.equal(await session.poll(), '1');
  assert.equal(await session.poll(), 400);
});

test('session_of_another_relay_is_unknown_here', async () => {
  const session = await Polling.open(host(closed), { path: '/api/ws/' });
  assert.match(session.sid, /^ab/);
  const answer = await fetch(url(`EIO=4&transport=polling&sid=${session.sid}`));
  assert.deepEqual([answer.status, await answer.json()], [400, { code: 1, message: 'Session ID unknown' }]);
});

test('old_client_logs_in_over_websocket', async () => {
  const user = randomName();
  const wire = await Wire.open(host(relay), 'EIO=3&transport=websocket', { path: '/socket.io/' });
  assert.match(await wire.next(), /^0\{/);
  assert.equal(await wire.next(), '40');
  wire.send(`42${JSON.stringify(['login', { accessKeyId: user, token: await relay.session({ id: user }) }])}`, '2');
  assert.deepEqual([await wire.next(), await wire.next()].sort(), ['3', '42["authe_ok",{"message":"authorized successfully"}]']);
  wire.socket.close();
});

test('event_whose_name_old_clients_mistake_is_kept_from_them_alone', async () => {
  const user = randomName();
  const loggedIn = async (version) => {
    const wire = await Wire.open(host(relay), `EIO=${version}&transport=websocket`, { path: '/socket.io/' });
    await wire.next();
    if (version === 4) wire.send('40');
    await wire.next();
    wire.send(`42${JSON.stringify(['login', { accessKeyId: user, token: await relay.session({ id: user }) }])}`);
    assert.match(await wire.next(), /authe_ok/);
    return wire;
  };
  const [old, current] = [await loggedIn(3), await loggedIn(4)];
  for (const name of ['error', 'reconnecting', 'after']) await relay.publish(relay.channel(user), JSON.stringify([name]));
  assert.deepEqual([await current.next(), await current.next(), await current.next()], ['42["error"]', '42["reconnecting"]', '42["after"]']);
  assert.equal(await old.next(), '42["after"]');
  old.socket.close();
  current.socket.close();
});

test('5.20 page_of_another_site_may_not_open_a_session_and_a_listed_one_may', async () => {
  const opening = (origin) => fetch(url('EIO=4&transport=polling'), { headers: { origin } });
  const refused = await opening('https://evil.example');
  assert.deepEqual([refused.status, await refused.json()], [403, { code: 4, message: 'Forbidden' }]);
  assert.equal(refused.headers.get('access-control-allow-origin'), null);
  const listed = await opening(OPEN);
  assert.deepEqual([listed.status, listed.headers.get('access-control-allow-origin'),
    listed.headers.get('access-control-allow-credentials')], [200, OPEN, 'true']);
  const same = await opening(`http://${host(relay)}`);
  assert.deepEqual([same.status, same.headers.get('access-control-allow-origin')], [200, null]);
  const wire = await Wire.open(host(relay), 'EIO=4&transport=websocket', { path: '/api/ws/', headers: { origin: 'https://evil.example' } });
  assert.equal(wire.failed, 'Unexpected server response: 403');
});

test('1 without_EIO_the_old_path_speaks_version_3_and_the_new_one_refuses', async () => {
  const wire = await Wire.open(host(relay), 'transport=websocket', { path: '/socket.io/' });
  assert.match(await wire.next(), /^0\{"sid":/);
  assert.match(await wire.next(), /^40/, 'Engine.IO 3 connects to the namespace by itself');
  wire.send('2');
  assert.equal(await wire.next(), '3', 'and its clients ping');
  wire.socket.close();
  const opened = await fetch(url('transport=polling', '/socket.io/'));
  assert.equal(opened.status, 200);
  const [, sid] = /"sid":"([^"]+)"/.exec(await opened.text());
  assert.equal((await fetch(url(`transport=polling&sid=${sid}`, '/socket.io/'), { method: 'POST', body: '1:1' })).status, 200);
  for (const [query, path] of [['transport=polling', '/api/ws/'], ['EIO=&transport=polling', '/socket.io/'], ['EIO=2&transport=polling', '/socket.io/']]) {
    const refused = await fetch(url(query, path));
    assert.deepEqual([refused.status, await refused.json()], [400, { code: 5, message: 'Unsupported protocol version' }], query + path);
  }
});

/* What the relay answers to a request no library would send. */
async function answerTo(text) {
  const raw = new Raw(relay);
  raw.write(text);
  await raw.untilEnd();
  return { head: raw.head, body: raw.input.toString() };
}

test('origin_with_control_characters_is_a_bad_request', async () => {
  for (const query of ['EIO=4&transport=polling', 'EIO=4&transport=websocket']) {
    const bytes = handshake(query).toString('latin1').replace('Host:', 'Origin: https://a\x07b\r\nHost:');
    const { head, body } = await answerTo(query.includes('polling') ? bytes.replace('Upgrade: websocket\r\n', '') : bytes);
    assert.match(head, /^HTTP\/1.1 400 [^]*application\/json/);
    assert.doesNotMatch(head, /access-control|x07|https/i);
    assert.equal(body, '{"code":3,"message":"Bad request"}');
  }
});

test('websocket_of_another_version_is_told_the_one_spoken_here', async () => {
  for (const version of ['Sec-WebSocket-Version: 8\r\n', '']) {
    const { head, body } = await answerTo(handshake().toString().replace('Sec-WebSocket-Version: 13\r\n', version));
    assert.match(head, /^HTTP\/1.1 400 [^]*Sec-WebSocket-Version: 13\r\n[^]*Connection: close/);
    assert.equal(body, '{"code":3,"message":"Bad request"}');
  }
});

test('nothing_of_polling_is_to_be_stored', async () => {
  const session = await Polling.open(host(relay), { path: '/api/ws/' });
  const [pushed, polled] = [await session.post('40'), await session.get()];
  assert.deepEqual([pushed, polled].map((answer) => answer.headers.get('cache-control')), ['no-store', 'no-store']);
});

test('one_address_has_only_so_many_sessions', async () => {
  const headers = { 'x-forwarded-for': '203.0.113.5' };
  const opening = () => fetch(url('EIO=4&transport=polling'), { headers });
  const answers = [await opening(), await opening(), await opening(), await opening()];
  assert.deepEqual(answers.map((answer) => answer.status), [200, 200, 200, 429]);
  const { sid } = JSON.parse((await answers[0].text()).slice(1));
  await (await fetch(url(`EIO=4&transport=polling&sid=${sid}`), { method: 'POST', body: '1' })).text();
  assert.equal((await opening()).status, 200);
});

test('legacy_path_tells_of_its_end', async () => {
  const answer = await fetch(url('EIO=4&transport=polling', '/socket.io/'));
  assert.deepEqual(['deprecation', 'sunset', 'link'].map((name) => answer.headers.get(name)),
    ['@1780272000', 'Mon, 01 Jun 2026 00:00:00 GMT', '</api/login>; rel="successor-version"']);
  assert.equal((await fetch(url('EIO=4&transport=polling'))).headers.get('deprecation'), null);
  const { sid } = JSON.parse((await answer.text()).slice(1));
  const upgrade = new Raw(relay);
  upgrade.write(handshake(`EIO=4&transport=websocket&sid=${sid}`).toString().replace('/api/ws/', '/socket.io/'));
  await until(() => upgrade.head, { what: 'the answer to the upgrade' });
  upgrade.close();
  assert.match(upgrade.head, /^HTTP\/1.1 101 [^]*Deprecation: @1780272000/);
});

test('reload_changes_the_end_of_the_legacy_path', async () => {
  const sunset = async () => (await fetch(url('EIO=4&transport=polling', '/socket.io/'), { headers: { 'x-forwarded-for': '203.0.113.6' } })).headers.get('sunset');
  const config = path.join(relay.dir, 'dialtone.conf');
  const before = await fs.readFile(config, 'utf8');
  await fs.writeFile(config, `legacy_sunset = 2027-12-31\n${before}`);
  await relay.reload();
  assert.equal(await sunset(), 'Fri, 31 Dec 2027 00:00:00 GMT');
  await fs.writeFile(config, before);
  await relay.reload();
  assert.equal(await sunset(), 'Mon, 01 Jun 2026 00:00:00 GMT');
});

test('legacy_path_that_is_off_answers_410_and_stops_websocket_clients', async () => {
  const answer = await fetch(`http://${host(closed)}/socket.io/?EIO=4&transport=polling`);
  assert.deepEqual([answer.status, await answer.json()],
    [410, { code: 410, message: 'legacy endpoint disabled', data: { migrate_to: '/api/ws/' } }]);
  assert.deepEqual([answer.headers.get('deprecation'), answer.headers.get('sunset')], ['@1830211200', 'Fri, 31 Dec 2027 00:00:00 GMT']);
  const socket = new Live(closed, { path: '/socket.io/' });
  after(() => socket.close());
  let error;
  socket.socket.on('connect_error', (raised) => (error = raised));
  await until(() => error, { what: 'the refusal' });
  assert.deepEqual([error.message, error.data, socket.socket.active],
    ['legacy endpoint disabled', { code: 410, migrate_to: '/api/ws/' }, false]);
  await (await new Live(closed).connected()).close();
});
