/* GET /api/ping: a health check that needs no space (accounts-api I.1). */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sharedInstance } from '../lib/instance.mjs';

const dialtone = await sharedInstance();

test('ping_answers_pong_as_plain_text', async () => {
  const answer = await dialtone.api('GET', '/api/ping');
  assert.equal(answer.status, 200);
  assert.equal(answer.text, 'pong');
  assert.equal(answer.header('content-type'), 'text/plain; charset=utf-8');
});

test('head_answers_like_get_without_the_body', async () => {
  const answer = await dialtone.api('HEAD', '/api/ping');
  assert.equal(answer.status, 200);
  assert.equal(answer.text, '');
  assert.equal(answer.header('content-length'), '4');
  assert.equal(answer.header('content-type'), 'text/plain; charset=utf-8');
});

test('trailing_slash_is_as_if_it_were_absent', async () => {
  assert.equal((await dialtone.api('GET', '/api/ping/')).text, 'pong');
});
