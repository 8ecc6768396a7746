/* Which phone numbers accounts may have, and the countries that are switched off. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAccount, createUser, randomName, readAccount } from '../lib/accounts.mjs';
import { ownInstance } from '../lib/instance.mjs';

const dialtone = await ownInstance();

const create = (phone) => dialtone.api('POST', '/api/accounts', {
  as: 'admin', body: { username: randomName(), password: 'a good password', activated: true, phone },
});

async function turn(code, verb, options = { as: 'admin' }) {
  return dialtone.api('POST', `/api/phone_countries/${code}/${verb}`, options);
}

test('everybody_reads_the_countries_which_are_all_activated_at_first', async () => {
  const { status, json } = await dialtone.api('GET', '/api/phone_countries');
  assert.equal(status, 200);
  assert.ok(json.length > 240, `${json.length} countries`);
  assert.deepEqual(json.find(({ code }) => code === 'FR'), { code: 'FR', country_code: '33', activated: true });
  assert.ok(json.every(({ activated }) => activated));
  assert.deepEqual(json.map(({ code }) => code), json.map(({ code }) => code).sort());
});

test('a_number_of_a_deactivated_country_is_refused_until_it_is_activated_again', async () => {
  assert.equal((await turn('FR', 'deactivate')).text, '1');
  const refused = await create('+33612345001');
  assert.equal(refused.status, 422, refused.text);
  assert.deepEqual(refused.json.errors, { phone: ['Phone numbers of this country are not accepted.'] });
  assert.equal((await create('+39333123400')).status, 200, 'others are accepted');
  assert.equal((await turn('fr', 'activate')).text, '1');
  assert.equal((await turn('FR', 'activate')).text, '0', 'it is already');
  assert.equal((await create('+33612345001')).status, 200);
});

test('all_countries_of_a_calling_code_are_switched_together', async () => {
  const changed = await turn('CA', 'deactivate');
  const { json } = await dialtone.api('GET', '/api/phone_countries');
  const off = json.filter(({ activated }) => !activated);
  assert.equal(changed.text, String(off.length));
  assert.ok(off.every(({ country_code: code }) => code === '1') && off.some(({ code }) => code === 'US'));
  assert.equal((await create('+16502530001')).status, 422);
  assert.equal((await turn('US', 'activate')).text, changed.text);
});

test('only_a_super_admin_switches_and_an_unknown_country_is_missing', async () => {
  const user = await createUser(dialtone);
  assert.equal((await turn('FR', 'deactivate', { key: user.key })).status, 403);
  assert.equal((await turn('FR', 'deactivate', {})).status, 401);
  for (const code of ['XX', 'F', '33', 'FRA', '%f0%9f%87%ab'])
    assert.equal((await turn(code, 'deactivate')).status, 404, code);
});

test('a_number_is_stored_in_its_one_form_and_taken_in_every_spelling', async () => {
  const account = await createAccount(dialtone, { phone: '+4402079460001' });
  assert.equal((await readAccount(dialtone, account.id)).phone, '+442079460001');
  for (const phone of ['+442079460001', '+4402079460001']) {
    const again = await create(phone);
    assert.deepEqual(again.json.errors, { phone: ['This phone is already in use.'] }, again.text);
  }
});

test('an_impossible_number_is_refused_and_one_that_is_only_not_valid_is_not', async () => {
  for (const phone of ['+33612', '+336123456789', '+999123456789', '0612345678', '+1', '+33 612345678', '+٣٣612345678'])
    assert.ok((await create(phone)).json.errors?.phone, phone);
  assert.equal((await create('+33999999999')).status, 200);
});
