/*
 * The call widget of NethVoice (npm: @nethesis/phone-island) as its package has it, in browsers that show a page of
 * the instance's own nginx.
 *
 *   const site = await Site.start();                   // an instance that has the page
 *   const screen = await site.open(user);              // a browser of its own, logged in as that user
 *   await screen.shows('Zoë', { ringing: true });      // what a person sees and hears
 */
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after } from 'node:test';
import { isDeepStrictEqual } from 'node:util';

import { build } from 'esbuild';

import { login } from '../lib/accounts.mjs';
import { ownInstance, temporaryDirectory } from '../lib/instance.mjs';
import { until } from '../lib/until.mjs';
import { Chromium } from './chromium.mjs';

/* The widget's configuration has a host without a port: Chromium takes the port of the instance for it, and knows no
 * other host. */
const HOST = 'cti.dialtone.test';
const SIZE = { width: 900, height: 500 };

const isOurs = (url) => new URL(url).hostname === HOST;

async function writePage(dir) {
  await build({ entryPoints: [new URL('page.jsx', import.meta.url).pathname], bundle: true, minify: true, outdir: dir,
    define: { 'process.env.NODE_ENV': '"production"' }, logLevel: 'error' });
  await fs.writeFile(path.join(dir, 'index.html'), '<!doctype html><html lang="en"><meta charset="utf-8"><title>Calls</title><link rel="icon" href="data:,">' +
    '<link rel="stylesheet" href="page.css"><div id="widget" style="position:fixed;inset:0"></div><script src="page.js"></script></html>');
  const conf = path.join(dir, 'nginx.conf');
  /* A header of its own keeps away those of the server, of which one forbids scripts. */
  await fs.writeFile(conf, `location /page/ { alias ${dir}/; index index.html; types { text/html html; text/css css; text/javascript js; } add_header Cache-Control no-store; }\n`);
  return conf;
}

export class Site {
  /* start: makes the instance, with these options. */
  static async start(start = (options) => ownInstance({ options })) {
    const site = new Site();
    const dir = await temporaryDirectory('dialtone-widget');
    after(() => fs.rm(dir, { recursive: true, force: true }));
    site.dialtone = await start(['--server-name', HOST, '--include', await writePage(dir)]);
    return site;
  }

  /* phone: the "exten:secret:host:port" of a telephone in the page; none for users who have one on the desk. */
  async open(user, { phone = ':::' } = {}) {
    const { port } = new URL(this.dialtone.env.DIALTONE_URL);
    const screen = new Screen(await Chromium.start([`--host-resolver-rules=MAP ${HOST}:443 127.0.0.1:${port}, MAP * ~NOTFOUND`], SIZE));
    await screen.begin(`${HOST}:${user.username}:${await login(this.dialtone, user)}:${phone}`);
    return screen;
  }
}

/* What a browser shows, and what it says to our host. */
class Screen {
  constructor(chromium) {
    this.chromium = chromium;
    this.answers = []; /* of the network: { method, path, status } */
    this.complaints = []; /* of the console, but for those about other hosts */
    this.frames = []; /* of the socket: { from: 'us' | 'page', text } */
    this.told = 0;
  }

  async begin(configuration) {
    this.#listen();
    for (const domain of ['Page', 'Network', 'Runtime', 'Log']) await this.chromium.send(`${domain}.enable`);
    await this.chromium.send('Security.setIgnoreCertificateErrors', { ignore: true });
    await this.chromium.goTo(`https://${HOST}/page/`);
    await this.chromium.evaluate(`showWidget(${JSON.stringify(configuration)})`);
    await this.untilLoggedIn();
    await this.untilAnswered('/api/astproxy/extensions');
  }

  #listen() {
    const asked = new Map(); /* requests without an answer, to our host */
    const end = (id, status) => {
      const request = asked.get(id);
      if (request) this.answers.push({ method: request.method, path: new URL(request.url).pathname, status });
      asked.delete(id);
    };
    const on = (event, take) => this.chromium.on(event, take);
    on('Network.requestWillBeSent', ({ requestId, request }) => isOurs(request.url) && asked.set(requestId, request));
    on('Network.responseReceived', ({ requestId, response }) => end(requestId, response.status));
    on('Network.loadingFailed', ({ requestId, errorText }) => end(requestId, errorText));
    on('Network.webSocketCreated', ({ requestId, url }) => asked.set(requestId, { method: 'GET', url }));
    on('Network.webSocketHandshakeResponseReceived', ({ requestId, response }) => end(requestId, response.status));
    on('Network.webSocketFrameReceived', ({ response }) => this.frames.push({ from: 'us', text: response.payloadData }));
    on('Network.webSocketFrameSent', ({ response }) => this.frames.push({ from: 'page', text: response.payloadData }));
    on('Runtime.consoleAPICalled', ({ type, args }) => type === 'error' && this.complaints.push(args.map((a) => a.value ?? a.description).join(' ')));
    on('Runtime.exceptionThrown', ({ exceptionDetails }) => this.complaints.push(exceptionDetails.exception?.description ?? exceptionDetails.text));
    on('Log.entryAdded', ({ entry }) => entry.level === 'error' && (!entry.url || isOurs(entry.url)) && this.complaints.push(entry.text));
  }

  /* Nothing was refused and nothing complained of. The widget asks other hosts whether there is an Internet; there is none. */
  assertContent() {
    assert.deepEqual(this.answers.filter(({ status }) => !(status === 101 || (status >= 200 && status < 300))), []);
    assert.deepEqual(this.complaints, []);
  }

  untilAnswered(start) {
    return until(() => this.answers.some(({ path: p }) => p.startsWith(start)), { what: `the widget to ask for ${start}` });
  }

  /* What a person reads. */
  text() {
    return this.chromium.evaluate(`document.body.innerText.replace(/\\s+/g, ' ').trim()`);
  }

  /* Does it make a noise? */
  rings() {
    return this.chromium.evaluate(`[...document.querySelectorAll('audio')].some((a) => !a.paused && !a.muted && a.currentSrc.startsWith('data:'))`);
  }

  /* Waits until that is all there is on the screen, and for the noise (null: or none). */
  async shows(text, { ringing = false, seconds = 10 } = {}) {
    const seen = async () => ({ text: await this.text(), ringing: ringing === null ? null : await this.rings() });
    const expected = { text, ringing };
    await until(async () => isDeepStrictEqual(await seen(), expected), { what: `the screen to show "${text}"`, seconds })
      .catch(async () => assert.deepEqual(await seen(), expected));
  }

  /* How often the server has let it in. */
  logins() {
    return this.frames.filter(({ from, text }) => from === 'us' && text.startsWith('42["authe_ok"')).length;
  }

  untilLoggedIn(times = 1) {
    return until(() => this.logins() >= times, { what: `login ${times} of the widget` });
  }

  /* The relay it is connected to: its name leads the session's id. */
  relay() {
    return this.frames.findLast(({ from, text }) => from === 'us' && text.startsWith('0{')).text.match(/"sid":"(..)/)[1];
  }

  /* Waits for an event with that text, newer than any that was waited for. */
  untilTold(text) {
    return until(() => {
      const at = this.frames.findIndex((f, i) => i >= this.told && f.from === 'us' && f.text.includes(text));
      if (at >= 0) this.told = at + 1;
      return at >= 0;
    }, { what: `the widget to be told ${text}` });
  }

  /* As a browser does with a page in the background. */
  freeze() {
    return this.chromium.send('Page.setWebLifecycleState', { state: 'frozen' });
  }

  async wake() {
    await this.chromium.send('Page.setWebLifecycleState', { state: 'active' });
    await this.chromium.send('Emulation.setFocusEmulationEnabled', { enabled: true });
  }

  close() {
    return this.chromium.close();
  }

  /* What the page around it would say to it, when its user clicks there. */
  say(event, detail) {
    return this.chromium.evaluate(`dispatchEvent(new CustomEvent(${JSON.stringify(event)}, { detail: ${JSON.stringify(detail)} })) && undefined`);
  }

  /* A click on the button with that tooltip, when it has come to rest. */
  async click(tooltip) {
    const place = () => this.chromium.evaluate(`(() => {
      const box = document.querySelector('button[data-tooltip-content="${tooltip}"]')?.getBoundingClientRect();
      return box && { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    })()`);
    let before;
    const rests = async () => isDeepStrictEqual(before, before = await place()) && before;
    const at = await until(rests, { what: `the button "${tooltip}"` });
    for (const type of ['mousePressed', 'mouseReleased']) await this.chromium.send('Input.dispatchMouseEvent', { type, ...at, button: 'left', clickCount: 1 });
  }

  /* For people who look at it: into the directory WIDGET_SHOTS. */
  async screenshot(name) {
    if (!process.env.WIDGET_SHOTS) return;
    const { data } = await this.chromium.send('Page.captureScreenshot');
    await fs.writeFile(path.join(process.env.WIDGET_SHOTS, `${name}.png`), Buffer.from(data, 'base64'));
  }
}
