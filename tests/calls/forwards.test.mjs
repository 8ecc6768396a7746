/* Calls that go on to someone else by a rule of the callee: one call, whichever phone rings. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { called, ended, hangup, passing, presence, refused, ringing, state, up } from './mapping.mjs';
import { Office } from './office.mjs';

const office = await Office.open();

async function forwardingTo(type, people) {
  const all = await office.scene({ alice: { title: 'Alice' }, bob: {}, carol: {}, ...people });
  await rule(all.bob, type, all.carol);
  return all;
}

async function rule(from, type, to) {
  const answer = await office.dialtone.api('POST', `/api/accounts/${from.id}/call_forwardings`, { as: 'admin', body: { type, forward_to: 'sip_uri', sip_uri: to.address, enabled: true } });
  assert.equal(answer.status, 201, answer.text);
}

/* The caller's conversation has another counterpart. */
const toOther = (caller, callee) => state(caller, 'busy', `out:${callee.number}`);

async function talkAndEnd({ scene, alice, carol }) {
  await scene.step('carol answers', () => carol.phone.answer(), up(alice, carol));
  await scene.step('carol hangs up', () => carol.phone.hangUp(), ended(alice, carol));
  assert.deepEqual(await scene.historyOf(alice), [`out ${carol.number} ANSWERED`]);
  await scene.end();
}

test('always: the_callee_does_not_ring_and_the_other_one_does', async () => {
  const all = await forwardingTo('always');
  const { scene, alice, bob, carol } = all;
  await scene.step('alice dials', async () => {
    await alice.phone.dial(bob.address);
    await carol.phone.rings();
  }, passing(alice, 'busy', `out:${bob.number}`), presence(alice, 'busy'), toOther(alice, carol), ringing(alice, carol, bob.number));
  await talkAndEnd(all);
});

test('busy: the_callee_has_rung_and_stops', async () => {
  const all = await forwardingTo('busy');
  const { scene, alice, bob, carol } = all;
  await scene.step('alice dials', async () => {
    await alice.phone.dial(bob.address);
    await bob.phone.rings();
  }, called(alice, bob), ringing(alice, bob));
  await scene.step('bob has no time', async () => {
    await bob.phone.hangUp();
    await carol.phone.rings();
  }, hangup(bob, alice, 'user_busy'), state(bob, 'online'), presence(bob, 'online'), toOther(alice, carol), ringing(alice, carol, bob.number));
  await talkAndEnd(all);
});

test('no_answer: an_absent_callee_is_passed_over', async () => {
  const all = await forwardingTo('no_answer', { bob: { phone: null } });
  const { scene, alice, bob, carol } = all;
  await scene.step('alice dials', async () => {
    await alice.phone.dial(bob.address);
    await carol.phone.rings();
  }, passing(alice, 'busy', `out:${bob.number}`), presence(alice, 'busy'), toOther(alice, carol), ringing(alice, carol, bob.number));
  await talkAndEnd(all);
});

test('a_loop_of_rules_ends_and_leaves_nothing', async () => {
  const { scene, alice, bob, carol } = await forwardingTo('always');
  await rule(carol, 'always', bob);
  await alice.phone.dial(bob.address);
  await alice.phone.over().catch(() => alice.phone.hangUp());
  await scene.quiet(alice, bob, carol);
  await scene.end();
});

test('do_not_disturb: the_phone_stays_silent_and_the_caller_hears_why', async () => {
  const { scene, alice, bob } = await office.scene({ alice: {}, bob: {} });
  await scene.presenceOf(bob, 'dnd');
  await scene.step('alice dials', () => alice.phone.dial(bob.address), refused(alice, bob, 'no_answer'));
  assert.equal(bob.phone.events.some((e) => e.type === 'CALL_INCOMING'), false);
  await scene.end();
});
