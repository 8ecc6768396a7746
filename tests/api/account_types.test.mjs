/* Types of accounts: what is shown where, who may change them, and what happens at the same time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAccount, createUser, randomName, readAccount } from '../lib/accounts.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { createSpace } from '../lib/spaces.mjs';

const dialtone = await sharedInstance();
const newKey = () => randomName('type').replace('.', '-');
const admin = (method, path, body) => dialtone.api(method, path, { as: 'admin', body });

async function makeType(key = newKey()) {
  const made = await admin('POST', '/api/account_types', { key });
  assert.equal(made.status, 201, made.text);
  return made.json;
}

const give = (account, type) => admin('POST', `/api/accounts/${account.id}/types/${type.id}`);
const take = (account, type) => admin('DELETE', `/api/accounts/${account.id}/types/${type.id}`);
const typesOf = async ({ id }) => (await readAccount(dialtone, id)).types;

test('a_type_is_made_listed_renamed_and_deleted', async () => {
  const type = await makeType();
  assert.deepEqual(Object.keys(type), ['id', 'key']);
  const renamed = await admin('PUT', `/api/account_types/${type.id}`, { key: newKey() });
  assert.deepEqual((await admin('GET', '/api/account_types')).json.filter(({ id }) => id === type.id), [renamed.json]);
  assert.equal((await admin('DELETE', `/api/account_types/${type.id}`)).text, '1');
  assert.equal((await admin('DELETE', `/api/account_types/${type.id}`)).text, '0');
});

test('a_key_is_taken_once_and_a_type_keeps_its_own', async () => {
  const type = await makeType();
  const again = await admin('POST', '/api/account_types', { key: type.key });
  assert.equal(again.status, 422, again.text);
  assert.deepEqual(Object.keys(again.json.errors), ['key']);
  assert.equal((await admin('PUT', `/api/account_types/${type.id}`, { key: type.key })).status, 200);
  assert.equal((await admin('PUT', `/api/account_types/${(await makeType()).id}`, { key: type.key })).status, 422);
});

test('a_key_asked_for_by_many_at_once_is_given_to_one', async () => {
  const key = newKey();
  const answers = await Promise.all(Array.from({ length: 8 }, () => admin('POST', '/api/account_types', { key })));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, ...Array(7).fill(422)]);
});

test('a_type_is_given_once_and_taken_once', async () => {
  const [type, account] = [await makeType(), await createAccount(dialtone)];
  const given = await give(account, type);
  assert.deepEqual([given.status, given.text], [200, '']);
  assert.deepEqual(await typesOf(account), [type]);
  assert.equal((await give(account, type)).status, 403);
  const taken = await take(account, type);
  assert.deepEqual([taken.status, taken.text], [200, '1']);
  assert.equal((await take(account, type)).status, 403);
  assert.deepEqual(await typesOf(account), []);
});

test('an_account_shows_the_new_name_of_its_type_and_loses_a_deleted_one', async () => {
  const [type, account] = [await makeType(), await createAccount(dialtone)];
  await give(account, type);
  const { json: renamed } = await admin('PUT', `/api/account_types/${type.id}`, { key: newKey() });
  assert.deepEqual(await typesOf(account), [renamed]);
  await admin('DELETE', `/api/account_types/${type.id}`);
  assert.deepEqual(await typesOf(account), []);
});

test('types_given_at_the_same_time_are_all_shown', async () => {
  const account = await createAccount(dialtone);
  const types = await Promise.all(Array.from({ length: 12 }, () => makeType()));
  const answers = await Promise.all([...types, ...types].map((type) => give(account, type)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [...types.map(() => 200), ...types.map(() => 403)]);
  assert.deepEqual(await typesOf(account), types.sort((a, b) => a.id - b.id));
});

test('a_type_renamed_while_it_is_given_shows_its_last_name', async () => {
  const type = await makeType();
  const accounts = await Promise.all(Array.from({ length: 8 }, () => createAccount(dialtone)));
  let last;
  const rename = async () => {
    for (let i = 0; i < 8; i++) last = (await admin('PUT', `/api/account_types/${type.id}`, { key: newKey() })).json;
  };
  await Promise.all([rename(), ...accounts.map((account) => give(account, type))]);
  for (const account of accounts) assert.deepEqual(await typesOf(account), [last]);
});

test('accounts_api_16_9_types_are_changed_by_super_administrators_once_there_are_several_spaces', async () => {
  const space = await createSpace(dialtone);
  const [type, { key }] = [await makeType(), await createUser(space.dialtone, { admin: true })];
  const as = (method, path, body) => space.dialtone.api(method, path, { key, body });
  assert.equal((await as('GET', `/api/account_types/${type.id}`)).status, 200);
  assert.equal((await as('POST', '/api/account_types', { key: newKey() })).status, 403);
  assert.equal((await as('PUT', `/api/account_types/${type.id}`, {})).status, 403);
  assert.equal((await as('DELETE', `/api/account_types/${type.id}`)).status, 403);
  assert.equal((await as('DELETE', '/api/account_types/987654321')).status, 403);
});

test('an_account_has_no_more_types_than_can_be_kept', async () => {
  const account = await createAccount(dialtone);
  const prefix = newKey();
  await dialtone.sql(`WITH t AS (INSERT INTO account_types (key) SELECT '${prefix}-' || n FROM generate_series(1, 64) n RETURNING id)
    INSERT INTO account_account_type (account_id, account_type_id) SELECT ${account.id}, id FROM t`);
  assert.equal((await typesOf(account)).length, 64);
  const answer = await give(account, await makeType());
  assert.equal(answer.status, 403, answer.text);
  await dialtone.sql(`DELETE FROM account_types WHERE key LIKE '${prefix}-%'`);
  assert.deepEqual(await typesOf(account), []);
});
