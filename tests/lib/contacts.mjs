/* Contacts and contacts lists for tests, made by the super admin. */
import assert from 'node:assert/strict';

import { randomName } from './accounts.mjs';

export async function createList(dialtone, fields = {}) {
  const made = await dialtone.api('POST', '/api/contacts_lists', { as: 'admin', body: { title: randomName('list'), description: 'For a test', ...fields } });
  assert.equal(made.status, 201, made.text);
  return made.json;
}

async function done(dialtone, method, path) {
  const answer = await dialtone.api(method, path, { as: 'admin' });
  assert.equal(answer.status, 200, answer.text);
}

export const giveContact = (dialtone, owner, contact) => done(dialtone, 'POST', `/api/accounts/${owner.id}/contacts/${contact.id}`);
export const putOnList = (dialtone, list, contact) => done(dialtone, 'POST', `/api/contacts_lists/${list.id}/contacts/${contact.id}`);
export const giveList = (dialtone, owner, list) => done(dialtone, 'POST', `/api/accounts/${owner.id}/contacts_lists/${list.id}`);
