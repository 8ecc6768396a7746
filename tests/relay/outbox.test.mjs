/* What the API commits, the jobs publish to the room of the admins. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, test } from 'node:test';

import { createAccount } from '../lib/accounts.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await ownInstance();
const room = `cti1:{${dialtone.env.DIALTONE_DOMAIN}}:r:accounts`;

/* redis-cli as a listener: text is all it has printed. */
async function listen() {
  const child = spawn('redis-cli', ['-s', dialtone.env.DIALTONE_REDIS.replace('unix://', ''), 'subscribe', room]);
  after(() => child.kill());
  const listener = { text: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => (listener.text += text));
  await until(() => listener.text.includes(room), { what: 'the subscription' });
  return listener;
}

const change = (account, fields) => dialtone.api('PUT', `/api/accounts/${account.id}`, {
  as: 'admin', body: { username: account.username, ...fields },
});

test('creation_change_and_deletion_of_an_account_are_heard_in_order', async () => {
  const listener = await listen();
  const account = await createAccount(dialtone);
  assert.equal((await change(account, { display_name: 'Changed' })).status, 200);
  assert.equal((await dialtone.api('DELETE', `/api/accounts/${account.id}`, { as: 'admin' })).status, 200);
  const order = () => [...listener.text.matchAll(/account\.(created|updated|deleted)/g)].map(([name]) => name)
    .filter((name, i, all) => name !== all[i - 1]);
  await until(() => order().includes('account.deleted'), { what: 'account.deleted' });
  assert.deepEqual(order(), ['account.created', 'account.updated', 'account.deleted']);
  assert.ok(listener.text.includes(account.username));
});

const waiting = async () => Number((await dialtone.sql('SELECT count(*) FROM outbox'))[0][0]);

test('event_committed_while_redis_is_away_waits_in_the_database_until_it_is_back', async () => {
  await until(async () => (await waiting()) === 0, { what: 'the outbox to be empty' });
  await dialtone.stop('redis');
  await createAccount(dialtone);
  assert.ok((await waiting()) > 0);
  await dialtone.start('redis');
  await until(async () => (await waiting()) === 0, { what: 'the event to be published' });
});

test('event_committed_while_no_jobs_run_is_heard_once_they_do', async () => {
  await dialtone.kill('jobs');
  const listener = await listen();
  const account = await createAccount(dialtone);
  await dialtone.start('jobs');
  await until(() => listener.text.includes(account.username), { what: 'the delayed event' });
});
