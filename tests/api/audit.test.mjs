/*
 * The audit trail: each row of the API that changes something leaves one row, with the request id of its answer and no
 * value of anything; what is refused leaves none.  The rows are driven by the good calls of tests/api/rows.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { createAccount, createUser, login, randomName } from '../lib/accounts.mjs';
import { Contract } from '../lib/contract.mjs';
import { digestRequest } from '../lib/digest.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { goodCalls } from '../lib/rows.mjs';
import { createKnownSpace } from '../lib/spaces.mjs';

after(() => Promise.all([world.user, plain].map(({ id }) => dialtone.api('DELETE', `/api/accounts/${id}`, { as: 'admin' })))); /* before the instance ends */
const dialtone = await sharedInstance();
const contract = await Contract.of(dialtone);
const world = { dialtone, user: await createUser(dialtone) };
const plain = await createUser(dialtone);

const OWN = 'superadmin@dialtone.test';
const addressOf = ({ username, domain }) => `${username}@${domain}`;
const toldOf = ({ path, method }) => contract.openapi.paths[path][method.toLowerCase()]['x-told'];
const changing = contract.operations.filter(({ path, method }) => method !== 'GET' || 'x-told' in contract.openapi.paths[path].get || 'x-untold' in contract.openapi.paths[path].get);

/* So that there is something to change. */
const FIRST = {
  'POST /api/phone_countries/{code}/activate': () => dialtone.api('POST', '/api/phone_countries/TV/deactivate', { as: 'admin' }),
};
const INSTEAD = {
  'DELETE /api/sessions': async () => {
    const account = await createAccount(dialtone);
    return { token: await login(dialtone, account).then(() => login(dialtone, account)) };
  },
};
/* No registrar is here; tests/api/devices_redis has one. */
const NOTHING_CHANGED = ['DELETE /api/accounts/me/devices/{uuid}', 'DELETE /api/accounts/{id}/devices/{uuid}'];

async function goodCall({ key, path }) {
  await FIRST[key]?.();
  const { invalid, broken, status, aliases, compared, missing, ...options } = await (INSTEAD[key] ?? goodCalls[key])(world);
  return { path, ...options };
}

const idOf = (answer) => answer.header('x-request-id');

/* The rows of each of these answers. */
async function trailOf(answers) {
  const rows = (await dialtone.sql(`SELECT row_to_json(a) FROM audit a WHERE request_id = ANY ('{${answers.map(idOf).join()}}') ORDER BY id`))
    .map(([json]) => JSON.parse(json));
  return answers.map((answer) => rows.filter((row) => row.request_id === idOf(answer)));
}

const rowOf = async (answer) => (await trailOf([answer]))[0][0];

const texts = (value) => (value && typeof value === 'object' ? Object.values(value).flatMap(texts) : typeof value === 'string' ? [value] : []);

test('every_row_that_changes_something_is_told_once_or_says_why_not_and_no_value_is_told', async () => {
  const answers = [];
  const calls = [];
  for (const operation of changing) {
    const { path, ...options } = await goodCall(operation);
    calls.push(options);
    answers.push(await dialtone.api(operation.method, path, options));
  }
  const trail = await trailOf(answers);
  const wrong = changing.flatMap((operation, i) => {
    const told = answers[i].status < 300 && !NOTHING_CHANGED.includes(operation.key) ? toldOf(operation) : undefined;
    const actions = trail[i].map(({ action }) => action);
    return JSON.stringify(actions) === JSON.stringify(told ? [told] : []) ? [] : [`${operation.key}: ${answers[i].status} left ${actions.join() || 'nothing'}`];
  });
  assert.deepEqual(wrong, []);

  changing.forEach((operation, i) => {
    for (const row of trail[i]) {
      const about = `${operation.key}: ${JSON.stringify(row)}`;
      const { as, key, token } = calls[i];
      assert.equal(row.door, key || as ? 'key' : token ? 'jwt' : 'none', about);
      if (as === 'admin') assert.equal(row.actor, OWN, about);
      else if (key || token) assert.match(row.actor, /^[\w.]+@dialtone\.test$/, about);
      else assert.equal(row.actor, null, about);
      assert.match(row.domain, operation.path.startsWith('/api/spaces') ? /^space-\w+\.example\.org$/ : /^dialtone\.test$/, about);
      if (/^\/api\/accounts\//.test(operation.path) && operation.level === 'user') assert.equal(row.object, `account:${row.actor}`, about);
      if (/^\/api\/accounts\/\{(id|sip)\}/.test(operation.path)) assert.match(row.object, /^account:user\.\w+@dialtone\.test$/, about);
      else if (!(row.object === 'account_creation_token')) assert.match(row.object, /^\w+:[\w.@-]+$/, about);
      for (const name of row.fields) assert.ok(name in (operation.schema?.properties ?? {}), about);
      const { object, actor, domain, part, fields, ...rest } = row;
      for (const value of texts(calls[i].body).filter((text) => text.length > 5)) {
        assert.ok(!JSON.stringify(rest).includes(value) || calls[i].body.uid === value, `${value} in ${about}`);
      }
    }
  });
});

test('what_is_refused_leaves_nothing', async () => {
  const answers = [];
  const call = async (operation, { path, ...options }) => answers.push(await dialtone.api(operation.method, path, options));
  for (const operation of changing.filter(toldOf)) {
    const path = operation.path.replace(/\{(\w*_)?id\}/g, '999999999').replace(/\{\w+\}/g, 'nobody.here@example.org');
    if (operation.level !== 'public') await call(operation, { path });
    if (/admin|super/.test(operation.level)) await call(operation, { path, key: plain.key });
    if (/\{/.test(operation.path)) await call(operation, { path, as: 'admin' });
    if (!operation.schema) continue;
    const good = await goodCall(operation);
    await call(operation, { ...good, body: Object.fromEntries(Object.keys(operation.schema.properties).map((name) => [name, ['never right']])) });
  }
  const left = (await trailOf(answers)).flatMap((rows, i) => (answers[i].status >= 300 ? rows.map(({ action }) => `${action}: ${answers[i].status}`) : []));
  assert.deepEqual(left, []);
  assert.ok(answers.filter(({ status }) => status >= 400).length > 120, `${answers.length} calls`);
});

test('fields_are_those_that_differ_afterwards_and_parts_say_which', async () => {
  const account = await createAccount(dialtone, { dtmf_protocol: 'sipinfo', display_name: 'Before', email: `${randomName()}@example.org` });
  const put = (change) => dialtone.api('PUT', `/api/accounts/${account.id}`, { as: 'admin', body: { username: account.username, dtmf_protocol: 'sipinfo', display_name: 'Before', email: account.email, ...change } });
  const base = `/api/accounts/${account.id}`;
  const action = await dialtone.api('POST', `${base}/actions`, { as: 'admin', body: { key: 'door', code: '12' } });
  const trail = await trailOf([
    await put({}), await put({ display_name: 'After' }), await put({ display_name: null, password: 'another password' }), await put({ email: account.email }),
    await dialtone.api('POST', `${base}/dictionary/colour`, { as: 'admin', body: { value: 'blue' } }),
    await dialtone.api('POST', `${base}/dictionary/colour`, { as: 'admin', body: { value: 'blue' } }),
    await dialtone.api('PUT', `${base}/actions/${action.json.id}`, { as: 'admin', body: { key: 'door', code: '13' } }),
    await dialtone.api('POST', `${base}/block`, { as: 'admin' }),
  ]);
  assert.deepEqual(trail.map(([row]) => row.fields), [[], ['display_name'], ['password', 'display_name'], ['display_name'], ['value'], [], ['code'], []]);
  assert.deepEqual(trail.map(([row]) => row.part), [null, null, null, null, 'dictionary/colour', 'dictionary/colour', `actions/${action.json.id}`, null]);
  assert.equal((await rowOf(action)).part, `actions/${action.json.id}`);
});

test('each_door_is_named', async () => {
  const user = await createUser(dialtone);
  const path = '/api/accounts/me/call_forwardings';
  const body = { type: 'always', forward_to: 'voicemail', enabled: false };
  const rows = (await trailOf([
    await dialtone.api('POST', path, { key: user.key, body }), await dialtone.api('POST', path, { token: user.token, body: { ...body, type: 'busy' } }),
    await digestRequest(dialtone, user, { method: 'POST', path, body: { ...body, type: 'away' } }),
    await dialtone.api('POST', `/webrest${path.replace('/api', '')}`, { token: user.token, body }),
  ])).flat();
  assert.deepEqual(rows.map(({ door }) => door), ['key', 'jwt', 'digest']);
  for (const row of rows) {
    assert.equal(row.actor, addressOf(user));
    assert.equal(row.object, `account:${addressOf(user)}`);
    assert.match(row.ip, /^[0-9a-f.:]+$/);
  }
});

test('of_many_who_delete_one_thing_one_is_told_and_a_HEAD_is_not', async () => {
  const { id, username, domain } = await createAccount(dialtone);
  const head = await dialtone.api('HEAD', `/api/accounts/${id}/provision`, { as: 'admin' });
  assert.equal(head.status, 200);
  const answers = await Promise.all(Array.from({ length: 8 }, () => dialtone.api('DELETE', `/api/accounts/${id}`, { as: 'admin' })));
  const trail = await trailOf(answers);
  assert.deepEqual(trail.map((rows) => rows.length), answers.map(({ status }) => (status === 200 ? 1 : 0)));
  assert.equal(trail.flat().length, 1);
  assert.deepEqual(await dialtone.sql(`SELECT action FROM audit WHERE object = 'account:${username}@${domain}' ORDER BY id`), [['account_add'], ['account_remove']]);
});

test('a_change_that_cannot_be_told_is_refused', async () => {
  const account = await createAccount(dialtone);
  const name = account.username.replace('.', '_');
  await dialtone.sql(`CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE disk_full; END $$;
    CREATE TRIGGER ${name} BEFORE INSERT ON audit FOR EACH ROW WHEN (NEW.object = 'account:${addressOf(account)}') EXECUTE FUNCTION ${name}()`);
  try {
    const path = `/api/accounts/${account.id}`;
    for (const [method, where, body] of [['POST', '/block'], ['DELETE', ''], ['PUT', '', { username: account.username, display_name: 'x' }], ['POST', '/dictionary/colour', { value: 'blue' }]]) {
      const answer = await dialtone.api(method, path + where, { as: 'admin', body });
      assert.equal(answer.status, 503, answer.text);
      assert.ok(answer.header('retry-after'));
    }
    const { json } = await dialtone.api('GET', path, { as: 'admin' });
    assert.deepEqual([json.blocked, json.display_name, json.dictionary], [false, account.display_name, {}]);
  } finally {
    await dialtone.sql(`DROP FUNCTION ${name} CASCADE`);
  }
  assert.equal((await dialtone.api('DELETE', `/api/accounts/${account.id}`, { as: 'admin' })).status, 200);
});

test('the_program_can_only_add', async () => {
  const domain = randomName('trail');
  const insert = (ago) => dialtone.sql(`INSERT INTO audit (domain, door, action, at) VALUES ('${domain}', 'none', 'x', now() - interval '${ago}') RETURNING id`);
  const [[young]] = await insert('29 days');
  const [[old]] = await insert('31 days');
  for (const statement of [`UPDATE audit SET actor = 'x' WHERE id = ${old}`, `DELETE FROM audit WHERE id = ${young}`, 'TRUNCATE audit']) {
    await assert.rejects(dialtone.sql(statement), /only added to/);
  }
  await dialtone.sql(`DELETE FROM audit WHERE id = ${old}`);
  assert.deepEqual(await dialtone.sql(`SELECT id FROM audit WHERE domain = '${domain}'`), [[young]]);
});

const list = async (query = {}, by = { as: 'admin' }, at = dialtone) => {
  const answer = await at.api('GET', `/api/audit?${new URLSearchParams(query)}`, by);
  if (answer.status === 200) contract.check('GET', '/api/audit', answer);
  return answer;
};

test('an_administrator_reads_the_trail_of_the_own_space_alone_newest_first', async () => {
  const space = await createKnownSpace(dialtone);
  const add = (fields) => space.dialtone.api('POST', '/api/accounts', { as: 'admin', body: { username: randomName(), password: 'a good password', activated: true, ...fields } });
  const made = await add({ admin: true });
  const admin = { ...made.json, password: 'a good password' };
  const token = await login(space.dialtone, admin);
  const other = await add({});
  const blocked = await space.dialtone.api('POST', `/api/accounts/${other.json.id}/block`, { token });
  const foreign = await createAccount(dialtone);

  const { json } = await list({}, { token }, space.dialtone);
  assert.deepEqual(json.data.map(({ action, actor, door, object, request_id: id }) => [action, actor, door, object, id]), [
    ['account_block', addressOf(admin), 'jwt', `account:${addressOf(other.json)}`, idOf(blocked)],
    ['account_add', OWN, 'key', `account:${addressOf(other.json)}`, idOf(other)],
    ['account_add', OWN, 'key', `account:${addressOf(admin)}`, idOf(made)],
  ]);
  assert.deepEqual([json.total, json.per_page, json.last_page], [3, 20, 1]);
  assert.deepEqual(Object.keys(json.data[0]), ['id', 'at', 'actor', 'door', 'ip', 'request_id', 'action', 'object', 'fields']);

  const seen = async (query, by) => (await list(query, by ?? { token }, space.dialtone)).json.data.length;
  assert.equal(await seen({ object: `account:${addressOf(foreign)}` }), 0, 'of another space');
  assert.equal(await seen({ actor: OWN }), 2);
  assert.equal(await seen({ domain: 'dialtone.test' }), 3, 'there is no such filter');
  assert.equal(await seen({}, { as: 'admin' }), 3, 'a super administrator, on the host of the space');
  assert.equal((await list({}, { token })).status, 403, 'not on the host of another');
  assert.equal((await list({}, { key: plain.key })).status, 403);
  assert.equal((await list({}, {})).status, 401);
  await dialtone.sql(`UPDATE accounts SET blocked = true WHERE id = ${admin.id}`);
  assert.equal((await list({}, { token }, space.dialtone)).status, 401, 'blocked, its sessions have ended');
});

test('filters_pages_and_their_links', async () => {
  const account = await createAccount(dialtone);
  const object = `account:${addressOf(account)}`;
  const key = (i) => `key ${i}/${i}`;
  for (let i = 0; i < 21; i++) await dialtone.api('POST', `/api/accounts/${account.id}/dictionary/${encodeURIComponent(key(i))}`, { as: 'admin', body: { value: 'x' } });
  const { json: first } = await list({ object, actor: OWN });
  assert.deepEqual([first.total, first.last_page, first.data.length], [22, 2, 20]);
  const path = first.next_page_url.replace(dialtone.env.DIALTONE_URL, '');
  const { json: second } = await dialtone.api('GET', path, { as: 'admin' });
  assert.deepEqual([second.data.length, second.data.at(-1).action, second.from, second.to], [2, 'account_add', 21, 22]);
  const all = [...first.data, ...second.data];
  assert.deepEqual(all.map(({ id }) => id), all.map(({ id }) => id).sort((a, b) => b - a));

  const count = async (query) => (await list({ object, ...query })).json.total;
  assert.equal((await list({ object: `${object}/dictionary/${key(7)}` })).json.total, 1, 'one part of it');
  assert.equal(await count({ actor: 'nobody@dialtone.test' }), 0);
  assert.equal(await count({ from: all[4].at }), 5);
  assert.equal(await count({ to: all[4].at }), 18);
  assert.equal(await count({ from: all[4].at, to: all[4].at }), 1);
  assert.equal(await count({ from: '2099-01-01' }), 0);
  assert.equal(await count({ page: '0' }), 22);
  assert.deepEqual((await list({ object, page: '2147483647' })).json.data, []);
});

test('names_are_cut_where_they_are_too_long_and_told_as_they_are_where_they_are_odd', async () => {
  const account = await createAccount(dialtone);
  const put = (key) => dialtone.api('POST', `/api/accounts/${account.id}/dictionary/${encodeURIComponent(key)}`, { as: 'admin', body: { value: 'x' } });
  const keys = ['a/b', "'; --", '\u{1F4DE}'.repeat(255), '%2F'];
  for (const key of keys) {
    const answer = await put(key);
    assert.equal(answer.status, 201, answer.text);
    const { part } = await rowOf(answer);
    if (key.length < 255) assert.equal(part, `dictionary/${key}`);
    else assert.match(part, /^dictionary\/\u{1F4DE}{200,}$/u);
  }
});

test('odd_filters_find_nothing_and_bad_ones_are_named', async () => {
  for (const text of ["'; DROP TABLE audit; --", '%', '_', '\\', '\u{1F4DE}é', '/', '//', 'account:', 'a'.repeat(1024)]) {
    for (const name of ['object', 'actor']) assert.deepEqual((await list({ [name]: text })).json.data, [], text);
  }
  for (const [name, text] of [['from', 'yesterday'], ['to', '2026-13-01'], ['from', '1.5'], ['object', 'a'.repeat(1025)], ['actor', 'a'.repeat(1025)]]) {
    const { status, json } = await list({ [name]: text });
    assert.equal(status, 422, `${name}=${text}`);
    assert.deepEqual(Object.keys(json.errors), [name]);
  }
  for (const query of ['object=%00', 'object=%ff%fe', 'actor=%00a']) assert.ok([400, 422].includes((await dialtone.api('GET', `/api/audit?${query}`, { as: 'admin' })).status), query);
});
