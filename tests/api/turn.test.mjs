/* Credentials for a TURN server (accounts-api II.16), as a real coturn takes them. */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { after, test } from 'node:test';

import { createUser } from '../lib/accounts.mjs';
import { digestRequest } from '../lib/digest.mjs';
import { freePort, ownInstance, temporaryDirectory } from '../lib/instance.mjs';
import { run } from '../lib/run.mjs';
import { until } from '../lib/until.mjs';

const SECRET = crypto.randomBytes(12).toString('hex');
const dialtone = await ownInstance();
const port = await freePort();
await startCoturn();
const user = await createUser(dialtone);
const mine = () => dialtone.api('GET', '/api/accounts/me/services/turn', { key: user.key });
const passwordOf = (name, secret = SECRET) => crypto.createHmac('sha1', secret).update(name).digest('base64');

async function startCoturn() {
  const dir = await temporaryDirectory('coturn');
  const conf = path.join(dir, 'turnserver.conf');
  await fs.writeFile(conf, ['listening-ip=127.0.0.1', `listening-port=${port}`, 'relay-ip=127.0.0.1', 'use-auth-secret', `static-auth-secret=${SECRET}`, 'realm=example.org',
    'fingerprint', 'no-cli', 'no-tls', 'no-dtls', 'allow-loopback-peers', `userdb=${dir}/users.db`, `pidfile=${dir}/pid`, 'log-file=stdout', ''].join('\n'));
  const server = spawn('turnserver', ['-c', conf], { cwd: dir, stdio: 'ignore' });
  after(() => server.kill('SIGKILL'));
  await until(() => new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false)).on('close', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  }), { what: 'coturn to listen' });
}

/* Whether coturn gives a client an address with these. */
async function isLetIn({ username, password }) {
  const { status, stdout, stderr } = await run('turnutils_uclient', ['-y', '-n', '1', '-c', '-u', username, '-w', password, '-p', String(port), '127.0.0.1'], { seconds: 30 });
  if (status !== 0) assert.match(stdout + stderr, /Cannot complete Allocation/);
  return status === 0;
}

test('there are none until host, secret and time are set', async () => {
  for (const settings of [{}, { turn_host: 'turn.example.org' }, { turn_secret: SECRET, turn_ttl_minutes: 0 }]) {
    await dialtone.configureApi(settings);
    assert.equal((await mine()).status, 404);
  }
});

test('coturn lets in who has them, by whatever credential they asked, and no other', async () => {
  await dialtone.configureApi({ turn_host: `127.0.0.1:${port}`, turn_secret: SECRET, turn_ttl_minutes: 10 });
  const before = Math.floor(Date.now() / 1000);
  const { json } = await mine();
  const [end, random] = json.username.split(':');
  assert.deepEqual(json, { username: json.username, password: passwordOf(json.username), ttl: 600, uris: [`turn:127.0.0.1:${port}`] });
  assert.ok(Number(end) >= before + 600 && Number(end) <= Date.now() / 1000 + 600);
  assert.match(random, /^[A-Za-z0-9]{16}$/);
  const byPhone = await digestRequest(dialtone, user, { method: 'GET', path: '/api/accounts/me/services/turn' });
  assert.notEqual(byPhone.json.username, json.username);
  assert.deepEqual(await Promise.all([json, byPhone.json].map(isLetIn)), [true, true]);
  const expired = `${before - 10}:${random}`;
  for (const wrong of [{ username: expired, password: passwordOf(expired) }, { ...json, password: passwordOf(json.username, 'another') }, { ...json, username: `${Number(end) + 1}:${random}` }]) {
    assert.equal(await isLetIn(wrong), false, wrong.username);
  }
});
