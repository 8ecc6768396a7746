import { createAccount } from '../../lib/accounts.mjs';
import { createList, giveContact, giveList, putOnList } from '../../lib/contacts.mjs';

const asAdmin = { as: 'admin' };
const list = () => ({ title: `Sales ${Math.random()}`, description: 'Everyone\nin sales' });

async function ofAPair({ dialtone }, { given }) {
  const [owner, contact] = [await createAccount(dialtone), await createAccount(dialtone)];
  if (given) await giveContact(dialtone, owner, contact);
  return { ...asAdmin, path: `/api/accounts/${owner.id}/contacts/${contact.id}` };
}

async function ofAList({ dialtone }, change) {
  const { id } = await createList(dialtone);
  return { ...asAdmin, path: `/api/contacts_lists/${id}`, ...change };
}

async function ofAContactOfAList({ dialtone }, { on }) {
  const [made, contact] = [await createList(dialtone), await createAccount(dialtone)];
  if (on) await putOnList(dialtone, made, contact);
  return { ...asAdmin, path: `/api/contacts_lists/${made.id}/contacts/${contact.id}` };
}

async function ofAListOfAnAccount({ dialtone }, { given }) {
  const [made, account] = [await createList(dialtone), await createAccount(dialtone)];
  if (given) await giveList(dialtone, account, made);
  return { ...asAdmin, path: `/api/accounts/${account.id}/contacts_lists/${made.id}` };
}

async function myContact({ dialtone, user }, where = '/api/accounts/me/contacts') {
  const contact = await createAccount(dialtone);
  await giveContact(dialtone, user, contact);
  return { key: user.key, path: `${where}/${contact.username}@${contact.domain}` };
}

export const goodCalls = {
  'GET /api/accounts/me/contacts': async ({ user }) => ({ key: user.key }),
  'GET /api/accounts/me/contacts/{sip}': (world) => myContact(world),
  'GET /contacts/vcard': async ({ user }) => ({ key: user.key }),
  'GET /contacts/vcard/{sip}': (world) => myContact(world, '/contacts/vcard'),
  'GET /api/accounts/{id}/contacts': async (world) => ({ ...asAdmin, path: (await ofAPair(world, { given: true })).path.replace(/\/\d+$/, '') }),
  'GET /api/accounts/{id}/contacts/{contact_id}': (world) => ofAPair(world, { given: true }),
  'POST /api/accounts/{id}/contacts/{contact_id}': (world) => ofAPair(world, { given: false }),
  'DELETE /api/accounts/{id}/contacts/{contact_id}': (world) => ofAPair(world, { given: true }),
  'GET /api/contacts_lists': async () => asAdmin,
  'POST /api/contacts_lists': async () => ({ ...asAdmin, body: list() }),
  'GET /api/contacts_lists/{id}': ofAList,
  'PUT /api/contacts_lists/{id}': (world) => ofAList(world, { body: list() }),
  'DELETE /api/contacts_lists/{id}': (world) => ofAList(world, { missing: { id: 200 } }),
  'POST /api/contacts_lists/{id}/contacts/{contact_id}': (world) => ofAContactOfAList(world, { on: false }),
  'DELETE /api/contacts_lists/{id}/contacts/{contact_id}': (world) => ofAContactOfAList(world, { on: true }),
  'POST /api/accounts/{id}/contacts_lists/{contacts_list_id}': (world) => ofAListOfAnAccount(world, { given: false }),
  'DELETE /api/accounts/{id}/contacts_lists/{contacts_list_id}': async (world) => ({ ...(await ofAListOfAnAccount(world, { given: true })), missing: { contacts_list_id: 403 } }),
};

export const malformed = {
  title: ['two\nlines', 'bell\u0007'],
};
