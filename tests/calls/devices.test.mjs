/* A user with two phones, and phones that come and go. */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { test } from 'node:test';

import { Baresip } from './baresip.mjs';
import { called, ended, hangup, presence, registered, sum, state, unregistered } from './mapping.mjs';
import { Office } from './office.mjs';

const office = await Office.open();

const device = (type) => ({ exten: String(crypto.randomInt(1e8, 1e9)), type, secret: crypto.randomBytes(12).toString('hex') });
const twoDevices = () => ({ number: String(crypto.randomInt(1e5, 1e6)), title: 'Bob', devices: [device('mobile'), device('nethlink')] });

/* Both devices of bob, as the caller sees them, and each as bob does. */
async function bothRing({ scene, alice, bob }) {
  const rings = { [bob.name]: [1, 2].map(() => `rings: ${alice.number} "Alice" calls ${bob.number}`) };
  await scene.step('alice dials', async () => {
    await alice.phone.dial(bob.address);
    for (const { phone } of bob.devices) await phone.rings();
  }, called(alice, bob), rings, presence(bob, 'ringing'), ...bob.devices.map((d) => state(d, 'ringing', `in:${alice.number}`)));
}

const answeredBy = (alice, one, other) => sum(
  { [alice.name]: [`${alice.exten} connected`, `${alice.exten} talks out:${one.number}`], [one.name]: [`${one.exten} connected`, `${one.exten} talks in:${alice.number}`] },
  hangup(other, alice, 'answered_elsewhere'), state(other, 'online'),
  state(alice, 'busy', `out:${one.number}+`), state(one, 'busy', `in:${alice.number}+`), presence(one, 'busy'));

test('both_phones_ring_and_the_one_that_does_not_answer_is_told_that_another_did', async () => {
  const all = await office.scene({ alice: { title: 'Alice' }, bob: twoDevices() });
  const { scene, alice, bob } = all;
  await bothRing(all);
  const [one, other] = bob.devices;
  await scene.step('one answers', () => one.phone.answer(), answeredBy(alice, one, other));
  await scene.step('alice hangs up', () => alice.phone.hangUp(), ended(alice, one));
  assert.deepEqual(await scene.historyOf(bob), [`in ${alice.number} ANSWERED`]);
  await scene.end();
});

test('the_caller_gives_up_and_both_phones_are_told', async () => {
  const all = await office.scene({ alice: { title: 'Alice' }, bob: twoDevices() });
  const { scene, alice, bob } = all;
  await bothRing(all);
  await scene.step('alice gives up', () => alice.phone.hangUp(), hangup(alice, bob, 'normal_clearing'), state(alice, 'online'), presence(alice, 'online'),
    ...bob.devices.map((d) => sum(hangup(d, alice, 'normal_clearing'), state(d, 'online'))), presence(bob, 'online'));
  assert.deepEqual(await scene.historyOf(bob), [`in ${alice.number} NO ANSWER`]);
  await scene.end();
});

test('a_user_is_there_as_long_as_one_phone_is', async () => {
  const { scene, bob } = await office.scene({ bob: twoDevices() });
  const [one, other] = bob.devices;
  await scene.step('one goes', () => one.phone.switchOff(), state(one, 'offline'));
  await scene.step('the other goes', () => other.phone.switchOff(), unregistered(other));
  await scene.end();
});

test('a_phone_that_is_unplugged_is_gone_when_its_registration_ends_and_comes_back', async () => {
  const { scene, alice } = await office.scene({ alice: { phone: null } });
  const [own] = alice.devices;
  await scene.step('alice registers for a short time', async () => { own.phone = await Baresip.of(office.kamailio, own.sip, { expires: 60 }); }, registered(own));
  await own.phone.kill();
  await scene.step('it expires', () => office.expire(own), unregistered(own));
  await scene.step('it is there again', async () => { own.phone = await Baresip.of(office.kamailio, own.sip); }, registered(own));
  await scene.end();
});

test('two_phones_at_one_address_are_one_device', async () => {
  const { scene, alice } = await office.scene({ alice: {} });
  const second = await Baresip.of(office.kamailio, alice.devices[0].sip);
  await scene.step('one of them goes', () => second.switchOff());
  await scene.step('the last one goes', () => alice.phone.switchOff(), unregistered(alice));
  await scene.end();
});
