/* JSON Web Tokens by hand, so that a test can make those the server never would. */
import crypto from 'node:crypto';

const encode = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

export function payloadOf(token) {
  return JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
}

export function signed(key, payload, header = { alg: 'HS256', typ: 'JWT' }, hash = 'sha256') {
  const text = `${encode(header)}.${encode(payload)}`;
  return `${text}.${crypto.createHmac(hash, key).update(text).digest('base64url')}`;
}

export const unsigned = (payload, header = { alg: 'none', typ: 'JWT' }) => `${encode(header)}.${encode(payload)}.`;
