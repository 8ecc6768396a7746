import { createAccount, createUser } from '../../lib/accounts.mjs';

const rule = (type = 'busy') => ({ type, forward_to: 'sip_uri', sip_uri: 'sip:bob@sip.example.org;transport=tls', enabled: true });

/* Each call has an account of its own: there is one rule of a kind. */
async function ofMine({ dialtone }, { made, ...change } = {}) {
  const { key } = await createUser(dialtone);
  return forwarding(dialtone, { key }, '/api/accounts/me/call_forwardings', made, change);
}

async function ofAnAccount({ dialtone }, { made, ...change } = {}) {
  const { id } = await createAccount(dialtone);
  return forwarding(dialtone, { as: 'admin' }, `/api/accounts/${id}/call_forwardings`, made, change);
}

async function forwarding(dialtone, who, path, made, change) {
  if (!made) return { ...who, path, ...change };
  const { json } = await dialtone.api('POST', path, { ...who, body: rule() });
  return { ...who, path: `${path}/${json.id}`, ...change };
}

const calls = (where, of) => ({
  [`GET ${where}`]: (world) => of(world),
  [`POST ${where}`]: (world) => of(world, { body: rule() }),
  [`GET ${where}/{fid}`]: (world) => of(world, { made: true }),
  [`PUT ${where}/{fid}`]: (world) => of(world, { made: true, body: rule() }),
  [`DELETE ${where}/{fid}`]: (world) => of(world, { made: true, missing: { fid: 200 } }),
});

export const goodCalls = {
  ...calls('/api/accounts/me/call_forwardings', ofMine),
  ...calls('/api/accounts/{id}/call_forwardings', ofAnAccount),
  'GET /api/resolve/{sip}': async ({ user }) => ({ as: 'admin', path: `/api/resolve/sip:${user.username}@${user.domain}` }),
};

export const malformed = {
  sip_uri: ['bob', 'sip:', 'tel:+39072100', 'sip:bob@host>', 'sip:bob@host\r\nTo: x', 'sip:b b@host', 'http://host'],
};
