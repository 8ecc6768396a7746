import { createAccount, createUser } from '../../lib/accounts.mjs';

const asAdmin = { as: 'admin' };

async function below({ dialtone }, name) {
  const { id } = await createAccount(dialtone);
  return { ...asAdmin, path: `/api/accounts/${id}/${name}` };
}

async function newToken({ dialtone }) {
  return (await dialtone.api('POST', '/api/accounts/auth_token')).json.token;
}

async function attachedToken(world) {
  const token = await newToken(world);
  await world.dialtone.api('GET', `/api/accounts/auth_token/${token}/attach`, { token: world.user.token });
  return token;
}

const newKey = { name: 'call centre', expires_after_last_used_minutes: 60, ip: '192.0.2.7' };

export const goodCalls = {
  'POST /api/accounts/auth_token': async () => ({}),
  'GET /api/accounts/auth_token/{auth_token}': async (world) => ({ key: world.user.key, path: `/api/accounts/auth_token/${await newToken(world)}` }),
  'GET /api/accounts/auth_token/{auth_token}/attach': async (world) => ({ key: world.user.key, path: `/api/accounts/auth_token/${await newToken(world)}/attach` }),
  'GET /api/accounts/me/api_key/{auth_token}': async ({ dialtone }) => {
    const user = await createUser(dialtone);
    return { path: `/api/accounts/me/api_key/${await attachedToken({ dialtone, user })}` };
  },
  'GET /api/api_keys': async () => asAdmin,
  'POST /api/api_keys': async ({ dialtone }) => ({ key: (await createUser(dialtone, { admin: true })).key, body: newKey }),
  'DELETE /api/api_keys/{id}': async ({ dialtone }) => {
    const { json } = await dialtone.api('POST', '/api/api_keys', { as: 'admin', body: newKey });
    return { ...asAdmin, path: `/api/api_keys/${json.id}` };
  },
  'POST /api/accounts/{id}/activate': (world) => below(world, 'activate'),
  'GET /api/accounts/{id}/activate': (world) => below(world, 'activate'),
  'POST /api/accounts/{id}/deactivate': (world) => below(world, 'deactivate'),
  'GET /api/accounts/{id}/deactivate': (world) => below(world, 'deactivate'),
  'GET /api/accounts/{id}/provision': (world) => below(world, 'provision'),
  'GET /api/accounts/me/provision': async ({ dialtone }) => ({ key: (await createUser(dialtone)).key }),
};

export const malformed = {
  ip: ['300.1.1.1', '192.0.2.0/24', '192.0.2', 'localhost', '[2001:db8::1]', 'fe80::1%eth0', '::1 '.repeat(20)],
};
