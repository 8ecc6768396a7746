/* POST /api/login, POST /api/logout, GET /api/user/me and the token between them (cti-api 1.0 to 1.5). */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { test } from 'node:test';

import { createAccount, createUser, login, randomName } from '../lib/accounts.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { payloadOf, signed, unsigned } from '../lib/jwt.mjs';
import { keysOf } from '../lib/keys.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await sharedInstance();
const FORTNIGHT = 14 * 86400;
const user = await createUser(dialtone, { display_name: 'Alice Example', email: `${randomName()}@example.org`, phone: `+3363${crypto.randomInt(1e6, 1e7)}` });
const [key] = await keysOf(dialtone, 'jwt');

const attempt = (body, headers) => dialtone.api('POST', '/api/login', { body, headers });
const userMe = (token) => dialtone.api('GET', '/api/user/me', { token });

function isRefused(answer, message) {
  assert.equal(answer.status, 401, answer.text);
  assert.deepEqual(answer.json, { code: 401, message, data: null });
  assert.deepEqual(answer.all('www-authenticate'), ['Bearer realm="nethcti"']);
}

test('login_answers_the_token_and_its_end', async () => {
  const answer = await attempt({ username: user.username, password: user.password });
  assert.equal(answer.status, 200);
  assert.deepEqual(Object.keys(answer.json), ['code', 'expire', 'token']);
  assert.equal(answer.json.code, 200);
  const { exp } = payloadOf(answer.json.token);
  assert.equal(answer.json.expire, new Date(exp * 1000).toISOString().replace('.000Z', 'Z'));
});

test('token_is_a_jwt_with_the_claims_that_clients_read', async () => {
  const token = await login(dialtone, user);
  assert.ok(token.startsWith('eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.'));
  const { id, dom, jti, iat, exp, '2fa': twoFactor, otp_verified: verified } = payloadOf(token);
  assert.deepEqual([id, dom, twoFactor, verified], [user.username, 'dialtone.test', false, false]);
  assert.match(jti, /^[\w-]{22}$/);
  assert.equal(exp - iat, FORTNIGHT);
  assert.equal(token, signed(key, Buffer.from(token.split('.')[1], 'base64url').toString()));
});

test('name_is_taken_with_or_without_its_domain_and_in_any_case', async () => {
  for (const username of [user.username, user.username.toUpperCase(), ` ${user.username} `, `${user.username}@dialtone.test`, `${user.username}@DIALTONE.TEST`]) {
    const answer = await attempt({ username, password: user.password });
    assert.equal(answer.status, 200, username);
    assert.equal(payloadOf(answer.json.token).id, user.username);
  }
});

test('body_is_json_whatever_it_is_called_or_a_form', async () => {
  const { username, password } = user;
  const form = new URLSearchParams({ username, password }).toString();
  for (const [body, type] of [[JSON.stringify({ username, password }), 'application/x-www-form-urlencoded'], [JSON.stringify({ username, password }), 'text/plain'],
    [JSON.stringify({ username, password }), 'application/json;charset=UTF-8'], [form, 'application/x-www-form-urlencoded']]) {
    assert.equal((await attempt(body, { 'Content-Type': type })).status, 200, type);
  }
});

test('incomplete_login_is_401_with_the_text_of_old', async () => {
  const json = { 'Content-Type': 'application/json' };
  for (const body of [{}, { username: user.username }, { password: user.password }, { username: '', password: user.password }, { username: user.username, password: '' },
    { username: 1.5, password: user.password }, { username: user.username, password: ['x'] }, '{', '[]', 'nonsense', { username: 'a'.repeat(256), password: 'x' }, { username: 'a', password: 'x'.repeat(1025) }]) {
    isRefused(await attempt(body, json), 'missing Username or Password');
  }
});

test('wrong_password_and_unknown_user_look_the_same', async () => {
  for (const username of [user.username, 'nobody.at.all', `${user.username}@elsewhere.example.org`, "'; drop table accounts; --", 'a\\b', '%', '@', 'a@b@c']) {
    isRefused(await attempt({ username, password: 'wrong password' }), 'incorrect Username or Password');
  }
});

test('password_is_compared_as_it_is', async () => {
  const account = await createAccount(dialtone, { password: ' pässwörd ' });
  assert.equal((await attempt({ username: account.username, password: ' pässwörd ' })).status, 200);
  for (const password of ['pässwörd', ' passwörd ', ' PÄSSWÖRD ']) isRefused(await attempt({ username: account.username, password }), 'incorrect Username or Password');
});

test('both_algorithms_log_in', async () => {
  for (const algorithm of ['MD5', 'SHA-256']) await login(dialtone, await createAccount(dialtone, { algorithm }));
});

test('account_that_is_not_activated_may_log_in', async () => {
  await login(dialtone, await createAccount(dialtone, { activated: false }));
});

test('scheme_of_the_header_is_taken_in_any_case', async () => {
  for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
    assert.equal((await dialtone.api('GET', '/api/user/me', { headers: { Authorization: `${scheme} ${user.token}` } })).status, 200);
  }
});

test('token_opens_the_accounts_calls_as_well', async () => {
  assert.equal((await dialtone.api('GET', '/api/accounts/me', { token: user.token })).json.id, user.id);
  const admin = await createUser(dialtone, { admin: true });
  assert.equal((await dialtone.api('GET', '/api/accounts', { token: admin.token })).status, 200);
});

test('without_a_token_it_is_missing', async () => {
  isRefused(await dialtone.api('GET', '/api/user/me'), 'missing token');
  isRefused(await dialtone.api('GET', '/api/user/me', { headers: { Authorization: user.token } }), 'missing token');
  isRefused(await dialtone.api('GET', '/api/user/me', { query: { jwt: user.token } }), 'missing token');
});

test('token_that_is_not_ours_is_invalid', async () => {
  const payload = payloadOf(user.token);
  const [header, body, signature] = user.token.split('.');
  const forged = [
    'x', 'a.b.c', `${header}.${body}`, `${header}.${body}.`, `${user.token}.x`, `${user.token}A`, `${header}.${body}.${signature.slice(0, -2)}`,
    `${header}.${Buffer.from(JSON.stringify({ ...payload, id: 'superadmin' })).toString('base64url')}.${signature}`,
    signed(crypto.randomBytes(32), payload), signed(Buffer.alloc(32), payload), signed('', payload),
    unsigned(payload), unsigned(payload, { alg: 'None', typ: 'JWT' }), signed(key, payload, { alg: 'none', typ: 'JWT' }),
    signed(key, payload, { alg: 'HS512', typ: 'JWT' }, 'sha512'), signed(key, payload, { alg: 'RS256', typ: 'JWT' }),
    signed(key, payload, { alg: 'HS256', typ: 'JWT', crit: ['exp'] }),
    signed(key, { ...payload, exp: undefined }), signed(key, { ...payload, jti: undefined }), signed(key, { ...payload, id: 17 }), signed(key, { ...payload, exp: 'never' }),
    signed(key, '[]'), signed(key, 'nonsense'), `${'a'.repeat(3000)}.${'b'.repeat(3000)}.c`,
  ];
  for (const token of forged) isRefused(await userMe(token), 'invalid token');
});

test('expired_token_is_refused_as_expired', async () => {
  const payload = payloadOf(user.token);
  const now = Math.floor(Date.now() / 1000);
  isRefused(await userMe(signed(key, { ...payload, iat: now - FORTNIGHT - 60, exp: now - 60 })), 'token is expired');
});

test('token_without_a_session_is_revoked', async () => {
  const payload = payloadOf(user.token);
  isRefused(await userMe(signed(key, { ...payload, jti: crypto.randomBytes(16).toString('base64url') })), 'token revoked');
});

test('session_that_ended_in_the_database_has_ended', async () => {
  const token = await login(dialtone, user);
  await dialtone.sql(`UPDATE sessions SET expires_at = now() WHERE jti = '${payloadOf(token).jti}'`);
  isRefused(await userMe(token), 'token revoked');
});

test('token_speaks_for_nobody_else', async () => {
  const other = await createUser(dialtone);
  isRefused(await userMe(signed(key, { ...payloadOf(user.token), id: other.username })), 'token revoked');
});

test('accounts_calls_refuse_tokens_in_their_own_words', async () => {
  const answer = await dialtone.api('GET', '/api/accounts/me', { token: 'a.b.c' });
  assert.equal(answer.status, 401);
  assert.deepEqual(answer.json, { message: 'invalid token' });
  assert.deepEqual(answer.all('www-authenticate'), [`Bearer realm="${user.domain}", error="invalid_token", error_description="invalid token"`]);
});

test('logout_ends_the_presented_session_and_no_other', async () => {
  const [one, two] = [await login(dialtone, user), await login(dialtone, user)];
  assert.notEqual(one, two);
  const answer = await dialtone.api('POST', '/api/logout', { token: one });
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.json, { code: 200 });
  isRefused(await userMe(one), 'token revoked');
  isRefused(await dialtone.api('POST', '/api/logout', { token: one }), 'token revoked');
  assert.equal((await userMe(two)).status, 200);
});

test('logout_ignores_its_body', async () => {
  for (const body of [undefined, '', '{', { everything: true }]) {
    assert.equal((await dialtone.api('POST', '/api/logout', { token: await login(dialtone, user), body })).status, 200);
  }
});

test('session_is_mirrored_for_the_relays_until_logout', async () => {
  const token = await login(dialtone, user);
  const name = `cti1:{dialtone.test}:tok:${payloadOf(token).jti}`;
  await until(async () => (await dialtone.redis('hget', name, 'u')) === user.username, { what: 'the mirror' });
  assert.ok(Number(await dialtone.redis('ttl', name)) > FORTNIGHT - 60);
  await dialtone.api('POST', '/api/logout', { token });
  assert.equal(await dialtone.redis('exists', name), '0');
});

test('session_remembers_where_it_came_from', async () => {
  const answer = await attempt({ username: user.username, password: user.password }, { 'User-Agent': `desktop/3 ${'x'.repeat(400)}` });
  const [[ip, agent]] = await dialtone.sql(`SELECT host(ip), user_agent FROM sessions WHERE jti = '${payloadOf(answer.json.token).jti}'`);
  assert.equal(ip, '127.0.0.1');
  assert.match(agent, /^desktop\/3 x+$/);
});

test('user_me_is_the_object_that_the_web_client_needs', async () => {
  const { status, json } = await userMe(user.token);
  assert.equal(status, 200);
  const { name, username, endpoints, profile, default_device: device, settings, ...rest } = json;
  assert.deepEqual([name, username], ['Alice Example', user.username]);
  assert.deepEqual(Object.keys(endpoints), ['email', 'jabber', 'extension', 'cellphone', 'voicemail', 'mainextension']);
  assert.deepEqual(endpoints.email, [{ id: user.email }]);
  assert.deepEqual(endpoints.cellphone, [{ id: user.phone }]);
  assert.equal(endpoints.mainextension[0].id, user.username);
  assert.deepEqual(endpoints.extension, [device]);
  assert.deepEqual(device.actions, { answer: false, dtmf: false, hold: false });
  assert.equal(typeof profile.macro_permissions, 'object');
  assert.equal(typeof settings, 'object');
  for (const member of ['mainPresence', 'presence', 'presenceOnBusy', 'presenceOnUnavailable', 'recallOnBusy']) assert.equal(typeof rest[member], 'string', member);
});

test('user_without_anything_still_has_a_name_and_an_extension', async () => {
  const bare = await createUser(dialtone);
  const { json } = await userMe(bare.token);
  assert.equal(json.name, bare.username);
  assert.equal(json.endpoints.mainextension[0].id, bare.username);
  assert.deepEqual([json.endpoints.email, json.endpoints.cellphone], [[], []]);
});
