/* The user of web, desktop and mobile clients (cti-api 1.5, 4.2): what he is, sees, and sets. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAccount, createUser, login, randomName } from '../lib/accounts.mjs';
import { addExtension, avatar, createOperator, createProfile, putCti } from '../lib/cti.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { payloadOf } from '../lib/jwt.mjs';

const dialtone = await sharedInstance();
const me = async ({ token }) => {
  const answer = await dialtone.api('GET', '/api/user/me', { token });
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
};
const post = ({ token }, path, body, more) => dialtone.api('POST', path, { token, body, ...more });
const settings = (user, body) => post(user, '/api/user/settings', body);

function isBad(answer, status = 400) {
  assert.equal(answer.status, status, answer.text);
  assert.deepEqual(Object.keys(answer.json), ['code', 'message', 'data']);
  assert.equal(answer.json.code, status);
}

test('user_without_anything_stored_is_whole', async () => {
  const user = await createUser(dialtone, { display_name: 'Alice Example', email: `${randomName()}@example.org` });
  const device = { id: user.username, type: 'physical', description: 'Alice Example', proxy_port: null, actions: { answer: false, dtmf: false, hold: false } };
  assert.deepEqual(await me(user), {
    name: 'Alice Example', username: user.username, mainPresence: 'online', presence: 'online', presenceOnBusy: 'online',
    presenceOnUnavailable: 'online', recallOnBusy: 'disabled',
    endpoints: {
      email: [{ id: user.email }], jabber: [], extension: [device], cellphone: [], voicemail: [],
      mainextension: [{ id: user.username, description: 'Alice Example' }],
    },
    profile: { id: '1', name: 'Base', macro_permissions: {}, outbound_routes_permissions: [] },
    default_device: device, settings: {}, proxy_fqdn: 'dialtone.test', call_summary_enabled: false,
  });
});

test('what_an_administrator_stores_is_what_the_user_gets', async () => {
  const user = await createOperator(dialtone, { settings: ['dnd'] }, { display_name: 'Bob' });
  const webrtc = await addExtension(dialtone, user, { secret: 'a fine secret', description: 'Browser', proxy_port: 5061 });
  const desk = await addExtension(dialtone, user, { type: 'physical', description: 'Desk' });
  await putCti(dialtone, user, { profile_id: user.profile.id, main_extension: '201', voicemail: '201', cellphone: '3331234567',
    jabber: 'bob@chat.example.org', default_device: desk.exten, call_summary_enabled: true, recall_on_busy: true });
  const seen = await me(user);
  assert.deepEqual(seen.endpoints.mainextension, [{ id: '201', description: 'Bob' }]);
  assert.deepEqual([seen.endpoints.voicemail, seen.endpoints.cellphone, seen.endpoints.jabber],
    [[{ id: '201' }], [{ id: '3331234567' }], [{ id: 'bob@chat.example.org' }]]);
  const browser = { id: webrtc.exten, type: 'webrtc', secret: 'a fine secret', username: webrtc.exten, description: 'Browser', proxy_port: 5061, actions: { answer: true, dtmf: true, hold: true } };
  assert.deepEqual(seen.endpoints.extension.find(({ id }) => id === webrtc.exten), browser);
  assert.equal(seen.default_device.id, desk.exten);
  assert.deepEqual([seen.call_summary_enabled, seen.recallOnBusy], [true, 'enabled']);
  assert.equal(seen.profile.id, String(user.profile.id));
  assert.deepEqual(seen.profile.macro_permissions, { settings: { value: true, permissions: { dnd: { id: '1', name: 'dnd', value: true } } } });
});

test('permissions_of_a_profile_file_come_keyed_by_name_without_remote_sites', async () => {
  const user = await createUser(dialtone);
  const made = await dialtone.api('POST', '/api/profiles', { as: 'admin', body: { name: randomName('profile'), macro_permissions: {
    settings: { value: true, permissions: [{ id: '2', name: 'dnd', value: true }, { id: '3', name: 'call_forward', value: false }] },
    remote_sites: { value: true, permissions: [] } } } });
  assert.equal(made.status, 200, made.text);
  await putCti(dialtone, user, { profile_id: made.json.id });
  assert.deepEqual((await me(user)).profile.macro_permissions, { settings: { value: true, permissions: {
    dnd: { id: '2', name: 'dnd', value: true }, call_forward: { id: '3', name: 'call_forward', value: false } } } });
});

test('the_token_of_a_login_names_the_profile', async () => {
  const user = await createOperator(dialtone, {});
  assert.equal(payloadOf(await login(dialtone, user)).profile_id, String(user.profile.id));
  assert.equal('profile_id' in payloadOf(await login(dialtone, await createAccount(dialtone))), false);
});

test('everybody_of_the_domain_can_be_reached_and_nobody_elses_secret_is_told', async () => {
  const [alice, bob] = [await createUser(dialtone), await createUser(dialtone)];
  const secret = await addExtension(dialtone, bob, { secret: 'bobs own secret' });
  const answer = await dialtone.api('GET', '/api/user/endpoints/all', { token: alice.token });
  assert.equal(answer.status, 200);
  assert.ok(!answer.text.includes('bobs own secret'));
  assert.deepEqual(answer.json[bob.username].endpoints.extension.map(({ id, secret: s }) => [id, s]), [[secret.exten, '']]);
  assert.deepEqual(Object.keys(answer.json[alice.username]), ['name', 'username', 'mainPresence', 'presence', 'presenceOnBusy', 'presenceOnUnavailable', 'recallOnBusy', 'endpoints']);
});

test('a_blocked_user_is_in_no_directory', async () => {
  const [alice, bob] = [await createUser(dialtone), await createUser(dialtone)];
  await dialtone.sql(`UPDATE accounts SET blocked = true WHERE id = ${bob.id}`);
  assert.equal(bob.username in (await dialtone.api('GET', '/api/user/endpoints/all', { token: alice.token })).json, false);
});

test('settings_are_kept_as_given_and_replaced_one_by_one', async () => {
  const user = await createUser(dialtone);
  const first = { open_ccard: 'disabled', ccard_order: ['a', { b: 1 }], call_ringtone: { name: 'x' }, queue_auto_login: true, n: 1.5 };
  const answer = await settings(user, first);
  assert.deepEqual([answer.status, answer.text], [200, '']);
  assert.equal((await settings(user, { open_ccard: 'incoming' })).status, 200);
  assert.deepEqual((await me(user)).settings, { ...first, open_ccard: 'incoming' });
  assert.equal((await dialtone.api('DELETE', '/api/user/setting/n', { token: user.token })).status, 200);
  assert.equal('n' in (await me(user)).settings, false);
  assert.equal((await dialtone.api('DELETE', '/api/user/settings', { token: user.token })).status, 200);
  assert.deepEqual((await me(user)).settings, {});
});

test('of_a_member_that_comes_twice_the_last_one_counts', async () => {
  const user = await createUser(dialtone);
  assert.equal((await settings(user, '{"open_ccard":"a","open_ccard":"b"}')).status, 200);
  assert.equal((await me(user)).settings.open_ccard, 'b');
});

test('what_is_no_settings_object_is_400', async () => {
  const user = await createUser(dialtone);
  for (const body of ['{}', '', '[]', '"a"', '{"a":', '{"a":null}', `{"${'k'.repeat(51)}":1}`, '{"":1}', '{"a":"\\u0000"}', 'a=b']) isBad(await settings(user, body));
  assert.deepEqual((await me(user)).settings, {});
});

test('settings_have_a_ceiling_in_number_and_size', async () => {
  const user = await createUser(dialtone);
  const many = (n) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`key${i}`, i]));
  assert.equal((await settings(user, many(64))).status, 200);
  isBad(await settings(user, { one_more: 1 }));
  assert.equal(Object.keys((await me(user)).settings).length, 64);
  const other = await createUser(dialtone);
  isBad(await settings(other, { large: 'x'.repeat(65 * 1024) }), 413);
  isBad(await settings(other, { larger: 'x'.repeat(1024 * 1024) }), 413);
  assert.deepEqual((await me(other)).settings, {});
});

test('settings_that_are_posted_at_the_same_time_do_not_pass_the_ceiling', async () => {
  const user = await createUser(dialtone);
  const some = (n) => Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`key${n}.${i}`, i]));
  const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => settings(user, some(n))));
  assert.equal(answers.filter(({ status }) => status === 200).length, 6);
  assert.equal(Object.keys((await me(user)).settings).length, 60);
});

test('an_avatar_is_a_picture_of_at_most_256_kib', async () => {
  const user = await createUser(dialtone);
  assert.equal((await settings(user, { avatar: avatar(200 * 1024) })).status, 200);
  assert.equal((await dialtone.api('GET', '/api/user/all_avatars', { token: user.token })).json[user.username], avatar(200 * 1024));
  for (const bad of [avatar(257 * 1024), 'data:text/html;base64,PGh0bWw+', 'data:image/png;base64,PGh0bWw+PGJvZHk+', 'data:image/png;base64,!!!!', 'https://example.org/a.png', 17, {}, [1]]) {
    isBad(await settings(user, { avatar: bad }));
  }
  assert.equal((await settings(user, { avatar: '' })).status, 200);
});

test('a_default_device_is_one_of_the_users_own', async () => {
  const [user, other] = [await createUser(dialtone), await createUser(dialtone)];
  const first = await addExtension(dialtone, user, { type: 'physical' });
  const browser = await addExtension(dialtone, user);
  const foreign = await addExtension(dialtone, other);
  assert.equal((await me(user)).default_device.id, browser.exten, 'one that can be driven');
  const answer = await post(user, '/api/user/default_device', { id: first.exten });
  assert.deepEqual([answer.status, answer.text], [200, '']);
  assert.equal((await me(user)).default_device.id, first.exten);
  isBad(await post(user, '/api/user/default_device', { id: foreign.exten }), 403);
  for (const body of [{ id: 1.5 }, { id: null }, {}, { id: [first.exten] }, '{"id":']) isBad(await post(user, '/api/user/default_device', body));
  assert.equal((await me(user)).default_device.id, first.exten);
});

test('a_default_device_that_is_taken_away_leaves_the_user_whole', async () => {
  const user = await createUser(dialtone);
  const device = await addExtension(dialtone, user);
  assert.equal((await post(user, '/api/user/default_device', { id: device.exten })).status, 200);
  assert.equal((await dialtone.api('DELETE', `/api/accounts/${user.id}/extensions/${device.exten}`, { as: 'admin' })).status, 200);
  assert.equal((await me(user)).default_device.id, user.username);
});

test('5.12 the_secret_of_an_extension_is_stored_sealed', async () => {
  const user = await createUser(dialtone);
  const { exten } = await addExtension(dialtone, user, { secret: 'not to be found' });
  const [[stored]] = await dialtone.sql(`SELECT encode(secret_sealed, 'hex') FROM extensions WHERE exten = '${exten}'`);
  assert.ok(!stored.includes(Buffer.from('not to be found').toString('hex')));
  assert.equal((await me(user)).endpoints.extension[0].secret, 'not to be found');
});

test('the_page_of_a_user_with_a_default_profile_follows_it', async () => {
  const user = await createUser(dialtone);
  const profile = await createProfile(dialtone, { phonebook: [] }, { is_default: true });
  try {
    assert.equal((await me(user)).profile.id, String(profile.id));
    const second = await dialtone.api('POST', '/api/profiles', { as: 'admin', body: { name: randomName('profile'), is_default: true } });
    assert.equal(second.status, 422);
    assert.deepEqual(Object.keys(second.json.errors), ['is_default']);
  } finally {
    await dialtone.api('DELETE', `/api/profiles/${profile.id}`, { as: 'admin' });
  }
  assert.equal((await me(user)).profile.id, '1');
});
