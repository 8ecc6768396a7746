/*
 * A second host for an instance: another API, reached over TCP too, relays ba and bb on TCP, and dialtone-jobs, with the
 * same PostgreSQL, Redis and keys, in a directory of its own. An nginx of its own stands in front of both.
 *
 *   const host = await SecondHost.start(dialtone);
 *   host.api     '127.0.0.1:port', its listening socket is systemd's, as far as it knows
 *   await host.kill();   await host.begin();
 *   await host.front(['--relay', ...])   -> { url, log() }: nginx that knows both hosts
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { after } from 'node:test';

import { buildDir, freePort, sanitizerEnv, sourceDir, temporaryDirectory } from './instance.mjs';
import { run, runOk } from './run.mjs';
import { until } from './until.mjs';

export class SecondHost {
  static async start(dialtone) {
    const host = new SecondHost();
    host.dialtone = dialtone;
    host.dir = await temporaryDirectory('dialtone-b');
    host.api = `127.0.0.1:${await freePort()}`;
    host.relays = { ba: `127.0.0.1:${await freePort()}`, bb: `127.0.0.1:${await freePort()}` };
    host.processes = [];
    const text = await fs.readFile(dialtone.env.DIALTONE_CONFIG, 'utf8');
    host.config = path.join(host.dir, 'dialtone.conf');
    /* Places of its own; what is common stays. */
    await fs.writeFile(host.config, text.replaceAll(/^(\s*(?:listen|api_socket|metrics_socket|metrics_listen|pid_file) = (?:unix:)?).*\/([^/\n]+)$/gm, `$1${host.dir}/$2`));
    after(() => host.remove());
    await host.begin();
    return host;
  }

  async #spawn(name, command, ...args) {
    const log = await fs.open(path.join(this.dir, `${name}.log`), 'a');
    const child = spawn(command, args, { env: sanitizerEnv, stdio: ['ignore', log.fd, log.fd] });
    await log.close();
    this.processes.push(child);
    return child;
  }

  async begin() {
    const [api, relay] = [path.join(buildDir, 'dialtone-api'), path.join(buildDir, 'dialtone-relay')];
    await fs.rm(path.join(this.dir, 'api.sock'), { force: true });
    await this.#spawn('api', 'systemd-socket-activate', '-l', path.join(this.dir, 'api.sock'), '-l', this.api,
      ...['ASAN_OPTIONS', 'UBSAN_OPTIONS'].flatMap((name) => ['-E', name]), api, '--config', this.config);
    for (const [id, listen] of Object.entries(this.relays)) {
      await this.#spawn(`relay-${id}`, relay, '--config', this.config, `--id=${id}`, `--listen=${listen}`, `--metrics_socket=${this.dir}/${id}.ctl`, `--pid_file=${this.dir}/${id}.pid`);
    }
    await this.#spawn('jobs', path.join(buildDir, 'dialtone-jobs'), '--config', this.config);
    const listening = async (id) => (await this.log(`relay-${id}`)).split('listens on').length > (this.begun ?? 0) + 1;
    for (const id of Object.keys(this.relays)) await until(() => listening(id), { what: `relay ${id}` });
    this.begun = (this.begun ?? 0) + 1;
    /* systemd starts it when it is called for the first time. */
    await until(async () => (await this.log('api')).split('starting, workers wanted').length > this.begun || void this.#call(), { what: 'the API' });
  }

  #call() {
    const [host, port] = this.api.split(':');
    net.connect(Number(port), host).on('error', () => {}).end();
  }

  log(name) {
    return fs.readFile(path.join(this.dir, `${name}.log`), 'utf8').catch(() => '');
  }

  async #children(pid) {
    const { stdout } = await run('ps', ['-o', 'pid=', '--ppid', String(pid)]);
    return stdout.split('\n').map(Number).filter(Boolean);
  }

  /* All at once, as a power cut does. */
  async kill(signal = 'SIGKILL') {
    const children = (await Promise.all(this.processes.map(({ pid }) => this.#children(pid)))).flat();
    for (const pid of [...this.processes.map((child) => child.pid), ...children]) {
      try {
        process.kill(pid, signal);
      } catch { /* it has ended by itself */ }
    }
    if (signal === 'SIGSTOP' || signal === 'SIGCONT') return;
    await until(() => this.processes.every((child) => child.exitCode !== null || child.signalCode !== null), { what: 'the host to end' });
    this.processes = [];
  }

  /* nginx that knows both hosts: url, and what it wrote. */
  async front(args) {
    const dir = path.join(this.dir, `nginx-${await freePort()}`), port = await freePort(), tls = path.join(this.dialtone.dir, 'tls');
    await fs.mkdir(dir);
    const root = process.getuid() === 0 ? ['--user', 'root'] : [];
    const { stdout } = await runOk(path.join(sourceDir, 'nginx/render'), ['--tls', `127.0.0.1:${port}`, '--certificate', path.join(tls, 'server.crt'),
      '--key', path.join(tls, 'server.key'), '--login-rate', '1000r/s', '--standalone', dir, '--log', path.join(dir, 'access.log'), ...root, ...args]);
    await fs.writeFile(path.join(dir, 'nginx.conf'), stdout);
    const nginx = spawn('nginx', ['-e', 'stderr', '-c', path.join(dir, 'nginx.conf')], { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` }, stdio: 'ignore' });
    const ended = new Promise((resolve) => nginx.once('exit', resolve));
    after(async () => {
      nginx.kill('SIGTERM');
      await ended;
    });
    const url = `https://localhost:${port}`;
    await until(async () => (await run('curl', ['-sf', '-o', '/dev/null', '--cacert', path.join(tls, 'ca.crt'), `${url}/api/ping`])).status === 0, { what: 'nginx in front of both hosts' });
    return { url, log: () => fs.readFile(path.join(dir, 'access.log'), 'utf8') };
  }

  async remove() {
    await this.kill();
    await fs.rm(this.dir, { recursive: true, force: true });
  }
}
