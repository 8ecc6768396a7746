/* A client with python3-socketio (tests/relay/python_client.py), which logs in whenever it connects. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import readline from 'node:readline';
import { after } from 'node:test';

import { sourceDir } from './instance.mjs';
import { until } from './until.mjs';

/* python.heard: the events it tells of, as arrays. transports: 'default', 'websocket' or 'polling'. */
export class Python {
  constructor(dialtone, { username, token, transports = 'default' }) {
    this.heard = [];
    this.said = '';
    this.child = spawn('/usr/bin/python3', [path.join(sourceDir, 'tests/relay/python_client.py'), dialtone.env.DIALTONE_URL,
      dialtone.env.DIALTONE_CACERT, transports, username], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.child.stderr.setEncoding('utf8').on('data', (text) => (this.said += text));
    readline.createInterface({ input: this.child.stdout }).on('line', (line) => this.heard.push(JSON.parse(line)));
    after(() => this.child.kill('SIGKILL'));
    this.child.stdin.write(`${token}\n`);
  }

  named(name) {
    if (this.child.exitCode) throw new Error(this.said);
    return this.heard.filter(([n]) => n === name);
  }

  /* The event of that name when it has come so many times. */
  async hears(name, times = 1) {
    await until(() => this.named(name).length >= times, { what: `Python to hear ${name}` });
    return this.named(name)[times - 1];
  }

  /* Resolves with its exit status. */
  async end() {
    this.child.stdin.end();
    await until(() => this.child.exitCode !== null, { what: 'Python to end' });
    return this.child.exitCode;
  }
}
