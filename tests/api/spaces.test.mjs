/* Several spaces on one server: who sees what on whose host (accounts-api section 2). */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAccount, createUser, login, randomName } from '../lib/accounts.mjs';
import { digestRequest } from '../lib/digest.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { changeSpace, createSpace } from '../lib/spaces.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await ownInstance({ options: ['--workers', '1'] });
const asAdmin = { as: 'admin' };
const fields = (more) => ({ username: randomName(), password: 'long enough', ...more });
const create = (where, who, more) => where.api('POST', '/api/accounts', { ...who, body: fields(more) });

const [one, two] = [await createSpace(dialtone), await createSpace(dialtone)];
const adminOfOne = await createUser(one.dialtone, { admin: true });
const adminOfTwo = await createUser(two.dialtone, { admin: true });

test('host_without_a_space_is_404_except_for_what_needs_none', async () => {
  const nowhere = dialtone.at('nowhere.example.org');
  for (const path of ['/api/accounts', '/api/accounts/me', '/api/accounts/a@b.example.org/info', '/api/user/me']) {
    assert.equal((await nowhere.api('GET', path, asAdmin)).status, 404, path);
  }
  assert.equal((await nowhere.api('POST', '/api/login', { body: { username: 'a', password: 'b' } })).status, 404);
  assert.equal((await nowhere.api('GET', '/api/ping')).text, 'pong');
  assert.equal((await nowhere.api('GET', '/api/openapi.json')).status, 200);
});

test('host_is_compared_without_its_port_and_case', async () => {
  for (const host of [one.host.toUpperCase(), `${one.host}:8443`, `${one.host}.`]) {
    const { status, json } = await dialtone.at(host).api('GET', '/api/accounts', { key: adminOfOne.key });
    assert.equal(status, 200, host);
    assert.equal(json.data[0].domain, one.domain);
  }
});

test('links_of_a_list_lead_to_the_host_of_the_space_and_to_the_port_of_the_server', async () => {
  const links = async (where) => {
    const { json } = await where.api('GET', '/api/accounts', asAdmin);
    return [json.path, json.first_page_url];
  };
  const expect = (base) => [`${base}/api/accounts`, `${base}/api/accounts?page=1`];
  const { port } = new URL(dialtone.env.DIALTONE_URL);
  assert.deepEqual(await links(one.dialtone), expect(`https://${one.host}:${port}`), 'quickstart sets public_url');
  await dialtone.configureApi({ public_url: 'https://phones.example.org:8443/dial' });
  assert.deepEqual(await links(one.dialtone), expect(`https://${one.host}:8443/dial`));
  assert.deepEqual(await links(two.dialtone), expect(`https://${two.host}:8443/dial`));
  await dialtone.configureApi({ public_url: 'https://phones.example.org' });
  assert.deepEqual(await links(two.dialtone), expect(`https://${two.host}`));
  const names = ({ json }) => [json.hostname, json.publichost];
  const user = await createUser(two.dialtone);
  assert.deepEqual(names(await two.dialtone.api('GET', '/api/profiling/all', { token: user.token })), [two.host, two.host], 'it goes into QR codes');
  await dialtone.configureApi({ public_url: '' });
  assert.deepEqual(await links(dialtone.at(`${two.host.toUpperCase()}.:9443`)), expect(`https://${two.host}:9443`));
  assert.deepEqual(await links(two.dialtone), expect(`https://${two.host}`));
});

test('admin_of_one_space_is_nobody_on_the_host_of_another', async () => {
  for (const credentials of [{ key: adminOfTwo.key }, { token: adminOfTwo.token }]) {
    assert.equal((await one.dialtone.api('GET', '/api/accounts', credentials)).status, 403);
    assert.equal((await create(one.dialtone, credentials)).status, 403);
    assert.equal((await two.dialtone.api('GET', '/api/accounts', credentials)).status, 200);
  }
  assert.equal((await digestRequest(one.dialtone, adminOfTwo, { path: '/api/accounts' })).status, 403);
  assert.equal((await digestRequest(two.dialtone, adminOfTwo, { path: '/api/accounts' })).status, 200);
});

test('super_admin_is_admin_on_every_host_and_sees_the_accounts_of_the_host_only', async () => {
  const domains = async (space) => {
    const { json } = await space.dialtone.api('GET', '/api/accounts', asAdmin);
    return new Set(json.data.map(({ domain }) => domain));
  };
  assert.deepEqual(await domains(one), new Set([one.domain]));
  assert.deepEqual(await domains(two), new Set([two.domain]));
});

test('account_of_another_space_is_not_found', async () => {
  const stranger = await createAccount(two.dialtone);
  const who = { key: adminOfOne.key };
  for (const [method, path, body] of [
    ['GET', `/api/accounts/${stranger.id}`], ['DELETE', `/api/accounts/${stranger.id}`],
    ['PUT', `/api/accounts/${stranger.id}`, { username: stranger.username }], ['GET', `/api/accounts/${stranger.username}@${two.domain}/search`],
  ]) {
    assert.equal((await one.dialtone.api(method, path, { ...who, body })).status, 404, `${method} ${path}`);
    assert.equal((await one.dialtone.api(method, path, { ...asAdmin, body })).status, 404, 'nor for a super admin there');
  }
  assert.equal((await two.dialtone.api('GET', `/api/accounts/${stranger.id}`, asAdmin)).status, 200);
});

test('same_name_email_and_phone_live_in_two_spaces', async () => {
  const same = { username: randomName(), email: `${randomName()}@example.org`, phone: '+33612345678' };
  const [a, b] = [await createAccount(one.dialtone, same), await createAccount(two.dialtone, same)];
  assert.notEqual(a.id, b.id);
  assert.deepEqual([a.sip_uri, b.sip_uri], [`sip:${same.username}@${one.domain}`, `sip:${same.username}@${two.domain}`]);
  await login(one.dialtone, a);
  assert.equal((await two.dialtone.api('POST', '/api/login', { body: { username: same.username, password: a.password } })).status, 401);
});

test('2.4 a plain admin creates in the own space, whatever other is named: which there are is not told', async () => {
  for (const domain of [two.domain, 'no-such-space.example.org']) {
    const answer = await create(one.dialtone, { key: adminOfOne.key }, { domain });
    assert.deepEqual([answer.status, answer.json.domain], [200, one.domain], answer.text);
    const changed = await one.dialtone.api('PUT', `/api/accounts/${answer.json.id}`, { key: adminOfOne.key,
      body: { username: answer.json.username, domain, password: 'long enough' } });
    assert.deepEqual([changed.status, changed.json.domain], [200, one.domain], changed.text);
  }
});

test('super_admin_creates_where_he_says_and_nowhere_else', async () => {
  assert.equal((await create(one.dialtone, asAdmin, { domain: two.domain })).json.domain, two.domain);
  assert.equal((await create(one.dialtone, asAdmin)).json.domain, one.domain);
  assert.equal((await create(one.dialtone, asAdmin, { domain: 'no-such-space.example.org' })).status, 403);
});

test('super_admin_moves_an_account_and_plain_admin_cannot', async () => {
  const account = await createAccount(one.dialtone);
  const put = (body, who) => one.dialtone.api('PUT', `/api/accounts/${account.id}`, { ...who, body: { username: account.username, ...body } });
  const stays = await put({ domain: two.domain, password: 'long enough' }, { key: adminOfOne.key });
  assert.equal(stays.json.domain, one.domain);
  const refused = await put({ domain: two.domain }, asAdmin);
  assert.deepEqual(Object.keys(refused.json.errors), ['password']);
  assert.equal((await put({ domain: two.domain, password: 'long enough' }, asAdmin)).json.domain, two.domain);
  await login(two.dialtone, { ...account, password: 'long enough' });
});

test('names_realm_and_algorithm_are_those_of_the_target_space', async () => {
  const other = await createSpace(dialtone, { realm: 'our phones', default_password_algorithm: 'MD5', allowed_algorithms: '{MD5}', username_min_length: 2 });
  const made = await create(one.dialtone, asAdmin, { domain: other.domain, username: '42', password: 'long enough' });
  assert.equal(made.status, 200, made.text);
  assert.deepEqual(made.json.passwords, [{ algorithm: 'MD5' }]);
  assert.equal(made.json.realm, 'our phones');
  assert.deepEqual((await other.dialtone.api('GET', `/api/accounts/42@${other.domain}/info`)).json, { activated: false, realm: 'our phones' });
  assert.equal((await one.dialtone.api('GET', `/api/accounts/42@${other.domain}/info`)).status, 404, 'on its own host only');
  const account = { ...made.json, password: 'long enough' };
  assert.equal((await digestRequest(other.dialtone, account)).status, 200);
  await login(other.dialtone, account);
  const refused = await create(other.dialtone, asAdmin, { algorithm: 'SHA-256' });
  assert.deepEqual(Object.keys(refused.json.errors), ['algorithm']);
});

test('2.5 a domain has no case, wherever an address is read', async () => {
  const user = await createUser(one.dialtone);
  const address = `${user.username}@${one.domain.toUpperCase()}`;
  for (const sip of [address, `SIP:${user.username}@${one.domain}`, `Sips:${address}`]) {
    assert.equal((await digestRequest(one.dialtone, user, { from: sip.includes(':') ? sip : `sip:${sip}` })).status, 200, sip);
    const path = encodeURIComponent(sip);
    assert.equal((await one.dialtone.api('GET', `/api/accounts/${path}/info`)).status, 200, sip);
    const found = await one.dialtone.api('GET', `/api/accounts/${path}/search`, { key: adminOfOne.key });
    assert.deepEqual([found.status, found.json.domain], [200, one.domain], sip);
  }
  const made = await create(dialtone, asAdmin, { domain: two.domain.toUpperCase() });
  assert.deepEqual([made.status, made.json.domain], [200, two.domain], made.text);
  const changed = await two.dialtone.api('PUT', `/api/accounts/${made.json.id}`, { ...asAdmin,
    body: fields({ username: made.json.username, domain: two.domain.toUpperCase() }) });
  assert.deepEqual([changed.status, changed.json.domain], [200, two.domain], changed.text);
  const typed = { username: address.toUpperCase(), password: user.password };
  assert.equal((await one.dialtone.api('POST', '/api/login', { body: typed })).status, 200);
  const upper = `${user.username[0].toUpperCase()}${user.username.slice(1)}@${one.domain}`;
  assert.equal((await one.dialtone.api('GET', `/api/accounts/${upper}/info`)).status, upper.startsWith(user.username) ? 200 : 404, 'the user part has one');
});

test('user_may_call_on_the_host_of_another_space_as_himself', async () => {
  const user = await createUser(one.dialtone);
  assert.equal((await two.dialtone.api('GET', '/api/accounts/me', { key: user.key })).json.domain, one.domain);
  assert.equal((await two.dialtone.api('POST', '/api/login', { body: { username: `${user.username}@${one.domain}`, password: user.password } })).status, 200);
});

test('expired_space_is_403_for_all_but_ping_until_it_is_prolonged', async () => {
  const space = await createSpace(dialtone);
  const admin = await createUser(space.dialtone, { admin: true });
  await changeSpace(space, "expire_at = (now() AT TIME ZONE 'UTC')::date", ({ status }) => status === 403);
  for (const [method, path, options] of [['POST', '/api/accounts', { key: admin.key, body: fields() }], ['GET', '/api/accounts/me', { token: admin.token }],
    ['GET', `/api/accounts/${admin.username}@${space.domain}/info`, {}], ['GET', '/api/user/me', { token: admin.token }],
    ['POST', '/api/login', { body: { username: admin.username, password: admin.password } }]]) {
    const answer = await space.dialtone.api(method, path, options);
    assert.equal(answer.status, 403, `${method} ${path}`);
    assert.equal(answer.json.message, 'This space has expired.');
  }
  assert.equal((await one.dialtone.api('GET', '/api/accounts/me', { key: admin.key })).status, 403, 'nor through another host');
  assert.equal((await one.dialtone.api('POST', '/api/login', { body: { username: `${admin.username}@${space.domain}`, password: admin.password } })).status, 403);
  assert.equal((await space.dialtone.api('GET', '/api/ping')).text, 'pong');
  await changeSpace(space, "expire_at = (now() AT TIME ZONE 'UTC')::date + 1", ({ status }) => status === 200);
  assert.equal((await create(space.dialtone, { key: admin.key })).status, 200);
});

test('super_space_never_expires', async () => {
  await dialtone.sql("UPDATE spaces SET expire_at = '2000-01-01' WHERE super");
  const space = await createSpace(dialtone); /* the workers' list is read again */
  assert.equal((await space.dialtone.api('GET', '/api/accounts', asAdmin)).status, 200);
  assert.equal((await dialtone.api('GET', '/api/accounts', asAdmin)).status, 200);
});

test('full_space_takes_no_account_whatever_is_in_the_request', async () => {
  const space = await createSpace(dialtone, { max_accounts: 2 });
  for (let i = 0; i < 2; i++) assert.equal((await create(space.dialtone, asAdmin)).status, 200);
  for (const body of [fields(), {}]) {
    const answer = await space.dialtone.api('POST', '/api/accounts', { ...asAdmin, body });
    assert.equal(answer.status, 403);
    assert.equal(answer.json.message, 'This space cannot hold more accounts.');
  }
  const [{ id }] = (await space.dialtone.api('GET', '/api/accounts', asAdmin)).json.data;
  await space.dialtone.api('DELETE', `/api/accounts/${id}`, asAdmin);
  assert.equal((await create(space.dialtone, asAdmin)).status, 200);
});

test('last_place_of_a_space_is_given_away_once', async () => {
  await dialtone.configureApi({ workers: 3 });
  const space = await createSpace(dialtone, { max_accounts: 1 });
  await until(async () => (await dialtone.workers()).length === 3, { what: 'three workers' });
  const answers = await Promise.all(Array.from({ length: 12 }, () => create(one.dialtone, asAdmin, { domain: space.domain })));
  await dialtone.configureApi({ workers: 1 });
  assert.deepEqual(await dialtone.sql(`SELECT count(*) FROM accounts WHERE domain = '${space.domain}'`), [['1']]);
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(11).fill(403)]);
});

test('of_ten_thousand_spaces_no_more_are_made_by_the_API', async () => {
  await dialtone.sql(`SET session_replication_role = replica; INSERT INTO spaces (domain, host, name)
    SELECT d, d, d FROM (SELECT 'many' || n || '.example.org' AS d FROM generate_series(1, 10000 - (SELECT count(*) FROM spaces)) n) s`, { as: 'postgres' });
  const body = { name: 'one more', domain: 'more.example.org', host: 'more.example.org' };
  const { status, json } = await dialtone.api('POST', '/api/spaces', { ...asAdmin, body });
  assert.deepEqual([status, json.message], [403, 'There are as many of these as can be kept.']);
  await dialtone.sql("SET session_replication_role = replica; DELETE FROM spaces WHERE domain = 'many1.example.org'", { as: 'postgres' });
  assert.equal((await dialtone.api('POST', '/api/spaces', { ...asAdmin, body })).status, 201);
});
