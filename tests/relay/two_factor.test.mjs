/* What the second factor means for open sockets: cti-api 1.3, 3.7 and 5.3. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { createAccount, login } from '../lib/accounts.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { Live } from '../lib/live.mjs';
import { begin, enable, verify } from '../lib/otp.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await sharedInstance();
const open = [];
after(() => open.forEach((live) => live.close()));

function live() {
  const socket = new Live(dialtone, { options: { reconnection: false } });
  open.push(socket);
  return socket;
}

test('5.3 a token before its OTP opens no socket, the verified one does', async () => {
  const account = await createAccount(dialtone);
  const { app } = await enable(dialtone, await login(dialtone, account));
  const waiting = await login(dialtone, account);
  const refused = await live().connected();
  refused.emit('login', { accessKeyId: account.username, token: waiting });
  await refused.event('401');
  assert.deepEqual(refused.named('authe_ok'), []);
  const answer = await verify(dialtone, waiting, app.fresh());
  await live().login(account.username, answer.json.data.token);
});

test('1.3 the first set-up keeps the own socket and closes the others', async () => {
  const account = await createAccount(dialtone);
  const [token, other] = [await login(dialtone, account), await login(dialtone, account)];
  const mine = await live().login(account.username, token, { uaType: 'desktop' });
  const others = await live().login(account.username, other, { uaType: 'mobile' });
  const app = await begin(dialtone, token);
  const answer = await verify(dialtone, token, app.fresh());
  assert.equal(answer.status, 200, answer.text);
  await others.event('401');
  assert.deepEqual(mine.named('401'), []);
  assert.ok(mine.socket.connected);
  /* It belongs to the new token now: the end of that one ends it. */
  await dialtone.api('POST', '/api/logout', { token: answer.json.data.token });
  await mine.event('401');
});

test('1.11 disable closes every socket', async () => {
  const account = await createAccount(dialtone);
  const { token } = await enable(dialtone, await login(dialtone, account));
  const socket = await live().login(account.username, token);
  await dialtone.api('POST', '/api/2fa/disable', { token, body: { password: account.password } });
  await socket.event('401');
  await until(() => socket.disconnects.length, { what: 'the socket to be closed' });
});

test('5.17 block closes the sockets at once', async () => {
  const account = await createAccount(dialtone);
  const socket = await live().login(account.username, await login(dialtone, account));
  await dialtone.api('PUT', `/api/accounts/${account.id}`, { as: 'admin', body: { username: account.username, blocked: true } });
  await socket.event('401');
});
