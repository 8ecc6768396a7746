/* The second factor through nginx: cti-api 1.7 to 1.12, each row of its tables. */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { test } from 'node:test';

import { createAccount, login } from '../lib/accounts.mjs';
import { digestRequest } from '../lib/digest.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { Authenticator, begin, codeOfStep, enable, newEnrolled, newUser, payloadOf, stepNow, verify } from '../lib/otp.mjs';

const dialtone = await sharedInstance();
const api = (method, path, options) => dialtone.api(method, path, options);

const user = () => newUser(dialtone);
const enrolled = () => newEnrolled(dialtone);

const envelope = (code, message, data = null) => ({ code, message, data });

function expectError(answer, status, message) {
  assert.equal(answer.status, status, answer.text);
  assert.deepEqual(answer.json, envelope(status, message));
}

test('1.7 the app of these tests makes the codes of the check vectors', () => {
  const app = new Authenticator('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
  assert.equal(codeOfStep(app.key, Math.floor(59 / 30)), '287082');
  assert.equal(codeOfStep(app.key, Math.floor(1111111109 / 30)), '081804');
  assert.equal(codeOfStep(app.key, Math.floor(1760000000 / 30)), '466049');
});

test('1.7 qr-code gives a secret of 32 characters and its otpauth URL', async () => {
  const { account, token } = await user();
  const answer = await api('GET', '/api/2fa/qr-code', { token });
  assert.equal(answer.status, 200, answer.text);
  const { key, url } = answer.json.data;
  assert.match(key, /^[A-Z2-7]{32}$/);
  assert.deepEqual(answer.json, envelope(200, 'QR code string', {
    key, url: `otpauth://totp/NethVoice:${account.username}?secret=${key}&algorithm=SHA1&digits=6&period=30&issuer=NethVoice`,
  }));
  assert.equal(url, answer.json.data.url);
});

test('1.7 a second call during set-up gives the same secret, at the same moment too', async () => {
  const { token } = await user();
  const answers = await Promise.all([1, 2, 3, 4].map(() => api('GET', '/api/2fa/qr-code', { token })));
  assert.equal(new Set(answers.map((a) => a.json.data.key)).size, 1);
});

test('1.7 after fifteen minutes there is a new secret and the old one enables nothing', async () => {
  const { account, token } = await user();
  const old = await begin(dialtone, token);
  await dialtone.sql(`UPDATE two_factor SET pending_expires_at = now() - interval '1 second' WHERE account_id = ${account.id}`);
  expectError(await verify(dialtone, token, old.fresh()), 400, 'user secret not found');
  const fresh = await begin(dialtone, token);
  assert.notEqual(fresh.base32, old.base32);
});

test('1.7 qr-code gives images that are not JSON', async () => {
  const { token } = await user();
  const svg = await api('GET', '/api/2fa/qr-code', { token, query: { format: 'svg' } });
  assert.equal(svg.header('content-type'), 'image/svg+xml');
  assert.match(svg.text, /^<svg [^]*<\/svg>\n$/);
  const png = await api('GET', '/api/2fa/qr-code', { token, query: { format: 'png' } });
  assert.equal(png.header('content-type'), 'image/png');
  assert.match(png.text, /^.PNG\r\n/s);
  assert.equal((await api('GET', '/api/2fa/qr-code', { token, query: { format: 'gif' } })).status, 400);
});

test('5.7 the active secret is never shown: 409 when it is on', async () => {
  const { token } = await enrolled();
  expectError(await api('GET', '/api/2fa/qr-code', { token }), 409, '2FA already enabled');
});

test('1.8 verify-otp ends the set-up with a verified token', async () => {
  const { account, token } = await user();
  const app = await begin(dialtone, token);
  const answer = await verify(dialtone, token, app.fresh(), { username: account.username });
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(Object.keys(answer.json.data).sort(), ['expire', 'token']);
  assert.equal(answer.json.code, 200);
  assert.equal(answer.json.message, 'OTP verified');
  assert.match(answer.json.data.expire, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  const claims = payloadOf(answer.json.data.token);
  assert.equal(claims['2fa'], true);
  assert.equal(claims.otp_verified, true);
  assert.equal(claims.exp - claims.iat, 14 * 86400);
});

test('1.8 what is not well formed is 400 and costs no guess', async () => {
  const { account, token } = await user();
  await begin(dialtone, token);
  const bodies = ['{"otp":', '[]', '{}', '{"otp":12345}', '{"otp":123456.5}', '{"otp":"123-456"}', '{"otp":"12345"}', '{"otp":"1234567"}', '{"otp":"12345a"}',
    '{"otp":"١٢٣٤٥٦"}', '{"otp":" 12345"}', '{"otp":null}', '{"otp":["123456"]}', '{"otp":"123456","username":7.5}'];
  for (const body of bodies) {
    expectError(await api('POST', '/api/2fa/verify-otp', { token, body }), 400, 'request fields malformed');
  }
  assert.deepEqual(await dialtone.sql(`SELECT 1 FROM guesses WHERE subject = 'otp:${account.id}'`), []);
});

test('1.8 blanks in and around a code do not count, as authenticators show it', async () => {
  for (const spelled of [(code) => `${code.slice(0, 3)} ${code.slice(3)}`, (code) => ` ${code} `, (code) => [...code].join(' ')]) {
    const { token } = await user();
    const app = await begin(dialtone, token);
    const answer = await api('POST', '/api/2fa/verify-otp', { token, body: { otp: spelled(app.fresh()) } });
    assert.equal(answer.status, 200, answer.text);
  }
});

test('1.8 an integer is its decimal digits', async () => {
  const { token } = await user();
  const app = await begin(dialtone, token);
  const wrong = Number(app.wrong().replace(/^0/, '1'));
  expectError(await api('POST', '/api/2fa/verify-otp', { token, body: { otp: wrong } }), 400, 'invalid_otp');
});

test('1.8 the body is read as JSON whatever its Content-Type says', async () => {
  const { token } = await user();
  const app = await begin(dialtone, token);
  const answer = await api('POST', '/api/2fa/verify-otp', {
    token, body: JSON.stringify({ otp: app.fresh() }), headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  });
  assert.equal(answer.status, 200, answer.text);
});

test('1.8 of a member given twice the last one counts', async () => {
  const { token } = await user();
  const app = await begin(dialtone, token);
  const answer = await api('POST', '/api/2fa/verify-otp', { token, body: `{"otp":"${app.wrong()}","otp":"${app.fresh()}"}` });
  assert.equal(answer.status, 200, answer.text);
});

test('1.8 without a secret it is 400, not 404', async () => {
  const { token } = await user();
  expectError(await verify(dialtone, token, '123456'), 400, 'user secret not found');
});

test('1.8 a wrong code is 400 invalid_otp', async () => {
  const { token } = await user();
  const app = await begin(dialtone, token);
  expectError(await verify(dialtone, token, app.wrong()), 400, 'invalid_otp');
});

test('1.8 a clock 29 seconds off is accepted, two steps off is not', async () => {
  for (const offset of [-29, 29]) {
    const { token } = await user();
    const app = await begin(dialtone, token);
    const code = app.at(Math.floor((Date.now() / 1000 + offset) / 30));
    assert.equal((await verify(dialtone, token, code)).status, 200);
  }
  const { token } = await user();
  const app = await begin(dialtone, token);
  for (const step of [stepNow() - 3, stepNow() + 3]) {
    expectError(await verify(dialtone, token, app.at(step)), 400, 'invalid_otp');
  }
});

test('1.8 a body above 32 KiB is 413', async () => {
  const { token } = await user();
  expectError(await verify(dialtone, token, 'x'.repeat(33 * 1024)), 413, 'request body too large');
});

test('5.39 and 1.9: recovery codes are five different ones of six digits, made anew by each call', async () => {
  const { account, token } = await enrolled();
  const ask = () => api('POST', '/api/2fa/recovery-codes', { token, body: { password: account.password } });
  const first = await ask();
  assert.equal(first.status, 200, first.text);
  assert.deepEqual(Object.keys(first.json), ['codes']);
  assert.equal(new Set(first.json.codes).size, 5);
  for (const code of first.json.codes) assert.match(code, /^\d{6}$/);
  const second = await ask();
  assert.notDeepEqual(second.json.codes, first.json.codes);
  const waiting = await login(dialtone, account);
  const old = first.json.codes.find((code) => !second.json.codes.includes(code));
  expectError(await verify(dialtone, waiting, old), 400, 'invalid_otp');
  assert.equal((await verify(dialtone, waiting, second.json.codes[0])).status, 200);
});

test('1.9 plain curl -d with a JSON body is understood', async () => {
  const { account, token } = await enrolled();
  const answer = await api('POST', '/api/2fa/recovery-codes', {
    token, body: JSON.stringify({ password: account.password }), headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  });
  assert.equal(answer.status, 200, answer.text);
});

test('1.9 a wrong password is 401, a missing one 400, without 2FA 400', async () => {
  const { account, token } = await enrolled();
  const ask = (body, as = token) => api('POST', '/api/2fa/recovery-codes', { token: as, body });
  expectError(await ask({ password: 'not it' }), 401, 'invalid password');
  expectError(await ask({}), 400, 'password is required');
  expectError(await ask({ password: '' }), 400, 'password is required');
  expectError(await ask({ password: 7.5 }), 400, 'request fields malformed');
  const other = await user();
  expectError(await ask({ password: other.account.password }, other.token), 400, '2FA is not enabled');
  assert.notEqual(account.id, other.account.id);
});

test('1.10 status is true only when it is on', async () => {
  const { token } = await user();
  const status = async (as) => (await api('GET', '/api/2fa/status', { token: as })).json;
  assert.deepEqual(await status(token), { status: false });
  const app = await begin(dialtone, token);
  assert.deepEqual(await status(token), { status: false });
  const answer = await verify(dialtone, token, app.fresh());
  assert.deepEqual(await status(answer.json.data.token), { status: true });
});

test('1.11 disable ends every session and forgets secret and codes', async () => {
  const { account, app, token } = await enrolled();
  const made = await api('POST', '/api/2fa/recovery-codes', { token, body: { password: account.password } });
  const waiting = await login(dialtone, account);
  const answer = await api('POST', '/api/2fa/disable', { token, body: { username: 'ignored', password: account.password } });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.json.code, 200);
  assert.deepEqual(answer.json.data, { must_relogin: true });
  for (const ended of [token, waiting]) {
    expectError(await api('GET', '/api/2fa/status', { token: ended }), 401, 'token revoked');
  }
  const again = await login(dialtone, account);
  assert.equal(payloadOf(again)['2fa'], false);
  for (const code of [app.fresh(), made.json.codes[0]]) {
    expectError(await verify(dialtone, again, code), 400, 'user secret not found');
  }
});

test('1.11 the rows of disable that fail', async () => {
  const { token } = await enrolled();
  const ask = (body, as = token) => api('POST', '/api/2fa/disable', { token: as, body });
  expectError(await ask('{"password"'), 400, 'request fields malformed');
  expectError(await ask({}), 400, 'password is required to disable 2FA');
  expectError(await ask({ password: '' }), 400, 'password is required to disable 2FA');
  const refused = await ask({ password: 'not it' });
  expectError(refused, 401, 'invalid password');
  assert.equal(refused.header('www-authenticate'), 'Bearer realm="nethcti"');
  const other = await user();
  expectError(await ask({ password: other.account.password }, other.token), 400, '2FA is not enabled');
});

test('1.12 login with 2FA takes two steps and the first token opens nothing else', async () => {
  const { account, app } = await enrolled();
  const first = await login(dialtone, account);
  const claims = payloadOf(first);
  assert.equal(claims['2fa'], true);
  assert.equal(claims.otp_verified, false);
  expectError(await api('GET', '/api/user/me', { token: first }), 403, 'otp verification required');
  const answer = await verify(dialtone, first, app.fresh());
  assert.equal(answer.status, 200, answer.text);
  assert.equal((await api('GET', '/api/user/me', { token: answer.json.data.token })).status, 200);
});

test('1.3 login step two leaves the other sessions alone, the first set-up ends them', async () => {
  const { account, token } = await user();
  const other = await login(dialtone, account);
  const { app, token: verified } = await enable(dialtone, token);
  expectError(await api('GET', '/api/user/me', { token: other }), 401, 'token revoked');
  const waiting = await login(dialtone, account);
  const again = await verify(dialtone, waiting, app.fresh());
  assert.equal(again.status, 200, again.text);
  for (const live of [verified, again.json.data.token]) {
    assert.equal((await api('GET', '/api/user/me', { token: live })).status, 200);
  }
});

test('1.3 a replaced token is good for calls in flight, then revoked', async () => {
  const { token } = await user();
  await enable(dialtone, token);
  assert.equal((await api('GET', '/api/user/me', { token })).status, 200);
  expectError(await verify(dialtone, token, '123456'), 400, 'invalid_otp');
  const { jti } = payloadOf(token);
  const [[seconds]] = await dialtone.sql(`SELECT extract(epoch FROM revoked_at - now()) FROM sessions WHERE jti = '${jti}'`);
  assert.ok(seconds > 0 && seconds <= 10, seconds);
  await dialtone.sql(`UPDATE sessions SET revoked_at = now() WHERE jti = '${jti}'`);
  expectError(await api('GET', '/api/user/me', { token }), 401, 'token revoked');
});

test('an_administrator_takes_the_second_factor_from_somebody_who_lost_it', async () => {
  const { account, token } = await enrolled();
  const path = `/api/accounts/${account.id}/two_factor`;
  assert.equal((await api('DELETE', path, { token })).status, 403);
  assert.equal((await api('DELETE', path, { as: 'admin' })).status, 200);
  expectError(await api('GET', '/api/user/me', { token }), 401, 'token revoked');
  assert.equal(payloadOf(await login(dialtone, account))['2fa'], false);
  assert.equal((await api('DELETE', path, { as: 'admin' })).status, 404);
});

const takeAway = (id, options) => api('DELETE', `/api/accounts/${id}/two_factor`, options);

test('31 the own factor is taken away with password and code, through every door an administrator has', async () => {
  const { account, app, token, service } = await enrolledAdmin();
  const doors = { key: { key: service }, session: { token } };
  for (const [name, door] of Object.entries(doors)) {
    const missing = await takeAway(account.id, door);
    assert.equal(missing.status, 422, name);
    assert.deepEqual(Object.keys(missing.json.errors).sort(), ['otp', 'password']);
    for (const body of [{ password: account.password }, { otp: app.wrong() }, { password: account.password, otp: 'abcdef' }]) {
      assert.equal((await takeAway(account.id, { ...door, body })).status, 422, name);
    }
    assert.equal((await takeAway(account.id, { ...door, body: { password: 'not it', otp: app.wrong() } })).status, 401, name);
    assert.equal((await takeAway(account.id, { ...door, body: { password: account.password, otp: app.wrong() } })).status, 400, name);
  }
  assert.equal((await digestRequest(dialtone, account, { method: 'DELETE', path: `/api/accounts/${account.id}/two_factor`,
    body: { password: account.password, otp: app.fresh() } })).status, 403);
  assert.equal((await takeAway(account.id, { key: service, body: { password: account.password, otp: app.fresh() } })).status, 200);
  assert.equal(payloadOf(await login(dialtone, account))['2fa'], false);
});

test('31 guesses at the own code are counted, and a used one opens nothing', async () => {
  const { account, app, service } = await enrolledAdmin();
  const attempt = (otp) => takeAway(account.id, { key: service, body: { password: account.password, otp } });
  for (let i = 0; i < 5; i++) assert.equal((await attempt(app.wrong())).status, 400);
  const locked = await attempt(app.fresh());
  assert.equal(locked.status, 429);
  assert.ok(Number(locked.header('retry-after')) > 0);
  assert.equal((await takeAway(account.id, { as: 'admin' })).status, 200, 'another administrator needs none of it');
});

test('3.2a turning 2FA on deletes the own API key, and service keys stay', async () => {
  const { account, token, service } = await enrolledAdmin({ withOwnKey: true });
  assert.deepEqual(await dialtone.sql(`SELECT name FROM api_keys WHERE account_id = ${account.id}`), [['service']]);
  const ask = (options) => api('GET', '/api/accounts/me/api_key', options);
  /* A key is made by a session that has shown the second factor, and by nothing less. */
  assert.equal((await ask({ token: await login(dialtone, account) })).status, 403);
  const refused = await ask({ key: service });
  assert.equal(refused.status, 403);
  assert.match(refused.json.message, /second factor/);
  assert.equal((await digestRequest(dialtone, account, { path: '/api/accounts/me/api_key' })).status, 403);
  const own = await ask({ token });
  assert.equal(own.status, 200);
  assert.equal((await api('GET', '/api/accounts/me', { key: own.text })).status, 200);
  assert.equal((await ask({ key: own.text })).status, 403);
});

/* An administrator with 2FA on and a service key. */
async function enrolledAdmin({ withOwnKey = false } = {}) {
  const account = await createAccount(dialtone, { admin: true });
  const first = await login(dialtone, account);
  const service = crypto.randomBytes(20).toString('hex');
  const hash = crypto.createHash('sha256').update(service).digest('hex');
  await dialtone.sql(`INSERT INTO api_keys (account_id, key_hash, name, expires_after_last_used_minutes)
    VALUES (${account.id}, decode('${hash}', 'hex'), 'service', 0)`);
  if (withOwnKey) {
    const own = await api('GET', '/api/accounts/me/api_key', { token: first });
    const enabled = await enable(dialtone, first);
    assert.equal((await api('GET', '/api/accounts/me', { key: own.text })).status, 401);
    return { account, service, ...enabled };
  }
  return { account, service, ...(await enable(dialtone, first)) };
}
