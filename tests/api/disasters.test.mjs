/* Each disaster that docs/backup.md names, walked through: what clients see, what stands in the log, how it ends. */
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';

import { createUser, login, randomName } from '../lib/accounts.mjs';
import { addExtension, createOperator } from '../lib/cti.mjs';
import { ownInstance, temporaryDirectory } from '../lib/instance.mjs';
import { begin, newEnrolled, verify } from '../lib/otp.mjs';
import { runOk } from '../lib/run.mjs';
import { until } from '../lib/until.mjs';

const isRoot = process.getuid() === 0;
const dialtone = await ownInstance();
const keysFile = path.join(dialtone.dir, 'keys');

const newWorkers = () => dialtone.configureApi({});
const created = async () => {
  const { status, json } = await dialtone.api('POST', '/api/accounts', { as: 'admin',
    body: { username: randomName('lost'), password: 'long enough', algorithm: 'SHA-256', activated: true } });
  assert.equal(status, 200);
  return json;
};
const linesWith = async (name, text) => (await dialtone.log(name)).split('\n').filter((line) => line.includes(text));
const ctl = async (...args) => {
  const { status, stdout, stderr } = await dialtone.ctl(args);
  return { status, stdout, stderr };
};

/* One with a second factor, one in the middle of setting it up, one with a device: made before anything is lost. */
const secured = await newEnrolled(dialtone);
const beginner = await createUser(dialtone);
await begin(dialtone, beginner.token);
const operator = await createOperator(dialtone);
await addExtension(dialtone, operator, { exten: '91201', type: 'webrtc' });

/* Secrets of this account are null, and whatever else one does with it works. */
async function livesWithoutSecrets(account) {
  const shown = await dialtone.api('GET', `/api/accounts/${account.id}`, { as: 'admin' });
  assert.equal(shown.status, 200, shown.text);
  assert.equal(shown.json.provisioning_token, null);
  const search = await dialtone.api('GET', '/api/accounts', { as: 'admin' });
  assert.equal(search.status, 200, search.text);
  const changed = await dialtone.api('PUT', `/api/accounts/${account.id}`, { as: 'admin',
    body: { username: account.username, password: 'another one', algorithm: 'SHA-256', display_name: 'Still here' } });
  assert.equal(changed.status, 200, changed.text);
}

test('keys_lost_accounts_live_on_without_their_secrets', async () => {
  const account = await created();
  const user = await createUser(dialtone);
  assert.notEqual(account.provisioning_token, null, 'there is a secret to lose');
  await fs.rename(keysFile, `${keysFile}.lost`);
  assert.equal((await ctl('keys', 'create')).status, 0);
  await newWorkers();

  await livesWithoutSecrets(account);
  assert.equal((await dialtone.api('GET', '/api/accounts/me', { key: user.key })).status, 200);
  assert.equal((await dialtone.api('GET', '/api/user/me', { token: user.token })).status, 401, 'sessions have ended');
  const token = await login(dialtone, user);
  assert.equal((await dialtone.api('GET', '/api/user/me', { token })).status, 200);
  const lines = await linesWith('api', 'cannot be read');
  assert.ok(lines.length >= 1 && lines.length <= 2, `a line a worker, not one a secret: ${lines.length}`);
  assert.match(lines[0], /forget-unreadable/);
});

test('keys_lost_no_door_of_the_second_factor_answers_500', async () => {
  const token = await login(dialtone, secured.account);
  const otp = await verify(dialtone, token, secured.app.fresh());
  assert.deepEqual([otp.status, otp.json.message], [400, 'invalid_otp']);
  assert.equal((await dialtone.api('GET', '/api/2fa/status', { token })).status < 500, true);
  const again = await begin(dialtone, await login(dialtone, beginner));
  assert.ok(again, 'a set-up that cannot be read begins anew');
});

test('keys_lost_secret_of_a_device_is_null', async () => {
  const token = await login(dialtone, operator);
  const { status, json } = await dialtone.api('GET', '/api/user/me', { token });
  assert.equal(status, 200);
  const device = json.endpoints.extension.find(({ type }) => type === 'webrtc');
  assert.equal(device.secret, null);
});

test('keys_lost_re_encrypt_says_one_line_and_forget_unreadable_ends_it', async () => {
  const sealed = await ctl('seal', 're-encrypt');
  assert.equal(sealed.status, 1);
  assert.match(sealed.stderr, /^\d+ sealed anew; [1-9]\d* that no key opens: .*\n$/);
  const dry = JSON.parse((await ctl('seal', 'forget-unreadable', '--json')).stdout);
  assert.ok(dry.provisioning_tokens > 0);
  assert.deepEqual(JSON.parse((await ctl('seal', 'forget-unreadable', '--json')).stdout), dry, 'nothing was changed');
  assert.equal((await ctl('seal', 'forget-unreadable', '--yes')).status, 0);
  assert.equal((await ctl('seal', 're-encrypt')).status, 0);
  const after_ = JSON.parse((await ctl('seal', 'forget-unreadable', '--json')).stdout);
  assert.deepEqual(Object.values(after_).filter(Boolean), []);
});

test('new_keys_have_other_ids_than_the_lost_ones', async () => {
  const ids = async (file) => [...(await fs.readFile(file, 'utf8')).matchAll(/^seal (\d+) /gm)].map(([, id]) => Number(id));
  const lost = await ids(`${keysFile}.lost`);
  assert.deepEqual((await ids(keysFile)).filter((id) => lost.includes(id)), []);
});

test('database_older_than_the_keys_is_used_like_any_other', async () => {
  const dump = path.join(dialtone.dir, 'old.sql');
  const account = await created();
  await runOk('pg_dump', ['-d', dialtone.env.DIALTONE_PG, '-f', dump]);
  for (let i = 0; i < 5; i++) {
    assert.equal((await ctl('keys', 'rotate', 'seal')).status, 0);
    assert.equal((await ctl('seal', 're-encrypt')).status, 0);
  }
  const younger = await created();

  await dialtone.stop('api', 'jobs');
  await dialtone.sql('DROP SCHEMA public CASCADE; DROP SCHEMA IF EXISTS sip CASCADE; CREATE SCHEMA public');
  await runOk('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', dialtone.env.DIALTONE_PG, '-f', dump]);
  await dialtone.start('api', 'jobs');
  await dialtone.untilAnswering();
  await livesWithoutSecrets(account);
  assert.equal((await dialtone.api('GET', `/api/accounts/${younger.id}`, { as: 'admin' })).status, 404, 'it was made later');
  assert.equal((await ctl('status')).status, 0);
});

test('redis_emptied_costs_nothing_that_stays', async () => {
  const user = await createUser(dialtone);
  await dialtone.redis('flushall');
  assert.equal((await dialtone.api('GET', '/api/user/me', { token: user.token })).status, 200, 'the session goes on');
  const token = await login(dialtone, user);
  assert.equal((await dialtone.api('POST', '/api/logout', { token })).status, 200);
  assert.equal((await dialtone.api('GET', '/api/user/me', { token })).status, 401);
  await until(async () => (await dialtone.sql('SELECT count(*) FROM outbox'))[0][0] === '0', { what: 'the outbox to be published' });
});

/* A small file system of its own for what is written next: only root may mount one. */
async function smallDisk() {
  const dir = await temporaryDirectory('disk');
  await runOk('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=0700', 'tmpfs', dir]);
  await runOk('chown', ['postgres:', dir]);
  after(async () => {
    await runOk('umount', ['-l', dir]);
    await fs.rm(dir, { recursive: true, force: true });
  });
  return dir;
}

const asOwner = (...commands) => runOk('psql', ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-U', 'postgres',
  '-d', dialtone.env.DIALTONE_PG.replace('user=dialtone', ''), ...commands.flatMap((command) => ['-c', command])]);

test('disk_full_writes_are_503_with_a_line_that_says_so_and_status_fails', { skip: !isRoot && 'only root may mount a small disk' }, async () => {
  const disk = await smallDisk();
  await asOwner(`CREATE TABLESPACE small LOCATION '${disk}'`, 'ALTER TABLE accounts SET TABLESPACE small', 'ALTER TABLE guesses SET TABLESPACE small');
  const user = await createUser(dialtone);
  await fs.writeFile(path.join(disk, 'filler'), Buffer.alloc(16 << 20)).catch(() => {});
  const statuses = [];
  for (let i = 0; i < 400 && !statuses.includes(503); i++) {
    statuses.push((await dialtone.api('POST', '/api/accounts', { as: 'admin',
      body: { username: randomName('full'), password: 'long enough', algorithm: 'SHA-256', display_name: 'x'.repeat(200) } })).status);
  }
  assert.deepEqual([...new Set(statuses)].sort().at(-1), 503, statuses.join());
  for (let i = 0; i < 50; i++) {
    await dialtone.api('POST', '/api/accounts', { as: 'admin', body: { username: randomName('full'), password: 'long enough', algorithm: 'SHA-256' } });
  }
  assert.equal((await dialtone.api('GET', '/api/accounts/me', { key: user.key })).status, 200, 'reading goes on');
  const lines = await linesWith('api', ' 53100 ');
  assert.ok(lines.length >= 1 && lines.length <= 6, `${lines.length} lines`);
  assert.match(lines[0], /the disk of PostgreSQL is full/);
  const status = await ctl('status', '--json');
  if (JSON.parse(status.stdout).database_writes !== 'ok') assert.equal(status.status, 1);

  await fs.rm(path.join(disk, 'filler'));
  assert.equal((await dialtone.api('POST', '/api/accounts', { as: 'admin',
    body: { username: randomName('room'), password: 'long enough', algorithm: 'SHA-256' } })).status, 200, 'room was made');
  assert.equal((await ctl('status')).status, 0);
  await asOwner('ALTER TABLE accounts SET TABLESPACE pg_default', 'ALTER TABLE guesses SET TABLESPACE pg_default', 'DROP TABLESPACE small');
});
