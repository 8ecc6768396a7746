import { randomName } from '../../lib/accounts.mjs';
import { askedFor, createValidated, newPhone } from '../../lib/codes.mjs';

const asking = (body) => async ({ dialtone }) => ({ key: (await createValidated(dialtone)).key, body: body() });

const confirming = (kind, value) => async ({ dialtone }) => {
  const user = await createValidated(dialtone);
  return { key: user.key, body: { code: await askedFor(dialtone, user, kind, value()) } };
};
const newAddress = () => `${randomName()}@example.org`;

export const goodCalls = {
  'POST /api/accounts/me/email/request': asking(() => ({ email: newAddress() })),
  'POST /api/accounts/me/email': confirming('email', newAddress),
  'POST /api/accounts/me/phone/request': asking(() => ({ phone: newPhone() })),
  'POST /api/accounts/me/phone': confirming('phone', newPhone),
};
