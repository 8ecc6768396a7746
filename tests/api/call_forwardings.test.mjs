/* Call forwardings (accounts-api II.10), and what SIP servers are told of them (sip-integration 2.3, 3.5). */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAccount, createUser } from '../lib/accounts.mjs';
import { createList, giveContact, giveList, putOnList } from '../lib/contacts.mjs';
import { sharedInstance } from '../lib/instance.mjs';

const dialtone = await sharedInstance();
const MINE = '/api/accounts/me/call_forwardings';
const rule = (type, change) => ({ type, forward_to: 'sip_uri', sip_uri: `sip:${type}@example.org`, enabled: true, ...change });
const add = (user, body) => dialtone.api('POST', MINE, { key: user.key, body });

async function added(user, body) {
  const answer = await add(user, body);
  assert.equal(answer.status, 201, answer.text);
  return answer.json;
}

async function refused(answer, field) {
  assert.deepEqual([answer.status, Object.keys(answer.json.errors ?? {})], [422, [field]], answer.text);
}

test('a rule is told as it is stored, the newest first, away as no_answer', async () => {
  const user = await createUser(dialtone);
  const busy = await added(user, rule('busy'));
  const { id, created_at: at, ...away } = await added(user, rule('away', { forward_to: 'voicemail', sip_uri: null }));
  assert.deepEqual(away, { type: 'no_answer', forward_to: 'voicemail', sip_uri: null, enabled: true, contact_id: null, contact_sip_uri: null, updated_at: at });
  const listed = await dialtone.api('GET', MINE, { key: user.key });
  assert.deepEqual(listed.json.map((item) => item.id), [id, busy.id]);
  const seen = await dialtone.api('GET', `/api/accounts/${user.id}/call_forwardings`, { as: 'admin' });
  assert.deepEqual(seen.json, listed.json);
});

test('where calls go to is required, and nothing else of it is kept', async () => {
  const [user, contact, listed, stranger] = [await createUser(dialtone), ...await Promise.all([1, 2, 3].map(() => createAccount(dialtone)))];
  await refused(await add(user, rule('busy', { sip_uri: null })), 'sip_uri');
  await refused(await add(user, rule('busy', { forward_to: 'contact' })), 'contact_id');
  for (const id of [stranger.id, user.id, 999999999]) await refused(await add(user, rule('busy', { forward_to: 'contact', contact_id: id })), 'contact_id');
  await giveContact(dialtone, user, contact);
  const list = await createList(dialtone);
  await giveList(dialtone, user, list);
  await putOnList(dialtone, list, listed);
  for (const [type, { id, username, domain }] of [['busy', contact], ['no_answer', listed]]) {
    const made = await added(user, rule(type, { forward_to: 'contact', contact_id: id }));
    assert.deepEqual([made.sip_uri, made.contact_id, made.contact_sip_uri], [null, id, `sip:${username}@${domain}`]);
  }
  await dialtone.api('DELETE', `/api/accounts/${contact.id}`, { as: 'admin' });
  assert.deepEqual((await dialtone.api('GET', MINE, { key: user.key })).json.map(({ type }) => type), ['no_answer'], 'a contact that is gone takes its rule along');
});

test('there is one of each kind, always is enabled alone, and PUT leaves the kind', async () => {
  const user = await createUser(dialtone);
  const [busy, off] = [await added(user, rule('busy')), await added(user, rule('always', { enabled: false }))];
  const put = ({ id }, body) => dialtone.api('PUT', `${MINE}/${id}`, { key: user.key, body });
  await refused(await add(user, rule('busy')), 'type');
  await refused(await put(off, rule('always')), 'enabled');
  await refused(await put(busy, rule('always')), 'type');
  const both = await add(user, rule('always', { sip_uri: null }));
  assert.deepEqual([both.status, Object.keys(both.json.errors).sort()], [422, ['enabled', 'sip_uri', 'type']]);
  const same = await put(busy, rule('no_answer', { forward_to: 'voicemail', sip_uri: 'sip:x@y', enabled: false }));
  assert.deepEqual([same.status, same.json.type, same.json.forward_to, same.json.sip_uri], [200, 'busy', 'voicemail', null]);
  assert.equal((await put(off, rule('always'))).json.enabled, true);
  await refused(await put(busy, rule('busy')), 'enabled');
  await refused(await add(user, rule('away')), 'enabled');
});

test('of two requests at once that exclude each other one is refused', async () => {
  for (let round = 0; round < 8; round++) {
    const user = await createUser(dialtone);
    const answers = await Promise.all(['always', 'busy', 'always', 'busy'].map((type) => add(user, rule(type))));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 422, 422, 422]);
  }
});

test('others have none of mine, by id or name', async () => {
  const [user, other] = [await createUser(dialtone), await createUser(dialtone)];
  const mine = await added(user, rule('busy'));
  for (const [options, where] of [[{ key: other.key }, MINE], [{ as: 'admin' }, `/api/accounts/${other.id}/call_forwardings`]]) {
    assert.equal((await dialtone.api('GET', `${where}/${mine.id}`, options)).status, 404);
    assert.equal((await dialtone.api('PUT', `${where}/${mine.id}`, { ...options, body: rule('busy') })).status, 404);
    const removed = await dialtone.api('DELETE', `${where}/${mine.id}`, options);
    assert.deepEqual([removed.status, removed.json], [200, 0]);
  }
  assert.equal((await dialtone.api('DELETE', `${MINE}/${mine.id}`, { key: user.key })).json, 1);
});

test('Flexisip finds an account with its rules, no_answer called away', async () => {
  const user = await createUser(dialtone, { email: `f${Date.now()}@example.org` });
  const [empty] = [await dialtone.api('GET', `/api/resolve/${user.username}@${user.domain}`, { as: 'admin' })];
  assert.deepEqual(empty.json.payload.call_forwardings, []);
  const made = await added(user, rule('no_answer'));
  const search = await dialtone.api('GET', `/api/accounts/${user.username}@${user.domain}/search`, { as: 'admin' });
  assert.deepEqual(search.json.call_forwardings, [{ ...made, type: 'away' }]);
  const byMail = await dialtone.api('GET', `/api/accounts/${user.email}/search-by-email`, { as: 'admin' });
  assert.deepEqual(byMail.json, search.json);
  const resolved = await dialtone.api('GET', `/api/resolve/${user.username}@${user.domain}`, { as: 'admin' });
  assert.deepEqual(resolved.json, { type: 'account', payload: search.json });
  assert.equal(typeof resolved.json.payload.id, 'number');
  assert.equal((await dialtone.api('GET', `/api/resolve/${user.username}@elsewhere.example.org`, { as: 'admin' })).status, 404);
});
