/*
 * Spaces for tests, each with a domain and a host of its own. A worker's list of them is up to a
 * second old, so waiting for one worker is enough only where there is only one:
 *
 *   const dialtone = await ownInstance({ options: ['--workers', '1'] });
 */
import { randomName } from './accounts.mjs';
import { until } from './until.mjs';

/* fields: columns of the table. Resolves with them and dialtone, as seen from the host of the space. */
export async function createSpace(instance, fields = {}) {
  const name = randomName('space').replace('.', '-');
  const space = { domain: `${name}.example.org`, host: `${name}.example.net`, name, ...fields };
  const columns = Object.keys(space);
  const values = Object.values(space).map((value) => (typeof value === 'string' ? `'${value}'` : value));
  await instance.sql(`INSERT INTO spaces (${columns.join(', ')}) VALUES (${values.join(', ')})`);
  const dialtone = instance.at(space.host);
  await until(async () => (await dialtone.api('GET', '/api/accounts', { as: 'admin' })).json?.total === 0, { what: 'the new space' });
  return { ...space, dialtone };
}

/* The same, known to every worker: their lists are up to a second old. */
export async function createKnownSpace(instance, fields) {
  const space = await createSpace(instance, fields);
  await new Promise((resolve) => setTimeout(resolve, 1100));
  return space;
}

/* change: SQL. Waits until the admin's list of accounts, seen from there, is answered as isKnown wants. */
export async function changeSpace(space, change, isKnown) {
  await space.dialtone.sql(`UPDATE spaces SET ${change} WHERE domain = '${space.domain}'`);
  await until(async () => isKnown(await space.dialtone.api('GET', '/api/accounts', { as: 'admin' })), { what: change });
}

/* The switches and numbers that a PUT wants. */
export const spaceBody = (more = {}) => ({
  assistant_disable_qr_code: false, assistant_hide_create_account: false, assistant_hide_third_party_account: false, carddav_user_credentials: false,
  custom_provisioning_overwrite_all: false, disable_broadcast_feature: true, disable_call_recordings_feature: false, disable_chat_feature: false,
  disable_meetings_feature: false, hide_account_settings: false, hide_settings: false, intercom_features: false, only_display_sip_uri_username: false,
  phone_registration: true, public_registration: true, super: false, web_panel: true, max_account: 0, max_accounts: 0, ...more,
});

/* Made by the API. Resolves with what it answered, and dialtone as seen from its host. */
export async function addSpace(instance, more = {}) {
  const name = randomName('space').replace('.', '-');
  const body = { name, domain: `${name}.example.org`, host: `${name}.example.net`, ...more };
  const { status, json, text } = await instance.api('POST', '/api/spaces', { as: 'admin', body });
  if (status !== 201) throw new Error(`POST /api/spaces: ${status} ${text}`);
  return { ...json, dialtone: instance.at(json.host) };
}

/* PUT with all that it wants; names that are not given stay. */
export const putSpace = (instance, space, more = {}) => instance.api('PUT', `/api/spaces/${space.domain}`,
  { as: 'admin', body: spaceBody({ name: space.name, host: space.host, ...more }) });
