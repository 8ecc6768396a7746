/* What operators see of a relay and do to it: figures, sessions, kick, drain, and publish. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, test } from 'node:test';

import { randomName } from '../lib/accounts.mjs';
import { Live } from '../lib/live.mjs';
import { RelayAlone } from '../lib/relay.mjs';
import { run } from '../lib/run.mjs';
import { until } from '../lib/until.mjs';

const relay = await RelayAlone.start();
after(() => relay.remove());

async function loggedIn(user, more = {}) {
  const made = new Live(relay, { options: { reconnection: false } });
  after(() => made.close());
  return made.login(user, await relay.session({ id: user }), more);
}

const ctl = (args, options) => run(path.join(relay.build, 'dialtonectl'),
  ['--config', path.join(relay.dir, 'dialtone.conf'), ...args], options);

const gauges = async () => {
  const text = await relay.ask('metrics\n');
  const names = [...text.matchAll(/^# TYPE dialtone_relay_(\w+) gauge$/gm)].map(([, name]) => name);
  const all = await relay.figures();
  return Object.fromEntries(names.map((name) => [name, all[name]]));
};

test('gauges_return_to_where_they_were_when_all_clients_are_gone', async () => {
  const before = await gauges();
  const users = Array.from({ length: 10 }, randomName);
  const sockets = await Promise.all(users.map((user) => loggedIn(user, { uaType: 'desktop' })));
  const polling = new Live(relay, { options: { transports: ['polling'], reconnection: false } });
  await polling.connected();
  const during = await gauges();
  assert.deepEqual([during.sessions_live, during.sessions, during.transports, during.transports_polling], [10, 11, 11, 1]);
  for (const socket of [...sockets, polling]) socket.close();
  /* Channels of users stay subscribed for a while after the last of them has left. */
  await until(async () => {
    const now = await gauges();
    return Object.keys(before).every((name) => now[name] === before[name]);
  }, { what: 'the gauges to be back', seconds: 40 });
});

test('counters_tell_what_happened', async () => {
  const user = randomName();
  const before = await relay.figures();
  const socket = await loggedIn(user);
  await relay.publish(relay.channel(user), '["a"]');
  await relay.publish(relay.channel(user), 'broken');
  await socket.event('a');
  socket.emit('message', 5);
  await socket.event('bad_request');
  const now = await relay.figures();
  for (const name of ['logins', 'deliveries', 'messages_bad', 'bad_requests', 'handshakes']) {
    assert.equal(now[name] - before[name], 1, name);
  }
});

test('metrics_are_open_metrics_also_over_http', async () => {
  const text = await relay.ask('metrics\n');
  assert.match(text, /\n# TYPE dialtone_relay_connections gauge\n# HELP dialtone_relay_connections .+\ndialtone_relay_connections \d+\n/);
  assert.match(text, /\ndialtone_relay_ended_total\{code="1012",reason="restart"\} 0\n/);
  assert.ok(text.endsWith('# EOF\n'));
  const answer = await relay.ask('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\nContent-Type: application\/openmetrics-text; version=1\.0\.0; charset=utf-8\r\n/);
});

test('sessions_are_listed_and_kicked_by_dialtonectl', async () => {
  const user = randomName();
  const [gone, back] = [await loggedIn(user, { uaType: 'mobile' }), await loggedIn(user)];
  const listed = await ctl(['relay', 'sessions', relay.metricsSocket, '--user', user, '--json']);
  assert.equal(listed.status, 0, listed.stderr);
  const rows = JSON.parse(listed.stdout);
  assert.deepEqual(rows.map(({ sid, domain, client }) => [sid, domain, client]).sort(),
    [[gone.socket.id, relay.domain, 'mobile'], [back.socket.id, relay.domain, '']].sort());
  assert.equal((await ctl(['relay', 'kick', relay.metricsSocket, gone.socket.id])).status, 0);
  assert.equal((await ctl(['relay', 'kick', relay.metricsSocket, back.socket.id, '--back'])).status, 0);
  await until(() => gone.disconnects.length && back.disconnects.length, { what: 'both to go' });
  assert.deepEqual([gone.disconnects, back.disconnects], [['io server disconnect'], ['transport close']]);
  assert.equal((await ctl(['relay', 'kick', relay.metricsSocket, 'A'.repeat(20)])).status, 1);
  assert.match((await ctl(['relay', 'status', relay.metricsSocket])).stdout, /sessions_live/);
  assert.equal((await ctl(['relay', 'status', '/nowhere'])).status, 1);
});

test('published_event_reaches_users_rooms_and_late_comers', async () => {
  const user = randomName();
  const socket = await loggedIn(user);
  const one = await ctl(['publish', 'user', user, relay.domain, 'actionNethLink', '--one-shot'], { input: '["tel:1",\n"call"]' });
  assert.equal(one.status, 0, one.stderr);
  assert.match(one.stdout, /1/);
  assert.deepEqual(await socket.event('actionNethLink'), ['actionNethLink', 'tel:1', 'call']);
  const state = JSON.stringify({ exten: '201', status: 'busy' });
  await ctl(['publish', 'room', 'all', relay.domain, 'extenUpdate', '--volatile', '--coalesce', 'exten:201', '--state', 'exten:201'],
    { input: state });
  assert.deepEqual(await socket.event('extenUpdate'), ['extenUpdate', JSON.parse(state)]);
  const late = await loggedIn(randomName());
  assert.deepEqual(await late.event('extenUpdate'), ['extenUpdate', JSON.parse(state)]);
  assert.equal(await relay.cli('HGET', `cti1:{${relay.domain}}:st`, 'exten:201'), state);
  for (const [name, input] of [['disconnect', ''], ['x', '{"a":']]) {
    assert.equal((await ctl(['publish', 'user', user, relay.domain, name], { input })).status, 1);
  }
});

test('drained_by_dialtonectl_it_sends_its_clients_elsewhere', async () => {
  const socket = await loggedIn(randomName());
  assert.equal((await ctl(['relay', 'drain', relay.metricsSocket, '--rate', '1000'])).status, 0);
  await until(() => socket.disconnects.length, { what: 'the client to go' });
  assert.deepEqual(socket.disconnects, ['transport close']);
});
