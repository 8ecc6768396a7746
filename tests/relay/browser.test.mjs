/* A page in Chromium with the client library as browsers get it. */
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, test } from 'node:test';

import { chromium } from 'playwright-core';

import { createAccount, login } from '../lib/accounts.mjs';
import { ownInstance, temporaryDirectory } from '../lib/instance.mjs';
import { until } from '../lib/until.mjs';

const require = createRequire(import.meta.url);
const pages = await temporaryDirectory('dialtone-pages');
after(() => fs.rm(pages, { recursive: true, force: true }));
/* A header of its own keeps away those of the server, of which one forbids scripts. */
await fs.writeFile(path.join(pages, 'nginx.conf'), `location /pages/ { alias ${pages}/; default_type text/html; add_header Cache-Control no-store; }\n`);
for (const library of ['socket.io-client', 'socket.io-client-2']) await writePage(library);

/* A page of the server's own origin, with the library as the package has it for browsers. */
async function writePage(library) {
  const script = path.join(path.dirname(require.resolve(`${library}/package.json`)), 'dist/socket.io.js');
  await fs.writeFile(path.join(pages, library), `<!doctype html><title>${library}</title><script>${await fs.readFile(script, 'utf8')}</script>`);
}

const dialtone = await ownInstance({ options: ['--include', path.join(pages, 'nginx.conf')] });
const account = await createAccount(dialtone);
const token = await login(dialtone, account);
const channel = `cti1:{${dialtone.env.DIALTONE_DOMAIN}}:u:${account.username}`;

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', headless: true,
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'] });
after(() => browser.close());

/* In the page: logs in whenever it is connected and keeps what happens. */
function follow({ user, token_, transports }) {
  window.heard = [];
  window.disconnects = [];
  const options = { path: '/api/ws/', reconnectionDelay: 100, reconnectionDelayMax: 500, ...(transports && { transports }) };
  window.socket = window.io(options);
  window.socket.on('connect', () => window.socket.emit('login', { accessKeyId: user, token: token_, uaType: 'desktop' }));
  if (window.socket.onAny) window.socket.onAny((...event) => window.heard.push(event));
  for (const name of window.socket.onAny ? [] : ['authe_ok', 'extenRinging', '401']) {
    window.socket.on(name, (...rest) => window.heard.push([name, ...rest]));
  }
  window.socket.on('disconnect', (reason) => window.disconnects.push(reason));
}

async function pageWith(library, transports) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  await page.goto(`${dialtone.env.DIALTONE_URL}/pages/${library}`);
  await page.evaluate(follow, { user: account.username, token_: token, transports });
  return page;
}

const heard = (page, name) => page.evaluate((n) => window.heard.filter(([m]) => m === n), name);
const hears = (page, name, times = 1) =>
  until(async () => (await heard(page, name)).length >= times, { what: `the page to hear ${name} ${times} times` });

for (const [library, transports] of [['socket.io-client', undefined], ['socket.io-client', ['websocket']],
  ['socket.io-client', ['polling']], ['socket.io-client-2', undefined]]) {
  test(`page_with_${library}_${transports ?? 'as_it_comes'}_logs_in_and_comes_back_after_a_relay_restart`, async () => {
    const page = await pageWith(library, transports);
    await hears(page, 'authe_ok');
    const event = ['extenRinging', { callerName: 'Zoë ☎' }];
    await dialtone.publish(channel, JSON.stringify(event));
    await hears(page, 'extenRinging');
    assert.deepEqual((await heard(page, 'extenRinging'))[0], event);
    for (const relay of ['relay-aa', 'relay-ab']) {
      await dialtone.stop(relay);
      await dialtone.start(relay);
    }
    /* It may come back more than once, with each relay that goes. */
    await hears(page, 'authe_ok', 2);
    await until(async () => {
      await dialtone.publish(channel, JSON.stringify(event));
      return (await heard(page, 'extenRinging')).length >= 2;
    }, { what: 'the page to hear events again' });
    assert.ok(!(await page.evaluate(() => window.disconnects)).includes('io server disconnect'));
    await page.context().close();
  });
}
