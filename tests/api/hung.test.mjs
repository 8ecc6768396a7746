/* Workers that are alive and do nothing: stopped while they wait, and in the middle of a request. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { createUser, randomName } from '../lib/accounts.mjs';
import { figure } from '../lib/figures.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { lockRows } from '../lib/lock.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await ownInstance({ options: ['--workers', '4'] });
const post = () => dialtone.api('POST', '/api/accounts', { as: 'admin', body: { username: randomName(), password: 'long enough' } });
const rename = ({ id, username }, display_name) => dialtone.api('PUT', `/api/accounts/${id}`, { as: 'admin', body: { username, display_name } });
const nameOf = async ({ id }) => (await dialtone.sql(`SELECT coalesce(display_name, '-') FROM accounts WHERE id = ${id}`))[0][0];
const stopped = new Set();
const stop = (pid) => { stopped.add(pid); process.kill(pid, 'SIGSTOP'); };
after(() => { for (const pid of stopped) try { process.kill(pid, 'SIGKILL'); } catch { /* it is gone */ } });

/* What the log says of its end; undefined: nothing yet. */
const hungLine = async (pid) => (await dialtone.log('api')).split('\n').find((line) => line.includes(`worker ${pid} hangs and is killed`));
const untilReplaced = (...pids) => until(async () => {
  const workers = await dialtone.workers();
  return workers.length === 4 && !pids.some((pid) => workers.includes(pid)) && Promise.all(pids.map(hungLine));
}, { what: `others in place of ${pids}`, seconds: 90 });

test('stopped_workers_are_named_and_replaced_and_clients_are_served_meanwhile', async () => {
  const user = await createUser(dialtone);
  await dialtone.configureApi({ pg_query_timeout_ms: 2000 });
  await until(async () => (await dialtone.workers()).length === 4, { what: 'no worker more than wanted' });
  const [serving, waiting, writing, last] = await dialtone.workers();

  /* One alone is there to take it. */
  for (const pid of [serving, waiting, last]) stop(pid);
  const lock = await lockRows(dialtone, 'accounts', `id = ${user.id}`);
  const lost = rename(user, 'lost');
  await lock.waiting(1);
  stop(writing);
  for (const pid of [serving, last]) process.kill(pid, 'SIGCONT');

  const statuses = (await Promise.all(Array.from({ length: 4 }, async () => {
    const own = [];
    while (own.length < 25) own.push((await post()).status);
    return own;
  }))).flat();
  assert.deepEqual(new Set(statuses), new Set([200]), 'new connections go to those that take them');

  /* Nginx has waited for 15 s: the two that serve were idle meanwhile, and stay so. */
  const answer = await lost;
  assert.equal(answer.status, 503);
  const from = Date.now();
  stop(last);
  const [ofWaiting, ofWriting, ofLast] = await untilReplaced(waiting, writing, last);
  assert.match(ofWriting, new RegExp(` level=warn .* req=${answer.header('x-request-id')} .*done nothing for 3\\d s, at PUT /api/accounts/{id};`));
  assert.match(ofWaiting, /done nothing for 3\d s, before its first request;/);
  assert.match(ofLast, /done nothing for 3\d s, after POST \/api\/accounts;/);
  assert.ok(Date.parse(ofLast.match(/ts=(\S+)/)[1]) - from > 25000, 'it hangs from when it was stopped, not from its last request');
  assert.ok((await dialtone.workers()).includes(serving), 'one that waits for requests does not hang');
  assert.equal(await figure(dialtone, 'api', 'dialtone_api_workers_hung_total'), 3);
  assert.equal(await figure(dialtone, 'api', 'dialtone_api_workers_restarted_total'), 0);

  await lock.release();
  assert.notEqual(await nameOf(user), 'lost', 'it was rolled back');
  assert.equal((await rename(user, 'kept')).status, 200);
  assert.equal(await nameOf(user), 'kept');
  const answers = await Promise.all(Array.from({ length: 20 }, () => dialtone.api('GET', '/api/ping')));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
});
