import { after } from 'node:test';

import { randomName } from '../../lib/accounts.mjs';
import { addSpace, spaceBody } from '../../lib/spaces.mjs';

const asAdmin = { as: 'admin' };

/* Other tests of the same instance find the spaces as they were. */
const made = [];
after(() => Promise.all(made.map(([dialtone, domain]) => dialtone.api('DELETE', `/api/spaces/${domain}`, asAdmin))));

async function ofASpace({ dialtone }, what = '', change = {}) {
  const { domain } = await addSpace(dialtone);
  made.push([dialtone, domain]);
  return { ...asAdmin, path: `/api/spaces/${domain}${what}`, ...change };
}

function names() {
  const name = randomName('space').replace('.', '-');
  return { name, domain: `${name}.example.org`, host: `${name}.example.net` };
}

function aNewOne({ dialtone }) {
  const body = { ...spaceBody(), ...names(), expire_at: '2090-01-31', theme_hue: 22 };
  made.push([dialtone, body.domain]);
  return { ...asAdmin, body };
}

const server = () => ({ host: 'smtp.example.org', port: 587, username: 'phones', password: 'a good secret', from_address: 'phones@example.org', from_name: 'Phones', signature: 'Bye' });

async function withServer(world) {
  const call = await ofASpace(world, '/email');
  await world.dialtone.api('POST', call.path, { ...asAdmin, body: server() });
  return call;
}

export const goodCalls = {
  'GET /api/spaces': async () => asAdmin,
  'POST /api/spaces': async (world) => aNewOne(world),
  'GET /api/spaces/{domain}': ofASpace,
  'PUT /api/spaces/{domain}': async (world) => ofASpace(world, '', { body: { ...spaceBody(), name: names().name, host: names().host, expire_at: '2090-01-31', theme_hue: '22' } }),
  'DELETE /api/spaces/{domain}': ofASpace,
  'GET /api/spaces/{domain}/email': (world) => withServer(world),
  'POST /api/spaces/{domain}/email': (world) => ofASpace(world, '/email', { body: server(), compared: ['username', 'password'] }),
  'DELETE /api/spaces/{domain}/email': (world) => withServer(world),
};

export const malformed = {
  from_address: ['phones', 'a b@example.org'],
  host: ['a b', '-', 'a..b'],
  domain: ['nodots', 'a b.example.org', '-.example.org'],
  expire_at: ['tomorrow', '2090-13-01', '2001-01-01'],
  theme_hue: ['361', 'blue', '-1'],
  custom_provisioning_entries: ['no entries', '[sip]\nmax_account=3', '=value'],
};
