/* What a path is about: an object of another space answers as one that does not exist, whatever the body. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAccount, createUser, login, randomName } from '../lib/accounts.mjs';
import { createList } from '../lib/contacts.mjs';
import { Contract } from '../lib/contract.mjs';
import { addExtension, createProfile } from '../lib/cti.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { pathWith, variablesOf } from '../lib/paths.mjs';
import { goodCalls } from '../lib/rows.mjs';
import { createSpace } from '../lib/spaces.mjs';
import { until } from '../lib/until.mjs';
import { vcard } from '../lib/vcards.mjs';

const dialtone = await sharedInstance();
const contract = await Contract.of(dialtone);
const world = { dialtone, user: await createUser(dialtone) };

const EXTEN = '777';
const FOREIGN_UID = 'urn:uuid:00000000-0000-4000-8000-000000000000';
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
  await made(() => space.dialtone.api('POST', `/api/accounts/${account.id}/vcards-storage`, { as: 'admin', body: { vcard: vcard(FOREIGN_UID) } }));
  const admin = await made(() => createUser(space.dialtone, { admin: true }));
  const forwarding = await made(async () => {
    const answer = await space.dialtone.api('POST', `/api/accounts/${account.id}/call_forwardings`,
      { as: 'admin', body: { type: 'busy', forward_to: 'sip_uri', sip_uri: 'sip:bob@sip.example.org', enabled: true } });
    assert.equal(answer.status, 201);
    return answer.json;
  });
  const key = await made(async () => {
    const answer = await space.dialtone.api('POST', '/api/api_keys', { key: admin.key, body: { name: 'of another space' } });
    assert.equal(answer.status, 201);
    return answer.json;
  });
  return { space, account, key, forwarding, profile: await made(() => createProfile(space.dialtone, {})), list: await made(() => createList(space.dialtone)), jti: await jtiOfAnother() };
}

const foreign = await foreignWorld();

/* The id of a message or call. */
async function reported(kind) {
  const record = { id: randomName(), from: `alice@${world.user.domain}`, to: 'bob@sip.example.org',
    sent_at: '2026-01-31', initiated_at: '2026-01-31', encrypted: true };
  const made = await dialtone.api('POST', `/api/statistics/${kind}`, { as: 'admin', body: record });
  assert.equal(made.status, 200, made.text);
  return record.id;
}

/* Super administrators find these in every space: here the plain one of the other space asks. */
const records = { message: await reported('messages'), call: await reported('calls') };
const { key } = await createUser(foreign.space.dialtone, { admin: true });
const abroad = (method, path, options) => foreign.space.dialtone.api(method, path, { ...options, as: undefined, key });

/* A QR code that another account took is none any more. */
const taken = (await dialtone.api('POST', '/api/accounts/auth_token')).json.token;
assert.equal((await dialtone.api('GET', `/api/accounts/auth_token/${taken}/attach`, { key: world.user.key })).status, 200);

/* By the subject of a row: for each variable that names something of a space, a foreign and a missing value. */
const subjects = {
  account: {
    id: [foreign.account.id, MISSING],
    sip: [`${foreign.account.username}@${foreign.space.domain}`, `nobody@${foreign.space.domain}`],
    email: [foreign.account.email, `${randomName()}@example.org`],
  },
  extension: { id: [foreign.account.id, MISSING], exten: [EXTEN, '778'] },
  profile: { id: [foreign.profile.id, MISSING] },
  session: { jti: [foreign.jti, 'AAAAAAAAAAAAAAAAAAAAAA'] },
  contact: { sip: [`${foreign.account.username}@${foreign.space.domain}`, `nobody@${foreign.space.domain}`] },
  account_contact: { id: [foreign.account.id, MISSING], contact_id: [foreign.account.id, MISSING] },
  contacts_list: { id: [foreign.list.id, MISSING] },
  contacts_list_contact: { id: [foreign.list.id, MISSING], contact_id: [foreign.account.id, MISSING] },
  contacts_list_account: { id: [foreign.account.id, MISSING], contacts_list_id: [foreign.list.id, MISSING] },
  vcard: { id: [foreign.account.id, MISSING] },
  own_vcard: { uuid: [FOREIGN_UID, 'urn:uuid:nothing'] },
  /* All spaces have the same. */
  account_type: { id: [MISSING, MISSING + 1] },
  country: { code: ['QQ', 'ZZ'] },
  'external account': { id: [foreign.account.id, MISSING] },
  'service key': { id: [foreign.key.id, MISSING] },
  message: { message_id: [records.message, 'no-such-message'] },
  call: { call_id: [records.call, 'no-such-call'] },
  'QR code': { auth_token: [taken, 'x'.repeat(taken.length)] },
  'call forwarding': { id: [foreign.account.id, MISSING], fid: [foreign.forwarding.id, MISSING] },
};

/* What else a path has to say, to name something foreign. */
const beside = { extension: ['exten', EXTEN], vcard: ['uuid', FOREIGN_UID], 'call forwarding': ['fid', foreign.forwarding.id] };

const subjectOf = ({ key }) => {
  const [method, route] = key.split(' ');
  return contract.openapi.paths[route][method.toLowerCase()]['x-subject'];
};

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

/* No space is foreign to a super administrator, and a caller's own is named by no path. */
const about = contract.operations.filter((operation) => subjectOf(operation) && variablesOf(operation).length && !['public', 'super'].includes(operation.level));

test('rows_with_a_subject_are_there', () => {
  assert.ok(about.length >= 15, `${about.length}`);
  for (const operation of about) assert.ok(subjects[subjectOf(operation)], `what is a foreign ${subjectOf(operation)}?`);
});

async function answersAlike(operation, good, name, [there, nowhere]) {
  for (const [what, body] of Object.entries(bodies(good))) {
    const headers = typeof body === 'string' ? { 'Content-Type': 'application/json' } : {};
    const ask = records[subjectOf(operation)] ? abroad : dialtone.api.bind(dialtone);
    const call = (value) => ask(operation.method, pathWith(operation, good, name, value), { ...good, path: undefined, body, headers });
    const [one, other] = [seen(await call(there)), seen(await call(nowhere))];
    assert.deepEqual(one, other, `${name}, ${what}`);
    const bodyFirst = operation.key === 'PUT /api/accounts/{id}';
    assert.equal(one.status, !bodyFirst || what === 'valid' ? good.missing?.[name] ?? 404 : one.status, `${name}, ${what}: ${one.text}`);
  }
}

for (const operation of about) {
  test(`${operation.key}: foreign_and_missing_answer_alike_whatever_the_body`, async () => {
    const good = await goodCalls[operation.key](world);
    const subject = subjectOf(operation);
    const named = variablesOf(operation).filter((name) => subjects[subject][name]);
    if (beside[subject]) good.path = pathWith(operation, good, ...beside[subject]);
    assert.ok(named.length, 'nothing in its path can be foreign');
    for (const name of named) await answersAlike(operation, good, name, subjects[subject][name]);
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
