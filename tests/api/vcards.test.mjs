/* vCards that accounts keep on the server. */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { test } from 'node:test';

import { createAccount, createUser } from '../lib/accounts.mjs';
import { Contract } from '../lib/contract.mjs';
import { digestRequest } from '../lib/digest.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { vcard } from '../lib/vcards.mjs';

const dialtone = await sharedInstance();
const contract = await Contract.of(dialtone);
const MINE = '/api/accounts/me/vcards-storage';
const newUid = () => `urn:uuid:${crypto.randomUUID()}`;

async function call(user, method, path, body) {
  const answer = await dialtone.api(method, path, { key: user.key, body });
  contract.check(method, path, answer);
  return answer;
}

const store = (user, uid, ...more) => call(user, 'POST', MINE, { vcard: vcard(uid, ...more) });

test('a_vCard_is_stored_read_replaced_and_deleted', async () => {
  const [user, uid] = [await createUser(dialtone), newUid()];
  assert.equal((await call(user, 'GET', MINE)).text, '{}');
  const made = await store(user, uid);
  assert.equal(made.status, 201, made.text);
  assert.deepEqual(made.json, { vcard: vcard(uid).replaceAll('\r', ''), created_at: made.json.created_at, updated_at: made.json.created_at });
  assert.deepEqual((await call(user, 'GET', MINE)).json, { [uid]: made.json });
  const replaced = await call(user, 'PUT', `${MINE}/${uid}`, { vcard: vcard(uid, 'Simone') });
  assert.equal(replaced.status, 200, replaced.text);
  assert.match(replaced.json.vcard, /\nFN:Simone\n/);
  assert.equal(replaced.json.created_at, made.json.created_at);
  assert.deepEqual((await call(user, 'GET', `${MINE}/${uid}`)).json, replaced.json);
  const gone = await call(user, 'DELETE', `${MINE}/${uid}`);
  assert.deepEqual([gone.status, gone.text], [200, '1']);
  for (const method of ['GET', 'DELETE']) assert.equal((await call(user, method, `${MINE}/${uid}`)).status, 404);
  assert.equal((await call(user, 'PUT', `${MINE}/${uid}`, { vcard: 'no vCard' })).status, 404, 'before the body is judged');
});

test('a_vCard_is_found_by_its_UID_and_by_what_stands_behind_urn_uuid', async () => {
  const [user, uid] = [await createUser(dialtone), newUid()];
  const short = uid.replace('urn:uuid:', '');
  const made = await store(user, uid);
  for (const name of [uid, short, `URN:UUID:${short}`, encodeURIComponent(uid)]) {
    assert.deepEqual((await call(user, 'GET', `${MINE}/${name}`)).json, made.json, name);
  }
  assert.equal((await call(user, 'PUT', `${MINE}/${short}`, { vcard: vcard(uid, 'Other') })).status, 200);
  assert.equal((await store(user, short)).status, 409, 'both ways to write it are one UID');
  assert.equal((await store(user, 'plain-name')).status, 201);
  assert.equal((await call(user, 'DELETE', `${MINE}/plain-name`)).text, '1');
});

test('a_known_UID_is_409_also_at_the_same_time_and_changes_nothing', async () => {
  const [user, uid] = [await createUser(dialtone), newUid()];
  const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => store(user, uid, `Number ${n}`)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, ...Array(7).fill(409)]);
  const made = answers.find(({ status }) => status === 201);
  assert.deepEqual((await call(user, 'GET', MINE)).json, { [uid]: made.json });
});

test('a_vCard_keeps_its_UID', async () => {
  const [user, uid] = [await createUser(dialtone), newUid()];
  await store(user, uid);
  const answer = await call(user, 'PUT', `${MINE}/${uid}`, { vcard: vcard(newUid()) });
  assert.equal(answer.status, 422, answer.text);
  assert.deepEqual(answer.json.errors, { vcard: ['The vcard value must have the UID it is stored under.'] });
});

test('administrators_see_and_change_the_vCards_of_an_account_and_users_only_their_own', async () => {
  const [user, other, uid] = [await createUser(dialtone), await createUser(dialtone), newUid()];
  const made = await store(user, uid);
  const path = `/api/accounts/${user.id}/vcards-storage`;
  const admin = (method, where, body) => dialtone.api(method, where, { as: 'admin', body });
  assert.deepEqual((await admin('GET', path)).json, { [uid]: made.json });
  assert.deepEqual((await admin('GET', `${path}/${uid.slice(9)}`)).json, made.json);
  assert.equal((await admin('POST', path, { vcard: vcard(uid) })).status, 409);
  assert.equal((await admin('PUT', `${path}/${uid}`, { vcard: vcard(uid, 'By admin') })).status, 200);
  for (const method of ['GET', 'DELETE']) assert.equal((await call(other, method, `${MINE}/${uid}`)).status, 404);
  assert.equal((await call(other, 'PUT', `${MINE}/${uid}`, { vcard: vcard(uid) })).status, 404);
  assert.equal((await store(other, uid)).status, 201, 'a UID is of one account');
  assert.equal((await admin('DELETE', `${path}/${uid}`)).text, '1');
  assert.equal((await call(user, 'GET', MINE)).text, '{}');
});

test('a_vCard_comes_back_in_one_form', async () => {
  const user = await createUser(dialtone);
  const sent = 'begin:vcard\r\nFN:Zoé\r\nuid:form\r\nVERSION:3.0\r\nNOTE:it is\r\n  long \\n and "quoted" \\, 日本\r\nitem1.tel;type=cell:+33\r\nend:vcard';
  const made = await call(user, 'POST', MINE, { vcard: sent });
  assert.equal(made.json.vcard, 'BEGIN:VCARD\nVERSION:3.0\nFN:Zoé\nUID:form\nNOTE:it is long \\n and "quoted" \\, 日本\nitem1.TEL;TYPE=cell:+33\nEND:VCARD\n');
  const again = await call(user, 'PUT', `${MINE}/form`, { vcard: made.json.vcard });
  assert.equal(again.json.vcard, made.json.vcard);
});

test('a_phone_keeps_its_vCards_with_DIGEST', async () => {
  const [user, uid] = [await createUser(dialtone), newUid()];
  await store(user, uid);
  const answer = await digestRequest(dialtone, user, { method: 'GET', path: MINE });
  assert.deepEqual(Object.keys(answer.json), [uid]);
});

test('a_large_vCard_fits_and_a_larger_one_is_413', async () => {
  const [user, uid] = [await createUser(dialtone), newUid()];
  const photo = (n) => `PHOTO:data:image/png;base64,${'A'.repeat(n)}`;
  const made = await store(user, uid, 'Big', photo(1000000));
  assert.equal(made.status, 201);
  assert.equal((await call(user, 'GET', `${MINE}/${uid}`)).json.vcard.replaceAll('\n ', ''), vcard(uid, 'Big', photo(1000000)).replaceAll('\r', ''));
  /* nginx says so, in the words it has for every path. */
  const larger = { headers: { 'x-api-key': user.key }, body: { vcard: vcard(newUid(), 'Big', photo(1 << 20)) } };
  assert.equal((await dialtone.client.request('POST', MINE, larger)).status, 413);
});

test('what_an_account_keeps_has_an_end', async () => {
  const user = await createUser(dialtone);
  const photo = `PHOTO:data:image/png;base64,${'A'.repeat(1000000)}`;
  const statuses = [];
  for (let n = 0; n < 8; n++) statuses.push((await store(user, `big-${n}`, 'Big', photo)).status);
  assert.deepEqual([statuses[0], statuses.at(-1)], [201, 403]);
  const all = await call(user, 'GET', MINE);
  assert.equal(Object.keys(all.json).length, statuses.filter((status) => status === 201).length);
  assert.equal((await call(user, 'PUT', `${MINE}/big-0`, { vcard: vcard('big-0', 'Small') })).status, 200);
  const many = await createAccount(dialtone);
  await dialtone.sql(`INSERT INTO vcards_storage (account_id, key, uid, vcard, bytes) SELECT ${many.id}, n, n, 'x', 1 FROM generate_series(1, 2000) n`);
  const answer = await dialtone.api('POST', `/api/accounts/${many.id}/vcards-storage`, { as: 'admin', body: { vcard: vcard('one-more') } });
  assert.equal(answer.status, 403, answer.text);
  await dialtone.api('DELETE', `/api/accounts/${many.id}`, { as: 'admin' });
});
