/* A space too large for one answer: its users are told of themselves, and their pages work. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createUser } from '../lib/accounts.mjs';
import { addExtension, createProfile } from '../lib/cti.mjs';
import { ownInstance } from '../lib/instance.mjs';

const MOST = 10000, MOST_EXTENSIONS = 40000;
const PATHS = ['user/endpoints/all', 'user/all_avatars', 'astproxy/extensions', 'voicemail/new_counters'];
const dialtone = await ownInstance({ options: ['--workers', '1'] });
await createProfile(dialtone, { presence_panel: [] }, { is_default: true });
const [alice, bob] = [await createUser(dialtone), await createUser(dialtone)];
const { exten } = await addExtension(dialtone, alice);
await addExtension(dialtone, bob);
await dialtone.sql(`INSERT INTO cti_settings (account_id, key, value) SELECT id, 'avatar', '"data:"' FROM accounts WHERE id IN (${alice.id}, ${bob.id})`);

const ask = async () => Object.fromEntries(await Promise.all(PATHS.map(async (path) => {
  const answer = await dialtone.api('GET', `/api/${path}`, { token: alice.token });
  assert.equal(answer.status, 200, `${path}: ${answer.text}`);
  return [path, { json: answer.json, told: answer.headers['x-directory'] }];
})));
const there = async () => Number((await dialtone.sql(`SELECT count(*) FROM accounts WHERE domain = '${dialtone.env.DIALTONE_DOMAIN}'`))[0][0]);

/* What they have is alice's alone, in full. */
async function isOwn() {
  const all = await ask();
  assert.deepEqual(PATHS.map((path) => all[path].told), PATHS.map(() => 'own'));
  assert.deepEqual(Object.keys(all['user/endpoints/all'].json), [alice.username]);
  assert.deepEqual(all['user/endpoints/all'].json[alice.username].endpoints.extension.map(({ id }) => id), [exten]);
  assert.deepEqual(Object.keys(all['user/all_avatars'].json), [alice.username]);
  assert.deepEqual(Object.keys(all['astproxy/extensions'].json).sort(), [exten, alice.username].sort());
}

async function isWhole() {
  const all = await ask();
  assert.deepEqual(PATHS.map((path) => all[path].told), PATHS.map(() => undefined));
  const n = Object.keys(all['user/endpoints/all'].json).length;
  assert.equal(n, await there());
  assert.deepEqual(Object.keys(all['user/all_avatars'].json).sort(), [alice.username, bob.username].sort());
}

test('up_to_ten_thousand_users_are_told_and_of_one_more_the_caller_alone', async () => {
  await dialtone.bulkAccounts('many', MOST - (await there()));
  await dialtone.sql('SELECT accounts_recount()');
  await isWhole();
  const { id } = await createUser(dialtone);
  await isOwn();
  assert.match((await dialtone.ctl(['api', 'status', `${dialtone.dir}/run/api.ctl`])).stdout, /directory_too_large" +4/);
  await dialtone.sql(`DELETE FROM accounts WHERE id = ${id}`);
  await isWhole();
});

test('very_many_extensions_or_pictures_are_not_told_either', async () => {
  await dialtone.sql(`SET session_replication_role = replica; INSERT INTO extensions (account_id, domain, exten, type)
    SELECT ${bob.id}, '${dialtone.env.DIALTONE_DOMAIN}', 'x' || n, 'physical' FROM generate_series(1, ${MOST_EXTENSIONS}) n`, { as: 'postgres' });
  await isOwn();
  await dialtone.sql(`SET session_replication_role = replica; DELETE FROM extensions WHERE exten ~ '^x'`, { as: 'postgres' });
  await isWhole();
  /* Each is small as it is stored. */
  await dialtone.sql(`UPDATE cti_settings SET value = to_jsonb('data:' || repeat('A', 33554432)) WHERE account_id = ${bob.id}`);
  const avatars = (await ask())['user/all_avatars'];
  assert.deepEqual([Object.keys(avatars.json), avatars.told], [[alice.username], 'own']);
});
