/* A call outlives every server between the phones and the screens, and nothing of it is left when it is over. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from '../lib/until.mjs';
import { called, ringing, up } from './mapping.mjs';
import { Office } from './office.mjs';

const office = await Office.open({ pbx: { sync_interval_s: 2 } });
const { dialtone, kamailio } = office;

const again = (...servers) => async () => {
  await dialtone.kill(...servers);
  await dialtone.start(...servers);
};

async function restartProxy() {
  await kamailio.stop();
  await kamailio.start();
}

async function duringACall(restart) {
  const { scene, alice, bob } = await office.scene({ alice: { title: 'Alice' }, bob: {} });
  await scene.step('alice dials', async () => {
    await alice.phone.dial(bob.address);
    await bob.phone.rings();
  }, called(alice, bob), ringing(alice, bob));
  await scene.step('bob answers', async () => {
    await bob.phone.answer();
    await bob.phone.talks();
  }, up(alice, bob));
  await restart();
  return { scene, alice, bob };
}

/* A page that comes now: what REST says of both. */
async function shows(who, exten) {
  const { json } = await dialtone.api('GET', '/api/astproxy/extensions', { token: who.token });
  return `${json[exten].status} ${Object.values(json[exten].conversations).map((c) => `${c.direction}:${c.counterpartNum}${c.connected ? '+' : ''}`)}`.trim();
}

async function nothingIsLeft({ scene, alice, bob }) {
  for (const who of [alice, bob]) {
    await until(async () => (await shows(who, who.exten)) === 'online', { what: `${who.name} to be free` });
    await until(() => who.hears.states()[who.exten]?.status === 'online', { what: `${who.name} to hear of it` });
  }
  const state = await dialtone.redis('HKEYS', `cti1:{${dialtone.env.DIALTONE_DOMAIN}}:st`);
  assert.deepEqual(state.split('\n').filter((field) => field.startsWith('call:')), []);
  await scene.end();
}

const SERVERS = {
  relays: again('relay-aa', 'relay-ab'),
  redis: again('redis'),
  connector: again('pbx'),
  api: again('api'),
  everything_but_the_proxy: again('redis', 'relay-aa', 'relay-ab', 'pbx', 'api', 'jobs'),
};

for (const [name, restart] of Object.entries(SERVERS)) {
  test(`a_call_goes_on_through_a_restart_of: ${name}`, async () => {
    const { scene, alice, bob } = await duringACall(restart);
    for (const [who, other, direction] of [[alice, bob, 'out'], [bob, alice, 'in']]) {
      await until(async () => (await shows(who, who.exten)) === `busy ${direction}:${other.number}+`, { what: `${who.name}'s call to be shown` });
    }
    await alice.phone.hangUp();
    await bob.phone.over();
    await nothingIsLeft({ scene, alice, bob });
  });

  test(`a_call_that_ends_during_a_restart_leaves_nothing: ${name}`, async () => {
    const { scene, alice, bob } = await duringACall(async () => {});
    const restarted = restart();
    await bob.phone.hangUp();
    await alice.phone.over();
    await restarted;
    await nothingIsLeft({ scene, alice, bob });
  });
}

test('after_a_restart_of_the_proxy_phones_and_screens_come_to_the_same', async () => {
  const { scene, alice, bob } = await duringACall(restartProxy);
  await alice.phone.hangUp();
  await nothingIsLeft({ scene, alice, bob });
  const next = await office.scene({ carol: { title: 'Carol' } });
  const { carol } = next;
  await carol.phone.dial(alice.address);
  await alice.phone.rings();
  await carol.phone.hangUp();
  await next.scene.quiet(carol);
  await next.scene.end();
});
