/* What is refused for a limit of the API is seen: a body, a count by reason, a line that names the setting (cti-api 1.0, realtime 8). */
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { test } from 'node:test';

import { createAccount, createUser, login, randomName } from '../lib/accounts.mjs';
import { buildDir, ownInstance, sourceDir } from '../lib/instance.mjs';
import { askFor, askedFor, confirm, createValidated, newPhone, wrongOf } from '../lib/codes.mjs';
import { drip, fakeServer } from '../lib/fake_server.mjs';
import { newEnrolled } from '../lib/otp.mjs';
import { runOk } from '../lib/run.mjs';
import { until } from '../lib/until.mjs';

const BURST = 12, PER_MINUTE = 30, PER_DAY = 40;
const dialtone = await ownInstance({
  options: ['--workers', '2', '--set', 'request_rate=1', '--set', `request_burst=${BURST}`, '--set', 'stranger_rate=1', '--set', 'stranger_burst=200',
    '--set', `account_requests_per_minute=${PER_MINUTE}`, '--set', `public_tokens_per_minute=${PER_MINUTE}`, '--set', `public_tokens_per_day=${PER_DAY}`,
    '--set', 'password_failures_per_address=20'],
  rates: ['--login-rate', '1000r/s'],
});
const socketPath = path.join(path.dirname(dialtone.env.DIALTONE_REDIS.replace('unix://', '')), 'api.ctl');
const api = (method, where, options) => dialtone.api(method, where, options);
const times = async (n, fn) => { for (let i = 0; i < n; i++) await fn(i); };

let network = 0;
const newAddress = () => `127.2.0.${2 * network++ + 1}`;

const scrape = () => new Promise((resolve, reject) => {
  http.get({ socketPath, path: '/metrics' }, (answer) => {
    let text = '';
    answer.setEncoding('utf8').on('data', (part) => (text += part)).on('end', () => resolve({ text, answer }));
  }).on('error', reject);
});

async function counts() {
  const { text } = await scrape();
  return Object.fromEntries([...text.matchAll(/^dialtone_api_refused_total\{reason="(\w+)"\} (\d+)$/mg)].map(([, reason, n]) => [reason, Number(n)]));
}

/* Each gives a function that is to be refused, once everything is set up. */
const limits = {
  request_rate: { status: 429, setting: 'request_rate', cti: true, async prepare() {
    const token = await login(dialtone, await createAccount(dialtone));
    return () => api('GET', '/api/2fa/status', { token });
  } },
  account_requests: { status: 429, setting: 'account_requests_per_minute', async prepare() {
    const { key } = await createUser(dialtone);
    return () => api('GET', '/api/accounts/me', { key });
  } },
  stranger_rate: { status: 429, setting: 'stranger_rate', async prepare() {
    const localAddress = newAddress();
    return () => api('GET', '/api/accounts', { localAddress });
  } },
  public_tokens_per_minute: { status: 429, setting: 'public_tokens_per_minute', async prepare() {
    const localAddress = newAddress();
    return () => api('POST', '/api/account_creation_request_tokens', { body: {}, localAddress });
  } },
  public_tokens_per_day: { status: 429, setting: 'public_tokens_per_day', async prepare() {
    const localAddress = newAddress();
    const ask = () => api('POST', '/api/account_creation_request_tokens', { body: {}, localAddress });
    await times(PER_MINUTE, ask);
    await dialtone.redis('eval', "for _, k in ipairs(redis.call('keys', '*rate:t:*')) do redis.call('del', k) end", '0');
    return ask;
  } },
  password_lock: { status: 401, setting: 'password_failures_per_account', cti: true, async prepare() {
    const { username } = await createAccount(dialtone);
    const localAddress = newAddress();
    return () => api('POST', '/api/login', { body: { username, password: 'not it' }, localAddress });
  } },
  network_lock: { status: 401, setting: 'password_failures_per_address', cti: true, async prepare() {
    const localAddress = newAddress();
    return () => api('POST', '/api/login', { body: { username: randomName('none'), password: 'not it' }, localAddress });
  } },
  code_lock: { status: 429, setting: '-', cti: true, async prepare() {
    const { account } = await newEnrolled(dialtone);
    let token;
    return async (i) => {
      if (i % 4 === 0) token = await login(dialtone, account);
      return api('POST', '/api/2fa/verify-otp', { token, body: { username: account.username, token: '000000', otp: '000000' } });
    };
  } },
  change_requests: { status: 403, setting: 'blocking_amount_events_authorized_during_period', async prepare() {
    const user = await createValidated(dialtone);
    return async () => {
      await dialtone.sql(`UPDATE accounts SET blocked = false WHERE id = ${user.id}`);
      return askFor(dialtone, user, 'phone', newPhone());
    };
  } },
  change_tries: { status: 410, setting: '-', async prepare() {
    const user = await createValidated(dialtone);
    const code = await askedFor(dialtone, user, 'phone', newPhone());
    return () => confirm(dialtone, user, 'phone', wrongOf(code));
  } },
  push_notifications: { status: 429, setting: 'push_notifications_per_hour', async prepare() {
    const { key } = await createUser(dialtone);
    const body = { pn_provider: 'fcm', pn_param: 'app', pn_prid: 'abc', type: 'message' };
    return async (i) => {
      if (i % 20 === 0) await dialtone.redis('eval', "for _, k in ipairs(redis.call('keys', '*rate:i:*')) do redis.call('del', k) end", '0');
      return api('POST', '/api/push_notification', { key, body });
    };
  } },
  body_size: { status: 413, setting: '-', cti: true, async prepare() {
    const localAddress = newAddress();
    return () => api('POST', '/api/login', { body: { username: 'x'.repeat(40000) }, localAddress });
  } },
  limit_reached: { status: 403, setting: '-', async prepare() {
    const { id } = await createAccount(dialtone);
    await dialtone.sql(`UPDATE accounts SET dictionary = jsonb_build_object('long', repeat('v', 65000)) WHERE id = ${id}`);
    return () => api('POST', `/api/accounts/${id}/dictionary/more`, { as: 'admin', body: { value: 'v'.repeat(1000) } });
  } },
  waiting_full: { status: 503, setting: 'workers', async prepare() {
    const fake = await fakeServer((socket) => { socket.write('$100000\r\n'); drip(socket); });
    await dialtone.configureApi({ registrar: 'redis', registrar_redis: `unix:${fake.path}` });
    const users = await Promise.all([createUser(dialtone), createUser(dialtone)]);
    const devices = ({ key }) => dialtone.api('GET', '/api/accounts/me/devices', { key });
    devices(users[0]);
    await until(() => fake.connections > 0, { what: 'one to wait' });
    return () => devices(users[1]);
  } },
  contacts_too_many: { status: 403, setting: '-', async prepare() {
    const { id, key } = await createUser(dialtone);
    const ids = await dialtone.bulkAccounts('contact', 20001);
    await dialtone.sql(`INSERT INTO contacts (account_id, contact_id) SELECT ${id}, generate_series(${Math.min(...ids)}, ${Math.max(...ids)})`);
    return () => api('GET', '/api/accounts/me/contacts', { key });
  } },
};

for (const [reason, { status, setting, cti, prepare }] of Object.entries(limits)) {
  test(`${reason}: ten refusals are ten in the count, each with a body, and a line names the setting`, async () => {
    await dialtone.redis('flushall');
    await dialtone.sql('DELETE FROM guesses');
    const ask = await prepare();
    const before = await counts();
    let refused = 0;
    for (let i = 0; refused < 10; i++) {
      assert.ok(i < 300, `refused ${refused} times only`);
      const answer = await ask(i);
      if (answer.status !== status || (status === 401 && !answer.header('retry-after'))) continue;
      refused++;
      assert.equal(typeof answer.json.message, 'string', answer.text);
      if (cti) assert.deepEqual([answer.json.code, answer.json.data], [status, null]);
      if (status === 429) assert.ok(Number(answer.header('retry-after')) >= 1);
    }
    assert.deepEqual(await counts(), { ...before, [reason]: before[reason] + 10 });
    await until(async () => new RegExp(`event=refused reason=${reason} status=${status} setting=${setting} address=\\S+ left_out=`).test(await dialtone.log('api')),
      { what: `a line about ${reason}` });
  });
}

test('what is counted outlives the workers, is told as a table too, and every reason stands in docs/security.md', async () => {
  const before = await counts();
  /* What is too large for one answer is answered with a part (directory_many). */
  assert.deepEqual(Object.keys(before).sort(), [...Object.keys(limits), 'directory_too_large'].sort());
  const supervisor = Number(await fs.readFile(path.join(path.dirname(socketPath), 'api.own.pid'), 'utf8'));
  const workers = async () => (await fs.readFile(`/proc/${supervisor}/task/${supervisor}/children`, 'utf8')).split(' ').filter(Boolean);
  const old = await workers();
  process.kill(supervisor, 'SIGHUP');
  await until(async () => (await workers()).every((pid) => !old.includes(pid)), { what: 'the workers to be replaced' });
  assert.deepEqual(await counts(), before);
  const { stdout } = await runOk(`${buildDir}/dialtonectl`, ['--config', dialtone.env.DIALTONE_CONFIG, 'api', 'status', socketPath, '--json']);
  const rows = JSON.parse(stdout);
  assert.deepEqual(Object.fromEntries(rows.filter(({ name }) => name === 'refused').map(({ labels, value }) => [/reason="(\w+)"/.exec(labels)[1], value])), before);
  const { answer, text } = await scrape();
  assert.match(answer.headers['content-type'], /^application\/openmetrics-text/);
  assert.ok(text.endsWith('# EOF\n'));
  const page = await fs.readFile(path.join(sourceDir, 'docs/security.md'), 'utf8');
  for (const reason of Object.keys(before)) assert.match(page, new RegExp(`^\\|.*\`${reason}\`.*\\|$`, 'm'), reason);
});

test('the figures are for the owner alone, and a caller who says nothing holds no worker for long', async () => {
  assert.equal((await fs.stat(socketPath)).mode & 0o777, 0o600);
  const silent = await Promise.all(Array.from({ length: 2 }, () => new Promise((resolve) => {
    const socket = http.request({ socketPath }).on('error', () => {}).on('socket', () => resolve(socket));
  })));
  const began = Date.now();
  assert.equal((await api('GET', '/api/accounts', { as: 'admin' })).status, 200);
  assert.ok(Date.now() - began < 5000);
  for (const socket of silent) socket.destroy();
});
