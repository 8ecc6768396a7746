/* nginx when something behind it is away, and when one address asks too much. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ownInstance } from '../lib/instance.mjs';

const dialtone = await ownInstance({ rates: [] });
const HANDSHAKE = '/api/ws/?EIO=4&transport=websocket';

function isUnavailable(answer) {
  assert.equal(answer.status, 503);
  assert.equal(answer.header('content-type'), 'application/json');
  assert.equal(answer.header('retry-after'), '1');
  assert.equal(answer.json.code, 503);
}

test('login_attempts_beyond_the_burst_of_an_address_get_429_with_retry_after', async () => {
  const body = { username: 'nobody.here', password: 'wrong-password' };
  const answers = await Promise.all(Array.from({ length: 200 }, () => dialtone.api('POST', '/api/login', { body })));
  const refused = answers.filter(({ status }) => status === 429);
  assert.ok(answers.length - refused.length >= 50, 'an office may come to work');
  assert.ok(refused.length > 0, 'a guesser may not go on for ever');
  assert.equal(refused[0].header('content-type'), 'application/json');
  assert.equal(refused[0].header('retry-after'), '1');
  assert.deepEqual(refused[0].json, { code: 429, message: 'too many requests', data: null });
  assert.equal((await dialtone.api('GET', '/api/ping')).status, 200, 'other calls are not counted');
});

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
