/* Which rows are open to callers that are less than a whole login: what the description says is what happens. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAccount, login } from '../lib/accounts.mjs';
import { Contract } from '../lib/contract.mjs';
import { digestRequest } from '../lib/digest.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { legacyLogin, webrest } from '../lib/cti.mjs';
import { newEnrolled, newUser } from '../lib/otp.mjs';
import { createSpace } from '../lib/spaces.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await ownInstance({ options: ['--workers', '1', '--set', 'legacy_auth=true'] });
const contract = await Contract.of(dialtone);

const plain = await createAccount(dialtone);

const detailsOf = ({ key }) => {
  const [method, route] = key.split(' ');
  return contract.openapi.paths[route][method.toLowerCase()];
};
const openTo = (operation) => detailsOf(operation)['x-open-to'] ?? [];

/* A path of the row that names nothing, which callers who are let in hear of; an extension that is not theirs would be a door, so it is. */
const somePath = ({ path }) => path.replace('{id}', '987654321').replace('{exten}', plain.username).replace('{aud}', 'no-such-program').replace(/\{\w+\}/g, 'nothing');
/* These would end the caller that the other rows still need. */
const endsTheCaller = new Set(['POST /api/logout', 'DELETE /api/sessions', 'DELETE /api/accounts/me', 'POST /api/2fa/disable']);

/* Each kind of caller, made anew when a row has used it up, and how its refusal reads. */
async function kindsOfCallers() {
  const required = await createSpace(dialtone, { two_factor_policy: 'required' });
  const { account: enrolled } = await newEnrolled(dialtone);
  const persistent = await dialtone.api('POST', '/api/tokens/persistent/nethlink', { token: await login(dialtone, plain) });
  let enrolling;
  await until(async () => { enrolling = await createAccount(required.dialtone).catch(() => undefined); return enrolling; });
  return {
    pending: { token: await login(dialtone, enrolled), refusal: /OTP|otp/ },
    enrolment: { token: await login(required.dialtone, enrolling), at: required.dialtone, refusal: /2FA|two-factor|factor/i },
    program: { token: persistent.json.token, refusal: /./ },
    hmac: { hmac: await legacyLogin(dialtone, plain), refusal: /^$/ },
    phone: { digest: enrolled, refusal: /second factor/ },
  };
}

const kinds = await kindsOfCallers();

async function call(kind, operation) {
  const { at = dialtone, token, hmac, digest } = kinds[kind];
  const path = somePath(operation);
  if (hmac) {
    return webrest(dialtone, path.replace('/api', ''), hmac, { method: operation.method });
  }
  return digest ? digestRequest(dialtone, digest, { method: operation.method, path }) : at.api(operation.method, path, { token });
}

/* Rows the kind of credential is understood on at all, without being an administrator's. */
const speaks = {
  pending: () => true, enrolment: () => true, program: () => true,
  hmac: ({ family }) => family === 'cti',
  phone: ({ family }) => family === 'accounts',
};

const candidates = contract.operations.filter(({ level, key }) => level === 'user' && !endsTheCaller.has(key));

test('rows_are_closed_by_default', () => {
  const listed = (kind) => contract.operations.filter((operation) => openTo(operation).includes(kind)).map(({ key }) => key).sort();
  assert.deepEqual(listed('pending'), ['POST /api/2fa/verify-otp', 'POST /api/logout']);
  assert.deepEqual(listed('enrolment'), ['GET /api/2fa/qr-code', 'GET /api/2fa/status', 'POST /api/2fa/verify-otp', 'POST /api/logout']);
  assert.deepEqual(listed('phone'), [
    'DELETE /api/accounts/me/devices/{uuid}', 'DELETE /api/accounts/me/vcards-storage/{uuid}', 'GET /api/accounts/me',
    'GET /api/accounts/me/contacts', 'GET /api/accounts/me/contacts/{sip}', 'GET /api/accounts/me/devices', 'GET /api/accounts/me/services/turn',
    'GET /api/accounts/me/vcards-storage', 'GET /api/accounts/me/vcards-storage/{uuid}', 'GET /contacts/vcard', 'GET /contacts/vcard/{sip}',
    'GET /provisioning/me', 'GET /vcards-storage', 'GET /vcards-storage/{uuid}', 'POST /api/accounts/me/vcards-storage',
    'POST /api/push_notification', 'PUT /api/accounts/me/vcards-storage/{uuid}',
  ]);
  for (const kind of ['program', 'hmac']) {
    for (const key of listed(kind)) assert.doesNotMatch(key, /accounts|2fa|tokens|sessions/, kind);
  }
});

for (const kind of Object.keys(kinds)) {
  for (const operation of candidates.filter(speaks[kind])) {
    const open = openTo(operation).includes(kind);
    test(`${operation.key}: is_${open ? 'open' : 'closed'}_to_${kind}`, async () => {
      const answer = await call(kind, operation);
      /* The profile of these callers grants nothing, which is another door. */
      if (open) assert.ok(answer.status !== 401 && (answer.status !== 403 || detailsOf(operation)['x-capability']), `${answer.status} ${answer.text}`);
      else assert.equal(answer.status, 403, answer.text);
      if (!open) assert.match(answer.text, kinds[kind].refusal);
    });
  }
}

for (const operation of contract.operations.filter(({ level, family }) => level === 'admin' && family === 'accounts')) {
  test(`${operation.key}: is_closed_to_every_kind_of_half_login`, async () => {
    for (const kind of ['pending', 'enrolment', 'program', 'phone']) {
      assert.equal((await call(kind, operation)).status, 403, kind);
    }
  });
}

test('digest_scope_two_factor_all_opens_every_row_to_phones_again', async () => {
  const wide = await ownInstance({ options: ['--workers', '1', '--set', 'digest_scope_two_factor=all'] });
  const { account: user } = await newUser(wide);
  const { account: enrolled } = await newEnrolled(wide);
  assert.equal((await digestRequest(wide, enrolled, { path: '/api/accounts/me/api_key' })).status, 200);
  assert.equal((await digestRequest(wide, user, { path: '/api/accounts/me' })).status, 200);
});

test('a_phone_of_an_account_with_a_second_factor_sees_no_provisioning_token', async () => {
  const { account: enrolled } = await newEnrolled(dialtone);
  const answer = await digestRequest(dialtone, enrolled, { path: '/api/accounts/me' });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.json.provisioning_token, null);
  assert.equal(answer.json.provisioning_token_expire_at, null);
});
