/*
 * Calls and phones as dialtone-pbx tells them: from what a proxy publishes to the Socket.IO clients of both users, and what
 * is left when a part of it dies in between (sip-integration 3.3).  The proxy is made up; what the mapping is in each case
 * is tests/unit/pbx.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';

import { createOperator } from '../lib/cti.mjs';
import { buildDir, ownInstance, sanitizerEnv } from '../lib/instance.mjs';
import { Live } from '../lib/live.mjs';
import { FakeProxy, figuresOf, untilFigures } from '../lib/pbx.mjs';
import { until } from '../lib/until.mjs';

const proxy = await FakeProxy.start();
const dialtone = await ownInstance({ options: ['--workers', '1', '--pbx', '--set-pbx', `kamailio_rpc=${proxy.url}`, '--set-pbx', 'sync_interval_s=1', '--set-pbx', 'statistics_from_calls=true'] });
const domain = dialtone.env.DIALTONE_DOMAIN;
const socket = path.join(dialtone.dir, 'run/pbx.ctl');
const figures = () => figuresOf(socket);
await proxy.beside(dialtone);

const untilAtWork = () => untilFigures(socket, (f) => f.at_work === 1 && f.syncs > 0, 'a connector at work');
await untilAtWork();

/* A user who watches all extensions, with a phone and a socket. */
async function person() {
  const user = await createOperator(dialtone);
  user.address = `${user.username}@${domain}`;
  user.live = await new Live(dialtone).login(user.username, user.token);
  after(() => user.live.close());
  await proxy.register(user.username, domain);
  await user.live.event('extenUpdate', { of: user.username });
  return user;
}

const state = async (user) => JSON.parse((await dialtone.redis('hget', `cti1:{${domain}}:st`, `exten:${user.username}`)) || 'null');
const statusIs = (user, status) => until(async () => {
  const now = await state(user);
  if (now?.status !== status) throw new Error(JSON.stringify(now));
  return now;
}, { what: `${user.username} to be ${status}` });

const kept = async () => (await dialtone.redis('hkeys', `cti1:{${domain}}:st`)).split('\n').filter((key) => key.startsWith('call:'));
const isOfCall = ([name, argument], user) => name.startsWith('exten') && (name !== 'extenUpdate' || argument.exten === user.username);
/* "extenUpdate busy", "extenHangup normal_clearing" ... of the user's own phone, in order, repeated ones once. */
const heard = (user) => user.live.events.filter((event) => isOfCall(event, user)).map(([name, { status, cause }]) => [name, status ?? cause].filter(Boolean).join(' '))
  .filter((text, i, all) => text !== all[i - 1]);
const forget = (...users) => users.forEach((user) => { user.live.events.length = 0; });

const [alice, bob] = [await person(), await person()];

/* Until both are free, and nothing is kept of any call. */
async function untilQuiet() {
  for (const user of [alice, bob]) assert.deepEqual((await statusIs(user, 'online')).conversations, {});
  await until(async () => (await kept()).length === 0, { what: 'no call to be kept' });
  forget(alice, bob);
}

async function talking() {
  const call = proxy.call(alice.address, bob.address);
  await call.begin();
  await call.ring();
  await call.answer();
  await statusIs(bob, 'busy');
  await statusIs(alice, 'busy');
  return call;
}

test('a_call_is_heard_by_both_users_in_order_and_recorded_once', async () => {
  await untilQuiet();
  const call = proxy.call(alice.address, bob.address);
  await call.begin();
  await statusIs(alice, 'busy');
  await call.ring();
  await statusIs(bob, 'ringing');
  await call.ring();
  await call.answer();
  await statusIs(bob, 'busy');
  assert.deepEqual(await kept(), [`call:${call.linked}`]);
  await call.end();
  await call.tell('call.end', { by: 'server' });
  await bob.live.event('extenHangup');
  await statusIs(bob, 'online');
  await until(() => heard(alice).at(-1) === 'extenUpdate online' && heard(bob).at(-1) === 'extenUpdate online', { what: 'both to hear the end' });
  assert.deepEqual(heard(bob), ['extenRinging', 'extenUpdate ringing', 'extenConnected', 'extenConvConnected', 'extenUpdate busy', 'extenHangup normal_clearing', 'extenUpdate online']);
  assert.deepEqual(heard(alice), ['extenUpdate busy', 'extenConnected', 'extenConvConnected', 'extenUpdate busy', 'extenHangup normal_clearing', 'extenUpdate online']);
  const [, { callerNum, numCalled }] = bob.live.named('extenRinging')[0];
  assert.deepEqual([callerNum, numCalled], [alice.username, bob.username]);
  assert.ok(bob.live.events.some(([name, x]) => name === 'extenUpdate' && x.exten === alice.username), 'who may watch extensions hears of others');
  await until(async () => (await dialtone.sql(`SELECT cause FROM calls WHERE linked_id = '${call.linked}'`)).flat().join() === 'normal_clearing', { what: 'one record' });
});

test('calls_that_have_ended_stand_in_the_history_of_both_users_and_in_the_statistics', async () => {
  await untilQuiet();
  const call = await talking();
  await call.end();
  await untilQuiet();
  const missed = proxy.call(alice.address, bob.address);
  await missed.begin();
  await missed.ring();
  await statusIs(bob, 'ringing');
  missed.vanish();
  await missed.tell('call.failed', { code: 487 });
  await untilQuiet();
  const [yesterday, tomorrow] = [-1, 1].map((days) => new Date(Date.now() + days * 86400000).toISOString().slice(0, 10).replaceAll('-', ''));
  for (const [user, direction] of [[alice, 'out'], [bob, 'in']]) {
    const rows = await until(async () => {
      const answer = await dialtone.api('GET', `/api/historycall/interval/user/${user.username}/${yesterday}/${tomorrow}?limit=2`, { token: user.token });
      return answer.json.rows[0]?.linkedid === missed.linked && answer.json.rows;
    }, { what: 'the history' });
    assert.deepEqual(rows.map((row) => [row.linkedid, row.direction, row.disposition, row.cnum, row.dst]), [
      [missed.linked, direction, 'NO ANSWER', alice.username, bob.username], [call.linked, direction, 'ANSWERED', alice.username, bob.username]]);
  }
  assert.deepEqual(await dialtone.sql(`SELECT c.from_username, c.to_username, d.device_id, d.invite_terminated_state FROM statistics_calls c
    LEFT JOIN statistics_call_devices d ON d.call = c.number WHERE c.id = '${call.linked}'`), [[alice.username, bob.username, bob.username, 'accepted']]);
});

test('what_happens_while_redis_is_away_is_told_when_it_is_back', async () => {
  await untilQuiet();
  const call = await talking();
  await dialtone.kill('redis');
  call.vanish();
  await proxy.dialtone.sql(`DELETE FROM kamailio.location WHERE username = '${alice.username}'`);
  await dialtone.start('redis');
  await statusIs(bob, 'online');
  await statusIs(alice, 'offline');
  await proxy.register(alice.username, domain);
  await until(() => alice.live.socket.connected && bob.live.socket.connected, { what: 'the clients to be back' });
  for (const user of [alice, bob]) await user.live.login(user.username, user.token);
  await untilQuiet();
});

test('a_call_that_ends_while_postgres_is_away_is_told_at_once_and_recorded_later', async () => {
  await untilQuiet();
  const call = await talking();
  await dialtone.kill('postgres');
  await call.end();
  await statusIs(bob, 'online');
  await bob.live.event('extenHangup');
  await dialtone.start('postgres');
  await until(async () => (await dialtone.sql(`SELECT count(*) FROM calls WHERE linked_id = '${call.linked}'`))[0][0] === '1', { what: 'the record' });
  await untilQuiet();
});

test('a_proxy_that_cannot_be_asked_ends_no_calls', async () => {
  await untilQuiet();
  const call = await talking();
  forget(alice, bob);
  proxy.mode = 'broken';
  const { syncs } = await figures();
  await untilFigures(socket, (f) => f.syncs > syncs + 1, 'two looks');
  assert.deepEqual(bob.live.named('extenHangup'), []);
  await call.end();
  await bob.live.event('extenHangup');
  proxy.mode = 'well';
  await untilQuiet();
});

test('who_comes_into_a_room_where_nobody_was_hears_what_was_said_a_moment_before', async () => {
  await untilQuiet();
  const before = await figures();
  const call = await talking();
  assert.ok((await figures()).skipped > before.skipped, 'nothing is published to a room without listeners');
  const private_ = await createOperator(dialtone, { nethvoice_cti: ['privacy'], presence_panel: [] });
  const live = await new Live(dialtone).login(private_.username, private_.token);
  const [, bobs] = await until(() => live.named('extenUpdate').find(([, x]) => x.exten === bob.username && x.status === 'busy'), { what: 'the state of a moment before' });
  assert.ok(Object.values(bobs.conversations)[0].counterpartNum.endsWith('xxx'), 'and masked');
  await call.end();
  await until(() => live.named('extenUpdate').some(([, x]) => x.exten === bob.username && x.status === 'online'), { what: 'what comes then' });
  live.close();
  await untilQuiet();
});

test('a_flood_of_nonsense_is_counted_and_nothing_else', async () => {
  await untilQuiet();
  const before = await figures();
  const nonsense = ['', '{', '[]', '{"ev":1}', '{"ev":"call.new"}', '{"ev":"reg.new","aor":"a"}', `{"ev":"${'x'.repeat(20000)}"}`, '\xff'];
  const script = "for i = 1, 500 do for _, m in ipairs(ARGV) do redis.call('PUBLISH', 'sip:events', m) end end";
  await dialtone.redis('eval', script, '0', ...nonsense);
  const call = await talking();
  await call.end();
  await untilQuiet();
  const now = await figures();
  assert.equal(now.events_malformed - before.events_malformed, 500 * (nonsense.length - 1));
  assert.equal(now.events_oversized - before.events_oversized, 500);
  const lines = (await dialtone.log('pbx')).split('\n').filter((line) => line.includes('passed over'));
  assert.ok(lines.length > 0 && lines.length < 50, `${lines.length} lines`);
});

/* One more connector for the same instance. */
function startSecond() {
  const log = fs.openSync(path.join(dialtone.dir, 'log/pbx-two.log'), 'a');
  const own = path.join(dialtone.dir, 'run/pbx-two.ctl');
  const child = spawn(path.join(buildDir, 'dialtone-pbx'), ['--config', dialtone.env.DIALTONE_CONFIG, `--pid_file=${dialtone.dir}/run/pbx-two.own.pid`, `--metrics_socket=${own}`, '--metrics_listen='],
    { env: sanitizerEnv, stdio: ['ignore', log, log] });
  const ended = new Promise((resolve) => { child.on('close', resolve); });
  return { own, stop: () => (child.kill('SIGTERM'), ended) };
}

test('of_two_connectors_one_tells_and_when_it_is_killed_the_other_one_knows_which_calls_go_on', async () => {
  await untilQuiet();
  const carol = await person();
  const second = startSecond();
  after(() => second.stop());
  const goes = await talking();
  const over = proxy.call(carol.address, 'stranger@elsewhere.test');
  await over.begin();
  await statusIs(carol, 'busy');
  await untilFigures(second.own, (f) => f.at_work === 0, 'the second to stand by');
  assert.equal(bob.live.named('extenRinging').length, 1, 'nothing is told twice');
  const before = await state(bob);
  await dialtone.kill('pbx');
  over.vanish();
  forget(alice, bob, carol);
  await statusIs(carol, 'online');
  assert.equal((await figuresOf(second.own)).at_work, 1);
  const [id, conversation] = Object.entries((await state(bob)).conversations)[0];
  assert.deepEqual([id, conversation.linkedId, conversation.connected], [Object.keys(before.conversations)[0], goes.linked, true]);
  assert.deepEqual(bob.live.named('extenHangup'), [], 'whose call goes on hears of no end');
  assert.deepEqual(await kept(), [`call:${goes.linked}`]);
  await dialtone.start('pbx');
  await goes.end();
  await bob.live.event('extenHangup');
  await untilQuiet();
  assert.equal((await figures()).at_work, 0, 'the first one stands by now');
  assert.equal(await second.stop(), 0);
});
