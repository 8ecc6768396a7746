/* The official Socket.IO client, and what a test wants to know of a connection. */
import { io } from 'socket.io-client';

import { eventContract } from './event_contract.mjs';
import { until } from './until.mjs';

/* Library 2.x has no onAny(). */
function onEveryEvent(socket, fn) {
  if (socket.onAny) {
    socket.onAny((...event) => fn(event));
    return;
  }
  const { onevent } = socket;
  socket.onevent = (packet) => {
    fn(packet.data);
    onevent.call(socket, packet);
  };
}

/*
 * A socket to /api/ws/ over WebSocket, not logged in yet; transports: 'default' leaves the choice to
 * the library, of which library names another version's io(). It keeps what happens to it:
 *   live.events       [[name, ...arguments], ...] as they came
 *   live.disconnects  the reasons, as socket.io-client calls them
 * An event that is not as /api/asyncapi.json describes it fails the test.
 */
export class Live {
  constructor(dialtone, { path = '/api/ws/', transports = ['websocket'], library = io, options = {} } = {}) {
    this.events = [];
    this.disconnects = [];
    this.socket = library(dialtone.env.DIALTONE_URL, {
      path, ca: dialtone.ca, forceNew: true, reconnectionDelay: 100, reconnectionDelayMax: 200,
      ...(transports !== 'default' && { transports }), ...options,
    });
    onEveryEvent(this.socket, (event) => {
      this.events.push(event);
      /* Beside a relay alone the test says what users are told. */
      eventContract().check(event, typeof dialtone.api === 'function' ? ['session', 'server'] : ['session']);
    });
    this.socket.on('disconnect', (reason) => this.disconnects.push(reason));
  }

  async connected() {
    await until(() => this.socket.connected, { what: 'the socket to connect' });
    return this;
  }

  emit(...event) {
    this.socket.emit(...event);
  }

  named(name) {
    return this.events.filter(([n]) => n === name);
  }

  /* The first event of that name that came or comes; with `of`, the first that speaks of this user:
   * who logs in also hears what was said a moment before. */
  async event(name, { of, ...options } = {}) {
    const speaks = (event) => !of || JSON.stringify(event).includes(`"username":"${of}"`);
    return until(() => this.named(name).find(speaks), { what: `the event ${name}`, ...options });
  }

  async login(username, token, more = {}) {
    await this.connected();
    this.emit('login', { accessKeyId: username, token, ...more });
    await this.event('authe_ok');
    return this;
  }

  close() {
    this.socket.disconnect();
  }
}
