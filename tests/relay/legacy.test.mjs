/* Old clients' sockets: tokens of the HMAC login (cti-api 1.15 and 1.16). */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, test } from 'node:test';

import { createAccount, login } from '../lib/accounts.mjs';
import { addExtension, createOperator, legacyLogin, webrest } from '../lib/cti.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { Live } from '../lib/live.mjs';
import { enable } from '../lib/otp.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await ownInstance();
const domain = dialtone.env.DIALTONE_DOMAIN;
const tokenOf = (authorization) => authorization.slice(-40);
const userChannel = ({ username }) => `cti1:{${domain}}:u:${username}`;
const admin = (method, path, body) => dialtone.api(method, path, { as: 'admin', body });

async function socket() {
  const live = new Live(dialtone, { path: '/socket.io/', options: { reconnection: false } });
  after(() => live.close());
  return live.connected();
}

const open = async (user, token, name = user.username) => (await socket()).login(name, token);

async function ends(live) {
  assert.deepEqual(await live.event('401'), ['401', { message: 'unauthorized access' }]);
  await until(() => live.disconnects.length, { what: 'the end' });
  assert.deepEqual(live.disconnects, ['io server disconnect']);
}

async function isRefused(name, token) {
  const live = await socket();
  live.emit('login', { accessKeyId: name, token });
  await ends(live);
  assert.deepEqual(live.named('authe_ok'), []);
}

/* Makes the relay look now and not within half a minute: a session that was bound anew is looked at. */
async function look(user, token) {
  const id = `legacy-${crypto.createHash('sha256').update(token).digest('hex')}`;
  const header = { v: 1, k: 'c', i: 'look', t: Date.now(), o: 'rebind', u: user.username, old: id, new: id };
  assert.ok(await dialtone.publish(`cti1:{${domain}}:ctl`, JSON.stringify(header)) > 0);
}

test('1.16 while_the_switch_is_off_a_token_opens_no_socket', async () => {
  const user = await createAccount(dialtone);
  await isRefused(user.username, '0'.repeat(40));
});

test('1.15 the_token_of_the_old_login_opens_a_socket_that_hears_events', async () => {
  await dialtone.configureApi({ legacy_auth: 'true' });
  const user = await createAccount(dialtone);
  const live = await open(user, tokenOf(await legacyLogin(dialtone, user)));
  await dialtone.publish(userChannel(user), '["hello",{"n":1}]');
  assert.deepEqual(await live.event('hello'), ['hello', { n: 1 }]);
});

test('1.15 the_name_may_be_an_address_or_the_number_of_an_extension', async () => {
  const user = await createOperator(dialtone);
  const { exten } = await addExtension(dialtone, user);
  for (const username of [`${user.username}@${domain}`, exten]) {
    const token = tokenOf(await legacyLogin(dialtone, { ...user, username }));
    const live = await open(user, token, username);
    await dialtone.publish(userChannel(user), '["mine"]');
    await live.event('mine');
  }
});

test('another_users_name_and_an_unknown_token_open_nothing', async () => {
  const [user, other] = [await createAccount(dialtone), await createAccount(dialtone)];
  const token = tokenOf(await legacyLogin(dialtone, user));
  await isRefused(other.username, token);
  await isRefused(user.username, crypto.randomBytes(20).toString('hex'));
});

test('what_a_relay_knows_of_a_session_opens_nothing_to_a_client', async () => {
  const user = await createAccount(dialtone);
  const hash = crypto.createHash('sha256').update(tokenOf(await legacyLogin(dialtone, user))).digest('hex');
  await isRefused(user.username, `legacy-${hash}`);
  assert.equal((await webrest(dialtone, '/user/me', `${user.username}:legacy-${hash}`)).status, 401);
});

test('a_live_session_stays_and_its_token_is_renewed', async () => {
  const user = await createAccount(dialtone);
  const token = tokenOf(await legacyLogin(dialtone, user));
  const live = await open(user, token);
  const key = (await dialtone.redis('keys', `*legacy:tok:${crypto.createHash('sha256').update(token).digest('hex')}`)).trim();
  await dialtone.redis('expire', key, '600');
  await look(user, token);
  await until(async () => Number(await dialtone.redis('ttl', key)) > 600, { what: 'the renewal' });
  await dialtone.publish(userChannel(user), '["still"]');
  await live.event('still');
  assert.deepEqual(live.named('401'), []);
});

const endings = {
  logout: (user, authorization) => webrest(dialtone, '/authentication/logout', authorization, { method: 'POST' }),
  'new password': (user) => admin('PUT', `/api/accounts/${user.id}`, { username: user.username, algorithm: 'SHA-256', password: 'a new secret' }),
  block: (user) => admin('PUT', `/api/accounts/${user.id}`, { username: user.username, blocked: true }),
  deletion: (user) => admin('DELETE', `/api/accounts/${user.id}`),
  'second factor': async (user) => {
    await enable(dialtone, await login(dialtone, user));
    return { status: 200 };
  },
};

/* The next look of the relay comes within half a minute. */
for (const [what, end] of Object.entries(endings)) {
  test(`${what.replaceAll(' ', '_')}_ends_the_socket_at_once`, async () => {
    const user = await createAccount(dialtone);
    const authorization = await legacyLogin(dialtone, user);
    const live = await open(user, tokenOf(authorization));
    const answer = await end(user, authorization);
    assert.equal(answer.status, 200, answer.text);
    await live.event('401', { seconds: 10 });
    await ends(live);
  });
}

test('logout_of_one_token_keeps_the_socket_of_another', async () => {
  const user = await createAccount(dialtone);
  const [one, other] = [await legacyLogin(dialtone, user), await legacyLogin(dialtone, user)];
  const [ended, stays] = [await open(user, tokenOf(one)), await open(user, tokenOf(other))];
  assert.equal((await endings.logout(user, one)).status, 200);
  await ends(ended);
  await dialtone.publish(userChannel(user), '["still"]');
  await stays.event('still');
});

test('a_logged_in_socket_renews_its_own_token_and_takes_no_other_user', async () => {
  const [user, other] = [await createAccount(dialtone), await createAccount(dialtone)];
  const live = await open(user, await login(dialtone, user));
  live.emit('login', { accessKeyId: other.username, token: tokenOf(await legacyLogin(dialtone, other)) });
  await live.event('bad_request');
  live.emit('login', { accessKeyId: user.username, token: tokenOf(await legacyLogin(dialtone, user)) });
  await until(() => live.named('authe_ok').length === 2, { what: 'the second authe_ok' });
});

test('5.11 tokens_are_in_no_log', async () => {
  const user = await createAccount(dialtone);
  const token = tokenOf(await legacyLogin(dialtone, user));
  await open(user, token);
  for (const name of ['api', 'relay', 'access', 'nginx']) assert.ok(!(await dialtone.log(name)).includes(token), name);
});
