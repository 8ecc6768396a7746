/* Tokens with which people make accounts: accounts-api I.2, I.3, II.5, II.6, 9.1 and 16 (10, 11). */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createUser } from '../lib/accounts.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { createKnownSpace } from '../lib/spaces.mjs';
import { atOnce, creationToken, press, requestToken, validate } from '../lib/tokens.mjs';

const dialtone = await ownInstance({ options: ['--workers', '4'] });
const user = await createUser(dialtone);
const other = await createKnownSpace(dialtone);
const TOKEN = /^[A-Za-z0-9]{13}$/;

const exchange = (token, at = dialtone) => at.api('POST', '/api/account_creation_tokens/using-account-creation-request-token', { body: { account_creation_request_token: token } });
const consume = (token, who = user, at = dialtone) => at.api('POST', '/api/account_creation_tokens/consume', { key: who.key, body: { account_creation_token: token } });
const page = (token, options) => dialtone.api(options?.method ?? 'GET', `/creation_token/check/${token}`, options);
const expire = (table, token) => dialtone.sql(`UPDATE ${table} SET expires_at = now() WHERE token_hash = sha256('${token}')`);
const isUnknown = (answer) => {
  assert.equal(answer.status, 422, answer.text);
  assert.deepEqual(answer.json.errors, { account_creation_request_token: ['This token is unknown or already used.'] });
};

test('token_of_an_administrator_is_shown_once_and_stored_as_a_hash', async () => {
  const { status, json } = await dialtone.api('POST', '/api/account_creation_tokens', { as: 'admin', headers: { 'User-Agent': 'a program' } });
  assert.equal(status, 201);
  assert.deepEqual(Object.keys(json), ['token', 'expire_at', 'ip', 'user_agent', 'used', 'account_id']);
  assert.match(json.token, TOKEN);
  assert.deepEqual({ ...json, token: '' }, { token: '', expire_at: null, ip: '127.0.0.1', user_agent: 'a program', used: false, account_id: null });
  assert.deepEqual(await dialtone.sql(`SELECT domain, used FROM account_creation_tokens WHERE token_hash = sha256('${json.token}')`), [['dialtone.test', 'f']]);
  assert.deepEqual(await dialtone.sql(`SELECT count(*) FROM account_creation_tokens t WHERE t::text LIKE '%${json.token}%'`), [['0']]);
});

test('request_token_leads_to_its_page_on_the_host_of_its_space', async () => {
  const { token, validation_url: url } = await requestToken(dialtone);
  assert.match(token, TOKEN);
  /* With two spaces the host is the space's, port and path are those of public_url. */
  const { port } = new URL(dialtone.env.DIALTONE_URL);
  const [[host]] = await dialtone.sql("SELECT host FROM spaces WHERE domain = 'dialtone.test'");
  assert.equal(url, `https://${host}:${port}/creation_token/check/${token}`);
  const [[kept]] = await dialtone.sql(`SELECT expires_at - created_at BETWEEN '23:59:59' AND '24:00:01' FROM account_creation_request_tokens WHERE token_hash = sha256('${token}')`);
  assert.equal(kept, 't');
  const theirs = await requestToken(other.dialtone);
  assert.equal(theirs.validation_url, `https://${other.host}:${port}/creation_token/check/${theirs.token}`);
});

test('page_changes_nothing_until_its_button_is_pressed', async () => {
  const { token } = await requestToken(dialtone);
  for (const method of ['GET', 'HEAD', 'GET']) assert.equal((await page(token, { method })).status, 200);
  assert.equal((await exchange(token)).status, 404, 'not confirmed yet');
  const shown = await page(token);
  assert.equal(shown.header('content-type'), 'text/html; charset=utf-8');
  assert.match(shown.text, new RegExp(`<form method="post" action="../validate">\\n<input type="hidden" name="account_creation_request_token" value="${token}">`));
  await validate(dialtone, token);
  assert.doesNotMatch((await page(token)).text, /<form/);
  const { status, json } = await exchange(token);
  assert.equal(status, 201);
  assert.match(json.token, TOKEN);
  assert.notEqual(json.token, token);
  assert.equal((await consume(json.token)).status, 200);
  const [[used, linked]] = await dialtone.sql(`SELECT r.used, c.used FROM account_creation_request_tokens r JOIN account_creation_tokens c
    ON c.id = r.account_creation_token_id WHERE r.token_hash = sha256('${token}')`);
  assert.deepEqual([used, linked], ['t', 't']);
});

test('page_may_hold_nothing_but_its_form_and_is_kept_nowhere', async () => {
  const { token } = await requestToken(dialtone);
  for (const answer of [await page(token), await page('nosuchtoken12'), await press(dialtone, token)]) {
    assert.deepEqual(answer.all('content-security-policy'), ["default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"]);
    assert.deepEqual(answer.all('cache-control'), ['no-store']);
    assert.equal(answer.header('referrer-policy'), 'no-referrer');
    assert.doesNotMatch(answer.text, /<(script|style|img|link|iframe)| style=| on\w+=/);
  }
});

test('page_speaks_the_language_of_its_reader', async () => {
  const { token } = await requestToken(dialtone);
  for (const [language, tag, word] of [['fr-CA,en;q=0.5', 'fr', 'Confirmer'], ['it', 'it', 'Conferma'], ['de', 'en', 'Confirm']]) {
    const { text } = await page(token, { headers: { 'Accept-Language': language } });
    assert.match(text, new RegExp(`<html lang="${tag}">[^]*<button>${word}</button>`));
  }
  assert.match((await page('nosuchtoken12', { headers: { 'Accept-Language': 'fr' } })).text, /Ressource introuvable\./);
});

test('unknown_used_expired_and_foreign_tokens_have_no_page', async () => {
  const used = (await requestToken(dialtone)).token;
  await validate(dialtone, used);
  await exchange(used);
  const expired = (await requestToken(dialtone)).token;
  await expire('account_creation_request_tokens', expired);
  const foreign = (await requestToken(other.dialtone)).token;
  for (const token of ['nosuchtoken12', used, expired, foreign, '%01', 'a'.repeat(2000), '<b>', '%F0%9F%A6%89']) {
    for (const answer of [await page(token), await press(dialtone, decodeURIComponent(token))]) {
      assert.equal(answer.status, 404, token);
      assert.equal(answer.header('content-type'), 'text/html; charset=utf-8', token);
    }
    assert.equal((await page(token, { method: 'HEAD' })).status, 404);
  }
  const json = await page('nosuchtoken12', { headers: { Accept: 'application/json' } });
  assert.deepEqual(json.json, { message: 'No such resource.' });
  assert.equal((await press(dialtone, '')).status, 404);
  assert.equal((await page((await requestToken(dialtone)).token, { method: 'PUT' })).status, 405);
});

test('button_is_a_post_of_a_form_or_of_json', async () => {
  const { token } = await requestToken(dialtone);
  const field = `account_creation_request_token=${token}`;
  const send = (body, type, query = '') => dialtone.api('POST', `/creation_token/validate${query}`, { body, headers: { 'Content-Type': type } });
  assert.equal((await send('', 'application/x-www-form-urlencoded', `?${field}`)).status, 404, 'a link presses nothing');
  assert.equal((await dialtone.api('GET', `/creation_token/validate?${field}`)).status, 405);
  assert.equal((await send(field, 'multipart/form-data')).status, 415);
  assert.equal((await send(`${field}&x=${'x'.repeat(70000)}`, 'application/x-www-form-urlencoded')).status, 413);
  assert.equal((await exchange(token)).status, 404);
  assert.equal((await send(`${field}&h-captcha-response=x`, 'application/x-www-form-urlencoded; charset=utf-8')).status, 200);
  assert.equal((await exchange(token)).status, 201);
});

test('request_token_that_is_unknown_used_or_foreign_is_422_and_expired_404', async () => {
  const { token } = await requestToken(dialtone);
  await validate(dialtone, token);
  isUnknown(await exchange(token, other.dialtone));
  assert.equal((await exchange(token)).status, 201);
  isUnknown(await exchange(token));
  isUnknown(await exchange('nosuchtoken12'));
  const late = (await requestToken(dialtone)).token;
  await validate(dialtone, late);
  await expire('account_creation_request_tokens', late);
  assert.equal((await exchange(late)).status, 404);
});

test('of_100_exchanges_of_one_request_token_exactly_one_succeeds', async () => {
  const { token } = await requestToken(dialtone);
  await validate(dialtone, token);
  const [[before]] = await dialtone.sql('SELECT count(*) FROM account_creation_tokens');
  assert.deepEqual(await atOnce(100, () => exchange(token)), { 201: 1, 422: 99 });
  assert.deepEqual(await dialtone.sql('SELECT count(*) FROM account_creation_tokens'), [[String(Number(before) + 1)]]);
});

test('consumed_token_belongs_to_the_account_and_is_no_longer_there', async () => {
  const token = await creationToken(dialtone);
  const { status, json } = await consume(token);
  assert.equal(status, 200);
  assert.deepEqual([json.token, json.used, json.account_id], [token, true, user.id]);
  assert.equal((await consume(token)).status, 404);
});

test('token_stays_used_when_its_account_is_deleted', async () => {
  const passing = await createUser(dialtone);
  const token = await creationToken(dialtone);
  await consume(token, passing);
  await dialtone.api('DELETE', `/api/accounts/${passing.id}`, { as: 'admin' });
  assert.deepEqual(await dialtone.sql(`SELECT used, account_id FROM account_creation_tokens WHERE token_hash = sha256('${token}')`), [['t', '']]);
  assert.equal((await consume(token)).status, 404);
});

test('token_that_is_not_to_be_had_is_404_whatever_is_wrong_with_it', async () => {
  const expired = await creationToken(dialtone);
  await expire('account_creation_tokens', expired);
  const foreign = await creationToken(other.dialtone);
  const request = (await requestToken(dialtone)).token;
  for (const token of ['nosuchtoken12', expired, foreign, request, '', null, 17, ['a'], { a: 1 }, 'x'.repeat(5000), 'nul\u0000', `${await creationToken(dialtone)} x`]) {
    const answer = await consume(token);
    assert.equal(answer.status, 404, JSON.stringify(token));
    assert.deepEqual(answer.json, { message: 'No such resource.' });
  }
  /* Users do the same on every host: the token is one of their own space. */
  assert.equal((await consume(await creationToken(dialtone), user, other.dialtone)).status, 200);
  assert.equal((await dialtone.api('POST', '/api/account_creation_tokens/consume', { key: user.key })).status, 404);
});

test('of_100_who_consume_one_token_exactly_one_has_it', async () => {
  const second = await createUser(dialtone);
  const token = await creationToken(dialtone);
  assert.deepEqual(await atOnce(100, (i) => consume(token, i % 2 ? user : second)), { 200: 1, 404: 99 });
  const [[owner]] = await dialtone.sql(`SELECT account_id FROM account_creation_tokens WHERE token_hash = sha256('${token}')`);
  assert.ok([user.id, second.id].includes(Number(owner)));
});

test('plain_users_and_administrators_elsewhere_make_no_tokens', async () => {
  assert.equal((await dialtone.api('POST', '/api/account_creation_tokens', { key: user.key })).status, 403);
  const admin = await createUser(other.dialtone, { admin: true });
  assert.equal((await dialtone.api('POST', '/api/account_creation_tokens', { key: admin.key })).status, 403);
  assert.equal((await other.dialtone.api('POST', '/api/account_creation_tokens', { key: admin.key })).status, 201);
});

const push = (kind, change = {}, at = dialtone) => at.api('POST', `/api/${kind}`, { body: { pn_provider: 'fcm', pn_param: 'project', pn_prid: 'device', ...change } });
const KINDS = [['account_creation_tokens/send-by-push', 'account_creation_tokens'], ['tokens', 'account_creation_tokens'],
  ['account_recovery_tokens/send-by-push', 'account_recovery_tokens']];

for (const [path, table] of KINDS) {
  const add = (device, used, age, count = 1, domain = 'dialtone.test') => dialtone.sql(`INSERT INTO ${table} (token_hash, domain, pn_provider, pn_param, pn_prid, used, created_at)
    SELECT sha256(gen_random_uuid()::text::bytea), '${domain}', 'fcm', 'project', '${device}', ${used}, now() - interval '${age}' FROM generate_series(1, ${count})`);

  test(`${path}: without_a_back_end_it_is_503_and_nothing_is_stored`, async () => {
    const count = () => dialtone.sql(`SELECT count(*) FROM ${table}`);
    const before = await count();
    const answer = await push(path);
    assert.equal(answer.status, 503);
    assert.deepEqual(Object.keys(answer.json), ['message']);
    assert.ok(answer.header('retry-after'));
    assert.deepEqual(await count(), before);
  });

  test(`${path}: all_three_parameters_are_needed_and_named`, async () => {
    const answer = await dialtone.api('POST', `/api/${path}`, { body: {} });
    assert.equal(answer.status, 422);
    assert.deepEqual(Object.keys(answer.json.errors), ['pn_provider', 'pn_param', 'pn_prid']);
    assert.equal((await dialtone.api('POST', `/api/${path}`, { body: '"text', headers: { 'Content-Type': 'application/json' } })).status, 400);
  });

  test(`${path}: used_token_of_the_device_within_the_hour_throttles_it`, async () => {
    const device = `used:${path.replaceAll('/', '_')}`;
    const send = (change) => push(path, { pn_prid: device, ...change });
    await add(device, true, '61 minutes');
    assert.equal((await send()).status, 503, 'long ago');
    await add(device, true, '20 minutes');
    const answer = await send();
    assert.equal(answer.status, 403);
    assert.ok(Math.abs(Number(answer.header('retry-after')) - 2400) < 20, answer.header('retry-after'));
    assert.equal((await send({ pn_prid: 'another' })).status, 503);
    assert.equal((await send({ pn_provider: 'apns' })).status, 503);
    assert.equal((await send({ pn_param: '' })).status, 422, 'what is wrong comes before the throttle');
    assert.equal((await push(path, { pn_prid: device }, other.dialtone)).status, 503, 'devices are known to one space');
  });

  test(`${path}: more_than_three_unused_tokens_throttle_it_too`, async () => {
    const device = `unused:${path.replaceAll('/', '_')}`;
    await add(device, false, '2 hours', 5);
    await add(device, false, '50 minutes', 3);
    assert.equal((await push(path, { pn_prid: device })).status, 503);
    await add(device, false, '40 minutes');
    const answer = await push(path, { pn_prid: device });
    assert.equal(answer.status, 403);
    assert.ok(Math.abs(Number(answer.header('retry-after')) - 600) < 20, answer.header('retry-after'));
  });
}

test('throttle_says_429_where_clients_want_that', async () => {
  await dialtone.configureApi({ push_token_throttle_status: 429 });
  const answer = await push(KINDS[0][0], { pn_prid: `used:${KINDS[0][0].replaceAll('/', '_')}` });
  assert.equal(answer.status, 429);
  assert.ok(Number(answer.header('retry-after')) > 2000);
});

test('tokens_end_after_the_time_of_the_setting', async () => {
  await dialtone.configureApi({ account_creation_token_expiration_minutes: 30 });
  const { json } = await dialtone.api('POST', '/api/account_creation_tokens', { as: 'admin' });
  const minutes = (new Date(json.expire_at) - Date.now()) / 60000;
  assert.ok(minutes > 29 && minutes <= 30, json.expire_at);
  const { token } = await requestToken(dialtone);
  await validate(dialtone, token);
  const exchanged = await exchange(token);
  assert.ok(Math.abs(new Date(exchanged.json.expire_at) - new Date(json.expire_at)) < 60000);
});

test('16.11 a network makes and validates 60 tokens a minute', async () => {
  await dialtone.configureApi({ public_tokens_per_minute: 60, public_tokens_per_day: 2000 });
  await dialtone.redis('flushall');
  const made = await atOnce(80, () => dialtone.api('POST', '/api/account_creation_request_tokens'));
  assert.ok(made[201] >= 60 && made[201] <= 64 && made[201] + made[429] === 80, JSON.stringify(made));
  for (const answer of [await exchange('nosuchtoken12'), await press(dialtone, 'nosuchtoken12'), ...await Promise.all(KINDS.map(([path]) => push(path)))]) {
    assert.equal(answer.status, 429);
    assert.ok(Number(answer.header('retry-after')) >= 1);
  }
  const [{ reason }] = (await dialtone.log('api')).match(/reason=public_tokens\w+/g).map((s) => ({ reason: s }));
  assert.equal(reason, 'reason=public_tokens_per_minute');
  /* Other calls of that network, and those of administrators, go on. */
  assert.equal((await dialtone.api('GET', '/api/accounts/nobody@dialtone.test/info')).status, 404);
  assert.equal((await dialtone.api('POST', '/api/account_creation_tokens', { as: 'admin' })).status, 201);
});

test('16.11 a network makes and validates 2000 tokens a day', async () => {
  await dialtone.configureApi({ public_tokens_per_minute: 0, public_tokens_per_day: 20 });
  await dialtone.redis('flushall');
  assert.deepEqual(await atOnce(40, () => dialtone.api('POST', '/api/account_creation_request_tokens')), { 201: 20, 429: 20 });
  const refused = await exchange('nosuchtoken12');
  assert.equal(refused.status, 429);
  assert.ok(Number(refused.header('retry-after')) > 4000, 'one in 72 minutes');
});
