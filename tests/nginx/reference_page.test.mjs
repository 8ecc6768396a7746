/* The page at /api as a browser shows it: with its viewer, without it, and without scripts. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { chromium } from 'playwright-core';

import { sharedInstance } from '../lib/instance.mjs';

const dialtone = await sharedInstance();
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', headless: true,
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'] });
after(() => browser.close());

/* The page, with what the browser complained of; blocked: what does not arrive. */
async function open({ blocked, ...options } = {}) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, ...options });
  context.setDefaultTimeout(120_000); /* the viewer lays out hundreds of calls */
  const page = await context.newPage();
  const seen = { page, hosts: new Set(), complaints: [] };
  page.on('request', (request) => seen.hosts.add(new URL(request.url()).host));
  page.on('console', (message) => seen.complaints.push(message.text()));
  page.on('pageerror', (error) => seen.complaints.push(`${error}`));
  if (blocked) await page.route(blocked, (route) => route.fulfill({ status: 404, contentType: 'application/json', body: '{}' }));
  await page.goto(`${dialtone.env.DIALTONE_URL}/api`, { waitUntil: 'load' });
  return seen;
}

async function showsWhereToGo({ page }) {
  for (const name of ['openapi.json', 'asyncapi.json']) assert.ok(await page.locator('header').getByRole('link', { name, exact: true }).isVisible(), name);
  assert.match(await page.locator('header').innerText(), /docs\/clients\.md/);
}

const saysThatItIsAlone = ({ page }) => page.locator('#alone').isVisible();
const complaintsOf = ({ complaints }) => complaints.filter((text) => !/status of 404/.test(text));

test('with_its_viewer_it_shows_the_calls_and_asks_no_other_server', async () => {
  const seen = await open();
  await seen.page.locator('.opblock').first().waitFor();
  await showsWhereToGo(seen);
  await seen.page.locator('#alone').waitFor({ state: 'hidden' });
  assert.deepEqual([...seen.hosts], [new URL(dialtone.env.DIALTONE_URL).host]);
  assert.deepEqual(complaintsOf(seen), []);
});

test('without_its_viewer_it_says_so_and_where_to_go', async () => {
  const seen = await open({ blocked: '**/api/docs/{swagger-ui*,favicon*}' });
  await showsWhereToGo(seen);
  assert.ok(await saysThatItIsAlone(seen));
  assert.deepEqual(complaintsOf(seen), []);
});

test('without_scripts_it_says_the_same', async () => {
  for (const options of [{ javaScriptEnabled: false }, { blocked: '**/*.js' }]) {
    const seen = await open(options);
    await showsWhereToGo(seen);
    assert.ok(await saysThatItIsAlone(seen));
  }
});

test('digest_is_explained_behind_one_click_without_scripts_too', async () => {
  const { page } = await open({ javaScriptEnabled: false });
  const text = page.getByText('From: sip:user@domain').first();
  assert.equal(await text.isVisible(), false);
  await page.locator('summary').click();
  assert.ok(await text.isVisible());
});
