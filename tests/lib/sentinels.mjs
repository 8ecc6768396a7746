/*
 * A Redis with a replica, watched by Redis Sentinels: real servers on ports of 127.0.0.1, gone after
 * the tests of the file.
 *
 *   const redis = await Sentinels.start();
 *   redis.url()             for the setting redis
 *   await redis.kill(await redis.master())
 *   await redis.failOver()  a planned switch: the old master stays, as a replica
 *
 * With tls: true all of them speak TLS alone, and ask for certificates; redis.ca signs them.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after } from 'node:test';

import { Authority } from './certificates.mjs';
import { freePort, temporaryDirectory } from './instance.mjs';
import { run } from './run.mjs';
import { until } from './until.mjs';

const MASTER = 'mymaster';
const DOWN_AFTER_MS = 1000;
const FAILOVER_TIMEOUT_MS = 4000;

export class Sentinels {
  constructor({ replicas = 1, sentinels = 3, password = '', tls = false } = {}) {
    this.counts = { replicas, sentinels };
    this.password = password;
    this.tls = tls;
    this.children = new Map(); /* by port */
  }

  static async start(options) {
    const set = new Sentinels(options);
    after(() => set.remove());
    await set.startAll();
    return set;
  }

  async startAll() {
    const { replicas, sentinels } = this.counts;
    this.dir = await temporaryDirectory('dialtone-sentinels');
    if (this.tls) {
      this.ca = await Authority.make(this.dir, 'ca');
      this.pair = await this.ca.sign('redis', { names: ['IP:127.0.0.1'] });
    }
    this.servers = await Promise.all(Array.from({ length: 1 + replicas }, freePort));
    this.sentinels = await Promise.all(Array.from({ length: sentinels }, freePort));
    const [first, ...others] = this.servers;
    await this.startServer(first);
    for (const port of others) await this.startServer(port, first);
    await until(async () => (await this.info(first)).includes(`connected_slaves:${replicas}`), { what: 'the replicas' });
    for (const port of this.sentinels) await this.startSentinel(port, first);
    await this.untilComplete();
  }

  spawn(port, args) {
    const child = spawn('redis-server', args, { stdio: 'ignore' });
    this.children.set(port, child);
    return until(async () => (await this.cli(port, 'PING')) === 'PONG', { what: `the server on port ${port}` });
  }

  /* of: the port of its master. pair: another certificate than that of the others. */
  startServer(port, of, pair = this.pair) {
    const secrets = this.password ? ['--requirepass', this.password, '--masterauth', this.password] : [];
    return this.spawn(port, [...this.listening(port, pair).flatMap(([name, ...value]) => [`--${name}`, ...value]), '--save', '', '--dir', this.dir,
      '--repl-diskless-sync-delay', '0', ...secrets, ...(of ? ['--replicaof', '127.0.0.1', String(of)] : [])]);
  }

  /* Where a server listens, and how its kind talk among themselves. */
  listening(port, pair = this.pair) {
    const bind = ['bind', '127.0.0.1'];
    if (!this.tls) return [['port', String(port)], bind];
    return [['port', '0'], ['tls-port', String(port)], bind, ['tls-replication', 'yes'], ['tls-ca-cert-file', this.ca.file],
      ['tls-cert-file', pair.certificate], ['tls-key-file', pair.key]];
  }

  /* A sentinel keeps what it has learnt in its file. */
  async startSentinel(port, master) {
    const file = path.join(this.dir, `sentinel-${port}.conf`);
    if (master) {
      await fs.writeFile(file, [
        ...this.listening(port).map((words) => words.join(' ')), `dir ${this.dir}`,
        `sentinel monitor ${MASTER} 127.0.0.1 ${master} ${Math.floor(this.sentinels.length / 2) + 1}`,
        `sentinel down-after-milliseconds ${MASTER} ${DOWN_AFTER_MS}`,
        `sentinel failover-timeout ${MASTER} ${FAILOVER_TIMEOUT_MS}`,
        ...(this.password ? [`sentinel auth-pass ${MASTER} ${this.password}`] : []), '',
      ].join('\n'));
    }
    await this.spawn(port, [file, '--sentinel']);
  }

  /* Each sentinel knows the others and a replica that could take over. */
  async untilComplete() {
    const knows = async (port) => {
      const [master, replicas] = [await this.cli(port, 'SENTINEL', 'MASTER', MASTER),
        await this.cli(port, 'SENTINEL', 'REPLICAS', MASTER)];
      return master.includes(`num-other-sentinels\n${this.sentinels.length - 1}\n`) &&
        /flags\nslave\n/.test(replicas) && replicas.includes('master-link-status\nok\n');
    };
    await until(async () => (await Promise.all(this.sentinels.map(knows))).every(Boolean),
      { what: 'the sentinels to know each other and a replica', seconds: 60 });
  }

  /* What redis-cli prints, whether it could ask or not. */
  async cli(port, ...args) {
    const secret = this.password && this.servers.includes(port) ? { REDISCLI_AUTH: this.password } : {};
    const tls = this.tls ? ['--tls', '--insecure', '--cert', this.pair.certificate, '--key', this.pair.key] : [];
    return (await run('redis-cli', ['-p', String(port), ...tls, ...args], { env: { ...process.env, ...secret } })).stdout.trim();
  }

  info(port) {
    return this.cli(port, 'INFO', 'replication');
  }

  /* The one that calls itself so and that a sentinel names. */
  async master() {
    return until(async () => {
      for (const sentinel of this.sentinels) {
        const port = Number((await this.cli(sentinel, 'SENTINEL', 'get-master-addr-by-name', MASTER)).split('\n')[1]);
        if (port && (await this.info(port)).includes('role:master')) return port;
      }
      return undefined;
    }, { what: 'a master' });
  }

  async onMaster(...args) {
    return this.cli(await this.master(), ...args);
  }

  /* Number of subscribers that got it. */
  async publish(channel, message) {
    return Number(await this.onMaster('PUBLISH', channel, message));
  }

  url({ name = MASTER, sentinels = this.sentinels } = {}) {
    const secret = this.password ? `:${this.password}@` : '';
    return `redis${this.tls ? 's' : ''}+sentinel://${secret}${sentinels.map((port) => `127.0.0.1:${port}`).join(',')}/${name}/0${this.tlsOptions()}`;
  }

  /* Behind an address: what it takes to be let in, and which servers to believe. */
  tlsOptions({ ca = this.ca, pair = this.pair } = {}) {
    return this.tls ? `?ca_file=${ca.file}${pair ? `&certificate_file=${pair.certificate}&key_file=${pair.key}` : ''}` : '';
  }

  async kill(port, signal = 'SIGKILL') {
    const child = this.children.get(port);
    child.kill(signal);
    await until(() => child.exitCode !== null || child.signalCode !== null, { what: `the server on port ${port} to end` });
  }

  /* Until the sentinels have made another one the master. */
  async untilMasterIsNot(old) {
    return until(async () => {
      const now = await this.master();
      return now !== old && now;
    }, { what: 'another master', seconds: 60 });
  }

  /* Until the old master has become a replica. A sentinel that has just led a fail-over refuses another one
   * for a while. */
  async failOver() {
    const old = await this.master();
    await this.untilComplete();
    await until(async () => (await this.cli(this.sentinels[0], 'SENTINEL', 'FAILOVER', MASTER)) === 'OK',
      { what: 'the sentinel to begin', seconds: 60 });
    const now = await this.untilMasterIsNot(old);
    await until(async () => (await this.info(old)).includes('role:slave'), { what: 'the old master to follow', seconds: 60 });
    return now;
  }

  async remove() {
    for (const [port, child] of this.children) {
      if (child.exitCode === null && child.signalCode === null) await this.kill(port);
    }
    await fs.rm(this.dir, { recursive: true, force: true });
  }
}
