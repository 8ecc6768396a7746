/* What the public suite of Engine.IO 3 asserts (realtime sections 10 and 20), against tests/sio-echo. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CALM, INTERVAL, Polling, startEcho, TIMEOUT, Wire } from '../lib/echo.mjs';
import { pause, until } from '../lib/until.mjs';

const [host, asAsked] = [await startEcho(CALM), await startEcho()];
const polling = (more = '', on = host) => Polling.open(on, { version: 3, more });
const wire = (query = 'EIO=3&transport=websocket', on = host) => Wire.open(on, query);

test('polling_handshake_is_one_packet_with_its_length', async () => {
  const { opening, handshake } = await polling('', asAsked);
  assert.equal(opening.status, 200);
  assert.match(opening.text, /^\d+:0\{/);
  assert.equal(Number(/^\d+/.exec(opening.text)[0]), opening.text.replace(/^\d+:/, '').length);
  const { sid, ...others } = handshake;
  assert.equal(typeof sid, 'string');
  assert.deepEqual(others, { upgrades: ['websocket'], pingInterval: 300, pingTimeout: 200, maxPayload: 1000000 });
});

test('wrong_parameters_and_methods_are_refused', async () => {
  for (const query of ['EIO=abc&transport=polling', 'EIO=3', 'EIO=3&transport=abc']) {
    assert.equal((await fetch(`http://${host}/engine.io/?${query}`)).status, 400, query);
  }
  for (const method of ['POST', 'PUT']) {
    assert.equal((await fetch(`http://${host}/engine.io/?EIO=3&transport=polling`, { method })).status, 400);
  }
  for (const query of ['EIO=abc&transport=websocket', 'EIO=3', 'EIO=3&transport=abc']) {
    assert.equal((await wire(query)).failed, 'Unexpected server response: 400');
  }
});

test('websocket_handshake_begins_with_the_open_packet', async () => {
  const { upgrades } = JSON.parse((await (await wire()).next()).slice(1));
  assert.deepEqual(upgrades, []);
});

test('packets_come_back_with_lengths_in_utf16_units', async () => {
  const session = await polling();
  assert.equal(await session.push('6:4hello'), 'ok');
  assert.equal(await session.poll(), '6:4hello');
  assert.equal(await session.push('6:4test16:4test26:4test3'), 'ok');
  assert.equal(await session.poll(), '6:4test16:4test26:4test3');
  assert.equal(await session.push('2:4€3:4😀'), 'ok');
  assert.equal(await session.poll(), '2:4€3:4😀');
});

test('empty_payload_is_a_payload', async () => {
  const session = await polling();
  assert.equal(await session.push('0:'), 'ok');
  assert.equal(await session.push('2:4a'), 'ok');
  assert.equal(await session.poll(), '2:4a');
});

test('client_that_takes_no_bytes_gets_base64', async () => {
  for (const b64 of ['&b64=1', '&b64=true', '&b64']) {
    const session = await polling(b64);
    assert.equal(await session.push('6:4hello10:b4AQIDBA=='), 'ok');
    assert.equal(await session.poll(), '6:4hello10:b4AQIDBA==');
  }
});

const MIXED = Buffer.from([0, 6, 255, ...Buffer.from('4hello'), 1, 5, 255, 4, 1, 2, 3, 4]);

test('client_that_takes_bytes_gets_them_as_they_are', async () => {
  const session = await polling();
  assert.equal(await session.push('6:4hello10:b4AQIDBA=='), 'ok');
  const answer = await session.get();
  assert.equal(answer.headers.get('content-type'), 'application/octet-stream');
  assert.deepEqual(Buffer.from(await answer.arrayBuffer()), MIXED);
});

test('binary_form_may_be_pushed', async () => {
  const session = await polling();
  const pushed = await session.post(MIXED, { headers: { 'content-type': 'application/octet-stream' } });
  assert.equal(await pushed.text(), 'ok');
  assert.deepEqual(Buffer.from(await (await session.get()).arrayBuffer()), MIXED);
});

test('invalid_push_ends_the_session', async () => {
  for (const body of ['abc', '', '0:0:', '9:4hello', '1:9', '3:']) {
    const session = await polling();
    assert.equal(await session.push(body), 400, body);
    assert.equal(await session.poll(), 400, body);
  }
});

test('second_poll_ends_the_session', async () => {
  const session = await polling();
  const first = session.get();
  await until(async () => (await fetch(`http://${host}/engine.io/?EIO=3`)).status === 400);
  const second = await session.get();
  const held = await first;
  assert.deepEqual([held.status, await held.text(), second.status], [200, '1:1', 400]);
  assert.equal(await session.poll(), 400);
});

test('websocket_returns_text_and_bytes_with_the_type_in_front', async () => {
  const socket = await wire();
  await socket.next();
  socket.send('4hello', Buffer.from([4, 1, 2, 3, 4]));
  assert.equal(await socket.next(), '4hello');
  assert.deepEqual(await socket.next(), Buffer.from([4, 1, 2, 3, 4]));
  socket.send('abc');
  assert.equal(await socket.closed(), 1002);
});

test('bytes_in_base64_are_bytes_on_a_websocket_too', async () => {
  const socket = await wire();
  await socket.next();
  socket.send('b4AQIDBA==');
  assert.deepEqual(await socket.next(), Buffer.from([4, 1, 2, 3, 4]));
  socket.send('bAQIDBA==');
  assert.equal(await socket.closed(), 1002);
});

test('bytes_without_the_type_close_the_websocket', async () => {
  const socket = await wire();
  socket.send(Buffer.from([1, 2, 3]));
  assert.equal(await socket.closed(), 1002);
});

test('client_pings_and_gets_the_pong_for_three_rounds', async () => {
  const [session, socket] = [await polling(), await wire()];
  await socket.next();
  for (let round = 0; round < 3; round++) {
    assert.equal(await session.push('1:2'), 'ok');
    assert.equal(await session.poll(), '1:3');
    socket.send('2');
    assert.equal(await socket.next(), '3');
  }
});

test('pings_keep_a_session_beyond_its_time', async () => {
  const [interval, timeout] = [300, 1200];
  const socket = await wire(undefined, await startEcho({ interval, timeout }));
  for (const since = Date.now(); Date.now() - since < 2 * (interval + timeout); await pause(interval)) socket.send('2');
  socket.send('4still');
  await until(() => socket.heard.includes('4still'), { what: 'the echo' });
});

test('session_without_pings_is_gone_the_moment_they_are_overdue', async () => {
  const [session, socket] = [await polling('', asAsked), await wire(undefined, asAsked)];
  await pause(INTERVAL + TIMEOUT);
  assert.equal(await session.poll(), 400);
  assert.equal(await socket.closed(), 1001);
});

test('pong_from_a_client_ends_the_session', async () => {
  const session = await polling();
  assert.equal(await session.push('1:3'), 400);
  assert.equal(await session.poll(), 400);
});

test('goodbye_returns_the_held_poll_and_closes_the_websocket', async () => {
  const session = await polling();
  const [held, pushed] = await Promise.all([session.get(), session.post('1:1')]);
  assert.deepEqual([held.status, await held.text(), await pushed.text()], [200, '1:6', 'ok']);
  assert.equal(await session.poll(), 400);
  const socket = await wire();
  socket.send('1');
  assert.equal(await socket.closed(), 1000);
});

test('upgrade_moves_the_session_with_what_waits', async () => {
  const session = await polling();
  const socket = await wire(`EIO=3&transport=websocket&sid=${session.sid}`);
  socket.send('2probe');
  assert.equal(await socket.next(), '3probe');
  assert.equal(await session.poll(), '1:6');
  assert.equal(await session.push('10:b4AQIDBA=='), 'ok');
  socket.send('5');
  assert.deepEqual(await socket.next(), Buffer.from([4, 1, 2, 3, 4]));
  assert.equal(await session.poll(), 400);
  assert.equal(await (await wire(`EIO=3&transport=websocket&sid=${session.sid}`)).closed(), 1002);
  socket.send('4hello');
  assert.equal(await socket.next(), '4hello');
});

test('probe_and_upgrade_back_to_back_are_taken', async () => {
  const session = await polling();
  const socket = await wire(`EIO=3&transport=websocket&sid=${session.sid}`);
  socket.send('2probe', '5', '4hello');
  assert.deepEqual([await socket.next(), await socket.next()], ['3probe', '4hello']);
  assert.equal(await session.poll(), 400);
});

test('old_client_is_in_the_main_namespace_from_the_start', async () => {
  const at = '/socket.io/';
  const session = await Polling.open(host, { path: at, version: 3 });
  assert.equal(await session.poll(), '2:4013:42["auth",{}]');
  const socket = await Wire.open(host, 'EIO=3&transport=websocket', { path: at });
  await socket.next();
  assert.deepEqual([await socket.next(), await socket.next()], ['40', '42["auth",{}]']);
  socket.send('42["message",1]', '40/custom?token=abc,', '430[]');
  assert.deepEqual([await socket.next(), await socket.next(), await socket.next()],
    ['42["message-back",1]', '40/custom,', '42/custom,["auth",{"token":"abc"}]']);
  socket.send('40/random,');
  assert.equal(await socket.next(), '44/random,{"message":"Invalid namespace"}');
});

test('binary_event_of_an_old_client_comes_back_with_the_type_in_front', async () => {
  const socket = await Wire.open(host, 'EIO=3&transport=websocket', { path: '/socket.io/' });
  for (let i = 0; i < 3; i++) await socket.next();
  socket.send('451-["message",{"_placeholder":true,"num":0}]', Buffer.from([4, 7, 8]));
  assert.equal(await socket.next(), '451-["message-back",{"_placeholder":true,"num":0}]');
  assert.deepEqual(await socket.next(), Buffer.from([4, 7, 8]));
});
