/* A space that begins to require a second factor: open sockets follow as REST does (cti-api 4.3). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { createAccount, createUser, login } from '../lib/accounts.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { Live } from '../lib/live.mjs';
import { enable } from '../lib/otp.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await ownInstance();
const domain = dialtone.env.DIALTONE_DOMAIN;

async function open(user) {
  const live = new Live(dialtone, { options: { reconnection: false } });
  after(() => live.close());
  return live.login(user.username, user.token);
}

async function policy(...words) {
  const done = await dialtone.ctl(['space', 'two-factor', domain, ...words]);
  assert.equal(done.status, 0, done.stderr);
}

const session = ({ token }) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).jti;
const copyEnd = async (user) => Number(await dialtone.redis('HGET', `cti1:{${domain}}:tok:${session(user)}`, 'exp'));

async function still(user, live) {
  await dialtone.publish(`cti1:{${domain}}:u:${user.username}`, '["still"]');
  await live.event('still');
  assert.deepEqual(live.disconnects, []);
}

test('required_second_factor_ends_the_sockets_of_those_who_have_none', async () => {
  const [without, owner] = [await createUser(dialtone), await createAccount(dialtone)];
  const withOne = { ...owner, token: (await enable(dialtone, await login(dialtone, owner))).token };
  const [ended, stays] = [await open(without), await open(withOne)];
  await policy('required');
  assert.deepEqual(await ended.event('401'), ['401', { message: 'unauthorized access' }]);
  await until(() => ended.disconnects.length, { what: 'the end' });
  assert.deepEqual(ended.disconnects, ['io server disconnect']);
  await still(withOne, stays);
  await policy('optional');
  await open(without);
});

test('grace_ends_sockets_when_it_is_over_and_not_before', async () => {
  const user = await createUser(dialtone);
  const live = await open(user);
  const natural = await copyEnd(user);
  await policy('required', '--grace-days', '3');
  await until(async () => (await copyEnd(user)) < natural, { what: 'the nearer end' });
  await still(user, live);
  const [[seconds]] = await dialtone.sql(`SELECT floor(extract(epoch FROM two_factor_policy_since + interval '3 days')) FROM spaces WHERE domain = '${domain}'`);
  assert.equal(await copyEnd(user), Number(seconds));
  /* Three days later but for two seconds. */
  await dialtone.sql(`UPDATE spaces SET two_factor_policy_since = now() - interval '3 days' + interval '2 seconds'
    WHERE domain = '${domain}'; UPDATE accounts SET created_at = created_at - interval '9 days'`);
  await live.event('401');
  await policy('optional');
});
