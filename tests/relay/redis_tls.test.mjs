/* A Redis that speaks TLS alone; tests/hosts/redis_tls.test.mjs has the sentinels, the other programs and what can be wrong. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';

import { randomName } from '../lib/accounts.mjs';
import { Authority } from '../lib/certificates.mjs';
import { buildDir, freePort, sanitizerEnv, temporaryDirectory } from '../lib/instance.mjs';
import { Live } from '../lib/live.mjs';
import { RelayAlone } from '../lib/relay.mjs';
import { run } from '../lib/run.mjs';
import { until } from '../lib/until.mjs';

const dir = await temporaryDirectory('redis-tls'), port = await freePort();
const ca = await Authority.make(dir, 'ca'), { certificate, key } = await ca.sign('redis', { names: ['DNS:localhost'] });
const server = spawn('redis-server', ['--port', '0', '--tls-port', String(port), '--bind', '127.0.0.1', '--tls-cert-file', certificate, '--tls-key-file', key,
  '--tls-ca-cert-file', ca.file, '--tls-auth-clients', 'no', '--save', '', '--dir', dir], { stdio: 'ignore' });
after(() => {
  server.kill('SIGKILL');
  return fs.rm(dir, { recursive: true, force: true });
});
const onMaster = async (...args) => (await run('redis-cli', ['--tls', '--cacert', ca.file, '-h', 'localhost', '-p', String(port), ...args])).stdout.trim();
await until(async () => (await onMaster('PING')) === 'PONG', { what: 'Redis' });

test('a_client_logs_in_and_hears_over_tls', async () => {
  const relay = await RelayAlone.start({ sentinels: { onMaster }, url: `rediss://localhost:${port}?ca_file=${ca.file}` });
  after(() => relay.remove());
  const user = randomName(), socket = new Live(relay);
  after(() => socket.close());
  await socket.login(user, await relay.session({ id: user }));
  for (const text of ['short', 'x'.repeat(60000)]) await relay.publish(relay.channel(user), JSON.stringify(['said', text]));
  await until(() => socket.named('said').length === 2, { what: 'both events' });
  assert.deepEqual(socket.named('said').map(([, text]) => text.length), [5, 60000]);
});

test('a_host_that_its_certificate_does_not_name_is_not_believed', async () => {
  const config = path.join(dir, 'dialtone.conf');
  await fs.writeFile(config, `redis = "rediss://127.0.0.1:${port}?ca_file=${ca.file}"\npostgres = "host=/nowhere"\n`);
  const { stdout } = await run(path.join(buildDir, 'dialtonectl'), ['--config', config, 'status'], { env: sanitizerEnv });
  assert.match(stdout, /^redis_at +127\.0\.0\.1:\d+: its certificate: IP address mismatch$/m);
});
