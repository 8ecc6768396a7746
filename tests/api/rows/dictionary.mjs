import { createAccount } from '../../lib/accounts.mjs';

async function ofAnAccount({ dialtone }, below, change) {
  const { id } = await createAccount(dialtone, { dictionary: { colour: 'red' } });
  return { as: 'admin', path: `/api/accounts/${id}/dictionary${below}`, ...change };
}

export const goodCalls = {
  'GET /api/accounts/{id}/dictionary': (world) => ofAnAccount(world, ''),
  'DELETE /api/accounts/{id}/dictionary': (world) => ofAnAccount(world, ''),
  'GET /api/accounts/{id}/dictionary/{key}': (world) => ofAnAccount(world, '/colour'),
  'POST /api/accounts/{id}/dictionary/{key}': (world) => ofAnAccount(world, '/colour', { body: { value: 'blue' } }),
  'DELETE /api/accounts/{id}/dictionary/{key}': (world) => ofAnAccount(world, '/colour'),
};
