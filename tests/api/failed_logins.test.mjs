/*
 * Each login that fails has a line in the log (docs/monitoring.md): the door, why, from where, and the name that was tried,
 * unless it may be a password.  What a client says can neither end a line nor be taken for a field of one.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAccount, createUser, login } from '../lib/accounts.mjs';
import { digestRequest } from '../lib/digest.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { enable, verify } from '../lib/otp.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await sharedInstance();
const domain = dialtone.env.DIALTONE_DOMAIN;

/* Addresses of this file alone, one a test: no other test meets what is counted of them. */
let number = 0;
const newAddress = () => `127.77.${process.pid & 127}.${++number}`;
const post = (localAddress, body) => dialtone.api('POST', '/api/login', { localAddress, body });

const linesOf = async (address) => (await dialtone.log('api')).split('\n').filter((line) => / event=login_failed /.test(line) && line.includes(` address=${address} `));

async function lines(address, n) {
  await until(async () => (await linesOf(address)).length >= n, { what: `${n} lines of ${address}` });
  const found = await linesOf(address);
  assert.equal(found.length, n, found.join('\n'));
  return found.map((line) => line.slice(line.indexOf('event=')));
}

const failed = (door, reason, address, { id = '-', name = '-' } = {}) =>
  `event=login_failed door=${door} reason=${reason} address=${address} left_out=0 account=${id} name=${name}`;
const of = (account) => ({ id: account.id, name: `${account.username}@${account.domain}` });

test('a_login_that_fails_says_at_which_door_why_and_whose', async () => {
  const [user, blocked] = [await createUser(dialtone), await createAccount(dialtone)];
  const address = newAddress();
  const at = { localAddress: address };
  const answer = await dialtone.api('PUT', `/api/accounts/${blocked.id}`, { as: 'admin', body: { username: blocked.username, blocked: true } });
  assert.equal(answer.status, 200, answer.text);
  const over = user.token;
  user.token = await login(dialtone, user);
  assert.equal((await dialtone.api('POST', '/api/logout', { token: over })).status, 200);
  const via = { ...dialtone, api: (method, path, options) => dialtone.api(method, path, { ...options, ...at }) };

  await post(address, { username: user.username, password: 'not it' });
  await post(address, blocked);
  await digestRequest(via, { ...user, password: 'not it' });
  await dialtone.api('GET', '/api/accounts/me', { ...at, key: 'no such key' });
  await dialtone.api('GET', '/api/user/me', { ...at, token: `${user.token.slice(0, -4)}AAAA` });
  await dialtone.api('GET', '/api/user/me', { ...at, token: over });
  await dialtone.api('POST', '/api/accounts/me/password', { ...at, token: user.token,
    body: { algorithm: 'SHA-256', old_password: 'not it', password: 'another one' } });
  const found = await lines(address, 7);
  /* Each worker writes its own in order. */
  assert.deepEqual(found.sort(), [
    failed('login', 'password', address, of(user)),
    failed('login', 'blocked', address, of(blocked)),
    failed('digest', 'password', address, of(user)),
    failed('api-key', 'key', address),
    failed('jwt', 'token', address),
    failed('jwt', 'revoked', address),
    failed('password-again', 'password', address, of(user)),
  ].sort());
});

test('a_wrong_code_of_the_second_factor_has_a_line_too', async () => {
  const account = await createAccount(dialtone);
  const { app } = await enable(dialtone, await login(dialtone, account));
  const before = (await linesOf('127.0.0.1')).length;
  await verify(dialtone, await login(dialtone, account), app.wrong());
  await until(async () => (await linesOf('127.0.0.1')).slice(before).some((line) =>
    line.endsWith(failed('second-factor', 'code', '127.0.0.1', of(account)))), { what: 'the line of the code' });
});

/* What is typed into the field of the name may be the password. */
test('of_a_name_without_an_account_no_more_is_shown_than_its_beginning', async () => {
  const address = newAddress();
  const names = { 101: '101', admin: 'ad*', 'alice.smith': 'al*', '+390721000000': '+3*', hunter2: 'hu*', Secret: 'se*',
    'correct horse': 'co*', [`x@${domain}`]: 'x', 'let@me.in': '-', [`x@${domain}x`]: '-', 'ünïcode': '-', ' x': '-', '"x': '-' };
  for (const username of Object.keys(names)) await post(address, { username, password: 'not it' });
  const shown = (name) => (name === '-' ? name : `${name}@${domain}`);
  const expected = Object.values(names).map((name) => failed('login', 'unknown_name', address, { name: shown(name) }));
  assert.deepEqual(new Set(await lines(address, expected.length)), new Set(expected));
});

test('nothing_that_a_client_sends_ends_a_line_or_makes_a_field', async () => {
  const address = newAddress(), victim = '198.51.100.7';
  const line = failed('login', 'password', victim);
  const evil = ` address=${victim} left_out=0 ${line}`;
  const names = [`x${evil}`, `x"${evil}`, `x\\${evil}`, `x%s%n${evil}`, `x\n${line}`, `x\u2028${line}`, `x\u0085${line}`, `x\u001b[2J${evil}`, line];
  for (const username of names) await post(address, { username, password: evil });
  for (const name of ['X-Forwarded-For', 'User-Agent', 'Referer', 'X-Request-Id', 'Origin', 'Cookie', 'From', 'x-api-key']) {
    await dialtone.api('GET', '/api/accounts/me', { localAddress: address, token: 'x', headers: { [name]: evil } });
  }
  const digest = `Digest username="${evil}", realm="${domain}", nonce="x", uri="/", response="x", opaque="x"`;
  for (const From of [`sip:x@${domain}`, `"${evil}" <sip:x${evil.replaceAll(' ', '%20')}@${domain}>`]) {
    await dialtone.api('GET', '/api/accounts/me', { localAddress: address, headers: { From, Authorization: digest } });
  }
  await until(async () => (await linesOf(address)).length >= 8, { what: 'the lines' });
  const log = await dialtone.log('api');
  assert.ok(!log.includes(victim));
  for (const text of log.split('\n').slice(0, -1)) assert.match(text, /^ts=[0-9T:.-]+Z level=\w+ prog=\w+ pid=\d+ /);
});

test('a_flood_of_them_is_told_in_part_with_how_many_were_left_out', async () => {
  const address = newAddress();
  let asked = 0;
  await until(async () => {
    await Promise.all(Array.from({ length: 400 }, () => dialtone.api('GET', '/api/user/me', { localAddress: address, token: 'x' })));
    asked += 400;
    return (await linesOf(address)).some((line) => !line.includes(' left_out=0 '));
  }, { what: 'a line that tells how many were left out' });
  const { length } = await linesOf(address);
  assert.ok(length < asked, `${length} lines of ${asked} failures`);
});
