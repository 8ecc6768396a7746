/* Users change their own password: what it takes, and what ends with the old one (accounts-api I.6; 16, items 13, 26 and 30). */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAccount, createUser, login, readAccount } from '../lib/accounts.mjs';
import { challenge, digestRequest, hash } from '../lib/digest.mjs';
import { ownInstance } from '../lib/instance.mjs';

const FRESH = 'battery staple';
const dialtone = await ownInstance();

const change = (body, options) => dialtone.api('POST', '/api/accounts/me/password', { body, ...options });
const me = (options) => dialtone.api('GET', '/api/accounts/me', options).then(({ status }) => status);
const stored = async ({ id }) => Object.fromEntries((await dialtone.sql(
  `SELECT algorithm, password FROM passwords WHERE account_id = ${id} ORDER BY algorithm`)));

function isWrongOld(answer) {
  assert.equal(answer.status, 422, answer.text);
  assert.deepEqual(answer.json, { message: 'This is not the password of the account.',
    errors: { old_password: ['This is not the password of the account.'] } });
}

test('the_right_old_password_replaces_what_is_stored_by_the_new_one_alone', async () => {
  const user = await createUser(dialtone, { algorithm: 'MD5' });
  const answer = await change({ password: FRESH, old_password: user.password }, { token: user.token });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.json.id, user.id);
  assert.deepEqual(answer.json.passwords, [{ algorithm: 'SHA-256' }]);
  assert.deepEqual(await stored(user), { 'SHA-256': hash('SHA-256', `${user.username}:${user.domain}:${FRESH}`) });
  await login(dialtone, { ...user, password: FRESH });
});

test('a_wrong_or_missing_old_password_changes_nothing', async () => {
  const user = await createUser(dialtone);
  const before = await stored(user);
  isWrongOld(await change({ password: FRESH, old_password: 'not it' }, { token: user.token }));
  isWrongOld(await change({ password: FRESH, old_password: ` ${user.password} ` }, { token: user.token }));
  const missing = await change({ password: FRESH }, { token: user.token });
  assert.deepEqual(missing.json.errors, { old_password: ['The old_password field is required.'] });
  const all = await change({ password: 'short', algorithm: '123' }, { token: user.token });
  assert.deepEqual(Object.keys(all.json.errors).sort(), ['algorithm', 'old_password', 'password']);
  const long = await change({ password: FRESH, old_password: 'x'.repeat(1025) }, { token: user.token });
  assert.deepEqual(long.json.errors, { old_password: ['The old_password value may hold at most 1024 characters.'] });
  const french = await change({ password: FRESH, old_password: 'not it' }, { token: user.token, headers: { 'Accept-Language': 'fr' } });
  assert.deepEqual(french.json.errors.old_password, ["Ce n'est pas le mot de passe du compte."]);
  assert.deepEqual(await stored(user), before);
});

test('a_password_that_everybody_guesses_is_refused', async () => {
  const user = await createUser(dialtone);
  const answer = await change({ password: 'PassWord1', old_password: user.password }, { token: user.token });
  assert.deepEqual(Object.keys(answer.json.errors), ['password'], answer.text);
});

test('the_first_password_needs_no_old_one_and_the_second_does', async () => {
  const user = await createUser(dialtone);
  await dialtone.sql(`DELETE FROM passwords WHERE account_id = ${user.id}`);
  assert.equal((await change({ password: FRESH }, { key: user.key })).status, 200);
  assert.equal((await change({ password: FRESH }, { key: user.key })).status, 422);
});

test('the_first_password_is_told_to_the_owner_once_by_mail', async () => {
  const user = await createUser(dialtone, { email: `${Date.now()}@example.org` });
  const mails = () => dialtone.sql(`SELECT payload->>'email', payload->>'language' FROM jobs WHERE account_id = ${user.id} AND kind = 'mail.registration_confirmed'`);
  await dialtone.sql(`DELETE FROM passwords WHERE account_id = ${user.id}`);
  await change({ password: FRESH }, { key: user.key, headers: { 'Accept-Language': 'it' } });
  assert.deepEqual(await mails(), [[user.email, 'it']]);
  await change({ password: `${FRESH} 2`, old_password: FRESH }, { key: user.key });
  assert.equal((await mails()).length, 1);
});

test('of_many_first_passwords_at_once_one_is_taken', async () => {
  const user = await createUser(dialtone);
  await dialtone.sql(`DELETE FROM passwords WHERE account_id = ${user.id}`);
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => change({ password: `${FRESH} ${i}` }, { key: user.key })));
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  assert.ok(answers.every(({ status }) => status === 200 || status === 422));
});

test('of_many_changes_at_once_with_the_same_old_password_one_is_made', async () => {
  const user = await createUser(dialtone);
  const answers = await Promise.all(Array.from({ length: 8 }, (_, i) =>
    change({ password: `${FRESH} ${i}`, old_password: user.password }, { key: user.key })));
  const right = answers.findIndex(({ status }) => status === 200);
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  await login(dialtone, { ...user, password: `${FRESH} ${right}` });
});

test('other_sessions_keys_and_the_provisioning_token_end_and_what_was_shown_goes_on', async () => {
  const user = await createUser(dialtone);
  const other = await login(dialtone, user);
  const { provisioning_token: before } = await readAccount(dialtone, user.id);
  assert.ok(before);
  const answer = await change({ password: FRESH, old_password: user.password }, { token: user.token });
  assert.equal(answer.json.provisioning_token, null);
  assert.equal(await me({ token: user.token }), 200, 'the session that made the change');
  assert.equal(await me({ token: other }), 401);
  assert.equal(await me({ key: user.key }), 401);

  const again = await createUser(dialtone);
  assert.equal((await change({ password: FRESH, old_password: again.password }, { key: again.key })).status, 200);
  assert.equal(await me({ key: again.key }), 200, 'the key that made the change');
  assert.equal(await me({ token: again.token }), 401);
});

test('a_digest_nonce_is_worth_nothing_to_those_who_know_the_old_password', async () => {
  const user = await createUser(dialtone);
  const [line] = await challenge(dialtone, user);
  const body = { password: FRESH, old_password: user.password };
  const changed = await digestRequest(dialtone, user, { challenge: line, method: 'POST', path: '/api/accounts/me/password', body });
  assert.equal(changed.status, 200, changed.text);
  assert.equal((await digestRequest(dialtone, user, { challenge: line, nc: 2 })).status, 401);
});

test('wrong_old_passwords_lock_the_account_for_the_network_at_every_door', async () => {
  const user = await createUser(dialtone);
  for (let i = 0; i < 10; i++) isWrongOld(await change({ password: FRESH, old_password: `${i}` }, { token: user.token }));
  const right = await change({ password: FRESH, old_password: user.password }, { token: user.token });
  isWrongOld(right);
  assert.ok(Number(right.header('retry-after')) > 14 * 60);
  const door = await dialtone.api('POST', '/api/login', { body: { username: user.username, password: user.password } });
  assert.equal(door.status, 401);
});

test('it_activates_the_account_unless_an_administrator_deactivated_it', async () => {
  const [fresh, deactivated] = [await createUser(dialtone, { activated: false }), await createUser(dialtone)];
  assert.equal((await dialtone.api('POST', `/api/accounts/${deactivated.id}/deactivate`, { as: 'admin' })).status, 200);
  const wrong = await change({ password: FRESH, old_password: 'not it' }, { key: fresh.key });
  assert.equal(wrong.status, 422);
  assert.equal((await readAccount(dialtone, fresh.id)).activated, false);
  for (const [user, expected] of [[fresh, true], [deactivated, false]]) {
    const answer = await change({ password: FRESH, old_password: user.password }, { key: user.key });
    assert.equal(answer.json.activated, expected, answer.text);
  }
});

test('with_password_store_both_a_second_row_is_stored_and_strict_algorithm_refuses_another', async () => {
  const both = await ownInstance({ options: ['--set', 'password_store_both=true', '--set', 'strict_algorithm=true'] });
  const md5 = await both.api('POST', '/api/accounts', { as: 'admin', body: { username: 'alice.md5', password: FRESH, algorithm: 'MD5' } });
  assert.deepEqual(Object.keys(md5.json.errors), ['algorithm'], md5.text);
  const user = await createUser(both);
  assert.deepEqual(user.passwords, [{ algorithm: 'MD5' }, { algorithm: 'SHA-256' }]);
  const body = { password: FRESH, old_password: user.password };
  assert.equal((await both.api('POST', '/api/accounts/me/password', { body, token: user.token })).status, 200);
  const rows = await both.sql(`SELECT algorithm, password FROM passwords WHERE account_id = ${user.id} ORDER BY algorithm`);
  assert.deepEqual(rows, ['MD5', 'SHA-256'].map((a) => [a, hash(a, `${user.username}:${user.domain}:${FRESH}`)]));
  await both.sql("UPDATE spaces SET allowed_algorithms = '{SHA-256}'");
  await new Promise((resolve) => setTimeout(resolve, 1100));
  assert.deepEqual((await createAccount(both)).passwords, [{ algorithm: 'SHA-256' }], 'not what the space does not allow');
});
