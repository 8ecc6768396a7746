/*
 * A baresip as a phone on a user's desk: it registers at a proxy of this machine and does what a hand would do.
 *
 *   const phone = await Baresip.of(proxy, { username, domain, password });   // registered
 *   await phone.dial('sip:bob@sip.test'); await bobs.rings(); await bobs.answer(); ...
 *
 * Each phone is a process with a directory of its own; it is told what to do by JSON in netstrings (its module ctrl_tcp).
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { after } from 'node:test';

import { freePort, temporaryDirectory } from '../lib/instance.mjs';
import { until } from '../lib/until.mjs';

const config = (control, calls) => `
poll_method epoll
net_interface 127.0.0.1
sip_listen 127.0.0.1:0
call_max_calls ${calls}
call_local_timeout 600
audio_player aubridge,nil
audio_source aubridge,nil
audio_alert aubridge,nil
module_path /usr/lib/baresip/modules
module g711.so
module aubridge.so
module uuid.so
module_app menu.so
module_app ctrl_tcp.so
module_app mwi.so
ctrl_tcp_listen 127.0.0.1:${control}
`;

const account = (proxy, { username, domain, password, login = username }, { expires, transport, mwi }) =>
  `<sip:${username}@${domain};transport=${transport}>;auth_user=${login};auth_pass="${password}";` +
  `outbound="sip:127.0.0.1:${proxy.sipPort};transport=${transport}";regint=${expires};mwi=${mwi ? 'yes' : 'no'}`;

export class Baresip {
  /* calls: how many it takes at once; the next is busy. register: false, or 'tries' to be told the outcome. */
  static async of(proxy, user, { calls = 4, expires = 600, transport = 'udp', mwi = false, register = true } = {}) {
    const phone = new Baresip();
    phone.user = user;
    phone.dir = await temporaryDirectory('baresip');
    phone.control = await freePort();
    await fs.writeFile(path.join(phone.dir, 'config'), config(phone.control, calls));
    phone.account = account(proxy, user, { expires: register ? expires : 0, transport, mwi });
    after(() => phone.kill());
    await phone.switchOn();
    if (register === true) await phone.registered();
    return phone;
  }

  async switchOn() {
    [this.events, this.said, this.answers] = [[], '', 0];
    this.process = spawn('baresip', ['-f', this.dir], { stdio: ['pipe', 'pipe', 'pipe'] });
    for (const out of [this.process.stdout, this.process.stderr]) out.on('data', (text) => { this.said += text; });
    this.process.on('error', (e) => { this.said += e; });
    this.gone = new Promise((resolve) => { this.process.on('exit', resolve); });
    await this.#found(this.#connect(), 'its control port');
    await this.tell('uanew', this.account);
  }

  async #connect() {
    const opened = () => new Promise((resolve, reject) => {
      const socket = net.connect(this.control, '127.0.0.1', () => resolve(socket));
      socket.on('error', reject);
    });
    this.socket = await until(() => opened().catch(() => undefined), { what: 'a baresip', seconds: 15 });
    let rest = Buffer.alloc(0);
    this.socket.on('data', (chunk) => { rest = this.#read(Buffer.concat([rest, chunk])); });
  }

  /* Netstrings: "12:{...},". Returns what is not complete yet. */
  #read(bytes) {
    for (;;) {
      const colon = bytes.indexOf(':');
      const length = Number(bytes.toString('latin1', 0, colon));
      if (colon < 0 || bytes.length < colon + length + 2) return bytes;
      this.#take(JSON.parse(bytes.toString('utf8', colon + 1, colon + 1 + length)));
      bytes = bytes.subarray(colon + length + 2);
    }
  }

  #take(message) {
    if (message.event) this.events.push(message);
    else this.answers++;
  }

  async #found(promise, what) {
    return promise.catch((e) => { throw new Error(`${this.user.username}'s phone: ${what}: ${e.message}\n${this.said}`); });
  }

  async tell(command, params) {
    const [text, asked] = [JSON.stringify({ command, ...(params && { params }) }), this.answers];
    this.socket.write(`${Buffer.byteLength(text)}:${text},`);
    await this.#found(until(() => this.answers > asked, { what: command, seconds: 10 }), command);
  }

  /* The next event of that type which no earlier wait has taken. */
  async heard(type, seconds = 20) {
    const find = () => {
      const at = this.events.findIndex((e) => e.type === type);
      return at >= 0 && this.events.splice(at, 1)[0];
    };
    return this.#found(until(find, { what: type, seconds }), type);
  }

  registered() { return this.heard('REGISTER_OK'); }
  refused() { return this.heard('REGISTER_FAIL'); }
  rings() { return this.heard('CALL_INCOMING'); }
  hearsRinging() { return this.heard('CALL_RINGING'); }
  talks() { return this.heard('CALL_ESTABLISHED'); }
  /* Resolves with why, as the other side said it. */
  async over() { return (await this.heard('CALL_CLOSED', 40)).param; }

  dial(address) { return this.tell('dial', address); }
  answer() { return this.tell('accept'); }
  hangUp() { return this.tell('hangup'); }
  hold() { return this.tell('hold'); }
  resume() { return this.tell('resume'); }
  transfer(address) { return this.tell('transfer', address); }

  /* It says goodbye to the proxy. */
  async switchOff() {
    this.tell('quit').catch(() => {});
    await this.gone;
  }

  kill() {
    this.socket?.destroy();
    if (this.process.exitCode === null) this.process.kill('SIGKILL');
    return this.gone;
  }
}
