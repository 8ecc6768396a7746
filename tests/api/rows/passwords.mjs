import { createUser } from '../../lib/accounts.mjs';

export const goodCalls = {
  'POST /api/accounts/me/password': async ({ dialtone }) => {
    const { token, password } = await createUser(dialtone);
    return { token, body: { password: 'a new password', algorithm: 'MD5', old_password: password }, compared: ['old_password'] };
  },
};
