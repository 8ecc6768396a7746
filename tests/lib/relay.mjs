/*
 * A relay by itself: with a Redis of its own on a unix socket and, where a test wants one, an API that
 * answers session checks as the test says. No nginx, no PostgreSQL.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';

import { buildDir, freePort, sanitizerEnv, sourceDir, temporaryDirectory } from './instance.mjs';
import { runOk } from './run.mjs';
import { until } from './until.mjs';

const DOMAIN = 'dial.example.org';
const KEY = crypto.randomBytes(32);
const base64url = (text) => Buffer.from(text).toString('base64url');

/* A token as the API makes them; claims given replace the ordinary ones. */
export function token(claims = {}, key = KEY) {
  const now = Math.floor(Date.now() / 1000);
  const all = {
    id: 'alice', '2fa': false, otp_verified: false, iat: now, exp: now + 3600, jti: crypto.randomUUID(), dom: DOMAIN,
    ...claims,
  };
  const signed = `${base64url('{"alg":"HS256","typ":"JWT"}')}.${base64url(JSON.stringify(all))}`;
  const signature = crypto.createHmac('sha256', key).update(signed).digest('base64url');
  return { text: `${signed}.${signature}`, claims: all };
}

export class RelayAlone {
  /* beside: another one, whose Redis and keys it shares. sentinels: those of the Redis it uses instead of
   * one of its own; their url, another one. */
  static async start({ settings = {}, build = buildDir, env = sanitizerEnv, beside, sentinels, url } = {}) {
    const relay = new RelayAlone();
    relay.dir = await temporaryDirectory('dialtone-relay');
    relay.build = build;
    relay.settings = settings;
    relay.beside = beside;
    relay.processEnv = env;
    relay.sentinels = sentinels;
    relay.redisSocket = path.join((beside ?? relay).dir, 'redis.sock');
    relay.metricsSocket = path.join(relay.dir, 'ctl');
    relay.redisUrl = url ?? sentinels?.url() ?? `unix:${relay.redisSocket}`;
    relay.port = await freePort();
    relay.domain = DOMAIN;
    relay.keyHex = KEY.toString('hex');
    relay.env = { DIALTONE_URL: `http://127.0.0.1:${relay.port}` };
    const others = ['seal', 'digest', 'token'].map((purpose) => `${purpose} 1 ${crypto.randomBytes(32).toString('hex')}\n`);
    await fs.writeFile(path.join(relay.dir, 'keys'), `jwt 1 ${KEY.toString('hex')}\n${others.join('')}`, { mode: 0o600 });
    if (!beside && !sentinels) await relay.startRedis();
    await relay.startRelay();
    return relay;
  }

  async startRedis() {
    const acl = path.join(this.dir, 'users.acl');
    await fs.writeFile(acl, (await runOk(path.join(sourceDir, 'packaging/redis-users'), ['--passwords', path.join(this.dir, 'passwords'), '--open-default'])).stdout);
    this.redis = spawn('redis-server', ['--port', '0', '--unixsocket', this.redisSocket, '--aclfile', acl, '--save', '', '--dir', this.dir],
      { stdio: 'ignore' });
    await until(async () => (await this.cli('PING')) === 'PONG', { what: 'Redis to answer' });
  }

  /* Without waiting for it to listen. */
  async spawnRelay() {
    const options = Object.entries({
      listen: `127.0.0.1:${this.port}`, keys_file: path.join(this.dir, 'keys'),
      api_socket: path.join(this.dir, 'api.sock'), metrics_socket: this.metricsSocket, ...this.settings,
    }).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const config = path.join(this.dir, 'dialtone.conf');
    const password = this.sentinels ? '' : `[relay]\nredis_password_file = ${(this.beside ?? this).dir}/passwords/dialtone-relay\n`;
    await fs.writeFile(config, `redis = "${this.redisUrl}"\n${password}`);
    this.log = '';
    this.process = spawn(path.join(this.build, 'dialtone-relay'), ['--config', config, ...options],
      { env: this.processEnv, stdio: ['ignore', 'ignore', 'pipe'] });
    this.process.stderr.setEncoding('utf8').on('data', (text) => (this.log += text));
  }

  async startRelay() {
    await this.spawnRelay();
    await until(() => this.log.includes('listens on'), { what: 'the relay to listen' });
  }

  /* What the relay answers to a line on its metrics socket. */
  ask(line) {
    return new Promise((resolve, reject) => {
      let text = '';
      net.connect(this.metricsSocket).setEncoding('utf8').on('data', (part) => (text += part)).on('end', () => resolve(text))
        .on('error', reject).write(line);
    });
  }

  /* Its counters and gauges: name{labels} -> value. */
  async figures() {
    const lines = (await this.ask('status\n')).trim().split('\n').map((line) => line.split('\t'));
    return Object.fromEntries(lines.map(([name, labels, value]) => [labels ? `${name}{${labels}}` : name, Number(value)]));
  }

  async cli(...args) {
    if (this.sentinels) return this.sentinels.onMaster(...args);
    return (await runOk('redis-cli', ['-s', this.redisSocket, ...args])).stdout.trim();
  }

  channel(user) {
    return `cti1:{${DOMAIN}}:u:${user}`;
  }

  room(name) {
    return `cti1:{${DOMAIN}}:r:${name}`;
  }

  /* An order about a user, as jobs publishes it. */
  order(user, fields) {
    return this.publish(`cti1:{${DOMAIN}}:ctl`, JSON.stringify({ v: 1, k: 'c', u: user, ...fields }));
  }

  publish(channel, message) {
    return this.cli('PUBLISH', channel, message);
  }

  /* Writes the live session of a token, as the API does at login; fields given replace the ordinary
   * ones. Resolves with the token's text. */
  async session(claims = {}, fields = {}, key = KEY) {
    const made = token(claims, key);
    const { id, jti, exp } = made.claims;
    const hash = { u: id, otp: made.claims.otp_verified ? 1 : 0, exp, rooms: 'all', ext: '', cap: '', pv: 1, ...fields };
    await this.cli('HSET', `cti1:{${DOMAIN}}:tok:${jti}`, ...Object.entries(hash).flat().map(String));
    return made.text;
  }

  /* A new key for tokens, as "dialtonectl keys rotate jwt" adds one; the relay does not know yet. Resolves with it. */
  async rotate() {
    const key = crypto.randomBytes(32);
    await fs.appendFile(path.join(this.dir, 'keys'), `jwt 2 ${key.toString('hex')}\n`);
    return key;
  }

  /* SIGHUP. Resolves when the log tells of the end. */
  async reload(told = 'were read again') {
    const from = this.log.length;
    this.process.kill('SIGHUP');
    await until(() => this.log.slice(from).includes(told), { what: 'the relay to read again' });
  }

  /* Many at once, for measurements. Resolves with their tokens' texts. */
  async sessions(users, rooms = 'all') {
    const made = users.map((id) => token({ id }));
    const commands = made.map(({ claims: { id, jti, exp } }) =>
      `HSET cti1:{${DOMAIN}}:tok:${jti} u ${id} otp 0 exp ${exp} rooms "${rooms}" cap ""\n`);
    await runOk('redis-cli', ['-s', this.redisSocket, '--pipe-timeout', '0'], { input: commands.join('') });
    return made.map(({ text }) => text);
  }

  async stopRedis() {
    this.redis.kill('SIGKILL');
    await until(() => this.redis.exitCode !== null || this.redis.signalCode !== null, { what: 'Redis to end' });
    await fs.rm(this.redisSocket, { force: true });
  }

  /* Ends the relay in order. Resolves with its exit status. */
  async stopRelay() {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill('SIGTERM');
    await until(() => this.process.exitCode !== null || this.process.signalCode !== null, { what: 'the relay to end' });
    return this.process.exitCode;
  }

  async remove() {
    const status = await this.stopRelay();
    if (this.redis) await this.stopRedis();
    this.api?.close();
    await fs.rm(this.dir, { recursive: true, force: true });
    assert.equal(status, 0, this.log);
  }

  /* A FastCGI application on the API's socket; answer gets the parameters and returns the text of the
   * response, head and body. What was asked is kept in this.asked. */
  async startApi(answer) {
    this.asked = [];
    this.api = net.createServer((socket) => {
      let input = Buffer.alloc(0);
      socket.on('error', () => {});
      socket.on('data', (bytes) => {
        input = Buffer.concat([input, bytes]);
        const params = fcgiParams(input);
        if (!params) return;
        this.asked.push(params);
        const text = Buffer.from(answer(params));
        socket.end(Buffer.concat([fcgiRecord(6, text), fcgiRecord(6, Buffer.alloc(0)), fcgiRecord(3, Buffer.alloc(8))]));
      });
    });
    await new Promise((resolve) => this.api.listen(path.join(this.dir, 'api.sock'), resolve));
  }
}

function fcgiRecord(type, content) {
  const head = Buffer.from([1, type, 0, 1, content.length >> 8, content.length & 255, 0, 0]);
  return Buffer.concat([head, content]);
}

/* The parameters of a whole request, undefined while it is not whole. */
function fcgiParams(input) {
  const params = [];
  for (let at = 0; at + 8 <= input.length;) {
    const [type, length, padding] = [input[at + 1], input.readUInt16BE(at + 4), input[at + 6]];
    const content = input.subarray(at + 8, at + 8 + length);
    if (content.length < length) return undefined;
    if (type === 4) params.push(content);
    if (type === 5 && length === 0) return fcgiPairs(Buffer.concat(params));
    at += 8 + length + padding;
  }
  return undefined;
}

function fcgiPairs(bytes) {
  const pairs = {};
  let at = 0;
  const size = () => {
    if (bytes[at] < 128) return bytes[at++];
    at += 4;
    return bytes.readUInt32BE(at - 4) & 0x7fffffff;
  };
  while (at < bytes.length) {
    const [name, value] = [size(), size()];
    pairs[bytes.toString('utf8', at, at + name)] = bytes.toString('utf8', at + name, at + name + value);
    at += name + value;
  }
  return pairs;
}
