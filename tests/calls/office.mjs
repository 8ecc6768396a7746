/*
 * An office with phones: an instance, a real Kamailio, dialtone-pbx, people with devices, and what their clients hear.
 *
 *   const office = await Office.open();
 *   const { scene, alice, bob } = await office.scene({ alice: {}, bob: {} });   // people of this scene alone
 *   await scene.step('alice dials', () => alice.phone.dial(bob.address), called(alice, bob), ringing(alice, bob));
 *   await scene.end();
 *
 * A step is over when all have heard what the rows of the mapping (mapping.mjs) say; another line, or a missing
 * one, fails it. After each step the snapshots of REST are what was told last.
 */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { after } from 'node:test';

import { createUser, login } from '../lib/accounts.mjs';
import { addExtension, createProfile, everything, putCti } from '../lib/cti.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { Kamailio } from '../lib/kamailio.mjs';
import { until } from '../lib/until.mjs';
import { Baresip } from './baresip.mjs';
import { Linphone } from './linphone.mjs';
import { Listener } from './listener.mjs';
import { heardBy, registered, sum } from './mapping.mjs';

const SETTINGS = { registrar: 'kamailio', call_backend: 'kamailio', sip_message_backend: 'kamailio', password_store_both: 'true' };

export class Office {
  /* settings: of the API; pbx: of the connector; proxy: of the proxy's configuration, numbers; sharedMib: its memory. */
  static async open({ settings = {}, pbx = {}, proxy = {}, sharedMib, options = [] } = {}) {
    const office = new Office();
    const rates = { REQUESTS_PER_ADDRESS: 1000000, ...proxy };
    office.dialtone = await ownInstance({ options: ['--pbx', ...options] });
    office.kamailio = await Kamailio.beside(office.dialtone, rates, { sharedMib });
    await office.dialtone.configureApi({ ...SETTINGS, kamailio_rpc: office.kamailio.url, kamailio_sip: `127.0.0.1:${office.kamailio.sipPort}`, ...settings });
    await office.#configureConnector({ kamailio_rpc: office.kamailio.url, ...pbx });
    await until(async () => (await office.figures()).at_work === 1, { what: 'the connector to be at work' });
    return office;
  }

  /* Beside settings of the API that have the same names. */
  async #configureConnector(settings) {
    const file = this.dialtone.env.DIALTONE_CONFIG;
    const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`).join('');
    await fs.writeFile(file, (await fs.readFile(file, 'utf8')).replace(/^\s*\[pbx\]\n/m, `$&${lines}`));
    await this.dialtone.stop('pbx');
    await this.dialtone.start('pbx');
  }

  /* Of the connector: { calls: 0, malformed: 0, ... }; those of one kind as 'events kind="call.new"'. */
  async figures(socket = path.join(this.dialtone.dir, 'run/pbx.ctl')) {
    const text = await new Promise((resolve, reject) => {
      let said = '';
      net.connect(socket).setEncoding('utf8').on('data', (part) => { said += part; }).on('end', () => resolve(said)).on('error', reject).write('status\n');
    });
    const lines = text.trim().split('\n').map((line) => line.split('\t'));
    return Object.fromEntries(lines.map(([name, labels, value]) => [labels ? `${name} ${labels}` : name, Number(value)]));
  }

  /* Resident memory of the connector, bytes. */
  async memory() {
    return Number(/^VmRSS:\s+(\d+)/m.exec(await fs.readFile(`/proc/${await this.dialtone.pid('pbx')}/status`, 'utf8'))[1]) * 1024;
  }

  /*
   * people: { alice: { devices: [{ type }], macros, phone: Linphone | null, title, number, apart } }.  Without devices
   * the account itself is the device; phone null: there is none yet; otherwise it is registered.  What one who is apart
   * hears is looked at by the test alone.
   */
  async scene(people) {
    const scene = new Scene(this);
    for (const [name, wish] of Object.entries(people)) scene[name] = await scene.join(name, wish);
    await scene.registerAll(people);
    return { scene, ...scene.people };
  }
  /* Ends the registrations of a phone that is gone, as time would: the proxy notices within seconds. */
  async expire({ sip }) {
    const aor = `${sip.username}@${sip.domain}`;
    const { result } = await this.kamailio.rpc('ul.lookup', ['location', aor]);
    for (const { Contact } of result.Contacts) await this.kamailio.rpc('ul.add', ['location', aor, Contact.Address, 1, 1.0, '', 0, 0, 0]);
  }
}

async function person(dialtone, { title = 'Someone', devices = [], macros = everything, number }, name) {
  const username = `${name}.${crypto.randomBytes(3).toString('hex')}`;
  const user = await createUser(dialtone, { username, display_name: title, algorithm: 'MD5' });
  const profile = macros && await createProfile(dialtone, macros);
  await putCti(dialtone, user, { ...(profile && { profile_id: profile.id }), ...(number && { main_extension: number }) });
  for (const device of devices) await addExtension(dialtone, user, device);
  return { ...user, token: await login(dialtone, user), name: username, title, number: number ?? username, address: `sip:${number ?? username}@${user.domain}`,
    seesOthers: macros !== null && 'presence_panel' in macros };
}

class Scene {
  constructor(office) {
    this.office = office;
    this.people = {};
    this.about = new Set();
  }

  async join(name, wish) {
    const { dialtone } = this.office;
    const who = await person(dialtone, wish, name);
    who.devices = (wish.devices?.length ? wish.devices : [{ exten: who.name, username: who.name, secret: who.password }])
      .map(({ exten, username = exten, secret }) => ({ name: who.name, title: who.title, number: who.number, exten, sip: { username, domain: who.domain, password: secret } }));
    Object.assign(who, { exten: who.devices[0].exten, apart: wish.apart });
    for (const known of [who.name, ...who.devices.map(({ exten }) => exten)]) this.about.add(known);
    this.people[name] = who;
    after(() => who.hears?.close());
    who.hears = await Listener.of(dialtone, who, who.devices.map(({ exten }) => exten), this.about);
    return who;
  }

  async registerAll(wishes) {
    for (const [name, { phone = Baresip, calls }] of Object.entries(wishes)) {
      const who = this.people[name];
      for (const device of phone ? who.devices : []) {
        const first = device === who.devices[0];
        await this.step(`${device.exten} registers`, async () => { device.phone = await phone.of(this.office.kamailio, device.sip, { calls }); },
          first ? registered(device) : { all: [`${device.exten} online`] });
      }
      who.phone = who.devices[0].phone;
    }
  }

  listeners() {
    return Object.values(this.people).filter(({ hears, apart }) => hears && !apart);
  }

  async step(what, act, ...rows) {
    const row = sum(...rows);
    for (const { hears } of this.listeners()) hears.take();
    await act();
    for (const who of this.listeners()) await this.#heard(what, who, row);
    await this.checkSnapshots(what);
  }

  async #heard(what, who, row) {
    const expected = heardBy(row, who.name, who.seesOthers, [who.name, ...who.devices.map(({ exten }) => exten)]);
    const required = expected.filter((line) => !line.startsWith('?')).sort();
    const optional = expected.filter((line) => line.startsWith('?')).map((line) => line.slice(1));
    const heard = () => who.hears.fresh().filter((line) => !optional.includes(line)).sort();
    await until(() => JSON.stringify(heard()) === JSON.stringify(required), { what, seconds: 10 })
      .catch(() => assert.deepEqual(heard(), required, `${what}: what ${who.name} heard, in order:\n  ${who.hears.fresh().join('\n  ')}\n`));
    for (const line of who.seesOthers ? row.now ?? [] : []) {
      await until(() => who.hears.lineOf(line.split(' ')[0]) === line, { what: `${what}: ${who.name} to hear last: ${line}`, seconds: 10 });
    }
    who.hears.checkOrder();
  }

  /* What a client that comes now is shown, is what the others were told last. */
  async checkSnapshots(what) {
    for (const who of this.listeners().filter(({ seesOthers }) => seesOthers)) {
      const told = () => Object.fromEntries(Object.entries(who.hears.states()).map(([exten, x]) => [exten, withoutDurations(x)]));
      const shown = async () => {
        const { json } = await this.office.dialtone.api('GET', '/api/astproxy/extensions', { token: who.token });
        return Object.fromEntries(Object.keys(who.hears.states()).map((exten) => [exten, withoutDurations(json[exten])]));
      };
      await until(async () => JSON.stringify(await shown()) === JSON.stringify(told()), { what, seconds: 5 })
        .catch(async () => assert.deepEqual(await shown(), told(), `${what}: the snapshot of ${who.name}`));
    }
  }

  /* The phones are left on. */
  async end() {
    for (const { hears } of Object.values(this.people)) hears.close();
  }

  /* The calls in a person's own history, newest first: "out bob ANSWERED". */
  async historyOf(who) {
    const [from, to] = [-864e5, 864e5].map((ms) => new Date(Date.now() + ms).toISOString().slice(0, 10).replaceAll('-', ''));
    let rows;
    await until(async () => {
      const answer = await this.office.dialtone.api('GET', `/api/historycall/interval/user/${who.name}/${from}/${to}`, { token: who.token });
      assert.equal(answer.status, 200, answer.text);
      return (rows = answer.json.rows).length > 0;
    }, { what: `a call in the history of ${who.name}`, seconds: 5 });
    return rows.map((row) => `${row.direction} ${row.direction === 'out' ? row.dst : row.src} ${row.disposition}`);
  }

  async presenceOf(who, status) {
    await this.step(`${who.name} is ${status}`, async () => {
      const answer = await this.office.dialtone.api('POST', '/api/user/presence', { token: who.token, body: { status } });
      assert.equal(answer.status, 200, answer.text);
    }, { all: [`${who.name} is ${status}`] });
  }

  /* Waits until none of them has a call, as all were told last. */
  async quiet(...people) {
    for (const who of this.listeners()) {
      await until(() => people.every(({ devices }) => devices.every(({ exten }) => ['online', 'offline', undefined].includes(who.hears.states()[exten]?.status))),
        { what: `${who.name} to hear that all is quiet` });
      who.hears.checkOrder();
    }
    await this.checkSnapshots('when all is quiet');
  }
}

function withoutDurations(x) {
  if (!x) return x;
  const conversations = Object.fromEntries(Object.entries(x.conversations).map(([id, { duration, ...c }]) => [id, c]));
  return { ...x, conversations };
}
