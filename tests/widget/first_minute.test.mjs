/* What the widget asks when its page is opened, and what it is answered. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { addExtension, createOperator, everything } from '../lib/cti.mjs';
import { pause } from '../lib/until.mjs';
import { Site } from './browser.mjs';

const FIRST_MINUTE_MS = 60000;
const PINGS = 10; /* it sends one in five seconds */
const ASKED = ['GET /api/user/me', 'GET /api/user/all_avatars', 'GET /api/user/endpoints/all', 'GET /api/user/paramurl', 'GET /api/streaming/sources',
  'GET /api/astproxy/feature_codes', 'GET /api/astproxy/extensions', 'GET /api/ws/'];

const site = await Site.start();
const { dialtone } = site;

async function userWith(type, fields) {
  const user = await createOperator(dialtone, everything, { display_name: 'Alice Example' });
  await addExtension(dialtone, user, { type, ...fields });
  return user;
}

/* A client may ask for the same more than once. */
const asked = (screen) => [...new Set(screen.answers.map(({ method, path }) => `${method} ${path}`))].filter((line) => line.includes('/api/')).sort();

test('first_minute_has_no_refusal_and_no_complaint', async (t) => {
  const screen = await site.open(await userWith('physical'));
  await pause(FIRST_MINUTE_MS);
  for (const { method, path, status } of screen.answers) t.diagnostic(`${status} ${method} ${path}`);
  screen.assertContent();
  assert.deepEqual(asked(screen), [...ASKED].sort());
  assert.ok(screen.frames.filter(({ text }) => /^43\d+\[\]$/.test(text)).length >= PINGS, 'its pings are answered');
  assert.equal(screen.logins(), 1);
  await screen.shows('');
  await screen.close();
});

/* A telephone in the page needs a media gateway, Janus, which an operator puts behind /janus; all else is as above. */
test('telephone_in_the_page_lacks_its_media_gateway_and_nothing_else', async () => {
  const user = await userWith('webrtc', { secret: 'a-secret-of-its-own' });
  const [{ id, secret }] = (await dialtone.api('GET', '/api/user/me', { token: user.token })).json.endpoints.extension;
  const screen = await site.open(user, { phone: `${id}:${secret}:127.0.0.1:5060` });
  await screen.untilAnswered('/janus');
  await screen.shows('Connection error Click icon to reconnect');
  assert.deepEqual(asked(screen), [...ASKED].sort());
  const refused = screen.answers.filter(({ status }) => status >= 300);
  assert.deepEqual([...new Set(refused.map(({ method, path, status }) => `${status} ${method} ${path}`))], ['404 POST /janus']);
  await screen.close();
});
