/* Push notifications by Firebase, by Apple and by flexisip_pusher, on good days and on bad ones. */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';

import { createUser } from '../lib/accounts.mjs';
import { Gateway, gatewayDirectory, pem, verifiedToken } from '../lib/gateways.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await ownInstance();
const dir = await gatewayDirectory();
const rsa = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
const sent = { status: 200, body: '{"name":"projects/p/messages/1"}' };
const json = (status, body, headers) => ({ status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });

let accessToken = 'ya29.first';
let onSend = () => sent;
const gateway = await Gateway.start(dir, async (request) => {
  if (request.path === '/token') return json(200, { access_token: accessToken, expires_in: 3599, token_type: 'Bearer' });
  return onSend(request);
});

await fs.mkdir(path.join(dir, 'fcm'));
await fs.writeFile(path.join(dir, 'fcm', 'my_project.json'), JSON.stringify({ type: 'service_account', project_id: 'my-project', private_key_id: 'key-1',
  private_key: pem(rsa.privateKey, 'pkcs8'), client_email: 'push@my-project.example', token_uri: `${gateway.url}/token` }));
await fs.writeFile(path.join(dir, 'apns.p8'), pem(ec.privateKey, 'pkcs8'));

const native = { push_backend: 'native', push_fcm_directory: path.join(dir, 'fcm'), push_fcm_url: gateway.url, push_apns_key_file: path.join(dir, 'apns.p8'),
  push_apns_key_id: 'KEY7', push_apns_team_id: 'TEAM123456', push_apns_url: gateway.url, push_apns_sandbox_url: `${gateway.url}/sandbox`,
  outgoing_private: '127.0.0.1', outgoing_ca_file: path.join(dir, 'server.crt') };
await dialtone.configureApi(native, 'common');

const user = await createUser(dialtone);
const device = () => ({ pn_provider: 'fcm', pn_param: 'my_project', pn_prid: `device:${crypto.randomBytes(8).toString('hex')}` });
const apple = () => ({ pn_provider: 'apns', pn_param: 'TEAM123456.org.example.app.remote', pn_prid: `${crypto.randomBytes(32).toString('hex')}:remote` });
const CREATION = '/api/account_creation_tokens/send-by-push';
const pushToken = (body = device(), where = CREATION) => dialtone.api('POST', where, { body });
const notify = (type, to, more) => dialtone.api('POST', '/api/push_notification', { key: user.key, body: { ...to, type, ...more } });
const stored = async (prid) => Number((await dialtone.sql(`SELECT (SELECT count(*) FROM account_creation_tokens WHERE pn_prid = '${prid}')
  + (SELECT count(*) FROM account_recovery_tokens WHERE pn_prid = '${prid}')`))[0][0]);

function assertSent(answer) {
  assert.deepEqual([answer.status, answer.text], [200, '']);
}

async function assertNotSent(body, where) {
  const answer = await pushToken(body, where);
  assert.equal(answer.status, 503, answer.text);
  assert.equal(await stored(body.pn_prid), 0, 'nothing is stored');
  return answer;
}

test('firebase_gets_a_creation_token_that_opens_something_in_a_message_of_texts', async () => {
  gateway.clear();
  const to = device();
  assertSent(await pushToken(to));
  const [{ body: form, headers: asked }] = gateway.to('/token');
  assert.equal(asked['content-type'], 'application/x-www-form-urlencoded');
  const { grant_type: grant, assertion } = Object.fromEntries(new URLSearchParams(form));
  assert.equal(grant, 'urn:ietf:params:oauth:grant-type:jwt-bearer');
  const { header, claims } = verifiedToken(assertion, rsa.publicKey, { algorithm: 'RS256' });
  assert.equal(header.kid, 'key-1');
  assert.deepEqual([claims.iss, claims.aud, claims.scope], ['push@my-project.example', `${gateway.url}/token`, 'https://www.googleapis.com/auth/firebase.messaging']);
  assert.ok(Math.abs(claims.iat - Date.now() / 1000) < 60 && claims.exp > claims.iat && claims.exp <= claims.iat + 3600);
  const [{ headers, body, method }] = gateway.to('/v1/projects/my-project/messages:send');
  assert.deepEqual([method, headers.authorization, headers['content-type']], ['POST', 'Bearer ya29.first', 'application/json']);
  const { message } = JSON.parse(body);
  assert.equal(message.token, to.pn_prid);
  assert.equal(message.android.priority, 'high');
  assert.match(message.android.ttl, /^\d+s$/);
  assert.ok(Object.values(message.android.data).every((value) => typeof value === 'string'));
  const { token } = JSON.parse(message.android.data['custom-payload']);
  assert.match(token, /^[A-Za-z0-9]{13}$/);
  await dialtone.remember(token);
  const used = await dialtone.api('POST', '/api/account_creation_tokens/consume', { key: user.key, body: { account_creation_token: token } });
  assert.equal(used.status, 200, used.text);
  assert.equal(used.json.used, true);
});

test('all_three_calls_send_one_and_store_it_with_its_device', async () => {
  for (const where of [CREATION, '/api/tokens', '/api/account_recovery_tokens/send-by-push']) {
    const to = device();
    assertSent(await pushToken(to, where));
    assert.equal(await stored(to.pn_prid), 1, where);
  }
  const [[expires]] = await dialtone.sql("SELECT count(*) FROM account_recovery_tokens WHERE expires_at > now() + interval '50 minutes' AND ip IS NOT NULL");
  assert.ok(Number(expires) >= 1, 'a recovery token ends');
});

test('a_device_that_uses_none_of_its_tokens_gets_no_fifth_one', async () => {
  const to = device();
  for (let i = 0; i < 4; i++) assertSent(await pushToken(to));
  const answer = await pushToken(to);
  assert.equal(answer.status, 403, answer.text);
  assert.ok(Number(answer.header('retry-after')) > 0);
});

test('an_access_token_is_asked_for_once_a_worker_and_again_when_it_is_refused', async () => {
  gateway.clear();
  for (let i = 0; i < 6; i++) assertSent(await pushToken());
  assert.ok(gateway.to('/token').length <= 1, 'one worker may not have had it yet');
  accessToken = 'ya29.second';
  onSend = ({ headers }) => (headers.authorization === 'Bearer ya29.second' ? sent : json(401, { error: { status: 'UNAUTHENTICATED' } }));
  for (let i = 0; i < 6; i++) assertSent(await pushToken());
  accessToken = 'ya29.refused';
  onSend = () => json(401, { error: { status: 'UNAUTHENTICATED' } });
  gateway.clear();
  await assertNotSent(device());
  assert.equal(gateway.to('/token').length, 1, 'once, and no more');
  onSend = () => sent;
});

test('a_device_that_is_gone_is_no_failure_of_ours', async () => {
  onSend = () => json(404, { error: { code: 404, status: 'NOT_FOUND', details: [{ '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode: 'UNREGISTERED' }] } });
  await assertNotSent(device());
  onSend = () => json(410, { reason: 'Unregistered', timestamp: 1 });
  await assertNotSent(apple());
  onSend = () => sent;
  assert.match(await dialtone.log('api'), /level=info.*fcm: the device is not registered any more/);
  assert.match(await dialtone.log('api'), /level=info.*apns: the device is not registered any more/);
});

test('apple_gets_each_type_over_HTTP_2_with_a_token_that_is_kept', async () => {
  gateway.clear();
  onSend = () => ({ status: 200 });
  const to = apple();
  const [hex] = to.pn_prid.split(':');
  const wanted = { background: ['background', '5', 'org.example.app'], message: ['alert', '10', 'org.example.app'], call: ['voip', '10', 'org.example.app.voip'] };
  const tokens = new Set();
  for (const [type, expected] of Object.entries(wanted)) {
    assertSent(await notify(type, to, { call_id: 'a84b4c76@pc33' }));
    const { headers, path: where, version, body } = gateway.requests.at(-1);
    assert.deepEqual([version, where], ['2.0', `/3/device/${hex}`]);
    assert.deepEqual([headers['apns-push-type'], headers['apns-priority'], headers['apns-topic']], expected);
    assert.ok(Number(headers['apns-expiration']) > Date.now() / 1000);
    const [scheme, token] = headers.authorization.split(' ');
    assert.equal(scheme, 'bearer');
    const { header, claims } = verifiedToken(token, ec.publicKey, { algorithm: 'ES256' });
    assert.equal(header.kid, 'KEY7');
    assert.equal(claims.iss, 'TEAM123456');
    assert.ok(Math.abs(claims.iat - Date.now() / 1000) < 60);
    tokens.add(token);
    const { aps, ...rest } = JSON.parse(body);
    assert.equal(aps['content-available'], type === 'background' ? 1 : undefined);
    assert.equal(aps['mutable-content'], type === 'message' ? 1 : undefined);
    assert.equal(rest['call-id'], 'a84b4c76@pc33');
    assert.ok(Buffer.byteLength(body) <= 4096);
  }
  assert.ok(tokens.size <= 2, 'one a worker');
  assertSent(await pushToken({ ...to, pn_provider: 'apns.dev' }));
  assert.match(JSON.parse(gateway.to('/sandbox/3/device/')[0].body).customPayload.token, /^[A-Za-z0-9]{13}$/);
  onSend = () => sent;
});

test('apple_s_word_that_the_token_has_expired_renews_it_once', async () => {
  const expired = () => json(403, { reason: 'ExpiredProviderToken' });
  let first = true;
  gateway.clear();
  onSend = () => (first ? ((first = false), expired()) : { status: 200 });
  assertSent(await notify('message', apple()));
  const [a, b] = gateway.requests.map(({ headers }) => headers.authorization);
  assert.notEqual(a, b);
  gateway.clear();
  onSend = expired;
  await assertNotSent(apple());
  assert.equal(gateway.requests.length, 2);
  onSend = () => sent;
});

test('what_is_no_device_of_apple_s_is_never_sent', async () => {
  gateway.clear();
  for (const change of [{ pn_prid: 'not-hex' }, { pn_prid: ':remote' }, { pn_param: 'TEAM123456' }, { pn_param: '.org.example.app' }]) {
    await assertNotSent({ ...apple(), ...change });
  }
  assert.equal(gateway.requests.length, 0);
});

test('an_application_without_a_file_is_not_served_and_no_file_elsewhere_is_looked_at', async () => {
  gateway.clear();
  for (const param of ['other', '..', '.', '..my_project']) await assertNotSent({ ...device(), pn_param: param });
  assert.equal((await pushToken({ ...device(), pn_param: '../fcm/my_project' })).status, 422);
  assert.doesNotMatch(await dialtone.log('api'), /level=warn.*(other|service account)/, 'strangers choose the name');
  assert.equal(gateway.requests.length, 0);
});

test('a_notification_for_no_device_in_particular_is_not_sent', async () => {
  assert.equal((await dialtone.api('POST', '/api/push_notification', { key: user.key, body: { pn_provider: 'fcm', type: 'call' } })).status, 503);
});

test('a_service_that_misbehaves_is_503_and_stores_nothing', async () => {
  const large = 'x'.repeat(1 << 20);
  const days = {
    'closes in the middle': async () => ({ status: 200, headers: { 'content-length': '100' }, stream: async (reply) => {
      reply.write('{"na');
      reply.stream.session.destroy();
    } }),
    'closes at once': async () => undefined,
    '10 MiB': async () => ({ status: 200, stream: async (reply) => {
      for (let i = 0; i < 10 && !reply.stream.destroyed; i++) await new Promise((resolve) => reply.write(large, resolve));
      reply.end();
    } }),
    redirect: async () => ({ status: 302, headers: { location: 'http://169.254.169.254/latest/meta-data/' } }),
    '429': async () => json(429, {}, { 'retry-after': '30' }),
    '500': async () => ({ status: 500, body: 'garbage \u0000 \u001b[31m' }),
  };
  for (const [day, answer] of Object.entries(days)) {
    gateway.clear();
    onSend = answer;
    const to = device();
    const refused = await assertNotSent(to);
    assert.match(refused.json.message, /cannot be sent/, day);
    onSend = () => sent;
    assertSent(await pushToken(to));
  }
});

test('while_a_service_hangs_one_request_waits_and_the_others_do_not', async () => {
  let release;
  const hanging = new Promise((resolve) => { release = resolve; });
  gateway.clear();
  onSend = async () => {
    await hanging;
    return sent;
  };
  const waiting = pushToken();
  await until(() => gateway.to('/v1/').length === 1, { what: 'the request that waits' });
  const refused = await Promise.all(Array.from({ length: 5 }, () => pushToken()));
  for (const answer of refused) assert.deepEqual([answer.status, answer.header('retry-after')], [503, '1'], answer.text);
  for (const { status } of await Promise.all(Array.from({ length: 20 }, () => dialtone.api('GET', '/api/ping')))) assert.equal(status, 200);
  assert.equal(gateway.to('/v1/').length, 1);
  release();
  assertSent(await waiting);
  onSend = () => new Promise(() => {});
  await assertNotSent(device());
  onSend = () => sent;
});

test('an_operator_tries_it_out_with_a_device', async () => {
  gateway.clear();
  const to = device();
  const tried = await dialtone.ctl(['jobs', 'test', 'push', `fcm:my_project:${to.pn_prid}`]);
  assert.equal(tried.status, 0, tried.stderr);
  assert.equal(JSON.parse(gateway.to('/v1/')[0].body).message.token, to.pn_prid);
  onSend = () => json(410, { reason: 'Unregistered' });
  const gone = await dialtone.ctl(['jobs', 'test', 'push', `apns:TEAM123456.org.example.app:${apple().pn_prid}`]);
  assert.notEqual(gone.status, 0);
  assert.match(gone.stderr + gone.stdout, /the device is not registered any more/);
  onSend = () => sent;
  for (const bad of ['fcm', 'fcm:my_project', 'gcm:my_project:device', 'fcm:../x:device', 'fcm:my_project:-device']) {
    assert.match((await dialtone.ctl(['jobs', 'test', 'push', bad])).stderr, /no address for it/, bad);
  }
});

test('addresses_that_the_settings_do_not_name_are_not_called', async () => {
  await dialtone.configureApi({ outgoing_private: '' }, 'common');
  gateway.clear();
  await assertNotSent(device());
  await assertNotSent(apple());
  assert.equal(gateway.requests.length, 0);
  assert.match(await dialtone.log('api'), /127\.0\.0\.1 is not to be reached \(setting outgoing_private\)/);
  await dialtone.configureApi({ outgoing_private: '127.0.0.1', outgoing_ca_file: '' }, 'common');
  await assertNotSent(apple());
  assert.equal(gateway.requests.length, 0, 'a certificate of no authority is not trusted');
});

/* What it was called with, and how it ends. */
async function pusher(script) {
  const file = path.join(dir, 'flexisip_pusher');
  await fs.writeFile(file, `#!/bin/sh\nprintf '%s\\n' "$@" > ${dir}/arguments\nenv > ${dir}/environment\n${script}\n`, { mode: 0o755 });
  await dialtone.configureApi({ push_backend: 'flexisip-pusher', push_flexisip_pusher: file, push_flexisip_pusher_keys: 'my_project:AAA:b:c other:/x.json' }, 'common');
}

const argumentsOf = async () => (await fs.readFile(path.join(dir, 'arguments'), 'utf8')).trim().split('\n');

test('flexisip_pusher_gets_its_arguments_and_nothing_else_of_ours', async () => {
  await pusher('exit 0');
  const to = device();
  assertSent(await pushToken(to));
  const words = await argumentsOf();
  const [payload] = words.splice(words.indexOf('--customPayload') + 1, 1);
  assert.match(payload, /^\{"token":"[A-Za-z0-9]{13}"\}$/);
  assert.deepEqual(words, ['--pn-provider', 'fcm', '--pn-param', 'my_project', '--pn-prid', to.pn_prid, '--customPayload', '--key', 'AAA:b:c']);
  assert.doesNotMatch(await fs.readFile(path.join(dir, 'environment'), 'utf8'), /DIALTONE|ASAN/);
  for (const [type, word] of [['background', 'Background'], ['message', 'RemoteWithMutableContent'], ['call', 'PushKit']]) {
    const target = apple();
    assertSent(await notify(type, target, { call_id: 'call@host' }));
    assert.deepEqual(await argumentsOf(), ['--pn-provider', 'apns', '--pn-param', target.pn_param, '--pn-prid', target.pn_prid, '--call-id', 'call@host',
      '--apple-push-type', word]);
  }
});

test('flexisip_pusher_that_fails_hangs_or_is_not_there_has_not_sent_it', async () => {
  await pusher('echo "no such key" >&2; exit 3');
  await assertNotSent(device());
  assert.match(await dialtone.log('api'), /flexisip_pusher ends with 3/);
  await pusher(`sleep 600 & echo $! > ${dir}/child; sleep 600`);
  await assertNotSent(device());
  assert.match(await dialtone.log('api'), /flexisip_pusher takes too long/);
  const child = Number(await fs.readFile(path.join(dir, 'child'), 'utf8'));
  await until(async () => !/^State:\s+[RSD]/m.test(await fs.readFile(`/proc/${child}/status`, 'utf8').catch(() => '')), { what: 'the end of what it started' });
  await dialtone.configureApi({ push_flexisip_pusher: '/nonexistent/flexisip_pusher' }, 'common');
  await assertNotSent(device());
  await pusher('head -c 100000000 /dev/zero; exit 0');
  assertSent(await pushToken());
});
