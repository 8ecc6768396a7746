/*
 * Calls by sipp through Kamailio, and what clients hear of them: the time from a SIP message on the wire, as the phone
 * wrote it down, to its event at a socket.io client; then the memory of dialtone-pbx with many registrations and calls.
 *
 *   node tests/bench/calls.mjs [SECONDS [CALLS-A-SECOND [REGISTRATIONS [CALLS]]]]      default: 20 100 10000 1000
 *
 * The yardstick of the same run is an event that is published straight to Redis, on the same channel, to the same client,
 * under the same load: what SIP, the proxy and the connector add is the difference.  Phones, proxy, servers and client
 * share the machine.
 */
import fs from 'node:fs/promises';
import path from 'node:path';

import { login } from '../lib/accounts.mjs';
import { createOperator } from '../lib/cti.mjs';
import { Live } from '../lib/live.mjs';
import { pause, until } from '../lib/until.mjs';
import { Office } from '../calls/office.mjs';
import { PASSWORD, Storm, makePhones, nameOf } from '../calls/storm.mjs';

const [seconds, rate, registrations, calls] = [20, 100, 10000, 1000].map((usual, i) => Number(process.argv[2 + i] ?? usual));
const PAIRS = 10 * rate; /* each phone has ten seconds from call to call */
const LISTENING = 20;
const YARDSTICK_MS = 50;

const now = () => performance.timeOrigin + performance.now();

/* Events with the moment at which they came. */
class Clocked extends Live {
  constructor(...args) {
    super(...args);
    this.heard = [];
    const { events } = this;
    events.push = (event) => {
      this.heard.push([now(), event]);
      return Array.prototype.push.call(events, event);
    };
  }
}

/* [[ms, what, user]] of the messages that a phone wrote down: "sent 180", "received BYE"; of replies those to INVITE. */
async function onTheWire(file) {
  const text = (await fs.readFile(file, 'utf8')).replaceAll('\r', '');
  const found = [];
  for (const [, at, way, first, rest] of text.matchAll(/^-+ (\S+ \S+)\n\w+ message (sent|received).*\n\n(.*)\n([\s\S]*?)(?=^-{20}|$(?![\s\S]))/gm)) {
    const what = `${way} ${first.startsWith('SIP/2.0') ? first.split(' ')[1] : first.split(' ')[0]}`;
    if (way === 'sent' && !/^CSeq: \d+ INVITE$/m.test(rest)) continue;
    const to = /^To: <sip:([^@]+)@/m.exec(rest)?.[1];
    found.push([new Date(at.replace(' ', 'T').slice(0, 23)).getTime() + Number(at.slice(-3)) / 1000, what, to]);
  }
  return found;
}

/* For each message the time to the first event behind it that is about the same phone. */
function delays(messages, what, heard, isIt) {
  const events = new Map();
  for (const [at, event] of heard) {
    const phone = isIt(event);
    if (phone) events.set(phone, [...(events.get(phone) ?? []), at]);
  }
  return messages.filter(([, kind, phone]) => kind === what && events.has(phone))
    .map(([at, , phone]) => (events.get(phone).find((t) => t >= at - 1) ?? NaN) - at);
}

const percentile = (sorted, p) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))];

function row(name, all, expected) {
  const good = all.filter((ms) => ms < 5000).sort((a, b) => a - b);
  const show = (ms) => (ms === undefined ? '-' : ms.toFixed(1)).padStart(9);
  console.log(`${name.padEnd(48)}${String(good.length).padStart(7)}${String(expected - good.length).padStart(8)}${show(percentile(good, 0.5))}${show(percentile(good, 0.99))}${show(good.at(-1))}`);
}

const statusOf = (wanted, connected) => ([name, x]) => name === 'extenUpdate' && x.status === wanted
  && (connected === undefined || Object.values(x.conversations)[0]?.connected === connected) && x.exten;

async function yardstick(dialtone, watcher, running) {
  const [sent, channel] = [[], `cti1:{${dialtone.env.DIALTONE_DOMAIN}}:r:ext.clear`];
  for (let i = 0; running(); i++) {
    sent.push([now(), 'sent', `yard${i}`]);
    await dialtone.publish(channel, JSON.stringify(['yardstick', `yard${i}`]));
    await pause(YARDSTICK_MS);
  }
  return delays(sent, 'sent', watcher.heard, ([name, what]) => name === 'yardstick' && what);
}

async function latency(office, storm) {
  const { dialtone } = office;
  const boss = await createOperator(dialtone, { presence_panel: [] });
  const watcher = await new Clocked(dialtone).login(boss.username, await login(dialtone, boss));
  const owners = await Promise.all(Array.from({ length: LISTENING }, async (_, i) => {
    const user = { username: nameOf('callee', i), password: PASSWORD };
    return new Clocked(dialtone).login(user.username, await login(dialtone, user));
  }));
  const phones = await storm.answer({ ringMs: 1000, trace: true });
  const { ended } = await storm.call('caller', 'callee', PAIRS, { rate, calls: rate * seconds, talkMs: 2000 });
  let running = true;
  const yard = yardstick(dialtone, watcher, () => running);
  const { done, lost } = await ended;
  await pause(1000);
  running = false;
  const yards = await yard;
  const messages = await onTheWire(path.join(storm.dir, 'answer.msg'));
  const listening = new Set(owners.map((_, i) => nameOf('callee', i)));
  const own = messages.filter(([, , phone]) => listening.has(phone));
  const count = (list, what) => list.filter(([, kind]) => kind === what).length;
  console.log(`\n${done} calls at ${rate} a second, ${lost} lost by sipp; milliseconds:\n`);
  console.log(`${' '.repeat(48)}      n  missing      p50      p99      max`);
  row('yardstick: Redis to the client', yards, yards.length);
  row('180 sent to extenRinging, by the callee', delays(own, 'sent 180', owners.flatMap((o, i) => o.heard.map(([at, e]) => [at, [...e, nameOf('callee', i)]])),
    (e) => e[0] === 'extenRinging' && e.at(-1)), count(own, 'sent 180'));
  row('180 sent to extenUpdate, by a colleague', delays(messages, 'sent 180', watcher.heard, statusOf('ringing')), count(messages, 'sent 180'));
  row('200 sent to extenUpdate (connected)', delays(messages, 'sent 200', watcher.heard, statusOf('busy', true)), count(messages, 'sent 200'));
  row('BYE received to extenUpdate (free)', delays(messages, 'received BYE', watcher.heard, statusOf('online')), count(messages, 'received BYE'));
  for (const live of [watcher, ...owners]) live.close();
  phones.kill();
}

async function memory(office) {
  const { dialtone } = office;
  const storm = await Storm.of(office);
  const kib = async () => Number(/^VmRSS:\s+(\d+)/m.exec(await fs.readFile(`/proc/${await dialtone.pid('pbx')}/status`, 'utf8'))[1]);
  const rows = [['before', await kib()]];
  await makePhones(dialtone, 'many', registrations);
  const { done, lost } = await storm.register('many', registrations, { rate: 1000 });
  await until(async () => Number((await office.kamailio.rpc('stats.get_statistics', ['usrloc:registered_users'])).result[0].split('= ')[1]) >= registrations, { what: 'the registrations', seconds: 60 }).catch(() => {});
  await pause(3000);
  rows.push([`${done} more registrations (${lost} lost)`, await kib()]);
  const phones = await storm.answer();
  const { ended } = await storm.call('caller', 'many', Math.min(calls, PAIRS), { rate: 100, calls, talkMs: 10000 + calls * 10 });
  await pause(calls * 10 + 8000);
  rows.push([`and ${calls} calls`, await kib()]);
  await ended;
  await pause(3000);
  rows.push(['the calls have ended', await kib()]);
  phones.kill();
  console.log('\nResident memory of dialtone-pbx, KiB:\n');
  for (const [what, n] of rows) console.log(`${what.padEnd(48)}${String(n).padStart(9)}`);
}

const office = await Office.open({ sharedMib: 256, proxy: { CALLS_PER_USER: 100000, REQUESTS_PER_USER: 100000, WORKERS: 4 } });
try {
  for (const group of ['caller', 'callee']) await makePhones(office.dialtone, group, PAIRS);
  const storm = await Storm.of(office);
  console.log(`${(await storm.register('callee', PAIRS, { rate: 500 })).done} phones are there`);
  await latency(office, storm);
  await memory(office);
} finally {
  await office.kamailio.stop(); /* nothing else keeps this process from its end, when the instance goes */
}
