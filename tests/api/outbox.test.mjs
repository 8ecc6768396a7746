/* Events of accounts: from the transaction to the room of the space, whatever happens on the way
 * (design: the outbox). */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';

import { createAccount, randomName } from '../lib/accounts.mjs';
import { buildDir, ownInstance, sanitizerEnv } from '../lib/instance.mjs';
import { Subscriber } from '../lib/subscriber.mjs';
import { until } from '../lib/until.mjs';

const ROOM = 'cti1:{dialtone.test}:r:accounts';
const dialtone = await ownInstance();
/* What a deletion tells relays besides is not for the room. */
const rows = async () => Number((await dialtone.sql("SELECT count(*) FROM outbox WHERE kind LIKE 'account.%'"))[0][0]);
const change = ({ id, username }, fields) => dialtone.api('PUT', `/api/accounts/${id}`, { as: 'admin', body: { username, ...fields } });
const remove = ({ id }) => dialtone.api('DELETE', `/api/accounts/${id}`, { as: 'admin' });

/* The life of one account: created, changed some times, deleted. Resolves with it and its events. */
async function live(changes) {
  const account = await createAccount(dialtone);
  for (let i = 0; i < changes; i++) assert.equal((await change(account, { display_name: `name ${i}` })).status, 200);
  assert.equal((await remove(account)).status, 200);
  return { account, names: ['account.created', ...Array.from({ length: changes }, () => 'account.updated'), 'account.deleted'] };
}

/* Each life arrives whole and in order. */
async function arrive(subscriber, lives) {
  for (const { account, names } of lives) {
    await until(() => subscriber.of(account.id).length >= names.length, { what: `the events of account ${account.id}` });
    const events = subscriber.of(account.id);
    assert.deepEqual(events.map(({ name }) => name), names);
    const ids = events.map(({ id }) => id);
    assert.deepEqual(ids, [...ids].sort((a, b) => a - b));
  }
  await until(async () => (await rows()) === 0, { what: 'an empty outbox' });
}

test('life_of_an_account_reaches_the_room_of_its_space_in_order', async () => {
  const subscriber = await Subscriber.to(dialtone, ROOM);
  const life = await live(2);
  await arrive(subscriber, [life]);
  const { account } = subscriber.events.find(({ account: { id } }) => id === life.account.id);
  assert.deepEqual(account, { id: life.account.id, username: life.account.username, domain: 'dialtone.test', activated: true, blocked: false });
  subscriber.close();
});

test('refused_change_tells_nobody', async () => {
  const subscriber = await Subscriber.to(dialtone, ROOM);
  await dialtone.api('POST', '/api/accounts', { as: 'admin', body: { username: randomName(), password: 'long enough', email: 'none' } });
  const life = await live(0);
  await arrive(subscriber, [life]);
  assert.deepEqual(new Set(subscriber.events.map(({ account }) => account.id)), new Set([life.account.id]));
  subscriber.close();
});

test('what_was_written_while_redis_was_stuck_arrives_when_it_is_well_again', async () => {
  const subscriber = await Subscriber.to(dialtone, ROOM);
  const redis = await dialtone.pid('redis');
  process.kill(redis, 'SIGSTOP');
  let lives;
  try {
    lives = await Promise.all([live(3), live(3), live(3)]);
    assert.ok((await rows()) > 0, 'they wait');
  } finally {
    process.kill(redis, 'SIGCONT');
  }
  await arrive(subscriber, lives);
  subscriber.close();
});

test('full_outbox_is_delivered_after_redis_was_away', async () => {
  await dialtone.kill('redis');
  const lives = await Promise.all(Array.from({ length: 10 }, () => live(8)));
  assert.equal(await rows(), 100, 'nothing is lost and nothing is sent');
  await dialtone.stop('jobs');
  await dialtone.start('redis');
  const subscriber = await Subscriber.to(dialtone, ROOM);
  await dialtone.start('jobs');
  await arrive(subscriber, lives);
  subscriber.close();
});

test('jobs_find_redis_again_by_themselves', async () => {
  await dialtone.kill('redis');
  await dialtone.start('redis');
  const subscriber = await Subscriber.to(dialtone, ROOM);
  await arrive(subscriber, [await live(1)]);
  subscriber.close();
});

test('jobs_find_postgres_again_by_themselves', async () => {
  const subscriber = await Subscriber.to(dialtone, ROOM);
  const pid = await dialtone.pid('jobs');
  await dialtone.kill('postgres');
  await dialtone.start('postgres');
  await until(async () => (await dialtone.api('GET', '/api/accounts', { as: 'admin' })).status === 200, { what: 'the API to be back' });
  await arrive(subscriber, [await live(1)]);
  assert.equal(await dialtone.pid('jobs'), pid);
  subscriber.close();
});

/* One more process that drains the same outbox; its log is among those of the instance. */
function startSecondJobs() {
  const log = fs.openSync(path.join(dialtone.dir, 'log/jobs-two.log'), 'a');
  const child = spawn(path.join(buildDir, 'dialtone-jobs'), ['--config', dialtone.env.DIALTONE_CONFIG, `--pid_file=${dialtone.dir}/run/jobs-two.own.pid`, '--metrics_listen='],
    { env: sanitizerEnv, stdio: ['ignore', log, log] });
  const ended = new Promise((resolve) => child.on('close', resolve));
  return { stop: () => (child.kill('SIGTERM'), ended) };
}

test('two_jobs_processes_keep_the_order_and_one_may_be_killed', async () => {
  const second = startSecondJobs();
  after(() => second.stop());
  const subscriber = await Subscriber.to(dialtone, ROOM);
  const lives = Promise.all(Array.from({ length: 6 }, () => live(6)));
  await until(() => subscriber.events.length > 5, { what: 'the first events' });
  await dialtone.kill('jobs');
  await arrive(subscriber, await lives);
  await dialtone.start('jobs');
  subscriber.close();
  assert.equal(await second.stop(), 0);
});

test('event_waits_for_the_jobs_to_be_started', async () => {
  await dialtone.stop('jobs');
  const life = await live(1);
  assert.equal(await rows(), 3);
  const subscriber = await Subscriber.to(dialtone, ROOM);
  await dialtone.start('jobs');
  await arrive(subscriber, [life]);
  subscriber.close();
});
