/* Actions of accounts: what is there without DTMF, what comes first, and what happens at the same time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAccount, readAccount } from '../lib/accounts.mjs';
import { sharedInstance } from '../lib/instance.mjs';

const dialtone = await sharedInstance();
const admin = (method, path, body) => dialtone.api(method, path, { as: 'admin', body });
const makePhone = () => createAccount(dialtone, { dtmf_protocol: 'sipinfo' });
const actionsOf = async ({ id }) => (await readAccount(dialtone, id)).actions;

async function addAction({ id }, body = { key: 'open-door', code: '1a' }) {
  const made = await admin('POST', `/api/accounts/${id}/actions`, body);
  assert.equal(made.status, 201, made.text);
  return made.json;
}

test('an_action_is_made_read_replaced_and_deleted_and_its_account_shows_it', async () => {
  const phone = await makePhone();
  const action = await addAction(phone);
  const path = `/api/accounts/${phone.id}/actions`;
  assert.deepEqual(action, { id: action.id, key: 'open-door', code: '1a' });
  assert.deepEqual((await admin('GET', path)).json, [action]);
  assert.deepEqual((await admin('GET', `${path}/${action.id}`)).json, action);
  const replaced = await admin('PUT', `${path}/${action.id}`, { key: 'close', code: 2 });
  assert.deepEqual(replaced.json, { id: action.id, key: 'close', code: '2' });
  assert.deepEqual(await actionsOf(phone), [replaced.json]);
  assert.equal((await admin('DELETE', `${path}/${action.id}`)).text, '1');
  assert.equal((await admin('DELETE', `${path}/${action.id}`)).text, '0');
  assert.deepEqual(await actionsOf(phone), []);
});

test('without_a_DTMF_protocol_it_is_403_whatever_the_body_and_404_without_the_account', async () => {
  const phone = await makePhone();
  const action = await addAction(phone);
  const { password, ...fields } = phone;
  const silent = await admin('PUT', `/api/accounts/${phone.id}`, { username: fields.username });
  assert.deepEqual(silent.json.actions, []);
  const path = `/api/accounts/${phone.id}/actions`;
  for (const [method, where, body] of [['GET', path], ['POST', path, {}], ['GET', `${path}/${action.id}`], ['PUT', `${path}/${action.id}`, {}],
    ['DELETE', `${path}/${action.id}`]]) {
    assert.equal((await admin(method, where, body)).status, 403, `${method} ${where}`);
  }
  const headers = { 'Content-Type': 'application/json' };
  assert.equal((await dialtone.api('POST', path, { as: 'admin', body: '{', headers })).status, 403, 'also before JSON is read');
  assert.equal((await dialtone.api('POST', '/api/accounts/987654321/actions', { as: 'admin', body: '{', headers })).status, 404);
});

test('an_action_of_another_account_is_missing', async () => {
  const [phone, other] = [await makePhone(), await makePhone()];
  const action = await addAction(other);
  const path = `/api/accounts/${phone.id}/actions/${action.id}`;
  assert.equal((await admin('GET', path)).status, 404);
  assert.equal((await admin('PUT', path, {})).status, 404, 'before the body is judged');
  assert.equal((await admin('DELETE', path)).text, '0');
  assert.deepEqual(await actionsOf(other), [action]);
});

test('actions_made_at_the_same_time_are_all_shown_up_to_the_limit', async () => {
  const phone = await makePhone();
  const codes = Array.from({ length: 70 }, (_, n) => String(n));
  for (let n = 0; n < codes.length; n += 10) {
    await Promise.all(codes.slice(n, n + 10).map((code) => admin('POST', `/api/accounts/${phone.id}/actions`, { key: 'door', code })));
  }
  const listed = (await admin('GET', `/api/accounts/${phone.id}/actions`)).json;
  assert.deepEqual(await actionsOf(phone), listed);
  assert.ok(listed.length >= 64 && listed.length < 70, `${listed.length}`);
  assert.equal((await admin('POST', `/api/accounts/${phone.id}/actions`, { key: 'door', code: 'z' })).status, 403);
});
