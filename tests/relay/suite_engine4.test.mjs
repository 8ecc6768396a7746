/* What the public suite of Engine.IO 4 asserts (realtime section 20), against tests/sio-echo. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';

import { CALM, INTERVAL, PATIENT, Polling, startEcho, TIMEOUT, Wire } from '../lib/echo.mjs';
import { pause, until } from '../lib/until.mjs';

const [host, patient, asAsked] = [await startEcho(CALM), await startEcho(PATIENT), await startEcho()];
const polling = (on = host) => Polling.open(on);
const wire = (query = 'EIO=4&transport=websocket', on = host) => Wire.open(on, query);
const pinged = (on) => wire(undefined, on);

const status = async (query, options) => (await fetch(`http://${host}/engine.io/${query}`, options)).status;

/* A session on polling and a WebSocket that has answered its probe. */
async function probed() {
  const session = await polling();
  const socket = await wire(`EIO=4&transport=websocket&sid=${session.sid}`);
  socket.send('2probe');
  assert.equal(await socket.next(), '3probe');
  return { session, socket };
}

async function upgraded() {
  const { session, socket } = await probed();
  socket.send('5');
  return { session, socket };
}

test('polling_handshake_has_exactly_the_five_keys', async () => {
  const { opening, handshake } = await polling(asAsked);
  assert.equal(opening.status, 200);
  assert.equal(opening.type, 'text/plain; charset=UTF-8');
  assert.equal(opening.text[0], '0');
  const { sid, ...others } = handshake;
  assert.match(sid, /^aa[\w-]{20}$/);
  assert.deepEqual(others, { upgrades: ['websocket'], pingInterval: 300, pingTimeout: 200, maxPayload: 1000000 });
});

test('missing_or_wrong_parameters_of_a_polling_handshake_are_refused', async () => {
  for (const query of ['?transport=polling', '?EIO=abc&transport=polling', '?EIO=4', '?EIO=4&transport=abc',
    '?EIO=5&transport=polling', '?EIO=4&transport=polling&j=0', '?EIO=4&transport=polling&j=1234567890',
    '?EIO=4&transport=polling&j']) assert.equal(await status(query), 400, query);
});

test('session_is_not_opened_by_another_method', async () => {
  for (const method of ['POST', 'PUT']) {
    const answer = await fetch(`http://${host}/engine.io/?EIO=4&transport=polling`, { method });
    assert.equal(answer.status, 400);
    assert.deepEqual(await answer.json(), { code: 2, message: 'Bad handshake method' });
  }
});

test('answer_to_head_has_the_length_of_a_body_and_none', async () => {
  const asked = `HEAD /engine.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: a\r\n\r\n`;
  const heard = await plain(`${asked}GET /engine.io/?EIO=4 HTTP/1.1\r\nHost: a\r\n\r\n`, (text) => text.endsWith('}'));
  assert.equal(heard.split('HTTP/1.1 400 ').length, 3);
  assert.match(heard, /Content-Length: 43\r\n\r\nHTTP\/1.1 400 /);
});

test('websocket_handshake_begins_with_the_open_packet', async () => {
  const { sid, ...others } = JSON.parse((await (await pinged(asAsked)).next()).slice(1));
  assert.equal(typeof sid, 'string');
  assert.deepEqual(others, { upgrades: [], pingInterval: 300, pingTimeout: 200, maxPayload: 1000000 });
});

test('wrong_parameters_of_a_websocket_handshake_are_refused', async () => {
  for (const query of ['transport=websocket', 'EIO=abc&transport=websocket', 'EIO=4', 'EIO=4&transport=abc']) {
    assert.equal((await wire(query)).failed, 'Unexpected server response: 400', query);
  }
});

test('packets_pushed_come_back_on_the_poll_in_order', async () => {
  const session = await polling();
  assert.equal(await session.push('4hello'), 'ok');
  assert.equal(await session.poll(), '4hello');
  assert.equal(await session.push('4test1\x1e4test2\x1e4test3'), 'ok');
  assert.equal(await session.poll(), '4test1\x1e4test2\x1e4test3');
});

test('bytes_travel_as_base64_on_polling', async () => {
  const session = await polling();
  assert.equal(await session.push('4hello\x1ebAQIDBA=='), 'ok');
  const answer = await session.get();
  assert.equal(answer.headers.get('content-type'), 'text/plain; charset=UTF-8');
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  assert.equal(await answer.text(), '4hello\x1ebAQIDBA==');
});

test('invalid_push_ends_the_session', async () => {
  for (const body of ['abc', '', '4a\x1e', '9', '4\x1e\x1e4']) {
    const session = await polling();
    assert.equal(await session.push(body), 400, body);
    assert.equal(await session.poll(), 400, body);
  }
});

test('octets_and_bodies_too_large_end_the_session', async () => {
  const session = await polling();
  const octets = { headers: { 'content-type': 'application/octet-stream' } };
  assert.equal((await session.post('4hello', octets)).status, 400);
  assert.equal(await session.poll(), 400);
  const other = await polling();
  assert.equal(await other.push('4'.padEnd(1000001, 'x')), 413);
  assert.equal(await other.poll(), 400);
});

test('message_as_long_as_announced_comes_back', async () => {
  const session = await polling();
  const long = '4'.padEnd(250000, 'é');
  assert.equal(await session.push(long), 'ok');
  assert.equal(await session.poll(), long);
});

test('second_poll_ends_the_session', async () => {
  const session = await polling();
  const first = session.get();
  await until(async () => (await fetch(`http://${host}/engine.io/?EIO=4`)).status === 400);
  const second = await session.get();
  const held = await first;
  assert.deepEqual([held.status, await held.text(), second.status], [200, '1', 400]);
  assert.equal(await session.poll(), 400);
});

test('poll_given_up_ends_the_session', async () => {
  const session = await polling();
  const held = net.connect(Number(host.split(':')[1]), '127.0.0.1');
  held.resume().end(head('GET', session.sid));
  await once(held, 'close');
  assert.equal(await session.poll(), 400);
});

test('websocket_returns_text_and_bytes_and_closes_on_garbage', async () => {
  const socket = await wire();
  await socket.next();
  socket.send('4hello', Buffer.from([1, 2, 3, 4]));
  assert.equal(await socket.next(), '4hello');
  assert.deepEqual(await socket.next(), Buffer.from([1, 2, 3, 4]));
  socket.send('abc');
  assert.equal(await socket.closed(), 1002);
});

test('poll_held_at_rest_gets_the_ping_for_three_rounds', async () => {
  const session = await polling(patient);
  for (let round = 0; round < 3; round++) {
    assert.equal(await session.poll(), '2');
    assert.equal(await session.push('3'), 'ok');
  }
});

test('websocket_gets_the_ping_for_three_rounds', async () => {
  const socket = await pinged(patient);
  await socket.next();
  for (let round = 0; round < 3; round++) {
    assert.equal(await socket.next(), '2');
    socket.send('3');
  }
});

test('session_is_gone_the_moment_its_pong_is_overdue', async () => {
  for (let round = 0; round < 3; round++) {
    const session = await polling(asAsked);
    await pause(INTERVAL + TIMEOUT);
    assert.equal(await session.poll(), 400);
  }
});

test('websocket_closes_when_the_pong_is_overdue', async () => {
  const socket = await pinged(asAsked);
  assert.equal(await socket.closed(), 1001);
  assert.equal(socket.heard[1], '2');
});

test('pong_nobody_asked_for_is_ignored_and_a_ping_is_not', async () => {
  const session = await polling();
  assert.equal(await session.push('3\x1e4a'), 'ok');
  assert.equal(await session.poll(), '4a');
  assert.equal(await session.push('2'), 400);
});

test('goodbye_returns_the_held_poll', async () => {
  for (let round = 0; round < 20; round++) {
    const session = await polling();
    const [held, pushed] = await Promise.all([session.get(), session.post('1')]);
    assert.deepEqual([round, held.status, await held.text(), await pushed.text()], [round, 200, '6', 'ok']);
    assert.equal(await session.poll(), 400);
  }
});

test('goodbye_closes_the_websocket', async () => {
  const socket = await wire();
  await socket.next();
  socket.send('1');
  assert.equal(await socket.closed(), 1000);
});

test('upgrade_returns_polls_and_moves_the_session', async () => {
  const { session, socket } = await probed();
  assert.equal(await session.poll(), '6');
  assert.equal(await session.push('4before'), 'ok');
  assert.equal(await session.poll(), '4before');
  socket.send('5', '4hello');
  assert.equal(await socket.next(), '4hello');
});

test('poll_held_when_the_probe_comes_is_returned', async () => {
  const session = await polling();
  const held = session.poll();
  const socket = await wire(`EIO=4&transport=websocket&sid=${session.sid}`);
  socket.send('2probe');
  assert.equal(await socket.next(), '3probe');
  assert.equal(await held, '6');
});

test('what_waits_is_sent_over_the_websocket_in_order', async () => {
  const session = await polling();
  assert.equal(await session.push('4a\x1ebAQID\x1e4b'), 'ok');
  const socket = await wire(`EIO=4&transport=websocket&sid=${session.sid}`);
  socket.send('2probe', '5', '4c');
  assert.deepEqual([await socket.next(), await socket.next(), await socket.next(), await socket.next(), await socket.next()],
    ['3probe', '4a', Buffer.from([1, 2, 3]), '4b', '4c']);
});

/* It is taken and then closed: clients would take a refusal for an error of their own. */
async function isClosed(socket) {
  assert.equal(await socket.closed(), 1002);
  assert.deepEqual([socket.failed, socket.heard], [undefined, []]);
}

test('after_an_upgrade_polls_are_refused_and_other_websockets_closed', async () => {
  const { session, socket } = await upgraded();
  socket.send('4first');
  assert.equal(await socket.next(), '4first');
  const poll = await session.get();
  assert.deepEqual([poll.status, await poll.json()], [400, { code: 3, message: 'Bad request' }]);
  await isClosed(await wire(`EIO=4&transport=websocket&sid=${session.sid}`));
  socket.send('4hello');
  assert.equal(await socket.next(), '4hello');
});

test('second_websocket_during_an_upgrade_is_closed_and_the_first_completes_it', async () => {
  const { session, socket } = await probed();
  await isClosed(await wire(`EIO=4&transport=websocket&sid=${session.sid}`));
  socket.send('5', '4hello');
  assert.equal(await socket.next(), '4hello');
});

test('probe_and_upgrade_back_to_back_are_taken', async () => {
  const session = await polling();
  const socket = await wire(`EIO=4&transport=websocket&sid=${session.sid}`);
  socket.send('2probe', '5');
  assert.equal(await socket.next(), '3probe');
  assert.equal(await session.poll(), 400);
  socket.send('4hello');
  assert.equal(await socket.next(), '4hello');
});

test('anything_else_on_a_probing_websocket_closes_it_and_polling_goes_on', async () => {
  for (const message of ['4hello', '3', '2', Buffer.from([1])]) {
    const session = await polling();
    const socket = await wire(`EIO=4&transport=websocket&sid=${session.sid}`);
    socket.send(message);
    assert.equal(await socket.closed(), 1002);
    assert.equal(await session.push('4still'), 'ok');
    assert.equal(await session.poll(), '4still');
  }
});

test('session_that_began_on_websocket_or_is_unknown_is_refused', async () => {
  const socket = await wire();
  const { sid } = JSON.parse((await socket.next()).slice(1));
  for (const name of [sid, 'aaAAAAAAAAAAAAAAAAAAAA', 'zzAAAAAAAAAAAAAAAAAAAA', 'a', '',
    'a'.repeat(500), '%', 'aa%00']) {
    const answer = await fetch(`http://${host}/engine.io/?EIO=4&transport=polling&sid=${name}`);
    assert.deepEqual([answer.status, await answer.json()], [400, { code: 1, message: 'Session ID unknown' }]);
    assert.equal((await wire(`EIO=4&transport=websocket&sid=${name}`)).failed, 'Unexpected server response: 400');
  }
});

test('method_that_is_neither_poll_nor_push_is_told_405_and_the_session_stays', async () => {
  const session = await polling();
  const answer = await session.get({ method: 'PUT', body: 'x' });
  assert.deepEqual([answer.status, answer.headers.get('allow')], [405, 'GET, POST, OPTIONS']);
  assert.equal(await session.push('4a'), 'ok');
  assert.equal(await session.poll(), '4a');
});

/* A plain connection: what is said, and what is heard until the condition holds. */
async function plain(text, whole) {
  const socket = net.connect(Number(host.split(':')[1]), '127.0.0.1');
  let heard = '';
  socket.setEncoding('latin1').on('data', (data) => (heard += data));
  socket.write(text);
  await until(() => whole(heard), { what: `the answers, so far: ${heard}` });
  socket.destroy();
  return heard;
}

const head = (method, sid, more = '') =>
  `${method} /engine.io/?EIO=4&transport=polling&sid=${sid} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;

test('requests_on_one_connection_are_answered_one_after_the_other', async () => {
  const { sid } = await polling();
  const push = `${head('POST', sid, 'Content-Length: 2\r\n')}4a`;
  const heard = await plain(push + head('GET', sid) + head('GET', sid) + push, (text) => text.endsWith('ok') && text.includes('4a'));
  assert.deepEqual(heard.match(/\r\n\r\n(ok|4a|2)/g).map((part) => part.slice(4)).slice(0, 2), ['ok', '4a']);
});

test('push_cut_anywhere_is_put_together', async () => {
  const { sid } = await polling();
  const text = `${head('POST', sid, 'Content-Length: 6\r\nConnection: close\r\n')}4a\x1e4bc`;
  const port = Number(host.split(':')[1]);
  for (let cut = 1; cut < text.length; cut += 7) {
    const { sid: own } = await polling();
    const mine = text.replace(sid, own);
    const heard = await new Promise((resolve, reject) => {
      let all = '';
      const socket = net.connect(port, '127.0.0.1', () => {
        socket.write(mine.slice(0, cut));
        setImmediate(() => socket.write(mine.slice(cut)));
      });
      socket.setNoDelay(true).on('data', (data) => (all += data)).on('end', () => resolve(all)).on('error', reject);
    });
    assert.match(heard, /^HTTP\/1.1 200 OK\r\n/);
    assert.ok(heard.endsWith('\r\n\r\nok'));
  }
});

test('push_without_a_length_is_told_411', async () => {
  const { sid } = await polling();
  assert.match(await plain(head('POST', sid), (text) => text.includes('\r\n\r\n')), /^HTTP\/1.1 411 /);
  assert.match(await plain(head('POST', sid, 'Transfer-Encoding: chunked\r\n'), (text) => text.includes('\r\n\r\n')), /^HTTP\/1.1 411 /);
});

test('head_too_large_is_told_431', async () => {
  const heard = await plain(`GET /engine.io/ HTTP/1.1\r\nX: ${'x'.repeat(9000)}\r\n\r\n`, (text) => text.includes('\r\n\r\n'));
  assert.match(heard, /^HTTP\/1.1 431 /);
});

test('pages_of_any_origin_may_read_answers_and_errors', async () => {
  const headers = { origin: 'https://page.example' };
  for (const query of ['?EIO=4&transport=polling', '?EIO=4&transport=flash']) {
    const answer = await fetch(`http://${host}/engine.io/${query}`, { headers });
    assert.equal(answer.headers.get('access-control-allow-origin'), 'https://page.example');
    assert.equal(answer.headers.get('vary'), 'Origin');
    assert.equal(answer.headers.get('access-control-allow-credentials'), null);
  }
  const preflight = await fetch(`http://${host}/engine.io/?EIO=4&transport=polling`, {
    method: 'OPTIONS', headers: { ...headers, 'access-control-request-headers': 'x-evil, Content-Type' } });
  assert.equal(preflight.status, 204);
  assert.deepEqual(['origin', 'methods', 'headers'].map((name) => preflight.headers.get(`access-control-allow-${name}`)),
    ['https://page.example', 'GET,POST', 'content-type']);
  assert.equal(preflight.headers.get('access-control-max-age'), '600');
});
