/* What a path is about: an object of another space answers as one that does not exist, whatever the body. */
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { test } from 'node:test';

import { createAccount, createUser, login, randomName } from '../lib/accounts.mjs';
import { Contract } from '../lib/contract.mjs';
import { addExtension, createProfile } from '../lib/cti.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { createSpace } from '../lib/spaces.mjs';
import { until } from '../lib/until.mjs';

const directory = new URL('rows/', import.meta.url);
const files = (await fs.readdir(directory)).filter((name) => name.endsWith('.mjs'));
const resources = await Promise.all(files.map((name) => import(new URL(name, directory))));
const goodCalls = Object.assign({}, ...resources.map((resource) => resource.goodCalls));

const dialtone = await sharedInstance();
const contract = await Contract.of(dialtone);
const world = { dialtone, user: await createUser(dialtone) };

const EXTEN = '777';
const MISSING = 987654321;

async function jtiOfAnother() {
  const token = await login(dialtone, await createAccount(dialtone));
  return JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).jti;
}

/* Every worker of the shared instance has to know the space before its objects can be made. */
async function foreignWorld() {
  const space = await createSpace(dialtone);
  const made = async (fn) => {
    let result;
    await until(async () => { result = await fn().catch(() => undefined); return result; }, { what: 'an object of the other space' });
    return result;
  };
  const account = await made(() => createAccount(space.dialtone, { email: `${randomName()}@example.org` }));
  await made(() => addExtension(space.dialtone, account, { exten: EXTEN }));
  return { space, account, profile: await made(() => createProfile(space.dialtone, {})), jti: await jtiOfAnother() };
}

const foreign = await foreignWorld();

/* By the subject of a row: the values of its variables, once foreign and once missing. */
const subjects = {
  account: (path) => ({
    id: [foreign.account.id, MISSING],
    sip: [`${foreign.account.username}@${foreign.space.domain}`, `nobody@${foreign.space.domain}`],
    email: [foreign.account.email, `${randomName()}@example.org`],
  }[path.match(/\{(\w+)\}/)[1]]),
  extension: () => [foreign.account.id, MISSING],
  profile: () => [foreign.profile.id, MISSING],
  session: () => [foreign.jti, 'AAAAAAAAAAAAAAAAAAAAAA'],
};

const subjectOf = ({ key }) => {
  const [method, route] = key.split(' ');
  return contract.openapi.paths[route][method.toLowerCase()]['x-subject'];
};

const pathOf = (operation, value) => operation.path.replace('{exten}', EXTEN).replace(/\{\w+\}/, value);

/* What a client can see of an answer, but for what belongs to the one request. */
const seen = ({ status, text, headers }) => ({
  status, text, headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !['date', 'x-request-id'].includes(name))),
});

const bodies = (good) => ({
  valid: good.body,
  invalid: { username: ['never right'], type: 17, name: [] },
  'no JSON': '{"username":',
  empty: undefined,
});

const about = contract.operations.filter((operation) => subjectOf(operation) && operation.level !== 'public');

test('rows_with_a_subject_are_there', () => {
  assert.ok(about.length >= 15, `${about.length}`);
  for (const operation of about) assert.ok(subjects[subjectOf(operation)], `what is a foreign ${subjectOf(operation)}?`);
});

for (const operation of about) {
  test(`${operation.key}: foreign_and_missing_answer_alike_whatever_the_body`, async () => {
    const { path, ...good } = await goodCalls[operation.key](world);
    const [there, nowhere] = subjects[subjectOf(operation)](operation.path);
    for (const [what, body] of Object.entries(bodies(good))) {
      const headers = typeof body === 'string' ? { 'Content-Type': 'application/json' } : {};
      const call = (value) => dialtone.api(operation.method, pathOf(operation, value), { ...good, body, headers });
      const [one, other] = [seen(await call(there)), seen(await call(nowhere))];
      assert.deepEqual(one, other, what);
      const bodyFirst = operation.key === 'PUT /api/accounts/{id}';
      assert.equal(one.status, !bodyFirst || what === 'valid' ? 404 : one.status, `${what}: ${one.text}`);
    }
  });
}

test('PUT_of_an_account_tells_a_bad_body_before_a_missing_account', async () => {
  const answer = await dialtone.api('PUT', `/api/accounts/${MISSING}`, { as: 'admin', body: { username: 'Upper.Case' } });
  assert.equal(answer.status, 422, answer.text);
});

test('an_account_that_has_no_such_extension_answers_like_one_that_is_not_there', async () => {
  const own = await createAccount(dialtone);
  const call = (id) => dialtone.api('PUT', `/api/accounts/${id}/extensions/${EXTEN}`, { as: 'admin', body: { type: 'webrtc' } });
  assert.deepEqual(seen(await call(own.id)), seen(await call(foreign.account.id)));
});
