/* Servers that play Firebase, Apple, OVH and others: HTTP/2 and HTTP/1.1 with a certificate of their own. */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs/promises';
import http2 from 'node:http2';
import path from 'node:path';
import { after } from 'node:test';

import { temporaryDirectory } from './instance.mjs';
import { runOk } from './run.mjs';

const base64url = (text) => Buffer.from(text, 'base64url');

/* The header and claims of a JWT whose signature is right. */
export function verifiedToken(token, publicKey, { algorithm }) {
  const [header, claims, signature] = token.split('.');
  const key = algorithm === 'ES256' ? { key: publicKey, dsaEncoding: 'ieee-p1363' } : publicKey;
  assert.ok(crypto.verify('sha256', Buffer.from(`${header}.${claims}`), key, base64url(signature)), 'the signature');
  const parsed = JSON.parse(base64url(header));
  assert.equal(parsed.alg, algorithm);
  return { header: parsed, claims: JSON.parse(base64url(claims)) };
}

const read = async (stream) => {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString();
};

/* A directory with what programs of ours are to find. */
export async function gatewayDirectory() {
  const dir = await temporaryDirectory('gateways');
  await runOk('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=test',
    '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', path.join(dir, 'server.key'), '-out', path.join(dir, 'server.crt')]);
  after(() => fs.rm(dir, { recursive: true }));
  return dir;
}

export const pem = (key, type) => key.export({ type, format: 'pem' });

/*
 * requests: what came, each { method, path, headers, body, version }. answer(request): resolves with
 * { status, headers, body }, or undefined: the connection is closed.
 */
export class Gateway {
  static async start(dir, answer) {
    const made = new Gateway();
    made.requests = [];
    made.answer = answer;
    made.server = http2.createSecureServer({ allowHTTP1: true, key: await fs.readFile(path.join(dir, 'server.key')),
      cert: await fs.readFile(path.join(dir, 'server.crt')) }, (request, reply) => made.serve(request, reply));
    made.sessions = new Set();
    made.server.on('secureConnection', (socket) => {
      made.sessions.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => made.sessions.delete(socket));
    });
    made.server.on('sessionError', () => {});
    await new Promise((resolve) => made.server.listen(0, '127.0.0.1', resolve));
    made.url = `https://127.0.0.1:${made.server.address().port}`;
    after(() => made.close());
    return made;
  }

  async serve(request, reply) {
    const asked = { method: request.method, path: request.url, headers: request.headers, version: request.httpVersion, body: await read(request) };
    this.requests.push(asked);
    reply.on('error', () => {});
    const answer = await this.answer(asked);
    if (!answer) {
      request.socket.destroy?.();
      request.stream?.session?.destroy();
      return;
    }
    reply.writeHead(answer.status ?? 200, { ...answer.headers });
    if (answer.stream) await answer.stream(reply);
    else reply.end(answer.body ?? '');
  }

  /* Those to paths that begin so. */
  to(start) {
    return this.requests.filter(({ path: where }) => where.startsWith(start));
  }

  clear() {
    this.requests.length = 0;
  }

  close() {
    for (const socket of this.sessions) socket.destroy();
    return new Promise((resolve) => this.server.close(resolve));
  }
}
