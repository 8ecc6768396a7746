/* POST /api/accounts (accounts-api I.7 and section 5). */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAccount, randomName, readAccount } from '../lib/accounts.mjs';
import { Contract } from '../lib/contract.mjs';
import { hash } from '../lib/digest.mjs';
import { sharedInstance } from '../lib/instance.mjs';

const dialtone = await sharedInstance();
const contract = await Contract.of(dialtone);

async function create(fields) {
  const body = { username: randomName(), password: 'long enough', ...fields };
  const answer = await dialtone.api('POST', '/api/accounts', { as: 'admin', body });
  contract.check('POST', '/api/accounts', answer);
  return answer;
}

async function isRefusedFor(fields, ...names) {
  const answer = await create(fields);
  assert.equal(answer.status, 422, `${JSON.stringify(fields)}: ${answer.text}`);
  assert.deepEqual(Object.keys(answer.json.errors), names, JSON.stringify(fields));
  return answer;
}

const randomPhone = () => `+3361${Math.floor(1000000 + Math.random() * 8999999)}`;

test('answer_is_200_and_the_account_with_what_only_its_maker_sees', async () => {
  const username = randomName();
  const { status, json } = await create({ username, activated: false, dtmf_protocol: 'sipinfo' });
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(json), ['id', 'username', 'domain', 'sip_uri', 'email', 'activated', 'blocked', 'admin', 'ip_address',
    'user_agent', 'creation_time', 'created_at', 'updated_at', 'display_name', 'dtmf_protocol', 'phone', 'realm',
    'confirmation_key_expires', 'confirmation_key', 'provisioning_token', 'provisioning_token_expire_at', 'dictionary', 'passwords',
    'types', 'actions', 'email_changed', 'email_change_code', 'carddav_servers']);
  assert.equal(json.sip_uri, `sip:${username}@dialtone.test`);
  assert.match(json.provisioning_token, /^[A-Za-z0-9]{13}$/);
  assert.match(json.confirmation_key, /^[A-Za-z0-9]{13}$/);
  assert.match(json.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  assert.equal(json.creation_time, json.created_at.replace('T', ' ').slice(0, 19));
  assert.equal(json.dtmf_protocol, 'sipinfo');
  assert.deepEqual(json.passwords, [{ algorithm: 'SHA-256' }]);
});

test('defaults_are_neither_activated_nor_admin_nor_blocked', async () => {
  const { json } = await create({});
  assert.deepEqual([json.activated, json.admin, json.blocked], [false, false, false]);
  assert.deepEqual([json.email, json.phone, json.display_name, json.dtmf_protocol, json.realm], [null, null, null, null, null]);
  assert.deepEqual(json.dictionary, {});
});

test('every_field_comes_back_as_it_was_given', async () => {
  const given = { display_name: 'Zoë Ünïcode 🦉', email: `${randomName()}@Example.org`, phone: randomPhone(), dtmf_protocol: 'rfc2833',
    admin: true, activated: true, dictionary: { 17: 'numeric key', clé: 'valeur', empty: '' } };
  const { json } = await create(given);
  assert.deepEqual(Object.fromEntries(Object.keys(given).map((name) => [name, json[name]])), given);
  const read = await readAccount(dialtone, json.id);
  assert.deepEqual(Object.fromEntries(Object.keys(given).map((name) => [name, read[name]])), given);
});

test('user_agent_and_address_of_the_maker_are_kept', async () => {
  const answer = await dialtone.api('POST', '/api/accounts', {
    as: 'admin', body: { username: randomName(), password: 'long enough' }, headers: { 'User-Agent': 'provisioner/2' },
  });
  assert.equal(answer.json.user_agent, 'provisioner/2');
  assert.equal(answer.json.ip_address, '127.0.0.1');
  assert.equal((await create({})).json.user_agent, 'Dialtone quickstart', 'else the name of the space');
});

test('long_or_broken_user_agent_is_no_reason_to_fail', async () => {
  for (const agent of ['a'.repeat(4000), 'é'.repeat(300)]) {
    const answer = await dialtone.api('POST', '/api/accounts', {
      as: 'admin', body: { username: randomName(), password: 'long enough' }, headers: { 'User-Agent': Buffer.from(agent).toString('latin1') },
    });
    assert.equal(answer.status, 200, answer.text);
  }
});

test('activated_account_has_no_confirmation_key', async () => {
  const { json } = await create({ activated: true, confirmation_key_expires: '2040-01-31 23:59:59' });
  assert.equal(json.confirmation_key, undefined);
  assert.equal(json.confirmation_key_expires, null);
});

test('confirmation_key_ends_when_its_maker_says', async () => {
  const { json } = await create({ confirmation_key_expires: '2040-01-31 23:59:59' });
  assert.equal(json.confirmation_key_expires, '2040-01-31 23:59:59');
});

test('booleans_are_also_taken_as_numbers_and_digits', async () => {
  for (const [given, is] of [[true, true], [1, true], ['1', true], [false, false], [0, false], ['0', false], [null, false]]) {
    assert.equal((await create({ activated: given })).json.activated, is, JSON.stringify(given));
  }
  for (const given of ['true', 'false', 'yes', 2, '2', []]) await isRefusedFor({ activated: given }, 'activated');
});

test('texts_are_trimmed_and_empty_ones_are_null', async () => {
  const name = randomName();
  const { json } = await create({ username: ` ${name}\t`, display_name: '  Alice  ', email: '', phone: '   ' });
  assert.deepEqual([json.username, json.display_name, json.email, json.phone], [name, 'Alice', null, null]);
});

test('password_is_taken_as_it_is_and_stored_as_ha1_only', async () => {
  for (const [algorithm, password] of [['MD5', '  spaces count  '], ['SHA-256', 'pässwörd🔑'], ['SHA-256', 'a"\\:b,c=d']]) {
    const { json } = await create({ algorithm, password });
    const stored = await dialtone.sql(`SELECT algorithm, password FROM passwords WHERE account_id = ${json.id}`);
    assert.deepEqual(stored, [[algorithm, hash(algorithm, `${json.username}:dialtone.test:${password}`)]]);
    assert.deepEqual(json.passwords, [{ algorithm }]);
  }
});

test('password_needs_six_characters_and_may_have_1024', async () => {
  await isRefusedFor({ password: 'fünf5' }, 'password');
  assert.equal((await create({ password: 'sechsé' })).status, 200);
  assert.equal((await create({ password: 'é'.repeat(1024) })).status, 200);
  await isRefusedFor({ password: 'a'.repeat(1025) }, 'password');
  await isRefusedFor({ password: 'nul \u0000 byte' }, 'password');
});

test('username_has_six_to_64_of_the_characters_that_are_allowed', async () => {
  for (const username of ['sixsix', `${randomName()}+_.-`, 'x'.repeat(64 - 20) + randomName('').padEnd(20, '0')]) {
    const answer = await create({ username: username === 'sixsix' ? `s${Math.random().toString(36).slice(2, 7)}` : username });
    assert.equal(answer.status, 200, answer.text);
  }
  for (const username of ['fünf5', 'five5', 'with space', 'slash/slash', 'at@at.example', 'Capital', 'ñandues', 'a"quote', 'semi;colon', 'x'.repeat(65)]) {
    await isRefusedFor({ username }, 'username');
  }
});

test('phone_number_is_no_username', async () => {
  const answer = await isRefusedFor({ username: '+33612345678' }, 'username');
  assert.deepEqual(answer.json.errors.username, ['A phone number cannot be used as username.']);
});

test('username_is_given_away_once', async () => {
  const { username } = await createAccount(dialtone);
  const answer = await isRefusedFor({ username }, 'username');
  assert.deepEqual(answer.json.errors.username, ['This username is already in use.']);
});

test('username_of_a_deleted_account_stays_taken', async () => {
  const { id, username } = await createAccount(dialtone);
  assert.equal((await dialtone.api('DELETE', `/api/accounts/${id}`, { as: 'admin' })).status, 200);
  await isRefusedFor({ username }, 'username');
  assert.deepEqual(await dialtone.sql(`SELECT count(*) FROM accounts_tombstones WHERE username = '${username}'`), [['1']]);
});

test('email_is_unique_whatever_its_case', async () => {
  const email = `${randomName()}@example.org`;
  assert.equal((await create({ email })).status, 200);
  await isRefusedFor({ email: email.toUpperCase() }, 'email');
});

test('phone_is_unique_and_no_other_accounts_name', async () => {
  const phone = randomPhone();
  assert.equal((await create({ phone })).status, 200);
  await isRefusedFor({ phone }, 'phone');
});

test('of_accounts_made_at_once_with_one_name_exactly_one_is_made', async () => {
  const username = randomName();
  const answers = await Promise.all(Array.from({ length: 12 }, () => create({ username })));
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  for (const { status, json } of answers.filter((answer) => answer.status !== 200)) {
    assert.equal(status, 422);
    assert.deepEqual(Object.keys(json.errors), ['username']);
  }
});

test('of_accounts_made_at_once_with_one_email_exactly_one_is_made', async () => {
  const email = `${randomName()}@example.org`;
  const answers = await Promise.all(Array.from({ length: 12 }, () => create({ email })));
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  for (const { json } of answers.filter(({ status }) => status !== 200)) assert.deepEqual(Object.keys(json.errors), ['email']);
});

test('dictionary_holds_short_texts_and_nothing_else', async () => {
  const long = { key: 'v'.repeat(4096), [`k${'é'.repeat(254)}`]: 'long key' };
  assert.deepEqual((await create({ dictionary: long })).json.dictionary, long);
  for (const dictionary of ['text', ['a'], 17, { key: 17 }, { key: null }, { key: ['a'] }, { key: 'v'.repeat(4097) }, { ['k'.repeat(256)]: 'v' }, { '': 'v' }]) {
    await isRefusedFor({ dictionary }, 'dictionary');
  }
});

test('an_empty_array_is_an_empty_dictionary_as_php_and_the_servers_of_2024_write_it', async () => {
  const { status, json, text } = await create({ dictionary: [] });
  assert.equal(status, 200, text);
  assert.deepEqual(json.dictionary, {});
});

test('dtmf_protocol_is_one_of_three', async () => {
  for (const protocol of ['sipinfo', 'rfc2833', 'sipmessage', null]) {
    assert.equal((await create({ dtmf_protocol: protocol })).json.dtmf_protocol, protocol);
  }
  await isRefusedFor({ dtmf_protocol: 'inband' }, 'dtmf_protocol');
});

test('blocked_cannot_be_set_here', async () => {
  assert.equal((await create({ blocked: true })).json.blocked, false);
});

test('all_mistakes_are_answered_at_once_with_the_first_one_as_message', async () => {
  const taken = (await createAccount(dialtone)).username;
  const { json } = await isRefusedFor({ username: taken, password: 'short', email: 'none', phone: '12', dictionary: ['a'] },
    'email', 'phone', 'dictionary', 'password', 'username');
  assert.equal(json.message, `${json.errors.email[0]} (and 4 more errors)`);
});

test('refused_account_leaves_nothing_behind', async () => {
  const username = randomName();
  await isRefusedFor({ username, email: 'none' }, 'email');
  assert.deepEqual(await dialtone.sql(`SELECT count(*) FROM accounts WHERE username = '${username}'`), [['0']]);
  assert.equal((await create({ username })).status, 200);
});
