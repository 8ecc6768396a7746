/* What an administrator changes reaches the sockets that are open (cti-api 2.10, 3.2 and 3.7). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { addExtension, createOperator, createProfile, macroPermissions, putCti } from '../lib/cti.mjs';
import { createUser, login, randomName } from '../lib/accounts.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { Live } from '../lib/live.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await sharedInstance();
const domain = dialtone.env.DIALTONE_DOMAIN;
const room = (name) => `cti1:{${domain}}:r:${name}`;
const admin = (method, path, body) => dialtone.api(method, path, { as: 'admin', body });

async function ok(promise) {
  const answer = await promise;
  assert.ok(answer.status < 300, answer.text);
  return answer.json;
}

/* nginx spreads connections over the relays. */
async function sockets(user, n = 4) {
  return Promise.all(Array.from({ length: n }, async () => {
    const live = new Live(dialtone, { options: { reconnection: false } });
    after(() => live.close());
    return live.login(user.username, user.token);
  }));
}

const session = ({ token }) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).jti;
const copy = async (user, member) => (await dialtone.redis('HGET', `cti1:{${domain}}:tok:${session(user)}`, member)).trim();

/* Each event is named once: all that are in the room have it, the others have not. */
async function hears(live, name) {
  const event = randomName('event');
  return until(async () => {
    await dialtone.publish(room(name), `["${event}"]`);
    return live.every((socket) => socket.named(event).length);
  }, { what: `all to hear the room ${name}` });
}

async function isDeafTo(live, name) {
  const [event, behind] = [randomName('event'), randomName('event')];
  await dialtone.publish(room(name), `["${event}"]`);
  await dialtone.publish(room('all'), `["${behind}"]`);
  for (const socket of live) {
    await socket.event(behind);
    assert.deepEqual(socket.named(event), []);
  }
}

const grant = (profile, macros) => ok(admin('PUT', `/api/profiles/${profile.id}`,
  { name: profile.name, macro_permissions: macroPermissions(macros) }));

test('changed_profile_moves_open_sockets_of_its_users_to_other_rooms', async () => {
  const user = await createOperator(dialtone, { qmanager: [] });
  user.token = await login(dialtone, user);
  const live = await sockets(user);
  await hears(live, 'qman');
  await grant(user.profile, { queue_agent: [] });
  await hears(live, 'q.clear');
  await isDeafTo(live, 'qman');
  assert.equal(await copy(user, 'rooms'), 'all q.clear');
  assert.deepEqual(live.flatMap(({ disconnects }) => disconnects), []);
});

test('admins_of_the_space_and_no_others_hear_of_its_accounts', async () => {
  const [boss, user] = [await createUser(dialtone, { admin: true }), await createUser(dialtone)];
  const [[chief], [plain]] = [await sockets(boss, 1), await sockets(user, 1)];
  await hears([chief], 'accounts');
  await isDeafTo([plain], 'accounts');
  const made = await createUser(dialtone);
  const told = { id: made.id, username: made.username, domain, activated: true, blocked: false };
  assert.deepEqual(await chief.event('account.created', { of: made.username }), ['account.created', told]);
  assert.equal(await copy(boss, 'rooms'), 'all accounts');
  assert.deepEqual(plain.named('account.created'), []);
  await ok(admin('PUT', `/api/accounts/${user.id}`, { username: user.username, admin: true }));
  await hears([plain], 'accounts');
  await ok(admin('PUT', `/api/accounts/${boss.id}`, { username: boss.username, admin: false }));
  await until(async () => (await copy(boss, 'rooms')) === 'all', { what: 'the copy to change' });
  await isDeafTo([chief], 'accounts');
  assert.deepEqual([...chief.disconnects, ...plain.disconnects], []);
});

test('capability_that_is_granted_or_taken_away_counts_for_open_sockets', async () => {
  const [user, other] = [await createOperator(dialtone, {}), await createUser(dialtone)];
  user.token = await login(dialtone, user);
  const [[sender], [receiver]] = [await sockets(user, 1), await sockets(other, 1)];
  const offer = (roomId) => sender.emit('message', { message: 'screenSharingStart', roomId, destUser: other.username });
  const got = () => receiver.named('message').map(([, { roomId }]) => roomId);
  await grant(user.profile, { nethvoice_cti: ['screen_sharing'], qmanager: [] });
  await hears([sender], 'qman');
  offer('granted');
  await receiver.event('message');
  await grant(user.profile, { queue_agent: [] });
  await hears([sender], 'q.clear');
  offer('refused');
  sender.emit('message', { message: 'last', roomId: 'last', destUser: other.username });
  await until(() => got().includes('last'), { what: 'the last message' });
  assert.deepEqual(got(), ['granted', 'last']);
});

test('capabilities_are_known_from_the_copy_of_the_login_and_from_the_api', async () => {
  const [user, other] = [await createOperator(dialtone, { nethvoice_cti: ['screen_sharing'] }), await createUser(dialtone)];
  user.token = await login(dialtone, user);
  const [receiver] = await sockets(other, 1);
  assert.equal(await copy(user, 'cap'), 'nethvoice_cti.screen_sharing');
  const [byCopy] = await sockets(user, 1);
  await dialtone.redis('DEL', `cti1:{${domain}}:tok:${session(user)}`);
  const [byApi] = await sockets(user, 1);
  assert.equal(await copy(user, 'cap'), 'nethvoice_cti.screen_sharing');
  for (const [roomId, sender] of [byCopy, byApi].entries()) sender.emit('message', { message: 'screenSharingStart', roomId, destUser: other.username });
  await until(() => receiver.named('message').length === 2, { what: 'both offers' });
});

test('other_profile_and_its_deletion_reach_the_open_socket', async () => {
  const user = await createOperator(dialtone, { qmanager: [] });
  user.token = await login(dialtone, user);
  const live = await sockets(user, 2);
  const other = await createProfile(dialtone, { presence_panel: ['trunks'] });
  await putCti(dialtone, user, { profile_id: other.id });
  await hears(live, 'trk.clear');
  await isDeafTo(live, 'qman');
  await ok(admin('DELETE', `/api/profiles/${other.id}`));
  await until(async () => (await copy(user, 'rooms')) === 'all', { what: 'the copy' });
  await until(async () => {
    const event = randomName('event');
    await dialtone.publish(room('trk.clear'), `["${event}"]`);
    await dialtone.publish(room('all'), `["behind.${event}"]`);
    await Promise.all(live.map((socket) => socket.event(`behind.${event}`)));
    return live.every((socket) => socket.named(event).length === 0);
  }, { what: 'all to be deaf' });
});

test('new_and_removed_extensions_are_known_to_the_sessions', async () => {
  const user = await createUser(dialtone);
  assert.equal(await copy(user, 'ext'), user.username);
  const { exten } = await addExtension(dialtone, user);
  await until(async () => (await copy(user, 'ext')) === exten, { what: 'the new extension' });
  await ok(admin('DELETE', `/api/accounts/${user.id}/extensions/${exten}`));
  await until(async () => (await copy(user, 'ext')) === user.username, { what: 'the old state' });
});

test('client_that_comes_into_a_room_hears_what_was_said_there_since_it_connected', async () => {
  const user = await createOperator(dialtone, {});
  user.token = await login(dialtone, user);
  const [live] = await sockets(user, 1);
  const event = randomName('event');
  const published = await dialtone.ctl(['publish', 'room', 'qman', domain, event], { input: '{"n":1}' });
  assert.equal(published.status, 0, published.stderr);
  await grant(user.profile, { qmanager: [] });
  assert.deepEqual(await live.event(event), [event, { n: 1 }]);
});
