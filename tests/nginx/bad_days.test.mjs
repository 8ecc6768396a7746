/* nginx when something behind it is away. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ownInstance } from '../lib/instance.mjs';

const dialtone = await ownInstance();
const HANDSHAKE = '/api/ws/?EIO=4&transport=websocket';

function isUnavailable(answer) {
  assert.equal(answer.status, 503);
  assert.equal(answer.header('content-type'), 'application/json');
  assert.equal(answer.header('retry-after'), '1');
  assert.equal(answer.json.code, 503);
}

test('one_relay_away_handshakes_go_to_the_other', async () => {
  await dialtone.kill('relay-aa');
  const handshakes = await Promise.all(Array.from({ length: 10 }, () => dialtone.api('GET', HANDSHAKE)));
  await dialtone.start('relay-aa');
  assert.deepEqual(handshakes.filter(({ status }) => status === 503), []);
});

test('all_relays_away_handshakes_get_503_and_are_served_once_one_is_back', async () => {
  await dialtone.kill('relay-aa', 'relay-ab');
  isUnavailable(await dialtone.api('GET', HANDSHAKE));
  await dialtone.start('relay-aa', 'relay-ab');
  assert.notEqual((await dialtone.api('GET', HANDSHAKE)).status, 503);
});

test('api_away_answers_503_and_normally_once_it_is_back', async () => {
  await dialtone.kill('api');
  isUnavailable(await dialtone.api('GET', '/api/ping'));
  await dialtone.start('api');
  await dialtone.untilAnswering();
});
