/*
 * A relay beside socket.io on Node, doing the same for the same clients on the same machine, one
 * after the other and again: prints a table, asserts nothing.
 *
 *   node tests/bench/relay.mjs [ROUNDS [CONNECTIONS [unix|tcp]]]        default: 2 10000 unix
 *
 * Clients come over a unix socket, as nginx does, or over TCP on the loopback interface.
 *
 * DIALTONE_BUILD names a build directory without sanitizers that has dialtone-relay and relay-load.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';

import { freePort, temporaryDirectory } from '../lib/instance.mjs';
import { RelayAlone } from '../lib/relay.mjs';
import { pause, until } from '../lib/until.mjs';

const [rounds, connections] = [Number(process.argv[2] ?? 2), Number(process.argv[3] ?? 10000)];
const overTcp = process.argv[4] === 'tcp';
const sockets = await temporaryDirectory('dialtone-bench');
const IN_ROOM = connections / 2;
const AT_ONCE = 100;
const SETTLE_MS = 1000;
/* Linux acknowledges the first 16 segments of a connection one by one (TCP_MAX_QUICKACKS), on the
 * sender's time. What is measured is connections that have been there for a while. */
const QUICK_ACKS = 20;
/* All clients come from one address. */
const NO_LIMITS = { max_connections: connections + 1000, max_sessions_per_address: 0, handshakes_per_second: 0 };
const PREFIX = 'cti1';
const here = path.dirname(fileURLToPath(import.meta.url));

/* Resident bytes, and processor time of all threads in microseconds. */
async function residentBytes(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(await fs.readFile(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
}

async function processorUs(pid) {
  const threads = await fs.readdir(`/proc/${pid}/task`);
  const times = await Promise.all(threads.map((t) => fs.readFile(`/proc/${pid}/task/${t}/schedstat`, 'utf8').catch(() => '0')));
  return times.reduce((sum, text) => sum + Number(text.split(' ')[0]) / 1000, 0);
}

/* The servers: each has a process and an address, and frees what it can when asked to. */
const servers = {
  dialtone: (relay) => ({ process: relay.process, address: overTcp ? relay.port : path.join(sockets, 'dialtone'), tidy: () => {}, stop: () => {} }),
  node: async (relay) => {
    const address = overTcp ? await freePort() : path.join(sockets, 'node');
    const child = spawn(process.execPath,
      ['--expose-gc', path.join(here, 'node_relay.mjs'), address, relay.redisSocket, PREFIX, relay.keyHex],
      { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, NODE_ENV: 'production' } });
    let said = '';
    child.stderr.on('data', (text) => (said += text));
    await until(() => said.includes('listens on'), { what: 'Node to listen' });
    return { process: child, address, tidy: () => child.kill('SIGUSR2'), stop: () => {
      child.kill('SIGKILL');
      return fs.rm(address.toString(), { force: true });
    } };
  },
};

class Load {
  constructor(relay, server, users) {
    this.child = spawn(path.join(relay.build, 'tests/bench/relay-load'), [server.address, relay.redisSocket, PREFIX],
      { stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = readline.createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
    this.child.stdin.write(users);
  }

  async ask(command) {
    this.child.stdin.write(`${command}\n`);
    const { value, done } = await this.lines.next();
    if (done) throw new Error(`relay-load ended at: ${command}`);
    return JSON.parse(value);
  }

  async end() {
    this.child.stdin.end();
    await until(() => this.child.exitCode !== null || this.child.signalCode !== null, { what: 'relay-load to end' });
  }
}

/* A few come first: what the first login costs, libraries and compilation, is not a connection's. */
async function withLoad(relay, server, users, fn) {
  const load = new Load(relay, server, users);
  try {
    return await fn(load);
  } finally {
    await load.end();
  }
}

async function warmUp(relay, server) {
  const names = Array.from({ length: 50 }, (_, i) => `warm${i}`);
  const tokens = await relay.sessions(names, 'ext.clear');
  const users = `${names.length} ${names.length}\n${names.map((name, i) => `${name} ${tokens[i]}\n`).join('')}`;
  await withLoad(relay, server, users, async (load) => {
    await load.ask('login 10');
    await load.ask('burst 100');
  });
  server.tidy();
  await pause(SETTLE_MS);
}

async function measure(relay, server, users) {
  await warmUp(relay, server);
  const { pid } = server.process;
  const empty = await residentBytes(pid);
  return withLoad(relay, server, users, async (load) => {
    const login = await load.ask(`login ${AT_ONCE}`);
    server.tidy();
    await pause(SETTLE_MS);
    const full = await residentBytes(pid);
    await load.ask(`broadcast ${QUICK_ACKS} 1`);
    const unicast = await load.ask('unicast 1000 5');
    const broadcast = await load.ask('broadcast 20 50');
    const before = await processorUs(pid);
    const burst = await load.ask('burst 40');
    const spent = (await processorUs(pid)) - before;
    return {
      'RSS per connection, bytes': (full - empty) / connections,
      'logins per second': connections / login.seconds,
      'unicast at 1,000/s p50, ms': unicast.p50 / 1000,
      'unicast at 1,000/s p99, ms': unicast.p99 / 1000,
      [`broadcast to ${IN_ROOM} p50, ms`]: broadcast.p50 / 1000,
      [`broadcast to ${IN_ROOM} p99, ms`]: broadcast.p99 / 1000,
      [`broadcast until the last of ${IN_ROOM}, ms`]: broadcast.last / 1000,
      'broadcast deliveries per second': burst.deliveries / burst.seconds,
      'CPU per delivered event, us': spent / burst.deliveries,
    };
  });
}

const MORE_IS_BETTER = ['logins per second', 'broadcast deliveries per second'];
/* What else the machine does only makes a round worse. */
const best = (name, list) => (MORE_IS_BETTER.includes(name) ? Math.max(...list) : Math.min(...list));
const shown = (value) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

function printTable(results) {
  const row = (...cells) => console.log(cells.map((cell, i) => (i ? String(cell).padStart(14) : cell.padEnd(44))).join(''));
  row(`best of ${rounds} rounds`, 'dialtone', 'socket.io', 'times better');
  for (const name of Object.keys(results.dialtone[0])) {
    const [ours, theirs] = ['dialtone', 'node'].map((server) => best(name, results[server].map((result) => result[name])));
    row(name, shown(ours), shown(theirs), shown(MORE_IS_BETTER.includes(name) ? ours / theirs : theirs / ours));
  }
}

async function oneRun(name) {
  const relay = await RelayAlone.start({
    settings: { ...NO_LIMITS, ...(!overTcp && { listen: `unix:${path.join(sockets, 'dialtone')}` }) } });
  const names = Array.from({ length: connections }, (_, i) => `user${i}`);
  const tokens = [...(await relay.sessions(names.slice(0, IN_ROOM), 'ext.clear')), ...(await relay.sessions(names.slice(IN_ROOM), ''))];
  const users = `${connections} ${IN_ROOM}\n${names.map((user, i) => `${user} ${tokens[i]}\n`).join('')}`;
  const server = await servers[name](relay);
  try {
    return await measure(relay, server, users);
  } finally {
    await server.stop();
    await relay.remove();
  }
}

const results = { dialtone: [], node: [] };
for (let round = 1; round <= rounds; round++) {
  for (const name of Object.keys(results)) {
    results[name].push(await oneRun(name));
    console.error(`round ${round} of ${rounds}: ${name} measured`);
  }
}
await fs.rm(sockets, { recursive: true });
printTable(results);
