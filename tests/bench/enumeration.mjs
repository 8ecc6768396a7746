/*
 * What the time of an answer tells of a name: wrong passwords for a name with an account and one without, from a network
 * the account logged in from and from another, while nothing is locked and while the network is.  Welch's t of the two
 * should stay below 4.5; the slowest tenth is left out, as it says more about the machine than about the server.
 *
 *   node tests/bench/enumeration.mjs [GUESSES [ROUNDS]]
 */
import { createAccount } from '../lib/accounts.mjs';
import { Instance, freePort, temporaryDirectory } from '../lib/instance.mjs';

const guesses = Number(process.argv[2] ?? 2000); /* of each kind */
const rounds = Number(process.argv[3] ?? 3);
const HOME = '127.1.0.1', ELSEWHERE = '127.1.0.3';
const LOCKED_AFTER = 100;
const UNLIMITED = 1000000;

const mean = (xs) => xs.reduce((a, b) => a + b, 0) / xs.length;
const variance = (xs) => { const m = mean(xs); return xs.reduce((a, x) => a + (x - m) ** 2, 0) / (xs.length - 1); };
const trimmed = (xs) => [...xs].sort((a, b) => a - b).slice(0, Math.floor(xs.length * 0.9));
const welch = (a, b) => (mean(a) - mean(b)) / Math.sqrt(variance(a) / a.length + variance(b) / b.length);

function guess(dialtone, username, localAddress) {
  return dialtone.api('POST', '/api/login', { body: { username, password: 'not the password' }, localAddress });
}

async function compare(dialtone, names, localAddress) {
  const times = { known: [], unknown: [] };
  for (let i = 0; i < 2 * guesses; i++) {
    const kind = Math.random() < 0.5 ? 'known' : 'unknown';
    const from = process.hrtime.bigint();
    await guess(dialtone, names[kind], localAddress);
    times[kind].push(Number(process.hrtime.bigint() - from) / 1000);
  }
  const [known, unknown] = [trimmed(times.known), trimmed(times.unknown)];
  return `known names ${mean(known).toFixed(0)} us, unknown ${mean(unknown).toFixed(0)} us, t = ${welch(known, unknown).toFixed(2)}`;
}

async function withInstance(perAddress, measure) {
  const dialtone = new Instance(await temporaryDirectory('bench'));
  try {
    await dialtone.create(['--port', String(await freePort()), '--login-rate', '100000r/s', '--workers', '1',
      '--set', `password_failures_per_account=${UNLIMITED}`, '--set', `password_failures_per_account_total=${UNLIMITED}`,
      '--set', `password_failures_per_address=${perAddress}`, '--set', 'stranger_rate=0', '--set', 'request_rate=0']);
    await dialtone.start();
    const account = await createAccount(dialtone);
    const { username, password } = account;
    await dialtone.api('POST', '/api/login', { body: { username, password }, localAddress: HOME });
    await measure(dialtone, { known: username, unknown: `${username.slice(0, -1)}_` });
  } finally {
    await dialtone.remove();
  }
}

for (const [what, perAddress] of [['open', UNLIMITED], ['locked', LOCKED_AFTER]]) {
  await withInstance(perAddress, async (dialtone, names) => {
    const networks = { 'a known network': HOME, 'another network': ELSEWHERE };
    if (perAddress === LOCKED_AFTER) {
      for (const network of Object.values(networks)) {
        for (let i = 0; i < LOCKED_AFTER; i++) await guess(dialtone, `none-${i}`, network);
      }
    }
    for (let round = 0; round < rounds; round++) {
      for (const [name, network] of Object.entries(networks)) {
        console.log(`${what.padEnd(6)} ${name.padEnd(16)} ${await compare(dialtone, names, network)}`);
      }
    }
  });
}
