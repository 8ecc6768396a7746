/*
 * Load from inside a machine's network: node load.mjs '{"certificate":..., "site":..., "apiKey":..., "token":...}'
 *
 * Says "asking" with the first answer, runs until its standard input ends and `atLeast` safe requests were made, and prints
 * { safe, writes }, each { asked, failed, slowest (ms), answers: { "200": n, ... } }. A safe request has failed when it
 * was not answered as ever; a write when its answer is neither that nor 503 with Retry-After. As browsers do, a safe request is
 * asked again (resent) when a connection that was kept turns out to be closed: nginx closes those when it is reloaded. A write
 * has a connection of its own.
 */
import fs from 'node:fs';
import https from 'node:https';

const { certificate, site, apiKey, token, atLeast = 0, clients = 12, writers = 4 } = JSON.parse(process.argv[2]);
const ca = fs.readFileSync(certificate);
const kept = new https.Agent({ keepAlive: true, maxSockets: clients, ca, servername: site });
const fresh = new https.Agent({ ca, servername: site });
const answered = new WeakSet(); /* connections on which something was; request.reusedSocket does not know of those it waited for */
const SAFE = [
  ['/api/ping', {}],
  ['/api/user/me', { authorization: `Bearer ${token}` }],
  ['/api/accounts?per_page=1', { 'x-api-key': apiKey }],
];
const run = process.pid.toString(36);
let ending = false;
process.stdin.on('end', () => (ending = true)).resume();

const tally = () => ({ asked: 0, failed: 0, slowest: 0, answers: {} });
const safe = { ...tally(), resent: 0 }, writes = tally();

const ask = (method, path, headers, body) => new Promise((resolve) => {
  const agent = method === 'GET' ? kept : fresh;
  const request = https.request({ host: '127.0.0.1', method, path, agent, headers: { host: site, ...headers } }, (response) => {
    answered.add(request.socket);
    response.on('end', () => resolve({ said: `${response.statusCode}`, retryAfter: response.headers['retry-after'] }))
      .on('error', (error) => resolve({ said: error.code })).resume();
  });
  request.on('error', (error) => {
    if (method === 'GET' && answered.has(request.socket) && error.code === 'ECONNRESET') {
      safe.resent++;
      resolve(ask(method, path, headers, body));
    } else {
      resolve({ said: error.code });
    }
  });
  request.end(body);
});

async function counted(counts, wasWell, ...args) {
  const begun = performance.now();
  const answer = await ask(...args);
  counts.asked++;
  counts.failed += !wasWell(answer);
  counts.slowest = Math.max(counts.slowest, Math.round(performance.now() - begun));
  if (safe.asked + writes.asked === 1) console.log('asking');
  counts.answers[answer.said] = (counts.answers[answer.said] ?? 0) + 1;
}

async function read() {
  for (let i = 0; !ending || safe.asked < atLeast; i++) {
    const [path, headers] = SAFE[i % SAFE.length];
    await counted(safe, ({ said }) => said === '200', 'GET', path, headers);
  }
}

async function write(writer) {
  for (let i = 0; !ending; i++) {
    const body = JSON.stringify({ username: `load.${run}.${writer}.${i}`, password: 'correct horse', algorithm: 'SHA-256' });
    await counted(writes, ({ said, retryAfter }) => said === '200' || said === '201' || (said === '503' && retryAfter),
      'POST', '/api/accounts', { 'x-api-key': apiKey, 'content-type': 'application/json' }, body);
  }
}

await Promise.all([...Array.from({ length: clients }, read), ...Array.from({ length: writers }, (_, i) => write(i))]);
kept.destroy();
console.log(JSON.stringify({ safe, writes }));
