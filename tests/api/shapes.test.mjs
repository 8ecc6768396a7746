/*
 * What each object of the accounts API is made of, in the order clients of other servers know: as the
 * API describes it, and as it answers.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { createUser } from '../lib/accounts.mjs';
import { Contract } from '../lib/contract.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { goodCalls } from '../lib/rows.mjs';

const words = (text) => text.trim().split(/\s+/);
const SHAPES = {
  Account: words(`id username domain sip_uri email activated blocked admin ip_address user_agent creation_time created_at updated_at
    display_name dtmf_protocol phone realm confirmation_key_expires confirmation_key provisioning_token provisioning_token_expire_at
    dictionary passwords types actions email_changed email_change_code phone_change_code carddav_servers`),
  AccountAction: words('id key code'),
  AccountCreationRequestToken: words('token validation_url'),
  AccountCreationToken: words('token expire_at ip user_agent used account_id'),
  AccountInfo: words('activated realm'),
  AccountType: words('id key'),
  AuthToken: words('id token created_at updated_at ip user_agent'),
  Call: words('id from_username from_domain to_username to_domain initiated_at ended_at conference_id created_at updated_at devices'),
  CallDevice: words('id call_id device_id rang_at invite_terminated_at invite_terminated_state created_at updated_at'),
  Contact: words('id username domain sip_uri activated display_name dtmf_protocol types actions'),
  ContactsList: words('id title description created_at updated_at space_id contacts_count'),
  Device: words('uuid update_time user_agent app version device_name'),
  DictionaryEntry: words('value'),
  EmailServer: words('id host port username from_address from_name signature created_at updated_at'),
  ExternalAccount: words('id username domain realm registrar outbound_proxy protocol algorithm account_id created_at updated_at'),
  MessageDevice: words('id message_id to_username to_domain device_id last_status received_at created_at updated_at'),
  OwnApiKey: words('api_key'),
  PhoneCountry: words('code country_code activated'),
  Registrations: words('all phone email activated_phone activated_email'),
  ServiceKey: words('id account_id name ip expires_after_last_used_minutes requests last_used_at created_at'),
  TurnCredentials: words('username password ttl uris'),
  Vcard: words('vcard created_at updated_at'),
};
const PAGE = words('current_page data first_page_url from last_page last_page_url links next_page_url path per_page prev_page_url to total');
/* Who asks decides which of these an account has. */
const BY_READER = new Set(words('confirmation_key provisioning_token provisioning_token_expire_at passwords phone_change_code'));
/* Phones at a SIP server and a TURN server are needed to see these. */
const ELSEWHERE = ['Device', 'TurnCredentials'];

after(() => dialtone.api('DELETE', `/api/accounts/${world.user.id}`, { as: 'admin' })); /* before the instance ends */
const dialtone = await sharedInstance();
const contract = await Contract.of(dialtone);
const world = { dialtone, user: await createUser(dialtone) };


/* { shape, many: 'page' | 'list' | 'map' | undefined } of what an operation answers when all is well. */
function answerOf({ responses }) {
  const [, response] = Object.entries(responses).find(([status]) => status < 300);
  const schema = response.content?.['application/json']?.schema ?? {};
  const shape = JSON.stringify(schema).match(/schemas\/(?!Page")(\w+)/)?.[1];
  const many = schema.allOf ? 'page' : { array: 'list', object: 'map' }[schema.type];
  return { shape, many };
}

function objectsIn(json, many) {
  if (many === 'page') {
    assert.deepEqual(Object.keys(json), PAGE);
    return json.data;
  }
  return many ? Object.values(json) : [json];
}

test('every_shape_is_described_in_its_order', () => {
  for (const [shape, members] of Object.entries(SHAPES)) {
    assert.deepEqual(Object.keys(contract.openapi.components.schemas[shape].properties), members, shape);
  }
});

test('answers_have_the_members_of_their_shape_in_its_order', async () => {
  const seen = new Set();
  for (const operation of contract.operations) {
    const { shape, many } = answerOf(operation);
    if (!SHAPES[shape]) continue;
    const { path = operation.path, ...options } = await goodCalls[operation.key](world);
    const { status, json } = await dialtone.api(operation.method, path, options);
    if (status >= 300) continue; /* not set up here */
    for (const object of objectsIn(json, many)) {
      const has = (name) => shape !== 'Account' || !BY_READER.has(name) || name in object;
      assert.deepEqual(Object.keys(object), SHAPES[shape].filter(has), operation.key);
      seen.add(shape);
    }
  }
  assert.deepEqual(Object.keys(SHAPES).filter((shape) => !seen.has(shape) && !ELSEWHERE.includes(shape)), []);
});
