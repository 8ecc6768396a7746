/* Linphone's own libraries as clients (Debian's liblinphone-dev): what they make of our bytes. */
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';

import { createAccount, randomName } from '../lib/accounts.mjs';
import { sharedInstance, sourceDir, temporaryDirectory } from '../lib/instance.mjs';
import { run, runOk } from '../lib/run.mjs';

const dialtone = await sharedInstance();
const dir = await temporaryDirectory();
const client = path.join(dir, 'client');
await fs.mkdir(path.join(dir, '.local/share/linphone'), { recursive: true }); // version 5.3 ends without it
await runOk('cc', ['-o', client, path.join(sourceDir, 'tests/linphone/client.c'), '-llinphone', '-lbellesip']);

/* Debian 13 builds liblinphone without its client of the accounts API; belle-sip below it is the same. */
const library = (await runOk('cc', ['-print-file-name=liblinphone.so'])).stdout.trim();
const hasAccountsClient = (await fs.readFile(library)).includes('FlexiAPIClient');
const answer = (text) => (hasAccountsClient ? text : 'no answer understood');
const LOGGED_IN = /^200 after [12]$/; /* from version 5.3 on it asks twice what to answer to one challenge */

/* { account, activation, 'DIGEST MD5', 'DIGEST SHA-256' } as the libraries say them. */
async function ask({ username, domain, password }) {
  const { status, stdout, stderr } = await run(client, [`${dialtone.env.DIALTONE_URL}/api/`, dialtone.env.DIALTONE_CACERT, username, domain, password],
    { env: { ...process.env, HOME: dir } });
  assert.equal(status, 0, stderr);
  return Object.fromEntries([...stdout.matchAll(/^(account|activation|DIGEST [^:]+): (.*)$/gm)].map(([, name, said]) => [name, said]));
}

test('linphone_finds_an_account_and_logs_in_with_sha_256', async () => {
  const account = await createAccount(dialtone, { algorithm: 'SHA-256', activated: true });
  const said = await ask(account);
  assert.deepEqual([said.account, said.activation], [answer('exists'), answer('activated')]);
  assert.match(said['DIGEST SHA-256'], LOGGED_IN);
});

test('linphone_logs_in_with_md5', async () => {
  const account = await createAccount(dialtone, { algorithm: 'MD5', activated: false });
  const said = await ask(account);
  assert.deepEqual([said.account, said.activation], [answer('exists'), answer('not activated')]);
  assert.match(said['DIGEST MD5'], LOGGED_IN);
});

test('linphone_understands_a_refusal', async () => {
  const account = await createAccount(dialtone, { algorithm: 'SHA-256', activated: true });
  assert.equal((await ask({ ...account, password: 'not the password' }))['DIGEST SHA-256'].slice(0, 3), '401');
  assert.equal((await ask({ ...account, username: randomName() })).account, answer('does not exist'));
});
