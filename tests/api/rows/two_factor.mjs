/* Good calls of the second factor, of sessions and of the tokens of programs. */
import { createAccount, login } from '../../lib/accounts.mjs';
import { begin, enable, payloadOf } from '../../lib/otp.mjs';

/* A new user, so that nothing done to their sessions disturbs the others. */
async function newcomer({ dialtone }) {
  const account = await createAccount(dialtone);
  return { account, token: await login(dialtone, account) };
}

const asNewcomer = (change = {}) => async (world) => ({ token: (await newcomer(world)).token, ...change });

async function withSecondFactor(world) {
  const { account, token } = await newcomer(world);
  return { account, ...(await enable(world.dialtone, token)) };
}

async function passwordAgain(world) {
  const { account, token } = await withSecondFactor(world);
  return { token, body: { password: account.password }, invalid: 400 };
}

export const goodCalls = {
  'GET /api/2fa/qr-code': asNewcomer(),
  'POST /api/2fa/verify-otp': async (world) => {
    const { account, token } = await newcomer(world);
    const app = await begin(world.dialtone, token);
    return { token, body: { username: account.username, otp: app.fresh() }, invalid: 400 };
  },
  'POST /api/2fa/recovery-codes': passwordAgain,
  'GET /api/2fa/status': asNewcomer(),
  'POST /api/2fa/disable': passwordAgain,
  'DELETE /api/accounts/{id}/two_factor': async (world) => {
    const { account } = await withSecondFactor(world);
    return { as: 'admin', path: `/api/accounts/${account.id}/two_factor`, body: {}, compared: ['password'] };
  },

  'GET /api/sessions': asNewcomer(),
  'DELETE /api/sessions': asNewcomer(),
  'DELETE /api/sessions/{jti}': async (world) => {
    const { account, token } = await newcomer(world);
    return { token, path: `/api/sessions/${payloadOf(await login(world.dialtone, account)).jti}` };
  },

  'POST /api/tokens/persistent/{aud}': asNewcomer({ path: '/api/tokens/persistent/nethlink' }),
  'GET /api/tokens/persistent/{aud}': asNewcomer({ path: '/api/tokens/persistent/mobile-app' }),
  'DELETE /api/tokens/persistent/{aud}': asNewcomer({ path: '/api/tokens/persistent/phone-island' }),
  'POST /api/authentication/phone_island_token_login': asNewcomer({ body: {}, invalid: 400 }),
  'GET /api/authentication/phone_island_token_check': asNewcomer(),
  'GET /api/authentication/phone_island_token_check/{subtype}': asNewcomer({ path: '/api/authentication/phone_island_token_check/nethlink' }),
  'POST /api/authentication/persistent_token_remove': asNewcomer({ body: {}, invalid: 400 }),
};
