/* The official Socket.IO client, and what a test wants to know of a connection. */
import { io } from 'socket.io-client';

import { until } from './until.mjs';

/*
 * A socket to /api/ws/ over WebSocket, not logged in yet. It keeps what happens to it:
 *   live.events       [[name, ...arguments], ...] as they came
 *   live.disconnects  the reasons, as socket.io-client calls them
 */
export class Live {
  constructor(dialtone, { path = '/api/ws/', options = {} } = {}) {
    this.events = [];
    this.disconnects = [];
    this.socket = io(dialtone.env.DIALTONE_URL, {
      path, ca: dialtone.ca, transports: ['websocket'], forceNew: true, reconnectionDelay: 100,
      reconnectionDelayMax: 200, ...options,
    });
    this.socket.onAny((...event) => this.events.push(event));
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

  /* The first event of that name that came or comes. */
  async event(name, options) {
    return until(() => this.named(name)[0], { what: `the event ${name}`, ...options });
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
