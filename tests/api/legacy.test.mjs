/* The HMAC login of old clients (cti-api 1.15), switched on, and who still uses it (1.16). */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { test } from 'node:test';

import { createAccount, login } from '../lib/accounts.mjs';
import { addExtension, createOperator, hmacToken, legacyAttempt, legacyLogin, webrest } from '../lib/cti.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { runOk } from '../lib/run.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await ownInstance();
await dialtone.configureApi({ legacy_auth: 'true' });
const me = (authorization, options) => webrest(dialtone, '/user/me', authorization, options);
const DAY = 86400;

function isLegacy(answer) {
  assert.equal(answer.header('deprecation'), '@1780272000');
  assert.equal(answer.header('sunset'), 'Mon, 01 Jun 2026 00:00:00 GMT');
  assert.equal(answer.header('link'), '</api/login>; rel="successor-version"');
}

/* Refused the way these clients expect: a status and nothing else. */
function isBare(answer, status) {
  assert.deepEqual([answer.status, answer.text, answer.all('www-authenticate')], [status, '', []]);
  isLegacy(answer);
}

const keysOf = async (pattern) => (await dialtone.redis('keys', pattern)).split('\n').filter(Boolean);

test('the_check_vector_of_the_token', () => {
  const nonce = '0123456789abcdef0123456789abcdef01234567';
  assert.equal(hmacToken({ username: 'alice', password: 'secret' }, nonce), '64b39ecacf12530101a8f35536ae201a5400cbc0');
});

test('login_succeeds_with_401_an_empty_body_and_a_nonce', async () => {
  const user = await createAccount(dialtone);
  const answer = await legacyAttempt(dialtone, user);
  assert.deepEqual([answer.status, answer.text], [401, '']);
  assert.equal(answer.all('www-authenticate').length, 1);
  assert.match(answer.header('www-authenticate'), /^Digest [0-9a-f]{40}$/);
  isLegacy(answer);
});

test('the_example_of_the_seed_works_as_printed', async () => {
  const user = await createAccount(dialtone, { password: 'pass' + crypto.randomBytes(6).toString('hex') });
  const script = `
    nonce=$(curl -s -i --cacert "$CA" -X POST "$URL/webrest/authentication/login" \\
      -H "Content-Type: application/json" \\
      -d "{\\"username\\":\\"$USER_NAME\\",\\"password\\":\\"$PASSWORD\\"}" | tr -d '\\r' | sed -n 's/^[Ww]ww-[Aa]uthenticate: Digest //p')
    token=$(printf '%s' "$USER_NAME:$PASSWORD:$nonce" | openssl dgst -sha1 -hmac "$PASSWORD" | sed 's/.* //')
    curl -s --cacert "$CA" "$URL/webrest/user/me" -H "Authorization: $USER_NAME:$token"`;
  const { stdout } = await runOk('bash', ['-c', script], { env: { ...process.env, USER_NAME: user.username, PASSWORD: user.password,
    URL: dialtone.env.DIALTONE_URL, CA: dialtone.env.DIALTONE_CACERT } });
  assert.equal(JSON.parse(stdout).username, user.username);
});

test('user_me_is_the_body_of_the_new_api', async () => {
  const user = await createOperator(dialtone);
  await addExtension(dialtone, user);
  const old = await me(await legacyLogin(dialtone, user));
  assert.equal(old.status, 200);
  isLegacy(old);
  assert.deepEqual(old.json, (await dialtone.api('GET', '/api/user/me', { token: user.token })).json);
});

test('what_an_old_client_changes_is_told_with_its_door', async () => {
  const user = await createAccount(dialtone);
  const exten = await addExtension(dialtone, user);
  const answer = await webrest(dialtone, '/user/default_device', await legacyLogin(dialtone, user), { method: 'POST', body: { id: exten.exten ?? exten } });
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(await dialtone.sql(`SELECT actor, door, action FROM audit WHERE request_id = '${answer.header('x-request-id')}'`),
    [[`${user.username}@${user.domain}`, 'hmac', 'user_choose_device']]);
});

test('login_takes_json_and_forms_and_never_the_query_string', async () => {
  const user = await createAccount(dialtone);
  const { username, password } = user;
  const form = new URLSearchParams({ username, password }).toString();
  const attempt = (options) => webrest(dialtone, options.path ?? '/authentication/login', undefined, { method: 'POST', ...options });
  assert.ok((await attempt({ body: form, headers: { 'Content-Type': 'application/x-www-form-urlencoded' } })).header('www-authenticate'));
  assert.ok((await attempt({ body: JSON.stringify({ username, password }), headers: { 'Content-Type': 'application/json;charset=UTF-8' } })).header('www-authenticate'));
  isBare(await attempt({ path: `/authentication/login?${form}` }), 401);
});

test('5.11 credentials_in_the_query_string_are_no_credentials', async () => {
  const { username, password } = await createAccount(dialtone);
  isBare(await webrest(dialtone, `/authentication/login?${new URLSearchParams({ username, password })}`, undefined, { method: 'POST', body: {} }), 401);
  assert.equal((await dialtone.api('POST', `/api/login?${new URLSearchParams({ username, password })}`, { body: {} })).status, 401);
});

test('5.11 only_the_hash_of_a_token_is_stored_and_nothing_is_logged', async () => {
  const user = await createAccount(dialtone);
  const [, token] = (await legacyLogin(dialtone, user)).split(/:(?=[0-9a-f]{40}$)/);
  assert.equal((await me(`${user.username}:${token}`)).status, 200);
  const hash = crypto.createHash('sha256').update(token).digest('hex');
  const [key] = await keysOf(`*legacy:tok:${hash}`);
  assert.ok(key);
  const value = await dialtone.redis('get', key);
  for (const secret of [token, user.password]) {
    assert.ok(!value.includes(secret));
    for (const name of ['api', 'access', 'nginx']) assert.ok(!(await dialtone.log(name)).includes(secret), name);
  }
});

test('5.9 unknown_user_and_wrong_password_get_the_same_answer', async () => {
  const user = await createAccount(dialtone);
  const shapes = [];
  for (const attempt of [{ ...user, password: 'wrong password' }, { username: 'nobody.here', password: 'wrong password' }, { username: 'nobody@elsewhere.example.org', password: 'x' }]) {
    const answer = await legacyAttempt(dialtone, attempt);
    isBare(answer, 401);
    const { date, 'x-request-id': id, ...headers } = answer.headers;
    assert.ok(date && id);
    shapes.push(headers);
  }
  assert.deepEqual(shapes[1], shapes[0]);
  assert.deepEqual(shapes[2], shapes[0]);
});

test('malformed_logins_are_refused_like_wrong_ones', async () => {
  for (const body of ['', '{', '[]', '{}', '{"username":1,"password":2}', '{"username":"a"}', '{"username":"a","password":""}', { username: 'a'.repeat(300), password: 'b' }]) {
    isBare(await webrest(dialtone, '/authentication/login', undefined, { method: 'POST', body }), 401);
  }
  isBare(await webrest(dialtone, '/authentication/login', undefined, { method: 'POST', body: `{"username":"${'a'.repeat(40000)}"}` }), 413);
});

test('of_a_password_that_comes_twice_the_last_one_counts', async () => {
  const user = await createAccount(dialtone);
  const body = `{"username":"${user.username}","password":"wrong","password":${JSON.stringify(user.password)}}`;
  assert.ok((await webrest(dialtone, '/authentication/login', undefined, { method: 'POST', body })).header('www-authenticate'));
});

test('the_name_may_be_with_domain_in_any_case_or_an_extension', async () => {
  const user = await createAccount(dialtone);
  const { exten } = await addExtension(dialtone, user);
  for (const username of [`${user.username}@dialtone.test`, user.username.toUpperCase(), exten]) {
    const authorization = await legacyLogin(dialtone, { username, password: user.password });
    const answer = await me(authorization);
    assert.deepEqual([answer.status, answer.json?.username], [200, user.username], username);
    const [, token] = authorization.split(/:(?=[0-9a-f]{40}$)/);
    assert.equal((await me(`${user.username}:${token}`)).status, 200, 'under their own name too');
    assert.equal((await me(`${user.username}:${token.toUpperCase()}`)).status, 200, 'in upper case too');
  }
});

test('a_token_opens_nothing_under_another_name', async () => {
  const [alice, bob] = [await createAccount(dialtone), await createAccount(dialtone)];
  const [, token] = (await legacyLogin(dialtone, alice)).split(/:(?=[0-9a-f]{40}$)/);
  isBare(await me(`${bob.username}:${token}`), 401);
  isBare(await me(`nobody.here:${token}`), 401);
  isBare(await me(`${alice.username}@elsewhere.example.org:${token}`), 401);
});

test('what_is_no_token_is_401_without_a_body', async () => {
  const user = await createAccount(dialtone);
  const token = crypto.randomBytes(20).toString('hex');
  for (const authorization of [undefined, `${user.username}:${token}`, `:${token}`, user.username, `${user.username}:`, `${user.username}:${token}0`,
    `${user.username}:${token}:more`, `${'a'.repeat(300)}:${token}`, `Digest ${token}`, `Basic ${token}`, '::::']) {
    isBare(await me(authorization), 401);
  }
});

test('logout_ends_that_token_and_no_other', async () => {
  const user = await createAccount(dialtone);
  const [one, two] = [await legacyLogin(dialtone, user), await legacyLogin(dialtone, { ...user, username: user.username.toUpperCase() })];
  const answer = await webrest(dialtone, '/authentication/logout', two, { method: 'POST' });
  assert.deepEqual([answer.status, answer.text], [200, '']);
  isBare(await me(two), 401);
  assert.equal((await me(one)).status, 200);
  isBare(await webrest(dialtone, '/authentication/logout', two, { method: 'POST' }), 401);
});

test('a_token_lives_ten_days_from_its_last_use', async () => {
  const user = await createAccount(dialtone);
  const authorization = await legacyLogin(dialtone, user);
  const hash = crypto.createHash('sha256').update(authorization.slice(-40)).digest('hex');
  const [key] = await keysOf(`*legacy:tok:${hash}`);
  const ttl = async () => Number(await dialtone.redis('ttl', key));
  assert.ok(Math.abs(await ttl() - 10 * DAY) < 60);
  await dialtone.redis('expire', key, '1000');
  assert.equal((await me(authorization)).status, 200);
  assert.ok(Math.abs(await ttl() - 10 * DAY) < 60, 'renewed');
  /* Its last day has begun: no use makes it longer. */
  const [account, , ...rest] = (await dialtone.redis('get', key)).split(' ');
  await dialtone.redis('set', key, [account, String((Date.now() + DAY * 1000) * 1000), ...rest].join(' '), 'EX', String(10 * DAY));
  assert.equal((await me(authorization)).status, 200);
  assert.ok(await ttl() <= DAY);
  await dialtone.redis('set', key, [account, String((Date.now() - 1000) * 1000), ...rest].join(' '), 'EX', '1000');
  isBare(await me(authorization), 401);
});

test('of_tokens_without_expiry_an_account_has_one', async () => {
  const user = await createAccount(dialtone);
  const lasting = { 'Auth-Exp': 'no-exp' };
  const first = await legacyLogin(dialtone, user, lasting);
  const ordinary = await legacyLogin(dialtone, user);
  const second = await legacyLogin(dialtone, user, lasting);
  isBare(await me(first), 401);
  assert.equal((await me(second)).status, 200);
  assert.equal((await webrest(dialtone, '/authentication/logout', ordinary, { method: 'POST', headers: lasting })).status, 200);
  isBare(await me(second), 401);
  assert.equal((await me(ordinary)).status, 200);
});

test('a_new_password_a_block_and_a_deletion_end_a_token', async () => {
  const ends = {
    password: (user) => dialtone.api('PUT', `/api/accounts/${user.id}`, { as: 'admin', body: { username: user.username, password: 'another password', algorithm: 'SHA-256' } }),
    block: (user) => dialtone.api('PUT', `/api/accounts/${user.id}`, { as: 'admin', body: { username: user.username, blocked: true } }),
    deletion: (user) => dialtone.api('DELETE', `/api/accounts/${user.id}`, { as: 'admin' }),
  };
  for (const [what, end] of Object.entries(ends)) {
    const user = await createAccount(dialtone);
    const authorization = await legacyLogin(dialtone, user);
    assert.equal((await me(authorization)).status, 200);
    assert.equal((await end(user)).status, 200, what);
    isBare(await me(authorization), 401);
  }
});

test('5.10 a_second_factor_shuts_the_old_door_and_ends_its_tokens', async () => {
  const user = await createAccount(dialtone);
  const before = await legacyLogin(dialtone, user);
  assert.equal((await me(before)).status, 200);
  await dialtone.sql(`INSERT INTO two_factor (account_id, secret_sealed, enabled_at) VALUES (${user.id}, '\\x00', now())`);
  isBare(await legacyAttempt(dialtone, user), 401);
  isBare(await me(before), 401);
});

test('5.10 whoever_has_to_set_up_a_second_factor_is_refused_too', async () => {
  const user = await createAccount(dialtone);
  const before = await legacyLogin(dialtone, user);
  await dialtone.sql("UPDATE spaces SET two_factor_policy = 'required', two_factor_policy_since = '2020-01-01', two_factor_grace_days = 0");
  try {
    isBare(await legacyAttempt(dialtone, user), 401);
    isBare(await me(before), 401);
  } finally {
    await dialtone.sql("UPDATE spaces SET two_factor_policy = 'optional'");
  }
});

test('5.8 wrong_passwords_lock_the_old_door_as_well', async () => {
  const user = await createAccount(dialtone);
  for (let i = 0; i < 10; i++) isBare(await legacyAttempt(dialtone, { ...user, password: 'wrong password' }), 401);
  const locked = await legacyAttempt(dialtone, user);
  assert.deepEqual([locked.status, locked.text, locked.header('www-authenticate')], [401, '', undefined]);
  await dialtone.sql('DELETE FROM guesses');
});

test('a_token_of_the_old_login_opens_no_second_factor_and_no_sessions', async () => {
  const user = await createAccount(dialtone);
  const authorization = await legacyLogin(dialtone, user);
  for (const [method, path] of [['GET', '/2fa/qr-code'], ['POST', '/2fa/verify-otp'], ['POST', '/2fa/disable'], ['GET', '/sessions'], ['DELETE', '/sessions'],
    ['POST', '/tokens/persistent/mobile-app'], ['POST', '/logout']]) {
    isBare(await webrest(dialtone, path, authorization, { method, body: method === 'POST' ? {} : undefined }), 403);
  }
  assert.equal((await me(authorization)).status, 200);
});

test('errors_of_the_old_paths_have_no_body', async () => {
  const user = await createAccount(dialtone);
  const authorization = await legacyLogin(dialtone, user);
  isBare(await webrest(dialtone, '/no/such/path', authorization), 404);
  isBare(await webrest(dialtone, '/accounts/me', authorization), 404);
  isBare(await webrest(dialtone, '/user/presence', authorization, { method: 'POST', body: { status: 'nonsense' } }), 400);
  isBare(await webrest(dialtone, '/user/presence', authorization, { method: 'POST', body: { status: 'dnd' } }), 403);
  isBare(await webrest(dialtone, '/user/me', authorization, { method: 'DELETE' }), 405);
});

test('a_jwt_works_beside_it', async () => {
  const user = await createAccount(dialtone);
  const token = await login(dialtone, user);
  for (const authorization of [`Bearer ${token}`, `${user.username}:${token}`]) assert.equal((await me(authorization)).status, 200);
});

test('a_token_of_the_old_login_is_none_below_api', async () => {
  const user = await createAccount(dialtone);
  const answer = await dialtone.api('GET', '/api/user/me', { headers: { Authorization: await legacyLogin(dialtone, user) } });
  assert.deepEqual([answer.status, answer.json.message], [401, 'missing token']);
});

test('the_report_names_user_program_and_number_of_requests', async () => {
  const user = await createAccount(dialtone);
  const headers = { 'User-Agent': 'Old Phone/1.0' };
  const authorization = await legacyLogin(dialtone, user, headers);
  for (let i = 0; i < 3; i++) assert.equal((await me(authorization, { headers })).status, 200);
  const report = async () => JSON.parse((await dialtone.ctl(['legacy', 'report', '--json'])).stdout);
  const mine = (rows) => rows.find(({ username }) => username === user.username);
  await until(async () => mine(await report())?.requests === 4, { what: 'four uses in the report' });
  const row = mine(await report());
  assert.deepEqual([row.domain, row.user_agent], ['dialtone.test', 'Old Phone/1.0']);
});

test('names_and_programs_of_strangers_fill_no_table', async () => {
  const count = async () => Number((await dialtone.sql('SELECT count(*) FROM legacy_uses'))[0][0]);
  const total = async () => Number((await dialtone.sql("SELECT coalesce(sum(requests), 0) FROM legacy_uses WHERE username = ''"))[0][0]);
  await me(`stranger:${'0'.repeat(40)}`);
  await until(async () => await total() > 0);
  const [rows, uses] = [await count(), await total()];
  for (let i = 0; i < 20; i++) await me(`stranger${i}:${'0'.repeat(40)}`, { headers: { 'User-Agent': `Program ${i}` } });
  await until(async () => await total() >= uses + 20);
  assert.equal(await count(), rows);
});

test('of_one_user_only_so_many_programs_are_told_apart', async () => {
  const user = await createAccount(dialtone);
  const authorization = await legacyLogin(dialtone, user, { 'User-Agent': 'Program' });
  for (let i = 0; i < 40; i++) await me(authorization, { headers: { 'User-Agent': `Program ${i}` } });
  const rows = () => dialtone.sql(`SELECT user_agent, requests FROM legacy_uses WHERE username = '${user.username}'`);
  await until(async () => (await rows()).reduce((sum, [, n]) => sum + Number(n), 0) === 41);
  assert.ok((await rows()).length <= 80);
});

/* Last: workers find Redis again one by one. */
test('while_redis_is_away_nobody_comes_in_by_the_old_door', async () => {
  const user = await createAccount(dialtone);
  const authorization = await legacyLogin(dialtone, user);
  await dialtone.stop('redis');
  try {
    for (const answer of [await legacyAttempt(dialtone, user), await me(authorization)]) {
      assert.deepEqual([answer.status, answer.text, answer.header('error')], [503, '', 'unavailable']);
      isLegacy(answer);
    }
    assert.equal((await dialtone.api('POST', '/api/login', { body: { username: user.username, password: user.password } })).status, 200);
  } finally {
    await dialtone.start('redis');
  }
  await until(async () => (await legacyAttempt(dialtone, user)).header('www-authenticate'), { what: 'the old login to work again' });
});
