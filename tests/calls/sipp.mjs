/* sipp as a phone that answers what it is told, which no polite phone does: any status, after ringing or at once. */
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after } from 'node:test';

import { freePort, sourceDir, temporaryDirectory } from '../lib/instance.mjs';

const HEADERS = '[last_Via:]\n[last_Record-Route:]\n[last_From:]\n[last_To:];tag=[call_number]\n[last_Call-ID:]\n[last_CSeq:]';
const reply = (line) => `<send><![CDATA[\nSIP/2.0 ${line}\n${HEADERS}\nContact: <sip:[service]@[local_ip]:[local_port]>\nContent-Length: 0\n\n]]></send>`;

const answering = (code, rings) => `<?xml version="1.0" encoding="UTF-8"?>
<scenario name="answers ${code}">
  <recv request="INVITE" />
  ${reply('100 Trying')}
  ${rings ? `${reply('180 Ringing')}<pause milliseconds="${rings}" />` : ''}
  ${reply(`${code} Because`)}
  <recv request="ACK" />
</scenario>
`;

export class Sipp {
  static async of(proxy, user) {
    const phone = new Sipp();
    Object.assign(phone, { proxy, user, dir: await temporaryDirectory('sipp'), port: await freePort() });
    await phone.#run(path.join(sourceDir, 'tests/sip/register.xml')).done;
    return phone;
  }

  #run(scenario) {
    const { username, domain, password } = this.user;
    const args = [`127.0.0.1:${this.proxy.sipPort}`, '-sf', scenario, '-m', '1', '-nostdin', '-timeout', '60', '-timeout_error', '-i', '127.0.0.1', '-p', String(this.port),
      '-s', username, '-au', username, '-ap', password, '-key', 'domain', domain, '-key', 'uuid', `urn:uuid:${this.port}`];
    const child = spawn('sipp', args, { cwd: this.dir, env: { ...process.env, TERM: 'dumb' }, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (text) => { said += text; });
    after(() => child.exitCode === null && child.kill('SIGKILL'));
    const done = new Promise((resolve, reject) => {
      child.on('exit', (status) => (status === 0 ? resolve() : reject(new Error(`sipp of ${username}: ${status} ${said}`))));
    });
    return { child, done };
  }

  /* The next call: rings for so many milliseconds (0: not at all), then is answered with that status. Resolves when it listens. */
  async willAnswer(code, { rings = 0 } = {}) {
    const scenario = path.join(this.dir, `${code}.xml`);
    await fs.writeFile(scenario, answering(code, rings));
    const { done } = this.#run(scenario);
    this.answered = done;
    this.answered.catch(() => {});
    const listens = `:${this.port.toString(16).toUpperCase().padStart(4, '0')} `;
    for (;;) if ((await fs.readFile('/proc/net/udp', 'utf8')).includes(listens)) return;
  }

  async switchOff() {}
}

export const sippVersion = () => runOk('sipp', ['-v']).catch((e) => e);
