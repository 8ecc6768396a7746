/* DIGEST (RFC 7616, accounts-api 3.2): the challenge, the counter, and everything that may be wrong. */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { test } from 'node:test';

import { createAccount, createUser, randomName } from '../lib/accounts.mjs';
import { challenge, challengesOf, digestAuthorization, digestRequest, hash } from '../lib/digest.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { keysOf } from '../lib/keys.mjs';
import { run } from '../lib/run.mjs';

const dialtone = await sharedInstance();
const account = await createAccount(dialtone);

const ask = (headers, path = '/api/accounts/me') => dialtone.api('GET', path, { headers });
const fromOf = ({ username, domain }) => `sip:${username}@${domain}`;

/* As an import makes it: a password stored with both algorithms. */
async function createWithBothHashes() {
  const both = await createAccount(dialtone, { algorithm: 'SHA-256' });
  const ha1 = hash('MD5', `${both.username}:${both.domain}:${both.password}`);
  await dialtone.sql(`INSERT INTO passwords (account_id, algorithm, password) VALUES (${both.id}, 'MD5', '${ha1}')`);
  return both;
}

function isRefused(answer, message) {
  assert.equal(answer.status, 401, answer.text);
  assert.deepEqual(answer.json, { message });
}

/* A 401 that a client may answer at once. */
function isChallenged(answer, message) {
  isRefused(answer, message);
  assert.ok(challengesOf(answer).length > 0, 'a new challenge');
  return challengesOf(answer);
}

test('challenge_has_the_layout_that_phones_expect', async () => {
  const answer = await ask({ From: fromOf(account) });
  isRefused(answer, 'Authentication is required.');
  assert.match(answer.header('www-authenticate'),
    /^Digest realm="dialtone\.test",qop="auth",algorithm=SHA-256,nonce="[0-9a-f]{64}",opaque="[0-9a-f]{64}"$/);
});

test('account_with_two_hashes_is_challenged_with_md5_first', async () => {
  const both = await createWithBothHashes();
  const lines = await challenge(dialtone, both);
  assert.deepEqual(lines.map(({ algorithm }) => algorithm), ['MD5', 'SHA-256']);
  assert.equal(lines[0].nonce, lines[1].nonce);
  assert.equal(lines[0].opaque, lines[1].opaque);
  for (const line of lines) {
    const answer = await digestRequest(dialtone, both, { challenge: (await challenge(dialtone, both)).find(({ algorithm }) => algorithm === line.algorithm) });
    assert.equal(answer.status, 200, line.algorithm);
  }
});

test('account_without_a_password_is_not_challenged', async () => {
  const none = await createAccount(dialtone);
  await dialtone.sql(`DELETE FROM passwords WHERE account_id = ${none.id}`);
  const answer = await ask({ From: fromOf(none) });
  isRefused(answer, 'Authentication is required.');
  assert.deepEqual(answer.all('www-authenticate'), []);
});

test('every_challenge_is_another_one', async () => {
  const [[one], [two]] = [await challenge(dialtone, account), await challenge(dialtone, account)];
  assert.notEqual(one.nonce, two.nonce);
  assert.notEqual(one.opaque, two.opaque);
});

test('counter_goes_up_and_never_back', async () => {
  const [line] = await challenge(dialtone, account);
  for (const nc of [1, 2, 7]) {
    const answer = await digestRequest(dialtone, account, { challenge: line, nc });
    assert.equal(answer.status, 200, `nc ${nc}: ${answer.text}`);
    assert.deepEqual(challengesOf(answer), [line], 'success repeats the challenge');
  }
  for (const nc of [7, 6, 1]) isChallenged(await digestRequest(dialtone, account, { challenge: line, nc }), 'Nonce replayed');
  assert.equal((await digestRequest(dialtone, account, { challenge: line, nc: 8 })).status, 200);
});

test('of_two_requests_at_once_with_one_counter_one_is_refused', async () => {
  const [line] = await challenge(dialtone, account);
  const answers = await Promise.all(Array.from({ length: 8 }, () => digestRequest(dialtone, account, { challenge: line, nc: 1 })));
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
});

test('password_of_the_other_algorithm_is_refused_as_wrong_algorithm', async () => {
  const [line] = await challenge(dialtone, account);
  isChallenged(await digestRequest(dialtone, account, { challenge: line, algorithm: 'MD5' }), 'Wrong algorithm');
});

test('missing_algorithm_means_md5', async () => {
  const md5 = await createAccount(dialtone, { algorithm: 'MD5' });
  assert.equal((await digestRequest(dialtone, md5, { wrong: { algorithm: null } })).status, 200);
});

test('wrong_password_is_refused_and_uses_up_nothing', async () => {
  const [line] = await challenge(dialtone, account);
  isChallenged(await digestRequest(dialtone, { ...account, password: 'not the password' }, { challenge: line }), 'Unauthorized');
  assert.equal((await digestRequest(dialtone, account, { challenge: line })).status, 200);
});

test('cleared_or_foreign_opaque_is_refused_with_a_new_challenge', async () => {
  const [line] = await challenge(dialtone, account);
  const [other] = await challenge(dialtone, account);
  for (const [opaque, says, stale] of [['', 'Unauthorized'], [null, 'Unauthorized'], ['nonsense', 'Nonce invalid', 'true'], [other.opaque, 'Nonce invalid', 'true']]) {
    const [fresh] = isChallenged(await digestRequest(dialtone, account, { challenge: line, wrong: { opaque } }), says);
    assert.notEqual(fresh.nonce, line.nonce);
    assert.equal(fresh.stale, stale);
  }
});

test('tampered_nonce_is_refused', async () => {
  const [line] = await challenge(dialtone, account);
  for (const at of [0, 9, 20, 40, 63]) {
    const nonce = line.nonce.slice(0, at) + (line.nonce[at] === '0' ? '1' : '0') + line.nonce.slice(at + 1);
    isChallenged(await digestRequest(dialtone, account, { challenge: { ...line, nonce } }), 'Nonce invalid');
  }
  for (const nonce of ['short', 'z'.repeat(64)]) {
    isChallenged(await digestRequest(dialtone, account, { challenge: { ...line, nonce } }), 'Nonce invalid');
  }
  /* The response is not that of this nonce. */
  for (const nonce of ['', 'short', null, 'z'.repeat(64)]) {
    isChallenged(await digestRequest(dialtone, account, { challenge: line, wrong: { nonce } }), 'Unauthorized');
  }
});

test('nonce_belongs_to_one_account', async () => {
  const other = await createAccount(dialtone);
  const [line] = await challenge(dialtone, other);
  isChallenged(await digestRequest(dialtone, account, { challenge: line }), 'Nonce invalid');
});

test('nonce_belongs_to_one_address', async () => {
  const [line] = await challenge(dialtone, account);
  const headers = { From: fromOf(account), Authorization: digestAuthorization(line, { ...account, method: 'GET', uri: '/api/accounts/me' }) };
  isChallenged(await dialtone.api('GET', '/api/accounts/me', { headers, localAddress: '127.0.0.2' }), 'Nonce invalid');
  assert.equal((await ask(headers)).status, 200);
});

test('nonce_that_redis_has_forgotten_is_stale', async () => {
  const [line] = await challenge(dialtone, account);
  await dialtone.redis('set', 'cti1:digest:epoch', String(crypto.randomInt(1, 2 ** 31)));
  const [fresh] = isChallenged(await digestRequest(dialtone, account, { challenge: line }), 'Nonce expired');
  assert.equal(fresh.stale, 'true');
  assert.equal((await digestRequest(dialtone, account, { challenge: fresh })).status, 200);
});

/* Another challenge like it, as the server would have made it some minutes earlier. */
async function aged(line, minutes) {
  const [key] = await keysOf(dialtone, 'digest');
  const mac = (...parts) => crypto.createHmac('sha256', key).update(Buffer.concat(parts)).digest();
  const head = Buffer.from(line.nonce, 'hex').subarray(0, 16);
  head.writeUInt32BE(head.readUInt32BE(4) - minutes * 60, 4);
  const id = Buffer.alloc(8);
  id.writeBigUInt64BE(BigInt(account.id));
  const nonce = Buffer.concat([head, mac(head, id, Buffer.from('127.0.0.1')).subarray(0, 16)]).toString('hex');
  return { ...line, nonce, opaque: mac(Buffer.from('opaque\0'), Buffer.from(nonce)).toString('hex') };
}

test('nonce_that_has_grown_old_is_stale_and_may_be_exchanged_at_once', async () => {
  const [line] = await challenge(dialtone, account);
  assert.equal((await digestRequest(dialtone, account, { challenge: await aged(line, 59) })).status, 200);
  const [fresh] = isChallenged(await digestRequest(dialtone, account, { challenge: await aged(line, 61) }), 'Nonce expired');
  assert.equal(fresh.stale, 'true');
  assert.equal((await digestRequest(dialtone, account, { challenge: fresh })).status, 200);
});

test('wrong_parts_are_named', async () => {
  for (const [name, value] of [['uri', '/api/accounts'], ['uri', null], ['qop', 'auth-int'], ['qop', null], ['realm', 'elsewhere'], ['realm', null],
    ['nc', '1'], ['nc', '00000000'], ['nc', 'zzzzzzzz'], ['nc', null], ['cnonce', ''], ['cnonce', null],
    ['algorithm', 'SHA-512'], ['username', 'somebody.else'], ['username', null]]) {
    const answer = await digestRequest(dialtone, account, { wrong: { [name]: value } });
    assert.equal(answer.status, 422, `${name}=${value}: ${answer.text}`);
    assert.deepEqual(Object.keys(answer.json.errors), [name]);
  }
});

test('response_must_be_there_and_right', async () => {
  for (const response of ['', null, '0'.repeat(64), 'g']) {
    isChallenged(await digestRequest(dialtone, account, { wrong: { response } }), 'Unauthorized');
  }
});

test('uri_may_be_the_path_with_or_without_the_query', async () => {
  const admin = await createUser(dialtone, { admin: true });
  const path = '/api/accounts?page=1';
  for (const uri of ['/api/accounts', path]) {
    assert.equal((await digestRequest(dialtone, admin, { path, uri })).status, 200, uri);
  }
  assert.equal((await digestRequest(dialtone, admin, { path, uri: '/api/accounts?page=2' })).status, 422);
});

test('authorization_that_cannot_be_read_is_400', async () => {
  for (const rest of ['Digest', 'Digest nonsense', 'Digest username="open', 'Digest username="a", username="b"', 'Digest =,=']) {
    const answer = await ask({ From: fromOf(account), Authorization: rest });
    assert.equal(answer.status, 400, rest);
  }
});

test('other_schemes_are_challenged_for_digest', async () => {
  isChallenged(await ask({ From: fromOf(account), Authorization: `Basic ${Buffer.from('a:b').toString('base64')}` }), 'Authentication is required.');
});

test('without_from_nobody_is_challenged', async () => {
  const [line] = await challenge(dialtone, account);
  const authorization = digestAuthorization(line, { ...account, method: 'GET', uri: '/api/accounts/me' });
  for (const headers of [{}, { Authorization: authorization }]) {
    const answer = await ask(headers);
    isRefused(answer, 'From header is required or invalid token');
    assert.deepEqual(answer.all('www-authenticate'), []);
  }
});

test('from_that_is_no_sip_address_is_refused', async () => {
  for (const from of ['alice', 'sip:alice', 'mailto:alice@example.org', 'sip:@example.org', 'sip:alice@', 'sip:%zz@example.org', 'sip:a b@example.org']) {
    isRefused(await ask({ From: from }), 'Invalid SIP address');
  }
});

test('from_that_names_nobody_is_404', async () => {
  for (const from of ['sip:nobody.at.all@dialtone.test', `sip:${account.username}@elsewhere.example.org`]) {
    assert.equal((await ask({ From: from })).status, 404, from);
  }
});

test('from_is_understood_in_every_form_that_clients_write', async () => {
  const plus = await createAccount(dialtone, { username: `a+${randomName()}` });
  for (const from of [`sip:${plus.username}@${plus.domain}`, `sips:${plus.username}@${plus.domain}`, `sip:${plus.username}@${plus.domain};transport=tls`,
    `<sip:${plus.username}@${plus.domain}>`, `"A <Phone>" <sip:${plus.username}@${plus.domain};user=phone>;tag=1`,
    `sip:${encodeURIComponent(plus.username)}@${plus.domain}`, encodeURIComponent(`sip:${plus.username}@${plus.domain}`), `sip:${plus.username}@${plus.domain}:5061`]) {
    assert.equal((await digestRequest(dialtone, plus, { from })).status, 200, from);
  }
});

test('every_method_is_part_of_the_response', async () => {
  const gone = await createAccount(dialtone);
  const [line] = await challenge(dialtone, gone);
  const ofGet = digestAuthorization(line, { ...gone, method: 'GET', uri: '/api/accounts/me' });
  isChallenged(await dialtone.api('DELETE', '/api/accounts/me', { headers: { From: fromOf(gone), Authorization: ofGet } }), 'Unauthorized');
  assert.equal((await digestRequest(dialtone, gone, { method: 'DELETE', challenge: line })).text, '1');
});

test('admin_may_prove_himself_with_digest', async () => {
  const admin = await createAccount(dialtone, { admin: true });
  const body = { username: randomName(), password: 'long enough' };
  assert.equal((await digestRequest(dialtone, admin, { method: 'POST', path: '/api/accounts', body })).status, 200);
});

test('curl_with_digest_logs_in', async () => {
  for (const { algorithm, ...known } of [account, await createAccount(dialtone, { algorithm: 'MD5' }), await createWithBothHashes()]) {
    const { stdout, stderr } = await run('curl', ['-s', '-S', '--cacert', dialtone.env.DIALTONE_CACERT, '--digest', '-K', '-',
      '-H', `From: ${fromOf(known)}`, '-w', '\n%{http_code}', `${dialtone.env.DIALTONE_URL}/api/accounts/me`],
    { input: `user = "${known.username}:${known.password}"\n` });
    assert.match(stdout, /\n200$/, `${algorithm} ${stderr}`);
    assert.equal(JSON.parse(stdout.split('\n')[0]).id, known.id);
  }
});
