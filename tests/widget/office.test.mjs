/* The widgets of two people who call each other with real phones, over the SIP proxy as it is shipped. */
import crypto from 'node:crypto';
import { test } from 'node:test';

import { Office } from '../calls/office.mjs';
import { Site } from './browser.mjs';

let office;
const site = await Site.start(async (options) => {
  office = await Office.open({ options });
  await office.dialtone.configureApi({ kamailio_sip: `127.0.0.1:${office.kamailio.sipPort}` });
  return office.dialtone;
});

/* Each has a phone on the desk, which is the account's own and bears its name. */
async function people() {
  const number = () => String(crypto.randomInt(1e5, 1e6)); /* the widget dials digits */
  const all = await office.scene({ alice: { title: 'Alice', number: number() }, bob: { title: 'Bob', number: number() } });
  for (const who of [all.alice, all.bob]) who.screen = await site.open(who);
  return all;
}

async function leave({ scene, alice, bob }) {
  for (const { screen } of [alice, bob]) {
    screen.assertContent();
    await screen.close();
  }
  await scene.end();
}

async function ring({ alice, bob }) {
  await bob.phone.dial(alice.address);
  await alice.phone.rings();
  await alice.screen.shows(`Bob ${bob.number}`, { ringing: true });
  await bob.screen.shows(`Alice ${alice.number}`);
}

async function talk(all) {
  await ring(all);
  await all.alice.phone.answer();
  await all.alice.screen.shows('Bob Alice');
  await all.bob.screen.shows('Alice Bob');
}

async function quiet({ alice, bob }) {
  await alice.screen.shows('');
  await bob.screen.shows('');
}

test('both_see_the_call_from_its_first_ring_to_its_end', async () => {
  const all = await people();
  await talk(all);
  await all.alice.phone.hold();
  await all.alice.screen.untilTold('"onhold"');
  await all.alice.screen.shows('Bob Alice');
  await all.alice.phone.resume();
  await all.bob.phone.hangUp();
  await quiet(all);
  await leave(all);
});

test('red_button_hangs_up', async () => {
  const all = await people();
  await talk(all);
  await all.alice.screen.click('Hangup');
  await all.bob.phone.over();
  await quiet(all);
  await leave(all);
});

test('call_that_the_page_asks_for_is_made_with_the_phone_on_the_desk', async () => {
  const all = await people();
  const { alice, bob } = all;
  await alice.screen.say('phone-island-call-start', { number: bob.number });
  await alice.phone.rings();
  await alice.phone.answer();
  await bob.phone.rings();
  await alice.screen.shows(`Bob ${bob.number}`);
  await bob.screen.shows(`Alice ${alice.number}`, { ringing: true });
  await bob.phone.answer();
  await bob.screen.shows('Alice Bob');
  await bob.phone.hangUp();
  await quiet(all);
  await leave(all);
});

test('colleague_who_rejects_the_call_is_said_to_be_busy_by_name', async () => {
  const all = await people();
  const { alice, bob } = all;
  await alice.screen.say('phone-island-call-start', { number: bob.number });
  await alice.phone.rings();
  await alice.phone.answer();
  await bob.phone.rings();
  await bob.phone.hangUp();
  await alice.screen.shows('Bob User busy...', { ringing: true });
  await bob.screen.shows('');
  await alice.screen.shows('');
  await leave(all);
});
