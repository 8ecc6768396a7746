/* A real Kamailio beside an instance, with the configuration that is shipped, a role and tables in the database, and sipp as its phones. */
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after } from 'node:test';

import { freePort, sourceDir, temporaryDirectory } from './instance.mjs';
import { run, runOk } from './run.mjs';
import { until } from './until.mjs';

const TABLES = '/usr/share/kamailio/postgres';

function psql(dialtone, user, args, options) {
  return runOk('psql', ['-X', '-q', '-At', '-v', 'ON_ERROR_STOP=1', '-h', path.join(dialtone.dir, 'run/pg'), '-U', user, '-d', 'dialtone', ...args], options);
}

/* As docs/sip.md says, and who runs the tests may log in as that role. */
async function giveDatabase(dialtone) {
  const { stdout } = await runOk(path.join(sourceDir, 'packaging/sip-role'), ['--tables', 'kamailio', 'kamailio']);
  await psql(dialtone, 'postgres', [], { input: stdout });
  const identFile = (await psql(dialtone, 'postgres', ['-c', 'SHOW ident_file'])).stdout.trim();
  await fs.appendFile(identFile, `dialtone ${(await runOk('id', ['-un'])).stdout.trim()} kamailio\n`);
  await psql(dialtone, 'postgres', ['-c', 'SELECT pg_reload_conf()']);
  for (const name of ['standard', 'usrloc', 'dialog', 'presence']) {
    await until(async () => psql(dialtone, 'kamailio', ['-f', `${TABLES}/${name}-create.sql`]).then(() => true, (e) => !/no pg_hba|ident|peer/i.test(e.message) && Promise.reject(e)),
      { what: `the tables of ${name}` });
  }
}

export class Kamailio {
  /* Own instances only: it is in the database of this one. defines: those of packaging/kamailio/dialtone.cfg, numbers ({ RING_TIME: 2000 }). */
  static async beside(dialtone, defines = {}, { sharedMib = 32 } = {}) {
    const kamailio = new Kamailio();
    kamailio.dialtone = dialtone;
    kamailio.defines = defines;
    kamailio.sharedMib = sharedMib;
    kamailio.dir = await temporaryDirectory('kamailio');
    await giveDatabase(dialtone);
    after(() => kamailio.stop());
    await kamailio.startSomewhere();
    return kamailio;
  }

  /* The file of the place, as an administrator writes it. */
  async writeConfiguration() {
    const redis = path.join(this.dialtone.dir, 'run/redis.sock');
    const password = (await fs.readFile(path.join(this.dialtone.dir, 'redis/passwords/proxy'), 'utf8')).trim();
    const texts = { LISTEN_SIP: `127.0.0.1:${this.sipPort}`, SELF: `127.0.0.1:${this.sipPort}`, LISTEN_RPC: `127.0.0.1:${this.rpcPort}`, REDIS_SERVER: `unix=${redis}`, REDIS_PASSWORD: password, SPACES_INTERVAL: '1' };
    const lines = [...Object.entries(texts).map(([name, text]) => `#!substdef "!${name}!${text}!g"`),
      ...Object.entries({ RPC_PORT: this.rpcPort, WORKERS: 2, ...this.defines }).map(([name, value]) => `#!define ${name} ${value}`)];
    this.file = path.join(this.dir, 'kamailio.cfg');
    await fs.writeFile(this.file, `#!KAMAILIO\n${lines.join('\n')}\ninclude_file "${sourceDir}/packaging/kamailio/dialtone.cfg"\n`, { mode: 0o600 });
  }

  /* A port that was free may be another's a moment later. */
  async startSomewhere(tries = 5) {
    [this.sipPort, this.rpcPort] = [await freePort(), await freePort()];
    this.url = `http://127.0.0.1:${this.rpcPort}/RPC`;
    await this.start().catch((e) => {
      if (tries === 1 || !e.message.includes('Address already in use')) throw e;
      return this.startSomewhere(tries - 1);
    });
  }

  async start() {
    await this.writeConfiguration();
    const args = ['-f', this.file, '-DD', '-m', String(this.sharedMib), '-M', '4', '-w', this.dir, '-Y', this.dir];
    this.said = '';
    this.process = spawn('kamailio', args, { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin`, TZ: 'UTC', PGHOST: path.join(this.dialtone.dir, 'run/pg') },
      stdio: ['ignore', 'ignore', 'pipe'] });
    this.process.stderr.on('data', (text) => { this.said += text; });
    this.process.on('error', (e) => { this.said += e; });
    const answers = () => this.rpc('core.version').then(() => true, () => false);
    await until(async () => this.process.exitCode !== null || answers(), { what: 'Kamailio' }).catch((e) => { throw new Error(`${e.message}\n${this.said}`); });
    if (this.process.exitCode !== null) throw new Error(`Kamailio ended:\n${this.said}`);
  }

  /* As its role. */
  sql(statement) {
    return psql(this.dialtone, 'kamailio', ['-c', statement]);
  }

  async rpc(method, params = []) {
    const answer = await fetch(this.url, { method: 'POST', body: JSON.stringify({ jsonrpc: '2.0', method, params, id: 1 }) });
    return answer.json();
  }

  async stop() {
    if (!this.process || this.process.exitCode !== null) return;
    const gone = new Promise((resolve) => { this.process.on('exit', resolve); });
    this.process.kill('SIGTERM');
    await gone;
  }

  /* Resolves with whether the phone registered. */
  async register({ username, domain, password }, uuid, port = 0) {
    const { status } = await run('sipp', [`127.0.0.1:${this.sipPort}`, '-sf', path.join(sourceDir, 'tests/sip/register.xml'), '-m', '1', '-nostdin', '-timeout', '10',
      '-timeout_error', '-i', '127.0.0.1', ...(port ? ['-p', String(port)] : []), '-s', username, '-au', username, '-ap', password, '-key', 'domain', domain, '-key', 'uuid', uuid], { cwd: this.dir, env: { ...process.env, TERM: 'dumb' } });
    return status === 0;
  }
}
