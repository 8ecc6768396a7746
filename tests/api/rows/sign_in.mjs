import { createAccount, createUser, randomName } from '../../lib/accounts.mjs';

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

const external = () => ({
  username: randomName('ext'), domain: 'sip.provider.example', realm: 'provider', registrar: 'sip:reg.provider.example',
  outbound_proxy: 'sip:proxy.provider.example;lr', protocol: 'TLS', password: 'correct horse',
});

async function withExternal(world) {
  const call = await below(world, 'external');
  await world.dialtone.api('POST', call.path, { as: 'admin', body: external() });
  return call;
}

async function withEmail({ dialtone }, name) {
  const { id } = await createAccount(dialtone, { email: `${randomName()}@example.org` });
  return { ...asAdmin, path: `/api/accounts/${id}/${name}` };
}

const UUID = 'urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6';

export const goodCalls = {
  'GET /api/accounts/{id}/external': withExternal,
  'POST /api/accounts/{id}/external': async (world) => ({ ...(await below(world, 'external')), body: external(), compared: ['username', 'domain', 'password'], status: 201 }),
  'DELETE /api/accounts/{id}/external': withExternal,
  'POST /api/accounts/{id}/send_provisioning_email': (world) => withEmail(world, 'send_provisioning_email'),
  'POST /api/accounts/{id}/send_reset_password_email': (world) => withEmail(world, 'send_reset_password_email'),
  'GET /api/accounts/me/devices': async ({ user }) => ({ key: user.key }),
  'DELETE /api/accounts/me/devices/{uuid}': async ({ user }) => ({ key: user.key, path: `/api/accounts/me/devices/${UUID}` }),
  'GET /api/accounts/{id}/devices': (world) => below(world, 'devices'),
  'DELETE /api/accounts/{id}/devices/{uuid}': (world) => below(world, `devices/${UUID}`),
  'GET /api/accounts/me/services/turn': async ({ user }) => ({ key: user.key, status: 404 }),
  'POST /api/push_notification': async ({ user }) => ({
    key: user.key, status: 503,
    body: { pn_provider: 'apns', pn_param: 'ABCD1234.org.example.app', pn_prid: 'dd7f8c2a:remote', type: 'call', call_id: 'a84b4c76e66710@pc33.example.org' },
  }),
  'POST /api/messages': async () => ({ ...asAdmin, status: 404, invalid: 404, body: { to: 'bob@sip.example.org', body: 'Hello' } }),
  'POST /api/accounts/auth_token': async () => ({}),
  'GET /api/accounts/me/auth_token/{auth_token}': async (world) => ({ key: world.user.key, path: `/api/accounts/me/auth_token/${await newToken(world)}` }),
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
  call_id: ['two words', 'a/b', 'a;b', 'é'],
  ip: ['300.1.1.1', '192.0.2.0/24', '192.0.2', 'localhost', '[2001:db8::1]', 'fe80::1%eth0', '::1 '.repeat(20)],
};
