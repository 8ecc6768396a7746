/* Codes that confirm another e-mail address or phone number. */
import assert from 'node:assert/strict';

import { createUser } from './accounts.mjs';
import { creationToken } from './tokens.mjs';

const KINDS = { email: 'mail.email_change_code', phone: 'sms.phone_change_code' };

export const newPhone = () => `+336${10000000 + Math.floor(Math.random() * 89999999)}`;

/* A user who may ask for codes. */
export async function createValidated(dialtone, fields) {
  const user = await createUser(dialtone, fields);
  const body = { account_creation_token: await creationToken(dialtone) };
  const consumed = await dialtone.api('POST', '/api/account_creation_tokens/consume', { key: user.key, body });
  assert.equal(consumed.status, 200, consumed.text);
  return user;
}

export const askFor = (dialtone, user, kind, value, options) =>
  dialtone.api('POST', `/api/accounts/me/${kind}/request`, { key: user.key, body: { [kind]: value }, ...options });

export const confirm = (dialtone, user, kind, code) =>
  dialtone.api('POST', `/api/accounts/me/${kind}`, { key: user.key, body: { code } });

/* The newest that waits to be sent: { email or phone, code, language, minutes }. */
export async function lastSent(dialtone, { id }, kind) {
  const [[job]] = await dialtone.sql(`SELECT max(id) FROM jobs WHERE account_id = ${id} AND kind = '${KINDS[kind]}'`);
  const { status, stdout, stderr } = await dialtone.ctl(['jobs', 'show', job, '--payload', '--json']);
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout).payload;
}

/* One that was asked for. Resolves with its code. */
export async function askedFor(dialtone, user, kind, value) {
  const asked = await askFor(dialtone, user, kind, value);
  assert.equal(asked.status, 200, asked.text);
  assert.equal(asked.text, '');
  return (await lastSent(dialtone, user, kind)).code;
}

export const wrongOf = (code) => (code === '9999' ? '1000' : String(Number(code) + 1));
