/* SIP MESSAGEs of administrators, over a proxy that takes JSON-RPC and over linphone-daemon (accounts-api I.16, 13.2, 13.9). */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createUser } from '../lib/accounts.mjs';
import { fakeRpc } from '../lib/fake_rpc.mjs';
import { drip, fakeServer } from '../lib/fake_server.mjs';
import { ownInstance } from '../lib/instance.mjs';

const dialtone = await ownInstance();
const rpc = await fakeRpc({ 'tm.t_uac_wait_block': { code: 200, text: 'Ok' } });
const SOCKET = '127.0.0.1:15060';
const byKamailio = { sip_message_backend: 'kamailio', kamailio_rpc: rpc.url, kamailio_sip: SOCKET };
await dialtone.configureApi(byKamailio);

const post = (body, by = { as: 'admin' }) => dialtone.api('POST', '/api/messages', { ...by, body });
const send = (to, body = 'Hello') => post({ to, body });
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

function isAway(answer, what) {
  assert.deepEqual([answer.status, answer.header('retry-after')], [503, '1'], `${what}: ${answer.text}`);
}

test('a message goes out in the name of the administrator, through the proxy', async () => {
  const [from] = await dialtone.sql("SELECT username || '@' || domain FROM accounts WHERE admin ORDER BY id LIMIT 1");
  const body = 'Grüße, "Bob" \\ 📞';
  for (const to of ['bob+1@sip.example.org', 'sip:bob+1@Sip.Example.Org', 'SIPS:bob+1@sip.example.org']) {
    rpc.calls.length = 0;
    const answer = await send(to, body);
    assert.equal(answer.status, 200, answer.text);
    assert.match(answer.json.id, UUID);
    assert.deepEqual(rpc.calls, [{ method: 'tm.t_uac_wait_block', params: ['MESSAGE', 'sip:bob+1@sip.example.org', `sip:${SOCKET}`, '.',
      `From: <sip:${from}>\r\nTo: <sip:bob+1@sip.example.org>\r\nContent-Type: text/plain;charset=UTF-8\r\n`, body] }], to);
  }
});

test('a receiver who does not take it is a mistake in the field, whatever the proxy says of them', async () => {
  for (const code of [403, 404, 408, 480, 488, 603]) {
    rpc.answers['tm.t_uac_wait_block'] = { code, text: 'no' };
    const answer = await send('bob@sip.example.org');
    assert.deepEqual([answer.status, Object.keys(answer.json.errors)], [422, ['to']], answer.text);
  }
  rpc.answers['tm.t_uac_wait_block'] = { code: 202, text: 'Accepted' };
  assert.equal((await send('bob@sip.example.org')).status, 200);
});

test('nothing that could end a header, or tell the proxy what to do, gets through', async () => {
  rpc.calls.length = 0;
  const addresses = ['bob', '@sip.example.org', 'bob@', 'bob@sip.example.org;transport=tcp', 'bob@sip.example.org?Route=%3Csip:evil%3E', 'bob@sip.example.org:5060',
    '<sip:bob@sip.example.org>', 'bob@sip.example.org>', 'b"b@sip.example.org', 'b b@sip.example.org', 'bob\r\nRoute: <sip:evil>@sip.example.org', 'bob%0d@sip.example.org',
    'bob@sip.example.org\r\nX: y', 'tel:+123', 'bob:secret@sip.example.org', 'bob@[::1]', 'bob@sip..org', 'bob@sip.example.org@evil', `${'b'.repeat(320)}@sip.example.org`];
  for (const to of addresses) {
    const answer = await send(to);
    assert.deepEqual([answer.status, Object.keys(answer.json.errors ?? {})], [422, ['to']], `${JSON.stringify(to)}: ${answer.text}`);
  }
  for (const body of ['two\nlines', 'a\rb', 'a\u0000b', 'x'.repeat(8001), 'ä'.repeat(4001)]) {
    const answer = await send('bob@sip.example.org', body);
    assert.deepEqual([answer.status, Object.keys(answer.json.errors ?? {})], [422, ['body']], answer.text);
  }
  assert.deepEqual(rpc.calls, []);
  rpc.answers['tm.t_uac_wait_block'] = { code: 200, text: 'Ok' };
  assert.equal((await send('bob@sip.example.org', 'x'.repeat(8000))).status, 200);
});

test('users send none', async () => {
  const user = await createUser(dialtone);
  rpc.calls.length = 0;
  assert.equal((await post({ to: 'bob@sip.example.org', body: 'x' }, { key: user.key })).status, 403);
  assert.deepEqual(rpc.calls, []);
});

test('a proxy that is away, silent or senseless is 503, and the next message may go', async () => {
  const nonsense = {
    slow: (s) => { s.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n'); drip(s); },
    closing: (s) => s.destroy(),
    empty: (s) => s.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}'),
    unknowing: (s) => s.end('HTTP/1.1 500 No\r\n\r\n{"jsonrpc":"2.0","error":{"code":500,"message":"Method Not Found"},"id":1}'),
    odd: (s) => s.end('HTTP/1.1 200 OK\r\n\r\n{"jsonrpc":"2.0","result":{"code":"200"},"id":1}'),
  };
  let serve;
  const fake = await fakeServer((s) => serve(s), { tcp: true });
  await dialtone.configureApi({ kamailio_rpc: `http://127.0.0.1:${fake.port}/RPC` });
  for (const [what, how] of Object.entries(nonsense)) {
    serve = how;
    isAway(await send('bob@sip.example.org'), what);
  }
  fake.close();
  isAway(await send('bob@sip.example.org'), 'gone');
  await dialtone.configureApi({ kamailio_rpc: '' });
  isAway(await send('bob@sip.example.org'), 'not set up');
  await dialtone.configureApi(byKamailio);
  assert.equal((await send('bob@sip.example.org')).status, 200);
});

/* As linphone-daemon: one client at a time, the others are closed. */
function daemon(answer) {
  const heard = [];
  let busy = false;
  const serve = (socket) => {
    if (busy) return socket.destroy();
    busy = true;
    socket.on('close', () => { busy = false; });
    socket.on('data', (text) => { heard.push(String(text)); setTimeout(() => socket.write(answer), 20); });
  };
  return { serve, heard };
}

async function throughDaemon(answer, more = {}) {
  const { serve, heard } = daemon(answer);
  const fake = await fakeServer(serve);
  await dialtone.configureApi({ sip_message_backend: 'linphone-daemon', linphone_daemon_socket: fake.path, ...more });
  return { fake, heard };
}

test('linphone-daemon is given one line, and its id is told', async () => {
  const { fake, heard } = await throughDaemon('Status: Ok\n\nId: 42-a\n');
  const answer = await send('sip:bob@sip.example.org', 'Hello Bob: all well?');
  assert.deepEqual([answer.status, answer.json], [200, { id: '42-a' }], answer.text);
  assert.deepEqual(heard, ['message sip:bob@sip.example.org Hello Bob: all well?\n']);
  fake.close();
});

test('what linphone-daemon refuses is a mistake in the field; what it does not say is 503', async () => {
  const { fake } = await throughDaemon('Status: Error\nReason: Unable to send.\n');
  const refused = await send('bob@sip.example.org');
  assert.deepEqual([refused.status, Object.keys(refused.json.errors)], [422, ['to']], refused.text);
  fake.close();
  isAway(await send('bob@sip.example.org'), 'gone');
  const nonsense = {
    closing: (s) => s.destroy(),
    half: (s) => s.end('Status: Ok\nId: 4'),
    silent: () => {},
    endless: (s) => { s.write('x'.repeat(1 << 17)); drip(s); },
    odd: (s) => s.end('Status: Ok\nId: <script>\n'),
  };
  let serve;
  const server = await fakeServer((s) => serve(s));
  await dialtone.configureApi({ linphone_daemon_socket: server.path });
  for (const [what, how] of Object.entries(nonsense)) {
    serve = how;
    isAway(await send('bob@sip.example.org'), what);
  }
});

test('linphone-daemon hears one worker at a time, so none is turned away', async () => {
  const { heard } = await throughDaemon('Status: Ok\nId: 1\n', { workers: 8 });
  const answers = await Promise.all(['a', 'b'].map((body) => send('bob@sip.example.org', body)));
  assert.deepEqual(answers.map(({ status }) => status), [200, 200]);
  assert.deepEqual(heard.map((line) => line.at(-2)).sort(), ['a', 'b']);
});
