/*
 * packaging/fail2ban and packaging/crowdsec read the lines that the running programs write: each line about a client that
 * has no business here, no line about others, and never an address that a client has only named.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';

import { createUser, login } from '../lib/accounts.mjs';
import { crowdsec, fail2ban, ourFilter } from '../lib/fail2ban.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await sharedInstance();
const part = process.pid & 127;
const [attacker, user, liar, socket] = [1, 2, 3, 4].map((last) => `127.78.${part}.${last}`);
const victim = '198.51.100.9';
const log = (name) => path.join(dialtone.dir, 'log', `${name}.log`);
const from = (localAddress) => (method, where, options) => dialtone.api(method, where, { localAddress, ...options });
const countOf = (all, address) => all.filter((one) => one === address).length;

async function has(name, ...words) {
  await until(async () => (await dialtone.log(name)).split('\n').some((line) => words.every((word) => line.includes(word))), { what: `${words} in ${name}.log` });
}

async function failInEveryWay(api) {
  const account = await createUser(dialtone);
  for (const username of [account.username, 'no.such.user']) await api('POST', '/api/login', { body: { username, password: 'not it' } });
  await api('GET', '/api/accounts/me', { key: 'no such key' });
  await api('GET', '/api/user/me', { token: `${account.token.slice(0, -4)}AAAA` });
}

async function behave(api) {
  const account = await createUser(dialtone);
  const { username, password } = account;
  assert.equal((await api('POST', '/api/login', { body: { username, password } })).status, 200);
  const over = await login(dialtone, account);
  for (let i = 0; i < 2; i++) await api('POST', '/api/logout', { token: over });
  await api('GET', '/api/user/me', { token: account.token });
  await api('GET', '/api/accounts/999999', { token: account.token });
}

/* Names that imitate lines, as far as the API takes them. */
async function lie(api) {
  const line = (door) => `event=login_failed door=${door} reason=password address=${victim} left_out=0 account=`;
  const names = [`x address=${victim} left_out=0 account=`, `x" address=${victim} left_out=0 account=`, `${victim}`, `x level=info prog=api pid=1 ${line('login')}`,
    `<4>ts=2026-11-30T10:00:00.000000Z level=info prog=api pid=1 ${line('login')}`, `x\nts=2026-11-30T10:00:00Z level=info prog=api pid=1 ${line('login')}`, `x ${line('api-key')}`];
  for (const username of names) await api('POST', '/api/login', { body: { username, password: username } });
  for (const key of names) await api('GET', '/api/accounts/me', { key: key.replace('\n', ' ') });
}

/* Over polling, where the source address can be chosen. */
async function loginOverSocket(api, args) {
  const where = '/api/ws/?EIO=4&transport=polling';
  const { sid } = JSON.parse((await api('GET', where)).text.slice(1));
  const send = (body) => api('POST', `${where}&sid=${sid}`, { body, headers: { 'Content-Type': 'text/plain' } });
  await send('40');
  await send(`42["login",${JSON.stringify(args)}]`);
  await api('GET', `${where}&sid=${sid}`);
}

async function isRefusedBySockets(api) {
  const said = async () => (await Promise.all(['relay-aa', 'relay-ab'].map((name) => dialtone.log(name)))).join('\n');
  const refused = new RegExp(` event=login_refused reason=malformed sid=\\S+ address=${socket} `);
  await until(async () => {
    await loginOverSocket(api, { accessKeyId: `x address=${victim} left_out=0`, token: 7 });
    return refused.test(await said());
  }, { what: 'a login that was refused' });
  await until(async () => {
    await api('DELETE', '/api/ws/?EIO=4&transport=polling');
    return new RegExp(` event=refused reason=\\w*method status=\\d+ setting=- address=${socket} `).test(await said());
  }, { what: 'a refusal' });
}

test('lines_of_the_API_give_the_address_of_who_fails_and_no_other', async () => {
  await failInEveryWay(from(attacker));
  await behave(from(user));
  await lie(from(liar));
  await has('api', `address=${attacker}`, 'door=jwt');
  await has('api', `address=${liar}`, 'door=api-key');
  for (const found of [await fail2ban(log('api'), ourFilter), await crowdsec(log('api'))]) {
    assert.equal(countOf(found, attacker), 4);
    assert.ok(countOf(found, liar) >= 8, `${countOf(found, liar)} lines of names`);
    assert.equal(countOf(found, user), 0);
    assert.equal(countOf(found, victim), 0);
  }
});

test('lines_of_relays_give_the_address_that_they_refuse', async () => {
  await isRefusedBySockets(from(socket));
  const all = path.join(dialtone.dir, 'log', 'relays-together.txt');
  await fs.writeFile(all, `${await dialtone.log('relay-aa')}${await dialtone.log('relay-ab')}`);
  for (const found of [await fail2ban(all, ourFilter), await crowdsec(all)]) {
    assert.ok(countOf(found, socket) >= 2, `${countOf(found, socket)} lines`);
    assert.equal(countOf(found, victim), 0);
  }
  await fs.rm(all);
});
