import { createAccount, randomName } from '../../lib/accounts.mjs';
import { creationToken, keyOf, newPhone } from '../../lib/tokens.mjs';

const newcomer = async (dialtone, more = {}) =>
  ({ username: randomName(), password: 'a good password', account_creation_token: await creationToken(dialtone), ...more });

const withToken = async ({ dialtone }) => ({
  body: await newcomer(dialtone, { algorithm: 'SHA-256', dtmf_protocol: 'rfc2833' }), aliases: { token: 'account_creation_token' } });

const inactive = (dialtone, more) => createAccount(dialtone, { activated: false, ...more });

async function withPin({ dialtone }) {
  const phone = newPhone();
  const account = await inactive(dialtone, { phone });
  await dialtone.api('POST', '/api/accounts/recover-by-phone', { body: { phone, account_creation_token: await creationToken(dialtone) } });
  return { account, key: await keyOf(dialtone, account.id) };
}

export const goodCalls = {
  'POST /api/accounts/with-account-creation-token': withToken,
  'POST /api/accounts/with-token': withToken,
  'POST /api/accounts/public': async ({ dialtone }) =>
    ({ body: await newcomer(dialtone, { algorithm: 'MD5', email: `${randomName()}@example.org`, phone: newPhone() }), compared: ['username'] }),
  'POST /api/accounts/recover-by-phone': async ({ dialtone }) => {
    const phone = newPhone();
    await createAccount(dialtone, { phone });
    return { body: { phone, account_creation_token: await creationToken(dialtone) } };
  },
  'GET /api/accounts/{phone}/info-by-phone': async ({ dialtone }) => {
    const phone = newPhone();
    await createAccount(dialtone, { phone });
    return { path: `/api/accounts/${phone}/info-by-phone` };
  },
  'GET /api/accounts/{sip}/recover/{recover_key}': async (world) => {
    const { account, key } = await withPin(world);
    return { path: `/api/accounts/${account.username}@${account.domain}/recover/${key}` };
  },
  'POST /api/accounts/{sip}/activate/email': async ({ dialtone }) => {
    const { username, domain, confirmation_key: key } = await inactive(dialtone);
    return { path: `/api/accounts/${username}@${domain}/activate/email`, body: { confirmation_key: key }, aliases: { code: 'confirmation_key' } };
  },
  'POST /api/accounts/{sip}/activate/phone': async (world) => {
    const { account, key } = await withPin(world);
    return { path: `/api/accounts/${account.username}@${account.domain}/activate/phone`, body: { confirmation_key: key }, aliases: { code: 'confirmation_key' } };
  },
};

export const malformed = {
  account_creation_token: ['short', 'nosuchtoken12'],
  token: ['short'],
  confirmation_key: ['12', '12345', 'x'],
};
