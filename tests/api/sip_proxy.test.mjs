/* The proxy of packaging/kamailio as phones meet it (sip-integration 3). */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createUser } from '../lib/accounts.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { Kamailio } from '../lib/kamailio.mjs';
import { ask, call, phone } from '../lib/phones.mjs';
import { createSpace } from '../lib/spaces.mjs';
import { Subscriber } from '../lib/subscriber.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await ownInstance({ options: ['--set', 'password_store_both=true'] });
const kamailio = await Kamailio.beside(dialtone, { RING_TIME: 1000, FAILURES_PER_USER: 3, FAILURES_PER_ADDRESS: 30, CALLS_PER_USER: 8 });
const events = await Subscriber.to(dialtone, 'sip:events');

const user = () => createUser(dialtone, { algorithm: 'MD5' });
const aor = ({ username, domain }) => `${username}@${domain}`;
const together = { concurrency: true };

let extens = 0;
/* A phone of the user with a name and secret of its own. */
async function device(owner, type = 'mobile') {
  const [exten, secret] = [String(7000 + ++extens), 'the secret of a device'];
  const { status, text } = await dialtone.api('POST', `/api/accounts/${owner.id}/extensions`, { as: 'admin', body: { exten, type, secret } });
  assert.equal(status, 200, text);
  return { username: exten, domain: owner.domain, password: secret };
}

const told = (to) => events.messages.map((text) => JSON.parse(text)).filter((e) => e.to === to);
/* Of the calls to that address, when the last one is over: [ev, ...] */
async function story(to) {
  await until(() => told(to).some(({ ev }) => /call\.(end|failed|unreachable)/.test(ev)), { what: `the end of the call to ${to}` });
  return told(to);
}
const names = (list) => list.map(({ ev }) => ev);

test('phones register as an account and as a device; what is wrong in name, secret, realm or domain does not', together, async () => {
  const [one, blocked] = [await user(), await user()];
  const own = await device(one);
  await dialtone.api('POST', `/api/accounts/${blocked.id}/block`, { as: 'admin' });
  const register = (who, change) => ask(kamailio, who, 'REGISTER', aor(who), { headers: ['Expires: 60'], ...change });
  assert.deepEqual([await register(one), await register(own)], [200, 200]);
  assert.equal(await register(one, { realm: 'elsewhere' }), 401);
  assert.equal(await register({ ...own, password: 'another one' }), 401);
  assert.equal(await register(blocked), 401);
  assert.equal(await register({ ...one, domain: 'elsewhere.example.org' }), 403);
  const last = [];
  for (let i = 0; i < 11; i++) last.push(await register(own, { contact: `127.0.0.1:${1000 + i}` }));
  assert.deepEqual([last[8], last[10]], [200, 503], 'ten contacts are enough');
  assert.equal(await ask(kamailio, own, 'REGISTER', aor(one), { headers: ['Expires: 60'], as: one }), 403, 'a device is not the account');
});

test('a space that is made while the proxy runs is served, and one that is gone is not', together, async () => {
  const space = await createSpace(dialtone);
  const inside = { username: 'alice', domain: space.domain, password: 'a wrong one' };
  const register = () => ask(kamailio, inside, 'REGISTER', aor(inside), { headers: ['Expires: 60'] });
  await until(async () => (await register()) === 401, { what: 'the space to be known' });
  assert.equal((await dialtone.api('DELETE', `/api/spaces/${space.domain}`, { as: 'admin' })).status, 200);
  await until(async () => (await register()) === 403, { what: 'the space to be forgotten' });
});

test('a name in From that is not the one that logged in, and a domain that is not served, get nowhere', together, async () => {
  const [one, other] = [await user(), await user()];
  assert.equal(await call(kamailio, one, aor(other), { as: other }), 403);
  assert.equal(await call(kamailio, one, 'someone@elsewhere.example.org'), 403);
  assert.equal(await ask(kamailio, one, 'MESSAGE', aor(other), { as: { ...one, domain: 'elsewhere.example.org' } }), 403);
  assert.equal(await ask(kamailio, one, 'NOTIFY', aor(other)), 405, 'no lamp of another is switched');
  assert.equal(await ask(kamailio, one, 'REFER', aor(other)), 405, 'no phone of another is made to dial');
});

test('a name is never a part of a statement', together, async () => {
  const one = await user();
  for (const name of ["x'y", "x%27); SELECT pg_sleep(9); --".replaceAll(' ', '%20'), "'||'", "o';--"]) {
    assert.equal(await ask(kamailio, one, 'OPTIONS', `${name}@${one.domain}`), 404, name);
    assert.equal(await ask(kamailio, { ...one, username: name }, 'OPTIONS', aor(one)), name.includes("'") ? 403 : 407, name);
  }
  const { username } = one;
  await dialtone.sql(`INSERT INTO call_forwardings (account_id, type, forward_to, sip_uri, enabled) VALUES (${one.id}, 'always', 'sip_uri', 'sip:o''x\y@${one.domain}', true)`);
  assert.equal(await ask(kamailio, await user(), 'INVITE', `${username}@${one.domain}`), 404, 'not by way of a forward either');
  assert.doesNotMatch(kamailio.said, /syntax error/);
});

test('all devices of a user ring, one answers, and the others are told that it did', together, async () => {
  const [caller, callee] = [await user(), await user()];
  const [mobile, desk] = [await device(callee), await device(callee)];
  const ringing = await Promise.all([phone(kamailio, mobile, 'ring'), phone(kamailio, callee, 'ring')]);
  const answering = await phone(kamailio, desk, 'answer', { wait: 300 });
  assert.equal(await call(kamailio, caller, aor(callee), { name: 'Ann, A.' }), 200);
  for (const { done } of ringing) {
    const { status, log } = await done;
    assert.equal(status, 0);
    assert.match(log, /taken back .*cause=200/);
  }
  assert.equal((await answering.done).status, 0);
  const list = await story(aor(callee));
  assert.equal(list.filter(({ ev }) => ev === 'call.new').length, 1);
  assert.deepEqual(list.filter(({ ev }) => ev === 'call.ringing').map((e) => e.device).sort(), [aor(mobile), aor(desk), aor(callee)].sort());
  const [up] = list.filter(({ ev }) => ev === 'call.up');
  assert.deepEqual([up.device, up.from, up.to, up.from_name], [aor(desk), aor(caller), aor(callee), 'Ann, A.']);
  assert.equal(list.at(-1).by, aor(caller));
  assert.equal(new Set(list.map(({ linked }) => linked)).size, 1);
  assert.match(up.linked, /^\d{10}\.\d+$/);
});

test('who refuses, is busy, does not answer or is not there: the caller is told, and so is the connector', together, async () => {
  const caller = await user();
  const all = { busy: ['refuse', 486], declining: ['refuse', 603], slow: ['ring', 408], away: [undefined, 404] };
  await Promise.all(Object.entries(all).map(async ([what, [scenario, code]]) => {
    const callee = await user();
    const at = scenario && await phone(kamailio, callee, scenario, { code });
    assert.equal(await call(kamailio, caller, aor(callee)), code, what);
    await at?.done;
    const list = await story(aor(callee));
    assert.deepEqual(names(list), scenario ? ['call.new', 'call.ringing', 'call.failed'] : ['call.new', 'call.unreachable'], what);
    assert.equal(list.at(-1).code, code, what);
  }));
});

const forward = (of, type, sip_uri) => dialtone.api('POST', '/api/accounts/me/call_forwardings', { key: of.key, body: { type, forward_to: 'sip_uri', sip_uri: `sip:${sip_uri}`, enabled: true } });
const presence = (of, columns) => dialtone.sql(`INSERT INTO cti_users (account_id) VALUES (${of.id}) ON CONFLICT DO NOTHING; UPDATE cti_users SET ${columns} WHERE account_id = ${of.id}`);

test('calls are forwarded always, when busy, without an answer and without a phone, and not in circles', together, async () => {
  const caller = await user();
  const goes = async (type, scenario, ring) => {
    const [callee, target] = [await user(), await user()];
    assert.equal((await forward(callee, type, aor(target))).status, 201);
    const first = scenario && await phone(kamailio, callee, scenario, { code: 486 });
    const last = await phone(kamailio, target, 'answer');
    assert.equal(await call(kamailio, caller, aor(callee)), 200, type);
    if (ring) await first.done;
    assert.equal((await last.done).status, 0);
    const list = await story(aor(callee));
    const [told] = list.filter(({ ev }) => ev === 'call.forwarded');
    assert.deepEqual([told.kind, told.by, told.target], [type === 'no_answer' ? 'away' : type, aor(callee), `sip:${aor(target)}`]);
    assert.equal(list.find(({ ev }) => ev === 'call.up').device, aor(target));
    assert.equal(new Set(list.map(({ linked }) => linked)).size, 1, 'one name through all of it');
  };
  const [a, b] = [await user(), await user()];
  await forward(a, 'always', aor(b));
  await forward(b, 'always', aor(a));
  await Promise.all([goes('always'), goes('busy', 'refuse', true), goes('no_answer', 'ring', true), goes('no_answer'),
    call(kamailio, caller, aor(a)).then((status) => assert.equal(status, 404, 'three times, then to the last one'))]);
  assert.equal((await story(aor(a))).filter(({ ev }) => ev === 'call.forwarded').length, 3);
});

test('a presence forwards too, one that was forwarded to follows its own, and who is not to be disturbed is not', together, async () => {
  const [caller, one, two, three] = [await user(), await user(), await user(), await user()];
  await presence(one, `presence = 'callforward', presence_to = '${two.username}'`);
  await presence(two, `on_busy = 'callforward', on_busy_to = '${three.username}'`);
  await presence(three, "presence = 'dnd'");
  const at = await phone(kamailio, two, 'refuse', { code: 486 });
  assert.equal(await call(kamailio, caller, aor(one)), 480);
  await at.done;
  const list = await story(aor(one));
  assert.deepEqual(names(list), ['call.new', 'call.forwarded', 'call.ringing', 'call.forwarded', 'call.failed']);
  assert.deepEqual(list.filter((e) => e.kind).map(({ kind, by }) => [kind, by]), [['always', aor(one)], ['busy', aor(two)]]);
  assert.equal(list.at(-1).code, 480);
});

test('a message reaches all devices of a user', together, async () => {
  const [sender, owner] = [await user(), await user()];
  const own = await device(owner);
  const phones = await Promise.all([owner, own].map((one) => phone(kamailio, one, 'message')));
  assert.equal(await ask(kamailio, sender, 'MESSAGE', aor(owner), { headers: ['Content-Type: text/plain'], body: 'hello' }), 200);
  for (const { done } of phones) assert.match((await done).messages, /\r\n\r\nhello/);
  assert.equal(await ask(kamailio, sender, 'MESSAGE', aor(sender), { body: 'hello' }), 404);
});

test('what waits in a mailbox is told by the voice mail of the domain and by the API, and watched by its owner', together, async () => {
  const [owner, other, keeper] = [await user(), await user(), await createUser(dialtone, { username: 'voicemail', algorithm: 'MD5' })];
  const own = await device(owner);
  const [headers, body] = [['Event: message-summary', 'Content-Type: application/simple-message-summary'], 'Messages-Waiting: yes\r\nVoice-Message: 2/1 (0/0)\r\n'];
  const publish = (who) => ask(kamailio, who, 'PUBLISH', aor(owner), { headers: [...headers, 'Expires: 60'], body });
  assert.deepEqual([await publish(other), await publish(owner), await publish(own)], [403, 403, 403]);
  assert.equal(await publish(keeper), 200);
  const counters = () => events.messages.map((text) => JSON.parse(text)).filter(({ ev, aor: of }) => ev === 'mwi' && of === aor(owner));
  await until(() => counters().length === 1, { what: 'the counters' });
  assert.equal(counters()[0].body, body);
  await kamailio.rpc('tm.t_uac_wait_block', ['PUBLISH', `sip:${aor(owner)}`, `sip:127.0.0.1:${kamailio.sipPort}`, '.',
    `From: <sip:${aor(owner)}>\r\nTo: <sip:${aor(owner)}>\r\n${headers.join('\r\n')}\r\nExpires: 60\r\n`, body]);
  await until(() => counters().length === 2, { what: 'the counters that the API has told' });
  const watch = (who, event = 'message-summary') => ask(kamailio, who, 'SUBSCRIBE', aor(owner), { headers: [`Event: ${event}`, 'Expires: 60'] });
  assert.deepEqual([await watch(owner), await watch(own), await watch(other)].map((s) => s < 300), [true, true, false]);
  assert.ok(await watch(other, 'dialog') < 300, 'lamps are for all of the domain');
  const pidf = { headers: ['Event: presence', 'Content-Type: application/pidf+xml', 'Expires: 60'], body: '<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:x"></presence>' };
  assert.equal(await ask(kamailio, other, 'PUBLISH', aor(owner), pidf), 403);
  assert.equal(await ask(kamailio, other, 'PUBLISH', aor(other), pidf), 200);
});

test('an office of two hundred phones behind one address registers at once', async () => {
  const [{ domain }, n] = [await user(), 200];
  await dialtone.sql(`WITH a AS (INSERT INTO accounts (username, domain, activated) SELECT 'office.' || i, '${domain}', true FROM generate_series(1, ${n}) i RETURNING id, username)
    INSERT INTO passwords (account_id, password, algorithm) SELECT id, md5(username || ':${domain}:secret'), 'MD5' FROM a`);
  const office = Array.from({ length: n }, (_, i) => ({ username: `office.${i + 1}`, domain, password: 'secret' }));
  const statuses = await Promise.all(office.map((one) => ask(kamailio, one, 'REGISTER', aor(one), { headers: ['Expires: 60'] })));
  assert.deepEqual(statuses.filter((status) => status !== 200), []);
});

test('one who guesses a password is locked out alone, and who was here before stays welcome', async () => {
  const [guessed, known, fresh] = [await user(), await user(), await user()];
  const register = (who, password = who.password) => ask(kamailio, { ...who, password }, 'REGISTER', aor(who), { headers: ['Expires: 60'] });
  assert.equal(await register(known), 200);
  const guesses = [];
  for (let i = 0; i < 5; i++) guesses.push(await register(guessed, 'not it'));
  assert.deepEqual(guesses, [401, 401, 401, 401, 503]);
  assert.equal(await register(guessed), 503, 'even the right one');
  assert.equal(await register(fresh), 200, 'others at that address do not notice');
  for (let i = 0; i < 30; i++) await register({ ...fresh, username: `guess.${i}` }, 'not it');
  const stranger = await user();
  assert.equal(await register(stranger), 503, 'the whole address guesses');
  assert.deepEqual([await register(known), await register(fresh)], [200, 200]);
  assert.match(kamailio.said, /event=refused reason=failures_per_address ip=127\.0\.0\.1 user=/);
  await kamailio.rpc('htable.flush', ['wrong']);
  assert.equal(await register(stranger), 200);
});

test('a user may call so often in a minute, and the others go on', async () => {
  const [busy, other] = [await user(), await user()];
  const statuses = [];
  for (let i = 0; i < 9; i++) statuses.push(await ask(kamailio, busy, 'INVITE', `unknown.${i}@${busy.domain}`));
  assert.deepEqual(statuses, [...Array(8).fill(404), 503]);
  assert.equal(await ask(kamailio, other, 'INVITE', `unknown@${busy.domain}`), 404);
});

test('without Redis calls go on, and with it events do', async () => {
  const [caller, callee] = [await user(), await user()];
  await dialtone.stop('redis');
  const at = await phone(kamailio, callee, 'answer');
  assert.equal(await call(kamailio, caller, aor(callee)), 200);
  assert.equal((await at.done).status, 0);
  await dialtone.start('redis');
  const again = await Subscriber.to(dialtone, 'sip:events');
  await until(async () => {
    await ask(kamailio, callee, 'REGISTER', aor(callee), { headers: ['Expires: 60'], contact: '127.0.0.1:9' });
    return again.messages.some((text) => JSON.parse(text).aor === aor(callee));
  }, { what: 'an event' });
  again.close();
});
