/*
 * The first line of every answer, byte by byte (RFC 9112, 4): of the API and the relays behind nginx, of nginx
 * itself, of the relays called directly and of their sockets for figures.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import { createUser } from '../lib/accounts.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { readStrictly, say } from '../lib/strict.mjs';

const dialtone = await ownInstance({ rates: [], options: ['--set', 'cors_origins=https://page.example', '--set', 'public_account_info=false'] });
const port = Number(new URL(dialtone.env.DIALTONE_URL).port);
const nginx = { port, host: '127.0.0.1', ca: dialtone.ca };
const relay = { path: path.join(dialtone.dir, 'run/relay-aa.sock') };
const figures = { path: path.join(dialtone.dir, 'run/relay-aa.ctl') };
const user = await createUser(dialtone);
const admin = `x-api-key: ${dialtone.env.DIALTONE_ADMIN_API_KEY}`;
const bearer = `Authorization: Bearer ${user.token}`;
const json = 'Content-Type: application/json';
const UPGRADE = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];
/* nginx 1.22 has no words for these, and no way to be told some. */
const WORDLESS = [431];

const requestOf = (line, { headers = [], body } = {}) => Buffer.from([
  `${line} HTTP/1.1`, 'Host: localhost', ...headers, ...(body === undefined ? [] : [`Content-Length: ${body.length}`]), '', body ?? '',
].join('\r\n'));

async function answers(to, expected, line, options) {
  const bytes = await say(to, requestOf(line, options));
  const { status, reason } = readStrictly(bytes, { withoutReason: to === nginx ? WORDLESS : [] });
  assert.equal(status, expected, `${line}: ${bytes.toString('latin1')}`);
  return reason;
}

test('answers_of_the_api_have_a_status_line_with_words', async () => {
  const api = (status, line, ...more) => answers(nginx, status, line, ...more);
  assert.equal(await api(200, 'GET /api/ping'), 'OK');
  assert.equal(await api(200, 'HEAD /api/ping'), 'OK');
  assert.equal(await api(204, 'HEAD /api/summary/7', { headers: [bearer] }), 'No Content');
  assert.equal(await api(204, 'OPTIONS /api/accounts', { headers: ['Origin: https://page.example', 'Access-Control-Request-Method: GET'] }), 'No Content');
  assert.equal(await api(400, 'POST /api/accounts', { headers: [admin, json], body: '{' }), 'Bad Request');
  assert.equal(await api(401, 'GET /api/user/me'), 'Unauthorized');
  assert.equal(await api(401, 'GET /api/accounts/me', { headers: [`From: sip:${user.username}@${user.domain}`] }), 'Unauthorized');
  assert.equal(await api(403, 'GET /api/accounts', { headers: [bearer] }), 'Forbidden');
  assert.equal(await api(404, 'GET /api/no/such/path'), 'Not Found');
  assert.equal(await api(404, 'GET /api/accounts/nobody%40dialtone.test/info'), 'Not Found');
  assert.equal(await api(405, 'DELETE /api/ping'), 'Method Not Allowed');
  assert.equal(await api(410, 'POST /webrest/authentication/login', { headers: [json], body: '{}' }), 'Gone');
  assert.equal(await api(413, 'POST /api/accounts', { headers: [admin, json], body: 'x'.repeat(70000) }), 'Content Too Large');
  assert.equal(await api(415, 'POST /api/accounts', { headers: [admin, 'Content-Type: text/csv'], body: 'x' }), 'Unsupported Media Type');
  assert.equal(await api(422, 'POST /api/accounts', { headers: [admin, json], body: '{}' }), 'Unprocessable Content');
  assert.equal(await api(501, 'GET /api/transcripts/7', { headers: [bearer] }), 'Not Implemented');
});

test('a_session_that_asks_too_much_is_told_in_words', async () => {
  const asked = await Promise.all(Array.from({ length: 200 }, () => say(nginx, requestOf('GET /api/user/paramurl', { headers: [bearer] }))));
  const lines = asked.map((bytes) => readStrictly(bytes));
  assert.ok(lines.some(({ status, reason }) => status === 429 && reason === 'Too Many Requests'), 'request_rate was meant to be met');
});

test('answers_of_a_relay_have_a_status_line_with_words', async () => {
  for (const to of [relay, nginx]) {
    const poll = '/api/ws/?EIO=4&transport=polling';
    assert.equal(await answers(to, 200, `GET ${poll}`), 'OK');
    assert.equal(await answers(to, 101, 'GET /api/ws/?EIO=4&transport=websocket', { headers: UPGRADE }), 'Switching Protocols');
    assert.equal(await answers(to, 204, `OPTIONS ${poll}`), 'No Content');
    assert.equal(await answers(to, 400, 'GET /api/ws/?EIO=4&transport=pigeon'), 'Bad Request');
    assert.equal(await answers(to, 400, `GET ${poll}&sid=aa345678901234567890`), 'Bad Request');
    assert.equal(await answers(to, 400, `POST ${poll}`, { body: '1' }), 'Bad Request');
    assert.equal(await answers(to, 400, 'GET /api/ws/?EIO=4&transport=websocket'), 'Bad Request');
    assert.equal(await answers(to, 400, 'GET /api/ws/?EIO=5&transport=polling'), 'Bad Request');
    assert.equal(await answers(to, 403, 'GET /api/ws/?EIO=4&transport=websocket', { headers: [...UPGRADE, 'Origin: https://evil.example'] }), 'Forbidden');
    assert.equal(await answers(to, 404, 'GET /socket.io/nothing/here'), 'Not Found');
    const sid = /"sid":"([^"]+)"/.exec((await dialtone.api('GET', poll)).text)[1];
    const there = to === nginx ? nginx : { path: path.join(dialtone.dir, `run/relay-${sid.slice(0, 2)}.sock`) };
    assert.equal(await answers(there, 405, `PUT ${poll}&sid=${sid}`, { body: '' }), 'Method Not Allowed');
    assert.equal(await answers(there, 413, `POST ${poll}&sid=${sid}`, { body: 'x'.repeat(70000) }), 'Content Too Large');
  }
  assert.equal(await answers(relay, 431, 'GET /api/ws/', { headers: [`X-Long: ${'x'.repeat(9000)}`] }), 'Request Header Fields Too Large');
  assert.equal(readStrictly(await say(relay, Buffer.from('rubbish\r\n\r\n'))).status, 400);
});

test('figures_of_a_relay_have_a_status_line_with_words', async () => {
  assert.equal(await answers(figures, 200, 'GET /metrics'), 'OK');
});

test('answers_of_nginx_itself_have_a_status_line_with_words', async () => {
  assert.equal(await answers(nginx, 302, 'GET /'), 'Moved Temporarily');
  assert.equal(await answers(nginx, 400, 'GET /api/%00'), 'Bad Request');
  assert.equal(await answers(nginx, 404, 'GET /internal/session'), 'Not Found');
  assert.equal(await answers(nginx, 404, 'GET /api/docs/none'), 'Not Found');
  assert.equal(await answers(nginx, 413, 'POST /api/accounts', { headers: ['Content-Length: 2000000'] }), 'Request Entity Too Large');
  await answers(nginx, 431, `GET /${'x'.repeat(9000)}`);
  await answers(nginx, 431, 'GET /api/ping', { headers: [`X-Long: ${'x'.repeat(9000)}`] });
  const plain = readStrictly(await say({ port, host: '127.0.0.1' }, requestOf('GET /api/ping')));
  assert.deepEqual([plain.status, plain.reason], [400, 'Bad Request']);
});

test('with_everything_behind_nginx_away_there_are_words_too', async () => {
  await dialtone.kill('api', 'relay-aa', 'relay-ab');
  assert.equal(await answers(nginx, 503, 'GET /api/ping'), 'Service Temporarily Unavailable');
  assert.equal(await answers(nginx, 503, 'GET /api/ws/?EIO=4&transport=polling'), 'Service Temporarily Unavailable');
  await dialtone.start('api', 'relay-aa', 'relay-ab');
});

test('with_the_database_away_the_api_has_words', async () => {
  await dialtone.untilAnswering();
  await dialtone.kill('postgres');
  assert.equal(await answers(nginx, 503, 'GET /api/accounts', { headers: [admin] }), 'Service Unavailable');
  await dialtone.start('postgres');
});
