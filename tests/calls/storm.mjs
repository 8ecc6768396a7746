/* Many phones at once: sipp with a list of accounts that are made for it. */
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after } from 'node:test';

import { freePort, temporaryDirectory } from '../lib/instance.mjs';

export const PASSWORD = 'password-of-a-storm';
export const nameOf = (group, i) => `${group}.${String(i).padStart(6, '0')}`;

/* Accounts "group.000000" and so on, each with the HA1 that a proxy reads. */
export async function makePhones(dialtone, group, n) {
  const domain = dialtone.env.DIALTONE_DOMAIN;
  await dialtone.sql(`WITH made AS (
      INSERT INTO accounts (username, domain, activated) SELECT '${group}.' || lpad(i::text, 6, '0'), '${domain}', true FROM generate_series(0, ${n - 1}) i
      ON CONFLICT DO NOTHING RETURNING id, username)
    INSERT INTO passwords (account_id, algorithm, password) SELECT id, 'MD5', md5(username || ':${domain}:${PASSWORD}') FROM made`);
  return domain;
}

const message = (text, attributes = '') => `<send${attributes}><![CDATA[\n${text}\n]]></send>`;
const request = (method, cseq, to, lines = '') => `${method} sip:${to}[field1] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
Max-Forwards: 70
From: <sip:[field0]@[field1]>;tag=[call_number]
To: <sip:${to || '[field0]@'}[field1]>
Call-ID: [call_id]
CSeq: ${cseq} ${method}
Contact: <sip:[field0]@[local_ip]:[local_port]>
${lines}`;
const NO_BODY = 'Content-Length: 0\n';
const scenario = (name, ...steps) => `<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="${name}">\n${steps.join('\n')}\n</scenario>\n`;

/* Where no answer comes, again, as phones do (RFC 3261, 17.1.2.2): a proxy that was held up has lost what its buffer did not take. */
const again = (transaction) => ` retrans="500" start_txn="${transaction}"`;
const REGISTER = scenario('register',
  message(request('REGISTER', 1, '', `Expires: 3600\n${NO_BODY}`), again('asked')),
  '<recv response="401" auth="true" response_txn="asked" />',
  message(request('REGISTER', 2, '', `[field2]\nExpires: 3600\n${NO_BODY}`), again('answered')),
  '<recv response="200" response_txn="answered" />');

const SDP = `Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio [media_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000
`;

const inDialog = (method, cseq, lines = NO_BODY) => `${method} [next_url] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
[routes]
Max-Forwards: 70
From: <sip:[field0]@[field1]>;tag=[call_number]
To: <sip:[field3]@[field1]>[peer_tag_param]
Call-ID: [call_id]
CSeq: ${cseq} ${method}
${lines}`;

const CALL = (talkMs) => scenario('call',
  message(request('INVITE', 1, '[field3]@', SDP)),
  '<recv response="407" auth="true" />',
  message(`ACK sip:[field3]@[field1] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch-2]
From: <sip:[field0]@[field1]>;tag=[call_number]
To: <sip:[field3]@[field1]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 1 ACK
${NO_BODY}`),
  message(request('INVITE', 2, '[field3]@', `[field2]\n${SDP}`)),
  '<recv response="100" optional="true" />', '<recv response="180" optional="true" />',
  '<recv response="200" rrs="true" />',
  message(inDialog('ACK', 2)),
  `<pause milliseconds="${talkMs}" />`,
  message(inDialog('BYE', 3)),
  '<recv response="200" />');

const ANSWER_HEADERS = '[last_Via:]\n[last_Record-Route:]\n[last_From:]\n[last_To:];tag=[call_number]\n[last_Call-ID:]\n[last_CSeq:]\nContact: <sip:storm@[local_ip]:[local_port]>';
const ANSWER = (ringMs) => scenario('answer',
  '<recv request="INVITE" rrs="true" />',
  message(`SIP/2.0 180 Ringing\n${ANSWER_HEADERS}\n${NO_BODY}`),
  `<pause milliseconds="${ringMs}" />`,
  message(`SIP/2.0 200 OK\n${ANSWER_HEADERS}\n${SDP}`),
  '<recv request="ACK" />', '<recv request="BYE" />',
  message('SIP/2.0 200 OK\n[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]\nContent-Length: 0\n'));

export class Storm {
  /* proxy: a Kamailio of tests/lib. */
  static async of({ dialtone, kamailio }) {
    const storm = new Storm();
    Object.assign(storm, { dialtone, kamailio, dir: await temporaryDirectory('storm'), port: await freePort() });
    return storm;
  }

  /* Lines of users: name; domain; credentials; which one it calls. */
  async #users(group, n, callees = group) {
    const domain = this.dialtone.env.DIALTONE_DOMAIN;
    const lines = Array.from({ length: n }, (_, i) =>
      `${nameOf(group, i)};${domain};[authentication username=${nameOf(group, i)} password=${PASSWORD}];${nameOf(callees, i)}`);
    const file = path.join(this.dir, `${group}.csv`);
    await fs.writeFile(file, `SEQUENTIAL\n${lines.join('\n')}\n`);
    return file;
  }

  /* Resolves, when it has ended, with how many went wrong. */
  async #sipp(name, text, args) {
    const file = path.join(this.dir, `${name}.xml`);
    await fs.writeFile(file, text);
    const child = spawn('sipp', [`127.0.0.1:${this.kamailio.sipPort}`, '-sf', file, '-nostdin', '-i', '127.0.0.1', '-nd', '-recv_timeout', '60000',
      '-trace_err', '-error_file', path.join(this.dir, `${name}.err`), '-trace_stat', '-fd', '600', '-stf', path.join(this.dir, `${name}.csv.stat`), ...args],
    { cwd: this.dir, env: { ...process.env, TERM: 'dumb' }, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (text_) => { said += text_; });
    after(() => child.exitCode === null && child.kill('SIGKILL'));
    const ended = new Promise((resolve) => { child.on('exit', () => resolve()); });
    return { child, ended: ended.then(() => this.#failures(name, said)) };
  }

  async #failures(name, said) {
    const text = await fs.readFile(path.join(this.dir, `${name}.csv.stat`), 'utf8').catch(() => '');
    const [head, ...rows] = text.trim().split('\n').map((line) => line.split(';'));
    const last = rows.at(-1) ?? [];
    const of = (column) => Number(last[head.indexOf(column)]);
    return { lost: of('FailedCall(C)'), done: of('SuccessfulCall(C)'), said };
  }

  /*
   * rate: REGISTER requests a second, two for a registration; seconds: how long, or once round all phones.  From the port that
   * the phones answer at, as the proxy calls them where their packets came from: answer() has that port from its beginning on.
   */
  async register(group, phones, { rate, seconds }) {
    const file = await this.#users(group, phones);
    const times = seconds ? Math.round(rate * seconds / 2) : phones;
    const { ended } = await this.#sipp(`register-${group}`, REGISTER, ['-p', String(this.port), '-inf', file, '-r', String(rate / 2), '-m', String(times), '-l', '2000']);
    return ended;
  }

  /* All phones of the storm's port answer, each after ringing for a while. */
  async answer({ ringMs = 500, trace = false } = {}) {
    const { child } = await this.#sipp('answer', ANSWER(ringMs), ['-p', String(this.port), '-l', '5000', ...(trace ? ['-trace_msg', '-message_file', path.join(this.dir, 'answer.msg')] : [])]);
    return child;
  }

  /* calls so many a second, each talking so long; callers[i] calls callees[i]. */
  async call(callers, callees, phones, { rate, calls, talkMs, trace = false }) {
    const file = await this.#users(callers, phones, callees);
    return this.#sipp('call', CALL(talkMs), ['-inf', file, '-r', String(rate), '-m', String(calls), '-l', '5000', ...(trace ? ['-trace_msg', '-message_file', path.join(this.dir, 'call.msg')] : [])]);
  }
}

/* So many phones register again and again. Resolves with how many registrations went wrong. */
export async function registerMany(office, { phones, rate, seconds }) {
  await makePhones(office.dialtone, 'storm', phones);
  const storm = await Storm.of(office);
  return storm.register('storm', phones, { rate, seconds });
}
