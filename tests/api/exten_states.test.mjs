/* What clients are shown of phones and mailboxes: what dialtone-pbx told, as far as they may see it (cti-api 2.6, 2.9, 2.10, 4.1). */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createUser } from '../lib/accounts.mjs';
import { addExtension, createOperator, putCti } from '../lib/cti.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { Live } from '../lib/live.mjs';
import { addSpace } from '../lib/spaces.mjs';
import { conversation, dropState, putExten, putState, readState } from '../lib/states.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await ownInstance({ options: ['--set', 'call_backend=kamailio'] });

const get = async (by, path) => {
  const answer = await dialtone.api('GET', `/api/${path}`, { token: by.token });
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
};
const extensions = (by) => get(by, 'astproxy/extensions');
const one = (by, exten) => dialtone.api('GET', `/api/astproxy/extension/${encodeURIComponent(exten)}`, { token: by.token });
const shownPresences = async (by, of = by) => [(await get(by, 'user/endpoints/all'))[of.username].mainPresence, (await get(of, 'user/me')).mainPresence];

const panel = await createOperator(dialtone, { presence_panel: [] });
const masked = await createOperator(dialtone, { presence_panel: [], nethvoice_cti: ['privacy'] });
const plain = await createOperator(dialtone, { nethvoice_cti: [] });

async function userWithDevice(fields) {
  const user = await createUser(dialtone);
  return { ...user, exten: (await addExtension(dialtone, user, fields)).exten };
}

test('a phone is shown as it was told, and one that nothing was told of is offline', async () => {
  const user = await userWithDevice();
  const { [user.exten]: before, [user.username]: main } = await extensions(panel);
  assert.deepEqual([before.status, before.conversations, before.seq, before.username, before.name], ['offline', {}, 0, user.username, user.username]);
  assert.deepEqual([main.status, main.conversations], ['offline', {}], 'a main extension that is no device has no state of its own');
  const call = conversation(user.exten);
  await putExten(dialtone, user, user.exten, 'busy', [call]);
  await putExten(dialtone, user, user.username, 'busy', [call]);
  const { [user.exten]: now, [user.username]: stays } = await extensions(panel);
  assert.deepEqual([now.status, now.ip, now.sipuseragent, now.seq], ['busy', '192.0.2.10', 'Desk/1', 1760000000000001]);
  const { duration, ...shown } = now.conversations[call.id];
  assert.ok(duration > 0, 'it counts to now');
  assert.deepEqual([shown.counterpartNum, shown.counterpartName, shown.direction, shown.linkedId, shown.chSource.channel], ['0721000000', 'ACME', 'in', call.linkedId, call.chSource.channel]);
  assert.equal(stays.status, 'offline');
  const { duration: _, ...alone } = (await one(panel, user.exten)).json.conversations[call.id];
  assert.deepEqual(alone, shown, 'one of them is as it is among all');
});

test('calls of others are for those with presence_panel, and as clear as their profile says; one sees one’s own', async () => {
  const user = await userWithDevice();
  const call = conversation(user.exten, { number: '0721123456', name: 'Clinic' });
  await putExten(dialtone, user, user.exten, 'busy', [call]);
  for (const read of [async (by) => (await extensions(by))[user.exten], async (by) => (await one(by, user.exten)).json]) {
    assert.deepEqual(Object.values((await read(panel)).conversations).map((c) => [c.id, c.counterpartNum, c.counterpartName]), [[call.id, '0721123456', 'Clinic']]);
    const { conversations, ...rest } = await read(masked);
    assert.equal(rest.status, 'busy');
    assert.deepEqual(Object.values(conversations).map((c) => [c.counterpartNum, c.counterpartName]), [['0721123xxx', 'xxx']]);
    assert.doesNotMatch(JSON.stringify(conversations), /0721123456|Clinic/);
    assert.deepEqual([(await read(plain)).status, (await read(plain)).conversations], ['busy', {}]);
    assert.equal((await read(user)).conversations[call.id].counterpartNum, '0721123456');
  }
  const own = conversation(masked.username, { number: '0721123456' });
  await putExten(dialtone, masked, masked.username, 'busy', [own]);
  assert.equal((await extensions(masked))[masked.username].conversations[own.id].counterpartNum, '0721123456');
});

test('an extension of another space is as one that is not there, whatever is told of it', async () => {
  const user = await userWithDevice();
  await putExten(dialtone, user, '999123', 'busy');
  await putState(dialtone, 'other.example', `exten:${user.exten}`, { status: 'busy' });
  const space = await addSpace(dialtone);
  const foreign = await createUser(space.dialtone);
  await addExtension(space.dialtone, foreign, { exten: '999123' });
  await putExten(dialtone, foreign, '999123', 'busy');
  const answers = [];
  for (const exten of ['999123', foreign.username, 'no-such', 'a b', 'x'.repeat(200)]) answers.push(await one(panel, exten));
  assert.deepEqual(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size, 1);
  assert.deepEqual([answers[0].status, answers[0].json.code], [403, 403], 'a 404 would make a client leave');
  assert.deepEqual(Object.keys(await extensions(panel)).filter((exten) => ['999123', foreign.username].includes(exten)), []);
  assert.equal((await extensions(panel))[user.exten].status, 'offline');
});

test('a blocked user is no operator, and has no extension', async () => {
  const user = await userWithDevice();
  assert.equal((await one(panel, user.exten)).status, 200);
  await dialtone.api('POST', `/api/accounts/${user.id}/block`, { as: 'admin' });
  assert.equal((await one(panel, user.exten)).status, 403);
  assert.equal((await extensions(panel))[user.exten], undefined);
});

test('the main presence is what was told last; before that it follows from the choice', async () => {
  const user = await createUser(dialtone);
  assert.deepEqual(await shownPresences(panel, user), ['offline', 'offline']);
  await putState(dialtone, user.domain, `main:${user.username}`, '"ringing"');
  assert.deepEqual(await shownPresences(panel, user), ['ringing', 'ringing']);
  const away = await createOperator(dialtone);
  assert.equal((await dialtone.api('POST', '/api/user/presence', { token: away.token, body: { status: 'callforward', to: '202' } })).status, 200);
  await dropState(dialtone, away.domain, `main:${away.username}`);
  assert.deepEqual(await shownPresences(panel, away), ['callforward', 'callforward']);
});

test('who chooses another presence is told to be what follows from it and from the phones, on each change once', async () => {
  const user = await createOperator(dialtone);
  const [first, second] = [await addExtension(dialtone, user), await addExtension(dialtone, user)];
  await putExten(dialtone, user, first.exten, 'online');
  await putExten(dialtone, user, second.exten, 'busy', [conversation(second.exten)]);
  await putState(dialtone, user.domain, `main:${user.username}`, '"busy"');
  const live = await new Live(dialtone).login(user.username, user.token);
  const heard = () => live.events.filter(([name, body]) => /^user(Main)?PresenceUpdate$/.test(name) && JSON.stringify(body).includes(`"${user.username}"`))
    .map(([, body]) => [Object.keys(body)[0], Object.values(body)[0].status, Object.values(body)[0].to].filter(Boolean).join(' '));
  const choose = async (body, n) => {
    assert.equal((await dialtone.api('POST', '/api/user/presence', { token: user.token, body })).status, 200);
    await until(() => heard().length >= n, { what: `${n} events: ${heard().join()}` });
  };
  await choose({ status: 'dnd' }, 2);
  await choose({ status: 'online' }, 4);
  await choose({ status: 'callforward', to: '202' }, 6);
  await choose({ status: 'callforward', to: '203' }, 8);
  assert.deepEqual(await shownPresences(panel, user), ['callforward', 'callforward']);
  await putState(dialtone, user.domain, `main:${user.username}`, '"dnd"');
  await choose({ status: 'dnd' }, 9);
  await putExten(dialtone, user, second.exten, 'ringing', [conversation(second.exten, { connected: false })]);
  await choose({ status: 'online' }, 11);
  assert.deepEqual(heard(), ['presence dnd', 'mainPresence dnd', 'presence online', 'mainPresence busy', 'presence callforward 202', 'mainPresence callforward 202',
    'presence callforward 203', 'mainPresence callforward 203', 'presence dnd', 'presence online', 'mainPresence ringing']);
  assert.equal(await readState(dialtone, user.domain, `main:${user.username}`), '"ringing"');
  assert.deepEqual(await shownPresences(panel, user), ['ringing', 'ringing']);
  live.close();
});

test('what makes no sense in Redis is as if it was not there', async () => {
  const user = await userWithDevice();
  for (const text of ['', '{', '[]', '"busy"', '{"status":"busy"}', '{"exten":"1","username":"u","status":"sleeping","conversations":{}}', '{"exten":"1","username":"u","status":"busy","conversations":[]}']) {
    await putState(dialtone, user.domain, `exten:${user.exten}`, text);
    await putState(dialtone, user.domain, `main:${user.username}`, text);
    assert.equal((await extensions(panel))[user.exten].status, 'offline', text);
  }
  for (const text of ['"hacked"', 'busy', '"busy', '{"a":1}']) {
    await putState(dialtone, user.domain, `main:${user.username}`, text);
    assert.deepEqual(await shownPresences(panel, user), ['offline', 'offline'], text);
  }
});

test('new voice messages are counted by mailbox, for those with presence_panel', async () => {
  const [user, shared] = [await createUser(dialtone), await createUser(dialtone)];
  for (const of of [user, shared]) await putCti(dialtone, of, { voicemail: '7201' });
  assert.equal((await get(panel, 'voicemail/new_counters'))['7201'], undefined);
  await putState(dialtone, user.domain, 'vm:7201', { inbox: 2, old: 5 });
  await putState(dialtone, user.domain, 'vm:666', { inbox: 9, old: 0 });
  await putState(dialtone, user.domain, `vm:${panel.username}`, { inbox: -1 });
  const counters = await get(panel, 'voicemail/new_counters');
  assert.deepEqual(counters, { 7201: { newMessageCount: '2' } }, 'a mailbox that belongs to no user, and one that makes no sense, are none');
  assert.equal((await dialtone.api('GET', '/api/voicemail/new_counters', { token: plain.token })).status, 403);
});

/* The exchanges with Redis of a request, as its line in the log says. */
async function redisExchanges(by, path) {
  const { headers } = await dialtone.api('GET', `/api/${path}`, { token: by.token }).then((answer) => ({ headers: answer.header('x-request-id') }));
  for (;;) {
    const line = (await dialtone.log('api')).split('\n').find((text) => text.includes(` req=${headers} `) && text.includes('route='));
    if (line) return Number(line.match(/ redis=(\d+)/)[1]);
  }
}

test('each of them asks Redis once more than without a PBX, and then not at all', async () => {
  const paths = ['user/me', 'user/endpoints/all', 'astproxy/extensions', `astproxy/extension/${panel.username}`, 'voicemail/new_counters'];
  const count = async () => {
    for (const path of paths) await get(panel, path);
    const counts = [];
    for (const path of paths) counts.push(await redisExchanges(panel, path));
    return counts;
  };
  const live = await count();
  await dialtone.configureApi({ call_backend: 'none' });
  const without = await count();
  assert.deepEqual(live.map((n, i) => n - without[i]), [1, 1, 1, 1, 1]);
  const user = await userWithDevice();
  await putExten(dialtone, user, user.exten, 'busy', [conversation(user.exten)]);
  await putState(dialtone, user.domain, `main:${user.username}`, '"busy"');
  await putState(dialtone, user.domain, 'vm:7201', { inbox: 2, old: 5 });
  const shown = (await extensions(panel))[user.exten];
  assert.deepEqual([shown.status, shown.conversations], ['offline', {}]);
  assert.deepEqual(await shownPresences(panel, user), ['online', 'online']);
  assert.deepEqual(await get(panel, 'voicemail/new_counters'), {});
  await dialtone.configureApi({ call_backend: 'kamailio' });
});

test('while Redis is away all are shown as without a PBX', async () => {
  const user = await userWithDevice();
  await putState(dialtone, user.domain, `main:${user.username}`, '"busy"');
  await dialtone.stop('redis');
  const shown = (await extensions(panel))[user.exten];
  assert.deepEqual([shown.status, shown.conversations], ['offline', {}]);
  assert.deepEqual(await shownPresences(panel, user), ['online', 'online']);
  assert.equal((await one(panel, user.exten)).status, 200);
  assert.deepEqual(await get(panel, 'voicemail/new_counters'), {});
});
