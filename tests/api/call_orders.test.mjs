/* Orders of CTI clients to phones, carried out by a proxy that takes JSON-RPC, and by browsers that are told to (cti-api 2.8, 3.1, 4.2; sip-integration 3.4). */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createUser } from '../lib/accounts.mjs';
import { addExtension, createOperator, putCti } from '../lib/cti.mjs';
import { fakeRpc } from '../lib/fake_rpc.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { addSpace } from '../lib/spaces.mjs';
import { conversation, putExten, putState } from '../lib/states.mjs';
import { Subscriber } from '../lib/subscriber.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await ownInstance();
const SOCKET = '127.0.0.1:15060';
const dialog = (fields = {}) => ({ h_entry: 12, h_id: 34, 'call-id': 'c1', from_uri: 'sip:alice@sip.test', to_uri: 'sip:bob@sip.test', state: 4, duration: 7,
  caller: { tag: 'ta', contact: 'sip:alice@192.0.2.1:5070;alias=192.0.2.1~5070~1', cseq: '2' }, callee: { tag: 'tb', contact: 'sip:bob@192.0.2.2', cseq: '0' }, ...fields });
const rpc = await fakeRpc();
const settings = { call_backend: 'kamailio', kamailio_rpc: rpc.url, kamailio_sip: SOCKET };
await dialtone.configureApi(settings);

const order = (by, verb, body) => dialtone.api('POST', `/api/astproxy/${verb}`, { token: by.token, body });
function done(answer) {
  assert.deepEqual([answer.status, answer.text], [200, ''], answer.text);
}
async function userWith(type, fields = {}) {
  const user = await createUser(dialtone);
  return { ...user, ...(await addExtension(dialtone, user, { type, ...fields })) };
}
const withPanel = (permissions) => createOperator(dialtone, { presence_panel: permissions });

/* What the relays of the domain are told to have a client do: the header and the event. */
const told = await Subscriber.to(dialtone, `cti1:{${dialtone.env.DIALTONE_DOMAIN}}:ctl`);
async function actionOf(user) {
  const mine = () => told.messages.map((text) => text.split('\n').map((line) => line && JSON.parse(line))).filter(([head]) => head.u === user.username && head.k === 'e');
  await until(() => mine().length > 0, { what: 'an event for a client' });
  return mine();
}

test('a phone on the desk rings, and calls when it is answered', async () => {
  const user = await createUser(dialtone);
  for (const body of [{ number: '202' }, { number: 202, endpointId: user.username, endpointType: 'extension' }, { number: '202', endpointId: user.username, endpointTpe: 'extension' }]) {
    rpc.calls.length = 0;
    done(await order(user, 'call', body));
    assert.deepEqual(rpc.calls, [{ method: 'dlg.bridge_dlg', params: [`sip:${user.username}@${user.domain}`, `sip:202@${user.domain}`, `sip:${SOCKET}`] }]);
  }
  rpc.calls.length = 0;
  done(await order(user, 'call', { number: '+39#*1' }));
  assert.equal(rpc.calls[0].params[1], `sip:+39%23*1@${user.domain}`);
});

test('the device registers under its own name; the main extension stands for the default device', async () => {
  const user = await createUser(dialtone);
  const mobile = await addExtension(dialtone, user, { type: 'mobile', sip_username: 'cell-of-alice' });
  const desk = await addExtension(dialtone, user, { type: 'physical' });
  await putCti(dialtone, user, { main_extension: '7301', default_device: desk.exten });
  const called = [];
  for (const endpointId of [undefined, '7301', mobile.exten, desk.exten]) {
    rpc.calls.length = 0;
    done(await order(user, 'call', { number: '202', endpointId }));
    called.push(rpc.calls[0].params[0]);
  }
  assert.deepEqual(called, [desk.exten, desk.exten, 'cell-of-alice', desk.exten].map((name) => `sip:${name}@${user.domain}`));
});

test('a browser and a desktop app are told to call and to answer, on the channel of orders, for a while', async () => {
  const [webrtc, nethlink] = [await userWith('webrtc'), await userWith('nethlink')];
  rpc.calls.length = 0;
  done(await order(webrtc, 'call', { number: '0721#1', endpointId: webrtc.exten }));
  done(await order(webrtc, 'answer', {}));
  done(await order(nethlink, 'call', { number: '0721' }));
  done(await order(nethlink, 'answer', { endpointId: nethlink.exten, endpointType: 'extension' }));
  await until(async () => (await actionOf(webrtc)).length === 2 && (await actionOf(nethlink)).length === 2, { what: 'two events each' });
  const [called, answered] = await actionOf(webrtc);
  assert.deepEqual([called[1], answered[1]], [['callWebrtc', '0721#1'], ['answerWebrtc', webrtc.exten]]);
  assert.deepEqual([called[0].f, called[0].d], [4, 10000], 'once, and not when it comes late');
  assert.deepEqual((await actionOf(nethlink)).map(([, event]) => event), [['actionNethLink', 'tel:0721', 'call'], ['actionNethLink', 'nethlink://answer', 'answer']]);
  assert.deepEqual(rpc.calls, [], 'the proxy has nothing to do with it');
});

test('a phone that takes no order says so, in the shape of what is not offered', async () => {
  const user = await createUser(dialtone);
  for (const [verb, body] of [['answer', {}], ['toggle_hold', { endpointId: user.username }], ['mute', {}], ['blindtransfer', { to: '202' }], ['park', {}], ['dtmf', { tone: '1' }]]) {
    const answer = await order(user, verb, body);
    assert.deepEqual([answer.status, answer.json], [501, { code: 501, message: 'This is not offered here.', data: null }], verb);
  }
});

test('devices of others are for those with the permission; what is foreign is as what is not there', async () => {
  const space = await addSpace(dialtone);
  const foreign = await createUser(space.dialtone);
  await addExtension(space.dialtone, foreign, { exten: '999777', type: 'physical' });
  const other = await createUser(dialtone);
  await putExten(dialtone, other, other.username, 'busy', [conversation(other.username)]);
  const users = { plain: await createUser(dialtone), panel: await withPanel([]), phone: await withPanel(['ad_phone']), hangup: await withPanel(['hangup']) };
  rpc.calls.length = 0;
  for (const [verb, allowed] of [['call', 'phone'], ['answer', 'phone'], ['hangup', 'hangup'], ['cancel', 'hangup']]) {
    const refused = new Set();
    for (const [who, by] of Object.entries(users))
      for (const endpointId of [other.username, '999777', foreign.username, 'no-such']) {
        const answer = await order(by, verb, { number: '202', endpointId });
        if (who === allowed && endpointId === other.username) assert.notEqual(answer.status, 403, `${verb} ${who}`);
        else refused.add(`${answer.status} ${answer.text}`);
      }
    assert.equal(refused.size, 1, [...refused].join('\n'));
    assert.match([...refused][0], /^403 /, verb);
  }
  assert.deepEqual(rpc.calls.map(({ method }) => method), ['dlg.bridge_dlg'], 'the one call that was allowed');
});

test('a number is what can be dialled, and nothing that the proxy would read otherwise', async () => {
  const user = await createUser(dialtone);
  rpc.calls.length = 0;
  for (const number of ['', '2 02', '202@evil.example', '202;transport=tcp', '202?Route=x', '<sip:202>', '202\r\nRoute: x', '"202"', '2'.repeat(65), 'é', '20%0d2', null, ['202'], { a: 1 }, true]) {
    const answer = await order(user, 'call', { number });
    assert.deepEqual([answer.status, answer.json.code], [400, 400], JSON.stringify(number));
  }
  for (const body of [{ number: '202', endpointId: 'a@b' }, { number: '202', endpointType: 'cellphone' }, {}]) assert.equal((await order(user, 'call', body)).status, 400, JSON.stringify(body));
  assert.equal((await order(user, 'hangup', { convid: 'x'.repeat(256) })).status, 400);
  assert.deepEqual(rpc.calls, []);
});

/* A call of the user, as dialtone-pbx tells of it. */
async function inCall(user, fields = {}) {
  const call = conversation(user.exten ?? user.username, fields);
  await putExten(dialtone, user, user.exten ?? user.username, 'busy', [call]);
  await putState(dialtone, user.domain, `call:${call.linkedId}`, { call_id: 'c1', dialog: '12:34', from: 'alice@sip.test', to: 'bob@sip.test', device: 'bob@sip.test' });
  return call;
}

test('a call is ended at both phones, cleared, and its end is told', async () => {
  const user = await createUser(dialtone);
  const call = await inCall(user);
  const events = await Subscriber.to(dialtone, 'sip:events');
  rpc.answers['dlg.dlg_list'] = dialog();
  rpc.calls.length = 0;
  done(await order(user, 'hangup', { convid: call.id, endpointId: user.username, endpointType: 'extension' }));
  assert.deepEqual(rpc.calls.map(({ method }) => method), ['dlg.dlg_list', 'tm.t_uac_start', 'tm.t_uac_start', 'dlg.end_dlg']);
  assert.deepEqual(rpc.ordered('dlg.dlg_list'), [['c1']]);
  assert.deepEqual(rpc.ordered('tm.t_uac_start'), [
    ['BYE', 'sip:bob@192.0.2.2', `sip:${SOCKET}`, '.', 'From: <sip:alice@sip.test>;tag=ta\r\nTo: <sip:bob@sip.test>;tag=tb\r\nCall-ID: c1\r\nCSeq: 3 BYE\r\n', ''],
    ['BYE', 'sip:alice@192.0.2.1:5070;alias=192.0.2.1~5070~1', `sip:${SOCKET}`, '.', 'From: <sip:bob@sip.test>;tag=tb\r\nTo: <sip:alice@sip.test>;tag=ta\r\nCall-ID: c1\r\nCSeq: 1 BYE\r\n', '']]);
  assert.deepEqual(rpc.ordered('dlg.end_dlg'), [[12, 34]]);
  await until(() => events.messages.length > 0, { what: 'the end of the call' });
  const { ts, us, ...event } = JSON.parse(events.messages[0]);
  assert.deepEqual(event, { ev: 'call.end', call_id: 'c1', dlg_id: '12:34', linked: call.linkedId, from: 'alice@sip.test', to: 'bob@sip.test', by: 'server', duration: 7 });
  assert.ok(Math.abs(ts * 1000 - Date.now()) < 60000 && us >= 0);
  events.close();
});

test('a phone that said something odd of itself gets no BYE made of it, and the call ends', async () => {
  const user = await createUser(dialtone);
  const call = await inCall(user);
  for (const odd of [{ caller: { tag: 'ta\r\nRoute: <sip:evil>', contact: 'sip:a@b', cseq: '1' } }, { from_uri: 'sip:a@b>;tag=x' }, { callee: null }, { callee: { tag: null, contact: null, cseq: null } }]) {
    rpc.answers['dlg.dlg_list'] = dialog(odd);
    rpc.calls.length = 0;
    done(await order(user, 'hangup', { convid: call.id }));
    assert.deepEqual(rpc.calls.map(({ method }) => method), ['dlg.dlg_list', 'dlg.end_dlg'], JSON.stringify(odd));
  }
});

test('a call that rings is cancelled, and told by the proxy itself', async () => {
  const user = await createUser(dialtone);
  await inCall(user, { outgoing: true, connected: false });
  const events = await Subscriber.to(dialtone, 'sip:events');
  rpc.answers['dlg.dlg_list'] = dialog({ state: 2, callee: { tag: null, contact: null, cseq: null } });
  for (const verb of ['hangup', 'cancel']) {
    rpc.calls.length = 0;
    done(await order(user, verb, { endpointId: user.username }));
    assert.deepEqual(rpc.calls, [{ method: 'dlg.dlg_list', params: ['c1'] }, { method: 'tm.cancel', params: ['c1', '2'] }], verb);
  }
  await dialtone.publish('sip:events', 'the last one');
  await until(() => events.messages.length > 0, { what: 'the last one' });
  assert.deepEqual(events.messages, ['the last one']);
  events.close();
});

test('of all devices of a user the call is found by its name, also by the one that hides numbers', async () => {
  const user = await createUser(dialtone);
  const [first, second] = [await addExtension(dialtone, user, { type: 'physical' }), await addExtension(dialtone, user, { type: 'physical' })];
  await putCti(dialtone, user, { main_extension: '7401' });
  const call = await inCall({ ...user, exten: second.exten }, { number: '0721123456' });
  rpc.answers['dlg.dlg_list'] = dialog();
  const alias = call.id.replace(/SIP\/[^>]*-/g, 'SIP/');
  assert.notEqual(alias, call.id);
  for (const body of [{ convid: call.id, endpointId: '7401' }, { convid: alias, endpointId: second.exten }, { endpointId: '7401' }]) done(await order(user, 'hangup', body));
  for (const [verb, body] of [['hangup', { convid: call.id, endpointId: first.exten }], ['hangup', { convid: 'SIP/x>SIP/y', endpointId: '7401' }], ['cancel', { endpointId: second.exten }]]) {
    const answer = await order(user, verb, body);
    assert.deepEqual([answer.status, answer.json.message], [409, 'There is no such call.'], `${verb} ${JSON.stringify(body)}`);
  }
});

test('a call that is over, here or at the proxy, is none', async () => {
  const user = await createUser(dialtone);
  const call = await inCall(user);
  const refuse = (code) => Object.assign(new Error('Dialog not found'), { code });
  for (const answer of [{}, [], 'x', dialog({ state: 5 }), refuse(404), refuse(400)]) {
    rpc.answers['dlg.dlg_list'] = answer;
    assert.equal((await order(user, 'hangup', { convid: call.id })).status, 409, JSON.stringify(answer));
  }
  rpc.answers['dlg.dlg_list'] = dialog({ state: 1 });
  rpc.answers['tm.cancel'] = refuse(400);
  assert.equal((await order(user, 'hangup', { convid: call.id })).status, 409);
  rpc.answers['dlg.dlg_list'] = dialog();
  rpc.answers['dlg.end_dlg'] = refuse(404);
  done(await order(user, 'hangup', { convid: call.id }));
  await putState(dialtone, user.domain, `call:${call.linkedId}`, '{"call_id":7}');
  assert.equal((await order(user, 'hangup', { convid: call.id })).status, 409);
});

test('while the proxy is away orders are refused at once, and those for browsers go on', async () => {
  const [user, browser] = [await createUser(dialtone), await userWith('webrtc')];
  const call = await inCall(user);
  await dialtone.configureApi({ kamailio_rpc: 'http://127.0.0.1:1/RPC' });
  for (const [verb, body] of [['call', { number: '202' }], ['hangup', { convid: call.id }]]) {
    const answer = await order(user, verb, body);
    assert.deepEqual([answer.status, answer.header('retry-after'), answer.json.code], [503, '1', 503], answer.text);
  }
  done(await order(browser, 'call', { number: '202' }));
  await dialtone.configureApi(settings);
});

test('without Redis no call is known; without a PBX nothing is offered', async () => {
  const user = await createUser(dialtone);
  await dialtone.stop('redis');
  assert.equal((await order(user, 'hangup', {})).status, 503);
  await dialtone.start('redis');
  await dialtone.configureApi({ call_backend: 'none' });
  rpc.calls.length = 0;
  for (const verb of ['call', 'hangup', 'cancel', 'answer'])
    for (const body of [{ number: '202', endpointId: user.username }, { endpointId: 'no-such' }, { number: [] }]) {
      const answer = await order(user, verb, body);
      assert.deepEqual([answer.status, answer.json.message], [501, 'This is not offered here.'], verb);
    }
  assert.deepEqual(rpc.calls, []);
});
