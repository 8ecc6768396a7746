/* What a web client asks for when its page opens (cti-api 4.1): nothing of it is a 404. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { createUser } from '../lib/accounts.mjs';
import { addExtension, createOperator, putCti } from '../lib/cti.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { Live } from '../lib/live.mjs';

const dialtone = await sharedInstance();
const sockets = [];
after(() => sockets.forEach((socket) => socket.close()));

/* [path, smallest answer with which the page works], in the order of the page. */
const page = (username) => [
  ['/user/me', ({ username: name }) => name === username],
  ['/2fa/status', { status: false }],
  ['/user/paramurl', { url: '', only_queues: false }],
  ['/profiling/all', ({ publichost, server_time: now }) => publichost === 'localhost' && Math.abs(now - Date.now()) < 60000],
  ['/astproxy/feature_codes', {}],
  ['/user/endpoints/all', (all) => all[username].endpoints.mainextension[0].id === username],
  ['/astproxy/extensions', (all) => all[username].username === username],
  ['/user/all_avatars', (all) => typeof all === 'object'],
  ['/astproxy/opgroups', {}],
  ['/phonebook/speeddials', []],
  ['/streaming/sources', {}],
  ['/astproxy/queues', {}],
  ['/astproxy/qmanager_queues', {}],
  ['/astproxy/parkings', {}],
  ['/custcard/list', {}],
  [`/historycall/interval/user/${username}/20261101/20261122?limit=10&offset=0&sort=time%20desc&removeLostCalls=undefined`, { count: 0, rows: [] }],
  ['/voicemail/list/all', { count: 0, rows: [] }],
];

for (const [base, what] of [['/api', 'the_new_paths'], ['/webrest', 'the_old_paths_with_a_jwt']]) {
  test(`page_of_an_operator_opens_on_${what}`, async () => {
    const user = await createOperator(dialtone);
    for (const [path, expected] of page(user.username)) {
      const answer = await dialtone.api('GET', base + path, { token: user.token });
      assert.equal(answer.status, 200, `${path}: ${answer.text}`);
      assert.equal(answer.header('content-type'), 'application/json');
      if (typeof expected === 'function') assert.ok(expected(answer.json), `${path}: ${answer.text}`);
      else assert.deepEqual(answer.json, expected, path);
    }
    const posted = await dialtone.api('POST', `${base}/user/settings`, { token: user.token, body: { open_ccard: 'disabled' } });
    assert.deepEqual([posted.status, posted.text], [200, '']);
    assert.equal((await dialtone.api('POST', `${base}/user/settings`, { token: user.token, body: { open_param_url: 'never' } })).status, 200);
  });
}

test('the_socket_of_the_page_opens_and_answers_pings', async () => {
  const user = await createOperator(dialtone);
  const live = new Live(dialtone);
  sockets.push(live);
  await live.login(user.username, user.token, { uaType: 'desktop' });
  await new Promise((resolve) => live.socket.emit('ping', resolve));
});

test('what_every_user_asks_for_works_without_a_profile', async () => {
  const user = await createUser(dialtone);
  for (const path of ['/user/me', '/2fa/status', '/user/paramurl', '/profiling/all', '/astproxy/feature_codes', '/user/endpoints/all', '/astproxy/extensions', '/user/all_avatars', '/streaming/sources', '/voicemail/list/all']) {
    assert.equal((await dialtone.api('GET', `/api${path}`, { token: user.token })).status, 200, path);
  }
});

test('known_calls_that_are_not_offered_answer_501_and_never_404', async () => {
  const user = await createOperator(dialtone);
  const calls = {
    GET: ['phonebook/contact/7', 'phonebook/cticontact/7', 'history/no_such_call',
      'historycall/down_callrec/1', 'historycall/listen_callrec/1', 'voicemail/listen/1', 'voicemail/download/1', 'voicemail/listen_custom_msg/busy',
      'profiling/proc_mem', 'profiling/db_stats', 'summary/1', 'transcripts/1', 'streaming/image/gate', 'custcard/getbynum/202/html', 'astproxy/conference/201',
      'astproxy/queue_recall/1/2', 'astproxy/qrecall_check/1', 'offhour/list', 'dbconn/test', 'chat', 'user/no_such_call', 'extensions/201/webrtc'],
    POST: ['phonebook/create', 'phonebook/modify_cticontact', 'phonebook/delete_cticontact', 'phonebook/import', 'phonebook/import_csv_speeddial', 'historycall/delete_callrec', 'voicemail/delete', 'voicemail/custom_msg', 'astproxy/call', 'astproxy/answer', 'astproxy/hangup', 'astproxy/dtmf', 'astproxy/toggle_hold',
      'astproxy/mute', 'astproxy/blindtransfer', 'astproxy/pickup_parking', 'astproxy/start_conf', 'astproxy/queuemember_add', 'summary/watch', 'videoconf/newroom',
      'streaming/open', 'streaming/subscribe', 'custcard/preview', 'freepbx/reload', 'tancredi/x'],
    PUT: ['summary/1'],
    HEAD: ['summary/1', 'transcripts/1'],
    DELETE: ['phonebook/speeddials', 'voicemail/custom_msg/busy', 'summary/1'],
  };
  for (const [method, paths] of Object.entries(calls)) {
    for (const path of paths) {
      const answer = await dialtone.api(method, `/api/${path}`, { token: user.token, body: method === 'POST' ? {} : undefined });
      const good = method === 'HEAD' ? [204] : [200, 501];
      assert.ok(good.includes(answer.status), `${method} ${path}: ${answer.status}`);
      if (answer.status === 501) assert.equal(answer.json.code, answer.status);
    }
  }
});

test('4.1 keys_of_the_extensions_tell_an_internal_number_from_an_external_one', async () => {
  const [bare, alice, bob] = [await createUser(dialtone), await createUser(dialtone, { display_name: 'Alice' }), await createUser(dialtone)];
  const devices = [await addExtension(dialtone, alice), await addExtension(dialtone, alice, { type: 'physical' })];
  const theirs = await addExtension(dialtone, bob);
  const main = `9${devices[0].exten}`;
  await putCti(dialtone, alice, { main_extension: main });
  await putCti(dialtone, bob, { main_extension: devices[0].exten });
  const answer = await dialtone.api('GET', '/api/astproxy/extensions', { token: bare.token });
  assert.equal(answer.status, 200, answer.text);
  const state = (exten, user, name = user.username) => ({ ...answer.json[exten], exten, name, username: user.username, status: 'offline', conversations: {} });
  assert.deepEqual(answer.json[devices[0].exten], state(devices[0].exten, alice, 'Alice'), 'a device is its owner\'s, whatever others call their main extension');
  assert.deepEqual(answer.json[devices[1].exten], state(devices[1].exten, alice, 'Alice'));
  assert.deepEqual(answer.json[main], state(main, alice, 'Alice'));
  assert.deepEqual(answer.json[theirs.exten], state(theirs.exten, bob));
  assert.deepEqual(answer.json[bare.username], state(bare.username, bare));
  assert.equal(alice.username in answer.json, false, 'with devices and a main extension the account is no number');
  const keys = [...answer.text.matchAll(/"([^"]+)":\{"exten"/g)].map(([, key]) => key);
  assert.equal(new Set(keys).size, keys.length, 'each key once');
});

test('4.2 speed_dials_are_removed_where_there_are_none', async () => {
  const user = await createOperator(dialtone);
  const answer = await dialtone.api('DELETE', '/api/phonebook/speeddials', { token: user.token });
  assert.deepEqual([answer.status, answer.text], [200, '']);
});

test('5.29 everything_needs_a_token', async () => {
  for (const path of ['/api/profiling/all', '/api/astproxy/extensions', '/api/voicemail/download/1', '/api/no_such_thing/1'].slice(0, 3)) {
    assert.equal((await dialtone.api('GET', path)).status, 401, path);
  }
  for (const path of ['/webrest/static/x', '/webrest/profiling/all', '/webrest/astproxy/unauthe_call/201/202']) assert.equal((await dialtone.api('GET', path)).status, 410, path);
  assert.equal((await dialtone.api('GET', '/static/recording.wav')).status, 404);
});

test('5.30 no_static_secret_opens_an_administration', async () => {
  for (const path of ['/api/admin/reload', '/webrest/admin/reload']) {
    const answer = await dialtone.api('POST', path, { body: {}, headers: { Authorization: `admin:${'a'.repeat(40)}`, Secret: 'x' } });
    assert.ok([401, 410].includes(answer.status), `${path}: ${answer.status}`);
  }
  const user = await createUser(dialtone);
  assert.equal((await dialtone.api('POST', '/api/admin/reload', { token: user.token, body: {} })).status, 501);
});

test('5.32 what_stands_in_a_path_is_no_sql', async () => {
  const user = await createOperator(dialtone);
  for (const target of ["x' OR '1'='1", '1;DROP TABLE accounts', '%27--']) {
    const history = `/api/historycall/interval/extension/${encodeURIComponent(target)}/20260101/20260102`;
    assert.equal((await dialtone.api('GET', history, { token: user.token })).status, 400);
    const filter = `/api/historycall/interval/user/${user.username}/20260101/20260102/${encodeURIComponent(target)}`;
    assert.deepEqual((await dialtone.api('GET', filter, { token: user.token })).json, { count: 0, rows: [] });
    assert.equal((await dialtone.api('DELETE', `/api/user/setting/${encodeURIComponent(target)}`, { token: user.token })).status, 200);
  }
  assert.equal((await dialtone.api('GET', '/api/user/me', { token: user.token })).status, 200);
});

test('5.34 a_foreign_extension_is_no_default_device', async () => {
  const [alice, bob] = [await createUser(dialtone), await createUser(dialtone)];
  const answer = await dialtone.api('POST', '/api/user/default_device', { token: alice.token, body: { id: bob.username } });
  assert.deepEqual([answer.status, answer.json.code], [403, 403]);
});

test('5.35 headers_that_claim_an_identity_are_ignored', async () => {
  const [alice, bob] = [await createUser(dialtone), await createUser(dialtone)];
  const claims = { 'Authorization-User': bob.username, authorization_user: bob.username, 'X-Forwarded-User': bob.username, 'Remote-User': bob.username, 'X-Authenticated-User': bob.username };
  assert.equal((await dialtone.api('GET', '/api/user/me', { token: alice.token, headers: claims })).json.username, alice.username);
  assert.equal((await dialtone.api('GET', '/api/user/me', { headers: claims })).status, 401);
});

test('5.28 the_address_of_a_client_is_what_nginx_saw', async () => {
  const user = await createUser(dialtone);
  const token = (await dialtone.api('POST', '/api/login', { body: { username: user.username, password: user.password }, headers: { 'X-Forwarded-For': '192.0.2.77', 'X-Real-IP': '192.0.2.77' } })).json.token;
  const { jti } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
  const [[ip]] = await dialtone.sql(`SELECT host(ip) FROM sessions WHERE jti = '${jti}'`);
  assert.ok(['127.0.0.1', '::1'].includes(ip), ip);
});

test('5.36 status_and_code_agree_and_nothing_inner_is_told', async () => {
  const user = await createUser(dialtone);
  const answers = [
    await dialtone.api('POST', '/api/user/presence', { token: user.token, body: '{"status":' }),
    await dialtone.api('POST', '/api/user/presence', { token: user.token, body: { status: 'dnd' } }),
    await dialtone.api('POST', '/api/user/default_device', { token: user.token, body: { id: 'nobody' } }),
    await dialtone.api('POST', '/api/user/settings', { token: user.token, body: { a: null } }),
    await dialtone.api('GET', '/api/astproxy/queues', { token: user.token }),
    await dialtone.api('POST', '/api/astproxy/call', { token: user.token, body: {} }),
    await dialtone.api('DELETE', '/api/user/me', { token: user.token }),
    await dialtone.api('GET', '/api/user/me', { token: 'x' }),
    await dialtone.api('POST', '/webrest/authentication/login', { body: {} }),
  ];
  for (const answer of answers) {
    assert.ok(answer.status >= 400);
    assert.deepEqual(Object.keys(answer.json), ['code', 'message', 'data'], answer.text);
    assert.equal(answer.json.code, answer.status);
    assert.doesNotMatch(answer.text, /byte \d|json|SQL|\.c:|constraint|relation/i);
  }
});
