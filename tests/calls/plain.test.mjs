/* One plain call between two phones, as both users' screens tell it: the short form of calls.test.mjs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { called, ended, goesOn, held, ringing, unregistered, up } from './mapping.mjs';
import { Office } from './office.mjs';

const office = await Office.open();

test('a_call_is_told_to_both_users_from_its_first_ring_to_its_place_in_their_histories', async () => {
  const { scene, alice, bob } = await office.scene({ alice: { title: 'Alice Example' }, bob: { title: 'Bob' } });
  await scene.step('alice dials', async () => {
    await alice.phone.dial(bob.address);
    await bob.phone.rings();
  }, called(alice, bob), ringing(alice, bob));
  await scene.step('bob answers', () => bob.phone.answer(), up(alice, bob));
  await scene.step('alice holds', () => alice.phone.hold(), held(alice, bob, 'out'));
  await scene.step('alice goes on', () => alice.phone.resume(), goesOn(alice, bob, 'out'));
  await scene.step('bob hangs up', () => bob.phone.hangUp(), ended(alice, bob));
  assert.deepEqual(await scene.historyOf(alice), [`out ${bob.number} ANSWERED`]);
  assert.deepEqual(await scene.historyOf(bob), [`in ${alice.number} ANSWERED`]);
  await scene.step('bob unplugs', () => bob.phone.switchOff(), unregistered(bob));
  await scene.end();
});
