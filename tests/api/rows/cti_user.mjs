import { addExtension, createOperator } from '../../lib/cti.mjs';
import { createUser } from '../../lib/accounts.mjs';

const asUser = async ({ user }) => ({ token: user.token });
const choice = async ({ dialtone }) => ({ token: (await createOperator(dialtone)).token, body: { status: 'callforward', to: '202' }, invalid: 400 });

async function ownDevice({ dialtone }) {
  const user = await createUser(dialtone);
  const { exten } = await addExtension(dialtone, user);
  return { token: user.token, body: { id: exten }, invalid: 400 };
}

export const goodCalls = {
  'GET /api/user/endpoints/all': asUser,
  'GET /api/user/all_avatars': asUser,
  'POST /api/user/settings': async ({ user }) => ({ token: user.token, body: { open_ccard: 'disabled' }, invalid: 400 }),
  'DELETE /api/user/settings': asUser,
  'DELETE /api/user/setting/{prop}': async ({ user }) => ({ token: user.token, path: '/api/user/setting/open_ccard' }),
  'POST /api/user/default_device': ownDevice,
  'GET /api/user/presence': asUser,
  'POST /api/user/presence': choice,
  'GET /api/user/presencelist': asUser,
  'GET /api/user/presence_onbusy': asUser,
  'POST /api/user/presence_onbusy': choice,
  'GET /api/user/presencelist_onbusy': asUser,
  'GET /api/user/presence_onunavailable': asUser,
  'POST /api/user/presence_onunavailable': choice,
  'GET /api/user/presencelist_onunavailable': asUser,
};
