/* Who ends a session through REST ends its sockets, on every relay (cti-api 1.3 and 3.7). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { createAccount, login } from '../lib/accounts.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { Live } from '../lib/live.mjs';
import { enable } from '../lib/otp.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await sharedInstance();

/* nginx spreads connections over the relays, so of several some are on each. */
async function sockets(account, token, n = 4) {
  return Promise.all(Array.from({ length: n }, async () => {
    const socket = new Live(dialtone, { options: { reconnection: false } });
    after(() => socket.close());
    return socket.login(account.username, token);
  }));
}

async function allEnd(live) {
  for (const socket of live) {
    assert.deepEqual(await socket.event('401'), ['401', { message: 'unauthorized access' }]);
    await until(() => socket.disconnects.length, { what: 'the end' });
    assert.deepEqual(socket.disconnects, ['io server disconnect']);
  }
}

async function allStay(account, live) {
  await dialtone.publish(`cti1:{${dialtone.env.DIALTONE_DOMAIN}}:u:${account.username}`, '["still"]');
  for (const socket of live) await socket.event('still');
}

const admin = (method, path, body) => dialtone.api(method, path, { as: 'admin', body });

test('logout_ends_the_sockets_of_that_session_and_no_other', async () => {
  const account = await createAccount(dialtone);
  const [token, other] = [await login(dialtone, account), await login(dialtone, account)];
  const [ended, stay] = [await sockets(account, token), await sockets(account, other)];
  assert.equal((await dialtone.api('POST', '/api/logout', { token })).status, 200);
  await allEnd(ended);
  await allStay(account, stay);
});

test('logout_ends_the_sockets_on_both_relays_within_a_second', async () => {
  const account = await createAccount(dialtone);
  const token = await login(dialtone, account);
  const live = await sockets(account, token, 8);
  assert.deepEqual(new Set(live.map(({ socket }) => socket.io.engine.id.slice(0, 2))), new Set(['aa', 'ab']));
  assert.equal((await dialtone.api('POST', '/api/logout', { token })).status, 200);
  await until(() => live.every(({ disconnects }) => disconnects.length), { what: 'the end of all', seconds: 1 });
});

test('block_ends_all_sockets_of_the_account', async () => {
  const account = await createAccount(dialtone);
  const live = await sockets(account, await login(dialtone, account));
  const answer = await admin('PUT', `/api/accounts/${account.id}`, { username: account.username, blocked: true });
  assert.equal(answer.status, 200, answer.text);
  await allEnd(live);
});

test('deletion_ends_all_sockets_of_the_account', async () => {
  const account = await createAccount(dialtone);
  const live = await sockets(account, await login(dialtone, account));
  assert.equal((await admin('DELETE', `/api/accounts/${account.id}`)).status, 200);
  await allEnd(live);
});

test('second_factor_turned_on_keeps_the_sockets_of_that_session_and_ends_the_others', async () => {
  const account = await createAccount(dialtone);
  const [token, other] = [await login(dialtone, account), await login(dialtone, account)];
  const [kept, ended] = [await sockets(account, token), await sockets(account, other)];
  await enable(dialtone, token);
  await allEnd(ended);
  await allStay(account, kept);
  assert.deepEqual(kept.flatMap(({ disconnects }) => disconnects), []);
});

test('new_password_ends_the_sockets_of_all_sessions', async () => {
  const account = await createAccount(dialtone);
  const tokens = [await login(dialtone, account), await login(dialtone, account)];
  const live = (await Promise.all(tokens.map((token) => sockets(account, token, 2)))).flat();
  const answer = await admin('PUT', `/api/accounts/${account.id}`,
    { username: account.username, algorithm: 'SHA-256', password: 'a new secret' });
  assert.equal(answer.status, 200, answer.text);
  await allEnd(live);
});
