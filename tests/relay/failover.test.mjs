/* A Redis that is replaced by its replica: what clients of a relay notice, and what they do not. */
import assert from 'node:assert/strict';
import net from 'node:net';
import path from 'node:path';
import { after, test } from 'node:test';

import { createAccount, login, randomName } from '../lib/accounts.mjs';
import { freePort, ownInstance, sanitizerEnv } from '../lib/instance.mjs';
import { Live } from '../lib/live.mjs';
import { RelayAlone } from '../lib/relay.mjs';
import { run, runOk } from '../lib/run.mjs';
import { Sentinels } from '../lib/sentinels.mjs';
import { until } from '../lib/until.mjs';

/* Elections take their time on a busy machine. */
const PATIENT = { login_timeout_ms: 120000 };

async function ownRelay(options) {
  const relay = await RelayAlone.start({ settings: PATIENT, ...options });
  after(() => relay.remove());
  return relay;
}

function live(on) {
  const made = new Live(on);
  after(() => made.close());
  return made;
}

async function loggedIn(on, user) {
  return live(on).login(user, await on.session({ id: user }));
}

/* The number of relays that listen to the channel there. */
const listeners = async (redis, port, channel) => Number((await redis.cli(port, 'PUBSUB', 'NUMSUB', channel)).split('\n')[1]);

const untilHeardAt = (redis, port, channel) =>
  until(async () => (await listeners(redis, port, channel)) === 1, { what: `${channel} to be subscribed at ${port}` });

/* As a producer does: counted, and with a state that can be fetched again unless it is one-shot. */
const publishUser = (relay, user, event, ...options) => runOk(path.join(relay.build, 'dialtonectl'),
  ['--config', path.join(relay.dir, 'dialtone.conf'), 'publish', 'user', user, relay.domain, event, ...options],
  { env: sanitizerEnv, input: '{"n":1}' });

/* These servers know no users but the default one. */
const withoutUsers = Object.fromEntries(['API', 'RELAY', 'JOBS', 'CTL'].map((section) => [`DIALTONE_${section}_REDIS_PASSWORD_FILE`, '']));

test('killed_master_is_replaced_and_whoever_missed_nothing_stays', async () => {
  const redis = await Sentinels.start();
  const relay = await ownRelay({ sentinels: redis });
  const [user, late] = [randomName(), randomName()];
  const socket = await loggedIn(relay, user);
  await publishUser(relay, user, 'before');
  await socket.event('before');
  const text = await relay.session({ id: late });
  const old = await redis.master();
  assert.equal(await redis.cli(old, 'WAIT', '1', '30000'), '1');

  await redis.kill(old);
  const waiting = await live(relay).connected();
  waiting.emit('login', { accessKeyId: late, token: text });
  const now = await redis.untilMasterIsNot(old);
  await untilHeardAt(redis, now, relay.channel(user));
  await waiting.event('authe_ok');
  await publishUser(relay, user, 'after');
  await publishUser(relay, late, 'afterLogin');
  await Promise.all([socket.event('after'), waiting.event('afterLogin')]);
  assert.deepEqual([socket.disconnects, waiting.disconnects], [[], []]);
});

test('planned_switch_moves_both_connections_and_resyncs_only_who_missed_something', async () => {
  const redis = await Sentinels.start({ password: 'se,cret' });
  const relay = await ownRelay({ sentinels: redis });
  const [missing, current] = [randomName(), randomName()];
  const sockets = await Promise.all([missing, current].map((user) => loggedIn(relay, user)));
  for (const user of [missing, current]) await publishUser(relay, user, 'before');
  await Promise.all(sockets.map((socket) => socket.event('before')));

  /* Asleep, the relay cannot hear what happens on the new master. */
  const old = await redis.master();
  relay.process.kill('SIGSTOP');
  const now = await redis.failOver();
  await publishUser(relay, missing, 'unheard');
  relay.process.kill('SIGCONT');
  await untilHeardAt(redis, now, relay.channel(current));
  await until(() => sockets[0].disconnects.length, { what: 'the client to be sent for what it missed' });
  assert.deepEqual(sockets[0].disconnects, ['transport close']);
  await publishUser(relay, current, 'after');
  await sockets[1].event('after');
  assert.deepEqual(sockets[1].disconnects, []);
  assert.equal(await listeners(redis, old, relay.channel(current)), 0);
});

/* A port that leads to another server from some time on; connections that are open stay where they are. */
async function virtualAddress(target) {
  const address = { target, port: await freePort() };
  const server = net.createServer((near) => {
    const far = net.connect(address.target, '127.0.0.1');
    near.on('error', () => far.destroy()).on('close', () => far.destroy());
    far.on('error', () => near.destroy()).on('close', () => near.destroy());
    near.pipe(far).pipe(near);
  });
  await new Promise((resolve) => server.listen(address.port, '127.0.0.1', resolve));
  after(() => server.close());
  return address;
}

test('master_behind_a_virtual_address_is_left_once_it_is_a_replica', async () => {
  const redis = await Sentinels.start({ sentinels: 1 });
  await redis.kill(redis.sentinels[0]);
  const [first, second] = redis.servers;
  const address = await virtualAddress(first);
  const relay = await ownRelay({ sentinels: redis, url: `redis://127.0.0.1:${address.port}/0` });
  redis.master = async () => address.target;
  const user = randomName();
  const socket = await loggedIn(relay, user);
  await untilHeardAt(redis, first, relay.channel(user));
  assert.equal(await redis.cli(second, 'REPLICAOF', 'NO', 'ONE'), 'OK');
  address.target = second;
  assert.equal(await redis.cli(first, 'REPLICAOF', '127.0.0.1', String(second)), 'OK');
  await untilHeardAt(redis, second, relay.channel(user));
  await until(async () => (await listeners(redis, first, relay.channel(user))) === 0, { what: 'the old master to be left' });
  await publishUser(relay, user, 'after');
  await socket.event('after');
  assert.deepEqual(socket.disconnects, []);
});

test('master_is_used_on_while_no_sentinel_is_there_and_found_again_when_one_is', async () => {
  const redis = await Sentinels.start();
  const master = await redis.master();
  const dead = await freePort();
  const [last] = redis.sentinels.slice(-1);
  /* Names are looked up; what does not answer is passed over. */
  const url = `redis+sentinel://localhost:${dead},localhost:${last}/mymaster`;
  const relay = await ownRelay({ sentinels: redis, url });
  const user = randomName();
  const socket = await loggedIn(relay, user);
  for (const port of redis.sentinels) await redis.kill(port);
  redis.master = async () => master;
  assert.equal(await redis.publish(relay.channel(user), '["meanwhile"]'), 1);
  await socket.event('meanwhile');

  await redis.cli(master, 'CLIENT', 'KILL', 'TYPE', 'normal');
  await until(() => relay.log.includes('Connection refused'), { what: 'the relay to ask in vain' });
  await redis.startSentinel(last);
  await untilHeardAt(redis, master, relay.channel(user));
  await redis.publish(relay.channel(user), '["again"]');
  await socket.event('again');
  assert.deepEqual(socket.disconnects, []);
});

test('name_no_sentinel_knows_is_told_by_relay_and_dialtonectl', async () => {
  const redis = await Sentinels.start({ sentinels: 1 });
  const relay = await ownRelay({ sentinels: redis });
  const complaint = `127.0.0.1:${redis.sentinels[0]}: this sentinel knows no master named yourmaster`;
  await relay.stopRelay();
  const rightUrl = relay.redisUrl;
  relay.redisUrl = redis.url({ name: 'yourmaster' });
  await relay.spawnRelay();
  await until(() => relay.process.exitCode !== null, { what: 'the relay to end' });
  assert.ok(relay.log.includes(complaint), relay.log);
  const status = await run(path.join(relay.build, 'dialtonectl'),
    ['--config', path.join(relay.dir, 'dialtone.conf'), 'status'], { env: sanitizerEnv });
  assert.notEqual(status.status, 0);
  assert.match(status.stdout, /^redis +away$/m);
  assert.ok(status.stdout.includes(complaint), status.stdout);
  relay.redisUrl = rightUrl;
  await relay.startRelay();
});

test('login_that_waits_for_its_predecessor_outlives_the_loss_of_its_claim', async () => {
  const relay = await ownRelay({ settings: { takeover_ms: 1000 } });
  const user = randomName();
  const first = await live(relay).connected();
  first.emit('login', { accessKeyId: user, token: await relay.session({ id: user }), uaType: 'desktop' });
  await first.event('authe_ok');
  const second = await live(relay).connected();
  second.emit('login', { accessKeyId: user, token: await relay.session({ id: user }), uaType: 'desktop' });
  await first.event('takeOver');
  /* As after a fail-over to a replica that had not heard of it yet. */
  await relay.cli('HDEL', `cti1:{${relay.domain}}:own:${user}:desktop`, 'pend_relay', 'pend_sid', 'pend_until');
  await second.event('authe_ok');
});

test('login_and_events_go_on_for_a_whole_installation', async () => {
  const redis = await Sentinels.start({ replicas: 2 });
  const dialtone = await ownInstance({ env: { DIALTONE_REDIS: redis.url(), ...withoutUsers } });
  const account = await createAccount(dialtone);
  const text = await login(dialtone, account);
  const channel = `cti1:{${dialtone.env.DIALTONE_DOMAIN}}:u:${account.username}`;
  const socket = await live(dialtone).login(account.username, text);
  socket.socket.io.on('reconnect', () => socket.emit('login', { accessKeyId: account.username, token: text }));
  const waiting = async () => Number((await dialtone.sql('SELECT count(*) FROM outbox'))[0][0]);
  await until(async () => (await waiting()) === 0, { what: 'the outbox to be empty' });

  const second = await redis.failOver();
  await redis.kill(second);
  const unpublished = await createAccount(dialtone);
  assert.equal((await dialtone.api('GET', '/api/user/me', { token: text })).status, 200);
  assert.ok((await waiting()) > 0);
  await redis.untilMasterIsNot(second);
  await until(async () => (await waiting()) === 0, { what: 'the outbox to be published' });
  const again = await login(dialtone, unpublished);
  await live(dialtone).login(unpublished.username, again);
  await until(async () => {
    await redis.publish(channel, '["again"]');
    return socket.named('again').length > 0;
  }, { what: 'the event to be heard' });
  assert.ok(!socket.disconnects.includes('io server disconnect'), socket.disconnects.join());
  assert.equal((await dialtone.api('POST', '/api/logout', { token: text })).status, 200);
  await socket.event('401');
  /* No replica may take over that has not heard of it. */
  assert.match(await redis.onMaster('INFO', 'commandstats'), /^cmdstat_wait:calls=[1-9]/m);
});
