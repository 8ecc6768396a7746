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

/* What is put before it by way of the database; what an administrator is refused has a body, and nothing has come. */
test('an_account_has_64_extensions_and_a_space_1000_profiles_or_8_mib_of_them', async () => {
  const refused = async (method, path, body) => {
    const { status, json } = await away.api(method, path, { as: 'admin', body });
    assert.deepEqual([status, json.message], [403, 'There are as many of these as can be kept.']);
  };
  const { id } = await createAccount(away);
  const extensions = `/api/accounts/${id}/extensions`;
  await home.sql(`INSERT INTO extensions (account_id, domain, exten, type) SELECT ${id}, '${domain}', 'x' || n, 'physical' FROM generate_series(1, 63) n`);
  await addExtension(away, { id });
  await refused('POST', extensions, { exten: '556', type: 'physical' });
  assert.equal((await away.api('GET', extensions, { as: 'admin' })).json.length, 64);
  assert.equal((await away.api('PUT', `${extensions}/x1`, { as: 'admin', body: { type: 'physical', description: 'Desk' } })).status, 200);
  await away.api('DELETE', `${extensions}/x1`, { as: 'admin' });
  await addExtension(away, { id });

  const some = (n, routes) => home.sql(`INSERT INTO profiles (domain, name, outbound_routes_permissions)
    SELECT '${domain}', 'profile ' || n, ${routes} FROM generate_series(1, ${n}) n`);
  const long = { name: 'long', outbound_routes_permissions: [{ route_id: '1', name: 'x'.repeat(60000), permission: true }] };
  const empty = () => home.sql(`DELETE FROM profiles WHERE domain = '${domain}'`);
  await some(999, "'[]'");
  const { id: last } = await createProfile(away, {});
  await refused('POST', '/api/profiles', { name: 'one more' });
  await home.sql(`INSERT INTO profiles (domain, name) VALUES ('${domain}', 'as the database has it')`);
  assert.equal((await away.api('PUT', `/api/profiles/${last}`, { as: 'admin', body: { name: 'the last' } })).status, 200);
  await empty();
  await some(128, "jsonb_build_array(repeat('x', 65400))");
  await refused('POST', '/api/profiles', long);
  const small = await createProfile(away, {});
  await refused('PUT', `/api/profiles/${small.id}`, { ...long, name: small.name });
  assert.deepEqual((await away.api('GET', `/api/profiles/${small.id}`, { as: 'admin' })).json, small);
  await empty();
});

test('a_directory_holds_the_own_domain', async () => {
  const [here, there] = [await createUser(home), await createUser(away)];
  assert.equal(there.domain, domain);
  const all = (await away.api('GET', '/api/user/endpoints/all', { token: there.token })).json;
  assert.ok(there.username in all && !(here.username in all));
});
