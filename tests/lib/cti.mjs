/* Users of the CTI: profiles, extensions, and calls below /webrest. */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';

import { createUser, randomName } from './accounts.mjs';

const granted = (names) => Object.fromEntries(names.map((name, i) => [name, { id: String(i + 1), name, value: true }]));

/* macros: { settings: ['dnd'], presence_panel: [] } are on, with those permissions. */
export const macroPermissions = (macros) =>
  Object.fromEntries(Object.entries(macros).map(([name, permissions]) => [name, { value: true, permissions: granted(permissions) }]));

export const everything = {
  nethvoice_cti: [], settings: ['dnd', 'call_forward', 'parkings'], presence_panel: ['trunks'], queue_agent: [], qmanager: [],
  phonebook: [], cdr: [], customer_card: [], streaming: [], off_hour: [],
};

async function ok(promise) {
  const answer = await promise;
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}

export const createProfile = (dialtone, macros, fields = {}) => ok(dialtone.api('POST', '/api/profiles', {
  as: 'admin', body: { name: randomName('profile'), macro_permissions: macroPermissions(macros), ...fields } }));

export const putCti = (dialtone, { id }, body) => ok(dialtone.api('PUT', `/api/accounts/${id}/cti`, { as: 'admin', body }));

export const addExtension = (dialtone, { id }, fields = {}) => ok(dialtone.api('POST', `/api/accounts/${id}/extensions`, {
  as: 'admin', body: { exten: String(crypto.randomInt(1e8, 1e9)), type: 'webrtc', ...fields } }));

/* A logged-in user who may do what the macros say. */
export async function createOperator(dialtone, macros = everything, fields) {
  const user = await createUser(dialtone, fields);
  const profile = await createProfile(dialtone, macros);
  await putCti(dialtone, user, { profile_id: profile.id });
  return { ...user, profile };
}

export const hmacToken = ({ username, password }, nonce) =>
  crypto.createHmac('sha1', password).update(`${username}:${password}:${nonce}`).digest('hex');

/* POST /webrest/authentication/login. */
export const legacyAttempt = (dialtone, { username, password }, headers = {}) =>
  dialtone.api('POST', '/webrest/authentication/login', { body: { username, password }, headers });

/* Resolves with the value of Authorization. */
export async function legacyLogin(dialtone, user, headers) {
  const answer = await legacyAttempt(dialtone, user, headers);
  assert.equal(answer.status, 401, answer.text);
  const [, nonce] = /^Digest ([0-9a-f]{40})$/.exec(answer.header('www-authenticate'));
  return `${user.username}:${hmacToken(user, nonce)}`;
}

export const webrest = (dialtone, path, authorization, options = {}) =>
  dialtone.api(options.method ?? 'GET', `/webrest${path}`, { ...options, headers: { ...(authorization && { Authorization: authorization }), ...options.headers } });

/* A one-pixel PNG as a data URL; more bytes behind it when asked. */
export const avatar = (bytes = 0) => {
  const pixel = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
  return `data:image/png;base64,${Buffer.concat([pixel, Buffer.alloc(bytes)]).toString('base64')}`;
};
