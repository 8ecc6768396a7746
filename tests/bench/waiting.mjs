/*
 * How quick requests are while as many others as may wait for a push service that says nothing, and more are
 * turned away: p50, p99 and requests a second, beside those of the same machine a moment before.
 *
 *   DIALTONE_BUILD=$PWD/build node --test tests/bench/waiting.mjs
 */
import crypto from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';

import { createUser } from '../lib/accounts.mjs';
import { Gateway, gatewayDirectory, pem } from '../lib/gateways.mjs';
import { ownInstance } from '../lib/instance.mjs';

const [WORKERS, SECONDS, QUICK, WAITING] = [8, 10, 4, 16];
const dialtone = await ownInstance({ options: ['--workers', String(WORKERS)] });
const dir = await gatewayDirectory();
const gateway = await Gateway.start(dir, () => new Promise(() => {}));
await fs.writeFile(path.join(dir, 'apns.p8'), pem(crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, 'pkcs8'));
await dialtone.configureApi({ push_backend: 'native', push_apns_key_file: path.join(dir, 'apns.p8'), push_apns_key_id: 'K', push_apns_team_id: 'T',
  push_apns_url: gateway.url, outgoing_private: '127.0.0.1', outgoing_ca_file: path.join(dir, 'server.crt') }, 'common');
const user = await createUser(dialtone);

async function during(end, one) {
  while (performance.now() < end) await one();
}

async function measure(name) {
  const [times, end] = [[], performance.now() + SECONDS * 1000];
  await Promise.all(Array.from({ length: QUICK }, () => during(end, async () => {
    const begin = performance.now();
    const { status } = await dialtone.client.request('GET', '/api/accounts/me', { headers: { 'x-api-key': user.key } });
    if (status !== 200) throw new Error(String(status));
    times.push(performance.now() - begin);
  })));
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.floor(times.length * share)].toFixed(1);
  console.log(`${name}: ${Math.round(times.length / SECONDS)} requests/s, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`);
}

test('quick_requests_while_others_wait', async () => {
  await measure('before');
  const [statuses, end] = [{}, performance.now() + (SECONDS + 1) * 1000];
  const push = async () => {
    const body = { pn_provider: 'apns', pn_param: 'T.org.example.app', pn_prid: crypto.randomBytes(32).toString('hex') };
    const begin = performance.now();
    const { status } = await dialtone.client.request('POST', '/api/account_creation_tokens/send-by-push', { body });
    const how = `${status} ${performance.now() - begin > 1000 ? 'after 3 s' : 'at once'}`;
    statuses[how] = (statuses[how] ?? 0) + 1;
    if (how.endsWith('at once')) await new Promise((resolve) => setTimeout(resolve, 100));
  };
  const waiting = Promise.all(Array.from({ length: WAITING }, () => during(end, push)));
  await measure(`while ${WORKERS / 4} of ${WORKERS} workers wait`);
  await waiting;
  console.log('those that asked for a push:', statuses);
});
