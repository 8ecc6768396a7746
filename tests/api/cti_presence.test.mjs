/* Presence now, on busy and on unavailable (cti-api 4.2), and who hears of it (2.7, 2.9, 2.10). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { createUser } from '../lib/accounts.mjs';
import { addExtension, avatar, createOperator } from '../lib/cti.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { Live } from '../lib/live.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await sharedInstance();
const sockets = [];
after(() => sockets.forEach((socket) => socket.close()));

async function listen(user) {
  const live = new Live(dialtone);
  sockets.push(live);
  return live.login(user.username, user.token);
}

const get = ({ token }, path) => dialtone.api('GET', `/api/user/${path}`, { token });
const choose = ({ token }, path, body) => dialtone.api('POST', `/api/user/${path}`, { token, body });
const KINDS = { presence: 'presence', presence_onbusy: 'presence_onbusy', presence_onunavailable: 'presence_onunavailable' };
const panel = { presence_panel: [] };
/* Sockets follow when rooms change, but not before the next moment. */
const fresh = async (user) => ({ ...user, token: (await dialtone.api('POST', '/api/login', { body: { username: user.username, password: user.password } })).json.token });

test('presence_is_what_was_chosen_last', async () => {
  const user = await createOperator(dialtone);
  for (const kind of Object.keys(KINDS)) {
    assert.deepEqual((await get(user, kind)).json, { status: 'online' });
    const answer = await choose(user, kind, { status: 'callforward', to: '202' });
    assert.deepEqual([answer.status, answer.text], [200, '']);
    assert.deepEqual((await get(user, kind)).json, { status: 'callforward', to: '202' });
    assert.equal((await choose(user, kind, { status: 'voicemail', to: '202' })).status, 200);
    assert.deepEqual((await get(user, kind)).json, { status: 'voicemail' });
  }
  const { mainPresence, presence, presenceOnBusy, presenceOnUnavailable } = (await get(user, 'me')).json;
  assert.deepEqual([mainPresence, presence, presenceOnBusy, presenceOnUnavailable], ['voicemail', 'voicemail', 'voicemail', 'voicemail']);
});

test('the_target_may_be_a_number_or_its_digits', async () => {
  const user = await createOperator(dialtone);
  assert.equal((await choose(user, 'presence', { status: 'callforward', to: 202 })).status, 200);
  assert.deepEqual((await get(user, 'presence')).json, { status: 'callforward', to: '202' });
});

test('what_is_no_presence_is_400_and_changes_nothing', async () => {
  const user = await createOperator(dialtone);
  const bad = [{ status: 'busy' }, { status: 'offline' }, { status: 'ONLINE' }, { status: 1 }, {}, { status: null }, { status: 'callforward' },
    { status: 'callforward', to: '' }, { status: 'callforward', to: null }, { status: 'callforward', to: -5 }, { status: 'callforward', to: 1.5 },
    { status: 'callforward', to: "1' --" }, { status: 'callforward', to: '9'.repeat(65) }, '{"status":', '[]', ''];
  for (const kind of Object.keys(KINDS)) {
    for (const body of bad) {
      const answer = await choose(user, kind, body);
      assert.equal(answer.status, 400, `${kind} ${JSON.stringify(body)}`);
      assert.equal(answer.json.code, 400);
    }
    assert.deepEqual((await get(user, kind)).json, { status: 'online' });
  }
  for (const kind of ['presence_onbusy', 'presence_onunavailable']) assert.equal((await choose(user, kind, { status: 'dnd' })).status, 400, kind);
});

test('2.7 own_presence_is_heard_once_and_clear_also_by_those_who_see_others_masked', async () => {
  const masked = { presence_panel: [], nethvoice_cti: ['privacy'], settings: ['call_forward'] };
  const [user, other] = await Promise.all([masked, masked].map(async (macros) => fresh(await createOperator(dialtone, macros))));
  const [own, others] = [await listen(user), await listen(other)];
  await choose(user, 'presence', { status: 'callforward', to: '0721000000' });
  const told = ({ username }, to) => ['userPresenceUpdate', { presence: { username, status: 'callforward', to } }];
  assert.deepEqual(await others.event('userPresenceUpdate', { of: user.username }), told(user, '0721000xxx'));
  /* By then all that was to be told of the first change has been. */
  await choose(other, 'presence', { status: 'callforward', to: '0721000000' });
  await own.event('userPresenceUpdate', { of: other.username });
  const of = ([, { presence }]) => presence?.username === user.username;
  assert.deepEqual(own.named('userPresenceUpdate').filter(of), [told(user, '0721000000')]);
});

test('the_lists_hold_what_the_profile_allows', async () => {
  const all = await createOperator(dialtone);
  assert.deepEqual((await get(all, 'presencelist')).json, ['online', 'dnd', 'voicemail', 'cellphone', 'callforward']);
  for (const list of ['presencelist_onbusy', 'presencelist_onunavailable']) {
    assert.deepEqual((await get(all, list)).json, ['online', 'voicemail', 'cellphone', 'callforward']);
  }
  const none = await createUser(dialtone);
  for (const list of ['presencelist', 'presencelist_onbusy', 'presencelist_onunavailable']) {
    assert.deepEqual((await get(none, list)).json, ['online', 'voicemail', 'cellphone']);
  }
});

test('5.33 call_forward_and_dnd_need_their_capability', async () => {
  const cases = [
    [{}, 'presence', { status: 'dnd' }, 403], [{ settings: ['dnd'] }, 'presence', { status: 'dnd' }, 200],
    [{ settings: ['dnd'] }, 'presence', { status: 'callforward', to: '202' }, 403],
    [{ settings: ['call_forward'] }, 'presence', { status: 'callforward', to: '202' }, 200],
    [{ settings: ['dnd'] }, 'presence_onbusy', { status: 'callforward', to: '202' }, 403],
    [{ settings: ['call_forward'] }, 'presence_onbusy', { status: 'callforward', to: '202' }, 200],
    [{ settings: ['dnd'] }, 'presence_onunavailable', { status: 'callforward', to: '202' }, 403],
    [{ settings: ['call_forward'] }, 'presence_onunavailable', { status: 'callforward', to: '202' }, 200],
  ];
  for (const [macros, kind, body, status] of cases) {
    const user = await createOperator(dialtone, macros);
    const answer = await choose(user, kind, body);
    assert.equal(answer.status, status, JSON.stringify([macros, kind, body]));
    if (status === 403) {
      assert.deepEqual(answer.json, { code: 403, message: 'forbidden: missing capability', data: null });
      assert.deepEqual((await get(user, kind)).json, { status: 'online' });
    }
  }
});

test('5.33 a_permission_counts_only_where_its_macro_is_on', async () => {
  const user = await createUser(dialtone);
  const profile = await dialtone.api('POST', '/api/profiles', { as: 'admin', body: { name: user.username.slice(0, 60), macro_permissions: {
    settings: { value: false, permissions: { dnd: { id: '1', name: 'dnd', value: true } } } } } });
  await dialtone.api('PUT', `/api/accounts/${user.id}/cti`, { as: 'admin', body: { profile_id: profile.json.id } });
  assert.equal((await choose(user, 'presence', { status: 'dnd' })).status, 403);
});

test('5.33 rows_with_a_capability_refuse_who_has_it_not', async () => {
  const user = await createUser(dialtone);
  for (const path of ['astproxy/opgroups', 'astproxy/queues', 'astproxy/qmanager_queues', 'astproxy/parkings', 'astproxy/trunks', 'phonebook/speeddials',
    'phonebook/search/', 'custcard/list', `historycall/interval/user/${user.username}/20260101/20261231`, 'voicemail/new_counters']) {
    const answer = await dialtone.api('GET', `/api/${path}`, { token: user.token });
    assert.deepEqual([answer.status, answer.json?.message], [403, 'forbidden: missing capability'], path);
  }
});

test('a_change_is_told_to_the_user_and_to_those_who_watch', async () => {
  const user = await createOperator(dialtone, { settings: ['call_forward'] });
  const watcher = await fresh(await createOperator(dialtone, panel));
  const [own, watching] = [await listen(user), await listen(watcher)];
  assert.equal((await choose(user, 'presence', { status: 'callforward', to: '20212345' })).status, 200);
  const object = { username: user.username, status: 'callforward', to: '20212345' };
  for (const live of [own, watching]) {
    assert.deepEqual(await live.event('userPresenceUpdate', { of: user.username }), ['userPresenceUpdate', { presence: object }]);
    assert.deepEqual(await live.event('userMainPresenceUpdate', { of: user.username }), ['userMainPresenceUpdate', { mainPresence: object }]);
  }
});

test('on_busy_and_on_unavailable_are_told_under_their_own_names', async () => {
  for (const kind of ['presence_onbusy', 'presence_onunavailable']) {
    const user = await createOperator(dialtone, { settings: ['call_forward'] });
    const live = await listen(user);
    assert.equal((await choose(user, kind, { status: 'callforward', to: '202' })).status, 200);
    assert.deepEqual(await live.event('userPresenceUpdate', { of: user.username }), ['userPresenceUpdate', { [kind]: { username: user.username, status: 'callforward', to: '202' } }]);
    assert.deepEqual(live.named('userMainPresenceUpdate'), []);
  }
});

test('5.23 targets_are_masked_for_the_privacy_flag_and_hidden_from_who_may_not_watch', async () => {
  const user = await createOperator(dialtone, { settings: ['call_forward'] });
  const masked = await fresh(await createOperator(dialtone, { ...panel, nethvoice_cti: ['privacy'] }));
  const nobody = await createUser(dialtone);
  const [seen, unseen] = [await listen(masked), await listen(nobody)];
  assert.equal((await choose(user, 'presence', { status: 'callforward', to: '20212345' })).status, 200);
  const [, { presence }] = await seen.event('userPresenceUpdate', { of: user.username });
  assert.deepEqual(presence, { username: user.username, status: 'callforward', to: '20212xxx' });
  /* What comes after it on the same connection would have come behind the presence. */
  await dialtone.api('POST', '/api/user/settings', { token: user.token, body: { avatar: avatar() } });
  await unseen.event('userProfileAvatarUpdate', { of: user.username });
  assert.deepEqual(unseen.named('userPresenceUpdate'), []);
});

test('a_repeated_choice_is_no_news', async () => {
  const user = await createOperator(dialtone, { settings: [] });
  const live = await listen(user);
  for (const status of ['voicemail', 'voicemail', 'cellphone']) assert.equal((await choose(user, 'presence', { status })).status, 200);
  await live.event('userPresenceUpdate');
  const last = async () => live.named('userPresenceUpdate').find(([, { presence }]) => presence.status === 'cellphone');
  await until(last, { what: 'the last choice' });
  assert.deepEqual(live.named('userPresenceUpdate').map(([, { presence }]) => presence.status), ['voicemail', 'cellphone']);
});

test('a_default_device_is_told_to_its_user_alone_as_bare_text', async () => {
  const user = await createUser(dialtone);
  const other = await createUser(dialtone);
  const [own, others] = [await listen(user), await listen(other)];
  const { exten } = await addExtension(dialtone, user);
  assert.equal((await dialtone.api('POST', '/api/user/default_device', { token: user.token, body: { id: exten } })).status, 200);
  assert.deepEqual(await own.event('updateDefaultDevice'), ['updateDefaultDevice', exten]);
  await dialtone.api('POST', '/api/user/settings', { token: user.token, body: { avatar: avatar() } });
  await others.event('userProfileAvatarUpdate', { of: user.username });
  assert.deepEqual(others.named('updateDefaultDevice'), []);
});

test('an_avatar_is_told_to_the_domain_a_large_one_only_as_changed', async () => {
  const user = await createUser(dialtone);
  const live = await listen(await createUser(dialtone));
  const of = () => live.named('userProfileAvatarUpdate').map(([, update]) => update).filter(({ username }) => username === user.username);
  const put = (value) => dialtone.api('POST', '/api/user/settings', { token: user.token, body: { avatar: value } });
  assert.equal((await put(avatar())).status, 200);
  assert.equal((await put(avatar(20000))).status, 200);
  assert.equal((await dialtone.api('DELETE', '/api/user/setting/avatar', { token: user.token })).status, 200);
  await until(() => of().length === 3, { what: 'three updates' });
  assert.deepEqual(of(), [{ username: user.username, avatar: avatar() }, { username: user.username, avatar: null, changed: true }, { username: user.username }]);
});

test('a_refused_change_tells_nobody', async () => {
  const user = await createUser(dialtone);
  const live = await listen(user);
  assert.equal((await choose(user, 'presence', { status: 'dnd' })).status, 403);
  assert.equal((await choose(user, 'presence', { status: 'voicemail' })).status, 200);
  await live.event('userPresenceUpdate');
  assert.equal(live.named('userPresenceUpdate').length, 1);
});
