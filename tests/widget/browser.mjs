/*
 * Chromium with the call widget of NethVoice (npm: @nethesis/phone-island) as its package has it, on a page of the
 * instance's own nginx.
 *
 *   const site = await Site.start(['--set', 'x=y']);   // an instance that has the page
 *   const screen = await site.open(user);              // a browser of its own, logged in as that user
 *   await screen.shows('Zoë');                         // what a person sees
 */
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after } from 'node:test';
import { isDeepStrictEqual } from 'node:util';

import { build } from 'esbuild';
import { chromium } from 'playwright-core';

import { login } from '../lib/accounts.mjs';
import { ownInstance, temporaryDirectory } from '../lib/instance.mjs';
import { until } from '../lib/until.mjs';

/* The widget's configuration has a host without a port: Chromium takes the port of the instance for it, and knows no
 * other host. */
const HOST = 'cti.dialtone.test';
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--mute-audio', '--autoplay-policy=no-user-gesture-required'];

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
  static async start(options = []) {
    const site = new Site();
    const dir = await temporaryDirectory('dialtone-widget');
    after(() => fs.rm(dir, { recursive: true, force: true }));
    site.dialtone = await ownInstance({ options: ['--server-name', HOST, '--include', await writePage(dir), ...options] });
    const { port } = new URL(site.dialtone.env.DIALTONE_URL);
    site.flags = [...FLAGS, `--host-resolver-rules=MAP ${HOST}:443 127.0.0.1:${port}, MAP * ~NOTFOUND`];
    return site;
  }

  /* phone: the "exten:secret:host:port" of a telephone in the browser; none for users who have one on the desk. */
  async open(user, { phone = ':::', token } = {}) {
    const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', headless: true, args: this.flags });
    after(() => browser.close());
    const screen = new Screen(browser, user);
    await screen.begin(token ?? await login(this.dialtone, user), phone);
    return screen;
  }
}

/* One browser. */
class Screen {
  constructor(browser, user) {
    this.browser = browser;
    this.user = user;
    this.answers = []; /* of the network, from our host: { method, path, status } */
    this.complaints = []; /* of the console, but for those about other hosts */
    this.frames = []; /* of the socket: { from: 'us' | 'page', text } */
    this.told = 0;
  }

  async begin(token, phone) {
    this.page = await (await this.browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 900, height: 500 } })).newPage();
    this.cdp = await this.page.context().newCDPSession(this.page);
    await this.listen();
    await this.page.goto(`https://${HOST}/page/`);
    await this.page.evaluate((c) => window.showWidget(c), `${HOST}:${this.user.username}:${token}:${phone}`);
    await this.untilLoggedIn();
    await this.untilAnswered('/api/astproxy/extensions');
  }

  async listen() {
    const asked = new Map(); /* requests without an answer, to our host */
    const answered = ({ method, url }, status) => this.answers.push({ method, path: new URL(url).pathname, status });
    const on = (event, take) => this.cdp.on(`Network.${event}`, take);
    const end = (id, status) => {
      if (asked.has(id)) answered(asked.get(id), status);
      asked.delete(id);
    };
    on('requestWillBeSent', ({ requestId, request }) => isOurs(request.url) && asked.set(requestId, request));
    on('responseReceived', ({ requestId, response }) => end(requestId, response.status));
    on('loadingFailed', ({ requestId, errorText }) => end(requestId, errorText));
    on('webSocketCreated', ({ requestId, url }) => asked.set(requestId, { method: 'GET', url }));
    on('webSocketHandshakeResponseReceived', ({ requestId, response }) => end(requestId, response.status));
    on('webSocketFrameReceived', ({ response }) => this.frames.push({ from: 'us', text: response.payloadData }));
    on('webSocketFrameSent', ({ response }) => this.frames.push({ from: 'page', text: response.payloadData }));
    await this.cdp.send('Network.enable');
    this.page.on('console', (m) => m.type() === 'error' && (!m.location().url || isOurs(m.location().url)) && this.complaints.push(m.text()));
    this.page.on('pageerror', (e) => this.complaints.push(String(e)));
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
    return this.page.evaluate(() => document.body.innerText.replace(/\s+/g, ' ').trim());
  }

  /* Does it make a noise? */
  rings() {
    return this.page.evaluate(() => [...document.querySelectorAll('audio')].some((a) => !a.paused && !a.muted && a.currentSrc.startsWith('data:')));
  }

  /* Waits until that is all there is on the screen, and for the noise. */
  async shows(text, { ringing = false, seconds = 10 } = {}) {
    const seen = async () => ({ text: await this.text(), ringing: await this.rings() });
    const expected = { text, ringing };
    await until(async () => isDeepStrictEqual(await seen(), expected), { what: `the screen to show "${text}"`, seconds })
      .catch(async () => assert.deepEqual(await seen(), expected));
  }

  /* How often the server has let it in. */
  logins() {
    return this.frames.filter(({ from, text }) => from === 'us' && text.startsWith('42["authe_ok"')).length;
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

  untilLoggedIn(times = 1) {
    return until(() => this.logins() >= times, { what: `login ${times} of the widget` });
  }

  /* As a browser does with a page in the background; sound goes on. */
  freeze() {
    return this.cdp.send('Page.setWebLifecycleState', { state: 'frozen' });
  }

  wake() {
    return this.cdp.send('Page.setWebLifecycleState', { state: 'active' });
  }

  close() {
    return this.browser.close();
  }

  screenshot(name) {
    return process.env.WIDGET_SHOTS && this.page.screenshot({ path: path.join(process.env.WIDGET_SHOTS, `${name}.png`) });
  }
}
