/* The contract between producers and relays (cti-api part 3), with two relays and a real Redis. */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, test } from 'node:test';

import { randomName } from '../lib/accounts.mjs';
import { Live } from '../lib/live.mjs';
import { RelayAlone, token } from '../lib/relay.mjs';
import { until } from '../lib/until.mjs';

const first = await RelayAlone.start();
const second = await RelayAlone.start({ settings: { id: 'ab' }, beside: first });
const relays = [first, second];
after(async () => {
  await second.remove();
  await first.remove();
});

function live(on = first) {
  const made = new Live(on, { options: { reconnection: false } });
  after(() => made.close());
  return made;
}

async function loggedIn(user, { on = first, claims = {}, fields = {}, more = {} } = {}) {
  return live(on).login(user, await first.session({ id: user, ...claims }, fields), more);
}

const roomName = () => `r${crypto.randomUUID().slice(0, 8)}`;
const control = (fields) => JSON.stringify({ v: 1, k: 'c', ...fields });
const event = (name, header = {}, ...args) => `${JSON.stringify({ v: 1, k: 'e', n: name, ...header })}\n${JSON.stringify([name, ...args])}`;
const key = (name) => `cti1:{${first.domain}}:${name}`;
const ended = (socket, reason) => until(() => socket.disconnects.includes(reason), { what: reason });
/* The transport was closed: the client would come back by itself. */
const droppedToComeBack = (socket) => ended(socket, 'transport close');

test('event_for_one_socket_reaches_that_socket_only', async () => {
  const user = randomName();
  const [one, other] = [await loggedIn(user), await loggedIn(user, { on: second })];
  await first.publish(first.channel(user), event('one', { q: [one.socket.id] }));
  await first.publish(first.channel(user), event('all'));
  await Promise.all([one.event('all'), other.event('all')]);
  assert.deepEqual([one, other].map((socket) => socket.named('one').length), [1, 0]);
});

test('event_that_is_too_old_is_dropped', async () => {
  const user = randomName();
  const socket = await loggedIn(user);
  const now = Date.now();
  await first.publish(first.channel(user), event('late', { t: now - 5000, d: 1000 }));
  await first.publish(first.channel(user), event('fresh', { t: now, d: 60000 }));
  await socket.event('fresh');
  assert.equal(socket.named('late').length, 0);
});

test('event_for_all_relays_reaches_every_logged_in_client', async () => {
  const sockets = [await loggedIn(randomName()), await loggedIn(randomName(), { on: second })];
  const stranger = await live().connected();
  await first.publish('cti1:ctl', event('serverReloaded'));
  await first.publish('cti1:ctl', event('clientUpdated', {}, { previousVer: '3.29.0', newVer: '3.30.1' }));
  for (const socket of sockets) {
    await socket.event('serverReloaded');
    assert.deepEqual(await socket.event('clientUpdated'), ['clientUpdated', { previousVer: '3.29.0', newVer: '3.30.1' }]);
  }
  await new Promise((resolve) => stranger.socket.emit('ping', resolve));
  assert.deepEqual(stranger.events, []);
});

test('changed_permissions_move_a_user_to_other_rooms', async () => {
  const user = randomName();
  const [before, after_, both] = [roomName(), roomName(), roomName()];
  const socket = await loggedIn(user, { fields: { rooms: `${before} ${both}` } });
  await first.order(user, { o: 'perm', rooms: [after_, both], ext: [], pv: 2 });
  await until(async () => Number(await first.publish(first.room(after_), '["new"]')) === 1, { what: 'the new room' });
  await first.publish(first.room(before), '["old"]');
  await first.publish(first.room(both), '["kept"]');
  await Promise.all([socket.event('new'), socket.event('kept')]);
  assert.equal(socket.named('old').length, 0);
});

test('permissions_a_relay_missed_are_taken_over_when_it_looks_at_the_session', async () => {
  const user = randomName();
  const [before, after_] = [roomName(), roomName()];
  const made = token({ id: user });
  const copy = (fields) => first.cli('HSET', key(`tok:${made.claims.jti}`), ...Object.entries(fields).flat().map(String));
  await copy({ u: user, exp: made.claims.exp, rooms: before, cap: '', pv: 5 });
  const socket = await live().login(user, made.text);
  await first.order(user, { o: 'perm', rooms: [after_], pv: 4 });
  await first.publish(first.room(before), '["newer stays"]');
  await socket.event('newer stays');
  await copy({ rooms: after_, pv: 6 });
  await first.order(user, { o: 'rebind', old: made.claims.jti, new: made.claims.jti });
  await until(async () => Number(await first.publish(first.room(after_), '["new"]')) === 1, { what: 'the new room' });
  await socket.event('new');
});

test('kicked_socket_is_logged_out_or_comes_back_as_told', async () => {
  const user = randomName();
  const [gone, back, stays] = [await loggedIn(user), await loggedIn(user, { on: second }), await loggedIn(user)];
  await first.order(user, { o: 'kick', q: [gone.socket.id], how: 'logout' });
  await first.publish('cti1:n:ab', control({ o: 'kick', q: [back.socket.id], how: 'transport' }));
  await ended(gone, 'io server disconnect');
  await droppedToComeBack(back);
  await first.publish(first.channel(user), '["still"]');
  await stays.event('still');
});

test('logged_in_sockets_are_listed_in_redis_until_they_go', async () => {
  const user = randomName();
  const jti = crypto.randomUUID();
  const socket = await loggedIn(user, { on: second, claims: { jti }, more: { uaType: 'mobile' } });
  const { id } = socket.socket;
  assert.match(await first.cli('HGET', key(`sess:${user}`), id), new RegExp(`^ab mobile ${jti} \\d+ `));
  assert.ok(Number(await first.cli('TTL', key(`sess:${user}`))) > 60);
  socket.close();
  await until(async () => (await first.cli('HEXISTS', key(`sess:${user}`), id)) === '0', { what: 'the entry to go' });
  await until(async () => (await first.cli('EXISTS', key(`own:${user}:mobile`))) === '0', { what: 'the owner to go' });
});

test('relays_tell_that_they_are_alive', async () => {
  for (const id of ['aa', 'ab']) {
    const beat = await until(() => first.cli('ZSCORE', 'cti1:relays', id), { what: `a beat of ${id}` });
    assert.ok(Math.abs(Date.now() - Number(beat)) < 60000);
  }
});

test('gap_in_a_room_makes_its_members_come_back_and_nobody_else', async () => {
  const room = roomName();
  const member = await loggedIn(randomName(), { fields: { rooms: room } });
  const other = await loggedIn(randomName(), { fields: { rooms: roomName() } });
  for (const s of [1, 2]) await first.publish(first.room(room), event('x', { s, e: 'cafe0001', f: 3 }, s));
  await until(() => member.named('x').length === 2, { what: 'both events' });
  await first.publish(first.room(room), event('x', { s: 4, e: 'cafe0001', f: 3 }, 4));
  await droppedToComeBack(member);
  await new Promise((resolve) => other.socket.emit('ping', resolve));
  assert.deepEqual(other.disconnects, []);
});

test('new_epoch_is_a_gap_and_a_repeated_message_is_none', async () => {
  const room = roomName();
  const socket = await loggedIn(randomName(), { fields: { rooms: room } });
  for (const s of [7, 8, 8, 7, 9]) await first.publish(first.room(room), event('x', { s, e: 'cafe0001' }, s));
  await until(() => socket.named('x').length === 5, { what: 'all five' });
  assert.deepEqual(socket.disconnects, []);
  await first.publish(first.room(room), event('x', { s: 10, e: 'cafe0002' }, 10));
  await droppedToComeBack(socket);
});

test('gap_among_events_that_are_told_once_disturbs_nobody', async () => {
  const user = randomName();
  const socket = await loggedIn(user);
  for (const s of [1, 5]) await first.publish(first.channel(user), event('ring', { s, e: 'cafe0001', f: 4 }, s));
  await until(() => socket.named('ring').length === 2, { what: 'both' });
  await new Promise((resolve) => socket.socket.emit('ping', resolve));
  assert.deepEqual(socket.disconnects, []);
});

test('what_was_published_while_a_client_connected_is_told_after_its_login', async () => {
  const room = roomName();
  const stream = key('recent');
  const add = (age, s, header, ...args) => first.cli('XADD', stream, `${Date.now() - age}-${s}`, 'ch', `r:${room}`, 'm',
    event('state', { s, e: 'cafe0001', f: 3, ...header }, ...args));
  await add(60000, 1, { c: 'a' }, 'too old');
  await add(900, 2, { c: 'a' }, 'replaced');
  await add(800, 3, { c: 'b' }, 'b');
  await add(700, 4, { c: 'a' }, 'newest');
  await add(600, 5, { c: 'd', a: 'mobile' }, 'for others');
  const text = await first.session({ id: 'late' }, { rooms: room });
  const socket = await live().login('late', text, { uaType: 'desktop' });
  await until(() => socket.named('state').length === 2, { what: 'two states' });
  assert.deepEqual(socket.named('state').map(([, value]) => value), ['b', 'newest']);
  assert.equal(socket.events[0][0], 'authe_ok');
});

test('resync_makes_the_members_of_a_room_come_back', async () => {
  const room = roomName();
  const member = await loggedIn(randomName(), { fields: { rooms: room }, on: second });
  const other = await loggedIn(randomName(), { on: second });
  await first.publish('cti1:ctl', control({ o: 'resync', rooms: [room] }));
  await droppedToComeBack(member);
  await new Promise((resolve) => other.socket.emit('ping', resolve));
  assert.deepEqual(other.disconnects, []);
});

/* What a producer could try: it may publish to users and rooms. */
test('forged_call_revocation_and_permissions_do_nothing_but_count', async () => {
  const user = randomName();
  const jti = crypto.randomUUID();
  const socket = await loggedIn(user, { claims: { jti } });
  const before = (await first.figures()).messages_misplaced;
  for (const channel of [first.channel(user), first.room('all')]) {
    await first.publish(channel, '["callWebrtc","0721000000"]');
    await first.publish(channel, event('callWebrtc', { u: user }, '0721000000'));
    await first.publish(channel, control({ o: 'revoke', j: [jti], u: user }));
    await first.publish(channel, control({ o: 'perm', rooms: [], ext: [], pv: 9, u: user }));
  }
  await first.publish(first.room('all'), '["still"]');
  await socket.event('still');
  assert.deepEqual(socket.events.map(([name]) => name), ['authe_ok', 'still']);
  assert.equal((await first.figures()).messages_misplaced - before, 8);
  const lines = first.log.split('\n').filter((line) => line.includes('not for this channel'));
  assert.ok(lines.length >= 1 && lines.length < 8, first.log);
  assert.ok(!first.log.includes('0721000000'));
});

test('revocation_reaches_every_relay', async () => {
  const user = randomName();
  const jti = crypto.randomUUID();
  const sockets = await Promise.all(relays.map((on) => loggedIn(user, { on, claims: { jti } })));
  await first.order(user, { o: 'revoke', j: [jti] });
  for (const socket of sockets) {
    await socket.event('401');
    await ended(socket, 'io server disconnect');
  }
});

test('redis_that_restarts_empty_costs_those_who_may_have_missed_something_a_reconnect', async () => {
  const own = await RelayAlone.start();
  after(() => own.remove());
  const room = roomName();
  const text = (id, rooms) => own.session({ id }, { rooms });
  const missed = await live(own).login('missed', await text('missed', room));
  const quiet = await live(own).login('quiet', await text('quiet', roomName()));
  await own.publish(own.room(room), event('x', { s: 1, e: 'cafe0001', f: 3 }));
  await missed.event('x');
  await own.stopRedis();
  await own.startRedis();
  await droppedToComeBack(missed);
  await new Promise((resolve) => quiet.socket.emit('ping', resolve));
  assert.deepEqual(quiet.disconnects, []);
});

test('revocation_that_was_lost_with_redis_is_noticed_when_it_is_back', async () => {
  const own = await RelayAlone.start();
  after(() => own.remove());
  const [revoked, alive] = [token({ id: 'revoked' }), token({ id: 'alive' })];
  let dead = '';
  await own.startApi((params) => {
    const claims = JSON.parse(Buffer.from(params.HTTP_AUTHORIZATION.split('.')[1], 'base64url'));
    if (claims.jti === dead) return 'Status: 401 Unauthorized\r\n\r\n{}';
    return `Content-Type: application/json\r\n\r\n${JSON.stringify({
      username: claims.id, domain: claims.dom, jti: claims.jti, exp: claims.exp, otp_verified: false, rooms: ['all'] })}`;
  });
  const gone = await live(own).login('revoked', revoked.text);
  const stays = await live(own).login('alive', alive.text);
  await own.stopRedis();
  dead = revoked.claims.jti;
  await own.startRedis();
  await gone.event('401');
  await own.cli('HSET', `cti1:{${own.domain}}:tok:${alive.claims.jti}`, 'u', 'alive', 'exp', String(alive.claims.exp), 'cap', '');
  await new Promise((resolve) => stays.socket.emit('ping', resolve));
  assert.deepEqual(stays.disconnects, []);
});
