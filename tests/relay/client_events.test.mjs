/* What logged-in clients may send, how often, and how many there may be (cti-api 2.1, 2.2, 2.4). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { randomName } from '../lib/accounts.mjs';
import { Live } from '../lib/live.mjs';
import { RelayAlone } from '../lib/relay.mjs';
import { until } from '../lib/until.mjs';

const first = await RelayAlone.start();
const second = await RelayAlone.start({ settings: { id: 'ab' }, beside: first });
after(async () => {
  await second.remove();
  await first.remove();
});

function live(on = first, options = {}) {
  const made = new Live(on, { options: { reconnection: false, ...options } });
  after(() => made.close());
  return made;
}

async function loggedIn(user, { on = first, more = {}, fields = {} } = {}) {
  return live(on).login(user, await first.session({ id: user }, fields), more);
}

const answered = (socket) => new Promise((resolve) => socket.socket.emit('ping', resolve));

test('5.22 message_reaches_all_clients_of_the_other_user_and_says_who_sent_it', async () => {
  const [from, to, elsewhere] = [randomName(), randomName(), randomName()];
  const sender = await loggedIn(from, { fields: { cap: 'nethvoice_cti.screen_sharing' } });
  const receivers = [await loggedIn(to, { more: { uaType: 'mobile' } }), await loggedIn(to, { on: second, more: { uaType: 'desktop' } })];
  const bystander = await loggedIn(elsewhere);
  sender.emit('message', { message: 'screenSharingStart', roomId: 7, destUser: to, callUser: elsewhere, extra: { a: [1] } });
  for (const receiver of receivers) {
    assert.deepEqual(await receiver.event('message'),
      ['message', { message: 'screenSharingStart', roomId: 7, destUser: to, extra: { a: [1] }, callUser: from }]);
  }
  await first.publish(first.room('all'), '["after"]');
  await Promise.all([sender.event('after'), bystander.event('after')]);
  assert.deepEqual([...sender.named('message'), ...bystander.named('message')], []);
});

test('2.4 who_may_not_share_his_screen_offers_it_to_nobody', async () => {
  const [from, to] = [randomName(), randomName()];
  const [sender, receiver] = [await loggedIn(from, { fields: { cap: 'nethvoice_cti.satellite_stt' } }), await loggedIn(to)];
  const { client_events_refused: refused } = await first.figures();
  for (const message of ['screenSharingStart', 'screenSharingStop']) sender.emit('message', { message, roomId: 7, destUser: to });
  await receiver.event('message');
  assert.deepEqual(receiver.named('message').map(([, { message }]) => message), ['screenSharingStop']);
  assert.deepEqual(sender.events.slice(1), []);
  assert.equal((await first.figures()).client_events_refused, refused + 1);
});

test('5.22 message_goes_to_users_of_the_own_domain_only', async () => {
  const [from, to] = [randomName(), randomName()];
  const [sender, receiver] = [await loggedIn(from), await loggedIn(to)];
  sender.emit('message', { message: 'a', destUser: `${to}@other.example` });
  sender.emit('message', { message: 'b', destUser: `${to}@Dial.Example.org` });
  await receiver.event('message');
  assert.deepEqual(receiver.named('message').map(([, { message }]) => message), ['b']);
});

test('5.22 message_before_login_goes_nowhere', async () => {
  const to = randomName();
  const receiver = await loggedIn(to);
  const stranger = await live().connected();
  stranger.emit('message', { message: 'a', destUser: to, callUser: 'boss' });
  await answered(stranger);
  await first.publish(first.channel(to), '["after"]');
  await receiver.event('after');
  assert.deepEqual(receiver.named('message'), []);
  assert.deepEqual(stranger.events, []);
});

test('malformed_arguments_of_a_logged_in_client_are_bad_requests', async () => {
  const user = randomName();
  const socket = await loggedIn(user);
  const bad = [['message'], ['message', 'text'], ['message', { message: 1, destUser: user }], ['message', { message: 'a' }],
    ['message', { message: 'a'.repeat(65), destUser: user }], ['message', { message: 'a', destUser: user, fill: 'x'.repeat(9000) }],
    ['start_transcription'], ['stop_transcription', { linkedid: 5 }]];
  for (const event of bad) socket.emit(...event);
  socket.emit('start_transcription', { linkedid: '1760000000.12' });
  socket.emit('nobody knows this');
  await until(() => socket.named('bad_request').length >= bad.length, { what: 'all bad requests' });
  await answered(socket);
  assert.deepEqual(socket.events.slice(1), bad.map(() => ['bad_request']));
  for (let i = 0; i < 3; i++) socket.emit('message');
  await until(() => socket.disconnects.length, { what: 'the end after ten of them' });
  assert.deepEqual(socket.disconnects, ['transport close']);
});

test('sincelogin_of_the_same_user_renews_and_of_another_is_a_bad_request', async () => {
  const user = randomName();
  const socket = await loggedIn(user);
  socket.emit('login', { accessKeyId: user, token: await first.session({ id: user }) });
  await until(() => socket.named('authe_ok').length === 2, { what: 'the second authe_ok' });
  socket.emit('login', { accessKeyId: 'other', token: await first.session({ id: 'other' }) });
  await socket.event('bad_request');
  assert.deepEqual(socket.disconnects, []);
});

test('user_sends_at_most_a_burst_of_messages', async () => {
  const [from, to] = [randomName(), randomName()];
  const [sender, receiver] = [await loggedIn(from), await loggedIn(to)];
  for (let i = 0; i < 40; i++) sender.emit('message', { message: `m${i}`, destUser: to });
  await answered(sender);
  await first.publish(first.channel(to), '["after"]');
  await receiver.event('after');
  const heard = receiver.named('message').length;
  assert.ok(heard >= 10 && heard < 40, `${heard} of 40`);
});

test('events_beyond_a_sockets_rate_are_dropped_and_the_socket_stays', async () => {
  const socket = await loggedIn(randomName());
  let acks = 0;
  for (let i = 0; i < 200; i++) socket.socket.emit('ping', () => acks++);
  /* A ping of the flood may be dropped like any other; one that comes later is not. */
  await until(() => socket.socket.timeout(200).emitWithAck('ping').then(() => true), { what: 'a ping to be answered again' });
  assert.ok(acks >= 55 && acks < 200, `${acks} of 200`);
  assert.deepEqual(socket.disconnects, []);
});

test('sockets_on_other_relays_count_and_those_of_dead_relays_do_not', async () => {
  const user = randomName();
  const key = `cti1:{${first.domain}}:sess:${user}`;
  for (let i = 0; i < 30; i++) await first.cli('HSET', key, `dead${i}`, `zz - jti 1700000000 - 1700000000`);
  const oldest = await loggedIn(user, { on: second });
  const since = Math.floor(Date.now() / 1000);
  await until(() => Math.floor(Date.now() / 1000) > since, { what: 'the next second' });
  const sockets = [];
  for (let i = 0; i < 19; i++) sockets.push(await loggedIn(user));
  assert.equal(await first.cli('HLEN', key), '20');
  await loggedIn(user);
  await until(() => oldest.disconnects.length, { what: 'the oldest to go' });
  assert.deepEqual(oldest.disconnects, ['transport close']);
  assert.deepEqual(sockets.flatMap(({ disconnects }) => disconnects), []);
});

test('one_socket_too_many_pushes_out_the_users_oldest', async () => {
  const user = randomName();
  const sockets = [];
  for (let i = 0; i < 20; i++) sockets.push(await loggedIn(user));
  assert.deepEqual(sockets[0].disconnects, []);
  await loggedIn(user);
  await until(() => sockets[0].disconnects.length, { what: 'the oldest to go' });
  assert.deepEqual(sockets.map(({ disconnects }) => disconnects.length), [1, ...Array(19).fill(0)]);
  assert.deepEqual(sockets[0].disconnects, ['transport close']);
});
