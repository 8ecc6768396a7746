/* Phones are provisioned (accounts-api I.18, 9.3, 10): documents, tokens, QR codes. */
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';

import { createAccount, createUser, login, randomName, readAccount } from '../lib/accounts.mjs';
import { digestRequest, hash } from '../lib/digest.mjs';
import { sharedInstance, temporaryDirectory } from '../lib/instance.mjs';
import { entriesOf, sectionsOf } from '../lib/lpconfig.mjs';
import { newEnrolled } from '../lib/otp.mjs';
import { chance, seedOf } from '../lib/random.mjs';
import { runOk } from '../lib/run.mjs';
import { addSpace, putSpace } from '../lib/spaces.mjs';

const dialtone = await sharedInstance();
const get = (where, options, from = dialtone) => from.api('GET', `/provisioning${where}`, options);
const by = ({ provisioning_token: token }, options) => get(`/${token}`, options);
const asAdmin = { as: 'admin' };
const hasAccount = (answer) => answer.status === 200 && answer.text.includes('auth_info_0');
const isActive = async ({ id }) => (await readAccount(dialtone, id)).activated;
const site = dialtone.env.DIALTONE_URL;

function isUnknown(answer) {
  assert.deepEqual([answer.status, answer.json], [404, { message: 'No such resource.' }]);
}

test('document_of_a_space_has_nothing_of_an_account', async () => {
  assert.deepEqual(await sectionsOf(await get('')), { misc: { 'contacts-vcard-list': `${site}/contacts/vcard` } });
});

test('token_opens_the_document_of_its_account_once_and_activates_it', async () => {
  const account = await createAccount(dialtone, { activated: false, display_name: 'Alice "A" \\ B' });
  const { username, domain } = account;
  const sections = await sectionsOf(await by(account));
  assert.deepEqual(sections.auth_info_0, { username, domain, ha1: hash('SHA-256', `${username}:${domain}:${account.password}`), realm: domain, algorithm: 'SHA-256' });
  assert.deepEqual(sections.proxy_0, { reg_identity: `"Alice \\"A\\" \\\\ B" <sip:${username}@${domain}>`, reg_sendregister: '1', refkey: 'push_notification' });
  assert.equal(sections.misc.transient_provisioning, '1');
  assert.deepEqual(Object.keys(sections.ui), ['super', 'disable_chat_feature', 'disable_meetings_feature', 'disable_broadcast_feature', 'hide_settings',
    'hide_account_settings', 'disable_call_recordings_feature', 'only_display_sip_uri_username', 'assistant_hide_create_account',
    'assistant_disable_qr_code', 'assistant_hide_third_party_account', 'max_account']);
  assert.ok(await isActive(account));
  assert.equal((await readAccount(dialtone, account.id)).provisioning_token, null);
  assert.deepEqual(await sectionsOf(await by(account)), await sectionsOf(await get('')), 'a phone that comes again keeps what it has');
});

test('document_of_seed_003_has_the_HA1_of_its_account', async () => {
  const space = await addSpace(dialtone, { digest_authentication_configuration: { realm: 'hop.com', default_password_algorithm: 'MD5' } });
  await putSpace(dialtone, space); // names shorter than the server's minimum are the space's business
  await dialtone.sql(`UPDATE spaces SET username_min_length = 4 WHERE domain = '${space.domain}'`);
  const made = await space.dialtone.api('POST', '/api/accounts', { ...asAdmin, body: { username: 'john', password: '123456', algorithm: 'MD5' } });
  const { auth_info_0: credential } = await sectionsOf(await get(`/${made.json.provisioning_token}`, {}, space.dialtone));
  assert.deepEqual([credential.realm, credential.algorithm, credential.ha1], ['hop.com', 'MD5', hash('MD5', 'john:hop.com:123456')]);
  assert.equal(hash('MD5', 'john:hop.com:1234'), 'ce44af78c5f81f5870818b8db523fd95');
});

test('one_hundred_phones_with_one_token_are_one_phone_with_an_account', async () => {
  const account = await createAccount(dialtone);
  const answers = await Promise.all(Array.from({ length: 100 }, () => by(account)));
  assert.equal(answers.filter(hasAccount).length, 1);
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
});

test('HEAD_and_the_QR_code_use_nothing_up', async () => {
  const account = await createAccount(dialtone, { activated: false });
  const head = await dialtone.api('HEAD', `/provisioning/${account.provisioning_token}`);
  assert.deepEqual([head.status, head.header('content-type')], [200, 'application/xml']);
  assert.equal((await get(`/qrcode/${account.provisioning_token}`)).status, 200);
  assert.equal(await isActive(account), false);
  assert.ok(hasAccount(await by(account)));
});

test('unknown_superseded_void_and_foreign_tokens_are_alike', async () => {
  const [old, blocked, changed] = [await createAccount(dialtone), await createAccount(dialtone), await createUser(dialtone)];
  const space = await addSpace(dialtone);
  await dialtone.api('GET', `/api/accounts/${old.id}/provision`, asAdmin);
  await dialtone.api('POST', `/api/accounts/${blocked.id}/block`, asAdmin);
  await dialtone.api('POST', '/api/accounts/me/password', { key: changed.key, body: { password: 'another one of mine', old_password: changed.password } });
  const there = { username: randomName(), password: 'one of another space' };
  const foreign = (await space.dialtone.api('POST', '/api/accounts', { ...asAdmin, body: there })).json;
  for (const { provisioning_token: token } of [{ provisioning_token: 'x2Zr6ApQm0LbC' }, { provisioning_token: 'x'.repeat(500) }, { provisioning_token: '%00' }, old, blocked, changed, foreign]) {
    if (token !== '%00') isUnknown(await get(`/${token}`));
    if (token !== '%00') isUnknown(await get(`/qrcode/${token}`));
    else assert.ok([400, 404].includes((await get(`/${token}`)).status));
  }
  assert.ok(hasAccount(await get(`/${foreign.provisioning_token}`, {}, space.dialtone)));
});

test('expired_token_is_410_and_stays_unused', async () => {
  const account = await createAccount(dialtone, { activated: false });
  await dialtone.sql(`UPDATE provisioning_tokens SET expires_at = now() - interval '1 second' WHERE account_id = ${account.id}`);
  for (const where of ['/', '/qrcode/']) {
    const answer = await get(`${where}${account.provisioning_token}`, { headers: { 'Accept-Language': 'fr' } });
    assert.deepEqual([answer.status, answer.json.message], [410, 'Ce jeton a expiré.']);
  }
  assert.equal(await isActive(account), false);
});

test('what_an_administrator_deactivated_a_phone_does_not_activate', async () => {
  const account = await createAccount(dialtone);
  await dialtone.api('POST', `/api/accounts/${account.id}/deactivate`, asAdmin);
  assert.ok(hasAccount(await by(account)));
  assert.equal(await isActive(account), false);
});

test('reset_password_gives_the_phone_a_password_of_its_own', async () => {
  for (const query of ['reset_password', 'reset_password=', 'a=b&reset_password=1']) {
    const user = await createUser(dialtone);
    const sections = await sectionsOf(await get(`/${user.provisioning_token}?${query}`));
    const [[stored]] = await dialtone.sql(`SELECT password FROM passwords WHERE account_id = ${user.id}`);
    assert.equal(sections.auth_info_0.ha1, stored);
    assert.notEqual(stored, hash('SHA-256', `${user.username}:${user.domain}:${user.password}`));
    assert.equal((await dialtone.api('GET', '/api/user/me', { token: user.token })).status, 401, 'its sessions have ended');
  }
  const account = await createAccount(dialtone);
  assert.ok(hasAccount(await get(`/${account.provisioning_token}?no_reset_password=1`)));
  await login(dialtone, account);
});

test('reset_password_is_refused_to_an_account_with_a_second_factor', async () => {
  const { account } = await newEnrolled(dialtone);
  const refused = await get(`/${account.provisioning_token}?reset_password=1`);
  assert.deepEqual([refused.status, Object.keys(refused.json)], [403, ['message']]);
  const sections = await sectionsOf(await by(account));
  assert.equal(sections.auth_info_0.ha1, hash('SHA-256', `${account.username}:${account.domain}:${account.password}`), 'nothing was used up');
});

test('own_document_is_told_again_and_again_by_key_token_and_DIGEST', async () => {
  const user = await createUser(dialtone);
  const first = await get('/me', { key: user.key });
  assert.equal((await sectionsOf(first)).auth_info_0.username, user.username);
  assert.equal((await get('/me?reset_password=1', { token: user.token })).text, first.text);
  assert.equal((await digestRequest(dialtone, user, { path: '/provisioning/me' })).text, first.text);
  assert.equal((await readAccount(dialtone, user.id)).provisioning_token, user.provisioning_token);
  const { account } = await newEnrolled(dialtone);
  assert.ok(hasAccount(await digestRequest(dialtone, account, { path: '/provisioning/me' })), 'phones have DIGEST');
  await dialtone.api('POST', `/api/accounts/${user.id}/block`, asAdmin);
  assert.equal((await get('/me', { key: user.key })).status, 403);
});

test('token_of_a_QR_code_login_opens_the_document_once_it_is_attached', async () => {
  const user = await createUser(dialtone);
  const { token } = (await dialtone.api('POST', '/api/accounts/auth_token')).json;
  isUnknown(await get(`/auth_token/${token}`));
  await dialtone.api('GET', `/api/accounts/auth_token/${token}/attach`, { key: user.key });
  const answers = await Promise.all(Array.from({ length: 20 }, () => get(`/auth_token/${token}`)));
  assert.equal(answers.filter(hasAccount).length, 1);
  answers.filter((answer) => !hasAccount(answer)).forEach(isUnknown);
});

test('QR_code_is_read_by_a_camera_and_leads_to_the_document', async () => {
  const [account, file] = [await createAccount(dialtone), path.join(await temporaryDirectory(), 'code.png')];
  for (const [query, expected] of [['?reset_password', '?reset_password=1'], ['', '']]) {
    const code = await get(`/qrcode/${account.provisioning_token}${query}`);
    const url = `${site}/provisioning/${account.provisioning_token}${expected}`;
    assert.deepEqual([code.status, code.header('content-type'), code.header('x-qrcode-url')], [200, 'image/png', url]);
    assert.deepEqual([code.bytes.readUInt32BE(16), code.bytes.readUInt32BE(20)], [300, 300]);
    await fs.writeFile(file, code.bytes);
    assert.equal((await runOk('zbarimg', ['--quiet', '--raw', file])).stdout.trim(), url);
  }
  assert.ok(hasAccount(await by(account)));
  isUnknown(await get(`/qrcode/${account.provisioning_token}`));
});

test('entries_of_the_space_come_first_and_are_merged_with_those_of_the_account', async () => {
  const entries = '[proxy_0]\nreg_proxy="<sip:p.example.org;transport=tls>"\nreg_sendregister=0\nreg_identity=mallory\n[auth_info_0]\nusername=mallory\nuserid=m\n[ui]\nlogout=on\n[net]\nmtu=1300\nmtu=1400\n';
  const space = await addSpace(dialtone, { custom_provisioning_entries: entries });
  const made = (await space.dialtone.api('POST', '/api/accounts', { ...asAdmin, body: { username: randomName(), password: 'as good as any' } })).json;
  const base = await sectionsOf(await get('', {}, space.dialtone));
  assert.deepEqual([Object.keys(base), base.net, base.ui], [['proxy_0', 'auth_info_0', 'ui', 'net', 'misc'], { mtu: '1400' }, { logout: 'on' }]);
  assert.equal(new URL(base.misc['contacts-vcard-list']).hostname, space.host);
  const answer = await get(`/${made.provisioning_token}`, {}, space.dialtone);
  const sections = await sectionsOf(answer);
  assert.deepEqual(sections.proxy_0, { reg_proxy: '<sip:p.example.org;transport=tls>', reg_sendregister: '0', reg_identity: `<sip:${made.username}@${space.domain}>`, refkey: 'push_notification' });
  assert.deepEqual([sections.auth_info_0.username, sections.auth_info_0.userid, sections.ui], [made.username, 'm', { logout: 'on' }]);
  const replacing = async ({ text }) => (await entriesOf([text]))[0].filter(([, , , overwrite]) => overwrite).map(([section, key]) => `${section}/${key}`).sort();
  assert.deepEqual(await replacing(answer), ['auth_info_0/algorithm', 'auth_info_0/domain', 'auth_info_0/ha1', 'auth_info_0/realm', 'auth_info_0/username',
    'misc/transient_provisioning', 'proxy_0/reg_identity'], 'what a phone has of an account is replaced in any case');
  await putSpace(dialtone, space, { custom_provisioning_entries: '[net]\nmtu=1\n', custom_provisioning_overwrite_all: true });
  assert.deepEqual(await replacing(await get('', {}, space.dialtone)), ['misc/contacts-vcard-list', 'net/mtu']);
});

test('entries_outside_a_section_are_refused', async () => {
  const space = await addSpace(dialtone);
  const answer = await putSpace(dialtone, space, { custom_provisioning_entries: 'mtu=1300\n[net]\n' });
  assert.deepEqual([answer.status, Object.keys(answer.json.errors)], [422, ['custom_provisioning_entries']]);
});

/* Values as no door lets them in, too: they may come from another product's database. */
test('whatever_a_display_name_is_it_is_one_value_of_a_well_formed_document', async () => {
  const user = await createUser(dialtone);
  const odd = ['<', '>', '&', '"', "'", ']]>', '\\', '\r\n[auth_info_0]\r\nha1=x', '\t', '\x01', '\x7f', '\u0085', '\u2028', '\ufffe', 'é', '𝄞', '<!--', '<![CDATA[', '&amp;', '&#10;', ';', '%'];
  const seed = seedOf(), random = chance(seed);
  const oddOnes = () => Array.from({ length: 60 }, () => odd[Math.floor(random() * odd.length)]).join('');
  /* As many characters as there is room for. */
  const names = [odd.join(''), ...Array.from({ length: 5 }, () => [...oddOnes()].slice(0, 255).join(''))];
  const texts = [];
  for (const name of names) {
    await dialtone.sql(`UPDATE accounts SET display_name = convert_from('\\x${Buffer.from(name).toString('hex')}', 'UTF8') WHERE id = ${user.id}`);
    texts.push((await get('/me', { key: user.key })).text);
  }
  const plain = (await entriesOf(texts.slice(0, 1)))[0].map(([section, key]) => `${section}/${key}`);
  (await entriesOf(texts)).forEach((entries, i) => {
    assert.deepEqual(entries.map(([section, key]) => `${section}/${key}`), plain, `${names[i]}, seed ${seed}`);
    const identity = entries.find(([, key]) => key === 'reg_identity')[2];
    const kept = names[i].replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]/g, '');
    assert.equal(identity, `"${kept.replace(/["\\]/g, '\\$&')}" <sip:${user.username}@${user.domain}>`);
  });
});
