/*
 * A PostgreSQL and its streaming standby, real clusters on ports of 127.0.0.1 that speak TLS alone, gone after the tests.
 *
 *   const pair = await PostgresPair.start();      pair.a writes, pair.b follows synchronously
 *   pair.conninfo()                               for the setting postgres
 *   await pair.kill(pair.a); await pair.promote(pair.b); await pair.rejoin(pair.a, pair.b)
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after } from 'node:test';

import { Authority } from './certificates.mjs';
import { freePort, temporaryDirectory } from './instance.mjs';
import { run, runOk } from './run.mjs';
import { until } from './until.mjs';

const AS_POSTGRES = process.getuid() === 0 ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups', '--', 'env', 'HOME=/nowhere'] : [];

async function bin(name) {
  const { stdout } = await runOk('sh', ['-c', `ls -d /usr/lib/postgresql/*/bin/${name} | sort -V | tail -n 1`]);
  return stdout.trim();
}

async function asPostgres(program, args) {
  const [first, ...rest] = [...AS_POSTGRES, await bin(program), ...args];
  return runOk(first, rest);
}

export class PostgresPair {
  static async start() {
    const pair = new PostgresPair();
    after(() => pair.remove());
    pair.dir = await temporaryDirectory('dialtone-pair');
    pair.ca = await Authority.make(pair.dir, 'ca');
    pair.tls = await pair.ca.sign('postgres', { names: ['DNS:localhost'] });
    const home = path.join(pair.dir, 'home');
    await fs.mkdir(home, { mode: 0o700 });
    for (const name of ['certificate', 'key']) {
      const copy = path.join(home, name);
      await fs.copyFile(pair.tls[name], copy);
      await fs.chmod(copy, 0o600);
    }
    if (AS_POSTGRES.length) await runOk('chown', ['-R', 'postgres:', home]);
    pair.home = home;
    Object.assign(pair, { a: pair.#server('a', await freePort()), b: pair.#server('b', await freePort()) });
    await asPostgres('initdb', ['-D', pair.a.data, '-U', 'postgres', '--encoding=UTF8', '--locale=C.UTF-8', '--auth=trust', '-N', '-k']);
    await pair.#write(path.join(pair.a.data, 'pg_hba.conf'), 'local all all trust\nhostssl all all 127.0.0.1/32 trust\nhostssl replication all 127.0.0.1/32 trust\n');
    await pair.run(pair.a);
    await pair.psql(pair.a, 'CREATE ROLE dialtone LOGIN', 'postgres');
    await pair.psql(pair.a, 'CREATE DATABASE dialtone OWNER dialtone', 'postgres');
    await pair.#copy(pair.b, pair.a);
    await pair.run(pair.b);
    await pair.waitFor(pair.a, pair.b);
    return pair;
  }

  #server(name, port) {
    return { name, port, data: path.join(this.home, name) };
  }

  async #write(file, text) {
    await fs.writeFile(file, text);
    if (AS_POSTGRES.length) await runOk('chown', ['postgres:', file]);
  }

  /* A standby from nothing. */
  async #copy(to, from) {
    await asPostgres('pg_basebackup', ['-D', to.data, '-R', '-X', 'stream', '-c', 'fast', '-d', this.#at(from, `user=postgres application_name=${to.name}`)]);
  }

  #at(server, more) {
    return `host=localhost port=${server.port} sslmode=verify-full sslrootcert=${this.ca.file} ${more}`;
  }

  /* A file of its own, since all in the directory is copied from server to server. */
  async #configure(server, sync) {
    const settings = { listen_addresses: '127.0.0.1', port: server.port, unix_socket_directories: this.home, max_connections: 60, fsync: 'off',
      ssl: 'on', ssl_cert_file: path.join(this.home, 'certificate'), ssl_key_file: path.join(this.home, 'key'), synchronous_standby_names: sync, wal_keep_size: '256MB' };
    const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value}'\n`).join('');
    await this.#write(this.#file(server), lines);
  }

  #file(server) {
    return path.join(this.home, `${server.name}.conf`);
  }

  async run(server) {
    await this.#configure(server, '');
    const [first, ...rest] = [...AS_POSTGRES, await bin('postgres'), '-D', server.data, '-c', `config_file=${this.#file(server)}`];
    server.process = spawn(first, rest, { stdio: 'ignore', detached: true });
    await until(async () => (await run('psql', ['-X', '-d', this.#at(server, 'user=postgres dbname=postgres'), '-c', ''])).status === 0, { what: `PostgreSQL ${server.name}` });
  }

  /* Rows of one statement, each an array of text. */
  async psql(server, statement, dbname = 'dialtone') {
    const { stdout } = await runOk('psql', ['-X', '-q', '-A', '-t', '-F', '\t', '-v', 'ON_ERROR_STOP=1', '-d', this.#at(server, `user=postgres dbname=${dbname}`), '-c', statement]);
    return stdout.split('\n').filter(Boolean).map((line) => line.split('\t'));
  }

  /* From now on what the leader acknowledges is on the standby too. */
  async waitFor(leader, standby) {
    await this.#configure(leader, standby.name);
    leader.process.kill('SIGHUP');
    await until(async () => (await this.psql(leader, "SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming'", 'postgres'))[0]?.[0] === 'sync',
      { what: 'the standby to follow' });
  }

  conninfo() {
    return `host=localhost,localhost port=${this.a.port},${this.b.port} dbname=dialtone user=dialtone target_session_attrs=read-write sslmode=verify-full sslrootcert=${this.ca.file}`;
  }

  /* To all of its processes, at once. */
  async signal(server, name) {
    const { stdout } = await run('ps', ['-o', 'pid=', '--ppid', String(server.process.pid)]);
    const pids = [server.process.pid, ...stdout.split('\n').map(Number).filter(Boolean)];
    for (const pid of pids) {
      try {
        process.kill(pid, name);
      } catch { /* it has ended by itself */ }
    }
  }

  async kill(server) {
    await this.signal(server, 'SIGKILL');
    await until(() => server.process.exitCode !== null || server.process.signalCode !== null, { what: `PostgreSQL ${server.name} to end` });
  }

  async promote(server) {
    await asPostgres('pg_ctl', ['promote', '-w', '-D', server.data]);
  }

  /* As a copy of the leader: what it has that the leader never had is thrown away. */
  async rejoin(server, leader) {
    await fs.rm(server.data, { recursive: true });
    await this.#copy(server, leader);
    await this.run(server);
    await this.waitFor(leader, server);
  }

  async remove() {
    for (const server of [this.a, this.b]) {
      if (server?.process && server.process.exitCode === null && server.process.signalCode === null) await this.kill(server);
    }
    await fs.rm(this.dir, { recursive: true, force: true });
  }
}
