/* The contacts an account was given. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAccount } from '../lib/accounts.mjs';
import { Contract } from '../lib/contract.mjs';
import { sharedInstance } from '../lib/instance.mjs';

const dialtone = await sharedInstance();
const contract = await Contract.of(dialtone);

async function contactsOf({ id }) {
  const path = `/api/accounts/${id}/contacts`;
  const answer = await dialtone.api('GET', path, { as: 'admin' });
  contract.check('GET', path, answer);
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}

const give = (owner, contact) =>
  dialtone.sql(`INSERT INTO contacts (account_id, contact_id) VALUES (${owner.id}, ${contact.id})`);

test('an_account_without_contacts_has_an_empty_list', async () => {
  assert.deepEqual(await contactsOf(await createAccount(dialtone)), []);
});

test('contacts_are_listed_by_id_as_accounts_without_their_secrets', async () => {
  const [owner, first, second] = [await createAccount(dialtone), await createAccount(dialtone), await createAccount(dialtone)];
  await give(owner, second);
  await give(owner, first);
  const contacts = await contactsOf(owner);
  assert.deepEqual(contacts.map(({ id }) => id), [first.id, second.id]);
  assert.equal(contacts[0].sip_uri, `sip:${first.username}@${first.domain}`);
  assert.equal('provisioning_token' in contacts[0], false);
  assert.deepEqual(await contactsOf(first), [], 'a contact is not mutual');
});

test('a_deleted_account_is_in_no_list_any_more', async () => {
  const [owner, contact] = [await createAccount(dialtone), await createAccount(dialtone)];
  await give(owner, contact);
  assert.equal((await dialtone.api('DELETE', `/api/accounts/${contact.id}`, { as: 'admin' })).status, 200);
  assert.deepEqual(await contactsOf(owner), []);
});
