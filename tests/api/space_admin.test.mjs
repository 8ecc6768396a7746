/* Spaces over the API: what super administrators make, change and delete (accounts-api II.1). */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAccount, createUser, randomName } from '../lib/accounts.mjs';
import { digestRequest } from '../lib/digest.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { addSpace, putSpace, spaceBody } from '../lib/spaces.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await ownInstance({ options: ['--workers', '3'] });
const asAdmin = { as: 'admin' };
const get = (domain, who = asAdmin) => dialtone.api('GET', `/api/spaces/${domain}`, who);
const create = (where, more) => where.api('POST', '/api/accounts', { ...asAdmin, body: { username: randomName(), password: 'long enough', ...more } });
const fieldsOf = (answer) => { assert.equal(answer.status, 422, answer.text); return Object.keys(answer.json.errors); };
const day = (offset) => new Date(Date.now() + offset * 86400e3).toISOString().slice(0, 10);

test('space_has_the_members_and_defaults_of_the_specification', async () => {
  const space = await addSpace(dialtone);
  const { json } = await get(space.domain);
  assert.deepEqual(Object.keys(json), ['domain', 'host', 'name', 'created_at', 'updated_at', 'super', 'disable_chat_feature', 'disable_meetings_feature',
    'disable_broadcast_feature', 'hide_settings', 'hide_account_settings', 'disable_call_recordings_feature', 'only_display_sip_uri_username',
    'assistant_hide_create_account', 'assistant_disable_qr_code', 'assistant_hide_third_party_account', 'custom_provisioning_overwrite_all', 'web_panel',
    'public_registration', 'phone_registration', 'intercom_features', 'carddav_user_credentials', 'unique_email', 'client_certificate_authentication',
    'max_account', 'max_accounts', 'expire_at', 'copyright_text', 'intro_registration_text', 'newsletter_registration_address',
    'account_proxy_registrar_address', 'custom_provisioning_entries', 'logo', 'theme_hue', 'email_server', 'carddav_servers',
    'digest_authentication_configuration', 'oidc_authentication_configuration']);
  for (const [name, value] of Object.entries(json)) {
    if (typeof value === 'boolean') {
      assert.equal(value, ['disable_broadcast_feature', 'web_panel', 'public_registration', 'phone_registration', 'unique_email'].includes(name), name);
    }
  }
  assert.deepEqual([json.max_account, json.max_accounts, json.expire_at, json.theme_hue, json.email_server, json.carddav_servers], [0, 0, null, 22, null, []]);
  assert.deepEqual(json.digest_authentication_configuration, { realm: space.domain, default_password_algorithm: 'SHA-256' });
  assert.equal(json.oidc_authentication_configuration, null);
  const { json: all } = await dialtone.api('GET', '/api/spaces', asAdmin);
  assert.deepEqual(all.find(({ domain }) => domain === space.domain), json);
});

test('account_of_a_space_made_by_the_api_has_a_password', async () => {
  const space = await addSpace(dialtone);
  const made = await create(space.dialtone);
  assert.deepEqual(made.json.passwords, [{ algorithm: 'SHA-256' }], 'upstream stores none');
});

test('names_of_a_space_are_unique_and_all_that_are_taken_are_named', async () => {
  const { name, domain, host } = await addSpace(dialtone);
  assert.deepEqual(fieldsOf(await dialtone.api('POST', '/api/spaces', { ...asAdmin, body: { name, domain: domain.toUpperCase(), host } })).sort(), ['domain', 'host', 'name']);
  const other = await addSpace(dialtone);
  assert.deepEqual(fieldsOf(await putSpace(dialtone, other, { name, host })).sort(), ['host', 'name']);
  assert.equal((await putSpace(dialtone, other)).status, 200, 'its own are not taken');
  const same = { name: 'race', domain: 'race.example.org', host: 'race.example.net' };
  const answers = await Promise.all(Array.from({ length: 8 }, () => dialtone.api('POST', '/api/spaces', { ...asAdmin, body: same })));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, ...Array(7).fill(422)]);
});

test('partial_put_is_422_with_every_missing_field', async () => {
  const space = await addSpace(dialtone);
  const named = fieldsOf(await dialtone.api('PUT', `/api/spaces/${space.domain}`, { ...asAdmin, body: {} }));
  assert.deepEqual(named.sort(), [...Object.keys(spaceBody()), 'name', 'host'].sort());
  assert.deepEqual((await get(space.domain)).json, (({ dialtone: _, ...rest }) => rest)(space));
});

test('put_replaces_texts_and_keeps_what_it_may_leave_out', async () => {
  const space = await addSpace(dialtone, { copyright_text: 'ours', unique_email: false, client_certificate_authentication: true, theme_hue: 0,
    custom_provisioning_entries: '; a comment\n[ui]\nlogout=1\n', digest_authentication_configuration: { realm: 'phones', default_password_algorithm: 'MD5' } });
  assert.deepEqual([space.copyright_text, space.theme_hue, space.custom_provisioning_entries], ['ours', 0, '; a comment\n[ui]\nlogout=1']);
  const { json } = await putSpace(dialtone, space, { intro_registration_text: 'two\nlines', domain: 'other.example.org', id: 1 });
  assert.deepEqual([json.copyright_text, json.theme_hue, json.custom_provisioning_entries, json.intro_registration_text], [null, 22, null, 'two\nlines']);
  assert.deepEqual([json.unique_email, json.client_certificate_authentication, json.domain], [false, true, space.domain]);
  assert.deepEqual(json.digest_authentication_configuration, { realm: 'phones', default_password_algorithm: 'MD5' });
});

test('entries_with_a_reserved_key_are_refused_in_any_section_and_case', async () => {
  for (const text of ['max_account=3', '[ui]\nHide_Settings = 1', '[a]\nx=1\n\n[b]\n copyright_text =x', 'account_proxy_registrar_address=sip:x']) {
    const name = randomName().replace('.', '-');
    const answer = await dialtone.api('POST', '/api/spaces', { ...asAdmin, body: { name, domain: `${name}.example.org`, host: `${name}.example.net`, custom_provisioning_entries: text } });
    assert.deepEqual(fieldsOf(answer), ['custom_provisioning_entries'], text);
  }
});

test('max_accounts_is_not_below_the_count_and_holds_from_then_on', async () => {
  const space = await addSpace(dialtone);
  for (let i = 0; i < 3; i++) assert.equal((await create(space.dialtone)).status, 200);
  assert.deepEqual(fieldsOf(await putSpace(dialtone, space, { max_accounts: 2 })), ['max_accounts']);
  assert.equal((await putSpace(dialtone, space, { max_accounts: 3 })).json.max_accounts, 3);
  const full = await Promise.all(Array.from({ length: 9 }, () => create(space.dialtone)));
  assert.deepEqual(new Set(full.map(({ status }) => status)), new Set([403]), 'whichever worker');
  assert.equal((await putSpace(dialtone, space, { max_accounts: 0 })).status, 200);
  assert.equal((await create(space.dialtone)).status, 200);
});

test('expiry_closes_and_opens_a_space_at_once_and_for_every_worker', async () => {
  const space = await addSpace(dialtone);
  const admin = await createUser(space.dialtone, { admin: true });
  assert.deepEqual(fieldsOf(await putSpace(dialtone, space, { expire_at: day(-1) })), ['expire_at']);
  for (let i = 0; i < 4; i++) {
    const closed = await putSpace(dialtone, space, { expire_at: day(0) });
    assert.deepEqual([closed.status, closed.json.expire_at], [200, `${day(0)}T00:00:00.000000Z`]);
    const refused = await Promise.all(Array.from({ length: 6 }, () => space.dialtone.api('POST', '/api/accounts', { key: admin.key, body: {} })));
    assert.deepEqual(new Set(refused.map(({ status }) => status)), new Set([403]));
    assert.equal((await dialtone.api('GET', '/api/accounts/me', { key: admin.key })).status, 403, 'nor on another host');
    assert.equal((await putSpace(dialtone, space, { expire_at: day(30) })).status, 200);
    const open = await Promise.all(Array.from({ length: 6 }, () => space.dialtone.api('GET', '/api/accounts', { key: admin.key })));
    assert.deepEqual(new Set(open.map(({ status }) => status)), new Set([200]));
  }
});

test('change_of_a_space_writes_no_account_however_many_there_are', async () => {
  const space = await addSpace(dialtone);
  await dialtone.sql(`INSERT INTO accounts (username, domain) SELECT 'many.' || n, '${space.domain}' FROM generate_series(1, 50) n`);
  const written = () => dialtone.sql(`SELECT count(DISTINCT xmin::text), max(xmin::text) FROM accounts WHERE domain = '${space.domain}'`);
  const before = await written();
  for (const change of [{ expire_at: day(9) }, { super: true }, { expire_at: null, super: false }]) assert.equal((await putSpace(dialtone, space, change)).status, 200);
  assert.deepEqual(await written(), before);
});

test('space_that_is_over_may_be_changed_without_being_prolonged', async () => {
  const space = await addSpace(dialtone);
  await dialtone.sql(`UPDATE spaces SET expire_at = '2020-01-01' WHERE domain = '${space.domain}'`);
  assert.equal((await putSpace(dialtone, space, { expire_at: '2020-01-01', copyright_text: 'x' })).status, 200);
  assert.deepEqual(fieldsOf(await putSpace(dialtone, space, { expire_at: '2020-01-02' })), ['expire_at']);
});

test('of_accounts_that_share_an_address_the_oldest_is_found', async () => {
  const space = await addSpace(dialtone, { unique_email: false });
  const email = `${randomName()}@example.org`;
  const made = [];
  for (const address of [email, email.toUpperCase(), email]) made.push((await create(space.dialtone, { email: address })).json.id);
  const search = () => space.dialtone.api('GET', `/api/accounts/${email.toUpperCase()}/search-by-email`, asAdmin);
  for (const id of made) {
    assert.equal((await search()).json.id, id);
    await space.dialtone.api('DELETE', `/api/accounts/${id}`, asAdmin);
  }
  assert.equal((await search()).status, 404);
});

test('unique_email_is_refused_with_the_addresses_that_are_not', async () => {
  const space = await addSpace(dialtone, { unique_email: false });
  const email = `${randomName()}@example.org`;
  for (const address of [email, email.toUpperCase(), `only.${email}`]) assert.equal((await create(space.dialtone, { email: address })).status, 200);
  const refused = await putSpace(dialtone, space, { unique_email: true });
  assert.deepEqual(fieldsOf(refused), ['unique_email']);
  assert.match(refused.json.message, new RegExp(email));
  assert.doesNotMatch(refused.json.message, /only\./);
  const { json } = await space.dialtone.api('GET', '/api/accounts', asAdmin);
  await space.dialtone.api('DELETE', `/api/accounts/${json.data[0].id}`, asAdmin);
  assert.equal((await putSpace(dialtone, space, { unique_email: true })).json.unique_email, true);
  assert.deepEqual(fieldsOf(await create(space.dialtone, { email: email.toUpperCase() })), ['email']);
});

test('realm_changes_only_while_there_are_no_accounts', async () => {
  const realm = (name) => ({ digest_authentication_configuration: { realm: name } });
  const space = await addSpace(dialtone);
  assert.equal((await putSpace(dialtone, space, realm('first'))).json.digest_authentication_configuration.realm, 'first');
  const account = { ...(await create(space.dialtone)).json, password: 'long enough' };
  assert.deepEqual(fieldsOf(await putSpace(dialtone, space, realm('second'))), ['digest_authentication_configuration.realm']);
  assert.equal((await putSpace(dialtone, space, realm('first'))).status, 200, 'it does not change');
  assert.equal((await digestRequest(space.dialtone, account)).status, 200);
  for (const [configuration, field] of [[{ realm: 'a"b' }, '.realm'], [{ realm: 7 }, '.realm'], [{ default_password_algorithm: 'SHA-1' }, '.default_password_algorithm'], ['text', ''], [[], '']]) {
    const refused = await putSpace(dialtone, space, { digest_authentication_configuration: configuration });
    assert.deepEqual(fieldsOf(refused), [`digest_authentication_configuration${field}`], JSON.stringify(configuration));
  }
});

test('own_space_is_neither_deleted_nor_made_an_ordinary_one', async () => {
  const own = (await get(dialtone.env.DIALTONE_DOMAIN)).json;
  const isOwn = ({ status, json }) => { assert.equal(status, 409); assert.equal(json.message, 'This is the space of your own account.'); };
  isOwn(await dialtone.api('DELETE', `/api/spaces/${own.domain}`, asAdmin));
  isOwn(await putSpace(dialtone, own));
  assert.equal((await putSpace(dialtone, own, { super: true })).status, 200);
});

test('only_super_administrators_reach_spaces', async () => {
  const space = await addSpace(dialtone);
  const admin = await createUser(space.dialtone, { admin: true });
  for (const [method, path, body] of [['GET', ''], ['POST', '', {}], ['GET', `/${space.domain}`], ['PUT', `/${space.domain}`, {}], ['DELETE', `/${space.domain}`], ['GET', '/nowhere.example.org']]) {
    for (const where of [space.dialtone, dialtone]) {
      assert.equal((await where.api(method, `/api/spaces${path}`, { key: admin.key, body })).status, 403, `${method} ${path}`);
    }
    assert.equal((await space.dialtone.api(method, `/api/spaces${path}`, { body })).status, 401);
  }
  assert.equal((await get('nowhere.example.org')).status, 404);
  assert.equal((await dialtone.api('PUT', '/api/spaces/nowhere.example.org', { ...asAdmin, body: {} })).status, 404, 'before the body is looked at');
  assert.equal((await space.dialtone.api('GET', `/api/spaces/${space.domain.toUpperCase()}`, asAdmin)).json.domain, space.domain);
});

test('every_worker_knows_a_space_when_its_creation_is_answered', async () => {
  for (let i = 0; i < 25; i++) {
    const space = await addSpace(dialtone);
    const made = await Promise.all(Array.from({ length: 4 }, () => create(space.dialtone)));
    assert.deepEqual(made.map(({ status, json }) => `${status} ${json.domain}`), Array(4).fill(`200 ${space.domain}`));
    const elsewhere = await Promise.all(Array.from({ length: 4 }, () => create(dialtone, { domain: space.domain })));
    assert.deepEqual(elsewhere.map(({ json }) => json.domain), Array(4).fill(space.domain));
    const moved = { ...space, host: `moved-${space.host}` };
    assert.equal((await putSpace(dialtone, moved)).status, 200);
    const there = await Promise.all(Array.from({ length: 4 }, () => dialtone.at(moved.host).api('GET', '/api/accounts', asAdmin)));
    assert.deepEqual(there.map(({ json }) => json.total), Array(4).fill(8));
    const here = await Promise.all(Array.from({ length: 4 }, () => space.dialtone.api('GET', '/api/accounts', asAdmin)));
    assert.deepEqual(new Set(here.map(({ status }) => status)), new Set([404]));
  }
});

test('every_door_knows_of_a_change_at_once', async () => {
  for (let i = 0; i < 8; i++) {
    const space = await addSpace(dialtone);
    const user = await createAccount(space.dialtone);
    const doors = {
      login: () => space.dialtone.api('POST', '/api/login', { body: { username: user.username, password: user.password } }),
      info: () => space.dialtone.api('GET', `/api/accounts/${user.username}@${space.domain}/info`),
    };
    for (const [name, door] of Object.entries(doors)) {
      const answers = await Promise.all([door(), door(), door(), door()]);
      assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200, 200], name);
    }
    assert.equal((await digestRequest(space.dialtone, user)).status, 200);
    await putSpace(dialtone, space, { expire_at: day(0) });
    for (const [name, door] of Object.entries(doors)) {
      const answers = await Promise.all([door(), door(), door(), door()]);
      assert.deepEqual(answers.map(({ status }) => status), [403, 403, 403, 403], name);
    }
  }
});

test('deleted_space_is_gone_for_every_client_when_the_deletion_is_answered', async () => {
  await dialtone.stop('jobs');
  const space = await addSpace(dialtone);
  const user = await createUser(space.dialtone, { admin: true });
  const { token } = user;
  const answer = await dialtone.api('DELETE', `/api/spaces/${space.domain}`, asAdmin);
  assert.deepEqual([answer.status, answer.text], [200, '1']);
  const sip = `${user.username}@${space.domain}`;
  for (let i = 0; i < 4; i++) {
    assert.equal((await get(space.domain)).status, 404);
    assert.equal((await dialtone.api('DELETE', `/api/spaces/${space.domain}`, asAdmin)).status, 404);
    assert.equal((await space.dialtone.api('GET', '/api/accounts', asAdmin)).status, 404, 'its host');
    assert.equal((await dialtone.api('GET', '/api/accounts/me', { key: user.key })).status, 401, 'a key on another host');
    assert.equal((await dialtone.api('GET', '/api/user/me', { token })).status, 401, 'a session');
    assert.equal((await dialtone.api('GET', '/api/accounts/me', { headers: { From: `sip:${sip}` } })).status, 404, 'DIGEST');
    assert.equal((await dialtone.api('POST', '/api/login', { body: { username: sip, password: user.password } })).status, 401, 'a login');
    assert.equal((await dialtone.api('GET', `/api/accounts/${sip}/info`)).status, 404, 'what is public');
    assert.equal((await create(dialtone, { domain: space.domain })).status, 403, 'a new account');
    assert.deepEqual(await dialtone.sql(`SELECT count(*) FROM sip.subscriber_sha256 WHERE domain = '${space.domain}'`), [['0']]);
  }
  const again = await dialtone.api('POST', '/api/spaces', { ...asAdmin, body: { name: space.name, host: space.host, domain: space.domain } });
  assert.deepEqual(fieldsOf(again), ['domain'], 'name and host are free at once, the domain when the accounts are gone');
  assert.match(again.json.message, /still being removed/);
  assert.equal((await addSpace(dialtone, { name: space.name, host: space.host })).name, space.name);
  await dialtone.start('jobs');
  await until(async () => (await dialtone.sql(`SELECT count(*) FROM spaces WHERE domain = '${space.domain}'`))[0][0] === '0', { what: 'the end of the space' });
});

test('removal_that_was_cut_goes_on_where_it_was_with_every_event_and_tombstone', async () => {
  const space = await addSpace(dialtone);
  await dialtone.stop('jobs');
  await dialtone.sql(`INSERT INTO accounts (username, domain) SELECT 'many.' || n, '${space.domain}' FROM generate_series(1, 4000) n`);
  await dialtone.sql('DELETE FROM outbox');
  const user = await createUser(space.dialtone);
  assert.equal((await dialtone.api('DELETE', `/api/spaces/${space.domain}`, asAdmin)).status, 200);
  const left = async () => Number((await dialtone.sql(`SELECT count(*) FROM accounts WHERE domain = '${space.domain}'`))[0][0]);
  let seen = 0;
  for (let cuts = 0; cuts < 3 && await left(); cuts++) {
    const before = await left();
    await dialtone.start('jobs');
    await until(async () => (await left()) < before, { what: 'some accounts to go' });
    await dialtone.kill('jobs');
    seen += 1;
  }
  assert.ok(seen > 1, 'it was cut in the middle');
  await dialtone.start('jobs');
  await until(async () => (await dialtone.sql(`SELECT count(*) FROM spaces WHERE domain = '${space.domain}'`))[0][0] === '0', { what: 'the end of the space' });
  assert.deepEqual(await dialtone.sql(`SELECT count(*) FROM accounts_tombstones WHERE domain = '${space.domain}'`), [['4001']]);
  assert.deepEqual(await dialtone.sql(`SELECT count(*) FROM sessions WHERE account_id = ${user.id}`), [['0']]);
});

test('what_belonged_to_a_deleted_space_goes_with_tombstones_and_then_its_domain_is_free', async () => {
  const space = await addSpace(dialtone);
  const names = [];
  for (let i = 0; i < 5; i++) names.push((await create(space.dialtone)).json.username);
  assert.equal((await dialtone.api('DELETE', `/api/spaces/${space.domain}`, asAdmin)).status, 200);
  const again = { name: space.name, domain: space.domain, host: space.host };
  await until(async () => (await dialtone.sql(`SELECT count(*) FROM spaces WHERE domain = '${space.domain}'`))[0][0] === '0', { what: 'the end of the space' });
  assert.deepEqual(await dialtone.sql(`SELECT count(*) FROM accounts WHERE domain = '${space.domain}'`), [['0']]);
  assert.deepEqual(await dialtone.sql(`SELECT count(*) FROM accounts_tombstones WHERE domain = '${space.domain}'`), [['5']]);
  assert.equal((await dialtone.api('POST', '/api/spaces', { ...asAdmin, body: again })).status, 201);
  assert.deepEqual(fieldsOf(await create(space.dialtone, { username: names[0] })), ['username'], 'names stay taken');
  assert.equal((await create(space.dialtone)).status, 200);
});

test('mail_server_of_a_space_is_made_replaced_and_deleted_and_its_password_is_never_shown', async () => {
  const space = await addSpace(dialtone);
  const path = `/api/spaces/${space.domain}/email`;
  const body = { host: 'SMTP.example.org', port: 587, username: 'u', password: ' never shown ', from_address: 'a@example.org', signature: 'Bye,\nus' };
  const call = (method, more) => dialtone.api(method, path, { ...asAdmin, ...more });
  assert.equal((await call('GET')).status, 404);
  assert.equal((await call('DELETE')).status, 404);
  const made = await call('POST', { body });
  assert.equal(made.status, 201, made.text);
  const { id, created_at, updated_at, ...rest } = made.json;
  assert.deepEqual(rest, { host: 'smtp.example.org', port: 587, username: 'u', from_address: 'a@example.org', from_name: null, signature: 'Bye,\nus' });
  assert.deepEqual((await get(space.domain)).json.email_server, made.json, 'the space shows it, too');
  const sealed = () => dialtone.sql(`SELECT password_sealed IS NULL FROM space_email_servers WHERE id = ${id}`);
  assert.deepEqual(await sealed(), [['f']]);
  const again = await call('POST', { body: { host: 'other.example.org', port: '25' } });
  assert.deepEqual([again.status, again.json.id, again.json.host, again.json.port, again.json.username], [200, id, 'other.example.org', 25, null]);
  assert.deepEqual(await sealed(), [['t']], 'it is replaced as a whole');
  for (const text of [made.text, (await call('GET')).text, (await get(space.domain)).text]) assert.doesNotMatch(text, /never shown|"password/);
  const race = await addSpace(dialtone);
  const statuses = await Promise.all(Array.from({ length: 6 }, () => dialtone.api('POST', `/api/spaces/${race.domain}/email`, { ...asAdmin, body })));
  assert.deepEqual(statuses.map(({ status }) => status).sort(), [200, 200, 200, 200, 200, 201]);
  assert.deepEqual([(await call('DELETE')).text, (await call('GET')).status, (await get(space.domain)).json.email_server], ['1', 404, null]);
  const admin = await createUser(space.dialtone, { admin: true });
  for (const method of ['GET', 'POST', 'DELETE']) {
    assert.equal((await space.dialtone.api(method, path, { key: admin.key, body: {} })).status, 403, 'not of the administrators of the space');
    assert.equal((await dialtone.api(method, '/api/spaces/nowhere.example.org/email', { ...asAdmin, body: {} })).status, 404);
  }
});
