/* Keys that change while a relay runs. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';

import { randomName } from '../lib/accounts.mjs';
import { Live } from '../lib/live.mjs';
import { RelayAlone } from '../lib/relay.mjs';

const relay = await RelayAlone.start();
after(() => relay.remove());

async function loggedIn(key) {
  const user = randomName();
  const made = new Live(relay, { options: { reconnection: false } });
  after(() => made.close());
  return made.login(user, await relay.session({ id: user }, {}, key));
}

test('after_a_rotation_and_a_reload_tokens_of_either_key_open_sockets', async () => {
  const key = await relay.rotate();
  await relay.reload();
  await loggedIn(key);
  await loggedIn();
});

test('a_keys_file_with_mistakes_leaves_the_relay_its_keys', async () => {
  const file = path.join(relay.dir, 'keys');
  const good = await fs.readFile(file, 'utf8');
  await fs.writeFile(file, 'jwt 1 nonsense\n');
  await relay.reload('reload: the keys file has mistakes');
  await loggedIn();
  await fs.writeFile(file, good);
});
