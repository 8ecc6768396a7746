/* The ways in which a call that was not taken ends: what each side is told, and why (the causes of sip-integration 3.3). */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Linphone } from './linphone.mjs';
import { called, ended, passing, passingPresence, refused, ringing, state, sum, up } from './mapping.mjs';
import { Office } from './office.mjs';
import { Sipp } from './sipp.mjs';

const office = await Office.open();

const dials = (alice, bob) => async () => {
  await alice.phone.dial(bob.address);
  await bob.phone.rings();
};

async function ringsAt(wish) {
  const { scene, alice, bob } = await office.scene({ alice: { title: 'Alice' }, bob: wish });
  await scene.step('alice dials', dials(alice, bob), called(alice, bob), ringing(alice, bob));
  return { scene, alice, bob };
}

async function inHistoryAsLost({ scene, alice, bob }, disposition) {
  assert.deepEqual(await scene.historyOf(alice), [`out ${bob.number} ${disposition}`]);
  assert.deepEqual(await scene.historyOf(bob), [`in ${alice.number} ${disposition}`]);
  await scene.end();
}

test('the_caller_gives_up', async () => {
  const { alice, bob, ...all } = await ringsAt({});
  await all.scene.step('alice gives up', () => alice.phone.hangUp(), ended(alice, bob));
  await inHistoryAsLost({ alice, bob, ...all }, 'NO ANSWER');
});

test('the_callee_rejects', async () => {
  const { alice, bob, ...all } = await ringsAt({ phone: Linphone });
  await all.scene.step('bob rejects', () => bob.phone.reject(), ended(alice, bob, 'call_rejected'));
  await inHistoryAsLost({ alice, bob, ...all }, 'BUSY');
});

test('the_callee_is_busy_after_ringing', async () => {
  const { alice, bob, ...all } = await ringsAt({});
  await all.scene.step('bob has no time', () => bob.phone.hangUp(), ended(alice, bob, 'user_busy'));
  await inHistoryAsLost({ alice, bob, ...all }, 'BUSY');
});

const CAUSES = { 486: 'user_busy', 600: 'user_busy', 603: 'call_rejected', 480: 'no_answer', 404: 'unallocated_number', 484: 'unallocated_number',
  503: 'normal_circuit_congestion', 500: 'interworking', 488: 'not_defined' };

for (const [code, cause] of Object.entries(CAUSES)) {
  test(`a_phone_that_answers_${code}_at_once_never_rang: ${cause}`, async () => {
    const { scene, alice, bob } = await office.scene({ alice: {}, bob: { phone: Sipp } });
    await bob.phone.willAnswer(code);
    await scene.step(`bob's phone says ${code}`, () => alice.phone.dial(bob.address), refused(alice, bob, cause));
    await bob.phone.answered;
    await scene.end();
  });

  test(`a_phone_that_rings_and_then_answers_${code}: ${cause}`, async () => {
    const { scene, alice, bob } = await office.scene({ alice: { title: 'Alice' }, bob: { phone: Sipp } });
    await bob.phone.willAnswer(code, { rings: 300 });
    await scene.step(`bob's phone rings, then says ${code}`, () => alice.phone.dial(bob.address), called(alice, bob), ringing(alice, bob), ended(alice, bob, cause));
    await bob.phone.answered;
    await scene.end();
  });
}

test('a_phone_that_may_take_one_call_is_busy_for_the_second_and_does_not_ring', async () => {
  const { scene, alice, bob, carol } = await office.scene({ alice: {}, bob: { calls: 1 }, carol: {} });
  await scene.step('alice dials', dials(alice, bob), called(alice, bob), ringing(alice, bob));
  await scene.step('bob answers', () => bob.phone.answer(), up(alice, bob));
  await scene.step('carol is refused', () => carol.phone.dial(bob.address), refused(carol, bob, 'user_busy'));
  await scene.step('bob hangs up', () => bob.phone.hangUp(), ended(alice, bob));
  await scene.end();
});

test('no_phone_is_there: an_account_without_a_phone_is_absent_and_a_number_that_is_none_unallocated', async () => {
  const { scene, alice, bob } = await office.scene({ alice: {}, bob: { phone: null } });
  await scene.step('bob is absent', () => alice.phone.dial(bob.address), refused(alice, bob, 'subscriber_absent'));
  const unknown = { number: 'not.known' };
  await scene.step('an unknown account', () => alice.phone.dial(`sip:${unknown.number}@${bob.domain}`), refused(alice, unknown, 'unallocated_number'));
  await scene.end();
});

test('no_answer_in_time', async () => {
  const { scene, alice, bob } = await ringsAt({});
  await scene.step('alice waits', () => alice.phone.over(), ended(alice, bob, 'no_answer'));
  await inHistoryAsLost({ scene, alice, bob }, 'NO ANSWER');
});

test('a_second_call_rings_during_one_and_its_end_leaves_the_first', async () => {
  const { scene, alice, bob, carol } = await office.scene({ alice: {}, bob: {}, carol: { title: 'Carol' } });
  await scene.step('alice dials', dials(alice, bob), called(alice, bob), ringing(alice, bob));
  await scene.step('bob answers', () => bob.phone.answer(), up(alice, bob));
  await scene.step('carol dials too', dials(carol, bob), called(carol, bob), { [bob.name]: [`rings: ${carol.number} "Carol" calls ${bob.number}`] },
    state(bob, 'busy_ringing', `in:${alice.number}+`, `in:${carol.number}`));
  await scene.step('carol gives up', () => carol.phone.hangUp(), sum(
    { [carol.name]: [`${carol.exten} hangs up on ${bob.number}: normal_clearing`], [bob.name]: [`${bob.exten} hangs up on ${carol.number}: normal_clearing`] },
    state(carol, 'online'), { all: [`${carol.name} is online`] }, state(bob, 'busy', `in:${alice.number}+`)));
  await scene.step('alice hangs up', () => alice.phone.hangUp(), ended(alice, bob));
  await scene.end();
});

test('a_call_that_is_answered_at_once_is_told_whole', async () => {
  const { scene, alice, bob } = await office.scene({ alice: { title: 'Alice' }, bob: {} });
  const ring = { [bob.name]: [`rings: ${alice.number} "Alice" calls ${bob.number}`] };
  await scene.step('dialled and answered in one breath', async () => {
    await dials(alice, bob)();
    await bob.phone.answer();
  }, ring, passing(alice, 'busy', `out:${bob.number}`), passing(bob, 'ringing', `in:${alice.number}`), passingPresence(bob, 'ringing'), up(alice, bob), { all: [`${alice.name} is busy`] });
  await scene.step('alice hangs up', () => alice.phone.hangUp(), ended(alice, bob));
  await scene.end();
});
