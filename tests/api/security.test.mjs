/*
 * The list of accounts-api 16, "weaknesses of the reference not to repeat": what holds for many endpoints at once is tested
 * here, and the table at the end says which test elsewhere holds each of the others.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';

import { createAccount, createUser, randomName } from '../lib/accounts.mjs';
import { Contract } from '../lib/contract.mjs';
import { challenge } from '../lib/digest.mjs';
import { buildDir, ownInstance } from '../lib/instance.mjs';
import { run } from '../lib/run.mjs';

const BURST = 60;
const dialtone = await ownInstance({ options: ['--workers', '2', '--set', 'stranger_rate=1', '--set', 'stranger_burst=100000', '--set', 'legacy_auth=true'],
  rates: ['--login-rate', '1000r/s', '--set', 'request_rate=0', '--set', 'account_requests_per_minute=0',
    '--set', 'public_tokens_per_minute=0', '--set', 'public_tokens_per_day=0'] });
const contract = await Contract.of(dialtone);
const rowsDirectory = new URL('rows/', import.meta.url);
const resources = await Promise.all((await fs.readdir(rowsDirectory))
  .filter((name) => name.endsWith('.mjs') && name !== 'spaces.mjs' /* it cleans up behind the last test, when this instance is gone */).map((name) => import(new URL(name, rowsDirectory))));
const goodCalls = Object.assign({}, ...resources.map((resource) => resource.goodCalls));
const users = { dialtone, user: await createUser(dialtone) };

/* Those that a test about many rows can make in an instance of its own. */
async function goodCall(operation) {
  try {
    return await goodCalls[operation.key](users);
  } catch {
    return undefined;
  }
}

const rowsOf = async () => {
  const tables = (await dialtone.sql("SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'r' AND nspname = 'public'")).flat();
  return dialtone.sql(tables.map((name) => `SELECT '${name}', count(*) FROM ${name}`).join(' UNION ALL ') + ' ORDER BY 1');
};

test('16.1, 16.6, 16.11 an opaque is random, tells no secret, and a challenge leaves nothing behind', async () => {
  const account = await createAccount(dialtone);
  const secrets = await fs.readFile(path.join(path.dirname(dialtone.env.DIALTONE_CONFIG), 'keys'), 'utf8');
  await challenge(dialtone, account);
  const state = async () => [await rowsOf(), (await dialtone.redis('keys', '*digest*')).split('\n').sort()];
  const before = await state();
  const opaques = new Set();
  for (let i = 0; i < 50; i++) {
    const [{ opaque, nonce }] = await challenge(dialtone, account);
    assert.match(opaque, /^[0-9a-f]{64}$/);
    for (const form of ['hex', 'base64', 'base64url']) {
      assert.ok(!secrets.includes(Buffer.from(opaque, 'hex').toString(form)) && !secrets.includes(Buffer.from(nonce, 'hex').toString(form)));
    }
    opaques.add(opaque);
  }
  assert.equal(opaques.size, 50);
  assert.deepEqual(await state(), before);
});

test('16.3 no call that users make for themselves takes what is an administrator\'s to say', async () => {
  const guarded = () => dialtone.sql(`SELECT count(*) FILTER (WHERE admin), count(*) FILTER (WHERE blocked), count(DISTINCT domain),
    min(id) FROM accounts`);
  const before = await guarded();
  const more = { admin: true, is_admin: true, super: true, super_admin: true, blocked: true, id: 1, account_id: 1, domain: 'evil.example.org', space: 'evil',
    realm: 'evil', created_at: '2000-01-01T00:00:00Z', must_enrol: false, otp_verified: true, profile_id: '1' };
  let tried = 0;
  for (const operation of contract.operations.filter(({ schema, level }) => schema && ['public', 'user'].includes(level))) {
    const good = await goodCall(operation);
    if (!good || typeof (good.body ?? {}) !== 'object') continue;
    const answer = await dialtone.api(operation.method, good.path ?? operation.path, { ...good, body: { ...more, ...good.body } });
    assert.notEqual(answer.status, 500, `${operation.key}: ${answer.text}`);
    assert.deepEqual(await guarded(), before, operation.key);
    tried++;
  }
  assert.ok(tried >= 5, `${tried} rows`);
});

test('16.5, 16.21 no answer to a reader holds what a password is compared with', async () => {
  const hashes = async () => (await dialtone.sql('SELECT password FROM passwords')).flat();
  let read = 0;
  for (const operation of contract.operations.filter(({ method, path: where }) => method === 'GET' && !/recover|provisioning/.test(where))) {
    const good = await goodCall(operation);
    const answer = good && await dialtone.api('GET', good.path ?? operation.path, good);
    if (answer?.status !== 200) continue;
    for (const hash of await hashes()) assert.ok(!answer.text.includes(hash), operation.key);
    assert.ok(!answer.text.includes(users.user.password), operation.key);
    if (operation.level !== 'public') assert.match(answer.header('cache-control') ?? '', /no-store/, operation.key);
    read++;
  }
  assert.ok(read >= 15, `${read} rows`);
});

/* Every schema that an answer leads to. */
function answered(openapi) {
  const found = new Set();
  const visit = (node) => {
    if (node === null || typeof node !== 'object') return;
    if (typeof node.$ref === 'string') {
      const name = node.$ref.split('/').at(-1);
      if (!found.has(name) && openapi.components.schemas[name]) {
        found.add(name);
        visit(openapi.components.schemas[name]);
      }
    }
    Object.values(node).forEach(visit);
  };
  for (const methods of Object.values(openapi.paths)) {
    for (const { responses } of Object.values(methods)) visit(responses);
  }
  return found;
}

test('16.21 what is given as a secret stands in no answer that is described', () => {
  const { openapi } = contract;
  const secret = new Set();
  for (const { requestBody } of Object.values(openapi.paths).flatMap((methods) => Object.values(methods))) {
    const ref = requestBody?.content?.['application/json']?.schema?.$ref;
    const given = ref ? openapi.components.schemas[ref.split('/').at(-1)].properties ?? {} : {};
    for (const [name, schema] of Object.entries(given)) if (schema.format === 'password' || schema.writeOnly) secret.add(name);
  }
  assert.ok(secret.has('password'), [...secret].join());
  for (const name of answered(openapi)) {
    for (const [member, schema] of Object.entries(openapi.components.schemas[name].properties ?? {})) {
      /* New codes, keys and tokens are told once, to those who have made them, under names of their own; credentials
       * for a TURN server are made to be told. */
      if (secret.has(member) && name !== 'TurnCredentials') assert.ok(/token|otp|code|key/.test(member) || schema.type === 'boolean', `${name}.${member}`);
    }
  }
});

test('16.18 names are found out at one pace, whatever is asked', async () => {
  const config = await fs.readFile(dialtone.env.DIALTONE_CONFIG, 'utf8');
  const name = () => `${randomName('none')}@${dialtone.env.DIALTONE_DOMAIN}`;
  const localAddress = '127.3.0.1';
  const ways = [
    () => dialtone.api('GET', `/api/accounts/${name()}/info`, { localAddress }),
    () => dialtone.api('GET', '/api/accounts/me', { headers: { From: `sip:${name()}` }, localAddress }),
    () => dialtone.api('POST', '/api/login', { body: { username: name(), password: 'not it' }, localAddress }),
    () => dialtone.api('GET', `/api/accounts/${name()}/search`, { localAddress }),
    () => dialtone.api('GET', '/api/user/me', { token: 'no.such.token', localAddress }),
  ];
  await fs.writeFile(dialtone.env.DIALTONE_CONFIG, config.replace('stranger_burst=100000', `stranger_burst=${BURST}`));
  await dialtone.stop('api');
  await dialtone.start('api');
  await dialtone.redis('flushall');
  const passed = [];
  for (let i = 0; i < 4 * BURST; i++) passed.push((await ways[i % ways.length]()).status !== 429);
  assert.ok(passed.filter(Boolean).length <= 2 * BURST, `${passed.filter(Boolean).length} answers`);
  for (const [i, way] of ways.entries()) {
    const answers = [await way(), await way(), await way()];
    assert.ok(answers.some(({ status }) => status === 429), `way ${i}`);
  }
  await fs.writeFile(dialtone.env.DIALTONE_CONFIG, config);
  await dialtone.stop('api');
  await dialtone.start('api');
});

test('16.19 no refusal tells what it was made of', async () => {
  const { token, key } = users.user;
  const address = '127.3.0.3';
  const provoked = [
    ['POST', '/api/login', { body: '{"username":' }], ['POST', '/api/login', { body: '[1,2' }], ['POST', '/api/login', { body: '\u0000' }],
    ['POST', '/api/accounts', { as: 'admin', body: '{"username": "a", }' }], ['POST', '/api/accounts', { as: 'admin', body: { username: { deep: 1 } } }],
    ['GET', '/api/accounts/99999999999999999999', { as: 'admin' }], ['GET', '/api/accounts/1%27%20OR%201=1', { as: 'admin' }],
    ['GET', '/api/accounts?page=-1', { as: 'admin' }], ['GET', '/api/accounts?page=999999999999', { as: 'admin' }],
    ['GET', '/api/user/me', { token: 'a.b.c' }], ['GET', '/api/user/me', { token: `${token.slice(0, -3)}xxx` }],
    ['GET', '/api/user/me', { token: `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.` }],
    ['GET', '/api/user/me', { token: `${Buffer.from('{').toString('base64url')}.${Buffer.from('{').toString('base64url')}.x` }],
    ['GET', '/api/accounts/me', { headers: { From: 'sip:%ff@x', Authorization: 'Digest username="' } }], ['GET', '/api/accounts/me', { key: '\'' }],
    ['DELETE', '/api/accounts/0', { key }], ['PATCH', '/api/accounts/me', { key }], ['GET', '/api/../etc/passwd', {}],
  ];
  const inside = /json_object|json-c|libjwt|libpq|postgres|SQLSTATE|relation "|column "|syntax error|hiredis|openssl|segfault|0x[0-9a-f]{6}|\.[ch]:\d|\/usr\/|\/work\/|No query results|Exception|Traceback|App\\/i;
  for (const [method, where, options] of provoked) {
    for (const Accept of ['application/json', 'application/problem+json']) {
      const answer = await dialtone.api(method, where, { ...options, headers: { ...options.headers, Accept }, localAddress: address });
      assert.ok(answer.status < 500, `${method} ${where}: ${answer.status} ${answer.text}`);
      if (answer.status >= 400) assert.doesNotMatch(answer.text, inside, `${method} ${where}`);
    }
  }
});

test('16.24 expressions of the configuration are of the kind that takes no longer for a longer name', async () => {
  const config = await fs.readFile(dialtone.env.DIALTONE_CONFIG, 'utf8');
  const file = `${dialtone.env.DIALTONE_CONFIG}.expressions`;
  const checked = async (line) => {
    await fs.writeFile(file, config.replace('[api]\n', `[api]\n${line}\n`), { mode: 0o600 });
    return (await run(`${buildDir}/dialtonectl`, ['config', 'check', file])).status === 0;
  };
  assert.ok(await checked('account_username_regex = ^(a|b)*[0-9]{1,8}\\.?$'));
  for (const expression of ['^(a*)*\\1$', '^((a|b)+)+\\2$', '(']) assert.ok(!(await checked(`account_username_regex = ${expression}`)), expression);
  assert.ok(!(await checked('account_blacklisted_usernames = admin,(x+)+\\1')));
  await fs.rm(file);
});

/* A test elsewhere names the item, or is named here. */
const elsewhere = {
  2: ['creation_tokens', 'without_a_back_end_it_is_503_and_nothing_is_stored'],
  4: ['contacts', 'accounts_api_16_4_what_a_user_sees_of_a_contact_is_a_closed_list'],
  6: ['digest', 'counter_goes_up_and_never_back'],
  7: ['provider_token', 'provider_of_a_space_speaks_for_its_accounts_alone'],
  8: ['space_admin', 'only_super_administrators_reach_spaces'],
  9: ['spaces', 'account_of_another_space_is_not_found'],
  10: ['two_factor_hard', '5.5 a thousand parallel guesses count as a thousand and five are looked at'],
  12: ['activation', 'provision_gives_another_token_and_the_one_before_is_unknown (security 12)'],
  13: ['activation', 'what_an_administrator_deactivated_is_remembered_whichever_call_did_it (security 13)'],
  14: ['accounts_change', 'blocked_admin_administers_nothing'],
  15: ['activation', 'GETs_that_act_take_no_cookie_at_all (security 15)'],
  17: ['guesses', '150 wrong API keys lock the network for passwords and keys, no valid key'],
  23: ['errors', 'hostile_texts_are_data_and_nothing_else'],
  25: ['rows', 'all_bad_fields_are_named_at_once'],
  26: ['accounts_create', 'of_accounts_made_at_once_with_one_name_exactly_one_is_made'],
  27: ['spaces', 'super_space_never_expires'],
  28: ['registration', '16.28 the dangerous four are not there unless they are switched on, which is told'],
  29: ['api_key', 'address_cannot_be_claimed_by_a_header'],
  30: ['guesses', 'every door counts in one place, and no row that takes a password is left out'],
  31: ['two_factor', '31 the own factor is taken away with password and code, through every door an administrator has'],
};

test('each item of the list has its test', async () => {
  for (const [item, [file, name]] of Object.entries(elsewhere)) {
    const text = await fs.readFile(new URL(`${file}.test.mjs`, import.meta.url), 'utf8');
    assert.ok(text.includes(name), `16.${item}: ${file} has no test "${name}"`);
  }
});
