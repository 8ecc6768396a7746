/*
 * What the log says of a session, and that one id finds all lines of what a request led to (docs/monitoring.md): the
 * API's, that of dialtone-jobs, and those of the relays.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { createUser, login } from '../lib/accounts.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { Live } from '../lib/live.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await sharedInstance();
const domain = dialtone.env.DIALTONE_DOMAIN;

async function open(user, more) {
  const live = new Live(dialtone, { options: { reconnection: false } });
  after(() => live.close());
  await live.login(user.username, user.token, more);
  return Object.assign(live, { sid: live.socket.id });
}

async function lines(program, ...words) {
  const names = program === 'relay' ? ['relay-aa', 'relay-ab'] : [program];
  const logs = await Promise.all(names.map((name) => dialtone.log(name)));
  return logs.join('\n').split('\n').filter((line) => words.every((word) => ` ${line} `.includes(` ${word} `)));
}

/* Exactly one of them, once it is there. */
async function line(program, ...words) {
  await until(async () => (await lines(program, ...words)).length, { what: `a line of ${program} with ${words}` });
  const found = await lines(program, ...words);
  assert.equal(found.length, 1, found.join('\n'));
  return found[0];
}

const session = ({ token }) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).jti;

test('one_id_finds_the_request_what_jobs_told_of_it_and_the_socket_that_ended', async () => {
  const alice = await createUser(dialtone);
  const live = await open(alice, { uaType: 'desktop' });
  const body = { username: alice.username, blocked: true };
  const answer = await dialtone.api('PUT', `/api/accounts/${alice.id}`, { as: 'admin', body });
  assert.equal(answer.status, 200, answer.text);
  const req = `req=${answer.header('x-request-id')}`;
  await line('api', req, 'event=request');
  await line('jobs', req, 'event=told', 'kind=sessions.ended', `user=${alice.username}`);
  const close = await line('relay', req, 'event=close', `sid=${live.sid}`);
  assert.match(close, / level=info prog=relay pid=\d+ req=\w+ event=close sid=[\w-]+ user=\S+ domain=\S+ address=\S+ client=desktop reason=revoked code=1000 seconds=\d+ messages=\d+ left_out=0$/);
  assert.ok(close.includes(` user=${alice.username} domain=${domain} `), close);
  await line('relay', req, 'event=order', 'op=revoke', `user=${alice.username}`, 'clients=1');
});

test('a_session_has_a_line_as_it_begins_and_one_as_it_ends', async () => {
  const alice = await createUser(dialtone);
  const live = await open(alice, { uaType: 'mobile' });
  const begun = await line('relay', 'event=login', `sid=${live.sid}`);
  for (const field of [`user=${alice.username}`, `domain=${domain}`, 'client=mobile', `session=${session(alice)}`]) {
    assert.ok(begun.includes(` ${field}`), begun);
  }
  assert.match(begun, / address=127\.0\.0\.1 /);
  live.socket.io.engine.close();
  await line('relay', 'event=close', `sid=${live.sid}`, 'reason=client', 'client=mobile', `user=${alice.username}`);
});

test('who_takes_over_and_who_had_to_go_name_each_other', async () => {
  const alice = await createUser(dialtone);
  const old = await open(alice, { uaType: 'desktop' });
  old.socket.on('takeOver', () => old.emit('takeOverAck'));
  const young = await open({ ...alice, token: await login(dialtone, alice) }, { uaType: 'desktop' });
  const taken = await line('relay', 'event=takeover', `sid=${young.sid}`);
  assert.ok(taken.includes(` user=${alice.username} `) && taken.includes(` old_sid=${old.sid} `), taken);
  await line('relay', 'event=close', `sid=${old.sid}`, 'reason=takeover');
});

test('a_login_that_is_refused_has_its_reason_and_address_and_not_its_token', async () => {
  const alice = await createUser(dialtone);
  const forged = `${alice.token.slice(0, -4)}AAAA`;
  const refusals = { token: { accessKeyId: alice.username, token: forged }, malformed: { token: 7 } };
  for (const [reason, login] of Object.entries(refusals)) {
    await until(async () => {
      const live = await new Live(dialtone, { options: { reconnection: false } }).connected();
      const sid = live.socket.id;
      live.emit('login', login);
      await live.event('401');
      return (await lines('relay', 'event=login_refused', `reason=${reason}`, `sid=${sid}`, 'address=127.0.0.1')).length;
    }, { what: `a line that says ${reason}` });
  }
  const all = (await lines('relay')).join('\n');
  for (const secret of [forged, alice.token]) assert.ok(!all.includes(secret));
  assert.ok(!all.includes(alice.token.split('.')[2]));
});

/* A producer may say anything of itself: what is no id is not logged, and what a name holds stays within its field. */
test('a_message_cannot_write_lines_of_its_own', async () => {
  const alice = await createUser(dialtone);
  const live = await open(alice);
  const evil = 'x\nts=1 level=error prog=relay event=close user=root';
  const header = { v: 1, k: 'c', i: evil, r: evil, o: 'kick', u: alice.username, how: 'logout', why: evil };
  await dialtone.publish(`cti1:{${domain}}:ctl`, JSON.stringify(header));
  const close = await line('relay', 'event=close', `sid=${live.sid}`, 'reason=kicked');
  assert.doesNotMatch(close, / req=/);
  assert.deepEqual((await lines('relay')).filter((text) => text.startsWith('ts=1 ')), []);
  await line('relay', 'event=order', 'op=kick', `user=${alice.username}`);
});

test('what_a_command_does_has_an_id_as_well', async () => {
  const alice = await createUser(dialtone);
  const live = await open(alice);
  const done = await dialtone.ctl(['account', 'block', alice.username, domain]);
  assert.equal(done.status, 0, done.stderr);
  const close = await line('relay', 'event=close', `sid=${live.sid}`, 'reason=revoked');
  const [, id] = close.match(/ req=([0-9a-f]{32}) /);
  await line('jobs', `req=${id}`, 'event=told', 'kind=sessions.ended');
});
