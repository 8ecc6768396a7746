/* Every endpoint row, driven by the API's own description: good call, strangers, bad fields. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { createUser } from '../lib/accounts.mjs';
import { Contract } from '../lib/contract.mjs';
import { challengesOf, digestRequest } from '../lib/digest.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { pathWith } from '../lib/paths.mjs';
import { goodCalls, malformed } from '../lib/rows.mjs';

/* By JSON type: values of another one. */
const mistyped = {
  string: [1.5, true, ['text'], { text: 1 }],
  boolean: ['yes', 2, -1, [true], {}],
  integer: ['seven', 1.5, true, [7]],
  object: ['text', 17, ['a']],
  dictionary: [{ key: 17 }, { key: null }, { key: { deep: 'er' } }],
};


after(() => Promise.all([world.user, plain].map(({ id }) => dialtone.api('DELETE', `/api/accounts/${id}`, { as: 'admin' })))); /* before the instance ends */
const dialtone = await sharedInstance();
const contract = await Contract.of(dialtone);
const world = { dialtone, user: await createUser(dialtone) };
const plain = await createUser(dialtone);

/* A call whose answer, whatever it is, is as described. */
async function call(operation, { path = operation.path, invalid, broken, status, aliases, ...options } = {}) {
  const answer = await dialtone.api(operation.method, path, options);
  contract.check(operation.method, path, answer);
  return answer;
}

/* Any path of the row will do for those who are not let in. */
const somePath = ({ path }) => path.replace(/\{(\w*_)?id\}/g, '1').replace(/\{\w+\}/g, 'nobody.here@example.org');

function isRefused(operation, answer, status) {
  assert.equal(answer.status, status, answer.text);
  if (answer.header('content-type') === 'text/html; charset=utf-8') return;
  if (operation.family === 'cti') {
    assert.deepEqual(Object.keys(answer.json), ['code', 'message', 'data']);
    assert.equal(answer.json.code, status);
  } else {
    assert.deepEqual(Object.keys(answer.json), ['message']);
  }
}

const fieldsNamed = ({ json }) => Object.keys(json.errors ?? json.data?.errors ?? {});

test('every_row_has_a_good_call_and_no_entry_is_left_over', () => {
  assert.deepEqual(Object.keys(goodCalls).sort(), contract.operations.map(({ key }) => key).sort());
});

test('no_row_is_described_without_an_auth_level', () => {
  for (const { key, level } of contract.operations) assert.match(level, /^(public|user|admin|super)$/, key);
});

for (const operation of contract.operations) {
  const good = goodCalls[operation.key];

  test(`${operation.key}: good_call_succeeds_as_described`, async () => {
    assert.ok(good, 'add a good call to tests/api/rows');
    const options = await good(world);
    const answer = await call(operation, options);
    const successes = Object.keys(operation.responses).map(Number).filter((status) => status < 300);
    assert.ok((options.status ? [options.status] : successes).includes(answer.status), answer.text);
  });

  if (operation.level === 'public') continue;

  test(`${operation.key}: without_credentials_it_is_401_with_the_challenge_of_its_family`, async () => {
    const path = somePath(operation);
    const bare = await call(operation, { path });
    isRefused(operation, bare, 401);
    if (operation.family === 'cti') {
      assert.deepEqual(bare.all('www-authenticate'), ['Bearer realm="nethcti"']);
      return;
    }
    assert.deepEqual(bare.all('www-authenticate'), [], 'without From there is no account to challenge');
    const named = await call(operation, { path, headers: { From: `sip:${plain.username}@${plain.domain}` } });
    isRefused(operation, named, 401);
    assert.deepEqual(challengesOf(named).map(({ algorithm }) => algorithm), ['SHA-256']);
  });

  test(`${operation.key}: wrong_credentials_get_401`, async () => {
    const path = somePath(operation);
    isRefused(operation, await call(operation, { path, token: 'no.such.token' }), 401);
    if (operation.family === 'accounts') isRefused(operation, await call(operation, { path, key: 'no-such-key' }), 401);
  });

  if (operation.level === 'user') continue;

  test(`${operation.key}: plain_user_gets_403_by_key_token_and_DIGEST`, async () => {
    const path = somePath(operation);
    isRefused(operation, await call(operation, { path, key: plain.key }), 403);
    isRefused(operation, await call(operation, { path, token: plain.token }), 403);
    const digest = await digestRequest(dialtone, plain, { method: operation.method, path });
    contract.check(operation.method, path, digest);
    isRefused(operation, digest, 403);
  });
}

/* Everything a body's schema refuses in one field: [what, value], value undefined is left out. */
function mistakes(name, schema, required) {
  const types = [schema.type].flat().filter((type) => type !== 'null');
  const fits = (value) => types.length > 1 && types.includes(Number.isInteger(value) ? 'integer' : typeof value);
  const wrong = types.flatMap((type) => (mistyped[type] ?? []).filter((value) => !fits(value)).map((value) => [`not a ${type}`, value]));
  if (schema.additionalProperties) wrong.push(...mistyped.dictionary.map((value) => ['not a dictionary', value]));
  if (required) wrong.push(['missing', undefined], ['null', null], ['empty', '']);
  if (schema.maxLength) wrong.push(['too long', 'a'.repeat(schema.maxLength + 1)], ['too long in UTF-8', 'é'.repeat(schema.maxLength + 1)]);
  if (schema.enum) wrong.push(['not in enum', 'no-such-value']);
  return [...wrong, ...(malformed[name] ?? []).map((value) => ['malformed', value])];
}

/* The fields of a body, those of its objects by "object.member": [name, schema, required, put], where put gives a
 * body another value of it. */
function fieldsOf({ properties, required = [] }) {
  return Object.entries(properties).flatMap(([name, schema]) => [
    [name, schema, required.includes(name), (body, value) => ({ ...body, [name]: value })],
    ...(schema.properties ? fieldsOf(schema).map(([member, inner, needed, put]) => [
      `${name}.${member}`, inner, needed, (body, value) => ({ ...body, [name]: put(body[name], value) })]) : []),
  ]);
}

/* What an example cannot know: names and numbers that are taken or have to be there, secrets, codes and tokens. */
const ofTheWorld = ['username', 'name', 'title', 'key', 'id', 'exten', 'password', 'old_password', 'otp', 'code', 'token',
  'confirmation_key', 'vcard', 'account_creation_token', 'account_creation_request_token', 'domain', 'host', 'email', 'phone'];

const withBody = contract.operations.filter(({ schema }) => schema);

for (const operation of withBody) {
  const { properties, required = [] } = operation.schema;

  for (const [name, schema, isRequired, put] of fieldsOf(operation.schema)) {
    test(`${operation.key}: bad_${name}_is_refused_by_name`, async () => {
      const good = await goodCalls[operation.key](world);
      for (const [what, value] of mistakes(name, schema, isRequired)) {
        if (what === 'malformed' && (good.invalid || good.compared?.includes(name))) continue;
        const body = put({ ...good.body, [good.aliases?.[name]]: undefined }, value);
        const answer = await call(operation, { ...good, body });
        const about = `${name} ${what}: ${JSON.stringify(value)?.slice(0, 80)}: ${answer.text}`;
        if (good.invalid) {
          isRefused(operation, answer, good.invalid);
          continue;
        }
        if (answer.status === 403 && name === 'domain') continue; /* a super admin names no stranger's space */
        assert.equal(answer.status, 422, about);
        assert.deepEqual(fieldsNamed(answer), [name], about);
      }
    });
  }

  test(`${operation.key}: its_example_succeeds`, async () => {
    assert.ok(operation.example, 'it has an example');
    const succeeds = async (body) => {
      const good = await goodCalls[operation.key](world);
      const answer = await call(operation, { ...good, body: body(good.body ?? {}) });
      return [answer.status < 300 || answer.status === good.status, answer.text];
    };
    const [asItIs] = await succeeds(() => operation.example);
    if (asItIs) return;
    const [filledIn, text] = await succeeds((known) => Object.fromEntries(Object.entries(operation.example)
      .map(([name, value]) => [name, ofTheWorld.includes(name) ? known[name] ?? value : value])));
    assert.ok(filledIn, text);
  });

  test(`${operation.key}: all_bad_fields_are_named_at_once`, async () => {
    const good = await goodCalls[operation.key](world);
    /* What has no type of its own in the description is looked at when the rest is right. */
    const { aliases = {} } = good;
    const typed = Object.keys(properties).filter((name) => properties[name].type && !aliases[name]);
    const body = Object.fromEntries(typed.map((name) => [name, ['never right']]));
    const answer = await call(operation, { ...good, body });
    assert.equal(answer.status, good.invalid ?? 422, answer.text);
    if (!good.invalid) assert.deepEqual(fieldsNamed(answer).sort(), typed.sort());
  });

  test(`${operation.key}: problem_document_is_as_described`, async () => {
    const answer = await call(operation, { ...(await goodCalls[operation.key](world)), body: required.length ? {} : '{', headers: { Accept: 'application/problem+json' } });
    assert.equal(answer.header('content-type'), 'application/problem+json');
    assert.equal(answer.json.status, answer.status);
  });

  test(`${operation.key}: broken_json_is_400`, async () => {
    const good = await goodCalls[operation.key](world);
    const answer = await call(operation, { ...good, body: '{"username":', headers: { 'Content-Type': 'application/json' } });
    isRefused(operation, answer, good.broken ?? good.invalid ?? 400);
  });
}

for (const operation of contract.operations.filter(({ path }) => path.includes('{id}'))) {
  test(`${operation.key}: what_is_no_id_of_an_account_is_404`, async () => {
    const good = await goodCalls[operation.key](world);
    const below = (id) => pathWith(operation, good, 'id', id);
    for (const id of ['abc', '0', '-1', '1.5', '99999999999999999999', "1'--"]) isRefused(operation, await call(operation, { ...good, path: below(id) }), 404);
    const missing = await call(operation, { ...good, path: below('999999999999999') });
    assert.equal(missing.status, good.missing?.id ?? 404, missing.text);
  });
}

for (const operation of contract.operations.filter(({ path }) => path.includes('{sip}'))) {
  test(`${operation.key}: address_of_no_account_is_404`, async () => {
    const good = await goodCalls[operation.key](world);
    for (const sip of ['nobody', 'nobody@dialtone.test', '@dialtone.test', 'superadmin@', 'superadmin@elsewhere.example.org', '%40']) {
      const answer = await call(operation, { ...good, path: operation.path.replace('{sip}', sip) });
      isRefused(operation, answer, 404);
    }
  });
}
