/* What must not be possible: the rows of cti-api part 5 about logging in, each by its number. */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { test } from 'node:test';

import { createAccount, login } from '../lib/accounts.mjs';
import { Contract } from '../lib/contract.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { begin, newEnrolled, newUser, payloadOf, stepNow, verify } from '../lib/otp.mjs';

const dialtone = await sharedInstance();
const api = (method, path, options) => dialtone.api(method, path, options);

const user = () => newUser(dialtone);
const enrolled = () => newEnrolled(dialtone);

test('5.1 a password-only token opens verify-otp and logout, no other route, whatever the query says', async () => {
  const { account } = await enrolled();
  const token = await login(dialtone, account);
  const { operations } = await Contract.of(dialtone);
  const open = ['POST /api/2fa/verify-otp', 'POST /api/logout'];
  let closed = 0;
  for (const { method, path, level, key } of operations) {
    if (level === 'public' || open.includes(key)) continue;
    for (const query of ['', '?x=/verify-otp', '?/api/2fa/verify-otp', '?x=/api/2fa/verify-otp/']) {
      const answer = await api(method, path.replace(/\{\w+\}/g, '1') + query, { token });
      assert.equal(answer.status, 403, `${key}${query}: ${answer.text}`);
      assert.equal(answer.json.message, 'otp verification required', key);
    }
    closed++;
  }
  assert.ok(closed > 20, 'there are routes to be closed');
  assert.equal((await api('POST', '/api/logout', { token })).status, 200);
});

test('5.2 verify-otp takes the subject from the token only', async () => {
  const victim = await enrolled();
  const attacker = await user();
  await begin(dialtone, attacker.token);
  const code = victim.app.fresh();
  const named = await verify(dialtone, attacker.token, code, { username: victim.account.username });
  assert.deepEqual(named.json, { code: 403, message: 'username mismatch', data: null });
  assert.equal((await verify(dialtone, attacker.token, code)).status, 400);
  const waiting = await login(dialtone, victim.account);
  assert.equal((await verify(dialtone, waiting, code)).status, 200, 'the code of the victim was not burnt');
});

test('5.2 the own name is accepted in any case, with or without the domain', async () => {
  const { account, token, app } = await enrolled();
  const names = [account.username.toUpperCase(), `${account.username}@${account.domain.toUpperCase()}`];
  for (const username of names) {
    const waiting = await login(dialtone, account);
    assert.equal((await verify(dialtone, waiting, app.fresh(), { username })).status, 200);
  }
  const foreign = await verify(dialtone, token, '000000', { username: `${account.username}@elsewhere.example.org` });
  assert.equal(foreign.status, 403);
});

test('5.4 recovery codes are shown to nobody twice and stored as keyed hashes', async () => {
  const { account, token } = await enrolled();
  const { codes } = (await api('POST', '/api/2fa/recovery-codes', { token, body: { password: account.password } })).json;
  const stored = (await dialtone.sql(`SELECT encode(code_hash, 'hex') FROM recovery_codes WHERE account_id = ${account.id}`)).flat();
  assert.equal(stored.length, 5);
  for (const code of codes) {
    for (const text of [code, `recovery:${account.id}:${code}`]) {
      assert.ok(!stored.includes(crypto.createHash('sha256').update(text).digest('hex')));
    }
  }
});

test('5.4 a recovery code opens one door, also for two at the same moment', async () => {
  const { account, token } = await enrolled();
  const { codes } = (await api('POST', '/api/2fa/recovery-codes', { token, body: { password: account.password } })).json;
  const waiting = await Promise.all([login(dialtone, account), login(dialtone, account)]);
  const answers = await Promise.all(waiting.map((t) => verify(dialtone, t, codes[0])));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 400]);
  const again = await login(dialtone, account);
  assert.equal((await verify(dialtone, again, codes[1])).status, 200);
});

test('5.5 the sixth guess within the window is 429 with Retry-After, a right one too', async () => {
  const { account, app } = await enrolled();
  const token = await login(dialtone, account);
  for (let i = 0; i < 5; i++) assert.equal((await verify(dialtone, token, app.wrong())).status, 400);
  const answer = await verify(dialtone, token, app.fresh());
  assert.deepEqual(answer.json, { code: 429, message: 'too many requests', data: null });
  const wait = Number(answer.header('retry-after'));
  assert.ok(wait > 14 * 60 && wait <= 15 * 60, wait);
});

test('5.5 a right code forgets the wrong ones before it', async () => {
  const { account, app } = await enrolled();
  for (let i = 0; i < 2; i++) {
    const token = await login(dialtone, account);
    for (let k = 0; k < 4; k++) assert.equal((await verify(dialtone, token, app.wrong())).status, 400);
    assert.equal((await verify(dialtone, token, app.fresh())).status, 200);
  }
});

test('5.5 each lock is twice as long as the one before', async () => {
  const { account, app } = await enrolled();
  for (const minutes of [15, 30, 60]) {
    const token = await login(dialtone, account);
    for (let i = 0; i < 5; i++) assert.equal((await verify(dialtone, token, app.wrong())).status, 400);
    const wait = Number((await verify(dialtone, token, app.wrong())).header('retry-after'));
    assert.ok(wait > (minutes - 1) * 60 && wait <= minutes * 60, `${wait} s for ${minutes} min`);
    await dialtone.sql(`UPDATE guesses SET ends_at = now() - interval '1 second' WHERE subject = 'otp:${account.id}'`);
  }
});

test('5.5 ten guesses with one login token end it', async () => {
  const { account, app } = await enrolled();
  const token = await login(dialtone, account);
  for (let i = 0; i < 10; i++) assert.ok([400, 429].includes((await verify(dialtone, token, app.wrong())).status));
  const answer = await verify(dialtone, token, app.fresh());
  assert.deepEqual(answer.json, { code: 401, message: 'token revoked', data: null });
});

test('5.5 a thousand parallel guesses count as a thousand and five are looked at', async () => {
  const { account, app } = await enrolled();
  const GUESSES = 1000, PARALLEL = 50, PER_TOKEN = 5;
  const tokens = [];
  for (let i = 0; i < GUESSES / PER_TOKEN / PARALLEL; i++) {
    tokens.push(...await Promise.all(Array.from({ length: PARALLEL }, () => login(dialtone, account))));
  }
  const work = tokens.flatMap((token) => Array(PER_TOKEN).fill(token));
  const statuses = {};
  const wrong = app.wrong();
  /* From an address each, so that nginx counts few of each and refuses none, however fast they come. */
  await Promise.all(Array.from({ length: PARALLEL }, async (_, i) => {
    for (let token = work.pop(); token; token = work.pop()) {
      const { status } = await verify(dialtone, token, wrong, {}, { localAddress: `127.2.0.${i + 1}` });
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  }));
  assert.deepEqual(statuses, { 400: 5, 429: GUESSES - 5 });
  assert.deepEqual(await dialtone.sql(`SELECT failures FROM guesses WHERE subject = 'otp:${account.id}'`), [[`${GUESSES}`]]);
});

test('5.6 a code opens one door: not again, not in another session, not an older one', async () => {
  const { account, app } = await enrolled();
  const [one, two] = [await login(dialtone, account), await login(dialtone, account)];
  app.last = stepNow();
  const code = app.at(stepNow());
  assert.equal((await verify(dialtone, one, code)).status, 200);
  assert.deepEqual((await verify(dialtone, two, code)).json, { code: 400, message: 'invalid_otp', data: null });
  assert.equal((await verify(dialtone, two, app.at(stepNow() - 1))).status, 400);
});

test('5.6 of two workers with the same code at the same instant one wins', async () => {
  for (let round = 0; round < 5; round++) {
    const { account, app } = await enrolled();
    const waiting = await Promise.all(Array.from({ length: 4 }, () => login(dialtone, account)));
    const code = app.fresh();
    const statuses = (await Promise.all(waiting.map((t) => verify(dialtone, t, code)))).map(({ status }) => status);
    assert.deepEqual(statuses.sort(), [200, 400, 400, 400]);
  }
});

test('5.6 the code that ended the set-up opens no second door', async () => {
  const { account, token } = await user();
  const app = await begin(dialtone, token);
  const code = app.fresh();
  assert.equal((await verify(dialtone, token, code)).status, 200);
  assert.equal((await verify(dialtone, await login(dialtone, account), code)).status, 400);
});

test('5.6 no code, password or secret stands in a log', async () => {
  const { account, app, token } = await enrolled();
  const code = app.fresh();
  await verify(dialtone, await login(dialtone, account), code);
  await api('POST', '/api/2fa/recovery-codes', { token, body: { password: account.password } });
  const logs = await dialtone.log('api') + await dialtone.log('access') + await dialtone.log('jobs');
  assert.ok(logs.includes('/api/2fa/verify-otp'));
  for (const secret of [`"${code}"`, `otp=${code}`, account.password, app.base32]) assert.ok(!logs.includes(secret), secret);
});

test('5.8 ten wrong passwords lock the account: the same body, Retry-After, also for the right one', async () => {
  const account = await createAccount(dialtone);
  const attempt = (password) => api('POST', '/api/login', { body: { username: account.username, password } });
  const refused = { code: 401, message: 'incorrect Username or Password', data: null };
  for (let i = 0; i < 10; i++) {
    const answer = await attempt('not it');
    assert.deepEqual(answer.json, refused);
    assert.equal(answer.header('retry-after'), undefined);
  }
  const locked = await attempt(account.password);
  assert.equal(locked.status, 401);
  assert.deepEqual(locked.json, refused);
  const wait = Number(locked.header('retry-after'));
  assert.ok(wait > 14 * 60 && wait <= 15 * 60, wait);
  await dialtone.sql(`UPDATE guesses SET ends_at = now() WHERE subject LIKE 'password:%' AND failures >= 10`);
  assert.equal((await attempt(account.password)).status, 200);
});

test('5.8 an unknown name is answered as a known one, byte for byte, when it is locked too', async () => {
  const known = (await createAccount(dialtone)).username;
  const unknown = `${known}.nobody`;
  const shape = async (username) => {
    const answer = await api('POST', '/api/login', { body: { username, password: 'not it' } });
    const { date, 'x-request-id': id, 'retry-after': wait, ...headers } = answer.headers;
    assert.ok(date && id);
    return { status: answer.status, text: answer.text, headers, waits: wait !== undefined };
  };
  for (let i = 0; i < 12; i++) assert.deepEqual(await shape(unknown), await shape(known), `attempt ${i + 1}`);
});

test('5.8 wrong passwords of disable and recovery-codes count for the same lock', async () => {
  const { account, token } = await enrolled();
  for (let i = 0; i < 5; i++) {
    assert.equal((await api('POST', '/api/2fa/disable', { token, body: { password: 'not it' } })).status, 401);
    assert.equal((await api('POST', '/api/2fa/recovery-codes', { token, body: { password: 'not it' } })).status, 401);
  }
  const locked = await api('POST', '/api/2fa/disable', { token, body: { password: account.password } });
  assert.deepEqual(locked.json, { code: 401, message: 'invalid password', data: null });
  assert.ok(Number(locked.header('retry-after')) > 0);
  const login_ = await api('POST', '/api/login', { body: { username: account.username, password: account.password } });
  assert.equal(login_.status, 401);
});

test('5.8 a right password forgets the wrong ones before it', async () => {
  const account = await createAccount(dialtone);
  const attempt = async (password) => (await api('POST', '/api/login', { body: { username: account.username, password } })).status;
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 9; i++) assert.equal(await attempt('not it'), 401);
    assert.equal(await attempt(account.password), 200);
  }
});

test('5.12 secrets are sealed in the database, with the number of their key', async () => {
  const { account, app } = await enrolled();
  const [[hex, version, key]] = await dialtone.sql(
    `SELECT encode(secret_sealed, 'hex'), get_byte(secret_sealed, 0), get_byte(secret_sealed, 1) * 256 + get_byte(secret_sealed, 2)
       FROM two_factor WHERE account_id = ${account.id}`);
  assert.ok(!hex.includes(app.key.toString('hex')));
  assert.equal(version, '1');
  assert.ok(Number(key) >= 1);
});

test('5.12 a sealed secret copied to another account opens nothing there', async () => {
  const [one, two] = [await enrolled(), await enrolled()];
  await dialtone.sql(`UPDATE two_factor t SET secret_sealed = o.secret_sealed FROM two_factor o
    WHERE t.account_id = ${two.account.id} AND o.account_id = ${one.account.id}`);
  const answer = await verify(dialtone, await login(dialtone, two.account), one.app.fresh());
  assert.deepEqual(answer.json, { code: 400, message: 'invalid_otp', data: null });
});

test('5.16 a token before its OTP lives ten minutes', async () => {
  const { account } = await enrolled();
  const { iat, exp } = payloadOf(await login(dialtone, account));
  assert.equal(exp - iat, 600);
});

test('5.17 disable publishes what ended, and the copies in Redis are gone', async () => {
  const { until } = await import('../lib/until.mjs');
  const { account, token } = await enrolled();
  const key = `cti1:{${account.domain}}:tok:${payloadOf(token).jti}`;
  assert.equal(await dialtone.redis('exists', key), '1');
  await api('POST', '/api/2fa/disable', { token, body: { password: account.password } });
  await until(async () => (await dialtone.redis('exists', key)) === '0', { what: 'the copy to be forgotten' });
});

test('5.18 malformed tokens are 401 and nothing worse', async () => {
  const { token } = await user();
  const [header, payload, signature] = token.split('.');
  const encode = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
  const claims = payloadOf(token);
  const none = `${encode({ alg: 'none', typ: 'JWT' })}.${payload}.`;
  const bad = [none, `${none}${signature}`, `${encode({ alg: 'HS384', typ: 'JWT' })}.${payload}.${signature}`, `${header}.${payload}`,
    `${header}.${payload}.${signature}.`, `${header}.${payload}.${signature}.x`, `.${header}.${payload}.${signature}`, '...', '.', 'x',
    `${header}..${signature}`, `${header}.${encode({ ...claims, id: 'somebody.else' })}.${signature}`, `${header}.${payload}.${'A'.repeat(43)}`,
    `${header}.${payload}.${signature.slice(0, -1)}`, `${header}.${payload}=.${signature}`, 'a'.repeat(4097), `${header}.${'A'.repeat(6000)}.${signature}`];
  for (const value of bad) {
    const answer = await api('GET', '/api/user/me', { token: value });
    assert.equal(answer.status, 401, value.slice(0, 60));
    assert.equal(answer.json.message, 'invalid token', value.slice(0, 60));
  }
  const huge = await api('GET', '/api/user/me', { token: 'a'.repeat(64 * 1024) });
  assert.ok([400, 401, 431].includes(huge.status), huge.status);
});

test('5.19 a token in the query string is no token', async () => {
  const { token } = await user();
  for (const name of ['jwt', 'token', 'access_token']) {
    const answer = await api('GET', '/api/user/me', { query: { [name]: token } });
    assert.deepEqual(answer.json, { code: 401, message: 'missing token', data: null });
  }
});

test('5.36 the status in the body is the status of the answer', async () => {
  const { account, token } = await enrolled();
  const waiting = await login(dialtone, account);
  const answers = [
    await api('GET', '/api/user/me', { token: waiting }), await api('GET', '/api/user/me'), await api('PUT', '/api/2fa/status', { token }),
    await api('GET', '/api/2fa/nothing', { token }), await api('GET', '/api/2fa/qr-code', { token }), await verify(dialtone, waiting, '{'),
    await api('POST', '/api/2fa/disable', { token, body: { password: 'not it' } }),
  ];
  for (const { status, json } of answers) if (json.code !== undefined) assert.equal(json.code, status);
  assert.deepEqual(answers.map(({ status }) => status), [403, 401, 405, 404, 409, 400, 401]);
});

test('5.40 a recovery code does not end a set-up', async () => {
  const { account, token } = await enrolled();
  const { codes } = (await api('POST', '/api/2fa/recovery-codes', { token, body: { password: account.password } })).json;
  await api('POST', '/api/2fa/disable', { token, body: { password: account.password } });
  const again = await login(dialtone, account);
  await begin(dialtone, again);
  assert.deepEqual((await verify(dialtone, again, codes[0])).json, { code: 400, message: 'invalid_otp', data: null });
  assert.deepEqual((await api('GET', '/api/2fa/status', { token: again })).json, { status: false });
});

test('2FA leaves DIGEST and API keys alone: they are credentials of machines', async () => {
  const { digestRequest } = await import('../lib/digest.mjs');
  const { account } = await enrolled();
  const answer = await digestRequest(dialtone, account);
  assert.equal(answer.status, 200, answer.text);
});

test('a_set_up_that_begins_while_the_account_is_changed_waits_for_it', async () => {
  const { account, token } = await newUser(dialtone);
  const lock = (how) => `SELECT 1 FROM accounts WHERE id = ${account.id} FOR ${how}`;
  const change = dialtone.sql(`${lock('NO KEY UPDATE')}; SELECT pg_sleep(1); ${lock('UPDATE')}`);
  await new Promise((resolve) => setTimeout(resolve, 400));
  const begun = await dialtone.api('GET', '/api/2fa/qr-code', { token });
  await change;
  assert.equal(begun.status, 200, begun.text);
});
