/* However the network cuts what a client sends, the relay reads the same. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { Raw, frame, handshake, loginFrame } from '../lib/raw.mjs';
import { RelayAlone } from '../lib/relay.mjs';
import { until } from '../lib/until.mjs';

const AT_ONCE = 100;
const relay = await RelayAlone.start({ settings: { handshakes_per_second: 0, max_sessions_per_address: 0, messages_per_second: 0 } });
after(() => relay.remove());
const probe = await Raw.open(relay);
after(() => probe.close());
let probes = 0;

/* When this has been answered the relay has read all that was sent before. */
async function relayHasRead() {
  const text = String(++probes);
  probe.write(frame(text, { op: 9 }));
  const deadline = Date.now() + 10_000; /* until() pauses, and this is asked thousands of times */
  while (!probe.heard.includes(`pong:${text}`)) {
    assert.ok(!probe.ended && Date.now() < deadline);
    await new Promise(setImmediate);
  }
  probe.heard.length = 0;
}

/* What was heard, without what is different each time, in no order: an answer of Redis may come
 * between any two others. */
const normal = (heard) => heard.map((text) => text.replace(/"sid":"[^"]*"/, '"sid":""')).sort();

async function cutOnce(bytes, cuts, expected) {
  const clients = cuts.map(() => new Raw(relay));
  await Promise.all(clients.map((client) => client.connected));
  cuts.forEach((cut, i) => clients[i].write(bytes[i].subarray(0, cut)));
  await relayHasRead();
  cuts.forEach((cut, i) => clients[i].write(bytes[i].subarray(cut)));
  for (const [i, client] of clients.entries()) {
    await until(() => client.heard.length >= expected.length || client.ended, { what: `the answers to a cut at ${cuts[i]}` });
    assert.deepEqual(normal(client.heard), expected, `cut at ${cuts[i]}`);
    client.close();
  }
}

/* make(user, token) gives the bytes; each client is another user. */
async function everyCut(make, answers) {
  const length = make('u0000', await relay.session({ id: 'u0000' })).length;
  const names = Array.from({ length: length - 1 }, (_, i) => `u${String(i + 1).padStart(4, '0')}`);
  const tokens = await relay.sessions(names);
  const all = names.map((name, i) => make(name, tokens[i]));
  for (let from = 0; from < all.length; from += AT_ONCE) {
    const cuts = all.slice(from, from + AT_ONCE).map((_, i) => from + i + 1);
    await cutOnce(all.slice(from, from + AT_ONCE), cuts, answers.sort());
  }
}

const OPEN = '0{"sid":"","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":65536}';
const CONNECTED = '40{"sid":""}';
const AUTHE_OK = '42["authe_ok",{"message":"authorized successfully"}]';

test('handshake_and_login_cut_at_every_byte', () => everyCut(
  (user, token) => Buffer.concat([handshake(), frame('40'), loginFrame(user, token)]), [OPEN, CONNECTED, AUTHE_OK]));

/* Each kind of packet, the one behind it showing that it was read to its end. */
const KINDS = {
  'event with an ack': [[frame('421["ping"]')], ['431[]']],
  'event before CONNECT': [[], []],
  'event in fragments around a control frame': [
    [frame('42', { fin: false }), frame('hi', { op: 9 }), frame('7["pi', { op: 0, fin: false }), frame('ng"]', { op: 0 })],
    ['pong:hi', '437[]']],
  'event of more than 125 bytes': [[frame(`4212["ping","${'☎'.repeat(60)}"]`)], ['4312[]']],
  'event with attachments': [
    [frame('452-["x",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]'), frame([0, 255], { op: 2 }), frame('', { op: 2 })],
    []],
  'ack nobody waits for': [[frame('433[1]')], []],
  'ack with attachments nobody waits for': [
    [frame('462-3[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]'), frame([1, 2], { op: 2 }), frame('', { op: 2 })],
    []],
  'ack with attachments and no id': [[frame('461-[{"_placeholder":true,"num":0}]'), frame([1], { op: 2 })], []],
  pong: [[frame('3')], []],
  'unknown namespace': [[frame('40/x,{"a":1}')], ['44/x,{"message":"Invalid namespace"}']],
  'leave and join': [[frame('41'), frame('40{"a":"b"}')], [CONNECTED]],
  'pong of the WebSocket': [[frame('unasked', { op: 10 })], []],
};

for (const [kind, [frames, answers]] of Object.entries(KINDS)) {
  test(`${kind.replaceAll(' ', '_')}_cut_at_every_byte`, async () => {
    const first = kind === 'event before CONNECT' ? [] : [frame('40')];
    const bytes = Buffer.concat([handshake(), ...first, ...frames, frame('429["ping"]')]);
    const expected = [OPEN, CONNECTED, ...answers, '439[]'].sort();
    const from = handshake().length;
    const cuts = Array.from({ length: bytes.length - from }, (_, i) => from + i);
    for (let at = 0; at < cuts.length; at += AT_ONCE) {
      const some = cuts.slice(at, at + AT_ONCE);
      await cutOnce(some.map(() => bytes), some, expected);
    }
  });
}

const ENDINGS = {
  'goodbye of the engine': [frame('1'), 'close:1000'],
  'close frame': [frame([3, 232], { op: 8 }), 'close:1000'],
  'packet of no type': [frame('9'), 'close:1002'],
  'text that is no UTF-8': [frame([0x34, 0xc0, 0x80]), 'close:1007'],
  'unmasked frame': [Buffer.from([0x81, 0x01, 0x33]), 'close:1002'],
  'frame of reserved bits': [Buffer.from([0xc1, 0x81, 0, 0, 0, 0, 0x33]), 'close:1002'],
};

for (const [kind, [last, close]] of Object.entries(ENDINGS)) {
  test(`${kind.replaceAll(' ', '_')}_cut_at_every_byte_ends_the_session`, async () => {
    const bytes = Buffer.concat([handshake(), frame('40'), last]);
    const cuts = Array.from({ length: last.length }, (_, i) => bytes.length - last.length + i);
    await cutOnce(cuts.map(() => bytes), cuts, [OPEN, CONNECTED, close].sort());
  });
}

/* One session, joined, and the bytes of a push of its next packet. */
async function pollingSession({ version, body }) {
  const url = `${relay.env.DIALTONE_URL}/api/ws/?EIO=${version}&transport=polling`;
  const { sid } = JSON.parse(/\{.*\}/.exec(await (await fetch(url)).text())[0]);
  const poll = async () => (await fetch(`${url}&sid=${sid}`)).text();
  if (version === 4) await fetch(`${url}&sid=${sid}`, { method: 'POST', body: '40' });
  await poll();
  const push = Buffer.from(`POST /api/ws/?EIO=${version}&transport=polling&sid=${sid} HTTP/1.1\r\nHost: h\r\n`
    + `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  return { poll, push };
}

const PUSHES = {
  4: { version: 4, body: '421["ping"]\x1e3\x1e422["ping","☎"]', answer: '431[]\x1e432[]' },
  3: { version: 3, body: '11:421["ping"]1:215:422["ping","☎"]', answer: '5:431[]1:35:432[]' },
};

for (const [version, kind] of Object.entries(PUSHES)) {
  test(`push_of_engine_${version}_cut_at_every_byte`, async () => {
    const { length } = (await pollingSession(kind)).push;
    for (let from = 1; from < length; from += AT_ONCE) {
      const cuts = Array.from({ length: Math.min(AT_ONCE, length - from) }, (_, i) => from + i);
      const sessions = await Promise.all(cuts.map(() => pollingSession(kind)));
      const clients = cuts.map(() => new Raw(relay));
      await Promise.all(clients.map((client) => client.connected));
      cuts.forEach((cut, i) => clients[i].write(sessions[i].push.subarray(0, cut)));
      await relayHasRead();
      cuts.forEach((cut, i) => clients[i].write(sessions[i].push.subarray(cut)));
      for (const [i, client] of clients.entries()) {
        await until(() => client.head && client.input.length >= 2, { what: `the answer to a cut at ${cuts[i]}` });
        assert.match(client.head, /^HTTP\/1.1 200 /);
        assert.equal(client.input.toString(), 'ok');
        assert.equal(await sessions[i].poll(), kind.answer, `cut at ${cuts[i]}`);
        client.close();
      }
    }
  });
}

test('everything_byte_by_byte', async () => {
  const bytes = Buffer.concat([handshake(), frame('40'), loginFrame('slow', await relay.session({ id: 'slow' }))]);
  const client = new Raw(relay);
  for (const byte of bytes) {
    client.write(Buffer.from([byte]));
    await relayHasRead();
  }
  await client.hears(AUTHE_OK);
  client.close();
});
