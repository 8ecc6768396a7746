/*
 * Calls as a SIP proxy tells dialtone-pbx of them, without a proxy: each in its own moment, and none that the test
 * does not want.
 *
 *   const call = await phones.call(bob.desk, alice.number);   // bob dials
 *   await call.rings(alice.desk);
 *   await call.isAnswered(alice.desk);
 *   await call.isHungUp(bob.desk);
 */
import path from 'node:path';

import { Call, FakeProxy, untilFigures } from '../lib/pbx.mjs';

export class Phones {
  /* start: makes the instance, with these options. */
  static async start(start) {
    const phones = new Phones();
    phones.proxy = await FakeProxy.start();
    phones.dialtone = await start(['--pbx', '--set-pbx', `kamailio_rpc=${phones.proxy.url}`]);
    phones.domain = phones.dialtone.env.DIALTONE_DOMAIN;
    await phones.proxy.beside(phones.dialtone);
    await untilFigures(path.join(phones.dialtone.dir, 'run/pbx.ctl'), (f) => f.at_work === 1, 'a connector at work');
    return phones;
  }

  address(user) {
    return `${user}@${this.domain}`;
  }

  register(device) {
    return this.proxy.register(device, this.domain);
  }

  /* A device calls what was dialled; from elsewhere it is a whole address, and has a name. linked: that of the call it is a part of. */
  async call(from, to, { name, linked } = {}) {
    const call = new PhoneCall(this, from.includes('@') ? from : this.address(from), this.address(to));
    call.name = name;
    call.linked = linked ?? call.linked;
    await call.begin();
    return call;
  }
}

class PhoneCall extends Call {
  constructor(phones, from, to) {
    super(phones.proxy, from, to);
    this.phones = phones;
  }

  tell(ev, more = {}) {
    return super.tell(ev, { ...(this.name && { from_name: this.name }), ...more });
  }

  #about(ev, member, device, more) {
    return this.tell(ev, { [member]: this.phones.address(device), ...more });
  }

  rings(device) {
    this.state = 2;
    return this.#about('call.ringing', 'device', device, { code: 180 });
  }

  isAnswered(device) {
    this.state = 4;
    return this.#about('call.up', 'device', device);
  }

  isHeld(by) {
    return this.#about('call.media', 'by', by, { hold: 1 });
  }

  goesOn(by) {
    return this.#about('call.media', 'by', by, { hold: 0 });
  }

  /* by asks the other side to call someone else. */
  isTransferred(by, to) {
    return this.#about('call.refer', 'by', by, { refer_to: `<sip:${this.phones.address(to)}>` });
  }

  isHungUp(by) {
    this.vanish();
    return this.#about('call.end', 'by', by, { duration: 1 });
  }

  /* 486: busy; 487: the caller gave up. */
  fails(code) {
    this.vanish();
    return this.tell('call.failed', { code });
  }
}
