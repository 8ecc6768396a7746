import { createAccount, login, randomName } from '../../lib/accounts.mjs';

const asAdmin = { as: 'admin' };

async function ofAnAccount({ dialtone }, change = {}) {
  const { id } = await createAccount(dialtone);
  return { ...asAdmin, path: `/api/accounts/${id}`, ...change };
}

async function below(world, name) {
  const { path, ...rest } = await ofAnAccount(world);
  return { ...rest, path: `${path}/${name}` };
}

const newAccount = () => ({
  username: randomName(),
  password: 'a good password',
  algorithm: 'SHA-256',
  activated: true,
  display_name: 'Alice Example',
  email: `${randomName()}@example.org`,
  admin: false,
  phone: `+336${Math.floor(10000000 + Math.random() * 89999999)}`,
  dtmf_protocol: 'rfc2833',
  dictionary: { colour: 'blue' },
});

const asUser = async ({ user }) => ({ key: user.key });
const asSomebody = async ({ dialtone }) => ({ token: await login(dialtone, await createAccount(dialtone)) });

export const goodCalls = {
  'GET /api/accounts': async () => asAdmin,
  'POST /api/accounts': async () => ({ ...asAdmin, body: { ...newAccount(), activated: false, confirmation_key_expires: '2040-01-31 23:59:59' } }),
  'GET /api/accounts/{id}': ofAnAccount,
  'PUT /api/accounts/{id}': (world) => ofAnAccount(world, { body: { ...newAccount(), blocked: false } }),
  'DELETE /api/accounts/{id}': ofAnAccount,
  'POST /api/accounts/{id}/block': (world) => below(world, 'block'),
  'POST /api/accounts/{id}/unblock': (world) => below(world, 'unblock'),
  'GET /api/accounts/me': asUser,
  'DELETE /api/accounts/me': asSomebody,
  'GET /api/accounts/me/api_key': asSomebody,
  'GET /api/accounts/{sip}/search': async ({ user }) => ({ ...asAdmin, path: `/api/accounts/${user.username}@${user.domain}/search` }),
  'GET /api/accounts/{email}/search-by-email': async ({ dialtone }) => {
    const email = `${randomName()}@example.org`;
    await createAccount(dialtone, { email });
    return { ...asAdmin, path: `/api/accounts/${email.toUpperCase()}/search-by-email` };
  },
  'GET /api/accounts/{sip}/info': async ({ user }) => ({ path: `/api/accounts/${user.username}@${user.domain}/info` }),
};

export const malformed = {
  username: ['Upper.Case', 'with space', '+33612345678', 'short', 'naïve.name'],
  password: ['short'],
  algorithm: ['SHA-1', 'md5'],
  domain: ['-bad.example.org', 'nodots', 'UPPER.example.org', 'no-such-space.example.org'],
  display_name: ['two\nlines', 'bell\u0007', 'c1\u0085'],
  email: ['no at sign', 'two@@example.org', '.dot@example.org', 'alice@nodots'],
  phone: ['0612345678', '+33 6 12 34 56 78', '+0123456789', '+1234567890123456'],
  confirmation_key_expires: ['tomorrow', '2040-01-31', '2040-02-31 00:00:00', '2040-01-31T00:00:00Z'],
};
