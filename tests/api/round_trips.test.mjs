import { test } from 'node:test';
import fs from 'node:fs/promises';
import { createUser } from '../lib/accounts.mjs';
import { Contract } from '../lib/contract.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { until } from '../lib/until.mjs';
const directory = new URL('rows/', import.meta.url);
const files = (await fs.readdir(directory)).filter((name) => name.endsWith('.mjs'));
const resources = await Promise.all(files.map((name) => import(new URL(name, directory))));
const goodCalls = Object.assign({}, ...resources.map((resource) => resource.goodCalls));
const dialtone = await ownInstance({ options: ['--workers', '1'] });
const contract = await Contract.of(dialtone);
const world = { dialtone, user: await createUser(dialtone) };
test('x', async () => {
  const rows = [];
  for (const op of contract.operations) {
    try {
    const good = await goodCalls[op.key](world);
    const { path = op.path, invalid, broken, status, aliases, compared, missing, ...options } = good;
    const answer = await dialtone.api(op.method, path, options);
    const id = answer.header('x-request-id');
    await until(async () => (await dialtone.log('api')).includes(id), { what: 'x' });
    const line = (await dialtone.log('api')).split('\n').find((l) => l.includes(id) && l.includes('route='));
    rows.push(`${line.match(/pg=\d+ redis=\d+/)[0]} ${answer.status} ${line.match(/auth=\w+/)?.[0]} ${op.key}`);
    } catch (e) { rows.push(`?? ${op.key} ${e.message}`); }
  }
  console.log(rows.join('\n'));
});
