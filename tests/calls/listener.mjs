/*
 * What one client hears of calls: the events of its socket as lines that a person can read, and what must hold of
 * any sequence of them, whatever happened (sip-integration 3.3).
 *
 *   bob.bb ringing in:alice.a          extenUpdate: the state, then each conversation: direction:counterpart, and
 *                                      "+" when it is connected, "*" when it is held
 *   bob.bb rings: alice.a "Alice" calls bob.bb
 *   bob.bb connected                   extenConnected
 *   bob.bb talks in:alice.a            extenConvConnected
 *   bob.bb hangs up on alice.a: normal_clearing
 *   bob.bb is busy                     userMainPresenceUpdate
 *   mailbox bob.bb: 2 new              newVoiceMessageCounter
 *   mailbox bob.bb: 2 in, 5 old        updateNewVoiceMessages
 */
import assert from 'node:assert/strict';

import { Live } from '../lib/live.mjs';

const conversations = ({ conversations: all }) => Object.values(all);
const ofCall = (c) => `${c.direction}:${c.counterpartNum}${c.connected ? '+' : ''}`;

/* Of each kind of event its line; of the arguments. */
const LINES = {
  extenUpdate: (x) => [x.exten, x.status, ...conversations(x).map(ofCall)].join(' '),
  extenRinging: (r) => `rings: ${r.callerNum} "${r.callerName}" calls ${r.numCalled}`,
  extenConnected: (c) => `${c.extenConnected} connected`,
  extenConvConnected: (c) => `${c.num1} talks ${c.direction}:${c.num2}`,
  extenHangup: (h) => `${h.callerNum} hangs up on ${h.calledNum}: ${h.cause}`,
  userMainPresenceUpdate: ({ mainPresence: p }) => `${p.username} is ${p.status}${p.to ? ` to ${p.to}` : ''}`,
  newVoiceMessageCounter: (v) => `mailbox ${v.voicemail}: ${v.counter} new`,
  updateNewVoiceMessages: (v) => Object.entries(v).map(([box, n]) => `mailbox ${box}: ${n.inbox} in, ${n.old} old`).join(', '),
};

/* What counts for the presence of a user, strongest first (cti-api 2.9). */
const STRENGTH = ['busy', 'busy_ringing', 'ringing', 'onhold', 'online', 'offline'];
const PRESENCE = { busy: 'busy', busy_ringing: 'busy', onhold: 'busy', ringing: 'ringing', online: 'online', offline: 'offline' };

/* What never changes in a conversation while it lasts, whatever happens on the other side. */
const identity = ({ id, owner, linkedId, startTime, direction }) => ({ id, owner, linkedId, startTime, direction });

/* Tests of one instance hear of each other's people. */
const isAbout = (first, names) => [first.exten, first.mainPresence?.username].every((name) => name === undefined || names.has(name));

export class Listener {
  /* own: the devices of the user; about: the names and extensions that count, a Set which may grow. */
  static async of(dialtone, user, own, about) {
    const listener = new Listener();
    Object.assign(listener, { user, own, about });
    listener.live = await new Live(dialtone).login(user.username, user.token);
    listener.taken = 0;
    listener.live.socket.on('connect', () => listener.live.emit('login', { accessKeyId: user.username, token: user.token })); // as pages do
    return listener;
  }

  get events() {
    return this.live.events.filter(([name, first]) => LINES[name] && isAbout(first, this.about));
  }

  /* All lines; a state that was told again is told once. */
  lines() {
    const last = new Map();
    return this.events.map(([name, ...args]) => [name, args[0]?.exten, LINES[name](...args)])
      .filter(([name, exten, line]) => name !== 'extenUpdate' || (last.get(exten) !== line && last.set(exten, line)))
      .map(([, , line]) => line);
  }

  /* Those since the last take(). */
  fresh() {
    return this.lines().slice(this.taken);
  }

  take() {
    this.taken = this.lines().length;
  }

  /* The newest state of each extension: what the snapshot has to show. */
  states() {
    return Object.fromEntries(this.events.filter(([name]) => name === 'extenUpdate').map(([, x]) => [x.exten, x]));
  }

  /* The line of the newest state of an extension. */
  lineOf(exten) {
    const x = this.states()[exten];
    return x && LINES.extenUpdate(x);
  }

  /* Fails where the order of the events is not what clients rely on. */
  checkOrder() {
    const seen = { states: new Map(), presences: new Map(), calls: new Map(), shown: new Set(), own: this.own };
    for (const [name, first] of this.events) ORDER[name]?.({ ...seen, event: first, said: `${this.user.username}: ${JSON.stringify([name, first])}` });
    for (const [username, status] of seen.presences) this.#checkPresence(username, status, [...seen.states.values()]);
  }

  /* In the end it is that of the strongest of the user's extensions. */
  #checkPresence(username, status, states) {
    const strongest = STRENGTH.find((name) => states.some((x) => x.username === username && x.status === name));
    if (strongest && Object.values(PRESENCE).includes(status)) assert.equal(status, PRESENCE[strongest], `the presence of ${username}, as ${this.user.username} is told`);
  }

  close() {
    this.live.close();
  }
}

function isNewer({ event: x, states, shown, calls, said }) {
  const before = states.get(x.exten);
  assert.ok(!before || x.seq >= before.seq, `seq never goes back: ${said}`);
  for (const [key, c] of Object.entries(x.conversations)) {
    assert.equal(key, c.id, said);
    const known = calls.get(`${x.exten} ${key}`);
    if (known) assert.deepEqual(identity(c), known, `a conversation keeps its id, its start and its call: ${said}`);
    calls.set(`${x.exten} ${key}`, identity(c));
    shown.add(`${x.exten} ${c.counterpartNum}`);
  }
  const connected = conversations(x).map((c) => c.connected);
  assert.deepEqual(connected, [...connected].sort((a, b) => b - a), `connected conversations come first: ${said}`);
  states.set(x.exten, x);
}

/* The client looks the call up in the state that it still has; of a call of a moment it may have heard nothing. */
function hasTheCall({ event: h, states, shown, own, said }) {
  assert.ok(own.includes(h.callerNum), `the receiver's own device: ${said}`);
  assert.equal(h.callerNum, h.channelExten, said);
  const others = conversations(states.get(h.callerNum) ?? { conversations: {} }).map((c) => c.counterpartNum);
  const call = `${h.callerNum} ${h.calledNum}`;
  assert.ok(others.includes(h.calledNum) || !shown.has(call), `extenHangup comes before the state without the call (${others}): ${said}`);
  shown.delete(call);
}

function isNotYetBusy({ event: { extenConnected: exten }, states, own, said }) {
  assert.ok(own.includes(exten), said);
  const state = states.get(exten);
  /* Of a call that is answered as it begins to ring there may be none yet. */
  const known = state ? conversations(state) : [];
  assert.ok(known.length === 0 || known.some((c) => !c.connected), `extenConnected comes before the state with the connected call: ${said}`);
}

/* That one which is told again after a gap is the same is left to the steps to see. */
function isNow({ event: { mainPresence: p }, presences }) {
  presences.set(p.username, p.status);
}

const ORDER = { extenUpdate: isNewer, extenHangup: hasTheCall, extenConnected: isNotYetBusy, userMainPresenceUpdate: isNow };
