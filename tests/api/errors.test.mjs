/* What holds for every answer: ids, types, limits, languages, problem documents (accounts-api 1.1 to
 * 1.4 and 1.8, cti-api 1.0). */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createUser, randomName } from '../lib/accounts.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await sharedInstance();
const user = await createUser(dialtone);
const asAdmin = { as: 'admin' };

const post = (body, headers = {}, path = '/api/accounts') => dialtone.api('POST', path, { ...asAdmin, body, headers });
const json = { 'Content-Type': 'application/json' };

test('1.3 an_integer_where_text_is_wanted_is_its_digits', async () => {
  const digits = Math.floor(1e9 + Math.random() * 8e9);
  const made = await post({ username: digits, password: 20261129123, display_name: 7, activated: true });
  assert.deepEqual([made.status, made.json.username, made.json.display_name], [200, String(digits), '7'], made.text);
  assert.equal((await dialtone.api('POST', '/api/login', { body: { username: digits, password: 20261129123 } })).status, 200);
  for (const username of [-5, 1.5, 1e30, true]) assert.equal((await post({ username, password: 'long enough' })).status, 422, String(username));
});

test('1.3 a_byte_order_mark_in_front_of_a_body_is_passed_over', async () => {
  const body = `\ufeff${JSON.stringify({ username: randomName(), password: 'long enough' })}`;
  assert.equal((await post(body, json)).status, 200);
  assert.equal((await post('\ufeff{', json)).status, 400);
  const { username, password } = user;
  assert.equal((await dialtone.api('POST', '/api/login', { body: `\ufeff${JSON.stringify({ username, password })}`, headers: { 'Content-Type': 'application/x-www-form-urlencoded' } })).status, 200);
});

test('1.3 a_packed_body_is_415_and_told_what_is_taken', async () => {
  const body = JSON.stringify({ username: randomName(), password: 'long enough' });
  const packed = await post(body, { ...json, 'Content-Encoding': 'gzip' });
  assert.deepEqual([packed.status, packed.header('accept-encoding')], [415, 'identity']);
  assert.equal((await dialtone.api('POST', '/api/login', { body: { username: 'a', password: 'b' }, headers: { 'Content-Encoding': 'br' } })).status, 415);
  assert.equal((await post(body, { ...json, 'Content-Encoding': 'Identity' })).status, 200);
});

test('every_answer_carries_the_id_that_stands_in_the_log', async () => {
  const answer = await dialtone.api('GET', '/api/accounts/me', { key: user.key });
  const id = answer.header('x-request-id');
  assert.match(id, /^[0-9a-f]{32}$/);
  assert.equal(answer.all('x-request-id').length, 1);
  await until(async () => (await dialtone.log('api')).includes(id), { what: 'the id in the log' });
  const line = (await dialtone.log('api')).split('\n').find((text) => text.includes(id));
  assert.match(line, new RegExp(` method=GET route=/api/accounts/me status=200 .* account=${user.id} auth=key$`));
});

test('answers_are_never_stored_on_the_way', async () => {
  for (const path of ['/api/ping', '/api/accounts', '/api/no/such/thing', '/api/openapi.json']) {
    assert.deepEqual((await dialtone.api('GET', path, asAdmin)).all('cache-control'), ['no-store'], path);
  }
});

test('json_has_exactly_the_type_that_clients_compare_with', async () => {
  for (const [method, path, status] of [
    ['GET', '/api/accounts', 200], ['GET', '/api/accounts/999999999', 404], ['GET', '/api/no/such', 404],
    ['PATCH', '/api/accounts', 405], ['POST', '/api/accounts', 422], ['GET', '/api/openapi.json', 200],
  ]) {
    const answer = await dialtone.api(method, path, asAdmin);
    assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`);
    assert.deepEqual(answer.all('content-type'), ['application/json']);
  }
});

test('unknown_path_is_404_also_below_a_known_one', async () => {
  for (const path of ['/api/nothing', '/api/accounts/1/2/3/4', '/api/ping/pong', '/api/accounts//', '/nothing', '/api//ping']) {
    const answer = await dialtone.api('GET', path, asAdmin);
    assert.equal(answer.status, 404, path);
    assert.deepEqual(Object.keys(answer.json), ['message'], path);
  }
});

test('wrong_method_is_405_and_names_the_right_ones', async () => {
  for (const [method, path, allow] of [
    ['PATCH', '/api/accounts', 'GET, HEAD, POST'], ['POST', '/api/ping', 'GET, HEAD'],
    ['POST', '/api/accounts/1', 'GET, HEAD, PUT, DELETE'], ['GET', '/api/login', 'POST'],
    ['DELETE', '/api/user/me', 'GET, HEAD'], ['FROBNICATE', '/api/ping', 'GET, HEAD'],
  ]) {
    const answer = await dialtone.api(method, path, asAdmin);
    assert.equal(answer.status, 405, `${method} ${path}`);
    assert.equal(answer.header('allow'), allow, `${method} ${path}`);
  }
});

test('cti_refusals_come_in_the_envelope', async () => {
  const answer = await dialtone.api('GET', '/api/login');
  assert.deepEqual(answer.json, { code: 405, message: 'This method is not available here.', data: null });
});

test('trailing_slash_is_as_if_it_were_absent', async () => {
  assert.equal((await dialtone.api('GET', '/api/accounts/', asAdmin)).status, 200);
  assert.equal((await dialtone.api('GET', `/api/accounts/${user.id}/`, asAdmin)).json.id, user.id);
  assert.equal((await dialtone.api('GET', '/api/user/me/', { token: user.token })).status, 200);
});

test('head_answers_wherever_get_does_and_without_a_body', async () => {
  for (const path of ['/api/accounts', `/api/accounts/${user.id}`, '/api/accounts/me', '/api/openapi.json']) {
    const [head, get] = [await dialtone.api('HEAD', path, asAdmin), await dialtone.api('GET', path, asAdmin)];
    assert.equal(head.status, 200, path);
    assert.equal(head.text, '');
    assert.equal(head.header('content-type'), get.header('content-type'));
    assert.equal(head.header('content-length'), String(Buffer.byteLength(get.text)));
  }
});

test('path_is_percent_decoded_once', async () => {
  const plus = await createUser(dialtone, { username: `a+b.${randomName()}` });
  for (const sip of [`${plus.username}@${plus.domain}`, encodeURIComponent(`${plus.username}@${plus.domain}`),
    `sip:${plus.username}@${plus.domain}`, `sips%3A${plus.username}%40${plus.domain}`]) {
    assert.equal((await dialtone.api('GET', `/api/accounts/${sip}/search`, asAdmin)).json.id, plus.id, sip);
  }
  assert.equal((await dialtone.api('GET', `/api/accounts/${encodeURIComponent(encodeURIComponent(`${plus.username}@${plus.domain}`))}/search`, asAdmin)).status, 404);
});

test('path_that_is_no_text_is_refused_and_not_misread', async () => {
  for (const path of ['/api/accounts/%00', '/api/accounts/%ff%fe@dialtone.test/search', '/api/accounts/%zz', '/api/accounts/a%0ab@dialtone.test/search']) {
    const answer = await dialtone.api('GET', path, asAdmin);
    assert.ok([400, 404].includes(answer.status), `${path}: ${answer.status}`);
    assert.equal(answer.header('content-type'), 'application/json');
  }
});

test('broken_json_is_400_with_the_prefix_clients_look_for', async () => {
  const bad = ['{', '{"username":}', '{"a":1,}', "{'a':1}", '[]', '"text"', 'null', '17', '{"a":1}x', '{"a":01}', '{"a":"\u0001"}',
    '{"a":"\\ud800"}', '{}\ufeff', '{"a":NaN}', '{"a":1e999}', '/* */{}', `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`, Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])];
  for (const body of bad) {
    const answer = await post(body, json);
    assert.equal(answer.status, 400, `${body}: ${answer.text}`);
    assert.match(answer.json.message, /^Invalid JSON: /);
  }
});

test('empty_body_is_an_empty_object', async () => {
  for (const body of [undefined, '', '  \n ', '{}']) {
    assert.deepEqual(Object.keys((await post(body, json)).json.errors), ['username', 'password']);
  }
});

test('body_is_json_when_it_says_so_or_says_nothing', async () => {
  const fields = () => JSON.stringify({ username: randomName(), password: 'long enough' });
  for (const type of ['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON', 'application/vnd.dialtone+json', '']) {
    const answer = await post(fields(), { 'Content-Type': type });
    assert.equal(answer.status, 200, `${type}: ${answer.text}`);
  }
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/xml', 'nonsense']) {
    const answer = await post(fields(), { 'Content-Type': type });
    assert.equal(answer.status, 415, `${type}: ${answer.text}`);
  }
});

test('body_is_refused_above_the_limit_of_its_row_and_taken_up_to_it', async () => {
  const body = (size) => `{"username":"u","password":"p"${' '.repeat(size - 31)}}`;
  for (const [path, limit, taken] of [['/api/accounts', 64 * 1024, 422], ['/api/login', 32 * 1024, 401]]) {
    assert.equal(Buffer.byteLength(body(limit)), limit);
    assert.equal((await post(body(limit), json, path)).status, taken, `${path} at ${limit}`);
    const answer = await post(body(limit + 1), json, path);
    assert.equal(answer.status, 413, `${path} above ${limit}`);
    assert.equal(answer.json.message, 'request body too large');
  }
  const logout = await dialtone.api('POST', '/api/logout', { token: user.token, body: 'a'.repeat(1025) });
  assert.equal(logout.status, 413);
  assert.deepEqual(logout.json, { code: 413, message: 'request body too large', data: null });
});

test('body_in_chunks_is_a_body_like_any_other', async () => {
  const username = randomName();
  const answer = await post(JSON.stringify({ username, password: 'long enough' }), { ...json, 'Transfer-Encoding': 'chunked' });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.json.username, username);
  const large = await post('a'.repeat(64 * 1024 + 1), { ...json, 'Transfer-Encoding': 'chunked' });
  assert.equal(large.status, 413);
});

test('connection_lives_on_after_every_refusal', async () => {
  for (const [options, status] of [[{ body: '{', headers: json }, 400], [{ body: 'a'.repeat(200_000), headers: json }, 413], [{ body: '{}', headers: { 'Content-Type': 'text/plain' } }, 415]]) {
    assert.equal((await dialtone.api('POST', '/api/accounts', { ...asAdmin, ...options })).status, status);
    assert.equal((await dialtone.api('GET', '/api/ping')).text, 'pong');
  }
});

test('hostile_texts_are_data_and_nothing_else', async () => {
  for (const text of ["'; DROP TABLE accounts; --", '<script>alert(1)</script>', '${7*7}{{7*7}}%s%n', '\\"/', '\u202e\u200b right to left']) {
    const made = await post({ username: randomName(), password: 'long enough', display_name: text, dictionary: { [text]: text } });
    assert.equal(made.status, 200, made.text);
    assert.equal(made.json.display_name, text);
    assert.deepEqual(made.json.dictionary, { [text]: text });
  }
});

test('unknown_members_and_parameters_are_ignored', async () => {
  const answer = await dialtone.api('POST', '/api/accounts?nonsense=1', {
    ...asAdmin, body: { username: randomName(), password: 'long enough', asAdmin: true, super: true, id: 1, ip_address: '10.9.8.7', created_at: 'x' },
  });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.json.admin, false);
  assert.equal(answer.json.ip_address, '127.0.0.1');
});

test('query_is_merged_and_the_body_wins', async () => {
  const name = randomName();
  const answer = await dialtone.api('POST', `/api/accounts?username=${randomName()}&display_name=From%20the+query`, {
    ...asAdmin, body: { username: name, password: 'long enough' },
  });
  assert.equal(answer.json.username, name);
  assert.equal(answer.json.display_name, 'From the query');
});

test('repeated_member_or_parameter_counts_once_the_last_time', async () => {
  const name = randomName();
  const twice = await post(`{"username":"first.of.two","username":"${name}","password":"long enough"}`, json);
  assert.equal(twice.json.username, name);
  const page = await dialtone.api('GET', '/api/accounts?page=7&page=1', asAdmin);
  assert.equal(page.json.current_page, 1);
});

test('surplus_of_parameters_is_refused_and_not_a_burden', async () => {
  const members = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`m${i}`, 1]));
  assert.equal((await post(members)).status, 400);
});

test('texts_follow_accept_language_and_keys_never_do', async () => {
  for (const [language, message, more] of [
    ['fr', 'Le champ pseudo est obligatoire.', '(et 1 autre erreur)'],
    ['de, fr-CA;q=0.8, en;q=0.5', 'Le champ pseudo est obligatoire.', '(et 1 autre erreur)'],
    ['it', 'Il campo nome utente è obbligatorio.', '(e 1 altro errore)'],
    ['de', 'The username field is required.', '(and 1 more error)'],
    [undefined, 'The username field is required.', '(and 1 more error)'],
  ]) {
    const answer = await post({}, language ? { 'Accept-Language': language } : {});
    assert.equal(answer.status, 422);
    assert.equal(answer.json.message, `${message} ${more}`, language);
    assert.deepEqual(Object.keys(answer.json.errors), ['username', 'password']);
    assert.deepEqual(answer.json.errors.username, [message]);
  }
  const missing = await dialtone.api('GET', '/api/accounts/999999999', { ...asAdmin, headers: { 'Accept-Language': 'fr' } });
  assert.equal(missing.json.message, 'Ressource introuvable.');
});

test('problem_document_comes_only_to_those_who_ask_for_one', async () => {
  const answer = await post({ username: 'UPPER' }, { Accept: 'application/problem+json' });
  assert.equal(answer.status, 422);
  assert.equal(answer.header('content-type'), 'application/problem+json');
  const { type, title, status, detail, request_id: id, errors } = answer.json;
  assert.equal(type, 'urn:dialtone:error:invalid');
  assert.equal(title, 'Some parameters are not acceptable.');
  assert.equal(status, 422);
  assert.match(detail, /^Upper-case letters are not accepted in username/);
  assert.equal(id, answer.header('x-request-id'));
  assert.deepEqual(Object.keys(errors).sort(), ['password', 'username']);
  const other = await post({}, { Accept: 'text/html, */*' });
  assert.equal(other.header('content-type'), 'application/json');
});

test('header_above_what_we_take_is_refused_as_json_whatever_it_is', async () => {
  const answer = await dialtone.api('GET', `/api/accounts/${'a'.repeat(9000)}`);
  assert.equal(answer.status, 431);
  assert.equal(answer.header('content-type'), 'application/json');
});
