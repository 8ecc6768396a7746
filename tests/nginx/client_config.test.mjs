/* /config/config.production.js, out of which NethLink cuts values line by line (cti-api 1.14 b2). */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import { sharedInstance, sourceDir } from '../lib/instance.mjs';
import { run } from '../lib/run.mjs';

const dialtone = await sharedInstance();
const NAMES = ['COMPANY_NAME', 'COMPANY_URL', 'SIP_HOST', 'SIP_PORT', 'NUMERIC_TIMEZONE', 'TIMEZONE', 'VOICE_ENDPOINT'];
const render = (...options) => run(path.join(sourceDir, 'nginx/render'), ['--api', '/a', '--relay', 'aa=unix:/b', '--plain', '80', ...options]);

test('nethlink_finds_every_value_on_a_line_of_its_own', async () => {
  const answer = await dialtone.api('GET', '/config/config.production.js');
  assert.equal(answer.status, 200);
  assert.equal(answer.header('content-type'), 'application/javascript');
  const values = Object.fromEntries(answer.text.split('\n').map((line) => /^\s*([A-Z_]+): '([^']*)',$/.exec(line)).filter(Boolean).map(([, name, value]) => [name, value]));
  assert.deepEqual(Object.keys(values), NAMES);
  assert.ok(Object.values(values).every(Boolean), answer.text);
});

test('operator_says_what_is_in_it', async () => {
  const { stdout } = await render('--client-config', 'COMPANY_NAME=Example Ltd', '--client-config', 'TIMEZONE=Europe/Rome', '--server-name', 'pbx.example.org');
  assert.match(stdout, /COMPANY_NAME: 'Example Ltd',\\n.*SIP_HOST: 'pbx\.example\.org',\\n.*TIMEZONE: 'Europe\/Rome',\\n/);
  for (const wrong of ['OTHER=1', 'TIMEZONE', "COMPANY_NAME=O'Hara", 'COMPANY_NAME=$host', 'COMPANY_NAME=a\nb']) {
    assert.equal((await render('--client-config', wrong)).status, 2, wrong);
  }
});
