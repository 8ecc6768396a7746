/* Contacts lists: titles, what is on them, who has them, and what happens at the same time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAccount, createUser, randomName } from '../lib/accounts.mjs';
import { createList, giveList, putOnList } from '../lib/contacts.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { createSpace } from '../lib/spaces.mjs';

const dialtone = await sharedInstance();
const admin = (method, path, body) => dialtone.api(method, path, { as: 'admin', body });
const read = async ({ id }) => (await admin('GET', `/api/contacts_lists/${id}`)).json;

test('a_list_is_made_read_replaced_and_deleted', async () => {
  const list = await createList(dialtone);
  assert.deepEqual(Object.keys(list), ['id', 'title', 'description', 'created_at', 'updated_at', 'space_id', 'contacts_count']);
  assert.equal(list.contacts_count, 0);
  assert.deepEqual(await read(list), list);
  const replaced = await admin('PUT', `/api/contacts_lists/${list.id}`, { title: `${list.title} 2`, description: 'Two\nlines' });
  assert.deepEqual(replaced.json, { ...list, title: `${list.title} 2`, description: 'Two\nlines', updated_at: replaced.json.updated_at });
  assert.deepEqual((await admin('GET', '/api/contacts_lists')).json.filter(({ id }) => id === list.id), [replaced.json]);
  assert.equal((await admin('DELETE', `/api/contacts_lists/${list.id}`)).text, '1');
  assert.equal((await admin('DELETE', `/api/contacts_lists/${list.id}`)).text, '0');
});

test('a_title_is_taken_once_in_a_space_also_at_the_same_time', async () => {
  const title = randomName('Title');
  const made = await Promise.all(Array.from({ length: 8 }, () => admin('POST', '/api/contacts_lists', { title, description: 'd' })));
  assert.deepEqual(made.map(({ status }) => status).sort(), [201, ...Array(7).fill(422)]);
  assert.deepEqual(Object.keys(made.find(({ status }) => status === 422).json.errors), ['title']);
  const list = made.find(({ status }) => status === 201).json;
  assert.equal((await admin('PUT', `/api/contacts_lists/${list.id}`, { title, description: 'its own' })).status, 200);
  const space = await createSpace(dialtone);
  assert.equal((await createList(space.dialtone, { title })).title, title);
  assert.equal((await admin('PUT', `/api/contacts_lists/${(await createList(dialtone)).id}`, { title, description: 'd' })).status, 422);
});

test('putting_on_a_list_is_idempotent_and_the_count_is_right_whatever_happens_at_once', async () => {
  const list = await createList(dialtone);
  const contacts = await Promise.all(Array.from({ length: 6 }, () => createAccount(dialtone)));
  const put = ({ id }) => admin('POST', `/api/contacts_lists/${list.id}/contacts/${id}`);
  const answers = await Promise.all([...contacts, ...contacts].map(put));
  for (const answer of answers) assert.deepEqual([answer.status, answer.text], [200, '']);
  assert.equal((await read(list)).contacts_count, 6);
  const gone = await admin('DELETE', `/api/contacts_lists/${list.id}/contacts/${contacts[0].id}`);
  assert.deepEqual([gone.status, gone.text], [200, '1']);
  assert.equal((await admin('DELETE', `/api/contacts_lists/${list.id}/contacts/${contacts[0].id}`)).status, 404);
  await admin('DELETE', `/api/accounts/${contacts[1].id}`);
  assert.equal((await read(list)).contacts_count, 4);
});

test('a_list_is_given_once_and_taken_once', async () => {
  const [list, account] = [await createList(dialtone), await createAccount(dialtone)];
  const path = `/api/accounts/${account.id}/contacts_lists/${list.id}`;
  const given = await Promise.all(Array.from({ length: 6 }, () => admin('POST', path)));
  assert.deepEqual(given.map(({ status }) => status).sort(), [200, ...Array(5).fill(403)]);
  const taken = await Promise.all(Array.from({ length: 6 }, () => admin('DELETE', path)));
  assert.deepEqual(taken.map(({ status }) => status).sort(), [200, ...Array(5).fill(403)]);
  assert.equal(taken.find(({ status }) => status === 200).text, '1');
});

test('accounts_api_16_9_list_contact_and_account_are_of_one_space', async () => {
  const space = await createSpace(dialtone);
  const [here, abroad] = [await createAccount(dialtone), await createAccount(space.dialtone)];
  const [list, foreign] = [await createList(dialtone), await createList(space.dialtone)];
  for (const path of [`/api/contacts_lists/${list.id}/contacts/${abroad.id}`, `/api/contacts_lists/${foreign.id}/contacts/${here.id}`,
    `/api/contacts_lists/${foreign.id}/contacts/${abroad.id}`, `/api/accounts/${here.id}/contacts_lists/${foreign.id}`,
    `/api/accounts/${abroad.id}/contacts_lists/${list.id}`, `/api/accounts/${abroad.id}/contacts_lists/${foreign.id}`]) {
    assert.equal((await admin('POST', path)).status, 404, path);
  }
  assert.equal((await admin('DELETE', `/api/contacts_lists/${foreign.id}`)).text, '0');
  assert.equal((await space.dialtone.api('GET', `/api/contacts_lists/${foreign.id}`, { as: 'admin' })).status, 200);
});

test('an_account_that_moves_to_another_space_leaves_the_lists_of_the_one_before', async () => {
  const space = await createSpace(dialtone);
  const [user, list] = [await createUser(dialtone), await createList(dialtone)];
  await putOnList(dialtone, list, user);
  await giveList(dialtone, user, list);
  await dialtone.sql(`UPDATE accounts SET domain = '${space.domain}' WHERE id = ${user.id}`);
  assert.equal((await read(list)).contacts_count, 0);
  assert.deepEqual(await dialtone.sql(`SELECT * FROM account_contacts_list WHERE account_id = ${user.id}`), []);
});
