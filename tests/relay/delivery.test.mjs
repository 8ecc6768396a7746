/* What clients hear when there is much to be heard: nothing twice, nothing older behind newer, and the
 * newest state of everything (cti-api 3.4, 3.8; realtime 7, 18). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { io as io4 } from 'socket.io-client';
import io2 from 'socket.io-client-2';
import { io as io3 } from 'socket.io-client-3';

import { createAccount, createUser, login } from '../lib/accounts.mjs';
import { createOperator } from '../lib/cti.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { Live } from '../lib/live.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await ownInstance();
const account = await createAccount(dialtone);
const token = await login(dialtone, account);
const domain = `cti1:{${dialtone.env.DIALTONE_DOMAIN}}`;
const TRANSPORTS = [['websocket'], ['polling']];

/* As producers do it (cti-api 3.3), many at once. Key and number of message i: i, or those of a list. */
const BURST = `
local e = redis.call('HGET', KEYS[1], 'epoch')
if not e then e = 'abcd1234'; redis.call('HSET', KEYS[1], 'epoch', e) end
for i = 1, tonumber(ARGV[4]) do
  local s = redis.call('HINCRBY', KEYS[1], ARGV[1], 1)
  local key = ARGV[6] ~= '' and ARGV[6] or tostring(i)
  local c = ARGV[3] == '4' and '' or '"c":"' .. ARGV[2] .. ':' .. key .. '",'
  local m = '{"v":1,"k":"e","i":"' .. ARGV[1] .. s .. '","f":' .. ARGV[3] .. ',' .. c ..
    '"s":' .. s .. ',"e":"' .. e .. '"}\\n["' .. ARGV[2] .. '",{"key":"' .. key .. '","n":' .. s ..
    ',"filling":"' .. string.rep('x', tonumber(ARGV[5])) .. '"}]'
  if ARGV[3] ~= '4' then redis.call('XADD', KEYS[2], '*', 'ch', ARGV[1], 'm', m) end
  redis.call('PUBLISH', ARGV[7] .. ARGV[1], m)
end
return redis.status_reply('OK')`;

async function burst(name, { count = 1, size = 1200, flags = 3, key = '' }) {
  assert.equal(await dialtone.redis('eval', BURST, '2', `${domain}:seq`, `${domain}:recent`,
    'r:all', name, flags, count, size, key, `${domain}:`), 'OK');
}

async function listener(options, user = { ...account, token }) {
  const made = new Live(dialtone, options);
  after(() => made.close());
  return made.login(user.username, user.token);
}

const listeners = (count = 1) => Promise.all(TRANSPORTS.flatMap((transports) =>
  Array.from({ length: count }, () => listener({ transports }))));

const heard = (made, name) => made.named(name).map(([, { key }]) => key);

for (const transports of TRANSPORTS)
  test(`a_login_behind_a_thousand_states_hears_all_and_stays_over_${transports}`, async () => {
    const name = `late_${transports}`;
    await burst(name, { count: 1000, size: 300 });
    const made = await listener({ transports });
    await until(() => heard(made, name).length >= 1000, { what: 'a thousand states' });
    await sleep(500);
    assert.equal(new Set(heard(made, name)).size, 1000);
    assert.equal(heard(made, name).length, 1000);
    assert.deepEqual(made.disconnects, []);
    made.close();
  });

test('every_one_of_four_hundred_states_is_heard', async () => {
  const all = await listeners(5);
  await burst('state', { count: 400 });
  for (const made of all) {
    await until(() => heard(made, 'state').length >= 400, { what: 'four hundred states' });
    assert.equal(new Set(heard(made, 'state')).size, 400);
    assert.deepEqual(made.disconnects, []);
    made.close();
  }
});

test('the_newest_state_is_heard_behind_eighty_others', async () => {
  const all = await listeners();
  await burst('state', { key: 'K' });
  await burst('filler', { count: 80 });
  await burst('state', { key: 'K' });
  const newest = Number(await dialtone.redis('hget', `${domain}:seq`, 'r:all'));
  for (const made of all) {
    const last = () => made.named('state').filter(([, { key }]) => key === 'K').at(-1)?.[1].n;
    await until(() => last() === newest, { what: 'the newest state' });
    made.close();
  }
});

test('a_burst_told_once_drops_no_client_and_is_heard_whole', async () => {
  const all = await listeners(5);
  for (let i = 0; i < 3; i++) await burst('once', { count: 400, flags: 4 });
  for (const made of all) {
    await until(() => made.named('once').length >= 1200, { what: 'what is told once' });
    const numbers = made.named('once').map(([, { n }]) => n);
    assert.deepEqual(numbers, [...new Set(numbers)].sort((a, b) => a - b));
    assert.deepEqual(made.disconnects, []);
    made.close();
  }
});

/* Each change has a number, which is where calls go. */
async function changePresences(user, changing) {
  for (let i = 1; changing.on; i++) {
    const answer = await dialtone.api('POST', '/api/user/presence', {
      token: user.token, body: { status: 'callforward', to: String(100000 + i) },
    });
    assert.equal(answer.status, 200, answer.text);
    changing.last = 100000 + i;
  }
}

const numbersOf = (made) => made.named('userMainPresenceUpdate').map(([, { mainPresence }]) => mainPresence)
  .filter(({ status }) => status === 'callforward').map(({ to }) => to);

test('presence_never_runs_backwards_while_listeners_log_in', async () => {
  const changing = { on: true, last: 0 };
  const watchers = await Promise.all([1, 2, 3, 4].map(() => createOperator(dialtone, { presence_panel: [] })));
  const changes = changePresences(await createOperator(dialtone), changing);
  const all = [];
  try {
    for (let i = 0; i < 60; i++) {
      all.push(await listener({ transports: TRANSPORTS[i % 2] }, watchers[i % 4]));
    }
  } finally {
    changing.on = false;
    await changes;
  }
  for (const made of all) {
    await until(() => numbersOf(made).at(-1) === String(changing.last), { what: 'the last presence' });
    assert.deepEqual(numbersOf(made), [...new Set(numbersOf(made))].sort());
    assert.deepEqual(made.disconnects, []);
    made.close();
  }
});

/* Of each key no number is heard twice or behind a newer one. */
function checkOrder(made, name, from) {
  const newest = {};
  for (const [, { key, n }] of made.events.slice(from).filter(([event]) => event === name)) {
    assert.ok(n > (newest[key] ?? 0), `${n} behind ${newest[key]}`);
    newest[key] = n;
  }
}

test('clients_of_a_killed_relay_come_back_once_while_traffic_lasts', async () => {
  const users = await Promise.all([1, 2, 3].map(() => createUser(dialtone)));
  const userOf = (i) => users[i % users.length];
  const traffic = { on: true };
  const sends = (async () => {
    for (let i = 0; traffic.on; i++) {
      await burst('busy', { count: 10, size: 1200, key: `k${i % 100}` });
      await sleep(100);
    }
  })();
  const all = await Promise.all(Array.from({ length: 30 }, (_, i) => listener({ transports: TRANSPORTS[i % 2] }, userOf(i))));
  all.forEach((made, i) => made.socket.on('connect', () => {
    made.from = made.events.length;
    made.emit('login', { accessKeyId: userOf(i).username, token: userOf(i).token });
  }));
  try {
    await sleep(3000);
    await dialtone.kill('relay-aa');
    await dialtone.start('relay-aa');
    await sleep(10000);
  } finally {
    traffic.on = false;
    await sends;
  }
  await burst('end', { key: 'end' });
  for (const made of all) {
    await until(() => heard(made, 'end').includes('end'), { what: 'the last event' });
    assert.ok(made.disconnects.length <= 2, made.disconnects.join());
    assert.ok(!made.disconnects.includes('io server disconnect'));
    checkOrder(made, 'busy', made.from);
    made.close();
  }
  assert.ok(all.some((made) => made.disconnects.length), 'some were with the relay that was killed');
});

/* What a session is told last must not be heard in the next one. */
async function staysOut(made, end) {
  await until(() => made.disconnects.length, { what: 'the disconnect' });
  assert.deepEqual(made.disconnects, ['io server disconnect']);
  assert.equal(made.named('401').length, 1, `heard before the disconnect: ${end}`);
  const before = made.events.length;
  const fresh = await login(dialtone, account);
  made.socket.connect();
  await until(() => made.socket.connected, { what: 'a new connection' });
  made.emit('login', { accessKeyId: account.username, token: fresh });
  await until(() => made.events.slice(before).some(([name]) => name === 'authe_ok'), { what: 'the next login' });
  assert.deepEqual(made.events.slice(before).filter(([name]) => name === '401'), []);
  assert.equal(made.disconnects.length, 1);
  made.close();
}

for (const [version, library] of Object.entries({ '2.x': io2, '3.x': io3, '4.x': io4 })) {
  test(`socket_io_client_${version}_by_long_polling_hears_401_of_a_wrong_token_at_once`, async () => {
    const made = new Live(dialtone, { library, transports: ['polling'] });
    after(() => made.close());
    await made.connected();
    made.emit('login', { accessKeyId: account.username, token: `${token.slice(0, -4)}AAAA` });
    await staysOut(made, 'a wrong token');
  });

  test(`socket_io_client_${version}_by_long_polling_hears_401_of_a_logout_at_once`, async () => {
    const own = await login(dialtone, account);
    const made = new Live(dialtone, { library, transports: ['polling'] });
    after(() => made.close());
    await made.login(account.username, own);
    assert.equal((await dialtone.api('POST', '/api/logout', { token: own })).status, 200);
    await staysOut(made, 'a logout');
  });
}
