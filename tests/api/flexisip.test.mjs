/* What Flexisip asks for (sip-integration 2.3), as it asks: over HTTP/2, with names of devices that are no text of a URI. */
import assert from 'node:assert/strict';
import http2 from 'node:http2';
import { after, test } from 'node:test';

import { createAccount, randomName } from '../lib/accounts.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { run } from '../lib/run.mjs';

const dialtone = await sharedInstance();
const { DIALTONE_URL: url, DIALTONE_CACERT: cacert, DIALTONE_ADMIN_API_KEY: key, DIALTONE_DOMAIN: domain } = dialtone.env;
const session = http2.connect(url, { ca: dialtone.client.ca });
after(() => session.close());

/* All on one connection. Resolves with { status, type, json }. */
function ask(method, path, body) {
  const sent = body === undefined ? '' : JSON.stringify(body);
  const stream = session.request({ ':method': method, ':path': path, accept: 'application/json', 'x-api-key': key, 'content-type': 'application/json', 'content-length': sent.length });
  return new Promise((resolve, reject) => {
    let text = '';
    let head;
    stream.on('response', (headers) => { head = headers; });
    stream.setEncoding('utf8').on('data', (part) => { text += part; });
    stream.on('error', reject);
    stream.on('end', () => resolve({ status: head[':status'], type: head['content-type'], json: text && JSON.parse(text) }));
    if (sent) stream.end(sent); /* without a body the headers end it */
  });
}

const device = () => `"<urn:uuid:${crypto.randomUUID()}>"`;
const call = (change) => ({ id: randomName('c'), sip_call_id: 'x@phone', from: `alice@${domain}`, to: `bob@${domain}`, devices: {}, initiated_at: '2026-01-31T12:00:00Z', ended_at: null, conference_id: null, ...change });

test('a_call_is_reported_from_its_beginning_to_its_end', async () => {
  const [first, second] = [device(), device()];
  const body = call({ devices: { [first]: null, [second]: null } });
  assert.deepEqual(await ask('POST', '/api/stats/calls', body), { status: 200, type: 'application/json', json: 1 });
  const at = '2026-01-31T12:00:01Z';
  const path = `/api/stats/calls/${body.id}/devices/`;
  const rang = await ask('PATCH', path + first, { rang_at: at });
  assert.deepEqual([rang.status, rang.json.device_id], [201, first]);
  const ended = await ask('PATCH', path + first, { invite_terminated: { at, state: 'accepted' } });
  assert.deepEqual([ended.status, ended.json.rang_at, ended.json.invite_terminated_state], [200, rang.json.rang_at, 'accepted']);
  assert.equal((await ask('PATCH', path + encodeURIComponent(first), { rang_at: at })).status, 200, 'percent-encoded it is the same device');
  assert.equal((await ask('PATCH', `/api/statistics/calls/${body.id}/devices/${first}`, { rang_at: at })).status, 200, 'below the other name, too');
  assert.equal((await ask('PATCH', path + second, { invite_terminated: { at, state: 'accepted_elsewhere' } })).status, 201);
  const whole = await ask('PATCH', `/api/stats/calls/${body.id}`, { ended_at: '2026-01-31T12:01:00Z' });
  assert.equal(whole.status, 200);
  assert.deepEqual(whole.json.devices.map(({ device_id: id }) => id), [first, second]);
  assert.equal(whole.json.ended_at, '2026-01-31T12:01:00.000000Z');
});

test('a_message_is_reported_to_nobody_and_to_devices', async () => {
  const name = device();
  const message = { id: randomName('m'), from: `alice@${domain}`, sent_at: '2026-01-31T12:00:00Z', encrypted: false, conference_id: null };
  for (const to of [{}, { [`bob@${domain}`]: { [name]: null } }]) {
    assert.equal((await ask('POST', '/api/stats/messages', { ...message, id: `${message.id}${Object.keys(to).length}`, to })).status, 200);
  }
  const report = { last_status: 200, received_at: '2026-01-31T12:00:01Z' };
  const path = `/api/stats/messages/${message.id}1/to/bob@${domain}/devices/`;
  assert.deepEqual([(await ask('PATCH', path + name, report)).status, (await ask('PATCH', path + encodeURIComponent(name), report)).status], [201, 200]);
});

test('what_is_reported_too_early_or_not_kept_is_refused', async () => {
  const at = '2026-01-31T12:00:01Z';
  for (const [method, path, body, status] of [
    ['PATCH', `/api/stats/calls/${randomName()}/devices/${device()}`, { rang_at: at }, 400],
    ['PATCH', `/api/stats/calls/${randomName()}`, { ended_at: at }, 404],
    ['PATCH', `/api/stats/messages/${randomName()}/to/bob@${domain}/devices/${device()}`, { last_status: 200, received_at: at }, 400],
    ['POST', '/api/stats/conferences', { id: randomName() }, 404],
    ['PATCH', '/api/stats/conferences/1', { ended_at: at }, 404],
    ['POST', `/api/stats/conferences/1/participants/bob@${domain}/events`, {}, 404],
    ['POST', '/api/stats', {}, 404],
    ['POST', '/api/statsx/calls', call(), 404],
  ]) {
    const answer = await ask(method, path, body);
    assert.deepEqual([answer.status, answer.type], [status, 'application/json'], `${method} ${path}`);
  }
});

test('spaces_and_accounts_are_read_with_the_headers_of_a_body', async () => {
  const spaces = await ask('GET', '/api/spaces');
  assert.deepEqual([spaces.status, spaces.type], [200, 'application/json']);
  assert.ok(spaces.json.some((space) => space.domain === domain));
  assert.ok(spaces.json.every((space) => typeof space.domain === 'string'));
  const account = await createAccount(dialtone);
  const resolved = await ask('GET', `/api/resolve/${account.username}@${domain}`);
  assert.deepEqual([resolved.status, resolved.type, resolved.json.type], [200, 'application/json', 'account']);
  const search = await ask('GET', `/api/accounts/${account.username}@${domain}/search`);
  for (const { id, sip_uri: uri, call_forwardings: forwardings } of [resolved.json.payload, search.json]) assert.deepEqual([id, uri, forwardings], [account.id, `sip:${account.username}@${domain}`, []]);
  assert.equal((await ask('GET', `/api/resolve/unknown.account@${domain}`)).status, 404);
});

test('curl_reports_over_HTTP_2_with_a_raw_name', async () => {
  const body = call();
  const curl = (method, path, sent) => run('curl', ['-sS', '--http2', '--cacert', cacert, '-X', method, '-H', `x-api-key: ${key}`, '-H', 'content-type: application/json',
    '-w', '\n%{http_version} %{http_code}', '--globoff', '-d', JSON.stringify(sent), `${url}${path}`]);
  assert.equal((await curl('POST', '/api/stats/calls', body)).stdout.split('\n').at(-1), '2 200');
  const name = device();
  const { stdout } = await curl('PATCH', `/api/stats/calls/${body.id}/devices/${name}`, { rang_at: '2026-01-31T12:00:01Z' });
  const [json, status] = stdout.split('\n');
  assert.deepEqual([JSON.parse(json).device_id, status], [name, '2 201']);
});
