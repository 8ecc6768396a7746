/* A subscription to Redis channels: what arrives, in order. */
import net from 'node:net';

import { until } from './until.mjs';

/* RESP2 without nesting beyond arrays: resolves each finished value. */
class Reader {
  constructor(onValue) {
    this.onValue = onValue;
    this.buffer = Buffer.alloc(0);
  }

  feed(chunk) {
    this.buffer = Buffer.concat([this.buffer, chunk]);
    for (let found = this.#value(0); found; found = this.#value(0)) {
      this.buffer = this.buffer.subarray(found.end);
      this.onValue(found.value);
    }
  }

  /* The value at this place with the place behind it; undefined while it is not complete. */
  #value(at) {
    const eol = this.buffer.indexOf('\r\n', at);
    if (eol < 0) return undefined;
    const [kind, text] = [String.fromCharCode(this.buffer[at]), this.buffer.toString('utf8', at + 1, eol)];
    if (kind === '$') return this.#bulk(eol + 2, Number(text));
    if (kind === '*') return this.#array(eol + 2, Number(text));
    return { value: kind === ':' ? Number(text) : text, end: eol + 2 };
  }

  #bulk(at, length) {
    if (length < 0) return { value: null, end: at };
    if (this.buffer.length < at + length + 2) return undefined;
    return { value: this.buffer.toString('utf8', at, at + length), end: at + length + 2 };
  }

  #array(at, length) {
    const value = [];
    let end = at;
    for (let i = 0; i < length; i++) {
      const item = this.#value(end);
      if (!item) return undefined;
      value.push(item.value);
      end = item.end;
    }
    return { value, end };
  }
}

/*
 * Resolves once subscribed. Events of dialtone-jobs are in .events as they came:
 *   { id: of the outbox row, name: 'account.created', account: { id, username, ... } }
 */
export class Subscriber {
  static to(dialtone, channel) {
    return Subscriber.on(dialtone.env.DIALTONE_REDIS.replace('unix://', ''), channel);
  }

  /* The same of a Redis of one's own: path of its socket. */
  static async on(path, channel) {
    const subscriber = new Subscriber(path, channel);
    await until(() => subscriber.subscribed, { what: `a subscription to ${channel}` });
    return subscriber;
  }

  constructor(path, channel) {
    this.events = [];
    this.messages = []; /* as they were published */
    this.subscribed = false;
    const reader = new Reader((value) => this.#take(value));
    this.socket = net.connect(path, () => this.socket.write(`SUBSCRIBE ${channel}\r\n`));
    this.socket.on('data', (chunk) => reader.feed(chunk));
    this.socket.on('error', () => {}); /* a Redis that is killed ends it */
  }

  #take([kind, , message]) {
    if (kind === 'subscribe') this.subscribed = true;
    if (kind !== 'message') return;
    this.messages.push(message);
    const [header, payload] = message.split('\n');
    if (!payload) return;
    const [name, account] = JSON.parse(payload);
    this.events.push({ id: Number(JSON.parse(header).i), name, account });
  }

  /* Names of the events of one account, in order, repeated ones counted once. */
  of(accountId) {
    const seen = new Set();
    return this.events.filter(({ account }) => account.id === accountId)
      .filter(({ id }) => !seen.has(id) && seen.add(id)).map(({ id, name }) => ({ id, name }));
  }

  close() {
    this.socket.destroy();
  }
}
