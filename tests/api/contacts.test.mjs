/* The contacts of an account: given in person and by lists, as it sees them and as administrators do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAccount, createUser } from '../lib/accounts.mjs';
import { createList, giveContact, giveList, putOnList } from '../lib/contacts.mjs';
import { Contract } from '../lib/contract.mjs';
import { digestRequest } from '../lib/digest.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { chance, seedOf } from '../lib/random.mjs';
import { createSpace } from '../lib/spaces.mjs';

const dialtone = await sharedInstance();
const contract = await Contract.of(dialtone);
const admin = (method, path, body) => dialtone.api(method, path, { as: 'admin', body });

async function read(path, options) {
  const answer = await dialtone.api('GET', path, options);
  contract.check('GET', path, answer);
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}

const contactsOf = ({ id }) => read(`/api/accounts/${id}/contacts`, { as: 'admin' });
const own = ({ key }) => read('/api/accounts/me/contacts', { key });
const addressOf = ({ username, domain }) => `${username}@${domain}`;

test('an_account_without_contacts_has_an_empty_list', async () => {
  const user = await createUser(dialtone);
  assert.deepEqual(await contactsOf(user), []);
  assert.deepEqual(await own(user), []);
});

test('contacts_are_listed_by_id_as_accounts_without_their_secrets', async () => {
  const [owner, first, second] = [await createAccount(dialtone), await createAccount(dialtone), await createAccount(dialtone)];
  await giveContact(dialtone, owner, second);
  await giveContact(dialtone, owner, first);
  const contacts = await contactsOf(owner);
  assert.deepEqual(contacts.map(({ id }) => id), [first.id, second.id]);
  assert.equal(contacts[0].sip_uri, `sip:${first.username}@${first.domain}`);
  assert.equal('provisioning_token' in contacts[0], false);
  assert.equal('passwords' in contacts[0], false);
  assert.deepEqual(await contactsOf(first), [], 'a contact is not mutual');
});

test('one_contact_is_shown_as_the_account_it_is', async () => {
  const [owner, contact] = [await createAccount(dialtone), await createAccount(dialtone)];
  await giveContact(dialtone, owner, contact);
  const { call_forwardings: forwardings, ...found } = await read(`/api/accounts/${contact.username}@${contact.domain}/search`, { as: 'admin' });
  assert.deepEqual(forwardings, []);
  assert.equal(found.provisioning_token, contact.provisioning_token);
  assert.deepEqual(await read(`/api/accounts/${owner.id}/contacts/${contact.id}`, { as: 'admin' }), found);
});

test('a_deleted_account_is_in_no_list_any_more', async () => {
  const [owner, contact] = [await createAccount(dialtone), await createAccount(dialtone)];
  await giveContact(dialtone, owner, contact);
  assert.equal((await admin('DELETE', `/api/accounts/${contact.id}`)).status, 200);
  assert.deepEqual(await contactsOf(owner), []);
});

test('a_contact_is_given_once_and_taken_once', async () => {
  const [owner, contact] = [await createAccount(dialtone), await createAccount(dialtone)];
  const path = `/api/accounts/${owner.id}/contacts/${contact.id}`;
  const given = await Promise.all(Array.from({ length: 10 }, () => admin('POST', path)));
  for (const answer of given) assert.deepEqual([answer.status, answer.text], [200, '']);
  assert.equal((await contactsOf(owner)).length, 1);
  const taken = await Promise.all(Array.from({ length: 10 }, () => admin('DELETE', path)));
  assert.deepEqual(taken.map(({ status }) => status).sort(), [200, ...Array(9).fill(404)]);
  assert.equal(taken.find(({ status }) => status === 200).text, '1');
  assert.equal((await admin('GET', path)).status, 404);
});

test('the_misprinted_path_of_types_takes_the_contact_first_and_then_the_type', async () => {
  const [owner, contact] = [await createAccount(dialtone), await createAccount(dialtone)];
  const key = `misprint-${contact.id}`;
  await dialtone.sql(`INSERT INTO account_types (id, key) OVERRIDING SYSTEM VALUE VALUES (${contact.id}, '${key}')`);
  const path = `/api/accounts/${owner.id}/contacts/${contact.id}`;
  await giveContact(dialtone, owner, contact);
  assert.equal((await admin('POST', `/api/accounts/${owner.id}/types/${contact.id}`)).status, 200);
  const typesOf = async () => (await admin('GET', `/api/accounts/${owner.id}`)).json.types;
  assert.equal((await admin('DELETE', path)).text, '1');
  assert.deepEqual([await contactsOf(owner), await typesOf()], [[], [{ id: contact.id, key }]]);
  assert.equal((await admin('DELETE', path)).text, '1');
  assert.deepEqual(await typesOf(), []);
  assert.equal((await admin('DELETE', path)).status, 404);
  await dialtone.sql(`DELETE FROM account_types WHERE id = ${contact.id}`);
});

test('accounts_api_16_4_what_a_user_sees_of_a_contact_is_a_closed_list', async () => {
  const user = await createUser(dialtone);
  const contact = await createAccount(dialtone, { dtmf_protocol: 'sipinfo', display_name: 'Carol', email: `c${Date.now()}@example.org`, dictionary: { secret: 'x' } });
  await giveContact(dialtone, user, contact);
  const [seen] = await own(user);
  assert.deepEqual(seen, {
    id: contact.id, username: contact.username, domain: contact.domain, sip_uri: `sip:${addressOf(contact)}`, activated: true, display_name: 'Carol',
    dtmf_protocol: 'sipinfo', types: [], actions: [],
  });
  for (const address of [addressOf(contact), `sip:${addressOf(contact)}`, `SIPS:${contact.username}@${contact.domain.toUpperCase()}`]) {
    assert.deepEqual(await read(`/api/accounts/me/contacts/${encodeURIComponent(address)}`, { key: user.key }), seen);
  }
});

test('an_account_that_is_no_contact_is_missing_whether_it_exists_or_not', async () => {
  const [user, stranger] = [await createUser(dialtone), await createAccount(dialtone)];
  for (const address of [addressOf(stranger), addressOf(user), 'nobody@nowhere.example.org', 'nobody']) {
    const answer = await dialtone.api('GET', `/api/accounts/me/contacts/${address}`, { key: user.key });
    assert.deepEqual([answer.status, answer.json], [404, { message: 'No such resource.' }], address);
  }
});

test('contacts_of_lists_and_those_given_in_person_are_one_list_without_doubles', async () => {
  const user = await createUser(dialtone);
  const [both, personal, listed] = [await createAccount(dialtone), await createAccount(dialtone), await createAccount(dialtone)];
  const lists = [await createList(dialtone), await createList(dialtone)];
  for (const contact of [both, personal]) await giveContact(dialtone, user, contact);
  for (const list of lists) {
    for (const contact of [both, listed]) await putOnList(dialtone, list, contact);
    await giveList(dialtone, user, list);
  }
  assert.deepEqual((await own(user)).map(({ id }) => id), [both.id, personal.id, listed.id]);
  assert.deepEqual((await contactsOf(user)).map(({ id }) => id), [both.id, personal.id], 'administrators see those given in person');
  assert.equal((await read(`/api/accounts/me/contacts/${addressOf(listed)}`, { key: user.key })).id, listed.id);
  assert.equal((await admin('GET', `/api/accounts/${user.id}/contacts/${listed.id}`)).status, 404);
});

test('contacts_of_another_domain_are_shown_to_their_owner_and_to_no_administrator', async () => {
  const space = await createSpace(dialtone);
  const [user, abroad] = [await createUser(dialtone), await createAccount(space.dialtone)];
  assert.equal((await admin('POST', `/api/accounts/${user.id}/contacts/${abroad.id}`)).status, 404);
  await dialtone.sql(`INSERT INTO contacts (account_id, contact_id) VALUES (${user.id}, ${abroad.id})`);
  assert.deepEqual((await own(user)).map(({ domain }) => domain), [space.domain]);
  assert.equal((await read(`/api/accounts/me/contacts/${addressOf(abroad)}`, { key: user.key })).id, abroad.id);
  assert.deepEqual(await contactsOf(user), []);
  assert.equal((await admin('GET', `/api/accounts/${user.id}/contacts/${abroad.id}`)).status, 404);
});

test('a_phone_reads_its_contacts_with_DIGEST', async () => {
  const [user, contact] = [await createUser(dialtone), await createAccount(dialtone)];
  await giveContact(dialtone, user, contact);
  const answer = await digestRequest(dialtone, user, { method: 'GET', path: '/api/accounts/me/contacts' });
  assert.deepEqual(answer.json.map(({ id }) => id), [contact.id]);
});

test('a_contact_without_a_DTMF_protocol_shows_no_actions', async () => {
  const [user, contact] = [await createUser(dialtone), await createAccount(dialtone, { dtmf_protocol: 'sipinfo' })];
  await admin('POST', `/api/accounts/${contact.id}/actions`, { key: 'door', code: '1' });
  await giveContact(dialtone, user, contact);
  assert.equal((await own(user))[0].actions.length, 1);
  await admin('PUT', `/api/accounts/${contact.id}`, { username: contact.username });
  assert.deepEqual((await own(user))[0].actions, []);
});

test('a_list_of_contacts_has_an_end', async () => {
  const [owner, contact] = [await createAccount(dialtone), await createAccount(dialtone)];
  const space = await createSpace(dialtone);
  await dialtone.sql(`WITH a AS (INSERT INTO accounts (username, domain) SELECT 'many' || n, '${space.domain}' FROM generate_series(1, 10000) n RETURNING id)
    INSERT INTO contacts (account_id, contact_id) SELECT ${owner.id}, id FROM a`);
  const answer = await admin('POST', `/api/accounts/${owner.id}/contacts/${contact.id}`);
  assert.equal(answer.status, 403, answer.text);
  await dialtone.sql(`DELETE FROM spaces WHERE domain = '${space.domain}'`);
});

/* What the database must say: personal contacts, lists with their contacts, and who has which list. */
class Model {
  constructor() {
    this.given = new Map();
    this.lists = new Map();
  }

  of(owner) {
    const mine = new Set(this.given.get(owner));
    for (const { contacts, owners } of this.lists.values()) if (owners.has(owner)) for (const contact of contacts) mine.add(contact);
    return [...mine].sort((a, b) => a - b);
  }

  forget(account) {
    for (const contacts of this.given.values()) contacts.delete(account);
    for (const { contacts } of this.lists.values()) contacts.delete(account);
  }
}

test('the_contacts_of_an_account_are_those_of_a_model_after_any_history', async (t) => {
  const seed = seedOf();
  t.diagnostic(`TEST_SEED=${seed}`);
  const random = chance(seed);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const model = new Model();
  const owners = await Promise.all([createUser(dialtone), createUser(dialtone)]);
  const contacts = (await Promise.all(Array.from({ length: 8 }, () => createAccount(dialtone)))).map(({ id }) => id);
  for (const { id } of owners) model.given.set(id, new Set());
  const addList = async () => model.lists.set((await createList(dialtone)).id, { contacts: new Set(), owners: new Set() });
  for (let n = 0; n < 3; n++) await addList();

  /* Each: what is asked of the server, and whether it is there in the model already. */
  const link = async (path, set, member, { add, twice }) => {
    const answer = await admin(add ? 'POST' : 'DELETE', path);
    const expected = add === set.has(member) ? twice(add) : 200;
    assert.equal(answer.status, expected, `${seed}: ${path}: ${answer.text}`);
    if (add) set.add(member);
    else set.delete(member);
  };
  const steps = [
    (add) => { const [o, c] = [pick(owners).id, pick(contacts)]; return link(`/api/accounts/${o}/contacts/${c}`, model.given.get(o), c, { add, twice: (a) => (a ? 200 : 404) }); },
    (add) => { const [l, c] = [pick([...model.lists.keys()]), pick(contacts)]; return link(`/api/contacts_lists/${l}/contacts/${c}`, model.lists.get(l).contacts, c, { add, twice: (a) => (a ? 200 : 404) }); },
    (add) => { const [o, l] = [pick(owners).id, pick([...model.lists.keys()])]; return link(`/api/accounts/${o}/contacts_lists/${l}`, model.lists.get(l).owners, o, { add, twice: () => 403 }); },
  ];
  const rare = [
    async () => { const l = pick([...model.lists.keys()]); await admin('DELETE', `/api/contacts_lists/${l}`); model.lists.delete(l); await addList(); },
    async () => {
      const c = pick(contacts);
      await admin('DELETE', `/api/accounts/${c}`);
      model.forget(c);
      contacts[contacts.indexOf(c)] = (await createAccount(dialtone)).id;
    },
  ];
  for (let n = 0; n < 200; n++) {
    if (random() < 0.05) await pick(rare)();
    else await pick(steps)(random() < 0.65);
    if (n % 10) continue;
    for (const owner of owners) assert.deepEqual((await own(owner)).map(({ id }) => id), model.of(owner.id), `${seed}, step ${n}`);
    const counts = new Map((await read('/api/contacts_lists', { as: 'admin' })).map((list) => [list.id, list.contacts_count]));
    for (const [id, list] of model.lists) assert.equal(counts.get(id), list.contacts.size, `${seed}, step ${n}`);
  }
});
