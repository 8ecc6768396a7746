/*
 * Spaces for tests, each with a domain and a host of its own. A worker's list of them is up to a
 * second old, so waiting for one worker is enough only where there is only one:
 *
 *   const dialtone = await ownInstance({ options: ['--workers', '1'] });
 */
import { randomName } from './accounts.mjs';
import { until } from './until.mjs';

/* fields: columns of the table. Resolves with them and dialtone, as seen from the host of the space. */
export async function createSpace(instance, fields = {}) {
  const name = randomName('space').replace('.', '-');
  const space = { domain: `${name}.example.org`, host: `${name}.example.net`, name, ...fields };
  const columns = Object.keys(space);
  const values = Object.values(space).map((value) => (typeof value === 'string' ? `'${value}'` : value));
  await instance.sql(`INSERT INTO spaces (${columns.join(', ')}) VALUES (${values.join(', ')})`);
  const dialtone = instance.at(space.host);
  await until(async () => (await dialtone.api('GET', '/api/accounts', { as: 'admin' })).json?.total === 0, { what: 'the new space' });
  return { ...space, dialtone };
}

/* change: SQL. Waits until the admin's list of accounts, seen from there, is answered as isKnown wants. */
export async function changeSpace(space, change, isKnown) {
  await space.dialtone.sql(`UPDATE spaces SET ${change} WHERE domain = '${space.domain}'`);
  await until(async () => isKnown(await space.dialtone.api('GET', '/api/accounts', { as: 'admin' })), { what: change });
}
