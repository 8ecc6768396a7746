/* One form of user names and passwords (accounts-api 2.5), at every door, however the client composes its letters. */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { test } from 'node:test';

import { createAccount, randomName } from '../lib/accounts.mjs';
import { hmacToken, legacyAttempt } from '../lib/cti.mjs';
import { digestRequest } from '../lib/digest.mjs';
import { buildDir, ownInstance } from '../lib/instance.mjs';
import { newEnrolled } from '../lib/otp.mjs';
import { runOk } from '../lib/run.mjs';

const dialtone = await ownInstance({ options: ['--workers', '1', '--set', 'legacy_auth=true', '--set', 'account_username_regex=^[^A-Z]*$'] });

const COMPOSED = 'pässwörd über Ålesund', TAKEN_APART = COMPOSED.normalize('NFD'), SINGLETON = COMPOSED.replace('Å', '\u212b');
const forms = { COMPOSED, TAKEN_APART, SINGLETON };
assert.equal(new Set(Object.values(forms)).size, 3);

const ctl = (input, ...args) => runOk(`${buildDir}/dialtonectl`, ['--config', dialtone.env.DIALTONE_CONFIG, ...args], { input });
const logIn = (username, password) => dialtone.api('POST', '/api/login', { body: { username, password } });
const md5 = ({ username, domain }, password) => crypto.createHash('md5').update(`${username}:${domain}:${password}`).digest('hex');
const stored = async ({ id }) => (await dialtone.sql(`SELECT password FROM passwords WHERE account_id = ${id}`)).flat();

test('a password in any form is stored in one, and is right in any at every door', async () => {
  for (const [name, made] of Object.entries(forms)) {
    const account = await createAccount(dialtone, { password: made, algorithm: 'MD5' });
    assert.deepEqual(await stored(account), [md5(account, COMPOSED)], name);
    for (const given of Object.values(forms)) {
      assert.equal((await logIn(account.username, given)).status, 200, name);
      const form = await dialtone.api('POST', '/api/login', { body: new URLSearchParams({ username: account.username, password: given }).toString(),
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' } });
      assert.equal(form.status, 200, form.text);
      assert.match((await legacyAttempt(dialtone, { ...account, password: given })).header('www-authenticate'), /^Digest [0-9a-f]{40}$/);
    }
    assert.equal((await digestRequest(dialtone, { ...account, password: COMPOSED })).status, 200, 'DIGEST clients hash this form');
  }
});

test('a password from the command line is the same text', async () => {
  const account = await createAccount(dialtone, { algorithm: 'MD5' });
  await ctl(`${TAKEN_APART}\n`, 'account', 'password', account.username, account.domain);
  for (const given of Object.values(forms)) assert.equal((await logIn(account.username, given)).status, 200);
});

test('a password shown once more is the same text', async () => {
  const { token } = await newEnrolled(dialtone, { password: COMPOSED });
  const shown = await dialtone.api('POST', '/api/2fa/recovery-codes', { token, body: { password: TAKEN_APART } });
  assert.equal(shown.status, 200, shown.text);
});

test('what is too long or too short is counted in that form', async () => {
  const short = await dialtone.api('POST', '/api/accounts', { as: 'admin',
    body: { username: randomName(), password: 'äöüÄÖ'.normalize('NFD'), algorithm: 'MD5' } });
  assert.deepEqual([short.status, Object.keys(short.json.errors)], [422, ['password']], '5 letters, 10 code points');
});

test('a password stored of other bytes is right as it was typed then, and in no other form', async () => {
  const account = await createAccount(dialtone, { algorithm: 'MD5' });
  await dialtone.sql(`UPDATE passwords SET password = '${md5(account, TAKEN_APART)}' WHERE account_id = ${account.id}`);
  assert.equal((await logIn(account.username, TAKEN_APART)).status, 200);
  assert.equal((await logIn(account.username, COMPOSED)).status, 401);
  assert.equal((await logIn(account.username, SINGLETON)).status, 401);
});

test('an HMAC token is computed of what the client has sent', async () => {
  const { username, domain } = await createAccount(dialtone, { username: `müller.${randomName()}`, password: COMPOSED });
  for (const password of Object.values(forms)) {
    const typed = { username: `${username}@${domain}`.normalize('NFD'), password };
    const [, nonce] = /^Digest (\w+)$/.exec((await legacyAttempt(dialtone, typed)).header('www-authenticate'));
    const Authorization = `${Buffer.from(typed.username).toString('latin1')}:${hmacToken(typed, nonce)}`;
    const me = await dialtone.api('GET', '/webrest/user/me', { headers: { Authorization } });
    assert.deepEqual([me.status, me.json.username], [200, username], me.text);
  }
});

test('a name in another form is the same name', async () => {
  const username = `jörg.${randomName()}`, apart = username.normalize('NFD');
  const account = await createAccount(dialtone, { username: apart });
  assert.equal(account.username, username);
  const again = await dialtone.api('POST', '/api/accounts', { as: 'admin', body: { username, password: 'long enough', algorithm: 'MD5' } });
  assert.deepEqual(Object.keys(again.json.errors), ['username'], again.text);
  const sip = encodeURIComponent(`sip:${apart}@${account.domain}`);
  const asked = [
    logIn(apart, account.password), logIn(`${apart}@${account.domain}`, account.password),
    dialtone.api('GET', `/api/accounts/${sip}/info`), dialtone.api('GET', `/api/accounts/${sip}/search`, { as: 'admin' }),
    ctl('', 'account', 'unlock', apart, account.domain).then(() => ({ status: 200 })),
  ];
  assert.deepEqual((await Promise.all(asked)).map(({ status }) => status), [200, 200, 200, 200, 200]);
  const challenged = await dialtone.api('GET', '/api/accounts/me', { headers: { From: `sip:${encodeURIComponent(apart)}@${account.domain}` } });
  assert.match(challenged.header('www-authenticate'), /^Digest realm/);
});
