/* Mails to the owner of an account that an administrator has sent (accounts-api II.8): jobs, links, tokens. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAccount, createUser, randomName, readAccount } from '../lib/accounts.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { mailOf } from '../lib/mails.mjs';

const dialtone = await sharedInstance();
const send = ({ id }, which, headers = {}) => dialtone.api('POST', `/api/accounts/${id}/send_${which}_email`, { as: 'admin', headers });
const withEmail = () => createAccount(dialtone, { email: `${randomName()}@example.org` });
const count = async (table, where) => Number((await dialtone.sql(`SELECT count(*) FROM ${table} WHERE ${where}`))[0][0]);
const isStored = (table, token) => count(table, `token_hash = sha256('${token}')`);

const jobOf = (account, kind) => mailOf(dialtone, account, kind.replace('mail.', ''));

test('provisioning_mail_has_a_link_and_a_QR_code_of_a_fresh_token', async () => {
  const account = await withEmail();
  const sent = await send(account, 'provisioning', { 'Accept-Language': 'it' });
  assert.deepEqual([sent.status, sent.text, sent.header('content-type')], [200, '', undefined]);
  const job = await jobOf(account, 'mail.provisioning');
  assert.deepEqual([job.email, job.language], [account.email, 'it']);
  const token = job.link.match(/^https:\/\/[^/]+\/wizard\/([A-Za-z0-9]{22,})$/)[1];
  assert.equal(await isStored('wizards', token), 1, 'only its hash');
  const now = (await readAccount(dialtone, account.id)).provisioning_token;
  assert.notEqual(now, account.provisioning_token);
  assert.ok(job.qrcode_url.endsWith(`/provisioning/qrcode/${now}`), job.qrcode_url);
  await send(account, 'provisioning');
  assert.equal(await isStored('wizards', token), 0, 'the one before is void');
});

test('mail_for_a_new_password_has_a_link_that_ends_after_a_day', async () => {
  const account = await withEmail();
  assert.equal((await send(account, 'reset_password')).text, '');
  const job = await jobOf(account, 'mail.reset_password');
  assert.deepEqual([job.email, job.minutes, job.language], [account.email, 1440, 'en']);
  const token = job.link.match(/^https:\/\/[^/]+\/reset_password\/([A-Za-z0-9]{16})$/)[1];
  assert.deepEqual(await dialtone.sql(`SELECT used, email, (expires_at - created_at) BETWEEN '23:59' AND '24:01' FROM reset_password_email_tokens
    WHERE token_hash = sha256('${token}')`), [['f', account.email, 't']]);
  await send(account, 'reset_password');
  assert.equal(await isStored('reset_password_email_tokens', token), 0, 'the one before is void');
  await dialtone.api('PUT', `/api/accounts/${account.id}`, { as: 'admin', body: { username: account.username, password: 'another good one' } });
  assert.equal(await count('reset_password_email_tokens', `account_id = ${account.id}`), 0, 'so is the last with the password it was for');
});

test('links_never_come_from_the_host_that_was_called', async () => {
  const account = await withEmail();
  await send(account, 'reset_password', { 'X-Forwarded-Host': 'evil.example' });
  assert.doesNotMatch((await jobOf(account, 'mail.reset_password')).link, /evil/);
});

test('without_an_address_it_is_403_and_nothing_is_made', async () => {
  const account = await createAccount(dialtone);
  for (const which of ['provisioning', 'reset_password']) {
    const refused = await send(account, which);
    assert.deepEqual([refused.status, refused.json], [403, { message: 'This account has no e-mail address.' }]);
  }
  assert.equal((await readAccount(dialtone, account.id)).provisioning_token, account.provisioning_token);
  assert.equal(await count('jobs', `account_id = ${account.id}`), 0);
});

test('no_secret_of_a_mail_stands_in_clear_in_the_database', async () => {
  const account = await withEmail();
  await send(account, 'provisioning');
  await send(account, 'reset_password');
  const secrets = [(await jobOf(account, 'mail.provisioning')).link, (await jobOf(account, 'mail.reset_password')).link].map((link) => link.split('/').at(-1));
  for (const secret of secrets) {
    for (const table of ['jobs', 'wizards', 'reset_password_email_tokens', 'outbox']) assert.equal(await count(`${table} t`, `t::text LIKE '%${secret}%'`), 0, table);
  }
});

test('a_deleted_account_leaves_no_link_behind', async () => {
  const [account, admin] = [await withEmail(), await createUser(dialtone, { admin: true })];
  await dialtone.api('POST', `/api/accounts/${account.id}/send_provisioning_email`, { key: admin.key });
  await send(account, 'reset_password');
  await dialtone.api('DELETE', `/api/accounts/${account.id}`, { as: 'admin' });
  assert.equal(await count('wizards', `account_id = ${admin.id}`) + await count('reset_password_email_tokens', `account_id = ${account.id}`), 0);
});
