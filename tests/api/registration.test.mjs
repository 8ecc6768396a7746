/* Accounts that people make for themselves: accounts-api I.5, 9.1, 9.5, 16 (3, 10, 18, 26). */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAccount, createUser, login, randomName, readAccount } from '../lib/accounts.mjs';
import { Contract } from '../lib/contract.mjs';
import { hash } from '../lib/digest.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { createKnownSpace } from '../lib/spaces.mjs';
import { atOnce, creationToken, jobOf, keyOf, newPhone } from '../lib/tokens.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await ownInstance({ options: ['--workers', '4'] });
const contract = await Contract.of(dialtone);
const other = await createKnownSpace(dialtone);
const WITH_TOKEN = '/api/accounts/with-account-creation-token';

async function register(fields = {}, { path = WITH_TOKEN, at = dialtone, ...options } = {}) {
  const body = { username: randomName(), password: 'quite long enough', account_creation_token: await creationToken(at), ...fields };
  const answer = await at.api('POST', path, { body, ...options });
  contract.check('POST', path, answer);
  return Object.assign(answer, { body });
}

const registerPublic = (fields, options) => register(fields, { path: '/api/accounts/public', ...options });

async function isRefusedFor(answer, ...names) {
  assert.equal(answer.status, 422, answer.text);
  assert.deepEqual(Object.keys(answer.json.errors).sort(), names.sort(), answer.text);
}

const tokenRow = async (token) => (await dialtone.sql(`SELECT used, account_id FROM account_creation_tokens WHERE token_hash = sha256('${token}')`))[0];
const expire = (token) => dialtone.sql(`UPDATE account_creation_tokens SET expires_at = now() WHERE token_hash = sha256('${token}')`);
const accounts = async (username) => Number((await dialtone.sql(`SELECT count(*) FROM accounts WHERE username = '${username}'`))[0][0]);

test('account_of_a_token_is_not_activated_and_has_the_token_used_up', async () => {
  const { status, json, body } = await register({ dtmf_protocol: 'sipinfo', algorithm: 'MD5' }, { headers: { 'User-Agent': 'a phone' } });
  assert.equal(status, 200);
  assert.deepEqual([json.username, json.domain, json.activated, json.admin, json.dtmf_protocol], [body.username, 'dialtone.test', false, false, 'sipinfo']);
  assert.deepEqual(json.passwords, [{ algorithm: 'MD5' }]);
  assert.match(json.provisioning_token, /^[A-Za-z0-9]{13}$/);
  assert.equal(json.confirmation_key, undefined);
  assert.equal(json.ip_address, '127.0.0.1');
  const [[space]] = await dialtone.sql("SELECT name FROM spaces WHERE domain = 'dialtone.test'");
  assert.equal(json.user_agent, space, 'not that of the phone');
  const stored = await dialtone.sql(`SELECT password FROM passwords WHERE account_id = ${json.id}`);
  assert.deepEqual(stored, [[hash('MD5', `${body.username}:dialtone.test:${body.password}`)]]);
  assert.deepEqual(await tokenRow(body.account_creation_token), ['t', String(json.id)]);
});

test('16.3 only what is theirs to say is taken from people', async () => {
  const more = { email: 'a@example.org', phone: newPhone(), display_name: 'A', dictionary: { a: 'b' }, blocked: true, asAdmin: true, id: 7, confirmation_key_expires: '2040-01-31 23:59:59' };
  const { status, json } = await register(more);
  assert.equal(status, 200);
  assert.deepEqual([json.email, json.phone, json.display_name, json.dictionary, json.blocked, json.admin, json.confirmation_key_expires], [null, null, null, {}, false, false, null]);
  for (const value of [true, false, 1, '0', 'x', [], { a: 1 }]) {
    await isRefusedFor(await register({ admin: value, activated: value }), 'admin', 'activated');
  }
  const token = await creationToken(dialtone);
  const query = await dialtone.api('POST', `${WITH_TOKEN}?username=${randomName()}&password=long-enough-1&account_creation_token=${token}&admin=1`);
  assert.equal(query.status, 422, 'nothing is taken from a query string');
  assert.deepEqual(await tokenRow(token), ['f', '']);
});

test('alias_of_older_clients_takes_the_token_by_its_older_name', async () => {
  const token = await creationToken(dialtone);
  const { status } = await register({ account_creation_token: undefined, token }, { path: '/api/accounts/with-token' });
  assert.equal(status, 200);
  assert.equal((await tokenRow(token))[0], 't');
  await isRefusedFor(await register({ account_creation_token: undefined, token }), 'account_creation_token');
});

test('token_that_is_unknown_used_expired_or_foreign_makes_no_account', async () => {
  const used = (await register()).body.account_creation_token;
  const expired = await creationToken(dialtone);
  await expire(expired);
  const foreign = await creationToken(other.dialtone);
  for (const [token, text] of [['nosuchtoken12', /unknown or already used/], [used, /unknown or already used/], [expired, /expired/], [foreign, /unknown or already used/]]) {
    const answer = await register({ account_creation_token: token });
    await isRefusedFor(answer, 'account_creation_token');
    assert.match(answer.json.message, text);
    assert.equal(await accounts(answer.body.username), 0);
  }
  assert.deepEqual(await tokenRow(foreign), ['f', '']);
});

test('account_that_is_refused_leaves_its_token_unused', async () => {
  const token = await creationToken(dialtone);
  const { username } = await createAccount(dialtone);
  const refuse = (fields) => register({ account_creation_token: token, ...fields });
  await isRefusedFor(await refuse({ username }), 'username');
  await isRefusedFor(await refuse({ username: '+33612345678' }), 'username');
  await isRefusedFor(await refuse({ password: 'short' }), 'password');
  await isRefusedFor(await refuse({ algorithm: 'SHA-1' }), 'algorithm');
  await isRefusedFor(await refuse({ domain: 'nowhere.example.org' }), 'domain');
  await isRefusedFor(await refuse({ username: 'x', password: undefined, dtmf_protocol: 'inband', account_creation_token: 'short' }), 'username', 'password', 'dtmf_protocol', 'account_creation_token');
  assert.deepEqual(await tokenRow(token), ['f', '']);
  assert.equal((await refuse({})).status, 200);
});

test('password_that_people_choose_is_none_that_is_guessed_first', async () => {
  const answer = await register({ password: 'Password123' });
  await isRefusedFor(answer, 'password');
  assert.match(answer.json.message, /guessed first/);
});

test('domain_is_that_of_the_host', async () => {
  assert.equal((await register({ domain: 'DIALTONE.test' })).json.domain, 'dialtone.test');
  /* One that there is looks like one that there is not. */
  const answers = await Promise.all([other.domain, 'nowhere.example.org'].map((domain) => register({ domain })));
  for (const answer of answers) await isRefusedFor(answer, 'domain');
  assert.deepEqual(answers[0].json, answers[1].json);
  assert.equal((await register({}, { at: other.dialtone })).json.domain, other.domain);
});

test('full_space_is_403_before_anything_else_and_leaves_the_token', async () => {
  const full = await createKnownSpace(dialtone, { max_accounts: 1 });
  const token = await creationToken(full.dialtone);
  assert.equal((await register({}, { at: full.dialtone })).status, 200);
  for (const fields of [{ account_creation_token: token }, { account_creation_token: token, username: '' }]) {
    const answer = await register(fields, { at: full.dialtone });
    assert.equal(answer.status, 403);
    assert.deepEqual(answer.json, { message: 'This space cannot hold more accounts.' });
  }
  assert.deepEqual(await tokenRow(token), ['f', '']);
  assert.deepEqual(await dialtone.sql(`SELECT count(*) FROM accounts WHERE domain = '${full.domain}'`), [['1']]);
});

test('of_100_accounts_with_one_token_exactly_one_is_made', async () => {
  const token = await creationToken(dialtone);
  const prefix = randomName('race');
  const answers = await atOnce(100, (i) => register({ username: `${prefix}.${i}`, account_creation_token: token }));
  assert.deepEqual(answers, { 200: 1, 422: 99 });
  assert.deepEqual(await dialtone.sql(`SELECT count(*) FROM accounts WHERE username LIKE '${prefix}.%'`), [['1']]);
});

test('token_that_is_consumed_and_registered_with_at_once_is_used_once', async () => {
  const user = await createUser(dialtone);
  for (let round = 0; round < 5; round++) {
    const token = await creationToken(dialtone);
    const statuses = await Promise.all(Array.from({ length: 20 }, async (_, i) => (i % 2
      ? register({ account_creation_token: token })
      : dialtone.api('POST', '/api/account_creation_tokens/consume', { key: user.key, body: { account_creation_token: token } })).then(({ status }) => status)));
    assert.equal(statuses.filter((status) => status === 200).length, 1, statuses.join());
    assert.ok(statuses.every((status) => [200, 404, 422].includes(status)), statuses.join());
  }
});

test('of_tokens_for_one_name_all_but_one_stay_unused', async () => {
  const username = randomName();
  const tokens = await Promise.all(Array.from({ length: 12 }, () => creationToken(dialtone)));
  assert.deepEqual(await atOnce(12, (i) => register({ username, account_creation_token: tokens[i] })), { 200: 1, 422: 11 });
  const used = await Promise.all(tokens.map(tokenRow));
  assert.equal(used.filter(([is]) => is === 't').length, 1);
});

test('registered_account_is_told_like_any_other', async () => {
  const { json } = await register();
  const read = await readAccount(dialtone, json.id);
  assert.match(read.confirmation_key, /^[A-Za-z0-9]{13}$/, 'for administrators');
  assert.equal(read.provisioning_token, json.provisioning_token);
});

/* The calls of old clients. */

const activate = (account, kind, body) => dialtone.api('POST', `/api/accounts/${account.username}@${account.domain}/activate/${kind}`, { body });
const recover = (name, key, method = 'GET') => dialtone.api(method, `/api/accounts/${name}@dialtone.test/recover/${key}`);
const recoverByPhone = async (phone, token) => dialtone.api('POST', '/api/accounts/recover-by-phone',
  { body: { phone, account_creation_token: token ?? await creationToken(dialtone) } });
const attempts = async (id) => (await dialtone.sql(`SELECT attempts FROM confirmation_keys WHERE account_id = ${id}`))[0]?.[0];

test('public_account_with_an_address_is_activated_by_the_key_of_its_mail', async () => {
  const email = `${randomName()}@example.org`;
  const { status, json, body } = await registerPublic({ email, phone: newPhone() }, { headers: { 'User-Agent': 'old phone', 'Accept-Language': 'fr' } });
  assert.equal(status, 200);
  assert.deepEqual([json.username, json.email, json.phone, json.activated, json.user_agent], [body.username, email, body.phone, false, 'old phone']);
  assert.deepEqual(await tokenRow(body.account_creation_token), ['t', String(json.id)]);
  const { kind, payload } = await jobOf(dialtone, json.id);
  assert.equal(kind, 'mail.registration_link');
  assert.deepEqual({ ...payload, key: '' }, { email, key: '', language: 'fr', minutes: 1440 });
  assert.match(payload.key, /^[A-Za-z0-9]{13}$/);
  assert.equal((await activate(json, 'phone', { code: '1234' })).status, 404, 'it is no code of a phone');
  const activated = await activate(json, 'email', { confirmation_key: payload.key });
  assert.equal(activated.status, 200, activated.text);
  assert.deepEqual([activated.json.activated, activated.json.confirmation_key_expires, activated.json.provisioning_token], [true, null, null]);
  assert.equal((await activate(json, 'email', { code: payload.key })).status, 404, 'a key opens once');
  await login(dialtone, { username: json.username, password: body.password });
});

test('public_account_with_a_number_alone_is_called_by_it_and_gets_digits', async () => {
  const phone = newPhone();
  const { status, json } = await registerPublic({ username: undefined, phone });
  assert.equal(status, 200);
  assert.deepEqual([json.username, json.phone], [phone, phone]);
  const { kind, payload } = await jobOf(dialtone, json.id);
  assert.equal(kind, 'sms.creation_code');
  assert.deepEqual({ ...payload, code: '' }, { phone, code: '', language: 'en', minutes: 10 });
  assert.match(payload.code, /^[1-9][0-9]{3}$/);
  assert.equal((await activate(json, 'phone', { confirmation_key: payload.code })).json.activated, true);
});

test('public_account_needs_a_name_and_a_way_to_reach_its_owner', async () => {
  await isRefusedFor(await registerPublic({}), 'email', 'phone');
  await isRefusedFor(await registerPublic({ username: undefined }), 'username', 'email', 'phone');
  await isRefusedFor(await registerPublic({ username: undefined, email: 'a@example.org' }), 'username');
  await isRefusedFor(await registerPublic({ phone: '0612345678' }), 'phone');
  await isRefusedFor(await registerPublic({ email: 'a@example.org', domain: other.domain }), 'domain');
  await isRefusedFor(await registerPublic({ email: 'a@example.org', password: 'qwertyuiop' }), 'password');
  await isRefusedFor(await registerPublic({ email: 'a@example.org', account_creation_token: undefined }), 'account_creation_token');
  const phone = newPhone();
  await createAccount(dialtone, { phone });
  await isRefusedFor(await registerPublic({ username: phone, email: `${randomName()}@example.org` }), 'username');
  await isRefusedFor(await registerPublic({ phone }), 'phone');
});

test('public_account_that_is_refused_sends_nothing', async () => {
  const [[jobs]] = await dialtone.sql('SELECT count(*) FROM jobs');
  const token = await creationToken(dialtone);
  await isRefusedFor(await registerPublic({ email: 'a@example.org', username: 'x', account_creation_token: token }), 'username');
  assert.deepEqual(await dialtone.sql('SELECT count(*) FROM jobs'), [[jobs]]);
  assert.deepEqual(await tokenRow(token), ['f', '']);
});

test('16.10 three wrong keys and the right one opens nothing any more', async () => {
  const account = await createAccount(dialtone, { activated: false });
  const wrong = { confirmation_key: 'nosuchkey1234' };
  for (let i = 0; i < 3; i++) assert.equal((await activate(account, 'email', wrong)).status, 404);
  assert.equal((await activate(account, 'email', { confirmation_key: account.confirmation_key })).status, 404);
  assert.equal((await readAccount(dialtone, account.id)).activated, false);
});

test('16.10 of 100 guesses at once no more than three are looked at', async () => {
  const phone = newPhone();
  const account = await createAccount(dialtone, { activated: false, phone });
  await recoverByPhone(phone);
  const key = await keyOf(dialtone, account.id);
  const wrong = key === '1234' ? '4321' : '1234';
  assert.deepEqual(await atOnce(100, () => activate(account, 'phone', { code: wrong })), { 404: 100 });
  assert.equal(await attempts(account.id), '3');
  assert.equal((await activate(account, 'phone', { code: key })).status, 404);
  assert.equal((await recover(account.username, key)).status, 404);
});

test('of_100_uses_of_one_key_exactly_one_succeeds', async () => {
  const account = await createAccount(dialtone, { activated: false });
  await dialtone.sql(`UPDATE confirmation_keys SET attempts = -200 WHERE account_id = ${account.id}`);
  assert.deepEqual(await atOnce(100, () => activate(account, 'email', { confirmation_key: account.confirmation_key })), { 200: 1, 404: 99 });
});

test('key_that_has_expired_is_403_to_those_who_know_it', async () => {
  const account = await createAccount(dialtone, { activated: false, confirmation_key_expires: '2020-01-01 00:00:00' });
  assert.equal((await activate(account, 'email', { confirmation_key: 'nosuchkey1234' })).status, 404);
  const answer = await activate(account, 'email', { confirmation_key: account.confirmation_key });
  assert.equal(answer.status, 403);
  assert.deepEqual(answer.json, { message: 'This key has expired.' });
  assert.equal((await readAccount(dialtone, account.id)).activated, false);
});

test('account_that_an_administrator_deactivated_stays_so', async () => {
  const phone = newPhone();
  const account = await createAccount(dialtone, { phone });
  assert.equal((await dialtone.api('POST', `/api/accounts/${account.id}/deactivate`, { as: 'admin' })).status, 200);
  await recoverByPhone(phone);
  assert.equal((await activate(account, 'phone', { code: await keyOf(dialtone, account.id) })).json.activated, false);
});

test('blocked_account_is_403_to_those_who_know_its_key', async () => {
  const account = await createAccount(dialtone, { activated: false });
  await dialtone.api('POST', `/api/accounts/${account.id}/block`, { as: 'admin' });
  assert.equal((await activate(account, 'email', { code: 'nosuchkey1234' })).status, 404);
  assert.deepEqual((await activate(account, 'email', { code: account.confirmation_key })).json, { message: 'This account is blocked.' });
  assert.equal((await recover(account.username, account.confirmation_key)).status, 403);
});

test('tokens_of_what_is_deleted_meanwhile_stay_unused', async () => {
  const phone = newPhone();
  const { id } = await createAccount(dialtone, { phone });
  const tokens = await Promise.all(Array.from({ length: 20 }, () => creationToken(dialtone)));
  const [removed, ...answers] = await Promise.all([dialtone.api('DELETE', `/api/accounts/${id}`, { as: 'admin' }), ...tokens.map((token) => recoverByPhone(phone, token))]);
  assert.equal(removed.status, 200);
  for (const [i, { status }] of answers.entries()) {
    assert.ok(status === 200 || status === 404, String(status));
    assert.equal((await tokenRow(tokens[i]))[0], status === 200 ? 't' : 'f');
  }
});

test('accounts_of_another_space_are_none', async () => {
  const theirs = await createAccount(other.dialtone, { activated: false, phone: newPhone() });
  assert.equal((await activate(theirs, 'email', { confirmation_key: theirs.confirmation_key })).status, 404);
  assert.equal((await dialtone.api('GET', `/api/accounts/${theirs.phone}/info-by-phone`)).status, 404);
  assert.equal((await recoverByPhone(theirs.phone)).status, 404);
});

test('recovery_by_phone_shows_the_ha1_once', async () => {
  const phone = newPhone();
  const account = await createAccount(dialtone, { activated: false, phone });
  const token = await creationToken(dialtone);
  const sent = await recoverByPhone(phone, token);
  assert.deepEqual([sent.status, sent.text], [200, '']);
  assert.deepEqual(await tokenRow(token), ['t', String(account.id)]);
  await isRefusedFor(await recoverByPhone(phone, token), 'account_creation_token');
  const { kind, payload } = await jobOf(dialtone, account.id);
  assert.deepEqual([kind, payload.phone, payload.minutes], ['sms.recovery_code', phone, 10]);
  const answer = await recover(phone, payload.code);
  assert.equal(answer.status, 200, answer.text);
  const [[ha1]] = await dialtone.sql(`SELECT password FROM passwords WHERE account_id = ${account.id}`);
  assert.deepEqual(answer.json.passwords, [{ password: ha1, algorithm: 'SHA-256' }]);
  assert.deepEqual([answer.json.activated, answer.header('cache-control')], [true, 'no-store']);
  assert.equal((await recover(phone, payload.code)).status, 404);
});

test('head_uses_no_recover_key_up_and_guesses_none', async () => {
  const phone = newPhone();
  const account = await createAccount(dialtone, { activated: false, phone });
  await recoverByPhone(phone);
  const key = await keyOf(dialtone, account.id);
  for (let i = 0; i < 5; i++) assert.equal((await recover(account.username, key, 'HEAD')).status, 200);
  assert.equal((await readAccount(dialtone, account.id)).activated, false);
  const wrong = key === '1234' ? '4321' : '1234';
  for (let i = 0; i < 3; i++) assert.equal((await recover(account.username, wrong, 'HEAD')).status, 404);
  assert.equal((await recover(account.username, key, 'HEAD')).status, 404);
  assert.equal((await recover(account.username, key)).status, 404);
});

test('recover_key_is_over_after_ten_minutes', async () => {
  const phone = newPhone();
  const account = await createAccount(dialtone, { activated: false, phone });
  await recoverByPhone(phone);
  const [[minutes]] = await dialtone.sql(`SELECT round(extract(epoch FROM expires_at - created_at) / 60) FROM confirmation_keys WHERE account_id = ${account.id}`);
  assert.equal(minutes, '10');
  await dialtone.sql(`UPDATE confirmation_keys SET expires_at = now() WHERE account_id = ${account.id}`);
  assert.equal((await recover(account.username, await keyOf(dialtone, account.id))).status, 403);
});

test('number_tells_whether_it_has_an_account', async () => {
  const phone = newPhone();
  await createAccount(dialtone, { phone, activated: true });
  const info = (number) => dialtone.api('GET', `/api/accounts/${number}/info-by-phone`);
  assert.deepEqual((await info(phone)).json, { activated: true, realm: null, phone: true });
  const name = newPhone();
  await registerPublic({ username: name, email: `${randomName()}@example.org` });
  assert.deepEqual((await info(name)).json, { activated: false, realm: null, phone: false });
  assert.equal((await info(newPhone())).status, 404);
  for (const number of ['alice@dialtone.test', '0612345678', 'x']) await isRefusedFor(await info(number), 'phone');
});

test('keys_and_codes_stand_in_no_log_nor_in_the_database', async () => {
  const { json } = await registerPublic({ email: `${randomName()}@example.org` });
  const key = await keyOf(dialtone, json.id);
  await activate(json, 'email', { confirmation_key: key });
  await recover(json.username, key);
  assert.deepEqual(await dialtone.leaks([key]), []);
  for (const table of ['confirmation_keys', 'jobs']) assert.deepEqual(await dialtone.sql(`SELECT count(*) FROM ${table} t WHERE t::text LIKE '%${key}%'`), [['0']]);
});

test('16.28 the dangerous four are not there unless they are switched on, which is told', async () => {
  assert.match(await dialtone.log('api'), /dangerous_endpoints is on/);
  const account = await createAccount(dialtone, { activated: false, phone: newPhone() });
  await dialtone.configureApi({ dangerous_endpoints: false });
  const before = await dialtone.sql('SELECT (SELECT count(*) FROM accounts), (SELECT count(*) FROM jobs)');
  for (const answer of [
    await registerPublic({ email: `${randomName()}@example.org` }), await registerPublic({ username: 7 }),
    await dialtone.api('POST', '/api/accounts/public', { body: '{', headers: { 'Content-Type': 'application/json' } }),
    await recoverByPhone(account.phone), await recoverByPhone('x'), await recover(account.username, account.confirmation_key),
    await dialtone.api('GET', `/api/accounts/${account.phone}/info-by-phone`), await dialtone.api('GET', '/api/accounts/x/info-by-phone'),
  ]) {
    assert.equal(answer.status, 404, answer.text);
    assert.deepEqual(answer.json, { message: 'No such resource.' });
  }
  assert.deepEqual(await dialtone.sql('SELECT (SELECT count(*) FROM accounts), (SELECT count(*) FROM jobs)'), before);
  assert.equal((await activate(account, 'email', { code: account.confirmation_key })).status, 200, 'this pair is always there');
});

test('registration_goes_on_once_the_database_is_back', async () => {
  await dialtone.stop('postgres');
  const body = { username: randomName(), password: 'quite long enough', account_creation_token: 'nosuchtoken12' };
  assert.equal((await dialtone.api('POST', WITH_TOKEN, { body })).status, 503);
  await dialtone.start('postgres');
  await until(async () => (await dialtone.api('POST', WITH_TOKEN, { body })).status === 422, { what: 'the database' });
});
