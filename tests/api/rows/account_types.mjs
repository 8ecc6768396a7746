import { createAccount, randomName } from '../../lib/accounts.mjs';

const asAdmin = { as: 'admin' };
const newKey = () => randomName('type').replace('.', '-');

async function post(dialtone, path, body) {
  const made = await dialtone.api('POST', path, { ...asAdmin, body });
  if (made.status >= 300) throw new Error(`${path}: ${made.text}`);
  return made.json;
}

const makeType = ({ dialtone }) => post(dialtone, '/api/account_types', { key: newKey() });

async function ofAType(world, change) {
  const { id } = await makeType(world);
  return { ...asAdmin, path: `/api/account_types/${id}`, ...change };
}

async function ofALink(world) {
  const [type, account] = [await makeType(world), await createAccount(world.dialtone)];
  return { ...asAdmin, path: `/api/accounts/${account.id}/types/${type.id}` };
}

export const goodCalls = {
  'GET /api/account_types': async () => asAdmin,
  'POST /api/account_types': async () => ({ ...asAdmin, body: { key: newKey() } }),
  'GET /api/account_types/{id}': ofAType,
  'PUT /api/account_types/{id}': (world) => ofAType(world, { body: { key: newKey() } }),
  'DELETE /api/account_types/{id}': (world) => ofAType(world, { missing: { id: 200 } }),
  'POST /api/accounts/{id}/types/{type_id}': ofALink,
  'DELETE /api/accounts/{id}/types/{type_id}': async (world) => {
    const call = await ofALink(world);
    await post(world.dialtone, call.path);
    return call;
  },
};

export const malformed = {
  key: ['Upper', 'with space', 'dot.ted', 'é', 'two\nlines'],
};
