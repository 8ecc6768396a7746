/* GET /api/user/me outlives PostgreSQL: web clients log out at any failure of it (cti-api 1.14 b). */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createUser, login } from '../lib/accounts.mjs';
import { createOperator } from '../lib/cti.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { payloadOf } from '../lib/jwt.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await ownInstance();
const me = ({ token }) => dialtone.api('GET', '/api/user/me', { token });
const copyOf = ({ username }) => `cti1:{dialtone.test}:me:${username}`;
const sessionOf = ({ token }) => `cti1:{dialtone.test}:tok:${payloadOf(token).jti}`;
const isCopied = async (user) => (await dialtone.redis('exists', copyOf(user))) === '1';

/* A user whose answer is copied. */
async function copied(user) {
  user ??= await createUser(dialtone);
  await until(async () => (await dialtone.sql('SELECT count(*) FROM outbox'))[0][0] === '0', { what: 'what is told of the user' });
  const answer = await until(async () => {
    const got = await me(user);
    return (await isCopied(user)) && got;
  }, { what: 'the copy' });
  assert.equal(answer.header('x-answered-from'), undefined);
  await until(async () => (await dialtone.redis('exists', sessionOf(user))) === '1' || (user.token = await login(dialtone, user), false), { what: 'the session in Redis' });
  return { ...user, answer };
}

async function areWell() {
  const answers = await Promise.all(Array.from({ length: 16 }, () => dialtone.api('GET', '/api/accounts', { as: 'admin' })));
  return answers.every(({ status }) => status === 200);
}

async function withoutDatabase(fn) {
  await dialtone.stop('postgres');
  try {
    await fn();
  } finally {
    await dialtone.start('postgres');
    await until(areWell, { what: 'the database for every worker' });
  }
}

test('visible_web_client_stays_logged_in_while_postgres_is_away', async () => {
  const user = await copied();
  await withoutDatabase(async () => {
    for (let i = 0; i < 10; i++) {
      const answer = await me(user);
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.header('x-answered-from'), 'copy');
      assert.equal(answer.header('content-type'), 'application/json');
      assert.deepEqual(answer.json, user.answer.json);
    }
  });
  assert.equal((await me(user)).header('x-answered-from'), undefined);
});

test('copy_is_sealed_has_an_end_and_opens_for_its_account_alone', async () => {
  const [user, other, broken, ended] = [await copied(), await copied(), await copied(), await copied()];
  const raw = await dialtone.redis('get', copyOf(user));
  assert.ok(!raw.includes('username') && !raw.includes('endpoints'));
  const seconds = Number(await dialtone.redis('ttl', copyOf(user)));
  assert.ok(seconds > 7000 && seconds <= 7200, String(seconds));
  await dialtone.redis('copy', copyOf(user), copyOf(other), 'replace');
  await dialtone.redis('set', copyOf(broken), '1760000000 rubbish');
  await dialtone.redis('del', sessionOf(ended));
  await withoutDatabase(async () => {
    assert.equal((await me(user)).status, 200);
    for (const refused of [other, broken, ended]) {
      const answer = await me(refused);
      assert.equal(answer.status, 503, answer.text);
      assert.deepEqual(Object.keys(answer.json), ['code', 'message', 'data']);
    }
    const forged = user.token.slice(0, -4) + 'AAAA';
    assert.equal((await me({ token: forged })).status, 401);
    await dialtone.redis('hset', sessionOf(user), 'u', 'another');
    assert.equal((await me(user)).status, 503);
  });
});

test('what_changes_the_answer_makes_the_copy_go', async () => {
  const user = await copied(await createOperator(dialtone));
  const chosen = await dialtone.api('POST', '/api/user/presence', { token: user.token, body: { status: 'callforward', to: '202' } });
  assert.equal(chosen.status, 200, chosen.text);
  await until(async () => !(await isCopied(user)), { what: 'the copy to go' });
  assert.equal((await me(user)).json.presence, 'callforward');
  await until(() => isCopied(user), { what: 'a new copy' });
  assert.equal((await dialtone.api('POST', '/api/user/settings', { token: user.token, body: { open_ccard: 'enabled' } })).status, 200);
  await until(async () => !(await isCopied(user)), { what: 'the copy to go' });
  assert.equal(await dialtone.redis('acl', 'log'), '');
});

/* The last: workers ask a Redis that is back after a while only. */
test('with_redis_away_too_it_is_503', async () => {
  const user = await copied();
  await dialtone.stop('redis');
  await withoutDatabase(async () => assert.equal((await me(user)).status, 503));
  await dialtone.start('redis');
});
