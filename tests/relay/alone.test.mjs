/* What a relay does by itself: log in, deliver, refuse, and stay through an outage of Redis. */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, test } from 'node:test';

import WebSocket from 'ws';

import { randomName } from '../lib/accounts.mjs';
import { Live } from '../lib/live.mjs';
import { RelayAlone, token } from '../lib/relay.mjs';
import { until } from '../lib/until.mjs';

const relay = await RelayAlone.start();
after(() => relay.remove());

async function ownRelay(options) {
  const own = await RelayAlone.start(options);
  after(() => own.remove());
  return own;
}

function live(on = relay, options = {}) {
  const made = new Live(on, options);
  after(() => made.close());
  return made;
}

async function loggedIn(user, { on = relay, claims = {}, fields = {}, more = {} } = {}) {
  return live(on).login(user, await on.session({ id: user, ...claims }, fields), more);
}

/* A bare WebSocket that keeps the text it hears. */
async function raw(on = relay, query = 'EIO=4&transport=websocket', path = '/api/ws/') {
  const socket = new WebSocket(`ws://127.0.0.1:${on.port}${path}?${query}`);
  socket.heard = [];
  socket.on('message', (data) => socket.heard.push(data.toString()));
  socket.on('close', (code) => (socket.closed = code));
  socket.on('error', (error) => (socket.failed = error.message));
  after(() => socket.terminate());
  await until(() => socket.heard.length || socket.failed, { what: 'the open packet' });
  return socket;
}

const isRefused = (socket) => assert.deepEqual(socket.heard.slice(2), ['42["401",{"message":"unauthorized access"}]', '41']);

async function refusal(args) {
  const socket = await raw();
  socket.send('40');
  socket.send(`42${JSON.stringify(['login', ...args])}`);
  await until(() => socket.closed, { what: 'the relay to close' });
  isRefused(socket);
  assert.equal(socket.closed, 1000);
}

test('event_on_the_users_channel_reaches_the_user_and_nobody_else', async () => {
  const [user, other] = [randomName(), randomName()];
  const [socket, bystander] = await Promise.all([loggedIn(user), loggedIn(other)]);
  const event = ['extenRinging', { [user]: { number: '201', name: 'Zoë ☎' } }];
  assert.equal(await relay.publish(relay.channel(user), JSON.stringify(event)), '1');
  await relay.publish(relay.channel(other), '["after"]');
  await bystander.event('after');
  assert.deepEqual(await socket.event('extenRinging'), event);
  assert.equal(bystander.named('extenRinging').length, 0);
});

test('event_in_a_room_reaches_its_members_except_those_to_skip', async () => {
  const [member, skipped, elsewhere] = [randomName(), randomName(), randomName()];
  const sockets = await Promise.all([
    loggedIn(member, { fields: { rooms: 'all ext.clear' } }),
    loggedIn(skipped, { fields: { rooms: 'ext.clear all' } }),
    loggedIn(elsewhere, { fields: { rooms: '' } }),
  ]);
  const header = { v: 1, k: 'e', n: 'extenUpdate', f: 3, c: 'exten:201', x: [skipped] };
  await relay.publish(relay.room('ext.clear'), `${JSON.stringify(header)}\n["extenUpdate",{"exten":"201"}]`);
  await relay.publish(relay.room('all'), '["serverReloaded"]');
  await Promise.all(sockets.map((socket) => socket.event('serverReloaded')));
  assert.deepEqual(sockets.map((socket) => socket.named('extenUpdate').length), [1, 0, 0]);
});

test('event_for_one_kind_of_client_is_not_sent_to_the_other', async () => {
  const user = randomName();
  const [desktop, mobile] = await Promise.all(['desktop', 'mobile'].map((uaType) => loggedIn(user, { more: { uaType } })));
  await relay.publish(relay.channel(user), '{"v":1,"k":"e","n":"x","a":"mobile"}\n["onlyMobile"]');
  await relay.publish(relay.channel(user), '["both"]');
  await Promise.all([desktop.event('both'), mobile.event('both')]);
  assert.deepEqual([desktop, mobile].map((socket) => socket.named('onlyMobile').length), [0, 1]);
});

test('message_that_would_break_clients_is_not_delivered', async () => {
  const user = randomName();
  const socket = await loggedIn(user);
  for (const bad of ['["disconnect"]', '[]', '[1]', '["a",', '["a"] x', 'hello', '{"v":2,"k":"e"}\n["a"]',
    '{"v":1,"k":"e"}\n["a",}', '{"v":1,"k":"e"}']) {
    await relay.publish(relay.channel(user), bad);
  }
  await relay.publish(relay.channel(user), '["good",1]');
  assert.deepEqual(await socket.event('good'), ['good', 1]);
  assert.deepEqual(socket.events.map(([name]) => name), ['authe_ok', 'good']);
  assert.deepEqual(socket.disconnects, []);
});

test('address_with_domain_in_any_case_is_the_user', async () => {
  const user = randomName();
  await live().login(`${user.toUpperCase()}@Dial.Example.ORG`, await relay.session({ id: user }));
});

test('login_that_is_not_right_gets_401_then_41_then_the_end', async () => {
  const good = await relay.session({ id: 'alice' });
  const now = Math.floor(Date.now() / 1000);
  const sign = (claims) => token({ id: 'alice', ...claims }).text;
  const cases = {
    'another key': [{ accessKeyId: 'alice', token: token({}, crypto.randomBytes(32)).text }],
    'no token': [{ accessKeyId: 'alice' }],
    'another user': [{ accessKeyId: 'bob', token: good }],
    'another domain': [{ accessKeyId: 'alice@other.example', token: good }],
    expired: [{ accessKeyId: 'alice', token: sign({ exp: now - 1 }) }],
    'second factor not verified': [{ accessKeyId: 'alice', token: await relay.session({ '2fa': true }) }],
    'unknown uaType': [{ accessKeyId: 'alice', token: good, uaType: 'fridge' }],
    'text for an object': [good],
    'nothing at all': [],
    'mirror of another user': [{ accessKeyId: 'alice', token: await relay.session({ id: 'alice' }, { u: 'bob' }) }],
    'mirror has expired': [{ accessKeyId: 'alice', token: await relay.session({ id: 'alice' }, { exp: now - 1 }) }],
  };
  for (const [name, args] of Object.entries(cases)) await test(name, () => refusal(args));
});

test('stock_client_hears_401_and_does_not_come_back_by_itself', async () => {
  const socket = live();
  await socket.connected();
  socket.emit('login', { accessKeyId: 'alice', token: 'eyJ.no.token' });
  assert.deepEqual(await socket.event('401'), ['401', { message: 'unauthorized access' }]);
  await until(() => socket.disconnects.length, { what: 'the disconnect' });
  assert.deepEqual(socket.disconnects, ['io server disconnect']);
});

test('ping_is_acknowledged_before_login_and_after', async () => {
  const socket = live();
  await socket.connected();
  assert.equal(await socket.socket.timeout(5000).emitWithAck('ping'), undefined);
  await socket.login('alice', await relay.session());
  assert.equal(await socket.socket.timeout(5000).emitWithAck('ping'), undefined);
});

test('line_of_the_command_line_example_works_as_printed', async () => {
  const user = randomName();
  const socket = await raw();
  socket.send(`42["login",{"accessKeyId":"${user}","token":"${await relay.session({ id: user })}","uaType":"desktop"}]\n`);
  await until(() => socket.heard.length === 3, { what: 'authe_ok' });
  assert.match(socket.heard[0], /^0\{"sid":"aa[\w-]{20}","upgrades":\[\],"pingInterval":25000,"pingTimeout":20000,"maxPayload":65536\}$/);
  assert.match(socket.heard[1], /^40\{"sid":"[\w-]{20}"\}$/);
  assert.equal(socket.heard[2], '42["authe_ok",{"message":"authorized successfully"}]');
});

test('revoked_session_is_sent_away_and_the_users_others_stay', async () => {
  const user = randomName();
  const jti = crypto.randomUUID();
  const [gone, stays] = await Promise.all([loggedIn(user, { claims: { jti } }), loggedIn(user)]);
  await relay.order(user, { o: 'revoke', j: [jti] });
  assert.deepEqual(await gone.event('401'), ['401', { message: 'unauthorized access' }]);
  await until(() => gone.disconnects.length, { what: 'the disconnect' });
  assert.deepEqual(gone.disconnects, ['io server disconnect']);
  await relay.publish(relay.channel(user), '["still"]');
  await stays.event('still');
  assert.equal(gone.named('still').length, 0);
});

test('socket_bound_to_a_new_token_outlives_the_old_one', async () => {
  const user = randomName();
  const [old, fresh] = [crypto.randomUUID(), crypto.randomUUID()];
  const socket = await loggedIn(user, { claims: { jti: old } });
  for (const control of [{ o: 'rebind', old, new: fresh }, { o: 'revoke', j: [old] }, { o: 'revoke', all: true, but: fresh }]) {
    await relay.order(user, control);
  }
  await relay.publish(relay.channel(user), '["still"]');
  await socket.event('still');
  assert.deepEqual(socket.disconnects, []);
});

test('session_ends_when_its_token_does', async () => {
  const user = randomName();
  const exp = Math.floor(Date.now() / 1000) + 2;
  const socket = await loggedIn(user, { claims: { exp } });
  await socket.event('401');
  assert.ok(Date.now() >= exp * 1000);
  await until(() => socket.disconnects.length, { what: 'the disconnect' });
});

test('refused_requests_get_the_protocols_answers', async () => {
  for (const [query, code, message] of [
    ['', 0, 'Transport unknown'],
    ['EIO=4&transport=flash', 0, 'Transport unknown'],
    ['EIO=5&transport=websocket', 5, 'Unsupported protocol version'],
    ['EIO=4&transport=websocket', 3, 'Bad request'],
  ]) {
    const answer = await fetch(`${relay.env.DIALTONE_URL}/api/ws/?${query}`);
    assert.equal(answer.status, 400);
    assert.equal(answer.headers.get('content-type'), 'application/json');
    assert.deepEqual(await answer.json(), { code, message });
  }
  assert.equal((await fetch(`${relay.env.DIALTONE_URL}/elsewhere`)).status, 404);
});

test('session_redis_has_forgotten_is_looked_up_by_the_api', async () => {
  const own = await ownRelay();
  const dead = token({ id: 'carol' });
  const alive = token({ id: 'dave' });
  let away = true;
  await own.startApi((params) => {
    if (away) return 'Status: 503 Service Unavailable\r\n\r\n';
    if (params.HTTP_AUTHORIZATION !== `Bearer ${alive.text}`) return 'Status: 401 Unauthorized\r\n\r\n{}';
    const { id, dom, jti, exp } = alive.claims;
    return `Content-Type: application/json\r\n\r\n${JSON.stringify({
      username: id, domain: dom, jti, exp, otp_verified: false, rooms: ['all', 'qman'] })}`;
  });
  const socket = live(own);
  await socket.connected();
  socket.emit('login', { accessKeyId: 'dave', token: alive.text });
  await until(() => own.asked.length, { what: 'the relay to ask' });
  away = false;
  await socket.event('authe_ok');
  const { REQUEST_METHOD, SCRIPT_NAME, REQUEST_URI, DIALTONE_INTERNAL, HTTP_HOST } = own.asked[0];
  assert.deepEqual([REQUEST_METHOD, SCRIPT_NAME, REQUEST_URI, DIALTONE_INTERNAL, HTTP_HOST],
    ['GET', '/internal/session', '/internal/session', '1', own.domain]);
  await own.publish(own.room('qman'), '["queueUpdate"]');
  await socket.event('queueUpdate');

  const refused = live(own);
  await refused.connected();
  refused.emit('login', { accessKeyId: 'carol', token: dead.text });
  await refused.event('401');
});

test('copy_of_a_version_without_capabilities_is_as_good_as_none', async () => {
  const own = await ownRelay();
  const [old, other] = [token({ id: 'old' }), randomName()];
  await own.cli('HSET', `cti1:{${own.domain}}:tok:${old.claims.jti}`, 'u', 'old', 'exp', String(old.claims.exp), 'rooms', 'all');
  await own.startApi(() => `Content-Type: application/json\r\n\r\n${JSON.stringify({
    username: 'old', domain: own.domain, jti: old.claims.jti, exp: old.claims.exp, otp_verified: false, rooms: ['all', 'qman'],
    ext: [], cap: ['nethvoice_cti.screen_sharing'], pv: 1 })}`);
  const [socket, receiver] = [await live(own).login('old', old.text), await loggedIn(other, { on: own })];
  assert.ok(own.asked.length > 0);
  await own.publish(own.room('qman'), '["queueUpdate"]');
  await socket.event('queueUpdate');
  socket.emit('message', { message: 'screenSharingStart', destUser: other });
  await receiver.event('message');
});

test('redis_restart_keeps_clients_and_lets_logins_wait', async () => {
  const own = await ownRelay();
  const user = randomName();
  const socket = await loggedIn(user, { on: own });
  const late = token({ id: user });
  await own.stopRedis();
  const waiting = live(own);
  await waiting.connected();
  waiting.emit('login', { accessKeyId: user, token: late.text });
  assert.equal(await socket.socket.timeout(5000).emitWithAck('ping'), undefined);
  await own.startRedis();
  await own.cli('HSET', `cti1:{${own.domain}}:tok:${late.claims.jti}`, 'u', user, 'exp', String(late.claims.exp), 'cap', '');
  await waiting.event('authe_ok');
  await until(async () => (await own.publish(own.channel(user), '["back"]')) === '1', { what: 'the relay to subscribe again' });
  assert.deepEqual(await socket.event('back'), ['back']);
  assert.deepEqual([socket.disconnects, waiting.disconnects], [[], []]);
});

test('relay_that_is_started_without_redis_serves_nobody_and_ends', async () => {
  const own = await RelayAlone.start();
  after(() => own.remove());
  await own.stopRelay();
  await own.stopRedis();
  await own.spawnRelay();
  await until(() => own.process.exitCode !== null, { what: 'the relay to end' });
  assert.equal(own.process.exitCode, 1);
  assert.match(own.log, /redis does not answer/);
  assert.doesNotMatch(own.log, /listens on/);
  await own.startRedis();
  await own.startRelay();
});

test('redis_that_takes_no_data_for_a_while_lets_logins_wait', async () => {
  const own = await ownRelay();
  const user = randomName();
  const text = await own.session({ id: user });
  await own.cli('CONFIG', 'SET', 'maxmemory', '1');
  const waiting = await live(own).connected();
  waiting.emit('login', { accessKeyId: user, token: text, uaType: 'desktop' });
  await until(() => own.log.includes('OOM command not allowed'), { what: 'Redis to refuse' });
  await own.cli('CONFIG', 'SET', 'maxmemory', '0');
  await waiting.event('authe_ok');
});

test('restart_of_redis_costs_few_questions_however_many_channels_there_are', async () => {
  const own = await ownRelay({ settings: { max_sessions_per_address: 0, handshakes_per_second: 0 } });
  const users = Array.from({ length: 600 }, randomName);
  const texts = await own.sessions(users);
  const sockets = await Promise.all(users.map((user, i) => live(own).login(user, texts[i])));
  await own.stopRedis();
  await own.startRedis();
  for (const user of users) {
    await until(async () => (await own.publish(own.channel(user), '["back"]')) === '1', { what: 'all channels to be subscribed again' });
  }
  for (const socket of sockets) await socket.event('back');
  const stats = await own.cli('INFO', 'commandstats');
  const [questions, looks] = ['hmget', 'eval'].map((name) => Number(stats.match(`cmdstat_${name}:calls=(\\d+)`)?.[1] ?? 0));
  /* With the same command every session is looked at again, once now and once in its round: then it
   * enters the roster, too. */
  assert.ok(questions - users.length - looks < users.length / 4, `${questions} questions, ${looks} looks`);
  assert.deepEqual(sockets.flatMap((socket) => socket.disconnects), []);
  for (const socket of sockets) socket.close();
});

test('stopping_relay_closes_transports_so_that_clients_come_back', async () => {
  const own = await ownRelay();
  const user = randomName();
  const socket = live(own);
  const text = await own.session({ id: user });
  await socket.login(user, text);
  assert.equal(await own.stopRelay(), 0);
  await until(() => socket.disconnects.length, { what: 'the disconnect' });
  assert.deepEqual(socket.disconnects, ['transport close']);
  await own.startRelay();
  await until(() => socket.socket.connected, { what: 'the client to come back' });
  await socket.login(user, text);
});

test('thousand_clients_are_served_at_once', async () => {
  const users = Array.from({ length: 1000 }, randomName);
  const texts = await relay.sessions(users);
  const sockets = await Promise.all(users.map((user, i) => live().login(user, texts[i])));
  assert.equal(await relay.publish(relay.room('all'), '["toAll",1]'), '1');
  for (const socket of sockets) assert.deepEqual(await socket.event('toAll'), ['toAll', 1]);
  for (const socket of sockets) socket.close();
});
