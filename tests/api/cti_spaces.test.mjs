/* Users, devices and profiles of one space are nothing to another. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAccount, createUser } from '../lib/accounts.mjs';
import { addExtension, createProfile } from '../lib/cti.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { createSpace } from '../lib/spaces.mjs';

const home = await ownInstance({ options: ['--workers', '1'] });
const { dialtone: away, domain } = await createSpace(home);

test('devices_and_numbers_of_another_space_do_not_exist', async () => {
  const account = await createAccount(home);
  const { exten } = await addExtension(home, account);
  for (const [method, path, body] of [['GET', 'extensions'], ['POST', 'extensions', { exten: '555', type: 'webrtc' }], ['GET', `extensions/${exten}`],
    ['PUT', `extensions/${exten}`, { type: 'physical' }], ['DELETE', `extensions/${exten}`], ['GET', 'cti'], ['PUT', 'cti', {}]]) {
    const answer = await away.api(method, `/api/accounts/${account.id}/${path}`, { as: 'admin', body });
    assert.equal(answer.status, 404, `${method} ${path}: ${answer.text}`);
  }
  assert.equal((await home.api('GET', `/api/accounts/${account.id}/extensions/${exten}`, { as: 'admin' })).json.type, 'webrtc');
});

test('the_same_number_may_be_in_two_spaces', async () => {
  const { exten } = await addExtension(home, await createAccount(home));
  assert.equal((await addExtension(away, await createAccount(away), { exten })).exten, exten);
});

test('a_profile_of_another_space_is_none', async () => {
  const profile = await createProfile(home, { settings: ['dnd'] });
  for (const [method, body] of [['GET'], ['PUT', { name: 'taken over' }], ['DELETE']]) {
    assert.equal((await away.api(method, `/api/profiles/${profile.id}`, { as: 'admin', body })).status, 404, method);
  }
  const { id } = await createAccount(away);
  const answer = await away.api('PUT', `/api/accounts/${id}/cti`, { as: 'admin', body: { profile_id: profile.id } });
  assert.deepEqual([answer.status, Object.keys(answer.json.errors)], [422, ['profile_id']]);
  assert.ok(!(await away.api('GET', '/api/profiles', { as: 'admin' })).json.some(({ id: other }) => other === profile.id));
});

test('a_directory_holds_the_own_domain', async () => {
  const [here, there] = [await createUser(home), await createUser(away)];
  assert.equal(there.domain, domain);
  const all = (await away.api('GET', '/api/user/endpoints/all', { token: there.token })).json;
  assert.ok(there.username in all && !(here.username in all));
});
