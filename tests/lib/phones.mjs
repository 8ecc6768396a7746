/* Phones made of sipp, and single requests, at a Kamailio (lib/kamailio.mjs). */
import crypto from 'node:crypto';
import dgram from 'node:dgram';
import fs from 'node:fs/promises';
import path from 'node:path';

import { sourceDir } from './instance.mjs';
import { run } from './run.mjs';
import { until } from './until.mjs';


let phones = 0;

async function freeUdpPort() {
  const socket = dgram.createSocket('udp4');
  await new Promise((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise((resolve) => socket.close(resolve));
  return port;
}

/* Resolves with { status, messages }: its exit status, and what it sent and received. keys: { name: value } of the scenario. */
export async function sipp(kamailio, name, { port, username, password, keys = {}, wait = 0, args = [] }) {
  const dir = path.join(kamailio.dir, `sipp-${++phones}`);
  await fs.mkdir(dir);
  /* sipp knows no key in the line of a status. */
  const scenario = await fs.readFile(path.join(sourceDir, `tests/sip/${name}.xml`), 'utf8');
  await fs.writeFile(path.join(dir, 'scenario.xml'), scenario.replaceAll('[code]', keys.code));
  const { status, stdout } = await run('sipp', [`127.0.0.1:${kamailio.sipPort}`, '-sf', 'scenario.xml', '-m', '1', '-nostdin', '-timeout', '15', '-timeout_error', '-i', '127.0.0.1',
    '-p', String(port ?? await freeUdpPort()), '-d', String(wait), '-s', username ?? 'none', '-au', username ?? 'none', '-ap', password ?? 'none',
    ...Object.entries(keys).flatMap(([key, value]) => ['-key', key, String(value)]),
    '-trace_msg', '-message_file', 'messages', '-trace_logs', '-log_file', 'log', ...args], { cwd: dir, env: { ...process.env, TERM: 'dumb' } });
  const read = (file) => fs.readFile(path.join(dir, file), 'utf8').catch(() => '');
  return { status, stdout, messages: await read('messages'), log: await read('log') };
}

/* Registers, and does what the scenario says with one call: `answer`, `refuse` ({ code }), `ring`. What became of it is `done`. */
export async function phone(kamailio, user, name, { wait = 0, ...keys } = {}) {
  const port = await freeUdpPort();
  const registered = await kamailio.register(user, `urn:uuid:${crypto.randomUUID()}`, port);
  if (!registered) throw new Error(`${user.username} did not register`);
  const done = sipp(kamailio, name, { port, keys, wait });
  let ended = false;
  done.then(() => { ended = true; });
  await until(async () => ended || (await fs.readFile('/proc/net/udp', 'utf8')).includes(`0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`), { what: `the phone of ${user.username}` });
  return { port, done };
}

/* Resolves with the status of the call. as: whose name is in From, if not the user's. */
export async function call(kamailio, user, to, { as = user, wait = 50, name = 'Alice' } = {}) {
  const { messages, status } = await sipp(kamailio, 'call', { ...user, wait, keys: { from: `${as.username}@${as.domain}`, to, name } });
  const statuses = messages.split(/^-{20,}.*$/m).map((text) => /^SIP\/2\.0 (\d+)[^]*^CSeq: (\d) INVITE/mi.exec(text)).filter((found) => found?.[1] >= 200);
  return status === 0 ? Number(statuses.at(-1)[1]) : undefined;
}

const md5 = (text) => crypto.createHash('md5').update(text).digest('hex');

/* The answer to a challenge. */
function authorization({ username, password }, { method, uri, challenge, realm = challenge.realm }) {
  const [nc, cnonce] = ['00000001', 'c'];
  const response = md5([md5(`${username}:${realm}:${password}`), challenge.nonce, nc, cnonce, 'auth', md5(`${method}:${uri}`)].join(':'));
  return `Digest username="${username}", realm="${realm}", nonce="${challenge.nonce}", uri="${uri}", qop=auth, nc=${nc}, cnonce="${cnonce}", response="${response}", algorithm=MD5`;
}

function exchange(kamailio, text) {
  const socket = dgram.createSocket('udp4');
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer to ${text}`)), 5000);
    socket.on('message', (answer) => {
      if (/^SIP\/2\.0 1/.test(answer)) return;
      clearTimeout(timer);
      socket.close();
      resolve(String(answer));
    });
    socket.bind(0, '127.0.0.1', () => socket.send(text.replaceAll('{port}', socket.address().port), kamailio.sipPort, '127.0.0.1'));
  });
}

/* One request outside of a call, after its challenge. Resolves with the status. */
export async function ask(kamailio, user, method, to, { headers = [], body = '', as = user, realm, domain = as.domain, contact = '127.0.0.1:{port}' } = {}) {
  const [uri, id] = [`sip:${to}`, crypto.randomUUID()];
  const send = (seq, more) => exchange(kamailio, [`${method} ${uri} SIP/2.0`, `Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK${id}${seq}`, 'Max-Forwards: 70',
    `From: <sip:${as.username}@${domain}>;tag=t`, `To: <${uri}>`, `Call-ID: ${id}`, `CSeq: ${seq} ${method}`, `Contact: <sip:${as.username}@${contact}>`, ...headers, ...more,
    `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n'));
  let answer = await send(1, []);
  const [, kind, rest] = /^(WWW|Proxy)-Authenticate: Digest (.*)$/mi.exec(answer) ?? [];
  if (kind) {
    const challenge = Object.fromEntries([...rest.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
    answer = await send(2, [`${kind === 'WWW' ? '' : 'Proxy-'}Authorization: ${authorization(user, { method, uri, challenge, realm })}`]);
  }
  return Number(answer.split(' ')[1]);
}
