/*
 * Provisioning as an operator sets it up: settings, a file with entries, client certificates; and Linphone's own
 * library as the phone (tests/linphone/phone.c), through nginx and TLS.
 */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs/promises';
import https from 'node:https';
import path from 'node:path';
import { test } from 'node:test';

import { createAccount, createUser, readAccount } from '../lib/accounts.mjs';
import { hash } from '../lib/digest.mjs';
import { ownInstance, sourceDir, temporaryDirectory } from '../lib/instance.mjs';
import { entriesOf, sectionsOf } from '../lib/lpconfig.mjs';
import { newEnrolled } from '../lib/otp.mjs';
import { runOk } from '../lib/run.mjs';

const dir = await temporaryDirectory();
const inDir = (name) => path.join(dir, name);
await makeAuthority();
await fs.writeFile(inDir('nginx.conf'), `ssl_client_certificate "${inDir('ca.pem')}";\nssl_verify_client optional;\ninclude "${sourceDir}/nginx/client_certificate.conf";\n`);
await fs.mkdir(inDir('.local/share/linphone'), { recursive: true }); // version 5.3 ends without it
await runOk('cc', ['-o', inDir('phone'), path.join(sourceDir, 'tests/linphone/phone.c'), '-llinphone', '-lbellesip', '-lbctoolbox']);

const dialtone = await ownInstance({ options: ['--include', inDir('nginx.conf'), '--set', `account_provisioning_rc_file=${inDir('{domain}.rc')}`] });
const DOMAIN = (await createAccount(dialtone)).domain;
const rcFile = inDir(`${DOMAIN}.rc`);
const site = dialtone.env.DIALTONE_URL;
const asAdmin = { as: 'admin' };
const get = (where, options) => dialtone.api('GET', `/provisioning${where}`, options);
const by = ({ provisioning_token: token }, options) => get(`/${token}`, options);
const hasAccount = (answer) => answer.status === 200 && answer.text.includes('ha1');
const HEADER = { headers: { 'X-Linphone-Provisioning': '1' } };

async function makeAuthority() {
  await runOk('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=Phones', '-keyout', inDir('ca.key'), '-out', inDir('ca.pem')]);
}

/* subject as openssl takes it, "/O=x/CN=y". */
async function certificate(subject, authority = ['-CA', inDir('ca.pem'), '-CAkey', inDir('ca.key')]) {
  const [key, cert] = [inDir('phone.key'), inDir('phone.pem')];
  await runOk('openssl', ['req', '-x509', ...authority, '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-utf8', '-subj', subject, '-keyout', key, '-out', cert]);
  return { key: await fs.readFile(key), cert: await fs.readFile(cert) };
}

async function asPhone(where, pair, headers = {}) {
  const agent = new https.Agent({ ca: dialtone.ca, ...pair });
  const answer = await dialtone.client.request('GET', where, { agent, headers });
  agent.destroy();
  return answer;
}

test('header_is_asked_for_where_the_setting_says_so_before_anything_is_used_up', async () => {
  const [account, user] = [await createAccount(dialtone, { activated: false }), await createUser(dialtone)];
  await dialtone.configureApi({ provisioning_require_header: 'true' });
  for (const answer of [await get(''), await by(account), await get('/me', { key: user.key })]) {
    assert.deepEqual([answer.status, answer.json], [400, { message: 'The header X-Linphone-Provisioning is required.' }]);
  }
  assert.equal((await get('/me')).status, 401, 'who asks comes first');
  assert.equal((await readAccount(dialtone, account.id)).activated, false);
  assert.equal((await get(`/qrcode/${account.provisioning_token}`)).status, 200);
  assert.ok(hasAccount(await by(account, { headers: { 'X-Linphone-Provisioning': '' } })), 'it is there, whatever it says');
  assert.ok(hasAccount(await get('/me', { key: user.key, ...HEADER })));
  await dialtone.configureApi({ provisioning_require_header: 'false' });
});

test('other_settings_decide_what_is_told', async () => {
  const account = await createAccount(dialtone);
  await dialtone.configureApi({ provisioning_used_token: 'gone', provisioning_transient: 'false', provisioning_v22_entries: 'false' });
  const { misc, proxy_0: proxy } = await sectionsOf(await by(account));
  assert.deepEqual([Object.keys(misc), Object.keys(proxy)], [['contacts-vcard-list'], ['reg_identity']]);
  assert.equal((await by(account)).status, 404);
  await dialtone.configureApi({ provisioning_used_token: 'base', provisioning_transient: 'true', provisioning_v22_entries: 'true' });
});

test('file_of_the_space_is_told_where_the_space_has_no_entries_of_its_own', async () => {
  await fs.writeFile(rcFile, '[net]\nmtu=1300\n');
  assert.deepEqual((await sectionsOf(await get(''))).net, { mtu: '1300' });
  await dialtone.sql(`UPDATE spaces SET custom_provisioning_entries = '[sip]' || chr(10) || 'ping=1' WHERE domain = '${DOMAIN}'`);
  const sections = await sectionsOf(await get(''));
  assert.deepEqual([sections.net, sections.sip], [undefined, { ping: '1' }]);
  await dialtone.sql(`UPDATE spaces SET custom_provisioning_entries = NULL WHERE domain = '${DOMAIN}'`);
  await fs.rm(rcFile);
  assert.deepEqual(Object.keys(await sectionsOf(await get(''))), ['misc'], 'a space need not have one');
});

test('file_that_cannot_be_read_is_503_and_nothing_is_used_up', async () => {
  const account = await createAccount(dialtone, { activated: false });
  for (const make of [() => fs.mkdir(rcFile), () => fs.writeFile(rcFile, `[a]\n${'x=1\n'.repeat(20000)}`), () => runOk('mkfifo', [rcFile])]) {
    await make();
    assert.equal((await by(account)).status, 503);
    await fs.rm(rcFile, { recursive: true });
  }
  assert.match(await dialtone.log('api'), /account_provisioning_rc_file .*: Is a directory|account_provisioning_rc_file .*: Invalid argument/);
  assert.equal((await readAccount(dialtone, account.id)).activated, false);
  assert.ok(hasAccount(await by(account)));
});

test('whatever_bytes_the_file_has_the_document_is_well_formed_and_its_own_sections_are_untouched', async () => {
  const user = await createUser(dialtone);
  const odd = ['<', '&', '"', "'", ']]>', '\r', '\n', '\0', '\x01', '[', ']', '[auth_info_0]', '=', 'ha1=x\n', ' ', 'é', '<!--', ';', '#'].map((text) => Buffer.from(text));
  const texts = [];
  for (let i = 0; i < 25; i++) {
    const parts = Array.from({ length: 200 }, () => (Math.random() < 0.7 ? odd[Math.floor(Math.random() * odd.length)] : crypto.randomBytes(2)));
    await fs.writeFile(rcFile, Buffer.concat([Buffer.from('[a]\nb='), ...parts]));
    texts.push((await get('/me', { key: user.key })).text);
  }
  await fs.rm(rcFile);
  const ha1 = hash('SHA-256', `${user.username}:${user.domain}:${user.password}`);
  for (const entries of await entriesOf(texts)) {
    assert.deepEqual(entries.filter(([section, key]) => section === 'auth_info_0' && key === 'ha1'), [['auth_info_0', 'ha1', ha1, true]]);
    for (const entry of entries) assert.doesNotMatch(entry.slice(0, 3).join(''), /[\0-\x1f\x7f]/);
  }
});

test('client_certificate_opens_the_own_document_where_the_space_allows_it', async () => {
  const [alice, { account: factor }] = [await createUser(dialtone), await newEnrolled(dialtone)];
  const own = await certificate(`/O=Example/CN=sip:${alice.username}@${alice.domain}/OU=a, CN=sip:x@y`);
  assert.equal((await asPhone('/provisioning/me', own)).status, 403, 'the space has to allow it');
  await dialtone.sql(`UPDATE spaces SET client_certificate_authentication = true WHERE domain = '${DOMAIN}'`);
  assert.match((await asPhone('/provisioning/me', own)).text, new RegExp(alice.username));
  assert.match((await asPhone('/provisioning/me', own, { 'x-api-key': 'no-such-key' })).text, new RegExp(alice.username), 'it comes before other credentials');
  assert.match((await asPhone('/provisioning/me', await certificate(`/CN=sip:${factor.username}@${factor.domain}`))).text, new RegExp(factor.username));
  assert.equal((await asPhone('/api/accounts/me', own)).status, 401, 'nothing else');
  for (const subject of [`/O=sip:${alice.username}@${alice.domain}`, `/CN=${alice.username}`, '/CN=sip:nobody.here@sip.example.org', `/CN=sip:nobody.here@${DOMAIN}`,
    `/CN=sip:${alice.username}@${DOMAIN}/CN=sip:${factor.username}@${DOMAIN}`, `/O=x,CN=sip:${alice.username}@${DOMAIN}`]) {
    const refused = await asPhone('/provisioning/me', await certificate(subject));
    assert.deepEqual([refused.status, refused.json], [403, { message: 'This client certificate names no account of this space.' }], subject);
  }
  const forged = { 'SSL-Client-Verify': 'SUCCESS', 'SSL-Client-S-DN': `CN=sip:${alice.username}@${alice.domain}`, SSL_CLIENT_VERIFY: 'SUCCESS', SSL_CLIENT_S_DN: `CN=sip:${alice.username}@${alice.domain}` };
  assert.equal((await get('/me', { headers: forged })).status, 401, 'header lines are no certificate');
  await dialtone.api('POST', `/api/accounts/${alice.id}/block`, asAdmin);
  assert.equal((await asPhone('/provisioning/me', own)).status, 403);
  const stranger = await certificate(`/CN=sip:${factor.username}@${DOMAIN}`, []);
  assert.equal((await asPhone('/provisioning/me', stranger)).status, 400, 'of another authority');
});

/* Switched on with the address it was given (none: those it knows). Resolves with what the phone says of itself. */
async function switchOn(phone, address) {
  if (address) {
    const text = await fs.readFile(phone, 'utf8').catch(() => `[sip]\nroot_ca=${dialtone.env.DIALTONE_CACERT}\nverify_server_certs=1\n[misc]\n`);
    await fs.writeFile(phone, text.replace(/^config-uri=.*\n/m, '').replace('[misc]\n', `[misc]\nconfig-uri=${address}\n`));
  }
  const { stdout } = await runOk(inDir('phone'), [phone, `${site}/api/`], { env: { ...process.env, HOME: dir } });
  const lines = (name) => [...stdout.matchAll(new RegExp(`^${name}: (.*)$`, 'gm'))].map(([, said]) => said);
  return { provisioning: lines('provisioning')[0], identity: lines('identity')[0], credentials: lines('credential') };
}

const credential = ({ username, domain, password }, status, algorithm = 'SHA-256') =>
  `${username}@${domain} ${algorithm} ${hash(algorithm, `${username}:${domain}:${password}`)} ${status}`;

async function withBothAlgorithms() {
  const account = await createAccount(dialtone, { display_name: 'Bob' });
  await dialtone.sql(`INSERT INTO passwords (account_id, algorithm, password) VALUES (${account.id}, 'MD5', '${hash('MD5', `${account.username}:${DOMAIN}:${account.password}`)}')`);
  return account;
}

for (const [name, make] of [['one_hash_algorithm', () => createAccount(dialtone, { display_name: 'Bob' })], ['two_hash_algorithms', withBothAlgorithms]]) {
  test(`linphone_with_${name}_keeps_its_credentials_however_often_it_fetches`, async () => {
    await fs.writeFile(rcFile, '[proxy_0]\nreg_proxy=<sip:127.0.0.1:9;transport=tls>\n');
    const [account, phone] = [await make(), inDir(`${name}.rc`)];
    const has = { identity: `"Bob" <sip:${account.username}@${account.domain}>`, credentials: [credential(account, 200)] };
    assert.deepEqual(await switchOn(phone, `${site}/provisioning/${account.provisioning_token}`), { provisioning: 'successful', ...has });
    assert.deepEqual(await switchOn(phone), { provisioning: 'skipped', ...has }, 'it was told not to come again');
    assert.deepEqual(await switchOn(phone, `${site}/provisioning/${account.provisioning_token}`), { provisioning: 'successful', ...has }, 'it comes again all the same');
    assert.deepEqual(await switchOn(phone, `${site}/provisioning/me`), { provisioning: 'successful', ...has }, 'and answers a DIGEST challenge');
    const fresh = { ...account, password: 'another one of Bob' };
    await dialtone.api('PUT', `/api/accounts/${account.id}`, { ...asAdmin, body: { username: account.username, password: fresh.password, display_name: 'Bob' } });
    assert.deepEqual((await switchOn(phone)).credentials, [credential(account, 401)]);
    const { json } = await dialtone.api('GET', `/api/accounts/${account.id}/provision`, asAdmin);
    assert.deepEqual(await switchOn(phone, `${site}/provisioning/${json.provisioning_token}`), { provisioning: 'successful', ...has, credentials: [credential(fresh, 200)] });
    await fs.rm(rcFile);
  });
}
