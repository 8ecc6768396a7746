/*
 * On quickstart's defaults: an office behind one address that comes to work is never told 429, and strangers
 * behind one address are (cti-api 1.0, "Limits").
 */
import assert from 'node:assert/strict';
import https from 'node:https';
import { after, test } from 'node:test';

import WebSocket from 'ws';

import { createAccount } from '../lib/accounts.mjs';
import { challenge, digestRequest } from '../lib/digest.mjs';
import { request } from '../lib/http.mjs';
import { fail2ban } from '../lib/fail2ban.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { until } from '../lib/until.mjs';

const PEOPLE = 300;
const MS = 5000;
const { STRANGER_RATE, STRANGER_BURST } = { STRANGER_RATE: 50, STRANGER_BURST: 1000 };
const dialtone = await ownInstance({ options: ['--workers', '4'], rates: [] });
const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/* Spread over the seconds in which they come. */
const at = (i) => sleep((i / PEOPLE) * MS);

async function phone(account) {
  const [offered] = await challenge(dialtone, account);
  return digestRequest(dialtone, account, { challenge: offered });
}

async function socket(token, { username }) {
  const ws = new WebSocket(`${dialtone.env.DIALTONE_URL.replace('https', 'wss')}/api/ws/?EIO=4&transport=websocket`, { ca: dialtone.ca });
  after(() => ws.terminate());
  return new Promise((resolve, reject) => {
    ws.on('unexpected-response', (_, response) => reject(new Error(`the socket of ${username} is told ${response.statusCode}`)));
    ws.on('error', reject);
    ws.on('open', () => ws.send(`42${JSON.stringify(['login', { accessKeyId: username, token, uaType: 'desktop' }])}`));
    ws.on('message', (data) => data.toString().startsWith('42["authe_ok"') && resolve(ws));
  });
}

/* A machine too slow for all its clients loses connections to nginx's time-outs: that is no answer, they ask again. */
const patient = (ask) => ask().catch((error) => {
  if (error.code !== 'ECONNRESET') throw error;
  return ask();
});

async function person(account, i) {
  await at(i);
  const [ofPhone, login] = await Promise.all([patient(() => phone(account)), patient(() =>
    dialtone.api('POST', '/api/login', { body: { username: account.username, password: account.password } }))]);
  assert.equal(ofPhone.status, 200, `the phone of ${account.username} is told ${ofPhone.status}`);
  assert.equal(login.status, 200, `the login of ${account.username} is told ${login.status}`);
  await socket(login.json.token, account);
}

const refusedLines = async (log, reason) => [...(await dialtone.log(log)).matchAll(new RegExp(
  `pid=(\\d+)(?: req=\\S+)? event=refused reason=${reason} status=429 setting=(\\w+) address=(\\S+) left_out=(\\d+)`, 'g'))]
  .map(([, pid, setting, address, leftOut]) => ({ pid, setting, address, leftOut: Number(leftOut) }));

test('300 phones, 300 logins and 300 sockets behind one address within 5 s are never told 429', async (t) => {
  const accounts = [];
  for (let i = 0; i < PEOPLE; i++) accounts.push(await createAccount(dialtone));
  const began = Date.now();
  await Promise.all(accounts.map(person));
  t.diagnostic(`${PEOPLE} phones, logins and sockets in ${Date.now() - began} ms`);
  for (const log of ['api', 'relay-aa', 'relay-ab']) assert.doesNotMatch(await dialtone.log(log), /event=refused/);
  assert.doesNotMatch(await dialtone.log('nginx'), /limiting requests/);
});

/* So many at a time, until a hundred are refused, however fast this machine is: statuses counted, the last answer of
 * each, and how long it took. */
async function flood(parallel, options) {
  const agent = new https.Agent({ keepAlive: true, maxSockets: parallel });
  const counts = {};
  const last = {};
  const began = Date.now();
  await Promise.all(Array.from({ length: parallel }, async () => {
    while ((counts[429] ?? 0) < 100 && Date.now() < began + 60_000) {
      const answer = await request(`${dialtone.env.DIALTONE_URL}${options.path}`, { ...options, agent, ca: dialtone.ca });
      counts[answer.status] = (counts[answer.status] ?? 0) + 1;
      last[answer.status] = answer;
    }
  }));
  agent.destroy();
  return { counts, last, ms: Date.now() - began };
}

function isLimited({ counts, last, ms }, json) {
  const passed = Object.entries(counts).reduce((sum, [status, n]) => sum + (status === '429' ? 0 : n), 0);
  assert.ok(passed <= STRANGER_BURST + STRANGER_RATE * (ms / 1000 + 2), JSON.stringify(counts));
  assert.ok(counts[429] >= 100, JSON.stringify(counts));
  assert.deepEqual(last[429].json, json);
  assert.ok(Number(last[429].header('retry-after')) >= 1);
  assert.equal(last[429].header('content-type'), 'application/json');
}

const strangers = [
  { what: 'look-ups of names', path: '/api/accounts/demouser@dialtone.test/info' },
  { what: 'requests without a credential', path: '/api/accounts' },
  { what: 'wrong API keys', path: '/api/accounts', headers: { 'x-api-key': 'x'.repeat(40) } },
  { what: 'wrong tokens', path: '/api/user/me', headers: { Authorization: 'Bearer no.such.token' }, cti: true },
];
for (const { what, cti, ...options } of strangers) {
  test(`strangers behind one address are limited: ${what}`, async (t) => {
    await dialtone.redis('flushall');
    const result = await flood(32, options);
    t.diagnostic(`${JSON.stringify(result.counts)} in ${result.ms} ms`);
    isLimited(result, cti ? { code: 429, message: 'too many requests', data: null } : { message: 'too many requests' });
  });
}

test('what has a valid credential is served beside them', async () => {
  await until(async () => (await Promise.all(Array.from({ length: 200 }, () => dialtone.api('GET', '/api/accounts'))))
    .some(({ status }) => status === 429), { what: 'an empty bucket' });
  assert.equal((await dialtone.api('GET', '/api/accounts', { as: 'admin' })).status, 200);
});

test('logins are limited in the same numbers, by nginx, whose log tells', async () => {
  await dialtone.redis('flushall');
  const result = await flood(32, { path: '/api/login', method: 'POST', body: {} });
  isLimited(result, { code: 429, message: 'too many requests', data: null });
  assert.match(await dialtone.log('nginx'), /limiting requests, excess: .* by zone "dialtone_login", client: /);
  const filter = '/etc/fail2ban/filter.d/nginx-limit-req.conf[ngx_limit_req_zones=dialtone_login]';
  assert.ok((await fail2ban(`${dialtone.dir}/log/nginx.log`, filter)).includes('127.0.0.1'));
});

/* The sum over all workers follows the answers, however many lines there are. */
test('every refusal of the API is told in its log, in at most a line a second', async () => {
  const before = await until(async () => {
    const lines = await refusedLines('api', 'stranger_rate');
    await sleep(2500);
    return lines.length === (await refusedLines('api', 'stranger_rate')).length && lines;
  }, { what: 'the log to be quiet' });
  let refused = 0;
  await until(async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => dialtone.api('GET', '/api/accounts')));
    refused += answers.filter(({ status }) => status === 429).length;
    return refused >= 10;
  }, { what: 'ten refusals' });
  const told = () => refusedLines('api', 'stranger_rate').then((lines) => lines.slice(before.length));
  await until(async () => (await told()).reduce((sum, line) => sum + line.leftOut + (line.address === '-' ? 0 : 1), 0) === refused,
    { what: `${refused} refusals in the log` });
  assert.ok((await told()).length <= 8, 'a line a second and worker, and one for the rest');
  for (const line of await told()) assert.equal(line.setting, 'stranger_rate');
});
