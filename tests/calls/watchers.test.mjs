/* Who hears of a call between two others: their numbers in clear, masked, or not at all; and never in another domain. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { everything } from '../lib/cti.mjs';
import { called, ended, ringing, up } from './mapping.mjs';
import { Office } from './office.mjs';

const office = await Office.open();
const masked = (number) => `${number.slice(0, -3)}xxx`;

test('colleagues_see_a_call_by_their_rights_and_both_users_see_it_clear', async () => {
  const { scene, alice, bob } = await office.scene({
    alice: { title: 'Alice' }, bob: { title: 'Bob' },
    carol: { phone: null }, // with the panel
    david: { phone: null, macros: { ...everything, nethvoice_cti: ['privacy'] }, apart: true },
    erica: { phone: null, macros: { settings: [] }, apart: true }, // without the panel
  });
  const { david, erica } = scene.people;
  await scene.step('alice dials', async () => {
    await alice.phone.dial(bob.address);
    await bob.phone.rings();
  }, called(alice, bob), ringing(alice, bob));
  await scene.step('bob answers', () => bob.phone.answer(), up(alice, bob));
  await scene.step('alice hangs up', () => alice.phone.hangUp(), ended(alice, bob));
  await scene.quiet(alice, bob);

  const states = david.hears.lines().filter((line) => line.startsWith(`${alice.exten} `));
  assert.ok(states.includes(`${alice.exten} busy out:${masked(bob.number)}+`), states.join('\n'));
  const text = JSON.stringify(david.hears.events.filter(([name, x]) => name === 'extenUpdate' && x.exten === alice.exten).map(([, x]) => x.conversations));
  assert.ok(!text.includes('"Bob"') && !text.includes(`"${bob.number}"`), text);
  assert.deepEqual(david.hears.lines().filter((line) => /hangs up|connected|rings|talks/.test(line)), [], 'what is for the user alone');
  assert.deepEqual(erica.hears.lines(), []);
  const shown = await office.dialtone.api('GET', '/api/astproxy/extensions', { token: david.token });
  assert.equal(shown.json[alice.exten].status, 'online');
  await scene.end();
});
