/*
 * Two instances beside each other, whose API differs in whether it counts requests.  They are asked in turns, first the
 * one and then the other one of each pair in the next round the other way about, so that what else the machine does
 * meets both; a pair's ratio is what counts, and the median of all pairs is told.
 */
import fs from 'node:fs/promises';
import path from 'node:path';

import { Instance, buildDir, freePort, temporaryDirectory } from '../lib/instance.mjs';
import { ask } from '../lib/figures.mjs';
import { cpuOf, timed } from './processor.mjs';

const rounds = Number(process.argv[2] ?? 7);
const seconds = Number(process.argv[3] ?? 2);
const CONNECTIONS = 8;
const WORKERS = 2;

const base = await temporaryDirectory('bench');

/* The same programs but for the API. */
async function programsWith(api) {
  const programs = path.join(base, 'programs');
  await fs.mkdir(programs);
  for (const name of ['dialtone-relay', 'dialtone-jobs', 'dialtonectl']) await fs.symlink(path.join(buildDir, name), path.join(programs, name));
  await fs.symlink(path.join(api, 'dialtone-api'), path.join(programs, 'dialtone-api'));
  return programs;
}

async function start(name, programs) {
  const plain = await freePort();
  const dialtone = new Instance(path.join(base, name));
  await fs.mkdir(dialtone.dir, { mode: 0o711 });
  await dialtone.script('create', '--build-dir', programs, '--port', String(await freePort()), '--plain-port', String(plain), '--workers', String(WORKERS),
    '--login-rate', '100000r/s', '--set', 'request_rate=0', '--set', 'stranger_rate=0', '--set', 'account_requests_per_minute=0');
  await dialtone.start();
  return { dialtone, url: `http://127.0.0.1:${plain}` };
}

/* Requests a second, and the processor time of one in the API: in microseconds, and less in need of a quiet machine. */
async function rate({ dialtone, url }, where, headers) {
  const pid = await dialtone.pid('api'), before = await cpuOf(pid);
  const lines = Object.entries(headers(dialtone)).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const { stdout } = await timed('wrk', ['-t', '1', '-c', String(CONNECTIONS), '-d', `${seconds}s`, ...lines, `${url}${where}`]);
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(stdout);
  return { rate: Number(stdout.match(/Requests\/sec:\s+([\d.]+)/)[1]), us: (await cpuOf(pid) - before) / Number(stdout.match(/(\d+) requests in/)[1]) };
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const CELLS = {
  'GET /api/ping': ['/api/ping', () => ({})],
  'GET /api/accounts/me by API key': ['/api/accounts/me', (dialtone) => ({ 'x-api-key': dialtone.env.DIALTONE_ADMIN_API_KEY })],
};

async function compare(counting, other, cell) {
  const pairs = [];
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 ? [counting, other] : [other, counting];
    const got = new Map();
    for (const one of order) got.set(one, await rate(one, ...cell));
    pairs.push([got.get(counting), got.get(other)]);
  }
  const of = (what) => {
    const ratios = pairs.map(([a, b]) => a[what] / b[what]).sort((a, b) => a - b);
    return { counting: median(pairs.map(([a]) => a[what])), other: median(pairs.map(([, b]) => b[what])), ratio: median(ratios), from: ratios[0], to: ratios.at(-1) };
  };
  return { rate: of('rate'), us: of('us') };
}

const counting = await start('counting', buildDir);
const other = await start('other', await programsWith(process.env.DIALTONE_UNCOUNTED));
try {
  for (const [name, cell] of Object.entries(CELLS)) {
    const { rate, us } = await compare(counting, other, cell);
    const tell = (what, { counting: with_, other: without, ratio, from, to }, digits) =>
      console.log(`${name}: ${with_.toFixed(digits)} ${what} counted, ${without.toFixed(digits)} not; ratio ${ratio.toFixed(3)} (${from.toFixed(3)} to ${to.toFixed(3)} in ${rounds} pairs)`);
    tell('requests/s', rate, 0);
    tell('us of the API a request', us, 1);
  }
  const began = process.hrtime.bigint();
  const { text } = await ask(counting.dialtone, 'api', '/metrics');
  console.log(`a scrape: ${text.length} bytes in ${(Number(process.hrtime.bigint() - began) / 1e6).toFixed(1)} ms`);
} finally {
  for (const { dialtone } of [counting, other]) await dialtone.script('stop');
  await fs.rm(base, { recursive: true, force: true });
}
