/* What CTI clients order of real phones through a real proxy, and messages to them (cti-api 4.2, sip-integration 3.4). */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { called, ended, ringing, up } from './mapping.mjs';
import { Office } from './office.mjs';

const office = await Office.open();
const { dialtone, kamailio } = office;

async function order(who, verb, body) {
  const answer = await dialtone.api('POST', `/api/astproxy/${verb}`, { token: who.token, body });
  assert.deepEqual([answer.status, answer.text], [200, ''], answer.text);
}

const convidOf = (who, exten = who.exten) => Object.keys(who.hears.states()[exten].conversations)[0];

test('a call is hung up by the one who made it and by the one who took it, and both phones hear of it', async () => {
  const { scene, alice, bob } = await office.scene({ alice: {}, bob: {} });
  for (const by of [alice, bob]) {
    await scene.step('alice dials', () => alice.phone.dial(bob.address), called(alice, bob), ringing(alice, bob));
    await scene.step('bob answers', () => bob.phone.answer(), up(alice, bob));
    await scene.step(`${by.name} hangs up on the screen`, () => order(by, 'hangup', { convid: convidOf(by), endpointId: by.exten, endpointType: 'extension' }), ended(alice, bob));
    await Promise.all([alice.phone.over(), bob.phone.over()]);
    const { result } = await kamailio.rpc('dlg.list');
    assert.deepEqual(result.filter(({ state }) => state < 5), [], 'nothing is left at the proxy');
  }
  await scene.end();
});

test('a call that rings is taken back', async () => {
  const { scene, alice, bob } = await office.scene({ alice: {}, bob: {} });
  await scene.step('alice dials', () => alice.phone.dial(bob.address), called(alice, bob), ringing(alice, bob));
  await scene.step('alice takes it back', () => order(alice, 'cancel', { endpointId: alice.exten }), ended(alice, bob));
  await Promise.all([alice.phone.over(), bob.phone.over()]);
  await scene.end();
});

test('a phone that is told to call rings, and calls when it is answered', async () => {
  const { scene, alice, bob } = await office.scene({ alice: {}, bob: {} });
  await order(alice, 'call', { number: bob.number, endpointId: alice.exten });
  await alice.phone.rings();
  await alice.phone.answer();
  await bob.phone.rings();
  await bob.phone.answer();
  await bob.phone.talks();
  await order(bob, 'hangup', { endpointId: bob.exten });
  await bob.phone.over();
  await scene.quiet(alice, bob);
  await scene.end();
});

test('a message reaches a phone that is there, and is refused for one that is not', async () => {
  const { scene, alice, bob } = await office.scene({ alice: {}, bob: { phone: null } });
  const send = ({ username, domain }) => dialtone.api('POST', '/api/messages', { as: 'admin', body: { to: `${username}@${domain}`, body: 'Grüße, Alice' } });
  const there = await send(alice);
  assert.equal(there.status, 200, there.text);
  const missing = await send(bob);
  assert.deepEqual([missing.status, Object.keys(missing.json.errors)], [422, ['to']], missing.text);
  const foreign = await dialtone.api('POST', '/api/messages', { as: 'admin', body: { to: 'x@elsewhere.example.org', body: 'Hello' } });
  assert.equal(foreign.status, 422, foreign.text);
  alice.phone.kill();
  const dead = await send(alice);
  assert.equal(dead.status, 422, `a phone that says nothing: ${dead.text}`);
  await scene.end();
});
