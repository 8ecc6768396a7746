/* Who may do what in Redis (cti-api 3.11): the users that packaging/redis-users makes. */
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';

import { randomName } from '../lib/accounts.mjs';
import { sourceDir } from '../lib/instance.mjs';
import { Live } from '../lib/live.mjs';
import { RelayAlone } from '../lib/relay.mjs';
import { run, runOk } from '../lib/run.mjs';

const relay = await RelayAlone.start();
after(() => relay.remove());

const D = 'cti1:{dial.example.org}';
const password = async (user) => (await fs.readFile(path.join(relay.dir, 'passwords', user), 'utf8')).trim();

async function as(user, ...command) {
  const answer = await run('redis-cli', ['-s', relay.redisSocket, '--user', user, '--pass', await password(user), '--no-auth-warning', ...command]);
  return `${answer.stdout}${answer.stderr}`.trim();
}

const permitted = {
  'dialtone-relay': [['HGETALL', `${D}:tok:x`], ['PUBLISH', `${D}:u:a`, 'x'], ['PUBLISH', 'cti1:n:ab', 'x'], ['ZADD', 'cti1:relays', '1', 'zz'],
    ['XREVRANGE', `${D}:recent`, '+', '-']],
  'dialtone-api': [['HSET', `${D}:tok:x`, 'u', 'a'], ['SET', `${D}:me:a`, 'x'], ['SET', 'cti1:digest:x', '1'], ['PUBLISH', 'cti1:wake:outbox', ''],
    ['PUBLISH', 'sip:events', '{}'], ['HGETALL', `${D}:st`]],
  'dialtone-jobs': [['PUBLISH', `${D}:ctl`, 'x'], ['PUBLISH', `${D}:u:a`, 'x'], ['PUBLISH', `${D}:r:all`, 'x'], ['DEL', `${D}:tok:x`, `${D}:me:a`],
    ['HINCRBY', `${D}:seq`, 'x', '1']],
  'dialtone-ctl': [['PUBLISH', 'cti1:ctl', 'x'], ['PUBLISH', 'cti1:n:aa', 'x'], ['PUBLISH', `${D}:ctl`, 'x'], ['ZRANGEBYSCORE', 'cti1:relays', '0', '1']],
  'dialtone-pbx': [['PUBLISH', `${D}:u:a`, 'x'], ['PUBLISH', `${D}:r:all`, 'x'], ['HSET', `${D}:st`, 'exten:1', '{}'], ['PUBSUB', 'NUMSUB', `${D}:r:all`]],
  producer: [['PUBLISH', `${D}:u:a`, 'x'], ['PUBLISH', `${D}:r:all`, 'x']],
  proxy: [['PUBLISH', 'sip:events', '{}']],
};

test('each_user_may_do_what_its_program_does', async () => {
  for (const [user, commands] of Object.entries(permitted)) {
    for (const command of commands) assert.doesNotMatch(await as(user, ...command), /NOPERM|ERR|WRONGPASS/, `${user}: ${command.join(' ')}`);
  }
});

const ORDERS = [`${D}:ctl`, 'cti1:ctl', 'cti1:n:aa'];
const publishes = (channels) => channels.map((channel) => ['PUBLISH', channel, 'x']);
const forbidden = {
  'dialtone-relay': [...publishes([`${D}:ctl`, 'cti1:ctl', `${D}:r:all`, 'cti1:wake:outbox']), ['HSET', `${D}:tok:x`, 'u', 'a'], ['GET', `${D}:me:a`],
    ['SUBSCRIBE', 'sip:events']],
  'dialtone-api': [...publishes([...ORDERS, `${D}:u:a`, `${D}:r:all`]), ['SUBSCRIBE', `${D}:u:a`], ['HSET', `${D}:st`, 'exten:1', '{}']],
  'dialtone-jobs': [...publishes(['cti1:ctl', 'cti1:n:aa']), ['SUBSCRIBE', `${D}:u:a`], ['SET', 'cti1:digest:epoch', '1']],
  'dialtone-pbx': [...publishes([...ORDERS, 'cti1:wake:outbox', 'sip:events']), ['HGETALL', `${D}:tok:x`], ['GET', `${D}:me:a`]],
  producer: [...publishes([...ORDERS, 'sip:events']), ['HGETALL', `${D}:st`], ['EVAL', "return redis.call('PUBLISH', 'cti1:ctl', 'x')", '0'],
    ['SUBSCRIBE', `${D}:u:a`]],
  proxy: [...publishes([...ORDERS, `${D}:u:a`])],
};

test('no_user_may_do_anything_else', async () => {
  const never = [['CONFIG', 'GET', '*'], ['KEYS', '*'], ['FLUSHALL'], ['ACL', 'LIST'], ['PSUBSCRIBE', '*'], ['MONITOR'], ['GET', 'other']];
  for (const user of Object.keys(permitted)) {
    for (const command of [...(forbidden[user] ?? []), ...never]) {
      assert.match(await as(user, ...command), /NOPERM/, `${user}: ${command.join(' ')}`);
    }
  }
});

test('what_a_relay_does_its_user_may_do', async () => {
  await relay.cli('ACL', 'LOG', 'RESET');
  const user = randomName();
  const socket = await new Live(relay, { options: { reconnection: false } }).login(user, await relay.session({ id: user }), { uaType: 'desktop' });
  after(() => socket.close());
  await relay.publish(relay.channel(user), '["still"]');
  await socket.event('still');
  assert.match(await relay.cli('CLIENT', 'LIST'), /user=dialtone-relay/);
  assert.equal(await relay.cli('ACL', 'LOG'), '');
});

test('production_has_no_user_without_a_password', async () => {
  const passwords = path.join(relay.dir, 'passwords');
  const before_ = await password('producer');
  const { stdout } = await runOk(path.join(sourceDir, 'packaging/redis-users'), ['--passwords', passwords]);
  assert.match(stdout, /^user default off$/m);
  assert.doesNotMatch(stdout, /nopass/);
  assert.equal(await password('producer'), before_);
  assert.ok(!stdout.includes(before_));
  assert.equal((await fs.stat(path.join(passwords, 'producer'))).mode & 0o777, 0o600);
});
