/* Transfers by Linphone's library: the call of the one who is transferred goes on under its id, with another at its other end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Linphone } from './linphone.mjs';
import { called, ended, hangup, held, passing, presence, ringing, state, sum, up } from './mapping.mjs';
import { Office } from './office.mjs';

const office = await Office.open();

async function talking() {
  const all = await office.scene(Object.fromEntries(['alice', 'bob', 'carol'].map((name) => [name, { title: name, phone: Linphone }])));
  const { scene, alice, bob } = all;
  await scene.step('alice dials', async () => {
    await alice.phone.dial(bob.address);
    await bob.phone.rings();
  }, called(alice, bob), ringing(alice, bob));
  await scene.step('bob answers', async () => {
    await bob.phone.answer();
    await bob.phone.talks();
  }, up(alice, bob));
  return all;
}

const oneCallOnly = async (scene, who, other) => assert.deepEqual(await scene.historyOf(who), [`out ${other.number} ANSWERED`]);

/* Their own conversation, with the other at its end now. */
const takesOver = (alice, carol) => state(alice, 'busy', `out:${carol.number}+`);

test('blind: the_transferred_user_sees_the_new_counterpart_when_it_answers', async () => {
  const { scene, alice, bob, carol } = await talking();
  await scene.step('bob transfers', async () => {
    await bob.phone.transfer(carol.address);
    await carol.phone.rings();
  }, passing(alice, 'onhold', `out:${bob.number}+`), passing(alice, 'busy', `out:${bob.number}+`), ringing(alice, carol));
  await scene.step('carol answers', () => carol.phone.answer(), hangup(bob, alice, 'normal_clearing'), state(bob, 'online'), presence(bob, 'online'), takesOver(alice, carol),
    { [carol.name]: [`${carol.exten} connected`, `${carol.exten} talks in:${alice.number}`] }, state(carol, 'busy', `in:${alice.number}+`), presence(carol, 'busy'));
  await scene.step('carol hangs up', () => carol.phone.hangUp(), ended(alice, carol));
  await scene.end();
});

test('blind: when_the_target_refuses_the_old_call_goes_on', async () => {
  const { scene, alice, bob, carol } = await talking();
  await scene.step('bob transfers', async () => {
    await bob.phone.transfer(carol.address);
    await carol.phone.rings();
  }, passing(alice, 'onhold', `out:${bob.number}+`), passing(alice, 'busy', `out:${bob.number}+`), ringing(alice, carol));
  await scene.step('carol refuses', () => carol.phone.reject(), hangup(carol, alice, 'call_rejected'), state(carol, 'online'), presence(carol, 'online'),
    passing(alice, 'onhold', `out:${bob.number}+`), passing(alice, 'busy', `out:${bob.number}+`), passing(bob, 'busy', `in:${alice.number}+`));
  await scene.step('bob hangs up', () => bob.phone.hangUp(), ended(alice, bob));
  await scene.end();
});

test('attended: both_keep_their_call_and_the_one_between_them_is_free', async () => {
  const { scene, alice, bob, carol } = await talking();
  await scene.step('bob asks carol', async () => {
    await bob.phone.dial(carol.address);
    await carol.phone.rings();
  }, sum(passing(bob, 'onhold', `in:${alice.number}+`), state(bob, 'busy', `in:${alice.number}+`, `out:${carol.number}`), ringing(bob, carol)));
  await scene.step('carol answers', async () => {
    await carol.phone.answer();
    await carol.phone.talks();
  }, { [bob.name]: [`${bob.exten} connected`, `${bob.exten} talks out:${carol.number}`], [carol.name]: [`${carol.exten} connected`, `${carol.exten} talks in:${bob.number}`] },
  state(bob, 'busy', `in:${alice.number}+`, `out:${carol.number}+`), state(carol, 'busy', `in:${bob.number}+`), presence(carol, 'busy'));
  await scene.step('bob joins them', async () => { await bob.phone.join(); },
    hangup(bob, alice, 'normal_clearing'), hangup(bob, carol, 'normal_clearing'), passing(bob, 'busy', `in:${alice.number}+`), passing(bob, 'onhold', `in:${alice.number}+`), state(bob, 'online'), presence(bob, 'online'),
    passing(alice, 'onhold', `out:${bob.number}+`), takesOver(alice, carol), state(carol, 'busy', `in:${alice.number}+`));
  await scene.step('alice hangs up', () => alice.phone.hangUp(), ended(alice, carol));
  await scene.end();
});
