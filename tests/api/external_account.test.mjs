/* The account at another provider (accounts-api II.9). */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { test } from 'node:test';

import { createAccount, randomName } from '../lib/accounts.mjs';
import { sharedInstance } from '../lib/instance.mjs';

const dialtone = await sharedInstance();
const call = (method, { id }, body) => dialtone.api(method, `/api/accounts/${id}/external`, { as: 'admin', body });
const input = (change = {}) => ({ username: randomName('ext'), domain: 'sip.provider.example', protocol: 'UDP', password: 'hunter two', ...change });
const stored = async ({ id }) => (await dialtone.sql(`SELECT password FROM external_accounts WHERE account_id = ${id}`))[0]?.[0];
const ha1 = (username, realm, password) => crypto.createHash('md5').update(`${username}:${realm}:${password}`).digest('hex');
const fieldsOf = (answer) => (assert.equal(answer.status, 422, answer.text), Object.keys(answer.json.errors));

test('it_is_made_replaced_read_and_removed', async () => {
  const account = await createAccount(dialtone);
  assert.equal((await call('GET', account)).status, 404);
  assert.equal((await call('DELETE', account)).status, 404);
  const body = input({ realm: 'r.example', registrar: 'reg.example.com' });
  const made = await call('POST', account, body);
  assert.equal(made.status, 201, made.text);
  assert.deepEqual(Object.keys(made.json), ['id', 'username', 'domain', 'realm', 'registrar', 'outbound_proxy', 'protocol', 'algorithm',
    'account_id', 'created_at', 'updated_at']);
  assert.deepEqual([made.json.account_id, made.json.algorithm, made.json.outbound_proxy], [account.id, 'MD5', null]);
  assert.equal(await stored(account), ha1(body.username, 'r.example', body.password));
  assert.deepEqual((await call('GET', account)).json, made.json);
  const changed = await call('POST', account, { ...body, password: undefined, protocol: 'TLS', registrar: null });
  assert.equal(changed.status, 200, changed.text);
  assert.deepEqual([changed.json.id, changed.json.protocol, changed.json.registrar], [made.json.id, 'TLS', null]);
  assert.equal(await stored(account), ha1(body.username, 'r.example', body.password), 'the password stays');
  const removed = await call('DELETE', account);
  assert.deepEqual([removed.status, removed.text], [200, '1']);
  assert.equal((await call('GET', account)).status, 404);
});

test('its_password_and_hash_are_in_no_answer (security 5, 21)', async () => {
  const account = await createAccount(dialtone);
  const body = input();
  const answers = [await call('POST', account, body), await call('POST', account, body), await call('GET', account),
    await dialtone.api('GET', `/api/accounts/${account.id}`, { as: 'admin' })];
  for (const { text } of answers) {
    assert.ok(!text.includes(body.password) && !text.includes(await stored(account)), text);
    assert.doesNotMatch(text, /"password":/);
  }
});

test('the_password_is_asked_for_whenever_the_hash_would_be_another', async () => {
  const account = await createAccount(dialtone);
  const body = input();
  const without = { ...body, password: undefined };
  assert.deepEqual(fieldsOf(await call('POST', account, without)), ['password']);
  assert.equal((await call('POST', account, body)).status, 201);
  assert.equal(await stored(account), ha1(body.username, body.domain, body.password), 'without a realm it is the domain');
  assert.equal((await call('POST', account, without)).status, 200);
  for (const change of [{ realm: 'other' }, { domain: 'other.example' }, { username: randomName('ext') }]) {
    assert.deepEqual(fieldsOf(await call('POST', account, { ...without, ...change })), ['password']);
  }
  assert.equal((await call('POST', account, { ...without, realm: 'fixed', password: 'again' })).status, 200);
  assert.equal((await call('POST', account, { ...without, realm: 'fixed', domain: 'other.example' })).status, 200, 'the realm counts, not the domain');
});

test('what_is_wrong_is_named_all_at_once', async () => {
  const account = await createAccount(dialtone);
  assert.deepEqual(fieldsOf(await call('POST', account, {})), ['username', 'domain', 'protocol']);
  const same = { domain: 'a.example', realm: 'a.example', registrar: 'a.example', outbound_proxy: 'a.example' };
  assert.deepEqual(fieldsOf(await call('POST', account, input(same))), ['realm', 'registrar', 'outbound_proxy']);
  for (const domain of ['nodots', '-a.example', '300.1.1.1', 'a b.example', '192.0.2.0/24']) {
    assert.deepEqual(fieldsOf(await call('POST', account, input({ domain }))), ['domain'], domain);
  }
  for (const username of ['with space', 'Upper', 'a@b']) assert.deepEqual(fieldsOf(await call('POST', account, input({ username }))), ['username']);
  for (const domain of ['192.0.2.7', '2001:db8::7', 'SIP.Provider.Example']) {
    assert.equal((await call('POST', account, input({ domain }))).json.domain, domain.toLowerCase());
  }
});

test('a_name_at_a_provider_belongs_to_one_account', async () => {
  const [one, two] = [await createAccount(dialtone), await createAccount(dialtone)];
  const body = input();
  assert.equal((await call('POST', one, body)).status, 201);
  assert.equal((await call('POST', one, body)).status, 200, 'its own it may say again');
  assert.deepEqual(fieldsOf(await call('POST', two, body)), ['username']);
  assert.equal((await call('POST', two, { ...body, domain: 'sip2.provider.example' })).status, 201);
  const all = await Promise.all(Array.from({ length: 20 }, () => createAccount(dialtone)));
  const race = input();
  const answers = await Promise.all(all.map((account) => call('POST', account, race)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, ...Array(19).fill(422)]);
});

test('parallel_calls_for_one_account_make_it_once', async () => {
  const account = await createAccount(dialtone);
  const answers = await Promise.all(Array.from({ length: 20 }, () => call('POST', account, input())));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [...Array(19).fill(200), 201]);
});
