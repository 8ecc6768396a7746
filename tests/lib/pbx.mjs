/* What a SIP proxy reports, made up: its events on Redis, its calls over JSON-RPC, its registrations in its table. */
import http from 'node:http';
import { after } from 'node:test';

import { randomName } from './accounts.mjs';
import { until } from './until.mjs';

const TABLE = `CREATE SCHEMA IF NOT EXISTS kamailio;
  CREATE TABLE IF NOT EXISTS kamailio.location (id serial PRIMARY KEY, ruid text, username text, domain text, contact text, received text, user_agent text,
    instance text, last_modified timestamp DEFAULT (now() AT TIME ZONE 'UTC'), expires timestamp DEFAULT ((now() + interval '1 hour') AT TIME ZONE 'UTC'));`;

const seconds = () => Math.floor(Date.now() / 1000);

/* Answers dlg.list; `calls` may be changed at any time, `mode` is "well" or "broken". */
export class FakeProxy {
  static async start() {
    const proxy = new FakeProxy();
    proxy.server = http.createServer((request, response) => proxy.answer(request, response));
    await new Promise((resolve) => { proxy.server.listen(0, '127.0.0.1', resolve); });
    proxy.url = `http://127.0.0.1:${proxy.server.address().port}/RPC`;
    after(() => { proxy.server.closeAllConnections(); proxy.server.close(); });
    return proxy;
  }

  constructor() {
    this.calls = new Map();
    this.mode = 'well';
  }

  answer(request, response) {
    response.setHeader('Content-Type', 'application/json');
    response.end(this.mode === 'well' ? JSON.stringify({ jsonrpc: '2.0', id: 1, result: [...this.calls.values()].map(dialogOf) }) : '{"jsonrpc":');
  }

  async beside(dialtone) {
    this.dialtone = dialtone;
    await dialtone.sql(TABLE);
    return this;
  }

  tell(event) {
    return this.dialtone.publish('sip:events', JSON.stringify({ ts: seconds(), us: 0, ...event }));
  }

  /* A phone that stays registered, in the table as in the event. */
  async register(user, domain, { port = 5060 } = {}) {
    const contact = `sip:${user}@192.0.2.1:${port}`;
    await this.dialtone.sql(`INSERT INTO kamailio.location (username, domain, contact, user_agent) VALUES ('${user}', '${domain}', '${contact}', 'Phone 1')`);
    await this.tell({ ev: 'reg.new', aor: `${user}@${domain}`, contact: `<${contact}>;expires=600`, user_agent: 'Phone 1', source: `udp:192.0.2.1:${port}` });
  }

  async unregister(user, domain) {
    await this.dialtone.sql(`DELETE FROM kamailio.location WHERE username = '${user}' AND domain = '${domain}'`);
    await this.tell({ ev: 'reg.gone', aor: `${user}@${domain}`, contact: '*' });
  }

  call(from, to) {
    return new Call(this, from, to);
  }
}

const dialogOf = (call) => ({ h_entry: 1, h_id: call.number, 'call-id': call.id, from_uri: `sip:${call.from}`, to_uri: `sip:${call.to}`, state: call.state,
  start_ts: call.state === 4 ? call.began : 0, init_ts: call.began, timeout: 0, lifetime: 14400, caller: { tag: 'a' }, callee: { tag: 'b' }, profiles: [],
  variables: [{ caller: call.from }, { callee: call.to }, { caller_name: '' }, { linked: call.linked }, ...(call.state === 4 ? [{ device: call.to }] : [])] });

let number = 0;

/* from, to: "user@domain". */
export class Call {
  constructor(proxy, from, to) {
    Object.assign(this, { proxy, from, to, number: ++number, id: randomName('call'), began: seconds() });
    this.linked = `${this.began}.${process.pid}${this.number}`;
  }

  tell(ev, more = {}) {
    return this.proxy.tell({ ev, call_id: this.id, dlg_id: `1:${this.number}`, linked: this.linked, from: this.from, to: this.to, from_name: '', ...more });
  }

  async begin() {
    this.state = 1;
    this.proxy.calls.set(this.id, this);
    await this.tell('call.new');
  }

  async ring() {
    this.state = 2;
    await this.tell('call.ringing', { code: 180, device: this.to });
  }

  async answer() {
    this.state = 4;
    await this.tell('call.up', { device: this.to });
  }

  /* No client is told. */
  vanish() {
    this.proxy.calls.delete(this.id);
  }

  async end() {
    this.vanish();
    await this.tell('call.end', { by: this.from, duration: 1 });
  }
}

/* Figures of dialtone-pbx: { published: 12, 'events call.new': 3 }. */
export async function figuresOf(path) {
  const text = await new Promise((resolve, reject) => {
    http.get({ socketPath: path, path: '/metrics' }, (response) => {
      let body = '';
      response.on('data', (part) => { body += part; }).on('end', () => resolve(body));
    }).on('error', reject);
  });
  return Object.fromEntries([...text.matchAll(/^dialtone_pbx_(\w+?)(?:_total)?(?:\{kind="([^"]+)"\})? (\d+)$/gm)].map(([, name, kind, n]) => [kind ? `${name} ${kind}` : name, Number(n)]));
}

export const untilFigures = (path, condition, what) => until(async () => condition(await figuresOf(path)), { what });
