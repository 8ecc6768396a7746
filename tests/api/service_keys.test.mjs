/* Service keys over the API (accounts-api 3.3): who makes and ends them, what they open, when they end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createUser } from '../lib/accounts.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { createSpace } from '../lib/spaces.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await sharedInstance();
const make = (by, body) => dialtone.api('POST', '/api/api_keys', { key: by.key, body });
const list = async (options = { as: 'admin' }) => (await dialtone.api('GET', '/api/api_keys', options)).json;
const opens = (key, options) => dialtone.api('GET', '/api/accounts', { key, ...options }).then(({ status }) => status);
const end = (id, options = { as: 'admin' }) => dialtone.api('DELETE', `/api/api_keys/${id}`, options);

test('a_key_is_shown_once_and_acts_as_the_admin_who_made_it', async () => {
  const admin = await createUser(dialtone, { admin: true });
  const made = await make(admin, { name: ' billing ' });
  assert.equal(made.status, 201, made.text);
  const { key, ...rest } = made.json;
  assert.deepEqual(Object.keys(made.json), ['id', 'account_id', 'name', 'ip', 'expires_after_last_used_minutes', 'requests', 'last_used_at', 'created_at', 'key']);
  assert.match(key, /^[A-Za-z0-9]{40}$/);
  assert.deepEqual([rest.account_id, rest.name, rest.ip, rest.expires_after_last_used_minutes, rest.requests, rest.last_used_at], [admin.id, 'billing', null, 0, 0, null]);
  assert.deepEqual((await list()).find(({ id }) => id === rest.id), rest);
  assert.equal((await dialtone.api('GET', '/api/accounts/me', { key })).json.id, admin.id);
  assert.equal(await opens(admin.key), 200, 'their own key stays');
  assert.equal(await opens(key, { localAddress: '127.0.0.2' }), 200, 'from any address');
  assert.deepEqual(await dialtone.sql(`SELECT count(*) FROM api_keys k WHERE k::text LIKE '%${key}%'`), [['0']]);
});

test('an_ended_key_is_refused_from_then_on', async () => {
  const admin = await createUser(dialtone, { admin: true });
  const { id, key } = (await make(admin, { name: 'once' })).json;
  assert.equal(await opens(key), 200);
  const ended = await end(id);
  assert.deepEqual([ended.status, ended.text], [200, '1']);
  assert.equal(await opens(key), 401);
  assert.equal((await end(id)).status, 404);
});

test('keys_of_users_are_neither_listed_nor_ended', async () => {
  const user = await createUser(dialtone);
  const [[id]] = await dialtone.sql(`SELECT id FROM api_keys WHERE account_id = ${user.id}`);
  assert.ok(!(await list()).some((key) => key.id === Number(id)));
  assert.equal((await end(id)).status, 404);
  assert.equal((await dialtone.api('GET', '/api/accounts/me', { key: user.key })).status, 200);
});

test('a_key_may_be_bound_to_an_address_and_to_its_use', async () => {
  const admin = await createUser(dialtone, { admin: true });
  const bound = (await make(admin, { name: 'from one', ip: '127.0.0.2' })).json;
  assert.equal(bound.ip, '127.0.0.2');
  assert.equal(await opens(bound.key), 401);
  assert.equal(await opens(bound.key, { localAddress: '127.0.0.2' }), 200);
  const idle = (await make(admin, { name: 'idle', expires_after_last_used_minutes: 5 })).json;
  assert.equal(await opens(idle.key), 200);
  await until(async () => (await list()).find((k) => k.id === idle.id).requests === 1, { what: 'its use to be counted' });
  await dialtone.sql(`UPDATE api_keys SET last_used_at = now() - interval '6 minutes', created_at = now() - interval '1 day' WHERE id = ${idle.id}`);
  assert.equal(await opens(idle.key), 401, 'at the request, whenever the clean-up runs (security 17)');
});

test('its_uses_are_counted', async () => {
  const admin = await createUser(dialtone, { admin: true });
  const { id, key } = (await make(admin, { name: 'counted' })).json;
  for (let i = 0; i < 3; i++) await opens(key);
  const row = async () => (await list()).find((k) => k.id === id);
  await until(async () => (await row()).requests === 3, { what: 'three uses' });
  assert.match((await row()).last_used_at, /Z$/);
});

test('bad_values_are_named', async () => {
  const admin = await createUser(dialtone, { admin: true });
  for (const [field, value] of [['name', 'ab'], ['name', 'a'.repeat(256)], ['name', 'two\nlines'], ['expires_after_last_used_minutes', -1],
    ['expires_after_last_used_minutes', 99999999999], ['ip', '1.2.3'], ['ip', '::ffff:192.0.2.7']]) {
    const answer = await make(admin, { name: 'good', [field]: value });
    assert.equal(answer.status, 422, `${field} ${value}`);
    assert.deepEqual(Object.keys(answer.json.errors), [field]);
  }
  assert.equal((await make(admin, { name: 'abc', ip: '2001:db8::7' })).json.ip, '2001:db8::7');
});

test('an_account_has_200_of_them_at_most', async () => {
  const admin = await createUser(dialtone, { admin: true });
  await dialtone.sql(`INSERT INTO api_keys (account_id, key_hash, name, expires_after_last_used_minutes)
    SELECT ${admin.id}, sha256(('k' || ${admin.id} || n)::bytea), 'filling', 0 FROM generate_series(1, 199) n`);
  assert.equal((await make(admin, { name: 'the last' })).status, 201);
  const refused = await make(admin, { name: 'one more' });
  assert.deepEqual([refused.status, refused.json], [403, { message: 'There are as many of these as can be kept.' }]);
  await dialtone.api('DELETE', `/api/accounts/${admin.id}`, { as: 'admin' });
});

test('who_is_no_admin_any_more_has_keys_that_open_no_admin_call', async () => {
  const admin = await createUser(dialtone, { admin: true });
  const { key } = (await make(admin, { name: 'left over' })).json;
  await dialtone.api('PUT', `/api/accounts/${admin.id}`, { as: 'admin', body: { username: admin.username, admin: false } });
  assert.equal(await opens(key), 403);
});

test('no_key_makes_another_for_an_admin_with_a_second_factor', async () => {
  const admin = await createUser(dialtone, { admin: true });
  const { key } = (await make(admin, { name: 'before' })).json;
  await dialtone.sql(`INSERT INTO two_factor (account_id, secret_sealed, enabled_at) VALUES (${admin.id}, '\\x00', now())`);
  assert.equal((await make({ key }, { name: 'behind' })).status, 403);
  assert.equal(await opens(key), 200, 'service keys stay');
});

test('each_space_sees_its_own', async () => {
  const space = await createSpace(dialtone);
  const admin = await until(() => createUser(space.dialtone, { admin: true }).catch(() => undefined), { what: 'an admin there' });
  const theirs = await until(async () => {
    const made = await space.dialtone.api('POST', '/api/api_keys', { key: admin.key, body: { name: 'theirs' } });
    return made.status === 201 && made;
  }, { what: 'workers that know the space' });
  assert.ok(!(await list()).some(({ id }) => id === theirs.json.id));
  const seen = await space.dialtone.api('GET', '/api/api_keys', { key: admin.key });
  assert.deepEqual(seen.json.map(({ id }) => id), [theirs.json.id]);
  assert.equal((await end(theirs.json.id)).status, 404);
  assert.equal((await dialtone.api('GET', '/api/api_keys', { key: theirs.json.key })).status, 403, 'on the host of another space');
});
