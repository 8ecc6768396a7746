/* An authenticator app (RFC 6238), and what tests do with it. */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';

import { createAccount, login } from './accounts.mjs';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const STEP_SECONDS = 30;

export function fromBase32(text) {
  const bits = [...text].map((c) => ALPHABET.indexOf(c).toString(2).padStart(5, '0')).join('');
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}

/* The code of a step; key is a Buffer. */
export function codeOfStep(key, step) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = crypto.createHmac('sha1', key).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

export const stepNow = () => Math.floor(Date.now() / 1000 / STEP_SECONDS);

/*
 * The app of one account.  Each time step opens a door once, so fresh() gives the codes of the steps
 * the server accepts now, oldest first, each once; three doors may be opened before it has to wait.
 */
export class Authenticator {
  constructor(base32) {
    this.base32 = base32;
    this.key = fromBase32(base32);
    this.last = 0;
  }

  at(step) {
    return codeOfStep(this.key, step);
  }

  fresh() {
    this.last = Math.max(this.last + 1, stepNow() - 1);
    assert.ok(this.last <= stepNow() + 1, 'the test asks for more codes than the window has');
    return this.at(this.last);
  }

  /* Six digits that are no code of now. */
  wrong() {
    const good = [-2, -1, 0, 1, 2].map((offset) => this.at(stepNow() + offset));
    return ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !good.includes(code));
  }
}

export const payloadOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());

export const verify = (dialtone, token, otp, more = {}, options = {}) =>
  dialtone.api('POST', '/api/2fa/verify-otp', { token, body: { otp, ...more }, ...options });

export async function begin(dialtone, token) {
  const answer = await dialtone.api('GET', '/api/2fa/qr-code', { token });
  assert.equal(answer.status, 200, answer.text);
  return new Authenticator(answer.json.data.key);
}

/* Turns it on. Resolves with { app, token }: the token is verified. */
export async function enable(dialtone, token) {
  const app = await begin(dialtone, token);
  const answer = await verify(dialtone, token, app.fresh());
  assert.equal(answer.status, 200, answer.text);
  return { app, token: answer.json.data.token };
}

/* Somebody with a password alone, logged in. */
export async function newUser(dialtone, fields) {
  const account = await createAccount(dialtone, fields);
  return { account, token: await login(dialtone, account) };
}

/* Somebody with 2FA on: { account, app, token }, the token verified. */
export async function newEnrolled(dialtone, fields) {
  const { account, token } = await newUser(dialtone, fields);
  return { account, ...(await enable(dialtone, token)) };
}
