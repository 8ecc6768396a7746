/* What nginx between a client and its relay has to leave alone: long bodies, and who is asking. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { createAccount, login } from '../lib/accounts.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { Live } from '../lib/live.mjs';
import { until } from '../lib/until.mjs';

const MAX_PAYLOAD = 1000000;
const LONG = 900000;
const EVENT = 120000; /* redis-cli takes no longer argument; three wait for one poll */

const dialtone = await ownInstance();
const account = await createAccount(dialtone);
const token = await login(dialtone, account);
const channel = `cti1:{${dialtone.env.DIALTONE_DOMAIN}}:u:${account.username}`;
await dialtone.writeSettings({ max_payload: MAX_PAYLOAD }, 'relay');
await dialtone.stop('relay-aa', 'relay-ab');
await dialtone.start('relay-aa', 'relay-ab');

/* A session on long-polling, logged in. */
async function polling() {
  const query = { EIO: 4, transport: 'polling' };
  const ask = async (method, body) => {
    const answer = await dialtone.client.request(method, '/api/ws/', { query, body });
    assert.equal(answer.status, 200, answer.text);
    return answer.text;
  };
  const opening = JSON.parse((await ask('GET')).slice(1));
  assert.equal(opening.maxPayload, MAX_PAYLOAD);
  query.sid = opening.sid;
  const session = { poll: () => ask('GET'), push: (body) => ask('POST', body), heard: '' };
  session.hears = (text) => until(async () => {
    if (!session.heard.includes(text)) session.heard += `\x1e${await session.poll()}`;
    return session.heard.includes(text);
  }, { what: 'a packet' });
  await session.push(`40\x1e42${JSON.stringify(['login', { accessKeyId: account.username, token }])}`);
  await session.hears('authe_ok');
  return session;
}

test('long_pushes_and_long_polls_pass_nginx_whole', async () => {
  const session = await polling();
  assert.equal(await session.push(`421["ping","${'x'.repeat(LONG)}"]`), 'ok');
  await session.hears('431[]');
  const events = ['a', 'b', 'c'].map((letter) => JSON.stringify(['long', letter.repeat(EVENT)]));
  for (const event of events) await dialtone.publish(channel, event);
  for (const event of events) await session.hears(`\x1e42${event}`);
  assert.equal(await session.push('1'), 'ok');
});

for (const transports of [['websocket'], ['polling']]) {
  test(`pages_of_the_servers_own_origin_and_desktop_programs_are_let_in_by_${transports}_and_others_are_not`, async () => {
    const from = (origin) => new Live(dialtone, { transports, options: { extraHeaders: { origin }, reconnection: false } });
    const own = from(dialtone.env.DIALTONE_URL);
    after(() => own.close());
    await own.login(account.username, token);
    const { hostname } = new URL(dialtone.env.DIALTONE_URL);
    for (const origin of ['file://', 'null', dialtone.env.DIALTONE_URL.replace('https', 'wss').replace('localhost', 'LOCALHOST')]) {
      const packaged = from(origin);
      after(() => packaged.close());
      await packaged.login(account.username, token);
    }
    for (const origin of ['https://evil.example', `https://${hostname}`, dialtone.env.DIALTONE_URL.replace('https', 'http')]) {
      const other = from(origin);
      let error;
      other.socket.on('connect_error', (raised) => (error = raised));
      await until(() => error, { what: `${origin} to be refused` });
      assert.ok(!other.socket.connected);
      other.close();
    }
  });
}
