/* One guard for all doors (accounts-api 16, item 30): wrong passwords and keys, counted the same wherever they are tried. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAccount, createUser, login, randomName } from '../lib/accounts.mjs';
import { Contract } from '../lib/contract.mjs';
import { legacyLogin } from '../lib/cti.mjs';
import { challenge, challengesOf, digestRequest } from '../lib/digest.mjs';
import { buildDir, ownInstance } from '../lib/instance.mjs';
import { newEnrolled } from '../lib/otp.mjs';
import { runOk } from '../lib/run.mjs';

const PER_ACCOUNT = 10, IN_ALL = 14, PER_ADDRESS = 40;
const dialtone = await ownInstance({ options: ['--workers', '2', '--set', 'legacy_auth=true',
  '--set', `password_failures_per_account_total=${IN_ALL}`, '--set', `password_failures_per_address=${PER_ADDRESS}`],
  rates: ['--login-rate', '1000r/s', '--set-relay', 'handshakes_per_minute_per_address=0', '--set', 'request_rate=0', '--set', 'stranger_rate=0', '--set', 'account_requests_per_minute=0'] });

/* Each test has addresses of its own: what one counts, no other test meets. */
let network = 0;
const newAddress = () => `127.1.${network >> 7}.${2 * (network++ & 127) + 1}`;
const times = async (n, fn) => { for (let i = 0; i < n; i++) await fn(i); };
const wait = (answer) => Number(answer.header('retry-after') ?? 0);
const logIn = ({ username, password }, localAddress, headers) =>
  dialtone.api('POST', '/api/login', { body: { username, password }, localAddress, headers });
const guess = (account, localAddress, headers) => logIn({ ...account, password: 'not it' }, localAddress, headers);
const isOpen = async (account, address) => (await logIn(account, address)).status === 200;
const ctl = (...args) => runOk(`${buildDir}/dialtonectl`, ['--config', dialtone.env.DIALTONE_CONFIG, ...args]);

function isLocked(answer) {
  assert.equal(answer.status, 401, answer.text);
  assert.ok(wait(answer) > 14 * 60 && wait(answer) <= 15 * 60, `Retry-After: ${wait(answer)}`);
}

const wrongOf = (account) => ({ ...account, password: 'not it' });

test('2,000 wrong passwords over DIGEST on one nonce count, and lock the right one out too', async () => {
  const account = await createAccount(dialtone);
  const [line] = await challenge(dialtone, account);
  await times(PER_ACCOUNT, async (i) => {
    const answer = await digestRequest(dialtone, wrongOf(account), { challenge: line, nc: i + 1 });
    assert.equal(answer.status, 401);
    assert.equal(wait(answer), 0);
  });
  for (const one of [wrongOf(account), account]) {
    const answer = await digestRequest(dialtone, one, { challenge: line, nc: 2000 });
    isLocked(answer);
    assert.deepEqual(answer.json, { message: 'Unauthorized' });
    assert.deepEqual(challengesOf(answer).map(({ stale }) => stale), [undefined]);
  }
  assert.match(await dialtone.log('api'), new RegExp('event=locked door=digest scope=account address=127\\.0\\.0\\.1'
    + ` network=127\\.0\\.0\\.1 seconds=\\d+ until=\\S+ account=${account.id} name=${account.username}@${account.domain}\n`));
  await dialtone.sql(`DELETE FROM guesses WHERE subject LIKE 'address:%'`);
});

test('a super admin is guarded like every account', async () => {
  const admin = { username: dialtone.env.DIALTONE_ADMIN.split('@')[0], domain: dialtone.env.DIALTONE_DOMAIN, password: 'not it' };
  await times(PER_ACCOUNT, () => digestRequest(dialtone, admin, { path: '/api/accounts' }));
  isLocked(await digestRequest(dialtone, { ...admin, password: dialtone.env.DIALTONE_ADMIN_PASSWORD }, { path: '/api/accounts' }));
  assert.equal((await dialtone.api('GET', '/api/accounts', { as: 'admin' })).status, 200, 'its API key is not concerned');
  await dialtone.sql('DELETE FROM guesses');
});

test('a right response with a worthless nonce costs nothing, a wrong one counts whatever its nonce', async () => {
  const account = await createAccount(dialtone);
  const [line] = await challenge(dialtone, account);
  const worthless = { ...line, nonce: '0'.repeat(64) };
  const failures = async () => Number((await dialtone.sql(
    "SELECT coalesce(max(failures), 0) FROM guesses WHERE subject LIKE 'password:%/127.0.0.1'"))[0][0]);
  await times(3, async () => {
    const [fresh] = challengesOf(await digestRequest(dialtone, account, { challenge: worthless }));
    assert.equal(fresh.stale, 'true');
  });
  assert.equal(await failures(), 0);
  await digestRequest(dialtone, wrongOf(account), { challenge: worthless });
  assert.equal(await failures(), 1);
  await times(3, () => digestRequest(dialtone, wrongOf(account), { challenge: line, wrong: { qop: 'auth-int' } }));
  await times(3, () => digestRequest(dialtone, account, { challenge: line, wrong: { response: null } }));
  assert.equal(await failures(), 1, 'what is malformed is no guess');
  await dialtone.sql('DELETE FROM guesses');
});

/* The rows that take a password to compare it, as the description names them; the others that take one store it. */
const STORE = ['POST /api/accounts', 'PUT /api/accounts/{id}', 'POST /api/accounts/with-account-creation-token', 'POST /api/accounts/with-token',
  'POST /api/accounts/public', 'POST /api/accounts/{id}/external', 'POST /api/spaces/{domain}/email', 'POST /reset_password'];

function doorsOf({ account, token }) {
  const { username, id } = account;
  const password = 'not it';
  const post = (where, body) => () => dialtone.api('POST', where, { token, body });
  return {
    'POST /api/login': [401, post('/api/login', { username, password })],
    'POST /webrest/authentication/login': [401, () => dialtone.api('POST', '/webrest/authentication/login', { body: { username, password } })],
    'a row by DIGEST': [401, () => digestRequest(dialtone, wrongOf(account))],
    'POST /api/2fa/disable': [401, post('/api/2fa/disable', { password })],
    'POST /api/2fa/recovery-codes': [401, post('/api/2fa/recovery-codes', { password })],
    'POST /api/accounts/me/password': [422, post('/api/accounts/me/password', { old_password: password, password: 'another one', algorithm: 'SHA-256' })],
    'DELETE /api/accounts/{id}/two_factor': [401, () => dialtone.api('DELETE', `/api/accounts/${id}/two_factor`, { token, body: { password, otp: '000000' } })],
  };
}

test('every door counts in one place, and no row that takes a password is left out', async () => {
  const doors = doorsOf(await newEnrolled(dialtone, { admin: true }));
  const { operations, openapi } = await Contract.of(dialtone);
  const takes = ({ schemaName }) => Object.entries(openapi.components.schemas[schemaName]?.properties ?? {})
    .some(([name, { format }]) => format === 'password' && /password/.test(name));
  for (const { key } of operations.filter(takes)) assert.ok(key in doors || STORE.includes(key), key);
  const failures = async () => Number((await dialtone.sql(
    "SELECT coalesce(max(failures), 0) FROM guesses WHERE subject LIKE 'password:%/127.0.0.1'"))[0][0]);
  await dialtone.sql('DELETE FROM guesses');
  let counted = 0;
  for (const [name, [status, door]] of Object.entries(doors)) {
    const answer = await door();
    assert.deepEqual([answer.status, wait(answer), await failures()], [status, 0, ++counted], name);
  }
  for (; counted < PER_ACCOUNT; counted++) await doors['POST /api/login'][1]();
  for (const [name, [status, door]] of Object.entries(doors)) {
    const answer = await door();
    assert.equal(answer.status, status, name);
    assert.ok(wait(answer) > 0, name);
  }
  assert.equal(await failures(), PER_ACCOUNT, 'a locked door counts no further');
  await dialtone.sql('DELETE FROM guesses');
});

test('150 wrong API keys lock the network for passwords and keys, no valid key', async () => {
  const address = newAddress();
  const user = await createUser(dialtone);
  const service = dialtone.env.DIALTONE_ADMIN_API_KEY;
  const tryKey = (key, headers = {}) => dialtone.api('GET', '/api/accounts/me', { key, headers, localAddress: address });
  await times(PER_ADDRESS, async (i) => {
    const answer = i % 2 ? await tryKey(`no such key ${i}`) : await tryKey(undefined, { Cookie: `x-api-key=none-${i}` });
    assert.equal(answer.status, 401);
    assert.equal(wait(answer), 0, `${i}`);
  });
  const answer = await tryKey('another one');
  isLocked(answer);
  assert.deepEqual(answer.json, { message: 'Invalid API Key' });
  isLocked(await logIn(user, address));
  assert.equal((await tryKey(service)).status, 200);
  assert.ok(await isOpen(user, newAddress()));
  assert.match(await dialtone.log('api'), new RegExp(`event=locked door=api-key scope=network address=${address} network=${address} seconds=\\d+ until=\\S+ account=- name=-\n`));
});

test('wrong tokens of the HMAC login lock the network for passwords, no valid token', async () => {
  const address = newAddress();
  const [user, known] = [await createAccount(dialtone), await createAccount(dialtone)];
  const valid = await legacyLogin(dialtone, user);
  assert.ok(await isOpen(known, address));
  const tryToken = (Authorization) => dialtone.api('GET', '/webrest/user/me', { headers: { Authorization }, localAddress: address });
  const token = (i) => `${user.username}:${String(i).padStart(40, 'a')}`;
  await times(PER_ADDRESS, async () => assert.equal((await tryToken(token('old'.length))).status, 401));
  assert.deepEqual(await dialtone.sql(`SELECT failures FROM guesses WHERE subject = 'address:${address}'`), [['1']], 'one that has ended counts once');
  for (let i = 10; i < PER_ADDRESS + 9; i++) assert.equal((await tryToken(token(i))).status, 401);
  assert.ok(wait(await tryToken(token(99))) > 0);
  isLocked(await logIn(user, address));
  assert.ok(await isOpen(known, address), 'an account that is known there');
  assert.equal((await tryToken(valid)).status, 200);
  assert.match(await dialtone.log('api'), new RegExp(`event=locked door=hmac-token scope=network address=${address} network=${address} `));
});

test('a forgotten script with one wrong key locks no office out', async () => {
  const address = newAddress();
  await times(PER_ADDRESS + 5, async () => {
    assert.equal(wait(await dialtone.api('GET', '/api/accounts/me', { key: 'an old one', localAddress: address })), 0);
  });
  assert.deepEqual(await dialtone.sql(`SELECT failures FROM guesses WHERE subject = 'address:${address}'`), [['1']]);
});

test('ten wrong passwords from one network lock the account there, and nowhere else', async () => {
  const account = await createAccount(dialtone);
  const attacker = newAddress(), elsewhere = newAddress();
  await times(PER_ACCOUNT, () => guess(account, attacker));
  isLocked(await logIn(account, attacker));
  assert.ok(await isOpen(account, elsewhere));
});

test('an attacker with many networks locks the account, but not where its owner comes from', async () => {
  const account = await createAccount(dialtone);
  const home = newAddress(), phone = newAddress();
  assert.ok(await isOpen(account, home));
  assert.equal((await digestRequest({ ...dialtone, api: (m, p, o) => dialtone.api(m, p, { ...o, localAddress: phone }) }, account)).status, 200);
  await times(IN_ALL, () => guess(account, newAddress()));
  isLocked(await logIn(account, newAddress()));
  for (const known of [home, phone]) assert.ok(await isOpen(account, known), known);
  assert.match(await dialtone.log('api'), new RegExp(`event=locked door=login scope=account_everywhere address=\\S+ network=\\S+ seconds=\\d+ until=\\S+ account=${account.id} name=\\S+@`));

  await dialtone.sql(`UPDATE known_networks SET last_success = now() - interval '31 days' WHERE account_id = ${account.id} AND network = '${home}'`);
  isLocked(await logIn(account, home));
});

test('a known network that is locked is open to those known there, ten wrong ones of their own aside', async () => {
  const [known, stranger] = [await createAccount(dialtone), await createAccount(dialtone)];
  const office = newAddress();
  assert.ok(await isOpen(known, office));
  await times(PER_ADDRESS, () => guess({ username: randomName('nobody') }, office));
  isLocked(await logIn(stranger, office));
  assert.ok(await isOpen(known, office));
  await times(PER_ACCOUNT, () => guess(known, office));
  isLocked(await logIn(known, office));
});

test('a wrong password at a locked network tells no one who is known there', async () => {
  const [colleague, stranger] = [await createAccount(dialtone), await createAccount(dialtone)];
  const office = newAddress();
  assert.ok(await isOpen(colleague, office));
  await times(PER_ADDRESS, () => guess({ username: randomName('none') }, office));
  for (const name of [colleague, stranger, { username: randomName('none') }]) {
    const answer = await guess(name, office);
    isLocked(answer);
    assert.deepEqual(answer.json, { code: 401, message: 'incorrect Username or Password', data: null });
    isLocked(await dialtone.api('POST', '/webrest/authentication/login', { body: { username: name.username, password: 'not it' }, localAddress: office }));
  }
  assert.ok(await isOpen(colleague, office));
});

test('a locked network leaves no row for each name that is tried there', async () => {
  const office = newAddress();
  const rows = async () => Number((await dialtone.sql(`SELECT count(*) FROM guesses WHERE subject LIKE '%${office}'`))[0][0]);
  await times(PER_ADDRESS + 1, () => guess({ username: randomName('none') }, office));
  const before = await rows();
  await times(20, () => guess({ username: randomName('none') }, office));
  assert.equal(await rows(), before);
});

/* How often each index was looked into, and how many rows were written, for nine wrong passwords: the tenth locks,
 * and is told to the owner. */
async function workOf(username, localAddress) {
  const settle = () => dialtone.sql(`SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'dialtone-api'`);
  const read = async () => new Map((await dialtone.sql(`SELECT indexrelname, idx_scan FROM pg_stat_user_indexes
    WHERE indexrelname IN ('accounts_username_key', 'passwords_pkey', 'known_networks_pkey', 'guesses_pkey')
    UNION ALL SELECT 'guesses written', n_tup_ins + n_tup_upd FROM pg_stat_user_tables WHERE relname = 'guesses'`)).map(([name, n]) => [name, Number(n)]));
  await settle();
  const before = await read();
  for (let counted = 0; counted < PER_ACCOUNT - 1;) counted += (await guess({ username }, localAddress)).status === 401;
  await settle();
  const after = await read();
  return Object.fromEntries([...after].map(([name, n]) => [name, n - before.get(name)]).filter(([, n]) => n));
}

test('a name without an account costs the database the same work as one with', async () => {
  const account = await createAccount(dialtone);
  const home = newAddress(), shut = newAddress();
  for (const network of [home, shut]) assert.ok(await isOpen(account, network));
  await times(PER_ADDRESS, () => guess({ username: randomName('none') }, shut));
  for (const network of [home, shut]) {
    const known = await workOf(account.username, network);
    assert.ok(known.passwords_pkey >= 18 && known.known_networks_pkey >= 9 && known['guesses written'] >= 18, JSON.stringify(known));
    assert.deepEqual(await workOf(randomName('none'), network), known);
  }
});

test('a page of an opaque origin locks no network', async () => {
  const address = newAddress();
  for (const origin of ['null', 'file://']) {
    await guess({ username: randomName('nobody') }, address, { Origin: origin });
  }
  assert.deepEqual(await dialtone.sql(`SELECT 1 FROM guesses WHERE subject = 'address:${address}'`), []);
  const account = await createAccount(dialtone);
  await times(PER_ACCOUNT, () => guess(account, address, { Origin: 'null' }));
  isLocked(await logIn(account, address));
});

test('networks are written down once a day, and twenty of them', async () => {
  const account = await createAccount(dialtone);
  const home = newAddress();
  const written = () => dialtone.sql(`SELECT network, last_success FROM known_networks WHERE account_id = ${account.id} ORDER BY last_success`);
  assert.ok(await isOpen(account, home));
  const first = await written();
  assert.ok(await isOpen(account, home));
  assert.deepEqual(await written(), first);
  await times(20, async () => assert.ok(await isOpen(account, newAddress())));
  const rows = await written();
  assert.equal(rows.length, 20);
  assert.ok(!rows.some(([known]) => known === home));
});

test('a password set by an administrator clears the lock, wherever it came from', async () => {
  const account = await createAccount(dialtone);
  const addresses = [newAddress(), newAddress()];
  await times(PER_ACCOUNT, () => guess(account, addresses[0]));
  await times(IN_ALL - PER_ACCOUNT, () => guess(account, addresses[1]));
  isLocked(await logIn(account, addresses[1]));
  const changed = await dialtone.api('PUT', `/api/accounts/${account.id}`, { as: 'admin',
    body: { username: account.username, password: 'another of them', algorithm: 'SHA-256' } });
  assert.equal(changed.status, 200, changed.text);
  for (const address of addresses) assert.ok(await isOpen({ ...account, password: 'another of them' }, address));
});

test('an account is unlocked at the console', async () => {
  const [account, other] = [await createAccount(dialtone), await createAccount(dialtone)];
  const address = newAddress();
  await times(PER_ACCOUNT, () => guess(account, address));
  await times(PER_ACCOUNT, () => guess(other, address));
  await ctl('account', 'unlock', account.username, account.domain);
  assert.deepEqual(await dialtone.sql(`SELECT action, door FROM audit WHERE object = 'account:${account.username}@${account.domain}' ORDER BY id DESC LIMIT 1`),
    [['account unlock', 'command_line']]);
  assert.ok(await isOpen(account, address));
  isLocked(await logIn(other, address));
  await assert.rejects(ctl('account', 'unlock', 'no.such.user', account.domain), /There is no account/);
});

test('a name that may be a password stands in no log', async () => {
  const address = newAddress(), name = randomName('hunter2');
  await times(PER_ACCOUNT, () => guess({ username: name }, address));
  const log = await dialtone.log('api');
  assert.match(log, new RegExp(`event=locked door=login scope=account address=${address} .* account=- name=hu\\*@${dialtone.env.DIALTONE_DOMAIN}\n`));
  assert.doesNotMatch(log, new RegExp(name));
});

test('sessions are not concerned by a lock', async () => {
  const account = await createAccount(dialtone);
  const token = await login(dialtone, account);
  const legacy = await legacyLogin(dialtone, account);
  await times(PER_ACCOUNT, () => guess(account));
  isLocked(await logIn(account));
  assert.ok(legacy);
  assert.equal((await dialtone.api('GET', '/api/2fa/status', { token })).status, 200);
});
