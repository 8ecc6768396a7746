/* Tokens for tests that make accounts with them. */
import assert from 'node:assert/strict';

/* One that an administrator made. */
export async function creationToken(dialtone) {
  const made = await dialtone.api('POST', '/api/account_creation_tokens', { as: 'admin' });
  assert.equal(made.status, 201, made.text);
  return made.json.token;
}

export async function requestToken(dialtone) {
  const made = await dialtone.api('POST', '/api/account_creation_request_tokens');
  assert.equal(made.status, 201, made.text);
  return made.json;
}

/* As the button of the page does. Resolves with the answer. */
export async function press(dialtone, token, headers = {}) {
  return dialtone.api('POST', '/creation_token/validate', {
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
    body: `account_creation_request_token=${encodeURIComponent(token)}`,
  });
}

export async function validate(dialtone, token) {
  const pressed = await press(dialtone, token);
  assert.equal(pressed.status, 200, pressed.text);
}

/* The same call so many times at once: how often each status was answered. */
export async function atOnce(n, call) {
  const statuses = (await Promise.all(Array.from({ length: n }, (_, i) => call(i)))).map(({ status }) => status);
  return Object.fromEntries([...new Set(statuses)].sort().map((s) => [s, statuses.filter((x) => x === s).length]));
}

export const newPhone = () => `+336${Math.floor(10000000 + Math.random() * 89999999)}`;

/* The newest job about an account, its payload opened. */
export async function jobOf(dialtone, id) {
  const [[job, kind]] = await dialtone.sql(`SELECT id, kind FROM jobs WHERE account_id = ${id} ORDER BY id DESC LIMIT 1`);
  const { stdout } = await dialtone.ctl(['jobs', 'show', job, '--payload', '--json']);
  return { kind, payload: JSON.parse(stdout).payload };
}

/* The confirmation key that was sent. */
export async function keyOf(dialtone, id) {
  const { payload } = await jobOf(dialtone, id);
  return payload.key ?? payload.code;
}
