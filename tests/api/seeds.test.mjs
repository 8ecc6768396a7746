/*
 * Every call that three documents of the account manager list, as a client of their time makes it: methods, paths,
 * names and spellings as printed. 002 is the oldest (2022), 004 the next; 003, the newest, prints how callers prove who
 * they are and implies the rest. What a call does in depth has a test of its own; here a missing or changed row fails.
 */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { test } from 'node:test';

import { createAccount, createUser, randomName, readAccount } from '../lib/accounts.mjs';
import { askedFor, createValidated } from '../lib/codes.mjs';
import { createList, giveContact, giveList, putOnList } from '../lib/contacts.mjs';
import { digestRequest } from '../lib/digest.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { goodCalls } from '../lib/rows.mjs';
import { addSpace, putSpace } from '../lib/spaces.mjs';
import { creationToken, keyOf, newPhone, requestToken, validate } from '../lib/tokens.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await sharedInstance();
const asAdmin = { as: 'admin' };
const admin = await createUser(dialtone, { admin: true });
const sipOf = ({ username, domain }) => `${username}@${domain}`;
const mailOf = () => `${randomName()}@example.org`;
const wordOf = () => randomName('word').replace('.', '-');
const INSTANT = '2024-05-06T07:08:09+00:00';
const UUID = 'urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6';

const admins = async (method, path, body) => {
  const answer = await dialtone.api(method, path, { ...asAdmin, body });
  assert.ok(answer.status < 300, answer.text);
  return answer.json;
};

/* What the documents' calls are about. */
const one = (fields) => createAccount(dialtone, fields);
const ofOne = async (fields, rest) => ({ vars: { id: (await one(fields)).id }, ...rest });
const phoneUser = (rest) => ofOne({ dtmf_protocol: 'sipinfo' }, rest);
const newcomer = async (more) => ({ username: randomName(), password: 'a good password', algorithm: 'SHA-256', account_creation_token: await creationToken(dialtone), ...more });
const newAuthToken = async () => (await dialtone.api('POST', '/api/accounts/auth_token')).json.token;
const newType = async () => (await admins('POST', '/api/account_types', { key: wordOf() })).id;

async function attached() {
  const [token, user] = [await newAuthToken(), await createUser(dialtone)];
  assert.equal((await dialtone.api('GET', `/api/accounts/auth_token/${token}/attach`, { key: user.key })).status, 200);
  return { vars: { auth_token: token } };
}

async function anAction(body) {
  const call = await phoneUser({ body });
  call.vars.action_id = (await admins('POST', `/api/accounts/${call.vars.id}/actions`, { key: 'door', code: '12' })).id;
  return call;
}

async function aContact(given) {
  const [owner, contact] = [await one(), await one()];
  if (given) await giveContact(dialtone, owner, contact);
  return { vars: { id: owner.id, contact_id: contact.id } };
}

async function aType(attach) {
  const call = await ofOne();
  call.vars.type_id = await newType();
  if (attach) await admins('POST', `/api/accounts/${call.vars.id}/types/${call.vars.type_id}`);
  return call;
}

async function onList(put) {
  const [list, contact] = [await createList(dialtone), await one()];
  if (put) await putOnList(dialtone, list, contact);
  return { vars: { contacts_list_id: list.id, contact_id: contact.id } };
}

async function listOf(give) {
  const [list, owner] = [await createList(dialtone), await one()];
  if (give) await giveList(dialtone, owner, list);
  return { vars: { id: owner.id, contacts_list_id: list.id } };
}

async function waiting(fields, name) {
  const asked = await one({ activated: false, ...fields });
  return { vars: { sip: sipOf(asked) }, body: { [name]: asked.confirmation_key } };
}

async function withPin(name) {
  const phone = newPhone();
  const lost = await one({ activated: false, phone });
  await dialtone.api('POST', '/api/accounts/recover-by-phone', { body: { phone, account_creation_token: await creationToken(dialtone) } });
  const pin = await keyOf(dialtone, lost.id);
  return name ? { vars: { sip: sipOf(lost) }, body: { [name]: pin } } : { vars: { sip: `${phone}@${lost.domain}`, recover_key: pin } };
}

const aMessage = (id) => ({ id, from: 'alice@sip.example.org', sent_at: INSTANT, encrypted: false, conference_id: 'meeting' });
const aCall = (id) => ({ id, from: 'alice@sip.example.org', to: 'bob@sip.example.org', initiated_at: INSTANT });

async function ofCall(body, more) {
  const id = randomName('call');
  await admins('POST', '/api/statistics/calls', aCall(id));
  return { vars: { call_id: id, ...more }, body };
}

async function ofMessage() {
  const id = randomName('message');
  await admins('POST', '/api/statistics/messages', aMessage(id));
  return { vars: { message_id: id, to: 'bob@sip.example.org', device_id: 'phone' }, body: { last_status: 200, received_at: INSTANT } };
}

async function myContact(user) {
  const contact = await one();
  await giveContact(dialtone, user, contact);
  return { vars: { sip: sipOf(contact) } };
}

/* What answers look like. */
const says = (text) => (answer) => assert.equal(answer.text, text);
const nothing = says('');
const has = (fields) => (answer) => assert.deepEqual(Object.fromEntries(Object.keys(fields).map((name) => [name, answer.json[name]])), fields);
const like = (name, form) => (answer) => assert.match(String(answer.json[name]), form);
const anArray = (answer) => assert.ok(Array.isArray(answer.json), answer.text);
const inactive = has({ activated: false });
const active = has({ activated: true });
const provisioned = like('provisioning_token', /^[A-Za-z0-9]{13}$/);
const cookieSet = (answer) => assert.match(answer.header('set-cookie'), /^x-api-key=[A-Za-z0-9]{40};/);
const gone = async (answer, { vars }) => assert.equal((await dialtone.api('GET', `/api/accounts/${vars.id}`, asAdmin)).status, 404);
const buckets = (from, to = from) => (answer) => {
  const n = Object.keys(answer.json).length;
  assert.ok(n >= from && n <= to, answer.text);
  assert.deepEqual(Object.keys(Object.values(answer.json)[0]), ['all', 'phone', 'email', 'activated_phone', 'activated_email']);
};

const newAccount = (more) => ({ username: randomName(), password: 'a good password', algorithm: 'MD5', ...more });
const push = () => ({ body: { pn_provider: 'fcm', pn_param: 'project', pn_prid: 'abc:def' } });
const BOTH = '002 004';
const empty = () => ({});

/* [call as printed, documents, who may, what of it (the caller is given where they matter), status, what is then so] */
const table = [
  ['GET /ping', BOTH, 'public', empty, 200, says('pong')],
  ['POST /account_creation_request_tokens', '004', 'public', empty, 201, like('token', /^\w{13}$/)],
  ['POST /account_creation_tokens/send-by-push', BOTH, 'public', push, 503],
  ['POST /account_creation_tokens/using-account-creation-request-token', '004', 'public', async () => {
    const { token } = await requestToken(dialtone);
    await validate(dialtone, token);
    return { body: { account_creation_request_token: token } };
  }, 201, like('token', /^\w{13}$/)],
  ['POST /account_creation_tokens/using-account-creation-request-token', '004', 'public',
    async () => ({ body: { account_creation_request_token: (await requestToken(dialtone)).token } }), 404],
  ['POST /account_creation_tokens', BOTH, 'admin', empty, 201, like('token', /^\w{13}$/)],
  ['POST /accounts/auth_token', BOTH, 'public', empty, 201, like('token', /^\w{32}$/)],
  ['GET /accounts/auth_token/{auth_token}/attach', BOTH, 'user header', async () => ({ vars: { auth_token: await newAuthToken() } }), 200, nothing],
  ['GET /accounts/auth_token/{auth_token}/attach', BOTH, 'user header', () => ({ vars: { auth_token: 'x'.repeat(32) } }), 404],
  ['POST /accounts/public', '004', 'public', async () => ({ body: await newcomer({ email: mailOf() }) }), 200, inactive],
  ['POST /accounts/public', '004', 'public', async () => ({ body: await newcomer({ username: undefined, phone: newPhone() }) }), 200,
    (answer, { body }) => assert.equal(answer.json.username, body.phone)],
  ['POST /accounts/with-account-creation-token', BOTH, 'public', async () => ({ body: await newcomer({ dtmf_protocol: 'rfc2833' }) }), 200, inactive],
  ['POST /accounts/with-account-creation-token', '002', 'public', async () => ({ body: await newcomer({ domain: admin.domain, algorithm: 'MD5' }) }), 200, inactive],
  ['POST /accounts/with-account-creation-token', '004', 'public', async () => ({ body: await newcomer({ dtmf_protocol: 'sipmessage' }) }), 200, inactive],
  ['POST /accounts/with-account-creation-token', BOTH, 'public', async () => ({ body: await newcomer({ username: '' }) }), 422],
  ['GET /accounts/{sip}/info', BOTH, 'public', async () => ({ vars: { sip: sipOf(await one()) } }), 200, has({ activated: true, realm: null })],
  ['GET /accounts/{sip}/info', BOTH, 'public', () => ({ vars: { sip: 'nobody.here@dialtone.test' } }), 404],
  ['GET /accounts/{phone}/info-by-phone', '004', 'public', async () => ({ vars: { phone: (await one({ phone: newPhone() })).phone } }), 200, has({ phone: true })],
  ['GET /accounts/{phone}/info-by-phone', '004', 'public', () => ({ vars: { phone: newPhone() } }), 404],
  ['POST /accounts/recover-by-phone', '004', 'public', async () =>
    ({ body: { phone: (await one({ phone: newPhone() })).phone, account_creation_token: await creationToken(dialtone) } }), 200, nothing],
  ['POST /accounts/recover-by-phone', '004', 'public', async () => ({ body: { phone: newPhone(), account_creation_token: await creationToken(dialtone) } }), 404],
  ['GET /accounts/{sip}/recover/{recover_key}', '004', 'public', () => withPin(), 200, (answer) => {
    assert.equal(answer.json.activated, true);
    assert.match(answer.json.passwords[0].password, /^[0-9a-f]{64}$/);
  }],
  ['GET /accounts/{sip}/recover/{recover_key}', '004', 'public', () => ({ vars: { sip: 'nobody.here@dialtone.test', recover_key: '1234' } }), 404],
  ['POST /accounts/{sip}/activate/email', '002', 'public', () => waiting({}, 'code'), 200, active],
  ['POST /accounts/{sip}/activate/email', '004', 'public', () => waiting({}, 'confirmation_key'), 200, active],
  ['POST /accounts/{sip}/activate/email', BOTH, 'public', async () => ({ ...(await waiting({}, 'code')), body: { code: 'x'.repeat(13) } }), 404],
  ['POST /accounts/{sip}/activate/email', BOTH, 'public', () => waiting({ confirmation_key_expires: '2020-01-31 23:59:59' }, 'code'), 403],
  ['POST /accounts/{sip}/activate/phone', '002', 'public', () => withPin('code'), 200, active],
  ['POST /accounts/{sip}/activate/phone', '004', 'public', () => withPin('confirmation_key'), 200, active],
  ['GET /accounts/me/api_key/{auth_token}', BOTH, 'public', attached, 200, (answer) => {
    cookieSet(answer);
    assert.match(answer.json.api_key, /^\w{40}$/);
  }],
  ['GET /accounts/me/api_key/{auth_token}', BOTH, 'public', async () => ({ vars: { auth_token: await newAuthToken() } }), 404],
  ['GET /accounts/me/api_key', BOTH, 'user header', empty, 200, (answer) => {
    cookieSet(answer);
    assert.match(answer.text, /^\w{40}$/);
  }],
  ['GET /accounts/me', BOTH, 'user', empty, 200, (answer, call, user) => assert.equal(answer.json.id, user.id)],
  ['GET /accounts/me/provision', '004', 'user header', empty, 200, provisioned],
  ['DELETE /accounts/me', BOTH, 'user', empty, 200, (answer, call, user) => gone(answer, { vars: user })],
  ['POST /accounts/me/email/request', BOTH, 'user', () => ({ body: { email: mailOf() } }), 200, nothing],
  ['POST /accounts/me/password', BOTH, 'user', (user) => ({ body: { algorithm: 'MD5', old_password: user.password, password: 'another good one' } }), 200,
    has({ passwords: [{ algorithm: 'MD5' }] })],
  ['POST /accounts', BOTH, 'admin', () => ({ body: newAccount() }), 200, (answer) => {
    inactive(answer);
    provisioned(answer);
    assert.match(answer.json.confirmation_key, /^\w{13}$/);
  }],
  ['POST /accounts', '002', 'admin', () => ({ body: newAccount({ domain: admin.domain, activated: false, confirmation_key_expires: '2040-01-31 23:59:59', dtmf_protocol: 'rfc2833' }) }), 200,
    has({ confirmation_key_expires: '2040-01-31 23:59:59', dtmf_protocol: 'rfc2833' })],
  ['POST /accounts', '004', 'admin', () => ({ body: newAccount({ activated: true, display_name: 'Alice', email: mailOf(), admin: true, phone: newPhone(), dtmf_protocol: 'sipmessage', dictionary: { a: 'b' } }) }), 200,
    has({ activated: true, display_name: 'Alice', admin: true, dtmf_protocol: 'sipmessage', dictionary: { a: 'b' } })],
  ['PUT /accounts/{id}', '004', 'admin', () => ofOne({}, { body: newAccount({ display_name: 'Bob', email: mailOf(), admin: true, phone: newPhone(), dtmf_protocol: 'sipinfo' }) }), 200,
    (answer, { body }) => has({ username: body.username, display_name: 'Bob', phone: body.phone, admin: true })(answer)],
  ['GET /accounts', BOTH, 'admin', empty, 200, (answer) => assert.ok(Array.isArray(answer.json.data) && answer.json.per_page === 20)],
  ['GET /accounts/{id}', BOTH, 'admin', () => ofOne(), 200, active],
  ['GET /accounts/{sip}/search', BOTH, 'admin', async () => ({ vars: { sip: sipOf(await one()) } }), 200, active],
  ['GET /accounts/{email}/search-by-email', '004', 'admin', async () => ({ vars: { email: (await one({ email: mailOf() })).email } }), 200, active],
  ['DELETE /accounts/{id}', BOTH, 'admin', () => ofOne(), 200, gone],
  ['GET /accounts/{id}/activate', '002', 'admin header', () => ofOne({ activated: false }), 200, active],
  ['GET /accounts/{id}/deactivate', '002', 'admin header', () => ofOne(), 200, inactive],
  ['POST /accounts/{id}/activate', '004', 'admin', () => ofOne({ activated: false }), 200, active],
  ['POST /accounts/{id}/deactivate', '004', 'admin', () => ofOne(), 200, inactive],
  ['POST /accounts/{id}/block', '004', 'admin', () => ofOne(), 200, has({ blocked: true })],
  ['POST /accounts/{id}/unblock', '004', 'admin', () => ofOne(), 200, has({ blocked: false })],
  ['GET /accounts/{id}/provision', BOTH, 'admin header', () => ofOne(), 200, provisioned],
  ['POST /accounts/me/phone/request', BOTH, 'user', () => ({ body: { phone: newPhone() } }), 200, nothing],
  ['POST /accounts/me/phone', BOTH, 'user', async (user) => ({ body: { code: await askedFor(dialtone, user, 'phone', newPhone()) } }), 200,
    (answer) => assert.match(answer.json.phone, /^\+336/)],
  ['GET /accounts/me/devices', BOTH, 'user', empty, 200, says('{}')],
  ['DELETE /accounts/me/devices/{uuid}', BOTH, 'user', () => ({ vars: { uuid: UUID } }), 200, nothing],
  ['GET /accounts/me/contacts', BOTH, 'user', myContact, 200, (answer, { vars }) => assert.deepEqual(answer.json.map(sipOf), [vars.sip])],
  ['GET /accounts/me/contacts/{sip}', BOTH, 'user', myContact, 200, (answer, { vars }) => assert.equal(sipOf(answer.json), vars.sip)],
  ['GET /accounts/{id}/contacts', BOTH, 'admin', () => aContact(true), 200, (answer, { vars }) => assert.deepEqual(answer.json.map(({ id }) => id), [vars.contact_id])],
  ['POST /accounts/{id}/contacts/{contact_id}', BOTH, 'admin', () => aContact(false), 200, nothing],
  ['DELETE /accounts/{id}/contacts/{contact_id}', BOTH, 'admin', () => aContact(true), 200, says('1')],
  ['GET /accounts/{id}/dictionary', '004', 'admin', () => ofOne({ dictionary: { colour: 'red' } }), 200, has({ colour: 'red' })],
  ['POST /accounts/{id}/dictionary/{key}', '004', 'admin', async () => ({ vars: { id: (await one()).id, key: 'colour' }, body: { value: 'blue' } }), 201, has({ value: 'blue' })],
  ['DELETE /accounts/{id}/dictionary/{key}', '004', 'admin', async () => ({ vars: { id: (await one({ dictionary: { colour: 'red' } })).id, key: 'colour' } }), 200, says('1')],
  ['GET /accounts/{id}/actions', BOTH, 'admin', () => phoneUser(), 200, anArray],
  ['GET /accounts/{id}/actions', BOTH, 'admin', () => ofOne(), 403],
  ['GET /accounts/{id}/actions/{action_id}', BOTH, 'admin', () => anAction(), 200, has({ key: 'door', code: '12' })],
  ['POST /accounts/{id}/actions/', BOTH, 'admin', () => phoneUser({ body: { key: 'open-door', code: '1a' } }), 201, has({ key: 'open-door', code: '1a' })],
  ['PUT /accounts/{id}/actions/{action_id}', BOTH, 'admin', () => anAction({ key: 'gate', code: '3' }), 200, has({ key: 'gate', code: '3' })],
  ['DELETE /accounts/{id}/actions/{action_id}', BOTH, 'admin', () => anAction(), 200, says('1')],
  ['GET /contacts_lists', '004', 'admin', empty, 200, anArray],
  ['GET /contacts_lists/{id}', '004', 'admin', async () => ({ vars: await createList(dialtone) }), 200, like('title', /^list/)],
  ['POST /contacts_lists', '004', 'admin', () => ({ body: { title: randomName('list'), description: 'Sales' } }), 201, has({ description: 'Sales' })],
  ['PUT /contacts_lists/{id}', '004', 'admin', async () => ({ vars: await createList(dialtone), body: { title: randomName('list'), description: 'Others' } }), 200, has({ description: 'Others' })],
  ['DELETE /contacts_lists/{id}', '004', 'admin', async () => ({ vars: await createList(dialtone) }), 200, says('1')],
  ['POST /contacts_lists/{contacts_list_id}/contacts/{contact_id}', '004', 'admin', () => onList(false), 200, nothing],
  ['DELETE /contacts_lists/{contacts_list_id}/contacts/{contact_id}', '004', 'admin', () => onList(true), 200, says('1')],
  ['POST /accounts/{id}/contacts_lists/{contacts_list_id}', '004', 'admin', () => listOf(false), 200, nothing],
  ['DELETE /accounts/{id}/contacts_lists/{contacts_list_id}', '004', 'admin', () => listOf(true), 200, says('1')],
  ['GET /account_types', BOTH, 'admin', empty, 200, anArray],
  ['GET /account_types/{id}', BOTH, 'admin', async () => ({ vars: { id: await newType() } }), 200, like('key', /^word-/)],
  ['POST /account_types', BOTH, 'admin', () => ({ body: { key: wordOf() } }), 201, like('key', /^word-/)],
  ['PUT /account_types/{id}', BOTH, 'admin', async () => ({ vars: { id: await newType() }, body: { key: wordOf() } }), 200, (answer, { body }) => has(body)(answer)],
  ['DELETE /account_types/{id}', BOTH, 'admin', async () => ({ vars: { id: await newType() } }), 200, says('1')],
  ['POST /accounts/{id}/types/{type_id}', BOTH, 'admin', () => aType(false), 200, nothing],
  ['DELETE /accounts/{id}/contacts/{type_id}', BOTH, 'admin', () => aType(true), 200, async (answer, { vars }) => {
    assert.equal(answer.text, '1');
    assert.deepEqual((await readAccount(dialtone, vars.id)).types, []);
  }],
  ['POST /messages', BOTH, 'admin', () => ({ body: { to: 'bob@sip.example.org', body: 'Hello' } }), 404],
  ['GET /statistics/day', '002', 'admin', empty, 200, buckets(25)],
  ['GET /statistics/week', '002', 'admin', empty, 200, buckets(8)],
  ['GET /statistics/month', '002', 'admin', empty, 200, buckets(29, 32)],
  ['POST /statistics/messages', '004', 'admin', () => ({ body: aMessage(randomName('message')) }), 200, says('1')],
  ['PATCH /statistics/messages/{message_id}/to/{to}/devices/{device_id}', '004', 'admin', ofMessage, 201, has({ to_username: 'bob', device_id: 'phone', last_status: 200 })],
  ['POST /statistics/calls', '004', 'admin', () => ({ body: { ...aCall(randomName('call')), ended_at: INSTANT, conference_id: 'meeting' } }), 200, says('1')],
  ['PATCH /statistics/calls/{call_id}/devices/{device_id}', '004', 'admin',
    () => ofCall({ rang_at: INSTANT, invite_terminated: { at: INSTANT, state: 'declined' } }, { device_id: 'phone' }), 201, has({ invite_terminated_state: 'declined' })],
  ['PATCH /statistics/calls/{call_id}', '004', 'admin', () => ofCall({ ended_at: INSTANT }), 200, like('ended_at', /^2024-05-06T07:08:09/)],
];

/* With the headers that the documents want from everyone. */
const plain = { 'content-type': 'application/json', accept: 'application/json' };
const fromOf = (who) => `sip:${sipOf(who)}`;
const sending = (headersOf) => (method, path, body, who, at = dialtone) => at.api(method, path, { body, headers: { ...plain, ...headersOf(who) } });
const digest = (method, path, body, who) => digestRequest(dialtone, who, { method, path, body });

/* How a caller of each year proves who they are. */
const ways = {
  '002 key': sending((who) => ({ from: fromOf(who), 'x-api-key': who.key })),
  '002 cookie': sending((who) => ({ from: fromOf(who), Cookie: `x-api-key=${who.key}` })),
  '004 key': sending((who) => ({ 'x-api-key': who.key })),
  '004 cookie': sending((who) => ({ Cookie: `x-api-key=${who.key}` })),
  '003 jwt': sending((who) => ({ Authorization: `Bearer ${who.token}` })),
  'DIGEST-MD5': digest,
  'DIGEST-SHA-256': digest,
};
const anonymous = sending(() => ({ from: fromOf(admin) }));

const callers = { MD5: await createUser(dialtone, { admin: true, algorithm: 'MD5' }), 'SHA-256': admin };
const callerOf = (level, algorithm) => (level.startsWith('admin') ? callers[algorithm] : createValidated(dialtone, { algorithm }));

const filled = (path, vars = {}) => `/api${path.replace(/\{(\w+)\}/g, (printed, name) => {
  assert.ok(name in vars, `${printed} of ${path}`);
  return vars[name];
})}`;

async function drive([printed, , level, how, status, check], name, way) {
  const [method, path] = printed.split(' ');
  const who = await callerOf(level, name === 'DIGEST-MD5' ? 'MD5' : 'SHA-256');
  const call = await how(who);
  const answer = await way(method, filled(path, call.vars), call.body, who);
  assert.equal(answer.status, status, `${name}: ${answer.text}`);
  await check?.(answer, call, who);
}

for (const row of table) {
  const [printed, documents, level, how, status] = row;
  const [method, path] = printed.split(' ');
  if (level === 'public') {
    test(`${documents}: ${printed} ${status}`, () => drive(row, level, anonymous));
    continue;
  }
  test(`${documents}: ${printed} ${status} by every way to prove who asks, 401 without one`, async () => {
    for (const [name, way] of Object.entries(ways)) {
      if (!(level.endsWith('header') && name.endsWith('cookie'))) await drive(row, name, way);
    }
    const { vars, body } = await how(await createValidated(dialtone));
    assert.equal((await sending(() => ({}))(method, filled(path, vars), body)).status, 401);
  });
}

/* What no document prints but its flows cannot end without, or the servers of that year answered. */
const implied = `
  POST /creation_token/validate
  GET /creation_token/check/{token}
  POST /api/account_creation_tokens/consume
  POST /api/account_recovery_tokens/send-by-push
  POST /api/tokens
  POST /api/accounts/with-token
  GET /api/statistic/day
  GET /api/statistic/week
  GET /api/statistic/month
  POST /api/accounts/me/email
  GET /api/accounts/me/services/turn
  GET /api/accounts/me/vcards-storage
  POST /api/accounts/me/vcards-storage
  GET /api/accounts/me/vcards-storage/{uuid}
  PUT /api/accounts/me/vcards-storage/{uuid}
  DELETE /api/accounts/me/vcards-storage/{uuid}
  POST /api/push_notification
  POST /api/accounts/{id}/send_provisioning_email
  POST /api/accounts/{id}/send_reset_password_email
  GET /api/accounts/{id}/devices
  DELETE /api/accounts/{id}/devices/{uuid}
  GET /api/accounts/{id}/contacts/{contact_id}
  GET /api/accounts/{id}/dictionary/{key}
  POST /api/accounts/{id}/actions
  DELETE /api/accounts/{id}/types/{type_id}
  GET /api/accounts/{id}/vcards-storage
  POST /api/accounts/{id}/vcards-storage
  GET /api/accounts/{id}/vcards-storage/{uuid}
  PUT /api/accounts/{id}/vcards-storage/{uuid}
  DELETE /api/accounts/{id}/vcards-storage/{uuid}
  GET /api/accounts/{id}/external
  POST /api/accounts/{id}/external
  DELETE /api/accounts/{id}/external
  GET /api/phone_countries
  POST /api/phone_countries/{code}/activate
  POST /api/phone_countries/{code}/deactivate
  GET /api/spaces
  POST /api/spaces
  GET /api/spaces/{domain}
  PUT /api/spaces/{domain}
  DELETE /api/spaces/{domain}
  GET /api/spaces/{domain}/email
  POST /api/spaces/{domain}/email
  DELETE /api/spaces/{domain}/email
  GET /api/api_keys
  POST /api/api_keys
  DELETE /api/api_keys/{id}`.trim().split(/\n\s*/);

/* One call of a flow: resolves with what it answered. Without a status it succeeds. */
async function call(method, path, body, status, options) {
  const answer = await dialtone.api(method, `/api${path}`, { body, headers: plain, ...options });
  assert.ok(status ? answer.status === status : answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text}`);
  return answer.json;
}

const plainRow = () => asAdmin; /* another spelling, described under the first */
const someone = await createUser(dialtone);

for (const printed of implied) {
  test(`003: ${printed} is there`, async () => {
    const [method, path] = printed.split(' ');
    const { status, path: filledPath = path, body, as, key, token } = await (goodCalls[printed] ?? plainRow)({ dialtone, user: someone });
    const answer = await dialtone.api(method, filledPath, { body, as, key, token });
    assert.ok(status ? answer.status === status : answer.status < 300, `${answer.status} ${answer.text}`);
  });
}

test('004 a_phone_comes_from_nothing_to_its_contacts_in_documented_calls', async () => {
  const { token: request } = await call('POST', '/account_creation_request_tokens');
  await call('POST', '/account_creation_tokens/using-account-creation-request-token', { account_creation_request_token: request }, 404);
  await validate(dialtone, request);
  const { token } = await call('POST', '/account_creation_tokens/using-account-creation-request-token', { account_creation_request_token: request });
  const body = { username: randomName(), password: 'a good password', algorithm: 'SHA-256', account_creation_token: token };
  const made = await call('POST', '/accounts/with-account-creation-token', body);
  await call('POST', '/accounts/with-account-creation-token', { ...body, username: randomName() }, 422);
  const phone = { ...made, password: body.password };
  phone.key = (await digest('GET', '/api/accounts/me/api_key', undefined, phone)).text;
  const mine = (method, path, sent, status) => call(method, path, sent, status, { key: phone.key });

  const code = await askedFor(dialtone, phone, 'phone', newPhone());
  assert.equal((await mine('POST', '/accounts/me/phone', { code })).activated, true);
  await mine('POST', '/accounts/me/phone', { code }, 404);

  const list = await createList(dialtone);
  const friend = await one({ dtmf_protocol: 'rfc2833' });
  await putOnList(dialtone, list, friend);
  assert.deepEqual(await mine('GET', '/accounts/me/contacts'), []);
  await giveList(dialtone, phone, list);
  assert.deepEqual((await mine('GET', '/accounts/me/contacts')).map(sipOf), [sipOf(friend)]);
  await call('POST', `/accounts/${phone.id}/contacts_lists/${list.id}`, undefined, 403, asAdmin);

  const { token: shown } = await call('POST', '/accounts/auth_token');
  await call('GET', `/accounts/me/api_key/${shown}`, undefined, 404);
  await mine('GET', `/accounts/auth_token/${shown}/attach`);
  const { api_key: key } = await call('GET', `/accounts/me/api_key/${shown}`);
  assert.equal((await call('GET', '/accounts/me', undefined, 200, { key })).id, phone.id);
  await call('GET', `/accounts/me/api_key/${shown}`, undefined, 404);
  await call('DELETE', '/accounts/me', undefined, 200, { key });
  await call('GET', `/accounts/${sipOf(phone)}/info`, undefined, 404);
});

test('003 the_example_in_french_is_answered_as_printed', async () => {
  const body = { password: 'a good password', account_creation_token: await creationToken(dialtone) };
  const answer = await dialtone.api('POST', '/api/accounts/with-account-creation-token', { body, headers: { ...plain, 'Accept-Language': 'fr' } });
  const text = 'Le champ pseudo est obligatoire.';
  assert.deepEqual([answer.status, answer.json], [422, { message: text, errors: { username: [text] } }]);
});

test('002 and 003: a_request_with_From_alone_is_told_the_algorithm_of_the_account', async () => {
  for (const [algorithm, who] of Object.entries(callers)) {
    for (const path of ['/api/accounts/me', '/api/accounts', '/api/statistics/day']) {
      const answer = await sending(() => ({ from: fromOf(who) }))('GET', path);
      assert.equal(answer.status, 401);
      assert.match(answer.header('content-type'), /^application\/json/);
      assert.match(answer.all('www-authenticate').join(), new RegExp(`^Digest realm="?${who.domain}"?,qop="?auth"?,algorithm=${algorithm},nonce="[^"]+",opaque="[^"]+"$`));
    }
  }
});

const provider = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });

function issued(claims) {
  const text = [{ alg: 'RS256', typ: 'JWT' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${text}.${crypto.sign('sha256', Buffer.from(text), provider.privateKey).toString('base64url')}`;
}

test('003 a_space_takes_tokens_of_its_provider_until_it_expires_and_then_403_everywhere', async (t) => {
  const public_key = provider.publicKey.export({ type: 'spki', format: 'pem' });
  const space = await addSpace(dialtone, { oidc_authentication_configuration: { public_key } });
  t.after(() => dialtone.api('DELETE', `/api/spaces/${space.domain}`, asAdmin));
  await until(async () => (await Promise.all(Array.from({ length: 8 }, () => space.dialtone.api('GET', '/api/accounts', asAdmin)))).every(({ json }) => json?.total === 0), { what: 'the space' });
  const ruler = await createUser(space.dialtone, { admin: true });
  const exp = Math.floor(Date.now() / 1000) + 300;
  const mine = issued({ exp, sip_identity: fromOf(ruler) });
  const asks = (token, path = '/api/accounts/me') => space.dialtone.api('GET', path, { token, headers: plain });
  assert.equal((await asks(mine)).json.id, ruler.id);
  assert.equal((await asks(mine, '/api/accounts')).status, 200);
  for (const [token, status] of [[`${mine.slice(0, -8)}AAAAAAAA`, 401], [issued({ exp: exp - 900, sip_identity: fromOf(ruler) }), 401], [issued({ exp, sip_identity: `sip:nobody.here@${space.domain}` }), 403]]) {
    assert.equal((await asks(token)).status, status);
  }

  const put = await putSpace(dialtone, space, { expire_at: new Date().toISOString().slice(0, 10) });
  assert.equal(put.status, 200, put.text);
  await until(async () => (await Promise.all(Array.from({ length: 8 }, () => asks(mine)))).every(({ status }) => status === 403), { what: 'the end of the space' });
  const anything = new Proxy({}, { has: () => true, get: () => '1' });
  for (const [printed, , level] of table.filter(([, , of]) => of !== 'public')) {
    const [method, path] = printed.split(' ');
    const answer = await ways['004 key'](method, filled(path, anything), method === 'GET' ? undefined : {}, ruler, space.dialtone);
    assert.deepEqual([answer.status, answer.json?.message], [403, 'This space has expired.'], `${level}: ${printed}`);
  }
});
