/*
 * How often a request waits for PostgreSQL, as its line in the log says: a GET once, or as often as its row says, however
 * it is asked, and answers in a crowd as it does alone; a change of an account with the statement that makes it and its commit in one.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { createAccount, createUser, login, randomName } from '../lib/accounts.mjs';
import { Contract } from '../lib/contract.mjs';
import { inCrowd, passersBy } from '../lib/crowd.mjs';
import { digestRequest } from '../lib/digest.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { rowsSentOnce } from '../lib/kept.mjs';
import { chance, seedOf } from '../lib/random.mjs';
import { goodCalls } from '../lib/rows.mjs';
import { until } from '../lib/until.mjs';

after(() => dialtone.api('DELETE', `/api/accounts/${world.user.id}`, { as: 'admin' })); /* before the instance ends */
const dialtone = await sharedInstance();
const contract = await Contract.of(dialtone);
const seed = seedOf();
const world = { dialtone, user: await createUser(dialtone) };

/* Now and then a worker looks whether a space has changed, which is an exchange of its own: the quickest of so many. */
const TRIES = 3;

/* By the id of each answer. */
async function exchangesOf(answers) {
  const ids = answers.map((answer) => answer.header('x-request-id'));
  const lines = new Map();
  await until(async () => {
    for (const line of (await dialtone.log('api')).split('\n')) {
      const [, id] = line.match(/ req=(\w+) .*route=/) ?? [];
      if (id) lines.set(id, line);
    }
    return ids.every((id) => lines.has(id));
  }, { what: 'a line in the log for each request' });
  return ids.map((id) => Number(lines.get(id).match(/ pg=(\d+) /)[1]));
}

/* Calls each several times; the smallest number of exchanges of each. */
async function quickest(calls) {
  const answers = [];
  for (const call of calls) for (let i = 0; i < TRIES; i++) answers.push(await call());
  const exchanges = await exchangesOf(answers);
  return calls.map((_, i) => Math.min(...exchanges.slice(i * TRIES, (i + 1) * TRIES)));
}

test('a_GET_waits_for_the_database_once_or_as_often_as_its_row_says', async () => {
  const operations = contract.operations.filter(({ method }) => method === 'GET');
  const counted = await quickest(operations.map((operation) => async () => {
    const { path = operation.path, invalid, broken, status, aliases, compared, missing, ...options } = await goodCalls[operation.key](world);
    return dialtone.api('GET', path, options);
  }));
  const over = operations.flatMap(({ key, path }, i) => {
    const allowed = contract.openapi.paths[path].get['x-exchanges'] ?? 1;
    return counted[i] > allowed ? [`${key}: ${counted[i]}, its row says ${allowed}`] : [];
  });
  assert.deepEqual(over, []);
});

test('each_read_answers_in_a_crowd_as_it_does_alone', async () => {
  const random = chance(seed), others = [await createUser(dialtone), await createUser(dialtone)];
  const passers = passersBy(dialtone, world.user, others).map((passer) => () => passer(`seed ${seed}`));
  const reads = [], once = await rowsSentOnce();
  for (const { key, path: row } of contract.operations.filter(({ method, path }) => method === 'GET' && path.startsWith('/api/') && !once.includes(path))) {
    const { path = row, invalid, broken, status, aliases, compared, missing, ...options } = await goodCalls[key](world);
    reads.push({ key, call: () => dialtone.api('GET', path, options) });
  }
  assert.ok(reads.length > 60, `${reads.length} rows`);
  const alone = [];
  for (const { call } of reads) alone.push((await call()).status);
  for (let i = 0; i < reads.length; i += passers.length) {
    const some = reads.slice(i, i + passers.length);
    const answers = await inCrowd([...some.map(({ call }) => call), ...passers], random);
    some.forEach(({ key }, n) => assert.equal(answers[n].status, alone[i + n], `${key}, seed ${seed}`));
  }
});

test('what_belongs_to_the_caller_comes_with_the_identity_by_key_and_token_and_after_the_proof_by_DIGEST', async () => {
  const { user } = world;
  const sip = `${user.username}@${user.domain}`;
  const get = (path, by) => () => dialtone.api('GET', path, by);
  const byDigest = (path) => () => digestRequest(dialtone, user, { method: 'GET', path });
  assert.deepEqual(await quickest([
    get('/api/accounts/me', { key: user.key }), get('/api/accounts/me', { token: user.token }), byDigest('/api/accounts/me'),
    get('/api/accounts/me/contacts', { key: user.key }), get('/api/accounts/me/contacts', { token: user.token }), byDigest('/api/accounts/me/contacts'),
    get(`/api/accounts/me/contacts/${sip}`, { key: user.key }), get(`/api/accounts/me/contacts/${sip}`, { token: user.token }),
    byDigest(`/api/accounts/me/contacts/${sip}`),
  ]), [1, 1, 2, 1, 1, 2, 1, 1, 2]);
});

test('one_who_may_not_and_what_is_not_there_wait_as_often', async () => {
  const { user } = world;
  const { id } = await createAccount(dialtone);
  assert.deepEqual(await quickest([
    () => dialtone.api('GET', `/api/accounts/${id}/contacts`, { key: user.key }),
    () => dialtone.api('GET', '/api/accounts/999999999/contacts', { as: 'admin' }),
    () => dialtone.api('GET', `/api/accounts/${id}/contacts`, { as: 'admin' }),
  ]), [1, 1, 1]);
});

test('a_change_and_its_commit_are_one_exchange_behind_the_identity', async () => {
  const made = async () => (await createAccount(dialtone)).id;
  const known = await createUser(dialtone);
  assert.deepEqual(await quickest([
    () => dialtone.api('POST', '/api/accounts', { as: 'admin', body: { username: randomName(), password: 'a good password', activated: true } }),
    async () => dialtone.api('DELETE', `/api/accounts/${await made()}`, { as: 'admin' }),
    async () => dialtone.api('POST', `/api/accounts/${await made()}/block`, { as: 'admin' }),
    () => dialtone.api('POST', '/api/login', { body: { username: `${known.username}@${known.domain}`, password: known.password } }),
    async () => dialtone.api('POST', '/api/logout', { token: await login(dialtone, known) }),
  ]), [2, 2, 2, 3, 2], 'a login is no caller yet: whether spaces have changed is asked first');
});

test('a_change_that_is_refused_with_its_exchange_has_changed_nothing', async () => {
  const { id, username } = await createAccount(dialtone);
  const other = await createAccount(dialtone);
  const display_name = randomName();
  const refused = [
    await dialtone.api('POST', '/api/accounts', { as: 'admin', body: { username, display_name, password: 'a good password', activated: true } }),
    await dialtone.api('PUT', `/api/accounts/${other.id}`, { as: 'admin', body: { username, display_name, password: 'a new password' } }),
  ];
  for (const answer of refused) {
    assert.equal(answer.status, 422, answer.text);
    assert.deepEqual(Object.keys(answer.json.errors), ['username']);
  }
  assert.deepEqual(await dialtone.sql(`SELECT id FROM accounts WHERE display_name = '${display_name}'`), []);
  await login(dialtone, other);
  assert.equal((await dialtone.api('GET', `/api/accounts/${id}`, { as: 'admin' })).json.username, username);
});
