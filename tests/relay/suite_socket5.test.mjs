/* What the public suite of Socket.IO 5 asserts beyond Engine.IO (realtime section 20), against
 * tests/sio-echo. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CALM, PATIENT, Polling, startEcho, Wire } from '../lib/echo.mjs';

const [host, patient, asAsked] = [await startEcho(CALM), await startEcho(PATIENT), await startEcho()];
const at = '/socket.io/';
const wire = async (on = host) => {
  const socket = await Wire.open(on, 'EIO=4&transport=websocket', { path: at });
  await socket.next();
  return socket;
};

async function connected(on) {
  const socket = await wire(on);
  socket.send('40');
  await socket.next();
  await socket.next();
  return socket;
}

/* The handshake and the engine's behaviour on this path. */
test('polling_handshake_and_refusals_are_the_engines', async () => {
  const { handshake } = await Polling.open(asAsked, { path: at });
  const { sid, ...others } = handshake;
  assert.equal(typeof sid, 'string');
  assert.deepEqual(others, { upgrades: ['websocket'], pingInterval: 300, pingTimeout: 200, maxPayload: 1000000 });
  for (const query of ['transport=polling', 'EIO=abc&transport=polling', 'EIO=4', 'EIO=4&transport=abc']) {
    assert.equal((await fetch(`http://${host}${at}?${query}`)).status, 400);
  }
  for (const method of ['POST', 'PUT']) {
    assert.equal((await fetch(`http://${host}${at}?EIO=4&transport=polling`, { method })).status, 400);
  }
  for (const query of ['transport=websocket', 'EIO=abc&transport=websocket', 'EIO=4', 'EIO=4&transport=abc']) {
    assert.ok((await Wire.open(host, query, { path: at })).failed);
  }
});

test('heartbeat_close_and_upgrade_are_the_engines', async () => {
  const session = await Polling.open(patient, { path: at });
  assert.equal(await session.poll(), '2');
  assert.equal(await session.push('3'), 'ok');
  const [held, pushed] = await Promise.all([session.get(), session.post('1')]);
  assert.deepEqual([await held.text(), await pushed.text(), await session.poll()], ['6', 'ok', 400]);
  const other = await Polling.open(host, { path: at });
  const socket = await Wire.open(host, `EIO=4&transport=websocket&sid=${other.sid}`, { path: at });
  socket.send('2probe', '5', '40');
  assert.equal(await socket.next(), '3probe');
  assert.match(await socket.next(), /^40\{/);
  assert.equal(await other.poll(), 400);
  const silent = await wire(asAsked);
  assert.equal(await silent.closed(), 1001);
});

for (const [sent, prefix, auth] of [
  ['40', '40', '{}'],
  ['40{"token":"123"}', '40', '{"token":"123"}'],
  ['40/custom,', '40/custom,', '{}'],
  ['40/custom,{"token":"abc"}', '40/custom,', '{"token":"abc"}'],
]) {
  test(`${sent}_is_answered_and_auth_follows_byte_by_byte`, async () => {
    const socket = await wire();
    socket.send(sent);
    const answer = await socket.next();
    assert.ok(answer.startsWith(prefix));
    const body = JSON.parse(answer.slice(prefix.length));
    assert.deepEqual(Object.keys(body), ['sid']);
    assert.match(body.sid, /^[\w-]{20}$/);
    assert.equal(await socket.next(), `${prefix.replace('40', '42')}["auth",${auth}]`);
  });
}

test('unknown_namespace_is_refused_and_the_session_stays', async () => {
  const socket = await wire();
  socket.send('40/random', '40');
  assert.equal(await socket.next(), '44/random,{"message":"Invalid namespace"}');
  assert.match(await socket.next(), /^40\{/);
});

test('first_packet_that_is_none_closes', async () => {
  const socket = await wire();
  socket.send('4abc');
  assert.equal(await socket.closed(), 1002);
});

test('client_that_joins_nothing_is_closed', async () => {
  assert.equal(await (await wire()).closed(), 1008);
});

test('session_outlives_its_last_namespace', async () => {
  const socket = await connected(patient);
  socket.send('41');
  assert.equal(await socket.next(), '2');
});

test('second_namespace_comes_and_goes_and_the_first_still_echoes', async () => {
  const socket = await connected(patient);
  assert.equal(await socket.next(), '2');
  socket.send('40/custom');
  assert.match(await socket.next(), /^40\/custom,\{/);
  assert.equal(await socket.next(), '42/custom,["auth",{}]');
  socket.send('41/custom', '3');
  assert.equal(await socket.next(), '2');
  socket.send('42["message","message to main namespace"]');
  assert.equal(await socket.next(), '42["message-back","message to main namespace"]');
});

test('text_comes_back_as_it_was_written', async () => {
  const socket = await connected();
  socket.send('42["message",1,"2",{"3":[true]}]', '42["message", 1.0e2 ,"\\u0041\\ud800",{"a":1,"a":2}]');
  assert.equal(await socket.next(), '42["message-back",1,"2",{"3":[true]}]');
  assert.equal(await socket.next(), '42["message-back", 1.0e2 ,"\\u0041\\ud800",{"a":1,"a":2}]');
});

const TWO = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}';
const [ONE, OTHER] = [Buffer.from([1, 2, 3]), Buffer.from([4, 5, 6])];

test('binary_event_comes_back_with_its_attachments', async () => {
  const socket = await connected();
  socket.send(`452-["message",${TWO}]`, ONE, OTHER);
  assert.equal(await socket.next(), `452-["message-back",${TWO}]`);
  assert.deepEqual([await socket.next(), await socket.next()], [ONE, OTHER]);
});

test('acknowledgements_carry_text_and_attachments', async () => {
  const socket = await connected();
  socket.send('42456["message-with-ack",1,"2",{"3":[false]}]');
  assert.equal(await socket.next(), '43456[1,"2",{"3":[false]}]');
  socket.send(`452-789["message-with-ack",${TWO}]`, ONE, OTHER);
  assert.equal(await socket.next(), `462-789[${TWO}]`);
  assert.deepEqual([await socket.next(), await socket.next()], [ONE, OTHER]);
});

test('attachments_in_base64_are_taken_from_clients_that_send_no_bytes', async () => {
  const socket = await connected();
  socket.send(`452-["message",${TWO}]`, 'bAQID', 'bBAUG');
  assert.equal(await socket.next(), `452-["message-back",${TWO}]`);
  assert.deepEqual([await socket.next(), await socket.next()], [ONE, OTHER]);
  socket.send(`451-["message",{"_placeholder":true,"num":0}]`, 'bAQ');
  assert.equal(await socket.closed(), 1002);
});

test('attachments_travel_over_polling_too', async () => {
  const session = await Polling.open(host, { path: at });
  assert.equal(await session.push(`40\x1e452-["message",${TWO}]\x1ebAQID`), 'ok');
  assert.match(await session.poll(), /^40\{"sid":"[\w-]{20}"\}\x1e42\["auth",\{\}\]$/);
  assert.equal(await session.push('bBAUG'), 'ok');
  assert.equal(await session.poll(), `452-["message-back",${TWO}]\x1ebAQID\x1ebBAUG`);
});

test('what_breaks_the_protocol_closes', async () => {
  for (const bad of ['4abc', '42{}', '42abc["message-back", "abc"]', '4', '40', '42[]', '42[null]', '42["connect"]',
    '42["disconnecting"]', '42', '44{"message":"x"}', '41{}', '42/custom,["a"]', '450-["message"]', '4511-["message"]',
    '45["message"]', '451-["message",{"_placeholder":true,"num":1}]', '2', '9', '', 'bAQID']) {
    const socket = await connected();
    socket.send(bad);
    assert.equal(await socket.closed(), 1002, bad);
  }
});

test('text_before_the_last_attachment_and_bytes_unannounced_close', async () => {
  const socket = await connected();
  socket.send(`452-["message",${TWO}]`, ONE, '42["message"]');
  assert.equal(await socket.closed(), 1002);
  const other = await connected();
  other.send(ONE);
  assert.equal(await other.closed(), 1002);
});

test('heartbeat_may_come_between_attachments', async () => {
  const socket = await connected(patient);
  socket.send(`452-["message",${TWO}]`, ONE);
  assert.equal(await socket.next(), '2');
  socket.send('3', OTHER);
  assert.equal(await socket.next(), `452-["message-back",${TWO}]`);
});

test('what_does_no_harm_is_ignored', async () => {
  const socket = await connected();
  socket.send('3', '0{}', '5', '6', '43["x"]', '4399[]', '42[7,"number"]', '42["unknown"]', '42["message"]');
  assert.equal(await socket.next(), '42["message-back"]');
});
