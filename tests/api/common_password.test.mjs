/* R-COMMON-PASSWORD: what is guessed first is no new password. */
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';

import { createAccount, login, randomName } from '../lib/accounts.mjs';
import { buildDir, ownInstance } from '../lib/instance.mjs';
import { run } from '../lib/run.mjs';

const dialtone = await ownInstance({ options: ['--workers', '1'] });
const create = (password, headers = {}) => dialtone.api('POST', '/api/accounts', { as: 'admin', headers,
  body: { username: randomName(), password, activated: true } });
const atConsole = (password, ...options) => run(`${buildDir}/dialtonectl`,
  ['--config', dialtone.env.DIALTONE_CONFIG, 'account', 'create', randomName(), dialtone.env.DIALTONE_DOMAIN, ...options], { input: `${password}\n` });

const COMMON = ['123456', 'sunshine', 'ILoveYou', 'Qwertyuiop'];

test('at the console common passwords are refused, others are not', async () => {
  for (const password of [...COMMON, 'password']) {
    const { status, stderr } = await atConsole(password);
    assert.equal(status, 1, password);
    assert.match(stderr, /This password is among those that are guessed first\./);
  }
  assert.equal((await atConsole('password of mine')).status, 0);
});

test('over the API administrators give what they want, unless password_block_list_admin is on', async () => {
  for (const password of COMMON) assert.equal((await create(password)).status, 200, password);
  const before = await createAccount(dialtone, { password: '123456' });
  await dialtone.configureApi({ password_block_list_admin: 'true' });
  for (const password of COMMON) {
    const answer = await create(password);
    assert.equal(answer.status, 422, password);
    assert.deepEqual(answer.json.errors, { password: ['This password is among those that are guessed first.'] });
  }
  assert.match((await create('sunshine', { 'Accept-Language': 'fr' })).json.errors.password[0], /mot de passe/);
  assert.match((await create('sunshine', { 'Accept-Language': 'it' })).json.errors.password[0], /password è tra/);
  const change = (password) => dialtone.api('PUT', `/api/accounts/${before.id}`, { as: 'admin', body: { username: before.username, password } });
  assert.equal((await change('letmein')).status, 422);
  assert.ok(await login(dialtone, before), 'existing ones are not checked');
  assert.equal((await change(undefined)).status, 200);
  assert.equal((await change('tin roof rusted')).status, 200);
});

test('a list of the operator takes its place, an empty one allows all', async () => {
  const list = path.join(dialtone.dir, 'words');
  await fs.writeFile(list, 'Company Name\n', { mode: 0o644 });
  await dialtone.configureApi({ password_block_list: list });
  assert.equal((await create('company name')).status, 422);
  assert.equal((await create('sunshine')).status, 200);
  await dialtone.configureApi({ password_block_list: '' });
  assert.equal((await create('company name')).status, 200);
});

test('a list that cannot be read is a mistake of the configuration', async () => {
  const file = path.join(dialtone.dir, 'mistaken.conf');
  await fs.writeFile(file, '[api]\npassword_block_list = /no/such/file\n');
  const { status, stderr } = await run(`${buildDir}/dialtonectl`, ['config', 'check', file]);
  assert.notEqual(status, 0);
  assert.match(stderr, /password_block_list/);
});
