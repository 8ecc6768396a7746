/* What is changed in an account counts from the next REGISTER; a phone that was provisioned registers with what it was given. */
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';

import { createAccount } from '../lib/accounts.mjs';
import { temporaryDirectory } from '../lib/instance.mjs';
import { Baresip } from './baresip.mjs';
import { Linphone } from './linphone.mjs';
import { called, ended, registered, ringing, unregistered, up } from './mapping.mjs';
import { Office } from './office.mjs';

const dir = await temporaryDirectory('provisioning');
const office = await Office.open({ settings: { account_provisioning_rc_file: path.join(dir, '{domain}.rc') } });
const { dialtone, kamailio } = office;
/* A phone is provisioned with one key: that of the algorithm that the proxy checks, when that is the default. */
await dialtone.sql("UPDATE spaces SET default_password_algorithm = 'MD5'");
const asAdmin = (method, where, body) => dialtone.api(method, `/api/accounts/${where}`, { as: 'admin', body });
const tries = (sip) => Baresip.of(kamailio, sip, { register: 'tries' });

test('a_password_counts_from_the_next_registration', async () => {
  const { scene, alice } = await office.scene({ alice: {} });
  const [own] = alice.devices;
  const password = 'another one of Alice';
  const changed = await asAdmin('PUT', alice.id, { username: alice.username, password, algorithm: 'MD5', display_name: alice.title });
  assert.equal(changed.status, 200, changed.text);
  await (await tries(own.sip)).refused();
  const fresh = await tries({ ...own.sip, password });
  await fresh.registered();
  await fresh.switchOff();
  await scene.end();
});

test('a_blocked_account_registers_no_more_and_registers_again_when_it_is_not', async () => {
  const { scene, alice } = await office.scene({ alice: {} });
  const [own] = alice.devices;
  await asAdmin('POST', `${alice.id}/block`);
  await (await tries(own.sip)).refused();
  await asAdmin('POST', `${alice.id}/unblock`);
  await (await tries(own.sip)).registered();
  await scene.end();
});

/* The file of entries says where the proxy is, as an operator would write it. */
async function provisionedPhone({ id }, domain) {
  await fs.writeFile(path.join(dir, `${domain}.rc`), `[proxy_0]\nreg_proxy=<sip:127.0.0.1:${kamailio.sipPort};transport=tcp>\nreg_route=<sip:127.0.0.1:${kamailio.sipPort};transport=tcp;lr>\nreg_sendregister=1\n`);
  const { json } = await asAdmin('GET', `${id}/provision`);
  return Linphone.provisioned(`${dialtone.env.DIALTONE_URL}/provisioning/${json.provisioning_token}`, dialtone.env.DIALTONE_CACERT);
}

test('linphone_registers_with_what_it_was_provisioned_and_calls', async () => {
  const { scene, alice, bob } = await office.scene({ alice: { title: 'Alice', phone: null }, bob: {} });
  const [own] = alice.devices;
  await scene.step('alice scans the code', async () => { own.phone = await provisionedPhone(alice, alice.domain); }, registered(own));
  await scene.step('alice dials', async () => {
    await own.phone.dial(bob.address);
    await bob.phone.rings();
  }, called(alice, bob), ringing(alice, bob));
  await scene.step('bob answers', () => bob.phone.answer(), up(alice, bob));
  await scene.step('alice hangs up', () => own.phone.hangUp(), ended(alice, bob));
  await scene.step('alice switches it off', () => own.phone.switchOff(), unregistered(own));
  await scene.end();
});

test('nobody_registers_as_another', async () => {
  const { scene, alice } = await office.scene({ alice: { phone: null } });
  const mallory = await createAccount(dialtone, { algorithm: 'MD5' });
  await (await tries({ ...alice.devices[0].sip, login: mallory.username, password: mallory.password })).refused();
  await scene.step('nothing happened', () => {});
  await scene.end();
});
