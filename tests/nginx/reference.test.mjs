/* The API reference at /api: complete on its own, from this server only. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sharedInstance } from '../lib/instance.mjs';

const dialtone = await sharedInstance();

const linksOf = (html) => [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link);

test('reference_page_is_html_and_all_it_loads_is_there', async () => {
  const page = await dialtone.api('GET', '/api');
  assert.equal(page.status, 200);
  assert.equal(page.header('content-type'), 'text/html');
  const links = linksOf(page.text);
  assert.ok(links.includes('/api/docs/swagger-ui-bundle.js'));
  for (const link of ['/api/openapi.json', '/api/asyncapi.json']) assert.ok(links.includes(link));
  for (const link of links) {
    assert.match(link, /^\/api\//, 'nothing comes from another server');
    assert.equal((await dialtone.api('GET', link)).status, 200, link);
  }
});

test('reference_page_shows_the_description_that_the_api_makes', async () => {
  const script = await dialtone.api('GET', '/api/docs/reference.js');
  assert.equal(script.header('content-type'), 'text/javascript');
  const [, url] = script.text.match(/url: '([^']+)'/);
  const description = await dialtone.api('GET', url);
  assert.equal(description.status, 200);
  assert.match(description.json.openapi, /^3\.1/);
});

test('reference_page_may_run_scripts_of_this_server_only', async () => {
  const policy = (await dialtone.api('GET', '/api')).header('content-security-policy');
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /script-src 'self';/);
  assert.doesNotMatch(policy, /unsafe-eval|https?:/);
});

test('trailing_slash_shows_the_same_page', async () => {
  assert.equal((await dialtone.api('GET', '/api/')).text, (await dialtone.api('GET', '/api')).text);
});

test('only_the_files_of_the_page_are_served', async () => {
  for (const path of ['/api/docs/', '/api/docs/package.json', '/api/docs/../reference/package.json', '/api/docs/node_modules/swagger-ui-dist/index.html']) {
    assert.equal((await dialtone.api('GET', path)).status, 404, path);
  }
});
