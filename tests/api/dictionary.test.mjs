/* The dictionary of an account, entry by entry. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAccount, readAccount } from '../lib/accounts.mjs';
import { sharedInstance } from '../lib/instance.mjs';

const dialtone = await sharedInstance();
const admin = (method, path, body) => dialtone.api(method, path, { as: 'admin', body });
const pathOf = ({ id }, key) => `/api/accounts/${id}/dictionary${key === undefined ? '' : `/${encodeURIComponent(key)}`}`;
const set = (account, key, value) => admin('POST', pathOf(account, key), { value });

test('entries_are_made_replaced_read_and_removed', async () => {
  const account = await createAccount(dialtone);
  assert.equal((await admin('GET', pathOf(account))).text, '{}');
  for (const value of ['blue', 'green']) {
    const answer = await set(account, 'colour', value);
    assert.deepEqual([answer.status, answer.json], [201, { value }]);
  }
  await set(account, 'n', 5);
  assert.deepEqual((await admin('GET', pathOf(account))).json, { n: '5', colour: 'green' });
  assert.deepEqual((await admin('GET', pathOf(account, 'colour'))).json, { value: 'green' });
  assert.equal((await admin('DELETE', pathOf(account, 'colour'))).text, '1');
  assert.equal((await admin('DELETE', pathOf(account, 'colour'))).text, '0');
  assert.equal((await admin('GET', pathOf(account, 'colour'))).status, 404);
  assert.deepEqual((await readAccount(dialtone, account.id)).dictionary, { n: '5' });
});

test('clearing_tells_how_many_there_were_and_an_entry_named_clear_is_one_of_them', async () => {
  const account = await createAccount(dialtone, { dictionary: { a: '1', clear: '2', 'a b': '3' } });
  assert.equal((await admin('DELETE', pathOf(account, 'clear'))).text, '1');
  assert.equal((await admin('DELETE', pathOf(account))).text, '2');
  assert.equal((await admin('DELETE', pathOf(account))).text, '0');
  assert.equal((await admin('GET', pathOf(account))).text, '{}');
});

test('any_key_can_be_said_in_a_path', async () => {
  const account = await createAccount(dialtone);
  const keys = ['a b', 'a/b', '1', 'é', '"quoted"', '{}', '$1', "'; --", ' '];
  for (const key of keys) assert.equal((await set(account, key, key === ' ' ? 'x' : key)).status, 201, key);
  assert.deepEqual(Object.keys((await admin('GET', pathOf(account))).json).sort(), keys.sort());
  for (const key of keys) assert.equal((await admin('DELETE', pathOf(account, key))).text, '1', key);
});

test('what_is_too_long_is_422_and_named', async () => {
  const account = await createAccount(dialtone);
  const answer = await admin('POST', pathOf(account, 'é'.repeat(256)), { value: 'v'.repeat(4097) });
  assert.equal(answer.status, 422, answer.text);
  assert.deepEqual(Object.keys(answer.json.errors).sort(), ['key', 'value']);
  assert.equal((await set(account, 'é'.repeat(255), 'é'.repeat(4096))).status, 201);
});

test('entries_set_at_the_same_time_are_all_there', async () => {
  const account = await createAccount(dialtone);
  const keys = Array.from({ length: 40 }, (_, n) => `k${n}`);
  await Promise.all([...keys.map((key) => set(account, key, key)), ...keys.map((key) => admin('DELETE', pathOf(account, `no-${key}`)))]);
  assert.deepEqual((await admin('GET', pathOf(account))).json, Object.fromEntries(keys.map((key) => [key, key]).sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1))));
  const removed = await Promise.all(Array.from({ length: 4 }, () => admin('DELETE', pathOf(account))));
  assert.deepEqual(removed.map(({ text }) => text).sort(), ['0', '0', '0', '40'], 'each entry is counted once');
});

test('a_dictionary_has_an_end', async () => {
  const account = await createAccount(dialtone);
  const statuses = [];
  for (let n = 0; n < 18; n++) statuses.push((await set(account, `k${n}`, 'v'.repeat(4096))).status);
  assert.deepEqual([statuses[0], statuses.at(-1)], [201, 403]);
  assert.equal((await set(account, 'k0', 'short')).status, 201, 'what makes it shorter is let in');
});

test('a_change_of_the_dictionary_is_a_change_of_the_account', async () => {
  const account = await createAccount(dialtone);
  const before = await dialtone.sql(`SELECT updated_at FROM accounts WHERE id = ${account.id}`);
  await set(account, 'colour', 'blue');
  assert.notDeepEqual(await dialtone.sql(`SELECT updated_at FROM accounts WHERE id = ${account.id}`), before);
});
