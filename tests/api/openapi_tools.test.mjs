/* The description in the hands of others: a linter, a generator of clients, a compiler. */
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';

import { createConfig, lintFromString } from '@redocly/openapi-core';
import openapiTS, { astToString } from 'openapi-typescript';

import { sharedInstance, sourceDir, temporaryDirectory } from '../lib/instance.mjs';
import { run } from '../lib/run.mjs';

const dialtone = await sharedInstance();
const { text: source } = await dialtone.api('GET', '/api/openapi.json');

test('redocly_recommends_nothing_else', async () => {
  const config = await createConfig({ extends: ['recommended'] });
  const problems = await lintFromString({ source, config });
  assert.deepEqual(problems.map(({ ruleId, message }) => `${ruleId}: ${message}`), []);
});

const CLIENT = `
import createClient from 'openapi-fetch';
import type { components, paths } from './schema';

declare const process: { env: Record<string, string>; exitCode: number };
const { BASE, KEY } = process.env;
const client = createClient<paths>({ baseUrl: BASE, headers: { 'x-api-key': KEY } });

const listed = await client.GET('/api/accounts', { params: { query: { page: '1' } } });
if (!listed.data) throw new Error(JSON.stringify(listed.error));
const accounts: components['schemas']['Account'][] = listed.data.data ?? [];
const total: number = listed.data.total;

const { data: call, response } = await client.PATCH('/api/statistics/calls/{call_id}/devices/{device_id}', {
  params: { path: { call_id: 'no-such-call', device_id: 'phone' } },
  body: { invite_terminated: { at: '2026-01-31T23:59:59Z', state: 'accepted' } },
});
const state: string | null | undefined = call?.invite_terminated_state;

// @ts-expect-error: there is no such path
await client.GET('/api/no/such/path');
// @ts-expect-error: a state of no call
client.PATCH('/api/statistics/calls/{call_id}/devices/{device_id}', { params: { path: { call_id: 'c', device_id: 'd' } }, body: { invite_terminated: { state: 'busy' } } }).catch(() => {});

console.log(JSON.stringify({ total, domain: accounts[0]?.domain, status: response.status, state: state ?? null }));
`;

test('a_TypeScript_client_made_from_it_compiles_and_makes_calls', async () => {
  const dir = await temporaryDirectory('client');
  after(() => fs.rm(dir, { recursive: true, force: true }));
  const modules = path.join(sourceDir, 'tests/node_modules');
  await fs.symlink(modules, path.join(dir, 'node_modules'));
  await fs.writeFile(path.join(dir, 'package.json'), '{"type":"module"}');
  await fs.writeFile(path.join(dir, 'schema.d.ts'), astToString(await openapiTS(JSON.parse(source))));
  await fs.writeFile(path.join(dir, 'client.ts'), CLIENT);
  const compiled = await run(process.execPath, [path.join(modules, 'typescript/bin/tsc'), '--strict', '--skipLibCheck', '--target', 'es2022',
    '--module', 'esnext', '--moduleResolution', 'bundler', '--lib', 'es2022,dom,dom.iterable', path.join(dir, 'client.ts')]);
  assert.equal(compiled.status, 0, compiled.stdout);
  const { DIALTONE_URL: BASE, DIALTONE_ADMIN_API_KEY: KEY, DIALTONE_CACERT } = dialtone.env;
  const ran = await run(process.execPath, [path.join(dir, 'client.js')], { env: { ...process.env, BASE, KEY, NODE_EXTRA_CA_CERTS: DIALTONE_CACERT } });
  assert.equal(ran.status, 0, ran.stderr);
  const { total, ...rest } = JSON.parse(ran.stdout);
  assert.ok(total >= 1);
  assert.deepEqual(rest, { domain: dialtone.env.DIALTONE_DOMAIN, status: 400, state: null });
});
