/* HTTP Digest (RFC 7616) by hand, so that a test can get every part of it wrong. */
import crypto from 'node:crypto';

const HASHES = { MD5: 'md5', 'SHA-256': 'sha256' };

export const hash = (algorithm, text) => crypto.createHash(HASHES[algorithm]).update(text).digest('hex');

/* The challenges of an answer, in their order: [{ realm, qop, algorithm, nonce, opaque, stale }]. */
export function challengesOf(answer) {
  return answer.all('www-authenticate').filter((line) => line.startsWith('Digest ')).map((line) =>
    Object.fromEntries([...line.slice(7).matchAll(/(\w+)=(?:"([^"]*)"|([^,]*))/g)]
      .map(([, name, quoted, bare]) => [name, quoted ?? bare])));
}

/*
 * The Authorization line for one request. What is given in `wrong` replaces the right part after the
 * response was computed from the right ones; null leaves a part out.
 */
export function digestAuthorization(challenge, { username, password, method, uri, nc = 1, wrong = {} }) {
  const { algorithm, realm, nonce, opaque } = challenge;
  const count = nc.toString(16).padStart(8, '0');
  const cnonce = crypto.randomBytes(8).toString('hex');
  const ha1 = hash(algorithm, `${username}:${realm}:${password}`);
  const ha2 = hash(algorithm, `${method}:${uri}`);
  const response = hash(algorithm, [ha1, nonce, count, cnonce, 'auth', ha2].join(':'));
  const parts = { username, realm, nonce, uri, cnonce, opaque, response, algorithm, qop: 'auth', nc: count, ...wrong };
  const bare = new Set(['algorithm', 'qop', 'nc']);
  return `Digest ${Object.entries(parts).filter(([, value]) => value !== null)
    .map(([name, value]) => (bare.has(name) ? `${name}=${value}` : `${name}="${value}"`)).join(', ')}`;
}

/* Asks without credentials; resolves with what the server challenges with. */
export async function challenge(dialtone, account, { method = 'GET', path = '/api/accounts/me', as } = {}) {
  const from = as ?? `sip:${account.username}@${account.domain}`;
  return challengesOf(await dialtone.api(method, path, { headers: { From: from } }));
}

/* One request with DIGEST. options: challenge, nc, algorithm, uri, wrong, from, method, path. */
export async function digestRequest(dialtone, account, options = {}) {
  const { method = 'GET', path = '/api/accounts/me', algorithm, body, nc, wrong } = options;
  const from = options.from ?? `sip:${account.username}@${account.domain}`;
  const offered = options.challenge ? [options.challenge] : await challenge(dialtone, account);
  const chosen = { ...offered[0], ...(algorithm && { algorithm }) };
  const authorization = digestAuthorization(chosen, {
    username: account.username, password: account.password, method, uri: options.uri ?? path, nc, wrong,
  });
  return dialtone.api(method, path, { body, headers: { From: from, Authorization: authorization } });
}
