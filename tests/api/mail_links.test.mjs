/* What links of mails open in a browser (accounts-api II.8, II.17): the wizard, and another password. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAccount, createUser, login, randomName, readAccount } from '../lib/accounts.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { linkOf } from '../lib/mails.mjs';
import { addSpace } from '../lib/spaces.mjs';

const dialtone = await sharedInstance();
const open = (path, options) => dialtone.api('GET', path, options);
const press = (path, form = {}, options = {}) => dialtone.api('POST', path, { body: new URLSearchParams(form).toString(),
  headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...options.headers } });
const linkIn = ({ text }) => text.match(/<a href="linphone-config:https:\/\/[^/]+(\/provisioning\/[A-Za-z0-9]{13})">/)?.[1];
const statuses = (answers) => answers.map(({ status }) => status).sort();

function isPage(answer, status = 200) {
  assert.deepEqual([answer.status, answer.header('content-type')], [status, 'text/html; charset=utf-8'], answer.text);
  assert.doesNotMatch(answer.text, /<script|<style|style=|src=|http-equiv/, 'it loads nothing');
  assert.equal(answer.header('content-security-policy'), "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
  assert.equal(answer.header('cache-control'), 'no-store');
}

test('wizard_shows_the_address_as_a_code_and_a_link_however_often_it_is_looked_at', async () => {
  const { account, path } = await linkOf(dialtone, 'provisioning');
  const first = await open(path);
  isPage(first);
  assert.match(first.text, /<svg [^]*<\/svg>/);
  assert.match(first.text, / until \d{4}-\d\d-\d\d \d\d:\d\d UTC\./);
  assert.equal((await open(path)).text, first.text);
  assert.equal((await dialtone.api('HEAD', path)).status, 200);
  const { provisioning_token: token } = await readAccount(dialtone, account.id);
  assert.equal(linkIn(first), `/provisioning/${token}`);
  assert.match((await open(linkIn(first))).text, /auth_info_0/);
  const after = await open(path);
  isPage(after);
  assert.equal(linkIn(after), undefined, 'its code is used up');
});

test('button_of_the_wizard_gives_a_fresh_code_once', async () => {
  const { account, path } = await linkOf(dialtone, 'provisioning');
  const before = linkIn(await open(path));
  const answers = await Promise.all(Array.from({ length: 20 }, () => press(path)));
  assert.deepEqual(statuses(answers), [200, ...Array(19).fill(404)]);
  const page = answers.find(({ status }) => status === 200);
  isPage(page);
  assert.doesNotMatch(page.text, /<form/);
  assert.notEqual(linkIn(page), before);
  assert.equal((await open(before)).status, 404, 'the code before is void');
  assert.match((await open(linkIn(page))).text, new RegExp(account.username));
  isPage(await open(path), 404);
});

test('unknown_expired_foreign_and_blocked_links_of_the_wizard_are_alike', async () => {
  const [expired, blocked] = [await linkOf(dialtone, 'provisioning'), await linkOf(dialtone, 'provisioning')];
  const space = await addSpace(dialtone);
  await dialtone.sql(`UPDATE wizards SET expires_at = now() WHERE token_hash = sha256('${expired.token}')`);
  await dialtone.api('POST', `/api/accounts/${blocked.account.id}/block`, { as: 'admin' });
  const good = await linkOf(dialtone, 'provisioning');
  const pages = [await open('/wizard/n3PqzVtIOuwWbZ7Yc0xKdR5s'), await open(`/wizard/${'x'.repeat(300)}`), await open(expired.path), await open(blocked.path),
    await space.dialtone.api('GET', good.path), await press(expired.path), await press(blocked.path), await space.dialtone.api('POST', good.path)];
  for (const page of pages) {
    isPage(page, 404);
    assert.equal(page.text, pages[0].text);
  }
  assert.equal((await open(good.path)).status, 200);
});

test('link_for_a_new_password_opens_a_form_that_sets_it_once', async () => {
  const { account, path, token } = await linkOf(dialtone, 'reset_password', await createUser(dialtone, { email: `${randomName()}@example.org` }));
  const page = await open(path);
  isPage(page);
  assert.equal((await open(path)).text, page.text, 'looking at it uses nothing up');
  assert.ok(page.text.includes('action="../reset_password"') && page.text.includes(`value="${token}"`));
  const form = { token, password: 'battery staple', password_confirmation: 'battery staple' };
  const answers = await Promise.all(Array.from({ length: 20 }, () => press('/reset_password', form)));
  assert.deepEqual(statuses(answers), [200, ...Array(19).fill(403)]);
  isPage(answers.find(({ status }) => status === 200));
  await login(dialtone, { ...account, password: 'battery staple' });
  assert.equal((await dialtone.api('POST', '/api/login', { body: { username: account.username, password: account.password } })).status, 401);
  assert.equal((await dialtone.api('GET', '/api/user/me', { token: account.token })).status, 401, 'sessions have ended');
  assert.equal((await dialtone.api('GET', '/api/accounts/me', { key: account.key })).status, 401, 'so have keys');
  isPage(await open(path), 403);
});

test('bad_new_password_is_refused_and_the_link_stays_good', async () => {
  const { token } = await linkOf(dialtone, 'reset_password');
  for (const [password, again] of [['short', 'short'], ['battery staple', 'battery stable'], ['password1', 'password1'], ['', '']]) {
    isPage(await press('/reset_password', { token, password, password_confirmation: again }), 422);
  }
  const french = await press('/reset_password', { token, password: 'battery staple', password_confirmation: 'x' }, { headers: { 'Accept-Language': 'fr' } });
  assert.match(french.text, /diffère du mot de passe/);
  assert.equal((await press('/reset_password', { token, password: 'battery staple', password_confirmation: 'battery staple' })).status, 200);
});

test('unknown_foreign_and_outdated_links_for_a_password_are_alike', async () => {
  const [good, moved, blocked] = [await linkOf(dialtone, 'reset_password'), await linkOf(dialtone, 'reset_password'), await linkOf(dialtone, 'reset_password')];
  const space = await addSpace(dialtone);
  const { username } = moved.account;
  await dialtone.api('PUT', `/api/accounts/${moved.account.id}`, { as: 'admin', body: { username, email: `${randomName()}@example.org` } });
  await dialtone.api('POST', `/api/accounts/${blocked.account.id}/block`, { as: 'admin' });
  const pages = [await open('/reset_password/Qm5sKUg0bT2rYx9d'), await open(moved.path), await open(blocked.path), await space.dialtone.api('GET', good.path),
    ...await Promise.all([moved, blocked].map(({ token }) => press('/reset_password', { token, password: 'battery staple', password_confirmation: 'battery staple' })))];
  for (const page of pages) {
    isPage(page, 404);
    assert.equal(page.text, pages[0].text);
  }
  await dialtone.sql(`UPDATE reset_password_email_tokens SET expires_at = now() WHERE token_hash = sha256('${good.token}')`);
  isPage(await open(good.path), 403);
  await login(dialtone, good.account);
});

test('pages_speak_the_language_of_their_reader', async () => {
  const [wizard, reset] = [await linkOf(dialtone, 'provisioning'), await linkOf(dialtone, 'reset_password')];
  for (const [language, heading, button] of [['fr', 'Configurez votre téléphone', 'Changer le mot de passe'], ['it', 'Configura il tuo telefono', 'Cambia la password'], ['de', 'Set up your phone', 'Change the password']]) {
    const headers = { 'Accept-Language': language };
    assert.match((await open(wizard.path, { headers })).text, new RegExp(`<h1>${heading}</h1>`));
    assert.match((await open(reset.path, { headers })).text, new RegExp(`<button>${button}</button>`));
  }
});

test('a_deactivated_account_stays_so_and_one_that_never_was_is_activated_by_its_new_password', async () => {
  for (const [make, expected] of [[(account) => dialtone.api('POST', `/api/accounts/${account.id}/deactivate`, { as: 'admin' }), false], [() => {}, true]]) {
    const account = await createAccount(dialtone, { activated: expected ? false : true, email: `${randomName()}@example.org` });
    await make(account);
    const { token } = await linkOf(dialtone, 'reset_password', account);
    assert.equal((await press('/reset_password', { token, password: 'battery staple', password_confirmation: 'battery staple' })).status, 200);
    assert.equal((await readAccount(dialtone, account.id)).activated, expected);
  }
});
