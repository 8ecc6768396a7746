/* What nginx answers by itself looks like the API's answers and tells nothing it should not. */
import assert from 'node:assert/strict';
import net from 'node:net';
import tls from 'node:tls';
import { test } from 'node:test';

import { sharedInstance } from '../lib/instance.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await sharedInstance();
const port = Number(new URL(dialtone.env.DIALTONE_URL).port);

function isRefusal(answer, status, message) {
  assert.equal(answer.status, status);
  assert.equal(answer.header('content-type'), 'application/json');
  assert.deepEqual(answer.json, { code: status, message, data: null });
  assert.equal(answer.header('cache-control'), 'no-store');
  assert.match(answer.header('x-request-id'), /^[0-9a-f]{32}$/);
}

test('5.26 body_above_one_mebibyte_is_refused_as_json_413', async () => {
  const answer = await dialtone.api('POST', '/api/accounts', { body: Buffer.alloc(1024 * 1024 + 1, 'a') });
  isRefusal(answer, 413, 'request body too large');
});

test('chunked_body_above_one_mebibyte_is_refused_as_json_413', async () => {
  const answer = await dialtone.api('POST', '/api/accounts', {
    body: Buffer.alloc(1024 * 1024 + 1, 'a'), headers: { 'Transfer-Encoding': 'chunked' },
  });
  isRefusal(answer, 413, 'request body too large');
});

test('header_line_above_eight_kibibytes_is_refused_as_json_431', async () => {
  const answer = await dialtone.api('GET', '/api/ping', { headers: { Authorization: `Bearer ${'a'.repeat(9000)}` } });
  isRefusal(answer, 431, 'request header too large');
});

test('request_refused_before_its_path_is_known_is_json_too', async () => {
  isRefusal(await dialtone.api('GET', '/api/accounts/%00'), 400, 'bad request');
  isRefusal(await dialtone.api('GET', `/api/accounts/${'a'.repeat(9000)}`), 431, 'request header too large');
  isRefusal(await dialtone.api('GET', '/.refused/400'), 404, 'not found');
});

test('relay_to_api_path_is_hidden_however_it_is_written', async () => {
  for (const path of ['/internal', '/internal/session', '/%69nternal/session', '//internal', '/api/%2e%2e/internal/x']) {
    isRefusal(await dialtone.api('GET', path), 404, 'not found');
  }
});

test('plain_http_on_the_tls_port_is_answered_in_words', async () => {
  const text = await new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write('GET /api/ping HTTP/1.1\r\nHost: localhost\r\n\r\n'));
    let all = '';
    socket.setEncoding('utf8').on('data', (part) => (all += part)).on('end', () => resolve(all)).on('error', reject);
  });
  assert.match(text, /^HTTP\/1\.1 400 /);
  assert.match(text, /\{"code":400,"message":"this port speaks HTTPS only","data":null\}$/);
});

function handshake(options) {
  return new Promise((resolve) => {
    const socket = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', ca: dialtone.ca, ...options }, () => {
      resolve(socket.getProtocol());
      socket.destroy();
    });
    socket.on('error', (error) => resolve(error.code));
  });
}

test('tls_1_2_and_1_3_are_spoken_and_nothing_older', async () => {
  assert.equal(await handshake({ minVersion: 'TLSv1.3' }), 'TLSv1.3');
  assert.equal(await handshake({ maxVersion: 'TLSv1.2' }), 'TLSv1.2');
  const old = await handshake({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
  assert.match(old, /^E/);
});

test('api_answers_carry_the_security_headers_once', async () => {
  const answer = await dialtone.api('GET', '/api/ping');
  assert.equal(answer.status, 200);
  for (const name of ['x-content-type-options', 'x-frame-options', 'referrer-policy', 'content-security-policy', 'x-request-id']) {
    assert.equal(answer.all(name).length, 1, name);
  }
  assert.equal(answer.header('x-content-type-options'), 'nosniff');
  assert.equal(answer.header('server'), 'nginx');
});

test('access_log_holds_no_query_string_and_no_token_of_a_path', async () => {
  await dialtone.api('GET', '/api/ping?token=secret-one');
  await dialtone.api('GET', '/provisioning/secret-two');
  for (const path of ['/provisioning/qrcode/', '/provisioning/auth_token/', '/wizard/', '/reset_password/']) await dialtone.api('GET', `${path}secret-five`);
  await dialtone.api('GET', '/api/accounts/me/api_key/secret-three');
  await dialtone.api('GET', '/api/accounts/auth_token/secret-four/attach');
  const last = / GET \/api\/accounts\/auth_token\/\.\.\.\/attach /;
  await until(async () => last.test(await dialtone.log('access')));
  const log = await dialtone.log('access');
  assert.match(log, / GET \/api\/ping 200 /);
  assert.match(log, / GET \/provisioning\/\.\.\. /);
  assert.match(log, / GET \/wizard\/\.\.\. /);
  assert.doesNotMatch(log, /secret-/);
});
