/* The echo server of tests/sio-echo, and bare clients for it: fetch for polling, ws for WebSocket. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { after } from 'node:test';

import WebSocket from 'ws';

import { buildDir, sanitizerEnv } from './instance.mjs';
import { until } from './until.mjs';

/* Heartbeats as the public suites ask for them; only for tests that the slowness of a machine cannot fail. */
export const INTERVAL = 300;
export const TIMEOUT = 200;
/* No heartbeat comes while a test lasts. */
export const CALM = { interval: 25000, timeout: 20000 };
/* Heartbeats come, and whoever answers late is forgiven. */
export const PATIENT = { interval: 1000, timeout: 20000 };

/* For the top of a test file. Resolves with the server's address, host and port. */
export async function startEcho({ interval = INTERVAL, timeout = TIMEOUT } = {}) {
  const options = ['--port', '0', '--ping-interval', String(interval), '--ping-timeout', String(timeout)];
  const server = spawn(path.join(buildDir, 'tests/sio-echo/sio-echo'), options,
    { env: sanitizerEnv, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  server.stdout.setEncoding('utf8').on('data', (text) => (said += text));
  after(async () => {
    server.kill('SIGTERM');
    await until(() => server.exitCode !== null || server.signalCode !== null, { what: 'the echo server to end' });
    if (server.exitCode !== 0) throw new Error(`the echo server ended with ${server.exitCode ?? server.signalCode}`);
  });
  await until(() => said.includes('\n') || server.exitCode !== null, { what: 'the echo server to listen' });
  return `127.0.0.1:${/port (\d+)/.exec(said)[1]}`;
}

/* One Engine.IO session over long-polling. */
export class Polling {
  constructor(host, { path: at = '/engine.io/', version = 4, more = '' } = {}) {
    this.url = `http://${host}${at}?EIO=${version}&transport=polling${more}`;
    this.version = version;
  }

  static async open(host, options) {
    const made = new Polling(host, options);
    const answer = await fetch(made.url);
    made.opening = { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
    const packet = made.version === 3 ? made.opening.text.replace(/^\d+:/, '') : made.opening.text;
    made.handshake = JSON.parse(packet.slice(1));
    made.sid = made.handshake.sid;
    made.url += `&sid=${made.sid}`;
    return made;
  }

  get(options) {
    return fetch(this.url, options);
  }

  post(body, options = {}) {
    return fetch(this.url, { method: 'POST', body, ...options });
  }

  async poll() {
    const answer = await this.get();
    return answer.status === 200 ? answer.text() : answer.status;
  }

  async push(body) {
    const answer = await this.post(body);
    return answer.status === 200 ? answer.text() : answer.status;
  }
}

/* A WebSocket that keeps what it hears: text as strings, bytes as Buffers. */
export class Wire {
  constructor(host, query, { path: at = '/engine.io/', headers } = {}) {
    this.heard = [];
    this.taken = 0;
    this.socket = new WebSocket(`ws://${host}${at}?${query}`, { headers });
    this.socket.on('message', (data, isBinary) => this.heard.push(isBinary ? data : data.toString()));
    this.socket.on('close', (code) => (this.code = code));
    this.socket.on('error', (error) => (this.failed = error.message));
    after(() => this.socket.terminate());
  }

  static async open(host, query, options) {
    const made = new Wire(host, query, options);
    await made.opened();
    return made;
  }

  async opened() {
    await until(() => this.socket.readyState !== WebSocket.CONNECTING, { what: 'the WebSocket to open' });
    return this;
  }

  send(...messages) {
    for (const message of messages) this.socket.send(message);
    return this;
  }

  /* The next message that has not been taken. */
  async next() {
    await until(() => this.heard.length > this.taken || this.code !== undefined, { what: 'a message' });
    return this.heard[this.taken++];
  }

  async closed() {
    await until(() => this.code !== undefined || this.failed, { what: 'the WebSocket to close' });
    return this.code;
  }
}
