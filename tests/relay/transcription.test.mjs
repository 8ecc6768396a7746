/* Hearing what is said in a call: who may, and until when (cti-api 2.2, 2.8 and 5.24). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { randomName } from '../lib/accounts.mjs';
import { Live } from '../lib/live.mjs';
import { RelayAlone } from '../lib/relay.mjs';
import { until } from '../lib/until.mjs';

const relay = await RelayAlone.start();
after(() => relay.remove());

const CAPABILITY = 'nethvoice_cti.satellite_stt';
let calls = 0;
const newCall = () => ({ linkedId: `1760000000.${(calls += 2)}`, uniqueId: `1760000000.${calls + 1}` });

/* What a PBX connector keeps of an extension; more: what else is in its state. */
const putState = (exten, inCalls, more = {}) => relay.cli('HSET', `cti1:{${relay.domain}}:st`, `exten:${exten}`, JSON.stringify({
  exten, status: 'busy', ...more,
  conversations: Object.fromEntries(inCalls.map((call) => [`PJSIP/${exten}-1>PJSIP/x-${call.uniqueId}`, { owner: exten, ...call }])),
}));

/* A user with one extension more than the one that talks. */
async function talker({ cap = CAPABILITY, inCalls = [] } = {}) {
  const [user, exten] = [randomName(), String(9000 + (calls += 1))];
  await putState(exten, inCalls);
  const socket = new Live(relay, { options: { reconnection: false } });
  after(() => socket.close());
  await socket.login(user, await relay.session({ id: user }, { cap, ext: `${user} ${exten}` }));
  return { user, exten, socket };
}

const say = (call, transcription) =>
  relay.publish(relay.room(`stt.${call.linkedId}`), JSON.stringify(['satellite/transcription', { uniqueid: call.uniqueId, transcription }]));
const heard = ({ socket }) => socket.named('satellite/transcription').map(([, { transcription }]) => transcription);

/* In one connection to Redis what is said later comes later. */
async function isDeafTo(who, call) {
  const [word, behind] = [randomName('word'), randomName('behind')];
  await say(call, word);
  await relay.publish(relay.channel(who.user), `["${behind}"]`);
  await who.socket.event(behind);
  return !heard(who).includes(word);
}

async function hears(who, call) {
  const before = heard(who).length;
  await until(async () => {
    await say(call, randomName('word'));
    return heard(who).length > before;
  }, { what: 'the transcription' });
}

const refusals = async () => (await relay.figures()).client_events_refused;

async function isRefused(who, argument) {
  const before = await refusals();
  who.socket.emit('start_transcription', argument);
  await until(async () => (await refusals()) === before + 1, { what: 'the refusal to be counted' });
  assert.deepEqual(who.socket.named('bad_request'), []);
}

test('who_takes_part_in_a_call_hears_its_transcription_and_that_of_no_other', async () => {
  const [mine, other] = [newCall(), newCall()];
  const who = await talker({ inCalls: [mine] });
  assert.ok(await isDeafTo(who, mine), 'unasked');
  who.socket.emit('start_transcription', { linkedid: mine.linkedId, uniqueid: mine.uniqueId });
  await hears(who, mine);
  assert.ok(await isDeafTo(who, other));
});

test('5.24 the_call_of_another_is_refused', async () => {
  const [mine, other] = [newCall(), newCall()];
  const [who, stranger] = [await talker({ inCalls: [mine] }), await talker({ inCalls: [other] })];
  await isRefused(who, { linkedid: other.linkedId });
  await isRefused(who, { uniqueid: other.uniqueId });
  await isRefused(who, { linkedid: '1.1' });
  stranger.socket.emit('start_transcription', { linkedid: other.linkedId });
  await hears(stranger, other);
  assert.ok(await isDeafTo(who, other));
  assert.deepEqual(heard(who), []);
});

test('without_the_capability_nothing_is_heard', async () => {
  const call = newCall();
  const who = await talker({ cap: 'nethvoice_cti.screen_sharing', inCalls: [call] });
  await isRefused(who, { linkedid: call.linkedId });
  assert.ok(await isDeafTo(who, call));
});

test('unique_id_alone_names_the_call', async () => {
  const call = newCall();
  const who = await talker({ inCalls: [newCall(), call] });
  who.socket.emit('start_transcription', { uniqueid: call.uniqueId });
  await hears(who, call);
  who.socket.emit('stop_transcription', { uniqueid: call.uniqueId });
  assert.ok(await isDeafTo(who, call));
});

test('next_start_leaves_the_call_before_even_when_it_is_refused', async () => {
  const [one, two] = [newCall(), newCall()];
  const who = await talker({ inCalls: [one, two] });
  who.socket.emit('start_transcription', { linkedid: one.linkedId });
  await hears(who, one);
  who.socket.emit('start_transcription', { linkedid: two.linkedId });
  await hears(who, two);
  assert.ok(await isDeafTo(who, one));
  who.socket.emit('stop_transcription', { linkedid: one.linkedId });
  await hears(who, two);
  await isRefused(who, { linkedid: newCall().linkedId });
  assert.ok(await isDeafTo(who, two));
});

test('stop_ends_it_also_while_the_start_is_on_its_way', async () => {
  const call = newCall();
  const who = await talker({ inCalls: [call] });
  who.socket.emit('start_transcription', { linkedid: call.linkedId });
  who.socket.emit('stop_transcription', { linkedid: call.linkedId });
  await new Promise((resolve) => who.socket.socket.emit('ping', resolve));
  assert.ok(await isDeafTo(who, call));
  who.socket.emit('start_transcription', { linkedid: call.linkedId });
  await hears(who, call);
});

test('states_that_are_no_states_open_nothing', async () => {
  const call = newCall();
  const who = await talker();
  const key = `cti1:{${relay.domain}}:st`;
  const states = ['', '{', '[]', '"x"', '{"conversations":[]}', '{"conversations":{"a":1,"b":{"linkedId":5}}}',
    `{"conversations":${'['.repeat(100)}${']'.repeat(100)}}`, `{"conversations":{"a":{"linkedId":"${'1'.repeat(65)}"}}}`];
  for (const state of states) {
    await relay.cli('HSET', key, `exten:${who.exten}`, state);
    await isRefused(who, { linkedid: call.linkedId });
  }
  await putState(who.exten, [call], { codecs: Array(1000).fill({ a: { b: 'c' } }) });
  who.socket.emit('start_transcription', { linkedid: call.linkedId });
  await hears(who, call);
});

const permit = async (who, { cap = [CAPABILITY], ext = [who.user, who.exten] } = {}) =>
  relay.order(who.user, { o: 'perm', rooms: ['all'], ext, cap, pv: 2 });

const losses = {
  'the capability is taken away': (who) => permit(who, { cap: [] }),
  'the extension is taken away': (who) => permit(who, { ext: [who.user] }),
  'the user has hung up': async (who) => {
    await putState(who.exten, [newCall()]);
    await permit(who);
  },
};

for (const [what, lose] of Object.entries(losses)) {
  test(`nothing_more_is_heard_once_${what.replaceAll(' ', '_')}`, async () => {
    const call = newCall();
    const who = await talker({ inCalls: [call] });
    who.socket.emit('start_transcription', { linkedid: call.linkedId });
    await hears(who, call);
    await lose(who);
    await until(() => isDeafTo(who, call), { what: 'the end' });
  });
}

test('transcription_stays_when_permissions_change_that_are_not_about_it', async () => {
  const call = newCall();
  const who = await talker({ inCalls: [call] });
  who.socket.emit('start_transcription', { linkedid: call.linkedId });
  await hears(who, call);
  await permit(who, { ext: [who.exten, 'another'] });
  await relay.publish(relay.channel(who.user), '["after"]');
  await who.socket.event('after');
  await hears(who, call);
});
