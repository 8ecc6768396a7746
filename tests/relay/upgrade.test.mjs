/* A client that changes from long-polling to a WebSocket at an unlucky moment. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import WebSocket from 'ws';

import { RelayAlone, token } from '../lib/relay.mjs';
import { until } from '../lib/until.mjs';

const relay = await RelayAlone.start();
after(() => relay.remove());

for (const version of [4, 3]) {
  test(`client_of_engine_${version}_that_is_sent_away_during_its_upgrade_is_told_why`, async () => {
    const query = `EIO=${version}&transport=polling`;
    const framed = (packet) => (version === 3 ? `${packet.length}:${packet}` : packet);
    const url = `${relay.env.DIALTONE_URL}/api/ws/?${query}`;
    const { sid } = JSON.parse(/\{.*\}/.exec(await (await fetch(url)).text())[0]);
    const push = (packet) => fetch(`${url}&sid=${sid}`, { method: 'POST', body: framed(packet) }).then((answer) => answer.text());
    if (version === 4) await push('40');
    await fetch(`${url}&sid=${sid}`); /* the answer to CONNECT; from here on no poll is held */
    const socket = new WebSocket(`${url.replace('http', 'ws').replace('polling', 'websocket')}&sid=${sid}`);
    after(() => socket.terminate());
    const heard = [];
    socket.on('message', (data) => heard.push(data.toString()));
    socket.on('close', (code) => heard.push(`close ${code}`));
    await new Promise((resolve) => socket.once('open', resolve));
    socket.send('2probe');
    await until(() => heard.length, { what: '3probe' });
    const bad = token({}, Buffer.alloc(32)).text;
    assert.equal(await push(`42${JSON.stringify(['login', { accessKeyId: 'alice', token: bad }])}`), 'ok');
    socket.send('5');
    await until(() => heard.at(-1).startsWith('close'), { what: 'the relay to close' });
    assert.deepEqual(heard, ['3probe', '42["401",{"message":"unauthorized access"}]', '41', 'close 1000']);
  });
}
