/* Accounts and sessions for tests, each with a name of its own. */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';

export const randomName = (prefix = 'user') => `${prefix}.${crypto.randomBytes(5).toString('hex')}`;

/* Creates an account as the super admin. Resolves with the answer's object plus its password. */
export async function createAccount(dialtone, fields = {}) {
  const account = {
    username: randomName(),
    password: crypto.randomBytes(9).toString('base64'),
    algorithm: 'SHA-256',
    activated: true,
    ...fields,
  };
  const made = await dialtone.api('POST', '/api/accounts', { as: 'admin', body: account });
  assert.equal(made.status, 200, made.text);
  return { ...made.json, password: account.password };
}

/* Logs in. Resolves with the token. */
export async function login(dialtone, { username, password }) {
  const answer = await dialtone.api('POST', '/api/login', { body: { username, password } });
  assert.equal(answer.status, 200, answer.text);
  return answer.json.token;
}

/* An account that is logged in and has a key of its own: adds token and key. */
export async function createUser(dialtone, fields) {
  const account = await createAccount(dialtone, fields);
  const token = await login(dialtone, account);
  const made = await dialtone.api('GET', '/api/accounts/me/api_key', { token });
  assert.equal(made.status, 200, made.text);
  return { ...account, token, key: made.text };
}

/* What GET /api/accounts/{id} shows the super admin. */
export async function readAccount(dialtone, id) {
  const found = await dialtone.api('GET', `/api/accounts/${id}`, { as: 'admin' });
  assert.equal(found.status, 200, found.text);
  return found.json;
}
