import { createAccount, createUser } from '../../lib/accounts.mjs';

const asAdmin = { as: 'admin' };

async function below({ dialtone }, name) {
  const { id } = await createAccount(dialtone);
  return { ...asAdmin, path: `/api/accounts/${id}/${name}` };
}

export const goodCalls = {
  'POST /api/accounts/{id}/activate': (world) => below(world, 'activate'),
  'GET /api/accounts/{id}/activate': (world) => below(world, 'activate'),
  'POST /api/accounts/{id}/deactivate': (world) => below(world, 'deactivate'),
  'GET /api/accounts/{id}/deactivate': (world) => below(world, 'deactivate'),
  'GET /api/accounts/{id}/provision': (world) => below(world, 'provision'),
  'GET /api/accounts/me/provision': async ({ dialtone }) => ({ key: (await createUser(dialtone)).key }),
};
