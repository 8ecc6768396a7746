/* Redis over TLS: which servers the programs believe, and that all of them talk to it and to its sentinels. */
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, test } from 'node:test';

import { createAccount, login, randomName } from '../lib/accounts.mjs';
import { Authority } from '../lib/certificates.mjs';
import { freePort, ownInstance } from '../lib/instance.mjs';
import { Live } from '../lib/live.mjs';
import { RelayAlone } from '../lib/relay.mjs';
import { Sentinels } from '../lib/sentinels.mjs';
import { until } from '../lib/until.mjs';

const redis = await Sentinels.start({ tls: true });
const sections = ['API', 'RELAY', 'JOBS', 'CTL', 'PBX'];
/* These servers know no users but the default one. */
const withoutUsers = Object.fromEntries(sections.map((section) => [`DIALTONE_${section}_REDIS_PASSWORD_FILE`, '']));
const dialtone = await ownInstance({ options: ['--pbx', '--set-pbx', 'kamailio_rpc=http://127.0.0.1:9/RPC'], env: { DIALTONE_REDIS: redis.url(), ...withoutUsers } });

function live(on) {
  const made = new Live(on);
  after(() => made.close());
  return made;
}

/* What `dialtonectl status` says of a server. */
async function statusOf(url) {
  dialtone.processEnv.DIALTONE_REDIS = url;
  const { stdout, stderr } = await dialtone.ctl(['status']);
  dialtone.processEnv.DIALTONE_REDIS = redis.url();
  assert.match(stdout, /^redis_at /m, stderr);
  const [, state] = stdout.match(/^redis +(\S+)$/m), [, at] = stdout.match(/^redis_at +(.*)$/m);
  return `${state} ${at}`;
}

test('all_programs_speak_with_the_master_that_sentinels_name', async () => {
  const [port, user] = [await redis.master(), await createAccount(dialtone)];
  const text = await login(dialtone, user);
  const socket = await live(dialtone).login(user.username, text);
  const clients = await redis.cli(port, 'CLIENT', 'LIST');
  assert.ok(clients.split('\n').filter((line) => /cmd=(subscribe|ping|publish|hello)/.test(line)).length > 3, clients);
  assert.equal(await statusOf(redis.url()), `ok 127.0.0.1:${port}`);
  const waiting = async () => Number((await dialtone.sql('SELECT count(*) FROM outbox'))[0][0]);
  await until(async () => (await waiting()) === 0, { what: 'the outbox to be published' });
  const { status } = await dialtone.ctl(['publish', 'user', user.username, dialtone.env.DIALTONE_DOMAIN, 'ringing'], { input: '{}' });
  assert.equal(status, 0);
  await socket.event('ringing');
  assert.equal((await dialtone.api('POST', '/api/logout', { token: text })).status, 200);
  await socket.event('401');
  for (const name of ['api', 'relay-aa', 'relay-ab', 'jobs', 'pbx']) assert.doesNotMatch(await dialtone.log(name), /redis.*(lost|away)/, name);
});

test('clients_stay_when_the_master_is_replaced', async () => {
  const user = await createAccount(dialtone);
  const socket = await live(dialtone).login(user.username, await login(dialtone, user));
  const channel = `cti1:{${dialtone.env.DIALTONE_DOMAIN}}:u:${user.username}`;
  const old = await redis.master();
  await redis.kill(old);
  const now = await redis.untilMasterIsNot(old);
  await until(async () => (await redis.cli(now, 'PUBSUB', 'NUMSUB', channel)).endsWith('1'), { what: 'the channel to be subscribed', seconds: 60 });
  await redis.publish(channel, '["after"]');
  await socket.event('after');
  assert.deepEqual(socket.disconnects, []);
});

test('a_certificate_that_is_not_right_is_told_by_name', async () => {
  const other = await Authority.make(redis.dir, 'other'), master = await redis.master();
  const [expired, elsewhere] = [await redis.ca.sign('old', { days: -1 }), await redis.ca.sign('elsewhere', { names: ['DNS:redis.example.org', 'IP:192.0.2.1'] })];
  const server = async (pair) => {
    const port = await freePort();
    await redis.startServer(port, undefined, pair);
    return port;
  };
  const at = (port, options, host = '127.0.0.1') => `rediss://${host}:${port}${redis.tlsOptions(options)}`;
  assert.match(await statusOf(at(master, { ca: other })), /^away .*: its certificate: (unable to get local issuer|self-signed) certificate/);
  assert.match(await statusOf(at(await server(expired))), /^away .*: its certificate: certificate has expired$/);
  const wrong = await server(elsewhere);
  assert.match(await statusOf(at(wrong)), /^away .*: its certificate: IP address mismatch$/);
  assert.match(await statusOf(at(wrong, {}, 'localhost')), /^away .*: its certificate: hostname mismatch$/i);
  assert.match(await statusOf(at(master, { pair: null })), /^away .*: TLS: /);
  assert.match(await statusOf(at(master, { ca: { file: '/nowhere.pem' } })), /^away .*\/nowhere\.pem: /);
  /* Each of them knows one of both only. */
  assert.match(await statusOf(`redis://127.0.0.1:${master}`), /^away /);
  const plain = net.createServer((socket) => socket.on('error', () => {}).on('data', () => socket.write('-ERR unknown command\r\n')));
  await new Promise((resolve) => plain.listen(0, '127.0.0.1', resolve));
  after(() => plain.close());
  assert.match(await statusOf(at(plain.address().port)), /^away .*: TLS: wrong version number$/);
});

/* It takes connections and says nothing, not even of TLS. */
test('a_server_that_says_nothing_in_its_handshake_is_given_up', async () => {
  const silent = net.createServer((socket) => void socket.on('error', () => {}));
  await new Promise((resolve) => silent.listen(0, '127.0.0.1', resolve));
  after(() => silent.close());
  assert.match(await statusOf(`rediss://127.0.0.1:${silent.address().port}?ca_file=${redis.ca.file}`), /^away .*: no answer$/);
});

test('much_goes_through_in_both_directions', async () => {
  const relay = await RelayAlone.start({ sentinels: redis });
  after(() => relay.remove());
  const user = randomName();
  const socket = await live(relay).login(user, await relay.session({ id: user }));
  const texts = Array.from({ length: 10 }, (_, n) => `${n} ${'x'.repeat(60000)}`);
  await Promise.all(texts.map((text) => redis.publish(relay.channel(user), JSON.stringify(['much', text]))));
  await until(() => socket.named('much').length === texts.length, { what: 'all of it' });
  assert.deepEqual(socket.named('much').map(([, text]) => text).sort(), [...texts].sort());
  assert.deepEqual(socket.disconnects, []);
});
