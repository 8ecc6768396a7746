/*
 * A clock that is set while everything runs: one hour back, one hour on, fifteen days on, and right again.  The programs,
 * PostgreSQL and nginx are on the machine with that clock; Redis is on another one.  They are built without sanitizers, which
 * do not go together with libfaketime.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';

import { createUser, login, randomName } from '../lib/accounts.mjs';
import { digestRequest } from '../lib/digest.mjs';
import { examine } from '../lib/doctor.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { runOk } from '../lib/run.mjs';
import { until } from '../lib/until.mjs';
import { FAKETIME } from './faults.mjs';

const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;
const SHIFTED = ['postgres', 'api', 'relay-aa', 'relay-ab', 'jobs', 'nginx'];

const dialtone = await ownInstance({ rates: [] });
const clock = path.join(dialtone.dir, 'clock');

/* Of PostgreSQL, seconds ahead. */
const ahead = async () => Number((await dialtone.sql('SELECT extract(epoch FROM clock_timestamp())'))[0][0]) - Date.now() / 1000;

async function setClock(seconds) {
  await fs.writeFile(`${clock}.new`, `${seconds < 0 ? '' : '+'}${seconds}`);
  await fs.chmod(`${clock}.new`, 0o644);
  await fs.rename(`${clock}.new`, clock);
  await until(async () => Math.abs(await ahead() - seconds) < 5, { what: `the clock to be ${seconds} s ahead` });
}

await dialtone.stop(...SHIFTED);
await fs.writeFile(clock, '+0', { mode: 0o644 });
for (const server of SHIFTED) {
  await runOk('packaging/instance', ['start', dialtone.dir, server], { env: { ...process.env, LD_PRELOAD: FAKETIME,
    FAKETIME_TIMESTAMP_FILE: clock, FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' } });
}
await dialtone.untilAnswering();

const user = await createUser(dialtone);
const idle = await createUser(dialtone); /* its key is used at the end alone: uses are counted somewhat later */
const me = (token) => dialtone.api('GET', '/api/user/me', { token });
const byKey = ({ key }) => dialtone.api('GET', '/api/accounts/me', { key });
const byDigest = () => digestRequest(dialtone, user);
const published = () => until(async () => (await dialtone.sql('SELECT count(*) FROM outbox'))[0][0] === '0', { what: 'the outbox to be published' });

/* What has to go on whatever the clock says: logins and their end, changes and their events, DIGEST. */
async function theDayGoesOn() {
  const token = await login(dialtone, user);
  assert.equal((await me(token)).status, 200);
  assert.equal((await dialtone.api('POST', '/api/logout', { token })).status, 200);
  assert.equal((await me(token)).status, 401);
  const made = await dialtone.api('POST', '/api/accounts', { as: 'admin', body: { username: randomName('clock'), password: 'long enough' } });
  assert.equal(made.status, 200, made.text);
  assert.equal((await byDigest()).status, 200);
  await published();
  for (let i = 0; i < 60; i++) assert.equal((await dialtone.api('GET', '/api/ping')).status, 200, 'no rate is used up');
}

test('clock_one_hour_back_sessions_and_keys_go_on', async () => {
  await setClock(-HOUR_S);
  assert.equal((await me(user.token)).status, 200);
  assert.equal((await byKey(user)).status, 200);
  await theDayGoesOn();
  const { clock: said } = await examine(dialtone);
  assert.deepEqual([said.verdict, said.mend], ['wrong', 'timedatectl set-ntp true']);
});

test('clock_right_again_is_noticed_by_none', async () => {
  await setClock(0);
  assert.equal((await me(user.token)).status, 200);
  await theDayGoesOn();
  assert.equal((await examine(dialtone)).clock.verdict, 'ok');
});

test('clock_one_hour_on_ends_what_lasts_an_hour_and_no_session', async () => {
  assert.equal((await byKey(user)).status, 200, 'a use while the clock was behind does not make it older');
  await setClock(HOUR_S + 60);
  assert.equal((await byKey(idle)).status, 401, 'a key that was not used for 60 minutes');
  assert.equal((await me(user.token)).status, 200);
  await theDayGoesOn();
});

test('clock_fifteen_days_on_ends_sessions_and_no_account', async () => {
  await setClock(15 * DAY_S); /* another day: the first login of it is one as well */
  assert.equal((await me(user.token)).status, 401, 'a login lasts fourteen days');
  await theDayGoesOn();
});

test('locks_of_a_wrong_clock_are_opened_by_an_administrator', async () => {
  const locked = await createUser(dialtone);
  for (let i = 0; i < 10; i++) await dialtone.api('POST', '/api/login', { body: { username: locked.username, password: 'wrong' } });
  await setClock(0);
  const { status } = await dialtone.ctl(['account', 'unlock', locked.username, locked.domain]);
  assert.equal(status, 0);
  assert.equal((await me(await login(dialtone, locked))).status, 200);
});

test('clock_right_again_after_fifteen_days_nothing_waits_for_them', async () => {
  await theDayGoesOn();
  assert.deepEqual(await dialtone.sql("SELECT count(*) FROM jobs WHERE ended_at IS NULL AND due_at > now() + interval '1 hour'"), [['0']]);
  assert.equal((await examine(dialtone)).clock.verdict, 'ok');
});
