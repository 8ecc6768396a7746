/*
 * Random calls over every row of the description, well formed and not, by callers of one space: none ends in a
 * 5xx that says that something broke, every answer is as described, nothing of another space changes or shows.
 * The seed is printed, and TEST_SEED gives it back.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createUser, login, randomName } from '../lib/accounts.mjs';
import { createList } from '../lib/contacts.mjs';
import { Contract } from '../lib/contract.mjs';
import { addExtension, createProfile } from '../lib/cti.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { newEnrolled } from '../lib/otp.mjs';
import { chance, seedOf } from '../lib/random.mjs';
import { goodCalls } from '../lib/rows.mjs';
import { addSpace } from '../lib/spaces.mjs';
import { newPhone } from '../lib/tokens.mjs';
import { vcard } from '../lib/vcards.mjs';

const MILLISECONDS = 1000 * Number(process.env.RANDOM_CALLS_SECONDS ?? 10);
const AT_ONCE = 8;
const CANARY = randomName('canary').replace('.', '');
const UID = 'urn:uuid:00000000-0000-4000-8000-000000000001';

const dialtone = await ownInstance();
const contract = await Contract.of(dialtone);

const asAdmin = { as: 'admin' };
const must = (answer) => { assert.ok(answer.status < 300, answer.text); return answer.json; };

/* A space with something of everything. Its canaries stand in members that no call of the test names. */
async function furnished(mark) {
  const space = await addSpace(dialtone, { oidc_authentication_configuration: null, copyright_text: mark });
  const at = space.dialtone;
  const admin = await createUser(at, { admin: true });
  const user = await createUser(at, { display_name: mark, email: `${mark}@example.org`, phone: newPhone(), dictionary: { mark } });
  const { account: enrolled, app, token } = await newEnrolled(at, { display_name: mark });
  const pending = await login(at, enrolled);
  const list = await createList(at);
  const profile = await createProfile(at, {});
  await addExtension(at, user, { exten: '777' });
  const put = async (method, path, body) => must(await at.api(method, path, { ...asAdmin, body }));
  await put('POST', `/api/accounts/${user.id}/vcards-storage`, { vcard: vcard(UID) });
  await put('POST', `/api/accounts/${user.id}/external`, { username: mark, domain: 'sip.example.org', realm: mark, registrar: 'sip:r.example.org',
    outbound_proxy: 'sip:p.example.org;lr', protocol: 'TLS', password: `secret${mark}` });
  await put('POST', `/api/spaces/${space.domain}/email`, { host: 'smtp.example.org', port: 587, username: mark, password: `secret${mark}`,
    from_address: `${mark}@example.org`, from_name: mark, signature: mark });
  const service = must(await at.api('POST', '/api/api_keys', { key: admin.key, body: { name: mark } }));
  must(await at.api('POST', `/api/contacts_lists/${list.id}/contacts/${user.id}`, asAdmin));
  return { space, at, admin, user, enrolled, app, token, pending, list, profile, service };
}

const theirs = await furnished(CANARY);
const mine = await furnished(randomName('mine').replace('.', ''));

/* What all rows of a space say, each table by its own columns. */
async function checksum({ domain }) {
  const columns = await dialtone.sql(`SELECT table_name, string_agg(column_name, ' ') FROM information_schema.columns
    JOIN information_schema.tables USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE' GROUP BY 1 ORDER BY 1`);
  const parts = columns.flatMap(([table, names]) => {
    const has = new Set(names.split(' '));
    const of = has.has('account_id') ? `account_id IN (SELECT id FROM accounts WHERE domain = '${domain}')` : has.has('domain') && `domain = '${domain}'`;
    return of ? [`SELECT '${table}', count(*), md5(coalesce(string_agg(r::text, chr(10) ORDER BY r::text), '')) FROM ${table} t, LATERAL (SELECT to_jsonb(t) - '{last_used_at,requests}'::text[] AS r) r WHERE ${of}`] : [];
  });
  assert.ok(parts.length > 20, `${parts.length} tables`);
  return (await dialtone.sql(parts.join(' UNION ALL '))).map((row) => row.join(' '));
}

const seed = seedOf();
const random = chance(seed);
const pick = (list) => list[Math.floor(random() * list.length)];
const maybe = (part) => random() < part;

const callers = () => [
  {}, { key: mine.admin.key }, { key: mine.admin.key }, { token: mine.admin.token }, { key: mine.user.key }, { token: mine.user.token },
  { token: mine.pending }, { token: mine.token }, { key: mine.service.api_key ?? mine.service.key ?? mine.admin.key }, { token: 'a.b.c' }, { key: 'x'.repeat(pick([1, 40, 4000])) },
  { headers: { Authorization: pick(['Basic eA==', 'Digest username="', `${mine.user.username}:0123456789abcdef`, 'Bearer', 'Bearer \u00ff', `Digest ${'a='.repeat(2000)}`]) } },
  { headers: { From: pick([`sip:${theirs.user.username}@${theirs.space.domain}`, `sip:${mine.user.username}@${mine.space.domain}`, 'sip:', '<']) } },
];

const ids = () => pick([theirs.user.id, theirs.admin.id, theirs.enrolled.id, theirs.list.id, theirs.profile.id, theirs.service.id, mine.user.id, mine.enrolled.id, mine.list.id,
  1, 0, -1, '9223372036854775807', '9223372036854775808', '-9223372036854775809', '1e3', '%00', '1%00', '%FF', '%C0%AF', '%ED%A0%80', '..', '', 'null', "1'--", '0x1', '+1', '%F0%9F%98%80', 'a'.repeat(3000)]);
const names = () => pick([`${theirs.user.username}@${theirs.space.domain}`, `${mine.user.username}@${mine.space.domain}`, theirs.space.domain, theirs.user.username, '777', UID, 'nethlink', 'FR', 'day', 'messages']);
const segment = () => encodeURI(String(maybe(0.5) ? ids() : names())).replaceAll('%25', '%');

const odd = () => pick([null, true, false, 0, -1, 1.5, 1e308, -0, 9007199254740993, '', ' ', 'x', '\u0000', 'a\u0000b', '\ud800', '\udfff\ud800', '\u202e', 'é'.repeat(300), 'x'.repeat(70000),
  [], [[]], {}, { a: { b: {} } }, ['x'], '%', "'", '"', '\\', '\r\n', '2040-02-31', '0000-00-00', '+33612345678', theirs.user.id, theirs.admin.id, theirs.profile.id, theirs.space.domain, theirs.user.username,
  '9223372036854775808', 'sip:x@y', 'Infinity', Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`k${i}`, i]))]);

/* Texts that no object can be written as. */
const rawBodies = () => pick(['', '{', '[]', 'null', '"x"', '{"a":1,"a":2}', '{"username":"a","username":"b"}', '['.repeat(5000), '{"a":'.repeat(200), '{"username":"\\ud800"}', '{"username":"\\u0000"}', '\ufeff{}',
  '{"id":99999999999999999999999}', '{"id":1e999}', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), Buffer.from('{"username":"\xc0\xaf"}', 'latin1'), Buffer.alloc(200000, 0x20), '{}x', "{'a':1}", '{"a":NaN}']);

function bodyOf({ schema, example }) {
  if (maybe(0.12)) return { body: rawBodies(), headers: { 'Content-Type': pick(['application/json', 'application/json; charset=latin1', 'text/plain', 'application/x-www-form-urlencoded', '']) } };
  const body = { ...example };
  for (const name of Object.keys(schema?.properties ?? {})) {
    if (maybe(0.15)) body[name] = odd();
    if (maybe(0.05)) delete body[name];
  }
  for (const name of ['id', 'domain', 'admin', 'super', 'account_id', 'profile_id', 'user_id']) if (maybe(0.05)) body[name] = odd();
  if (body.username && maybe(0.6)) body.username = pick([randomName(), theirs.user.username, mine.user.username]);
  return { body };
}

function queryOf({ parameters }) {
  const named = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
  const asked = [...named, 'page', 'per_page', 'x'].filter(() => maybe(0.25));
  return asked.length ? `?${asked.map((name) => `${name}=${pick(['1', '0', '-1', '99999999999999999999', '9223372036854775807', '4000000000', '', 'x', '%00', '%FF', '2026-01-01', '9999-12-31', '%27', '%ED%A0%80', theirs.space.domain, theirs.user.username, '1&page=2'])}`).join('&')}` : '';
}

/* What the callers stand on is not sawn off. */
const spares = ({ path, method }, target) => !(method === 'DELETE' && /\/(me|sessions)\b/.test(path)) && !/disable|two_factor$|logout|token_remove|block|deactivate|password/.test(path) && !/me\/api_key\/?$/.test(target) &&
  !((method === 'DELETE' || method === 'PUT') && new RegExp(`/(${mine.admin.id}|${mine.user.id}|${mine.enrolled.id})$`).test(target));

/* What is sent is no secret, whatever the member is called. A header of 16 KiB may end the connection. */
async function ask({ host }, method, target, { key, token }, { headers, ...rest }) {
  const credentials = { Host: host, ...(key && { 'x-api-key': key }), ...(token && { Authorization: `Bearer ${token}` }) };
  const answer = await dialtone.client.request(method, target, { ...rest, headers: { ...credentials, ...headers } });
  try {
    contract.checkAny(method, new URL(target, 'https://x').pathname, answer);
  } catch (error) {
    throw new Error(`${target} ${JSON.stringify(rest).slice(0, 500)} ${JSON.stringify(headers)}: ${error.message.slice(0, 2000)}`);
  }
  return answer;
}

/* A row that anyone may call from theirs is not asked there: it is meant to make things in that space. */
async function randomCall() {
  const operation = pick(contract.operations);
  const who = pick(callers());
  const where = operation.level !== 'public' && maybe(0.15) ? theirs.space : mine.space;
  const target = operation.path.replace(/\{\w+\}/g, segment);
  if (!spares(operation, target)) return undefined;
  const more = operation.schema || maybe(0.05) ? bodyOf(operation) : {};
  const headers = { ...who.headers, ...more.headers, ...(maybe(0.1) && { Accept: 'application/problem+json' }), ...(maybe(0.1) && { 'Accept-Language': pick(['fr', 'it;q=0', ',;=', 'x'.repeat(500)]) }) };
  const answer = await ask(where, operation.method, target + queryOf(operation), who, { ...more, headers });
  const about = `${operation.key} ${target} ${JSON.stringify(who)} ${JSON.stringify(more)?.slice(0, 2000)}: ${answer.status} ${answer.text.slice(0, 500)}`;
  assert.ok(answer.status < 500 || [501, 503].includes(answer.status), about);
  assert.ok(answer.status !== 503 || /push|tokens$/.test(operation.path), about);
  assert.ok(!answer.text.includes(CANARY), `theirs shows: ${about}`);
  return answer.status;
}

async function callUntil(end, counts) {
  while (Date.now() < end) {
    const status = await randomCall();
    if (status) counts[status] = (counts[status] ?? 0) + 1;
  }
}

test('a_good_call_about_another_space_succeeds_for_none_of_its_strangers', async () => {
  const world = { dialtone: theirs.at, user: theirs.user };
  const about = contract.operations.filter(({ level, path }) => level !== 'public' && path.includes('{'));
  const calls = [];
  for (const operation of about) calls.push([operation, await goodCalls[operation.key](world)]);
  const before = await checksum(theirs.space);
  for (const [operation, { as: _, key: __, token: ___, ...good }] of calls) {
    for (const who of [{ key: mine.admin.key }, { token: mine.admin.token }, { key: mine.user.key }, { token: mine.pending }]) {
      for (const where of [mine.at, theirs.at]) {
        const answer = await where.api(operation.method, good.path ?? operation.path, { ...good, ...who });
        assert.ok(!answer.text.includes(CANARY), `${operation.key}: ${answer.text}`);
      }
    }
  }
  assert.deepEqual(await checksum(theirs.space), before);
});

test(`no_random_call_breaks_or_reaches_another_space (TEST_SEED=${seed})`, async () => {
  const before = await checksum(theirs.space);
  const counts = {};
  const end = Date.now() + MILLISECONDS;
  await Promise.all(Array.from({ length: AT_ONCE }, () => callUntil(end, counts)));
  console.log(`seed ${seed}: ${JSON.stringify(counts)}`);
  assert.deepEqual(await checksum(theirs.space), before);
  assert.ok(counts[200] > 10, 'some are let in');
  const last = await mine.at.api('GET', '/api/accounts', { key: mine.admin.key });
  assert.equal(last.status, 200, `its administrator still is one: ${last.text}`);
  assert.doesNotMatch(await dialtone.log('postgres'), /deadlock detected/);
});
