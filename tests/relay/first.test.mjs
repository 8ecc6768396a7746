/* The main job: a stock client logs in and hears what was published. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { createAccount, login } from '../lib/accounts.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { Live } from '../lib/live.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await sharedInstance();
const account = await createAccount(dialtone);
const token = await login(dialtone, account);
const domain = dialtone.env.DIALTONE_DOMAIN;
const userChannel = (username) => `cti1:{${domain}}:u:${username}`;

function live(options) {
  const made = new Live(dialtone, options);
  after(() => made.close());
  return made;
}

test('event_published_with_redis_cli_reaches_the_logged_in_user', async () => {
  const socket = await live().login(account.username, token, { uaType: 'desktop' });
  const event = ['extenRinging', { numCalled: account.username, callerNum: '201', callerName: 'Zoë ☎', callerHasConf: false }];
  assert.equal(await dialtone.publish(userChannel(account.username), JSON.stringify(event)), 1);
  assert.deepEqual(await socket.event('extenRinging'), event);
});

test('event_for_the_room_of_all_reaches_every_user', async () => {
  const other = await createAccount(dialtone);
  const sockets = await Promise.all([
    live().login(account.username, token),
    live().login(other.username, await login(dialtone, other)),
  ]);
  await dialtone.publish(`cti1:{${domain}}:r:all`, '["serverReloaded"]');
  for (const socket of sockets) assert.deepEqual(await socket.event('serverReloaded'), ['serverReloaded']);
});

test('event_of_another_user_is_not_heard', async () => {
  const other = await createAccount(dialtone);
  const socket = await live().login(account.username, token);
  await dialtone.publish(userChannel(other.username), '["for another", {}]');
  await dialtone.publish(userChannel(account.username), '["own", {}]');
  await socket.event('own');
  assert.deepEqual(socket.named('for another'), []);
});

test('wrong_token_is_told_401_and_disconnected', async () => {
  const socket = await live({ options: { reconnection: false } }).connected();
  socket.emit('login', { accessKeyId: account.username, token: `${token.slice(0, -2)}AA` });
  assert.deepEqual(await socket.event('401'), ['401', { message: 'unauthorized access' }]);
  await until(() => socket.disconnects.includes('io server disconnect'), { what: 'the server to disconnect' });
});

test('logged_out_token_is_refused', async () => {
  const ended = await login(dialtone, account);
  await dialtone.api('POST', '/api/logout', { token: ended });
  const socket = await live({ options: { reconnection: false } }).connected();
  socket.emit('login', { accessKeyId: account.username, token: ended });
  await socket.event('401');
});

test('ping_is_answered_also_before_login', async () => {
  const socket = await live().connected();
  await new Promise((resolve) => socket.emit('ping', resolve));
});

test('both_public_paths_lead_to_the_relay', async () => {
  await live({ path: '/socket.io/' }).login(account.username, token);
});
