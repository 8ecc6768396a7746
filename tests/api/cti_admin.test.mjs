/* What administrators set for users of the CTI: profiles, extensions, numbers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAccount, createUser, randomName } from '../lib/accounts.mjs';
import { addExtension, createProfile, macroPermissions } from '../lib/cti.mjs';
import { sharedInstance } from '../lib/instance.mjs';

const dialtone = await sharedInstance();
const admin = (method, path, body) => dialtone.api(method, path, { as: 'admin', body });

function names(answer, ...fields) {
  assert.equal(answer.status, 422, answer.text);
  assert.deepEqual(Object.keys(answer.json.errors).sort(), fields.sort());
}

test('an_extension_is_made_read_changed_and_taken_away', async () => {
  const { id } = await createAccount(dialtone);
  const made = await addExtension(dialtone, { id }, { description: 'Browser' });
  assert.deepEqual(made, { exten: made.exten, type: 'webrtc', sip_username: made.exten, description: 'Browser', proxy_port: 0 });
  const path = `/api/accounts/${id}/extensions/${made.exten}`;
  assert.deepEqual((await admin('GET', path)).json, made);
  const changed = await admin('PUT', path, { type: 'mobile', sip_username: 'm1', description: 'Phone', proxy_port: 5061 });
  assert.deepEqual(changed.json, { exten: made.exten, type: 'mobile', sip_username: 'm1', description: 'Phone', proxy_port: 5061 });
  assert.deepEqual((await admin('GET', `/api/accounts/${id}/extensions`)).json, [changed.json]);
  assert.equal((await admin('DELETE', path)).status, 200);
  for (const method of ['GET', 'DELETE']) assert.equal((await admin(method, path)).status, 404);
});

test('a_secret_stays_until_another_one_is_given', async () => {
  const user = await createUser(dialtone);
  const { exten } = await addExtension(dialtone, user, { secret: 'first secret' });
  const secret = async () => (await dialtone.api('GET', '/api/user/me', { token: user.token })).json.endpoints.extension[0].secret;
  const path = `/api/accounts/${user.id}/extensions/${exten}`;
  await admin('PUT', path, { type: 'webrtc' });
  assert.equal(await secret(), 'first secret');
  await admin('PUT', path, { type: 'nethlink', secret: 'second secret' });
  assert.equal(await secret(), 'second secret');
  await admin('PUT', path, { type: 'physical' });
  assert.equal(await secret(), undefined);
  names(await admin('PUT', path, { type: 'webrtc' }), 'secret');
});

test('no_administrator_is_shown_a_secret', async () => {
  const { id } = await createAccount(dialtone);
  const { exten } = await addExtension(dialtone, { id }, { secret: 'for the owner alone' });
  for (const path of [`/api/accounts/${id}/extensions`, `/api/accounts/${id}/extensions/${exten}`]) {
    assert.ok(!(await admin('GET', path)).text.includes('for the owner alone'));
  }
});

test('a_number_is_there_once_in_a_domain', async () => {
  const [one, two] = [await createAccount(dialtone), await createAccount(dialtone)];
  const { exten } = await addExtension(dialtone, one);
  names(await admin('POST', `/api/accounts/${two.id}/extensions`, { exten, type: 'webrtc' }), 'exten');
});

test('bad_fields_of_an_extension_are_all_named', async () => {
  const { id } = await createAccount(dialtone);
  names(await admin('POST', `/api/accounts/${id}/extensions`, {}), 'exten', 'type');
  names(await admin('POST', `/api/accounts/${id}/extensions`,
    { exten: "1' OR '1", type: 'fax', sip_username: 'a b', secret: 'short', description: 'two\nlines', proxy_port: 70000 }),
  'exten', 'type', 'sip_username', 'secret', 'description', 'proxy_port');
});

test('what_is_nobodys_is_404', async () => {
  const { exten } = await addExtension(dialtone, await createAccount(dialtone));
  const { id } = await createAccount(dialtone);
  assert.equal((await admin('GET', `/api/accounts/${id}/extensions/${exten}`)).status, 404);
  assert.equal((await admin('PUT', `/api/accounts/${id}/extensions/${exten}`, { type: 'webrtc' })).status, 404);
  for (const path of ['/api/accounts/999999999/extensions', '/api/accounts/999999999/cti', '/api/profiles/99']) assert.equal((await admin('GET', path)).status, 404, path);
  assert.equal((await admin('POST', '/api/accounts/999999999/extensions', { exten: '201', type: 'webrtc' })).status, 404);
  assert.equal((await admin('PUT', '/api/accounts/999999999/cti', {})).status, 404);
});

test('a_profile_and_a_device_have_to_exist', async () => {
  const { id } = await createAccount(dialtone);
  names(await admin('PUT', `/api/accounts/${id}/cti`, { profile_id: 99, default_device: '999' }), 'profile_id', 'default_device');
});

test('a_profile_is_made_read_changed_and_deleted', async () => {
  const made = await createProfile(dialtone, { settings: ['dnd'] });
  assert.deepEqual((await admin('GET', `/api/profiles/${made.id}`)).json, made);
  assert.ok((await admin('GET', '/api/profiles')).json.some(({ id }) => id === made.id));
  const changed = await admin('PUT', `/api/profiles/${made.id}`, { name: randomName('profile'), macro_permissions: macroPermissions({ cdr: [] }) });
  assert.deepEqual(changed.json.macro_permissions, macroPermissions({ cdr: [] }));
  names(await admin('POST', '/api/profiles', { name: changed.json.name }), 'name');
  assert.equal((await admin('DELETE', `/api/profiles/${made.id}`)).status, 200);
  assert.equal((await admin('DELETE', `/api/profiles/${made.id}`)).status, 404);
});

test('permissions_of_another_form_are_refused', async () => {
  for (const macros of [[], 'all', { settings: true }, { settings: { value: 'yes' } }, { settings: { value: true, permissions: { dnd: true } } },
    { settings: { value: true, permissions: [{ value: true }] } }, { 'two words': { value: true } }, { settings: { value: true, permissions: { 'a b': { value: true } } } }]) {
    names(await admin('POST', '/api/profiles', { name: randomName('profile'), macro_permissions: macros }), 'macro_permissions');
  }
  names(await admin('POST', '/api/profiles', { name: randomName('profile'), outbound_routes_permissions: {} }), 'outbound_routes_permissions');
});
