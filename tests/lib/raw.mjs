/* A client of a relay made of bytes, for what no library would send. */
import net from 'node:net';

import { until } from './until.mjs';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

export const handshake = (query = 'EIO=4&transport=websocket') => Buffer.from(
  `GET /api/ws/?${query} HTTP/1.1\r\nHost: dial.example.org\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`
  + `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${KEY}\r\n\r\n`);

/* A frame as clients send it. */
export function frame(data, { op = 1, fin = true, mask = Buffer.from([1, 2, 3, 4]) } = {}) {
  const body = Buffer.from(data).map((byte, i) => byte ^ mask[i % 4]);
  const first = (fin ? 0x80 : 0) | op;
  const head = body.length < 126 ? [first, 0x80 | body.length] : [first, 0xfe, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from(head), mask, body]);
}

export const loginFrame = (user, token) => frame(`42["login",{"accessKeyId":"${user}","token":"${token}"}]`);

/*
 * raw.heard: what came behind the head of the answer, a text per frame: the text itself, "pong:..." or
 * "close:CODE". raw.ended: the relay has sent all it will.
 */
export class Raw {
  constructor(relay, { reading = true } = {}) {
    this.heard = [];
    this.input = Buffer.alloc(0);
    this.bytes = 0;
    this.socket = net.connect({ port: relay.port, host: '127.0.0.1', noDelay: true });
    this.socket.on('error', () => (this.ended = true));
    this.socket.on('close', () => (this.ended = true));
    this.socket.on('end', () => (this.ended = true));
    this.connected = new Promise((resolve) => this.socket.once('connect', resolve));
    if (reading) this.socket.on('data', (bytes) => this.take(bytes));
  }

  take(bytes) {
    this.bytes += bytes.length;
    this.input = Buffer.concat([this.input, bytes]);
    while (this.takeHead() || this.takeFrame());
  }

  takeHead() {
    if (this.head) return false;
    const end = this.input.indexOf('\r\n\r\n');
    if (end < 0) return false;
    this.head = this.input.toString('latin1', 0, end);
    this.input = this.input.subarray(end + 4);
    return true;
  }

  takeFrame() {
    if (!this.head || !this.head.startsWith('HTTP/1.1 101') || this.input.length < 2) return false;
    const wide = this.input[1] === 126;
    const start = wide ? 4 : 2;
    if (this.input.length < start) return false;
    const length = wide ? this.input.readUInt16BE(2) : this.input[1];
    if (this.input.length < start + length) return false;
    this.note(this.input[0] & 15, this.input.subarray(start, start + length));
    this.input = this.input.subarray(start + length);
    return true;
  }

  note(op, data) {
    if (op === 8) this.heard.push(`close:${data.length >= 2 ? data.readUInt16BE(0) : 'none'}`);
    else this.heard.push(op === 10 ? `pong:${data}` : data.toString());
  }

  write(bytes) {
    this.socket.write(bytes);
    return this;
  }

  hears(text) {
    return until(() => this.heard.includes(text), { what: `a raw client to hear ${text}, not ${this.heard.join(' ')}` });
  }

  untilEnd() {
    return until(() => this.ended, { what: 'the relay to close' });
  }

  close() {
    this.socket.destroy();
  }

  static async open(relay, query) {
    const raw = new Raw(relay);
    raw.write(handshake(query));
    await until(() => raw.heard.length, { what: 'the open packet' });
    return raw;
  }

  static async loggedIn(relay, user, token) {
    const raw = await Raw.open(relay);
    raw.write(Buffer.concat([frame('40'), loginFrame(user, token)]));
    await raw.hears('42["authe_ok",{"message":"authorized successfully"}]');
    return raw;
  }
}
