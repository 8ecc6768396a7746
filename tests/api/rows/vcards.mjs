import crypto from 'node:crypto';

import { createAccount } from '../../lib/accounts.mjs';
import { vcard } from '../../lib/vcards.mjs';

const newUid = () => `urn:uuid:${crypto.randomUUID()}`;

async function stored({ dialtone, user }, of, change) {
  const options = of === 'me' ? { key: user.key } : { as: 'admin' };
  const [path, uid] = [`/api/accounts/${of}/vcards-storage`, newUid()];
  const made = await dialtone.api('POST', path, { ...options, body: { vcard: vcard(uid) } });
  if (made.status !== 201) throw new Error(made.text);
  return { ...options, path: `${path}/${uid}`, ...(change === 'replace' ? { body: { vcard: vcard(uid) } } : {}) };
}

const body = () => ({ vcard: vcard(newUid()) });
const ofAnAccount = async (world, change) => stored(world, (await createAccount(world.dialtone)).id, change);
const allOf = async ({ dialtone }, change) => ({ as: 'admin', path: `/api/accounts/${(await createAccount(dialtone)).id}/vcards-storage`, ...change });

export const goodCalls = {
  'GET /api/accounts/me/vcards-storage': async ({ user }) => ({ key: user.key }),
  'POST /api/accounts/me/vcards-storage': async ({ user }) => ({ key: user.key, body: body() }),
  'GET /api/accounts/me/vcards-storage/{uuid}': (world) => stored(world, 'me'),
  'PUT /api/accounts/me/vcards-storage/{uuid}': (world) => stored(world, 'me', 'replace'),
  'DELETE /api/accounts/me/vcards-storage/{uuid}': (world) => stored(world, 'me'),
  'GET /vcards-storage': async ({ user }) => ({ key: user.key }),
  'GET /vcards-storage/{uuid}': async (world) => {
    const call = await stored(world, 'me');
    return { ...call, path: call.path.replace('/api/accounts/me', '') };
  },
  'GET /api/accounts/{id}/vcards-storage': (world) => allOf(world),
  'POST /api/accounts/{id}/vcards-storage': (world) => allOf(world, { body: body() }),
  'GET /api/accounts/{id}/vcards-storage/{uuid}': ofAnAccount,
  'PUT /api/accounts/{id}/vcards-storage/{uuid}': (world) => ofAnAccount(world, 'replace'),
  'DELETE /api/accounts/{id}/vcards-storage/{uuid}': ofAnAccount,
};

const lines = (...all) => ['BEGIN:VCARD', 'VERSION:4.0', ...all, 'END:VCARD', ''].join('\n');

export const malformed = {
  vcard: ['hello', lines('FN:no uid'), lines('UID:no-name'), lines('FN:x', 'UID:'), lines('FN:x', 'UID:a', 'UID:b'), lines('FN:x', 'UID:a', 'TEL'),
    'BEGIN:VCARD\nVERSION:2.1\nFN:x\nUID:a\nEND:VCARD\n', lines('FN:x', 'UID:a') + lines('FN:x', 'UID:b'), lines('FN:bell\u0007', 'UID:a'),
    lines('FN:x', `UID:${'u'.repeat(256)}`)],
};
