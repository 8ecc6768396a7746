/* One session of a user and client type is in use, over all relays (cti-api 2.3 and 3.6). */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, test } from 'node:test';

import { randomName } from '../lib/accounts.mjs';
import { Live } from '../lib/live.mjs';
import { RelayAlone } from '../lib/relay.mjs';
import { until } from '../lib/until.mjs';

/* Logins on the first two wait longer than a test does, so whoever gets in there did not wait. */
const settings = { takeover_ms: 120000 };
const WAIT_MS = 1500;
const first = await RelayAlone.start({ settings });
const second = await RelayAlone.start({ settings: { ...settings, id: 'ab' }, beside: first });
const hasty = await RelayAlone.start({ settings: { takeover_ms: WAIT_MS, id: 'ad' }, beside: first });
after(async () => {
  await Promise.all([second.remove(), hasty.remove()]);
  await first.remove();
});

async function connected(on = first) {
  const made = new Live(on, { options: { reconnection: false } });
  after(() => made.close());
  return made.connected();
}

async function begin(user, { on = first, jti = crypto.randomUUID(), uaType = 'desktop' } = {}) {
  const socket = await connected(on);
  socket.emit('login', { accessKeyId: user, token: await first.session({ id: user, jti }), uaType });
  return socket;
}

async function loggedIn(user, options) {
  const socket = await begin(user, options);
  await socket.event('authe_ok');
  return socket;
}

const sentAway = (socket) => until(() => socket.disconnects.includes('io server disconnect'), { what: '41' });
const owner = async (user, ua = 'desktop') => first.cli('HGET', `cti1:{${first.domain}}:own:${user}:${ua}`, 'sid');

for (const [where, on] of [['the_same_relay', first], ['another_relay', second]]) {
  test(`newcomer_on_${where}_gets_in_when_the_old_session_agrees`, async () => {
    const user = randomName();
    const old = await loggedIn(user);
    old.socket.on('takeOver', () => old.emit('takeOverAck'));
    const fresh = await loggedIn(user, { on });
    assert.deepEqual(await old.event('takeOver'), ['takeOver']);
    await sentAway(old);
    assert.equal(old.named('takeOver').length, 1);
    assert.deepEqual(fresh.disconnects, []);
    assert.equal(await owner(user), fresh.socket.id);
  });

  test(`newcomer_on_${where}_gets_in_when_the_old_session_goes`, async () => {
    const user = randomName();
    const old = await loggedIn(user);
    old.socket.on('takeOver', () => old.close());
    await loggedIn(user, { on });
  });
}

for (const [where, on] of [['the_same_relay', hasty], ['another_relay', first]]) {
  test(`newcomer_gets_in_after_the_time_when_the_old_session_on_${where}_is_mute`, async () => {
    const user = randomName();
    const old = await loggedIn(user, { on });
    const start = Date.now();
    const fresh = await begin(user, { on: hasty });
    await old.event('takeOver');
    await first.publish(first.channel(user), '["meanwhile"]');
    await old.event('meanwhile');
    await fresh.event('authe_ok');
    assert.ok(Date.now() - start >= WAIT_MS);
    assert.equal(fresh.named('meanwhile').length, 0, 'nothing before authe_ok');
    await sentAway(old);
  });
}

test('second_tab_with_the_same_token_is_no_takeover', async () => {
  const user = randomName();
  const jti = crypto.randomUUID();
  const old = await loggedIn(user, { jti });
  const fresh = await loggedIn(user, { jti, on: second });
  await first.publish(first.channel(user), '["both"]');
  await Promise.all([old.event('both'), fresh.event('both')]);
  assert.equal(old.named('takeOver').length, 0);
  assert.equal(await owner(user), fresh.socket.id);
});

test('all_tabs_of_the_old_session_are_replaced_on_every_relay', async () => {
  const user = randomName();
  const jti = crypto.randomUUID();
  const tabs = [await loggedIn(user, { jti }), await loggedIn(user, { jti, on: second })];
  const fresh = await loggedIn(user, { on: hasty });
  for (const tab of tabs) {
    await tab.event('takeOver');
    await sentAway(tab);
  }
  assert.deepEqual(fresh.disconnects, []);
});

test('other_client_types_are_not_replaced', async () => {
  const user = randomName();
  const mobile = await loggedIn(user, { uaType: 'mobile' });
  const none = await loggedIn(user, { uaType: null });
  await loggedIn(user, { on: second });
  assert.deepEqual([...mobile.named('takeOver'), ...none.named('takeOver')], []);
});

test('third_login_displaces_the_one_that_waits_and_inherits_its_time', async () => {
  const user = randomName();
  const old = await loggedIn(user);
  const waiting = await begin(user, { on: hasty });
  await old.event('takeOver');
  const third = await begin(user);
  await waiting.event('takeOver');
  await third.event('authe_ok');
  await sentAway(waiting);
  assert.equal(waiting.named('authe_ok').length, 0);
  assert.equal(await owner(user), third.socket.id);
});

test('newcomer_that_gives_up_leaves_the_owner_in_place', async () => {
  const user = randomName();
  const old = await loggedIn(user);
  const waiting = await begin(user, { on: second });
  await old.event('takeOver');
  waiting.close();
  const key = `cti1:{${first.domain}}:own:${user}:desktop`;
  await until(async () => (await first.cli('HEXISTS', key, 'pend_sid')) === '0', { what: 'the claim to be gone' });
  assert.equal(await owner(user), old.socket.id);
});

test('owner_on_a_dead_relay_is_not_waited_for', async () => {
  const third = await RelayAlone.start({ settings: { ...settings, id: 'ac' }, beside: first });
  after(() => third.remove());
  const user = randomName();
  await loggedIn(user, { on: third });
  third.process.kill('SIGKILL');
  await until(() => third.process.signalCode, { what: 'the relay to die' });
  await loggedIn(user);
  await third.startRelay();
});

test('owner_forgotten_by_the_process_that_had_it_is_not_waited_for', async () => {
  const user = randomName();
  await first.cli('HSET', `cti1:{${first.domain}}:own:${user}:desktop`, 'relay', 'ab', 'sid', 'A'.repeat(20), 'jti', 'x');
  await loggedIn(user);
});
