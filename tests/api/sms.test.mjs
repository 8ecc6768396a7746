/* Text messages, by any gateway that takes a POST and by OVH, on good days and on bad ones. */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';

import { Gateway, gatewayDirectory } from '../lib/gateways.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await ownInstance();
const dir = await gatewayDirectory();
const json = (status, body, headers) => ({ status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });

let onRequest = () => json(200, {});
const gateway = await Gateway.start(dir, async (request) => onRequest(request));
const file = async (name, text) => {
  await fs.writeFile(path.join(dir, name), text);
  return path.join(dir, name);
};

const SECRETS = { application: 'AS-application-secret', consumer: 'CK-consumer-key', bearer: 'webhook-secret-0123456789' };
await dialtone.remember(...Object.values(SECRETS));
await dialtone.writeSettings({ outgoing_private: '127.0.0.1', outgoing_ca_file: path.join(dir, 'server.crt') }, 'common');
const webhook = { sms_backend: 'webhook', sms_webhook_url: `${gateway.url}/send?to={to}`, sms_webhook_secret_file: await file('bearer', `${SECRETS.bearer}\n`), job_retry_s: 1 };
const ovh = { sms_backend: 'ovh', sms_ovh_url: `${gateway.url}/1.0`, sms_ovh_application_key: 'AK7', sms_ovh_sender: 'Dialtone',
  sms_ovh_secrets_file: await file('ovh', `${SECRETS.application}\n${SECRETS.consumer}\n`) };

/* Of jobs: they say that they have read them. */
async function configureJobs(settings) {
  const count = async () => (await dialtone.log('jobs')).split('msg=started').length;
  const before = await count();
  await dialtone.writeSettings(settings, 'jobs');
  await dialtone.stop('jobs');
  await dialtone.start('jobs');
  await until(async () => (await count()) > before, { what: 'jobs that know the settings' });
}

let numbers = 0;
const newNumber = () => `+336${String(10000000 + Date.now() % 80000000 + numbers++).padStart(8, '0')}`;

/* A user who asks for a code that goes to this number. */
async function askForCode(number, language = 'en') {
  const { json: creation } = await dialtone.api('POST', '/api/account_creation_tokens', { as: 'admin' });
  const username = `sms${crypto.randomBytes(5).toString('hex')}`;
  const made = await dialtone.api('POST', '/api/accounts/public', { headers: { 'accept-language': language }, body: { username, algorithm: 'SHA-256', password: 'long enough 1', phone: number,
    account_creation_token: creation.token } });
  assert.equal(made.status, 200, made.text);
  return made.json;
}

const waits = async () => Number((await dialtone.sql("SELECT count(*) FROM jobs WHERE kind LIKE 'sms.%' AND ended_at IS NULL"))[0][0]);
const last = async (column) => (await dialtone.sql(`SELECT ${column} FROM jobs WHERE kind LIKE 'sms.%' ORDER BY id DESC LIMIT 1`))[0]?.[0];
const came = (start) => until(() => gateway.to(start).length > 0, { what: `a request to ${start}` });
const done = () => until(async () => (await waits()) === 0, { what: 'the end of all jobs' });
const drop = () => dialtone.sql("DELETE FROM jobs WHERE kind LIKE 'sms.%'");
const failed = () => until(async () => /./.test(await last("coalesce(failure, '')")), { what: 'a failure that is kept' });

test('without_a_back_end_messages_wait_and_nothing_is_above_info', async () => {
  await askForCode(newNumber());
  assert.equal(await waits(), 1);
  assert.equal(await last('attempts'), '0');
  assert.doesNotMatch(await dialtone.log('jobs'), /level=(warn|error)/);
});

test('a_webhook_gets_the_code_in_the_language_of_the_caller', async () => {
  await drop();
  await configureJobs(webhook);
  for (const [language, text] of [['en', /^Your .+ creation code is (\d{4})\. The code is available for \d+ minutes$/], ['fr', /^Votre code de création .+ est (\d{4})\./],
    ['it', /^Il tuo codice di creazione .+ è (\d{4})\./]]) {
    gateway.clear();
    const number = newNumber();
    const account = await askForCode(number, language);
    await came('/send');
    const { path: where, headers, body, method } = gateway.requests[0];
    assert.deepEqual([method, where], ['POST', `/send?to=${encodeURIComponent(number)}`]);
    assert.deepEqual([headers.authorization, headers['content-type']], [`Bearer ${SECRETS.bearer}`, 'application/json']);
    assert.match(headers['idempotency-key'], /^[0-9a-f-]{36}$/);
    const { to, message } = JSON.parse(body);
    assert.equal(to, number);
    const [, code] = message.match(text);
    await done();
    const activated = await dialtone.api('POST', `/api/accounts/${account.username}@${account.domain}/activate/phone`, { body: { confirmation_key: code } });
    assert.equal(activated.status, 200, activated.text);
  }
});

test('an_operator_tries_it_out_with_a_number', async () => {
  gateway.clear();
  const tried = await dialtone.ctl(['jobs', 'test', 'sms', '+33612345678']);
  assert.equal(tried.status, 0, tried.stderr);
  assert.deepEqual(JSON.parse(gateway.requests[0].body), { to: '+33612345678', message: 'This is a test of Dialtone.' });
  assert.match((await dialtone.ctl(['jobs', 'test', 'sms', '0612345678'])).stderr, /no address for it/);
});

test('a_space_s_name_cannot_leave_its_place_in_the_message', async () => {
  const [[name]] = await dialtone.sql(`SELECT name FROM spaces WHERE domain = '${dialtone.env.DIALTONE_DOMAIN}'`);
  const odd = 'A"b\\\n{code}\u0001&c=1';
  await dialtone.sql(`UPDATE spaces SET name = E'A"b\\\\\\n{code}\\x01&c=1' WHERE domain = '${dialtone.env.DIALTONE_DOMAIN}'`);
  for (const body of ['{"message":"{message}","x":1}', 'x=1&message={message}']) {
    gateway.clear();
    await configureJobs({ sms_webhook_body: body });
    await askForCode(newNumber());
    await came('/send');
    const sent = body[0] === '{' ? JSON.parse(gateway.requests[0].body) : Object.fromEntries(new URLSearchParams(gateway.requests[0].body));
    assert.equal(sent.x, body[0] === '{' ? 1 : '1');
    assert.ok(sent.message.startsWith(`Your ${odd.replace(/[\n\u0001]/g, ' ')} creation code is `), sent.message);
    await done();
  }
  await dialtone.sql(`UPDATE spaces SET name = '${name}' WHERE domain = '${dialtone.env.DIALTONE_DOMAIN}'`);
});

test('a_gateway_that_fails_gets_it_again_with_the_same_key_and_never_when_it_refuses', async () => {
  gateway.clear();
  let failures = 2;
  onRequest = () => (failures-- > 0 ? json(failures ? 500 : 429, {}, { 'retry-after': '1' }) : json(202, {}));
  await askForCode(newNumber());
  await done();
  const keys = gateway.requests.map(({ headers }) => headers['idempotency-key']);
  assert.equal(keys.length, 3);
  assert.equal(new Set(keys).size, 1);
  gateway.clear();
  onRequest = () => json(422, { error: 'no such number' });
  await askForCode(newNumber());
  await done();
  assert.equal(gateway.requests.length, 1);
  assert.equal(await last('failure'), 'the gateway answers 422');
  onRequest = () => json(200, {});
});

test('whatever_a_gateway_does_the_message_waits_for_a_better_day', async () => {
  const large = 'x'.repeat(1 << 20);
  const days = [
    [async () => undefined, /./],
    [async () => ({ status: 200, headers: { 'content-length': '100' }, stream: async (reply) => {
      reply.write('{"na');
      reply.stream.session.destroy();
    } }), /./],
    [async () => ({ status: 200, stream: async (reply) => {
      for (let i = 0; i < 10 && !reply.stream.destroyed; i++) await new Promise((resolve) => reply.write(large, resolve));
      reply.end();
    } }), /too large/],
    [async () => ({ status: 302, headers: { location: 'http://169.254.169.254/' } }), /302, a redirect/],
    [async () => ({ status: 503, headers: { 'retry-after': '300' } }), /503/],
  ];
  for (const [day, wanted] of days) {
    gateway.clear();
    await drop();
    onRequest = day;
    await askForCode(newNumber());
    await failed();
    assert.match(await last('failure'), wanted);
    assert.equal(await waits(), 1);
  }
  assert.ok(Number(await last('extract(epoch FROM due_at - now())')) > 60, 'it waits for as long as it was asked to');
  await drop();
  onRequest = () => json(200, {});
});

/* As OVH checks it: the clock within half a minute, the signature over all that was said. */
function assertSigned({ method, path: where, headers, body }, now) {
  const time = headers['x-ovh-timestamp'];
  assert.ok(Math.abs(Number(time) - now) < 30, 'the time is the server\'s');
  assert.deepEqual([headers['x-ovh-application'], headers['x-ovh-consumer']], ['AK7', SECRETS.consumer]);
  const signed = [SECRETS.application, SECRETS.consumer, method, `${gateway.url}${where}`, body, time].join('+');
  assert.equal(headers['x-ovh-signature'], `$1$${crypto.createHash('sha1').update(signed).digest('hex')}`);
}

test('OVH_gets_signed_requests_by_its_own_clock', async () => {
  await configureJobs(ovh);
  gateway.clear();
  const now = () => Math.floor(Date.now() / 1000) - 7200;
  onRequest = ({ path: where }) => {
    if (where === '/1.0/auth/time') return { status: 200, body: String(now()) };
    if (where === '/1.0/sms') return json(200, ['sms-ab1234-1', 'sms-ab1234-2']);
    return json(200, { ids: [1], validReceivers: ['+33'], invalidReceivers: [], totalCreditsRemoved: 1 });
  };
  const number = newNumber();
  await askForCode(number);
  await done();
  const [time, list, job] = gateway.requests;
  assert.equal(time.headers['x-ovh-signature'], undefined);
  assert.deepEqual([list.method, list.path, job.method, job.path], ['GET', '/1.0/sms', 'POST', '/1.0/sms/sms-ab1234-1/jobs']);
  assertSigned(list, now());
  assertSigned(job, now());
  const { message, ...rest } = JSON.parse(job.body);
  assert.match(message, /creation code is \d{4}\./);
  assert.deepEqual(rest, { charset: 'UTF-8', class: 'phoneDisplay', coding: '7bit', noStopClause: true, priority: 'high', receivers: [number], sender: 'Dialtone',
    senderForResponse: false, validityPeriod: 2880 });
});

test('OVH_s_refusals_of_us_are_tried_again_and_those_of_a_number_are_not', async () => {
  const time = ({ path: where }) => (where === '/1.0/auth/time' ? { status: 200, body: String(Math.floor(Date.now() / 1000)) } : undefined);
  const days = [
    [() => ({ status: 200, body: 'soon' }), /tells no time/, 1],
    [(request) => time(request) ?? json(403, { errorCode: 'INVALID_CREDENTIAL', httpCode: '403 Forbidden', message: 'This credential is not valid' }), /403, INVALID_CREDENTIAL/, 1],
    [(request) => time(request) ?? json(200, ['../../me']), /names no service/, 1],
    [(request) => time(request) ?? json(200, []), /names no service/, 1],
    [(request) => time(request) ?? (request.method === 'GET' ? json(200, ['sms-1']) : json(400, { errorCode: 'INVALID_SIGNATURE', message: 'Invalid signature' })), /INVALID_SIGNATURE/, 1],
    [(request) => time(request) ?? (request.method === 'GET' ? json(200, ['sms-1']) : json(200, { validReceivers: [], invalidReceivers: ['+33'] })), /no such number/, 0],
    [(request) => time(request) ?? (request.method === 'GET' ? json(200, ['sms-1']) : { status: 200, body: '<html>' }), /nonsense/, 1],
  ];
  for (const [day, wanted, waiting] of days) {
    await drop();
    onRequest = day;
    await askForCode(newNumber());
    await failed();
    assert.match(await last('failure'), wanted);
    assert.equal(await waits(), waiting, String(wanted));
  }
  await drop();
  await configureJobs({ sms_ovh_secrets_file: await file('half', 'only one\n') });
  await askForCode(newNumber());
  await failed();
  assert.match(await last('failure'), /no two secrets/);
  await drop();
});

test('a_gateway_that_is_not_named_is_not_called', async () => {
  await dialtone.writeSettings({ outgoing_private: '' }, 'common');
  await configureJobs(webhook);
  gateway.clear();
  await askForCode(newNumber());
  await failed();
  assert.match(await last('failure'), /127\.0\.0\.1 is not to be reached \(setting outgoing_private\)/);
  assert.equal(gateway.requests.length, 0);
  await drop();
});
