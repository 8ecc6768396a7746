import { createAccount } from '../../lib/accounts.mjs';

const asAdmin = { as: 'admin' };
const action = () => ({ key: 'open-door', code: '1a' });

async function ofAPhone({ dialtone }, change) {
  const { id } = await createAccount(dialtone, { dtmf_protocol: 'sipinfo' });
  return { ...asAdmin, path: `/api/accounts/${id}/actions`, ...change };
}

async function ofAnAction(world, change) {
  const { path } = await ofAPhone(world);
  const { json } = await world.dialtone.api('POST', path, { ...asAdmin, body: action() });
  return { ...asAdmin, path: `${path}/${json.id}`, ...change };
}

export const goodCalls = {
  'GET /api/accounts/{id}/actions': ofAPhone,
  'POST /api/accounts/{id}/actions': (world) => ofAPhone(world, { body: action() }),
  'GET /api/accounts/{id}/actions/{action_id}': ofAnAction,
  'PUT /api/accounts/{id}/actions/{action_id}': (world) => ofAnAction(world, { body: action() }),
  'DELETE /api/accounts/{id}/actions/{action_id}': ofAnAction,
};

export const malformed = {
  code: ['1A', '1-a', 'é', '#1'],
};
