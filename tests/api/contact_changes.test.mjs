/*
 * Users change their own e-mail address and phone number, with a code that is sent there (accounts-api I.8, I.9, II.7;
 * 16, items 10, 13, 21, 23 and 26).
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAccount, createUser, randomName, readAccount } from '../lib/accounts.mjs';
import { askFor, askedFor, confirm, createValidated, lastSent, newPhone, wrongOf } from '../lib/codes.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { atOnce, creationToken } from '../lib/tokens.mjs';

const dialtone = await sharedInstance();
const newAddress = () => `${randomName()}@example.org`;
const NEW = { email: newAddress, phone: newPhone };
const me = ({ key }) => dialtone.api('GET', '/api/accounts/me', { key });
const admin = (method, path, body) => dialtone.api(method, path, { as: 'admin', body });
const expire = ({ id }, kind) =>
  dialtone.sql(`UPDATE ${kind}_change_codes SET expires_at = now() WHERE account_id = ${id} AND code_hash IS NOT NULL`);

function isRefused(answer, status, field) {
  assert.equal(answer.status, status, answer.text);
  if (field) assert.deepEqual(Object.keys(answer.json.errors), [field]);
}

for (const kind of ['email', 'phone']) {
  test(`the_code_that_was_sent_makes_the_${kind}_the_accounts_own_once`, async () => {
    const user = await createValidated(dialtone, { activated: false });
    const value = NEW[kind]();
    const code = await askedFor(dialtone, user, kind, value);
    assert.match(code, /^[1-9][0-9]{3}$/);
    assert.equal((await readAccount(dialtone, user.id))[kind], null, 'not before');
    const answer = await confirm(dialtone, user, kind, code);
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.json[kind], value);
    assert.equal(answer.json.activated, true);
    assert.equal(answer.json[`${kind}_change_code`] ?? null, null);
    isRefused(await confirm(dialtone, user, kind, code), 404);
  });

  test(`three_wrong_codes_close_a_${kind}_change_to_the_right_one`, async () => {
    const user = await createValidated(dialtone);
    const code = await askedFor(dialtone, user, kind, NEW[kind]());
    for (let i = 0; i < 3; i++) {
      const wrong = await confirm(dialtone, user, kind, wrongOf(code));
      isRefused(wrong, 422, 'code');
      assert.deepEqual(wrong.json.errors.code, ['This code is wrong.']);
    }
    const over = await confirm(dialtone, user, kind, code);
    isRefused(over, 410);
    assert.equal(over.json.message, 'This code has expired.');
    assert.equal((await readAccount(dialtone, user.id))[kind], null);
  });

  test(`of_100_${kind}_codes_at_once_three_are_looked_at`, async () => {
    const user = await createValidated(dialtone);
    const code = await askedFor(dialtone, user, kind, NEW[kind]());
    assert.deepEqual(await atOnce(100, () => confirm(dialtone, user, kind, wrongOf(code))), { 410: 97, 422: 3 });
    isRefused(await confirm(dialtone, user, kind, code), 410);
  });

  test(`the_right_${kind}_code_given_100_times_at_once_opens_once`, async () => {
    const user = await createValidated(dialtone);
    const code = await askedFor(dialtone, user, kind, NEW[kind]());
    const { 200: opened, ...others } = await atOnce(100, () => confirm(dialtone, user, kind, code));
    assert.equal(opened, 1);
    assert.deepEqual(Object.keys(others).filter((status) => !['404', '410'].includes(status)), []);
  });

  test(`an_expired_${kind}_code_opens_nothing_and_none_is_none`, async () => {
    const user = await createValidated(dialtone);
    isRefused(await confirm(dialtone, user, kind, '1234'), 404);
    const code = await askedFor(dialtone, user, kind, NEW[kind]());
    await expire(user, kind);
    isRefused(await confirm(dialtone, user, kind, code), 410);
    for (const bad of ['123', '12345', 'abcd', '12 4', '+123', '', null, '١٢٣٤'])
      isRefused(await confirm(dialtone, user, kind, bad), 422, 'code');
  });

  test(`a_newer_${kind}_request_takes_the_place_of_the_one_before`, async () => {
    const user = await createValidated(dialtone);
    const [first, second] = [NEW[kind](), NEW[kind]()];
    const [old, fresh] = [await askedFor(dialtone, user, kind, first), await askedFor(dialtone, user, kind, second)];
    if (old !== fresh) isRefused(await confirm(dialtone, user, kind, old), 422, 'code');
    assert.equal((await confirm(dialtone, user, kind, fresh)).json[kind], second);
  });

  test(`another_accounts_${kind}_code_is_a_wrong_one`, async () => {
    const [alice, bob] = [await createValidated(dialtone), await createValidated(dialtone)];
    const value = NEW[kind]();
    const code = await askedFor(dialtone, alice, kind, value);
    isRefused(await confirm(dialtone, bob, kind, code), 404);
    const own = await askedFor(dialtone, bob, kind, value);
    if (own !== code) isRefused(await confirm(dialtone, bob, kind, code), 422, 'code');
    assert.equal((await confirm(dialtone, alice, kind, code)).status, 200);
  });

  test(`a_${kind}_of_another_account_is_refused_when_asked_for_and_when_confirmed`, async () => {
    const value = NEW[kind]();
    const [user, rival] = [await createValidated(dialtone), await createValidated(dialtone)];
    const code = await askedFor(dialtone, user, kind, value);
    await createAccount(dialtone, { [kind]: value });
    isRefused(await askFor(dialtone, rival, kind, kind === 'email' ? value.toUpperCase() : value), 422, kind);
    isRefused(await confirm(dialtone, user, kind, code), 422, kind);
    assert.equal((await readAccount(dialtone, user.id))[kind], null);
  });

  test(`two_accounts_that_confirm_the_same_${kind}_at_once_do_not_both_have_it`, async () => {
    const value = NEW[kind]();
    const users = await Promise.all(Array.from({ length: 8 }, () => createValidated(dialtone)));
    const codes = await Promise.all(users.map((user) => askedFor(dialtone, user, kind, value)));
    assert.deepEqual(await atOnce(users.length, (i) => confirm(dialtone, users[i], kind, codes[i])), { 200: 1, 422: 7 });
  });
}

test('an_account_that_no_token_validated_is_refused_before_its_input_is_judged', async () => {
  const user = await createUser(dialtone);
  for (const [kind, value] of [['phone', 'garbage'], ['phone', newPhone()], ['email', 'garbage'], ['email', newAddress()]])
    isRefused(await askFor(dialtone, user, kind, value), 403);
  const body = { account_creation_token: await creationToken(dialtone) };
  await dialtone.api('POST', '/api/account_creation_tokens/consume', { key: user.key, body });
  isRefused(await askFor(dialtone, user, 'phone', 'garbage'), 422, 'phone');
  assert.equal((await askFor(dialtone, user, 'phone', newPhone())).status, 200);
});

test('the_address_that_an_account_has_is_not_asked_for_again', async () => {
  const email = newAddress();
  const user = await createValidated(dialtone, { email });
  for (const same of [email, email.toUpperCase()]) isRefused(await askFor(dialtone, user, 'email', same), 422, 'email');
});

test('the_sixth_request_in_half_an_hour_blocks_the_account_until_an_administrator_unblocks_it', async () => {
  const user = await createValidated(dialtone);
  for (let i = 0; i < 5; i++)
    assert.equal((await askFor(dialtone, user, ...(i % 2 ? ['email', newAddress()] : ['phone', newPhone()]))).status, 200);
  isRefused(await askFor(dialtone, user, 'email', 'garbage'), 403);
  assert.equal((await me(user)).status, 403);
  assert.equal((await readAccount(dialtone, user.id)).blocked, true);
  assert.match(await dialtone.log('api'), new RegExp(`account=${user.id} is blocked: it asked for 5 codes in 30 minutes`));
  await dialtone.sql(`UPDATE phone_change_codes SET created_at = now() - interval '31 minutes' WHERE account_id = ${user.id}`);
  assert.equal((await admin('POST', `/api/accounts/${user.id}/unblock`)).status, 200);
  assert.equal((await askFor(dialtone, user, 'phone', newPhone())).status, 200);
});

test('of_100_requests_at_once_five_are_sent', async () => {
  const user = await createValidated(dialtone);
  assert.deepEqual(await atOnce(100, () => askFor(dialtone, user, 'phone', newPhone())), { 200: 5, 403: 95 });
  assert.deepEqual(await dialtone.sql(`SELECT count(*), count(code_hash) FROM phone_change_codes WHERE account_id = ${user.id}`), [['5', '1']]);
  assert.deepEqual(await dialtone.sql(`SELECT count(*) FROM jobs WHERE account_id = ${user.id}`), [['5']]);
});

test('what_waits_is_seen_by_its_owner_without_the_code', async () => {
  const user = await createValidated(dialtone);
  const [email, phone] = [newAddress(), newPhone()];
  const headers = { 'User-Agent': 'test/1', 'Accept-Language': 'it' };
  await askFor(dialtone, user, 'email', email, { headers });
  await askFor(dialtone, user, 'phone', phone);
  const own = (await me(user)).json;
  const { created_at: at } = own.email_change_code;
  assert.match(at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  assert.deepEqual(Object.entries(own.email_change_code),
    Object.entries({ email, created_at: at, updated_at: at, ip: '127.0.0.1', user_agent: 'test/1' }));
  assert.deepEqual(own.email_changed, { new_email: email, created_at: at });
  assert.equal('phone_change_code' in own, false);
  const shown = await readAccount(dialtone, user.id);
  assert.equal(shown.phone_change_code.phone, phone);
  assert.equal(JSON.stringify(shown).includes('"code":'), false, 'admin_show_codes is off');
  const { code, ...sent } = await lastSent(dialtone, user, 'email');
  assert.deepEqual(sent, { email, language: 'it', minutes: 10 });
  assert.deepEqual(await dialtone.sql(`SELECT code_sealed FROM email_change_codes WHERE account_id = ${user.id} AND code_sealed IS NOT NULL`), []);
  assert.match(code, /^\d{4}$/);
});

test('an_account_that_an_administrator_deactivated_stays_so', async () => {
  const user = await createValidated(dialtone);
  await admin('POST', `/api/accounts/${user.id}/deactivate`);
  const code = await askedFor(dialtone, user, 'phone', newPhone());
  assert.equal((await confirm(dialtone, user, 'phone', code)).json.activated, false);
});

test('a_number_is_asked_for_in_any_spelling', async () => {
  const user = await createValidated(dialtone);
  const number = `+4420794${10000 + Math.floor(Math.random() * 89999)}`;
  const code = await askedFor(dialtone, user, 'phone', number.replace('+44', '+440'));
  assert.equal((await confirm(dialtone, user, 'phone', code)).json.phone, number);
});
