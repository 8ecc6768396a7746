/* Flexisip's B2BUA hears of changed accounts at other providers (accounts-api II.9, 13.3; sip-integration 2.1). */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { after, test } from 'node:test';

import { createAccount, randomName } from '../lib/accounts.mjs';
import { ownInstance, temporaryDirectory } from '../lib/instance.mjs';
import { run } from '../lib/run.mjs';
import { Subscriber } from '../lib/subscriber.mjs';
import { until } from '../lib/until.mjs';

const CHANNEL = 'flexisip/B2BUA/account';
const dialtone = await ownInstance();
const socket = path.join(await temporaryDirectory('b2bua'), 'redis.sock');
let server;
after(() => server?.kill());

async function startRedis() {
  server = spawn('redis-server', ['--port', '0', '--unixsocket', socket, '--save', ''], { stdio: 'ignore' });
  await until(async () => (await run('redis-cli', ['-s', socket, 'ping'])).stdout.trim() === 'PONG', { what: 'the Redis of the B2BUA' });
}

const outside = (change) => ({ username: randomName('out'), domain: 'sip.provider.example', protocol: 'TLS', password: 'correct horse', ...change });
async function put(account, body) {
  const answer = await dialtone.api('POST', `/api/accounts/${account.id}/external`, { as: 'admin', body });
  assert.ok([200, 201].includes(answer.status), answer.text);
  return answer.json;
}
const jobs = async () => Number((await dialtone.sql("SELECT count(*) FROM jobs WHERE kind LIKE 'flexisip.%' AND ended_at IS NULL"))[0][0]);
const waiting = async () => Number((await dialtone.sql("SELECT count(*) FROM outbox WHERE kind = 'external_account.changed'"))[0][0]);
const heardBy = (subscriber) => subscriber.messages.map((text) => JSON.parse(text));

test('without one it is not told, and nothing waits', async () => {
  await put(await createAccount(dialtone), outside());
  await until(async () => await waiting() === 0, { what: 'the outbox' });
  assert.equal(await jobs(), 0);
  assert.doesNotMatch(await dialtone.log('jobs'), /level=(warn|error)/);
});

test('it hears of each change, of both names when one is renamed, and of the end by whatever way', async () => {
  await startRedis();
  await dialtone.writeSettings({ b2bua_redis: `unix:${socket}`, job_retry_s: 1 }, 'jobs');
  await dialtone.reload('jobs');
  const b2bua = await Subscriber.on(socket, CHANNEL);
  const [first, second] = [await createAccount(dialtone), await createAccount(dialtone)];
  const [one, other] = [outside(), outside()];
  const { id } = await put(first, one);
  await put(first, { ...one, protocol: 'UDP' });
  await put(first, { ...one, username: 'renamed', domain: 'sip.other.example' });
  assert.equal((await dialtone.api('DELETE', `/api/accounts/${first.id}/external`, { as: 'admin' })).status, 200);
  const { id: otherId } = await put(second, other);
  assert.equal((await dialtone.api('DELETE', `/api/accounts/${second.id}`, { as: 'admin' })).status, 200);
  await until(() => b2bua.messages.length >= 7, { what: 'all of them to be told' });
  const told = (identifier, { username, domain }) => ({ identifier: String(identifier), username, domain });
  const renamed = { username: 'renamed', domain: 'sip.other.example' };
  assert.deepEqual(heardBy(b2bua).map((m) => told(m.identifier, m)), [told(id, one), told(id, one), told(id, one), told(id, renamed), told(id, renamed),
    told(otherId, other), told(otherId, other)]);
  assert.ok(heardBy(b2bua).every((m) => Object.keys(m).length === 3));
  b2bua.close();
});

test('what changes while it is away, and dialtone-jobs is killed, is told when it is back; events to clients do not wait', async () => {
  server.kill('SIGKILL');
  const account = await createAccount(dialtone);
  const changed = outside();
  const { id } = await put(account, changed);
  await until(async () => await jobs() === 1, { what: 'the job' });
  const clients = await Subscriber.to(dialtone, `cti1:{${dialtone.env.DIALTONE_DOMAIN}}:r:accounts`);
  const { id: newId } = await createAccount(dialtone);
  await until(() => clients.of(newId).length > 0, { what: 'an event behind it' });
  clients.close();
  await dialtone.kill('jobs');
  await startRedis();
  const b2bua = await Subscriber.on(socket, CHANNEL); /* before it can be told */
  await dialtone.start('jobs');
  await until(() => heardBy(b2bua).some(({ identifier, username }) => identifier === String(id) && username === changed.username), { what: 'it to be told' });
  await until(async () => await jobs() === 0, { what: 'the end of the job' });
  b2bua.close();
});
