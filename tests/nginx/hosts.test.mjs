/* With server names configured, a request with another Host reaches nothing: Host decides spaces and links. */
import assert from 'node:assert/strict';
import net from 'node:net';
import tls from 'node:tls';
import { test } from 'node:test';

import { freePort, ownInstance } from '../lib/instance.mjs';

const NAME = 'pbx.example.test';
const plainPort = await freePort();
const dialtone = await ownInstance({ options: ['--server-name', NAME, '--plain-port', String(plainPort)] });
const port = Number(new URL(dialtone.env.DIALTONE_URL).port);

/* Everything the server says until it closes, or the code of the error. */
function ask(socket, host, target = '/api/ping') {
  return new Promise((resolve) => {
    let all = '';
    socket.setEncoding('utf8').on('data', (part) => (all += part)).on('end', () => resolve(all)).on('error', (error) => resolve(error.code));
    socket.write(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  });
}
const plain = (host, target) => ask(net.connect(plainPort, '127.0.0.1'), host, target);
const secure = (servername, host, target) => ask(tls.connect({ port, host: '127.0.0.1', servername, ca: dialtone.ca }), host, target);

test('a_configured_name_is_served_with_any_port_and_case', async () => {
  for (const host of [NAME, NAME.toUpperCase(), `${NAME}:${port}`]) {
    assert.match(await plain(host), /^HTTP\/1\.1 200\b/, host);
    assert.match(await secure(NAME, host), /^HTTP\/1\.1 200\b/, host);
  }
});

test('another_name_gets_no_handshake', async () => {
  for (const servername of ['evil.example', '']) {
    const answer = await secure(servername, NAME);
    assert.match(answer, /^(ERR_SSL|ECONNRESET|EPROTO)/, `${servername}: ${answer}`);
  }
});

test('another_host_behind_a_right_handshake_gets_no_answer', async () => {
  for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1']) assert.equal(await secure(NAME, host), '', host);
});

test('another_host_without_tls_gets_no_answer', async () => {
  for (const host of ['evil.example', '127.0.0.1']) assert.equal(await plain(host), '', host);
});

test('the_host_of_the_request_line_counts_and_the_header_beside_it_does_not', async () => {
  assert.equal(await secure(NAME, NAME, 'https://evil.example/api/ping'), '');
  const headers = `evil.example\r\nx-api-key: ${dialtone.env.DIALTONE_ADMIN_API_KEY}`;
  const answer = await secure(NAME, headers, `https://${NAME}/api/accounts`);
  assert.match(answer, /^HTTP\/1\.1 200\b/);
  assert.doesNotMatch(answer, /evil/);
});

test('links_lead_to_the_public_address', async () => {
  const { json } = await dialtone.api('GET', '/api/accounts', { as: 'admin' });
  assert.match(json.first_page_url, new RegExp(`^https://${NAME}:${port}/api/accounts`));
});
