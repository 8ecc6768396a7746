import { creationToken, requestToken, validate } from '../../lib/tokens.mjs';

const PUSH = { status: 503, body: { pn_provider: 'fcm', pn_param: 'my-project'.replace('-', '_'), pn_prid: 'dd7f8c2a:remote' } };

export const goodCalls = {
  'POST /api/account_creation_request_tokens': async () => ({}),
  'POST /api/account_creation_tokens/using-account-creation-request-token': async ({ dialtone }) => {
    const { token } = await requestToken(dialtone);
    await validate(dialtone, token);
    return { body: { account_creation_request_token: token } };
  },
  'POST /api/account_creation_tokens': async () => ({ as: 'admin' }),
  'POST /api/account_creation_tokens/consume': async ({ dialtone, user }) =>
    ({ key: user.key, body: { account_creation_token: await creationToken(dialtone) }, invalid: 404, broken: 400 }),
  'POST /api/account_creation_tokens/send-by-push': async () => PUSH,
  'POST /api/tokens': async () => PUSH,
  'POST /api/account_recovery_tokens/send-by-push': async () => PUSH,
  'GET /creation_token/check/{token}': async ({ dialtone }) => ({ path: `/creation_token/check/${(await requestToken(dialtone)).token}` }),
  'POST /creation_token/validate': async ({ dialtone }) =>
    ({ body: { account_creation_request_token: (await requestToken(dialtone)).token }, invalid: 404, broken: 400 }),
};

export const malformed = {
  account_creation_request_token: ['short', 'nosuchtoken12'],
  pn_provider: ['gcm', 'APNS'],
  pn_param: ['a b', '$(id)', 'a-b', 'a;b', 'é'],
  pn_prid: ['$$', '-rf', '--help', 'a b', 'a\nb', "a'b"],
};
