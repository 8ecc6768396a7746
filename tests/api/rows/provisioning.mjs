import { createAccount, createUser } from '../../lib/accounts.mjs';
import { linkOf } from '../../lib/mails.mjs';

async function withToken({ dialtone }, where) {
  const { provisioning_token: token } = await createAccount(dialtone);
  return { path: `${where}/${token}` };
}

export const goodCalls = {
  'GET /provisioning': async () => ({}),
  'GET /provisioning/{provisioning_token}': (world) => withToken(world, '/provisioning'),
  'GET /provisioning/me': async ({ user }) => ({ key: user.key }),
  'GET /provisioning/qrcode/{provisioning_token}': (world) => withToken(world, '/provisioning/qrcode'),
  'GET /provisioning/auth_token/{auth_token}': async ({ dialtone }) => {
    const user = await createUser(dialtone);
    const { token } = (await dialtone.api('POST', '/api/accounts/auth_token')).json;
    await dialtone.api('GET', `/api/accounts/auth_token/${token}/attach`, { key: user.key });
    return { path: `/provisioning/auth_token/${token}` };
  },
  'GET /wizard/{token}': async ({ dialtone }) => ({ path: (await linkOf(dialtone, 'provisioning')).path }),
  'POST /wizard/{token}': async ({ dialtone }) => ({ path: (await linkOf(dialtone, 'provisioning')).path }),
  'GET /reset_password/{token}': async ({ dialtone }) => ({ path: (await linkOf(dialtone, 'reset_password')).path }),
  'POST /reset_password': async ({ dialtone }) => ({
    invalid: 422, broken: 400, /* pages, which name no fields */
    body: { token: (await linkOf(dialtone, 'reset_password')).token, password: 'battery staple', password_confirmation: 'battery staple' },
  }),
};
