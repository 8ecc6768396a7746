import { createAccount, randomName } from '../../lib/accounts.mjs';
import { addExtension, createProfile, macroPermissions } from '../../lib/cti.mjs';

const asAdmin = { as: 'admin' };

async function ofAnAccount({ dialtone }, what, change = {}) {
  const { id } = await createAccount(dialtone);
  return { ...asAdmin, path: `/api/accounts/${id}/${what}`, ...change };
}

async function ofAnExtension({ dialtone }, change = {}) {
  const account = await createAccount(dialtone);
  const { exten } = await addExtension(dialtone, account);
  return { ...asAdmin, path: `/api/accounts/${account.id}/extensions/${exten}`, ...change };
}

async function ofAProfile({ dialtone }, change = {}) {
  const { id } = await createProfile(dialtone, { settings: ['dnd'] });
  return { ...asAdmin, path: `/api/profiles/${id}`, ...change };
}

const device = () => ({ type: 'webrtc', sip_username: 'browser', secret: 'a good secret', description: 'Browser', proxy_port: 5061 });
const profile = () => ({ name: randomName('profile'), is_default: false, macro_permissions: macroPermissions({ settings: ['dnd'] }), outbound_routes_permissions: [] });
const numbers = () => ({ profile_id: 0, main_extension: '201', voicemail: '201', cellphone: '3331234567', jabber: 'a@b.example.org', default_device: null,
  call_summary_enabled: true, recall_on_busy: false });

export const goodCalls = {
  'GET /api/accounts/{id}/cti': (world) => ofAnAccount(world, 'cti'),
  'PUT /api/accounts/{id}/cti': (world) => ofAnAccount(world, 'cti', { body: numbers() }),
  'GET /api/accounts/{id}/extensions': (world) => ofAnAccount(world, 'extensions'),
  'POST /api/accounts/{id}/extensions': (world) => ofAnAccount(world, 'extensions', { body: { ...device(), exten: String(Math.floor(1e8 + Math.random() * 9e8)) } }),
  'GET /api/accounts/{id}/extensions/{exten}': ofAnExtension,
  'PUT /api/accounts/{id}/extensions/{exten}': (world) => ofAnExtension(world, { body: device() }),
  'DELETE /api/accounts/{id}/extensions/{exten}': ofAnExtension,
  'GET /api/profiles': async () => asAdmin,
  'POST /api/profiles': async () => ({ ...asAdmin, body: profile() }),
  'GET /api/profiles/{id}': ofAProfile,
  'PUT /api/profiles/{id}': (world) => ofAProfile(world, { body: profile() }),
  'DELETE /api/profiles/{id}': ofAProfile,
};

export const malformed = {
  exten: ["1' OR '1", 'a b', 'é'],
  sip_username: ['a b', 'é'],
  secret: ['short'],
  main_extension: ['a b'],
  voicemail: ['a b'],
  cellphone: ['a b'],
};
