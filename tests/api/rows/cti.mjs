import { login } from '../../lib/accounts.mjs';

const inSession = async ({ dialtone, user }) => ({ token: await login(dialtone, user) });

export const goodCalls = {
  'POST /api/login': async ({ user }) => ({ body: { username: user.username, password: user.password }, invalid: 401 }),
  'POST /api/logout': inSession,
  'GET /api/user/me': inSession,
};
