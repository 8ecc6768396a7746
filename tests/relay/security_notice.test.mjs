/* A user who is guessed at learns of it (cti-api 5.5): on the sockets that are open, and the operator in the log. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { createAccount, login } from '../lib/accounts.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { Live } from '../lib/live.mjs';
import { enable, verify } from '../lib/otp.mjs';

const dialtone = await ownInstance();

async function listening(account, token) {
  const live = new Live(dialtone, { options: { reconnection: false } });
  after(() => live.close());
  return live.login(account.username, token);
}

const attempt = ({ username }, password) => dialtone.api('POST', '/api/login', { body: { username, password } });
const minutesUntil = (until) => Math.round((Date.parse(until) - Date.now()) / 60_000);

async function isTold(live, kind) {
  const [, notice, ...more] = await live.event('securityNotice');
  assert.deepEqual([Object.keys(notice), notice.kind, more], [['kind', 'until'], kind, []]);
  assert.match(notice.until, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.ok([14, 15].includes(minutesUntil(notice.until)), notice.until);
}

/* A later event has come, and no notice before it. */
async function isNotTold(live, account, times = 0) {
  await dialtone.sql(`SELECT outbox_add('default_device.changed', ${account.id}, '{"exten": "later"}')`);
  await live.event('updateDefaultDevice');
  assert.equal(live.named('securityNotice').length, times);
}

test('5.5 the wrong code that locks the second factor is told once, with the end of the lock', async () => {
  const account = await createAccount(dialtone);
  const { app, token } = await enable(dialtone, await login(dialtone, account));
  const live = await listening(account, token);
  const waiting = await login(dialtone, account);
  for (let i = 0; i < 7; i++) await verify(dialtone, waiting, app.wrong());
  await isTold(live, 'otp_locked');
  await isNotTold(live, account, 1);
  assert.match(await dialtone.log('api'), new RegExp(`event=locked door=second-factor scope=second_factor .* account=${account.id} name=${account.username}@`));
});

test('5.5 a right code after four wrong ones tells nothing', async () => {
  const account = await createAccount(dialtone);
  const { app, token } = await enable(dialtone, await login(dialtone, account));
  const live = await listening(account, token);
  const waiting = await login(dialtone, account);
  for (let i = 0; i < 4; i++) await verify(dialtone, waiting, app.wrong());
  assert.equal((await verify(dialtone, waiting, app.fresh())).status, 200);
  await isNotTold(live, account);
});

test('5.8 the wrong password that locks the login is told once, and no one else hears of it', async () => {
  const [account, other] = [await createAccount(dialtone), await createAccount(dialtone)];
  const live = await listening(account, await login(dialtone, account));
  const stranger = await listening(other, await login(dialtone, other));
  for (let i = 0; i < 12; i++) assert.equal((await attempt(account, 'wrong password')).status, 401);
  await isTold(live, 'password_locked');
  await isNotTold(live, account, 1);
  await isNotTold(stranger, other);
  const log = await dialtone.log('api');
  assert.match(log, new RegExp(`event=locked door=login scope=account address=127\\.0\\.0\\.1 .* account=${account.id} name=${account.username}@${account.domain}\n`));
  assert.ok(!log.includes('wrong password'));
});

test('5.8 a name nobody has tells nobody', async () => {
  for (let i = 0; i < 10; i++) assert.equal((await attempt({ username: 'nobody.here' }, 'x')).status, 401);
  assert.doesNotMatch(await dialtone.log('api'), /account 0 is locked/);
});
