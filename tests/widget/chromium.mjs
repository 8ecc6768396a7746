/* A headless Chromium of its own with one page, told by the DevTools protocol over a pipe. Nothing comes between: a
 * page that a tool keeps in the foreground never sleeps. */
import { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import fs from 'node:fs/promises';
import { after } from 'node:test';

import { temporaryDirectory } from '../lib/instance.mjs';

const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--mute-audio', '--autoplay-policy=no-user-gesture-required', '--remote-debugging-pipe'];

/* Events are emitted under the names of the protocol. */
export class Chromium extends EventEmitter {
  static async start(flags, { width, height }) {
    const chromium = new Chromium();
    chromium.dir = await temporaryDirectory('chromium');
    chromium.process = spawn('/usr/bin/chromium', [...FLAGS, ...flags, `--window-size=${width},${height}`, `--user-data-dir=${chromium.dir}`, 'about:blank'],
      { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    chromium.ended = new Promise((resolve) => chromium.process.on('exit', resolve));
    after(() => chromium.close());
    await chromium.#attach();
    return chromium;
  }

  async #attach() {
    this.waiting = new Map();
    this.n = 0;
    let rest = '';
    this.process.stdio[4].setEncoding('utf8').on('data', (text) => {
      const parts = (rest + text).split('\0');
      rest = parts.pop();
      for (const part of parts) this.#take(JSON.parse(part));
    });
    const { targetInfos } = await this.send('Target.getTargets');
    const { targetId } = targetInfos.find(({ type }) => type === 'page');
    this.session = (await this.send('Target.attachToTarget', { targetId, flatten: true })).sessionId;
  }

  #take({ id, method, params, result, error }) {
    const asked = this.waiting.get(id);
    this.waiting.delete(id);
    if (method) this.emit(method, params);
    else if (error) asked?.reject(new Error(error.message));
    else asked?.resolve(result);
  }

  send(method, params = {}) {
    const id = ++this.n;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId: this.session })}\0`);
    });
  }

  /* The value of an expression in the page. */
  async evaluate(expression) {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  async goTo(url) {
    const loaded = new Promise((resolve) => this.once('Page.loadEventFired', resolve));
    await this.send('Page.navigate', { url });
    await loaded;
  }

  async close() {
    if (this.process.exitCode === null) await this.send('Browser.close').catch(() => {});
    await this.ended;
    await fs.rm(this.dir, { recursive: true, force: true });
  }
}
