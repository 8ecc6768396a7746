/* Ten thousand contacts: their number costs no more than itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createUser } from '../lib/accounts.mjs';
import { createList, giveList } from '../lib/contacts.mjs';
import { ownInstance } from '../lib/instance.mjs';

const dialtone = await ownInstance({ options: ['--workers', '1'] });

async function listOf(size) {
  const [user, list] = [await createUser(dialtone), await createList(dialtone)];
  const ids = await dialtone.bulkAccounts(`member-${size}`, size);
  await dialtone.sql(`INSERT INTO contacts_list_contact (list_id, contact_id) SELECT ${list.id}, generate_series(${Math.min(...ids)}, ${Math.max(...ids)})`);
  await giveList(dialtone, user, list);
  return { ...user, list };
}

async function fastestOf(times, fn) {
  const taken = [];
  for (let n = 0; n < times; n++) {
    const before = performance.now();
    await fn();
    taken.push(performance.now() - before);
  }
  return Math.min(...taken);
}

const some = await listOf(1000);
const many = await listOf(10000);

test('ten_thousand_contacts_are_one_answer_and_take_no_more_than_their_share', async () => {
  const read = async ({ key }, size) => {
    const answer = await dialtone.api('GET', '/api/accounts/me/contacts', { key });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.json.length, size);
  };
  const one = await fastestOf(5, () => read(some, 1000));
  const ten = await fastestOf(5, () => read(many, 10000));
  assert.ok(ten < 25 * one, `${one} ms for 1,000, ${ten} ms for 10,000`);
});

test('a_list_and_what_an_account_is_shown_have_an_end', async () => {
  const another = await createUser(dialtone);
  const put = await dialtone.api('POST', `/api/contacts_lists/${many.list.id}/contacts/${another.id}`, { as: 'admin' });
  assert.equal(put.status, 403, put.text);
  const more = await listOf(9500);
  await giveList(dialtone, many, more.list);
  await giveList(dialtone, many, some.list);
  const answer = await dialtone.api('GET', '/api/accounts/me/contacts', { key: many.key });
  assert.equal(answer.status, 403, answer.text);
});

test('an_account_on_a_long_list_is_deleted_and_counted', async () => {
  const [[id]] = await dialtone.sql(`SELECT min(contact_id) FROM contacts_list_contact WHERE list_id = ${some.list.id}`);
  assert.equal((await dialtone.api('DELETE', `/api/accounts/${id}`, { as: 'admin' })).status, 200);
  assert.equal((await dialtone.api('GET', `/api/contacts_lists/${some.list.id}`, { as: 'admin' })).json.contacts_count, 999);
});
