/* A PostgreSQL that is replaced by its standby: what is answered meanwhile, and that nothing acknowledged is lost. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAccount, login, randomName } from '../lib/accounts.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { PostgresPair } from '../lib/postgres_pair.mjs';
import { until } from '../lib/until.mjs';

const pair = await PostgresPair.start();
const dialtone = await ownInstance({ env: { DIALTONE_POSTGRES: pair.conninfo() } });

/* Four clients that make accounts, one after the other, until they are stopped. What became of each one. */
function writers() {
  const made = { acknowledged: [], refused: [], unsure: [], going: true };
  const write = async () => {
    while (made.going) {
      const username = randomName('pair');
      const answer = await dialtone.api('POST', '/api/accounts', { as: 'admin', body: { username, password: 'correct horse battery', algorithm: 'SHA-256', activated: true } });
      const entry = { username, status: answer.status, retry: answer.header('retry-after'), at: Date.now() };
      if (answer.status === 200) made.acknowledged.push(entry);
      else made.refused.push(entry);
      if (answer.status !== 200) await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const all = Promise.all([1, 2, 3, 4].map(write));
  made.stop = async () => {
    made.going = false;
    await all;
  };
  return made;
}

const pids = async () => [await dialtone.pid('api'), ...await dialtone.workers(), await dialtone.pid('jobs')];
const namesAt = async (server) => new Set((await pair.psql(server, "SELECT username FROM accounts WHERE username LIKE 'pair.%'")).map(([name]) => name));
const outboxAt = async (server) => Number((await pair.psql(server, 'SELECT count(*) FROM outbox'))[0][0]);

/* One fail-over under load; lose() makes the old one go away. Resolves with what the clients saw. */
async function failOver(old, next, lose) {
  const before = await pids();
  const clients = writers();
  await until(() => clients.acknowledged.length > 50, { what: 'fifty accounts' });
  const begin = Date.now();
  await lose();
  await pair.promote(next);
  const promoted = Date.now();
  const since = () => clients.acknowledged.filter(({ at }) => at > promoted).length;
  await until(() => since() > 50, { what: 'fifty more' });
  await clients.stop();
  const first = Math.min(...clients.acknowledged.filter(({ at }) => at > promoted).map(({ at }) => at));
  const there = await namesAt(next);
  assert.deepEqual(clients.acknowledged.filter(({ username }) => !there.has(username)), [], 'what was acknowledged is there');
  assert.ok(clients.refused.every(({ status, retry }) => status === 503 && retry), JSON.stringify(clients.refused.find(({ status }) => status !== 503)));
  assert.deepEqual(await pids(), before, 'no process was replaced');
  await until(async () => (await outboxAt(next)) === 0, { what: 'the outbox to be published' });
  console.log(`# promoted after ${promoted - begin} ms, writes again ${first - promoted} ms later; ${clients.refused.length} answers of 503, ${clients.acknowledged.length} accounts`);
}

test('a_primary_that_is_killed_loses_nothing_that_was_acknowledged', async () => {
  const account = await createAccount(dialtone), token = await login(dialtone, account);
  await failOver(pair.a, pair.b, () => pair.kill(pair.a));
  assert.equal((await dialtone.api('GET', '/api/user/me', { token })).status, 200, 'sessions go on');
});

test('the_old_primary_comes_back_as_a_standby_and_is_promoted_in_its_turn', async () => {
  await pair.rejoin(pair.a, pair.b);
  await failOver(pair.b, pair.a, () => pair.kill(pair.b));
});

/* Its kernel still takes what is sent: only time tells. */
test('a_primary_that_says_nothing_any_more_is_left_for_the_other_host', async () => {
  await pair.rejoin(pair.b, pair.a);
  await failOver(pair.a, pair.b, () => pair.signal(pair.a, 'SIGSTOP'));
});
