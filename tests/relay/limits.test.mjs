/* Each limit of a relay, hit ten times, is ten in the metric of its reason, and a line that names the setting (realtime 8). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import WebSocket from 'ws';

import { RelayAlone } from '../lib/relay.mjs';
import { until } from '../lib/until.mjs';

const TIMES = 10;

async function startRelay(settings) {
  const relay = await RelayAlone.start({ settings });
  after(() => relay.remove());
  return relay;
}

function open(relay, headers = {}) {
  return fetch(`${relay.env.DIALTONE_URL}/api/ws/?EIO=4&transport=polling`, { headers: { 'X-Forwarded-For': '192.0.2.7', ...headers } });
}

const refusedOf = async (relay, reason) => (await relay.figures())[`refused{reason="${reason}"}`];

const limits = [
  { reason: 'address_sessions', setting: 'max_sessions_per_address', settings: { max_sessions_per_address: 1 }, before: 1, status: 429 },
  { reason: 'handshake_rate', setting: 'handshakes_per_minute_per_address', settings: { handshakes_per_minute_per_address: 1, handshake_burst_per_address: 2 },
    before: 2, status: 429 },
  { reason: 'handshakes', setting: 'handshakes_per_second', settings: { handshakes_per_second: 1 }, before: 2, status: 503 },
  { reason: 'full', setting: 'max_connections', settings: { max_connections: 1 }, before: 1, status: 503 },
  { reason: 'origin', setting: 'allowed_origins', settings: {}, before: 0, status: 403, headers: { Origin: 'https://evil.example' },
    body: { code: 4, message: 'Forbidden' } },
];

for (const { reason, setting, settings, before, status, headers, body } of limits) {
  test(`${TIMES} refusals for ${reason} are ${TIMES} in its metric, each with a body, and a line names ${setting}`, async () => {
    const relay = await startRelay(settings);
    for (let i = 0; i < before; i++) assert.equal((await open(relay)).status, 200);
    for (let i = 0; i < TIMES;) {
      const answer = await open(relay, headers);
      if (answer.status === 200) continue; /* a drop fell into the bucket meanwhile */
      i++;
      assert.equal(answer.status, status);
      assert.equal(answer.headers.get('content-type'), 'application/json');
      assert.deepEqual(await answer.json(),
        body ?? { code: status, message: status === 429 ? 'too many requests' : 'service unavailable, try again', data: null });
      assert.equal(answer.headers.has('retry-after'), status !== 403);
    }
    assert.equal(await refusedOf(relay, reason), TIMES);
    const lines = relay.log.match(new RegExp(`event=refused reason=${reason} status=${status} setting=${setting} address=192.0.2.7 left_out=\\d+`, 'g'));
    assert.ok(lines.length >= 1 && lines.length <= 3, relay.log);
  });
}

test('clients that never log in are counted by reason too', async () => {
  const relay = await startRelay({ login_timeout_ms: 500 });
  const ws = new WebSocket(`${relay.env.DIALTONE_URL.replace('http', 'ws')}/api/ws/?EIO=4&transport=websocket`);
  after(() => ws.terminate());
  await until(async () => await refusedOf(relay, 'login_time') === 1, { what: 'the time to log in to end' });
  assert.match(relay.log, /event=refused reason=login_time status=0 setting=login_timeout_ms/);
});

test('addresses of one /64 are one, and two networks are two', async () => {
  const relay = await startRelay({ max_sessions_per_address: 1 });
  const from = (address) => open(relay, { 'X-Forwarded-For': address }).then(({ status }) => status);
  assert.deepEqual([await from('2001:db8::1'), await from('2001:db8::2:3'), await from('2001:db8:0:1::1'), await from('192.0.2.1'), await from('::ffff:192.0.2.1')],
    [200, 429, 200, 200, 429]);
});
