/* Devices, push notifications and SIP messages while nothing stands behind them (accounts-api I.10, I.16, II.13, 13.9). */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createUser } from '../lib/accounts.mjs';
import { digestRequest } from '../lib/digest.mjs';
import { sharedInstance } from '../lib/instance.mjs';

const dialtone = await sharedInstance();
const UUID = 'urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6';
const NOTIFICATION = { pn_provider: 'fcm', pn_param: 'project', pn_prid: 'abc:def', type: 'message' };

test('without_a_registrar_there_are_no_devices_and_none_is_removed', async () => {
  const user = await createUser(dialtone);
  for (const [path, options] of [['me', { key: user.key }], [user.id, { as: 'admin' }]]) {
    const list = await dialtone.api('GET', `/api/accounts/${path}/devices`, options);
    assert.deepEqual([list.status, list.text], [200, '{}']);
    const removed = await dialtone.api('DELETE', `/api/accounts/${path}/devices/${UUID}`, options);
    assert.deepEqual([removed.status, removed.text, removed.header('content-type')], [200, '', undefined]);
    assert.equal((await dialtone.api('DELETE', `/api/accounts/${path}/devices/${'a'.repeat(128)}`, options)).status, 200);
    for (const uuid of ['a'.repeat(129), 'a%20b', 'a%2Fb', 'a%22b', 'a%0D%0Ab', 'a;b', '%C3%A9', '<urn>']) {
      assert.equal((await dialtone.api('DELETE', `/api/accounts/${path}/devices/${uuid}`, options)).status, 404, uuid);
    }
  }
});

test('a_push_notification_is_503_with_what_is_required_alone_and_stores_nothing', async () => {
  const user = await createUser(dialtone);
  const { pn_provider, type } = NOTIFICATION;
  for (const body of [NOTIFICATION, { pn_provider, type }, { ...NOTIFICATION, pn_param: null, call_id: '~a@b.-' }]) {
    const sent = await dialtone.api('POST', '/api/push_notification', { key: user.key, body });
    assert.equal(sent.status, 503, sent.text);
    assert.ok(Number(sent.header('retry-after')) > 0);
  }
  const words = { pn_prid: '-rf', pn_param: '$(id)', pn_provider: 'apple', type: 'voice', call_id: 'a b' };
  for (const [name, value] of Object.entries(words)) {
    const refused = await dialtone.api('POST', '/api/push_notification', { key: user.key, body: { ...NOTIFICATION, [name]: value } });
    assert.deepEqual([refused.status, Object.keys(refused.json.errors)], [422, [name]]);
  }
});

test('an_account_asks_for_30_push_notifications_an_hour', async () => {
  const [user, other] = [await createUser(dialtone), await createUser(dialtone)];
  const send = (by) => dialtone.api('POST', '/api/push_notification', { key: by.key, body: NOTIFICATION });
  const answers = await Promise.all(Array.from({ length: 40 }, () => send(user)));
  const count = (status) => answers.filter((answer) => answer.status === status).length;
  assert.deepEqual([count(503), count(429)], [30, 10]);
  assert.ok(Number(answers.find(({ status }) => status === 429).header('retry-after')) > 60);
  assert.equal((await send(other)).status, 503, 'each account has its own');
});

test('phones_of_an_account_with_a_second_factor_reach_what_they_need_by_DIGEST (accounts-api 3.2a)', async () => {
  const user = await createUser(dialtone);
  await dialtone.sql(`INSERT INTO two_factor (account_id, secret_sealed, enabled_at) VALUES (${user.id}, '\\x00', now())`);
  const status = async (method, path, body) => (await digestRequest(dialtone, user, { method, path, body })).status;
  assert.equal(await status('GET', '/api/accounts/me/devices'), 200);
  assert.equal(await status('DELETE', `/api/accounts/me/devices/${UUID}`), 200);
  assert.equal(await status('GET', '/api/accounts/me/services/turn'), 404);
  assert.equal(await status('POST', '/api/push_notification', NOTIFICATION), 503);
  assert.equal(await status('GET', '/api/accounts/me/provision'), 403);
  assert.equal(await status('GET', '/api/accounts/me/api_key'), 403);
});

test('where_nothing_sends_messages_the_call_is_not_there', async () => {
  for (const body of [{ to: 'bob@sip.example.org', body: 'Hello' }, {}, '{bad']) {
    const headers = typeof body === 'string' ? { 'Content-Type': 'application/json' } : {};
    assert.equal((await dialtone.api('POST', '/api/messages', { as: 'admin', body, headers })).status, 404);
  }
});
