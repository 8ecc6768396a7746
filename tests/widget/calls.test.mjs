/* What the widget shows of calls, told as the SIP proxy tells of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { addExtension, createOperator, everything, putCti } from '../lib/cti.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { until } from '../lib/until.mjs';
import { Site } from './browser.mjs';
import { Phones } from './phones.mjs';

const AGAIN_SECONDS = 3; /* from the moment a client is back until it knows what is going on */
const CUSTOMER = '0721000000@example.org';
const NAME = 'Zoë Ångström';
const CALLING = `${NAME} 0721000000`;
const TALKING = `${NAME} Desk phone`;

let phones;
const site = await Site.start(async (page) => {
  phones = await Phones.start((options) => ownInstance({ options: [...options, ...page] }));
  return phones.dialtone;
});
const { dialtone } = site;
let people = 0;

const isOnline = async (exten) => JSON.parse(await dialtone.redis('hget', `cti1:{${phones.domain}}:st`, `exten:${exten}`)).status === 'online';

/* Someone with a telephone on the desk, and one in the pocket. */
async function person(name) {
  const n = String(201 + people++);
  const user = await createOperator(dialtone, everything, { display_name: name });
  await putCti(dialtone, user, { profile_id: user.profile.id, main_extension: n });
  const [desk, mobile] = [`93${n}`, `92${n}`];
  await addExtension(dialtone, user, { exten: desk, type: 'physical', description: 'Desk phone' });
  await addExtension(dialtone, user, { exten: mobile, type: 'mobile' });
  assert.equal((await dialtone.api('POST', '/api/user/default_device', { token: user.token, body: { id: desk } })).status, 200);
  for (const device of [desk, mobile]) {
    await phones.register(device);
    await until(() => isOnline(device), { what: `${device} to be online` });
  }
  return { ...user, number: n, desk, mobile };
}

/* Alice, what she sees, and a customer who calls her. */
async function ringingScreen() {
  const alice = await person('Alice');
  const screen = await site.open(alice);
  const call = await phones.call(CUSTOMER, alice.number, { name: NAME });
  await call.rings(alice.desk);
  await screen.shows(CALLING, { ringing: true });
  return { alice, screen, call };
}

const aliceAndBob = async () => ({ alice: await person('Alice'), bob: await person('Bob Example') });

test('call_shows_who_calls_is_answered_held_and_hung_up', async () => {
  const { alice, screen, call } = await ringingScreen();
  await screen.screenshot('ringing');
  await call.isAnswered(alice.desk);
  await screen.shows(TALKING);
  await screen.screenshot('talking');
  await call.isHeld(alice.desk);
  await screen.untilTold('"onhold"');
  await screen.shows(TALKING);
  await call.goesOn(alice.desk);
  await screen.untilTold('"busy"');
  await screen.shows(TALKING);
  await call.isHungUp(alice.desk);
  await screen.shows('');
  await screen.untilAnswered('/api/summary/');
  screen.assertContent();
  await screen.close();
});

test('colleague_who_calls_is_shown_with_name_and_main_number', async () => {
  const { alice, bob } = await aliceAndBob();
  const screen = await site.open(alice);
  const call = await phones.call(bob.desk, alice.number);
  await call.rings(alice.desk);
  await screen.shows(`Bob Example ${bob.number}`, { ringing: true });
  await call.fails(487);
  await screen.shows('');
  await screen.close();
});

test('busy_number_is_said_to_be_busy', async () => {
  const { alice, bob } = await aliceAndBob();
  const screen = await site.open(alice);
  const call = await phones.call(alice.desk, bob.number);
  await screen.shows(`Bob Example ${bob.number}`);
  await screen.screenshot('calling');
  await call.fails(486);
  await screen.shows('- Number busy...', { ringing: true });
  await screen.screenshot('busy');
  await screen.shows('');
  screen.assertContent();
  await screen.close();
});

test('ringing_ends_when_another_device_answers', async () => {
  const alice = await person('Alice');
  const screen = await site.open(alice);
  const call = await phones.call(CUSTOMER, alice.number, { name: NAME });
  await call.rings(alice.mobile);
  await call.rings(alice.desk);
  await screen.shows(CALLING, { ringing: true });
  await call.isAnswered(alice.mobile);
  await screen.shows('');
  await call.isHungUp(alice.desk);
  const next = await phones.call(CUSTOMER, alice.number, { name: NAME });
  await next.rings(alice.desk);
  await screen.shows(CALLING, { ringing: true });
  await next.fails(487);
  await screen.shows('');
  screen.assertContent();
  await screen.close();
});

test('second_call_waits_behind_the_first', async () => {
  const bob = await person('Bob Example');
  const { alice, screen, call } = await ringingScreen();
  await call.isAnswered(alice.desk);
  await screen.shows(TALKING);
  const second = await phones.call(bob.desk, alice.number);
  await second.rings(alice.desk);
  await screen.untilTold('"busy_ringing"');
  await screen.shows(TALKING);
  await call.isHungUp(alice.desk);
  /* It takes a call that begins before it was free for answered, and rings. */
  await screen.shows('Bob Example Desk phone', { ringing: true });
  await second.fails(487);
  await screen.shows('');
  await screen.close();
});

test('caller_who_is_transferred_sees_the_new_name_in_the_same_place', async () => {
  const { alice, bob } = await aliceAndBob();
  const carol = await person('Carol');
  const screen = await site.open(alice);
  const call = await phones.call(alice.desk, bob.number);
  await call.rings(bob.desk);
  await call.isAnswered(bob.desk);
  await screen.shows('Bob Example Desk phone');
  await call.isTransferred(bob.desk, carol.number);
  const next = await phones.call(alice.desk, carol.number, { linked: call.linked });
  await next.rings(carol.desk);
  await call.isHungUp(bob.desk);
  await next.isAnswered(carol.desk);
  await screen.shows('Carol Desk phone');
  await next.isHungUp(carol.desk);
  await screen.shows('');
  await screen.close();
});

/* The relays die, something happens, and the widget is back by itself. */
async function meanwhile(screen, happens) {
  const logins = screen.logins();
  await dialtone.kill('relay-aa', 'relay-ab');
  await happens();
  await dialtone.start('relay-aa', 'relay-ab');
  await screen.untilLoggedIn(logins + 1);
}

test('call_that_ended_while_the_relay_was_dead_is_over_when_the_widget_is_back', async (t) => {
  const { screen, call } = await ringingScreen();
  await meanwhile(screen, () => call.fails(487));
  const back = Date.now();
  await screen.shows('', { seconds: AGAIN_SECONDS });
  t.diagnostic(`right ${Date.now() - back} ms after the login`);
  await screen.close();
});

test('call_that_was_answered_while_the_relay_was_dead_is_shown_as_answered', async () => {
  const { alice, screen, call } = await ringingScreen();
  await meanwhile(screen, () => call.isAnswered(alice.desk));
  await screen.shows(TALKING, { seconds: AGAIN_SECONDS });
  await call.isHungUp(alice.desk);
  await screen.shows('');
  await screen.close();
});

test('call_that_goes_on_while_one_relay_dies_stays_on_the_screen', async (t) => {
  const { alice, screen, call } = await ringingScreen();
  await call.isAnswered(alice.desk);
  await screen.shows(TALKING);
  const relay = `relay-${screen.relay()}`;
  const killed = Date.now();
  await dialtone.kill(relay);
  await screen.untilLoggedIn(2);
  await screen.shows(TALKING, { seconds: AGAIN_SECONDS });
  t.diagnostic(`back on the other relay ${Date.now() - killed} ms after the end of its own`);
  await dialtone.start(relay);
  await call.isHungUp(alice.desk);
  await screen.shows('');
  await screen.close();
});

test('call_that_began_while_the_relay_was_dead_rings', async () => {
  const alice = await person('Alice');
  const screen = await site.open(alice);
  let call;
  await meanwhile(screen, async () => {
    call = await phones.call(CUSTOMER, alice.number, { name: NAME });
    await call.rings(alice.desk);
  });
  await screen.shows(CALLING, { ringing: true, seconds: AGAIN_SECONDS });
  await call.fails(487);
  await screen.shows('');
  await screen.close();
});

/* Asleep, a page hears nothing, and its browser gives up its connection when something comes for it. */
async function asleep(screen, happens) {
  const logins = screen.logins();
  await screen.freeze();
  await happens();
  await screen.shows(CALLING);
  await screen.wake();
  await screen.untilLoggedIn(logins + 1);
}

test('page_that_slept_through_the_end_of_a_call_is_quiet_when_it_wakes', async () => {
  const { screen, call } = await ringingScreen();
  await asleep(screen, () => call.fails(487));
  await screen.shows('', { seconds: AGAIN_SECONDS });
  await screen.close();
});

test('page_that_lost_its_relay_in_its_sleep_is_quiet_when_it_wakes', async () => {
  const { screen, call } = await ringingScreen();
  await asleep(screen, async () => {
    await dialtone.stop('relay-aa', 'relay-ab');
    await call.fails(487);
    await dialtone.start('relay-aa', 'relay-ab');
  });
  await screen.shows('', { seconds: AGAIN_SECONDS });
  await screen.close();
});

test('page_that_slept_while_a_call_was_answered_shows_it_as_answered', async () => {
  const { alice, screen, call } = await ringingScreen();
  await asleep(screen, () => call.isAnswered(alice.desk));
  await screen.shows(TALKING, { seconds: AGAIN_SECONDS });
  await call.isHungUp(alice.desk);
  await screen.shows('');
  await screen.close();
});

test('second_browser_takes_over', async () => {
  const alice = await person('Alice');
  const first = await site.open(alice);
  const call = await phones.call(CUSTOMER, alice.number, { name: NAME });
  await call.rings(alice.desk);
  await first.shows(CALLING, { ringing: true });
  const second = await site.open(alice);
  await second.shows(CALLING, { ringing: null }); /* aloud only if it knows its own phones by then */
  await first.shows('Logged in elsewhere');
  await call.isAnswered(alice.desk);
  await second.shows(TALKING);
  await call.isHungUp(alice.desk);
  await second.shows('');
  await first.shows('Logged in elsewhere');
  await first.close();
  await second.close();
});
