/*
 * Linphone's library as a phone (tests/linphone/softphone.c): what baresip cannot do it can, SHA-256, rejecting, attended
 * transfers; and it provisions itself.
 *
 *   const phone = await Linphone.of(proxy, user);               // registered with its password
 *   const phone = await Linphone.provisioned(url, ca);          // whatever the document says
 *
 * The verbs are those of baresip.mjs.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after } from 'node:test';

import { sourceDir, temporaryDirectory } from '../lib/instance.mjs';
import { runOk } from '../lib/run.mjs';
import { until } from '../lib/until.mjs';

let built;

/* Once a test file. */
async function program() {
  const dir = await temporaryDirectory('softphone');
  await runOk('cc', ['-D_GNU_SOURCE', '-o', path.join(dir, 'softphone'), path.join(sourceDir, 'tests/linphone/softphone.c'), '-llinphone', '-lbellesip', '-lbctoolbox']);
  return path.join(dir, 'softphone');
}

const BASE = `[sip]
sip_port=-1
sip_tcp_port=-1
sip_tls_port=-1
keepalive_period=600000
verify_server_certs=1
use_ipv6=0
[rtp]
audio_rtp_port=-1
[net]
mtu=1300
[sound]
echocancellation=0
`;

const registering = (proxy, { username, domain, password }) => `[proxy_0]
reg_identity=sip:${username}@${domain}
reg_proxy=<sip:127.0.0.1:${proxy.sipPort};transport=tcp>
reg_route=<sip:127.0.0.1:${proxy.sipPort};transport=tcp;lr>
reg_sendregister=1
reg_expires=600
publish=0
[auth_info_0]
username=${username}
domain=${domain}
passwd=${password}
`;

export class Linphone {
  static of(proxy, user) {
    return Linphone.#on(`${BASE}[misc]\n${registering(proxy, user)}`, user.username);
  }

  static provisioned(url, ca) {
    return Linphone.#on(`${BASE.replace('[sip]\n', `[sip]\nroot_ca=${ca}\n`)}[misc]\nconfig-uri=${url}\n`, 'a new');
  }

  static async #on(config, whose) {
    const phone = new Linphone();
    phone.whose = whose;
    phone.dir = await temporaryDirectory('linphone');
    await fs.mkdir(path.join(phone.dir, '.local/share/linphone'), { recursive: true }); // version 5.3 ends without it
    phone.config = path.join(phone.dir, 'linphonerc');
    await fs.writeFile(phone.config, config);
    after(() => phone.kill());
    await phone.switchOn();
    await phone.registered();
    return phone;
  }

  async switchOn() {
    built ??= program();
    [this.said, this.lines] = ['', []];
    this.process = spawn(await built, [this.config], { env: { ...process.env, HOME: this.dir }, stdio: ['pipe', 'pipe', 'pipe'] });
    this.gone = new Promise((resolve) => { this.process.on('exit', resolve); });
    this.process.stdin.on('error', () => {}); /* it may have ended */
    let rest = '';
    this.process.stdout.on('data', (text) => {
      this.said += text;
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      this.lines.push(...lines);
    });
    this.process.stderr.on('data', (text) => { this.said += text; });
  }

  /* The next line like that which no earlier wait has taken. */
  async heard(pattern, seconds = 20) {
    const find = () => {
      const at = this.lines.findIndex((line) => pattern.test(line));
      return at >= 0 && this.lines.splice(at, 1)[0];
    };
    return until(find, { what: String(pattern), seconds }).catch((e) => { throw new Error(`${this.whose}'s phone: ${e.message}\n${this.said}`); });
  }

  tell(...words) { this.process.stdin.write(`${words.join(' ')}\n`); }

  registered() { return this.heard(/^registration: .*Ok$/); }
  refused() { return this.heard(/^registration: .*Failed$/); }
  rings() { return this.heard(/^call .*: .*IncomingReceived/); }
  hearsRinging() { return this.heard(/^call .*: .*OutgoingRinging/); }
  talks() { return this.heard(/^call .*: .*StreamsRunning/); }
  over() { return this.heard(/^call .*: .*(CallEnd|CallStateEnd|End|Error)/, 40); }

  dial(address) { this.tell('call', address); }
  answer() { this.tell('answer'); }
  reject() { this.tell('reject'); }
  hangUp() { this.tell('hangup'); }
  hold() { this.tell('hold'); }
  resume() { this.tell('resume'); }
  transfer(address) { this.tell('transfer', address); }
  join() { this.tell('join'); }

  async switchOff() {
    this.tell('quit');
    await this.gone;
  }

  kill() {
    if (this.process.exitCode === null) this.process.kill('SIGKILL');
    return this.gone;
  }
}
