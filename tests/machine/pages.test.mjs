/*
 * README.md and docs/ from the first block to the last, as printed, on a machine of its own that has nothing on it: a
 * root made with debootstrap, booted with systemd, where an ordinary user who may sudo has the clone. `$` is that user,
 * `#` is root, and quickstart runs in a terminal of its own until Ctrl-C. Left out is ./tests/run alone: it is the other
 * parts of the tests.
 *
 * What docs/install.md takes for granted is brought: a certificate, which here is one of our own.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { MINUTE, Machine, RELEASES } from '../lib/machine.mjs';
import { blocksOf, commandsOf, pages } from '../lib/pages.mjs';

const SITE = 'pbx.example.org';
const CERTIFICATE = '/etc/ssl/pbx.pem', KEY = '/etc/ssl/private/pbx.key';
const SERVICES = ['postgresql', 'redis-server', 'nginx', 'dialtone-api', 'dialtone-jobs', 'dialtone-relay@aa', 'dialtone-relay@ab'];

class Reader {
  constructor(machine) {
    this.machine = machine;
    this.user = machine.shell('reader');
    this.root = machine.shell('root');
  }

  async type({ isRoot, script }, shown) {
    if (script.startsWith('./tests/run')) return;
    if (script.startsWith('./packaging/quickstart')) await this.startQuickstart(script);
    else await (isRoot ? this.root : this.user).execute(script, shown, 20 * MINUTE);
  }

  async startQuickstart(script) {
    this.quickstart = this.machine.terminal('reader', `exec ${script}`);
    await this.quickstart.until(() => this.quickstart.text.includes('Ctrl-C stops everything'),
      { what: 'quickstart to be ready', seconds: 30 * MINUTE });
  }

  async read(block) {
    if (block.kind === 'sh') await this.user.execute(block.body, block.shown, MINUTE);
    else {
      const commands = commandsOf(block);
      for (const command of commands) await this.type(command, command === commands.at(-1) ? block.shown : []);
    }
  }
}

/* What the reader of the production part is told to have. */
const bringCertificate = (root) => root.execute(`openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 2 \
  -subj /CN=${SITE} -addext subjectAltName=DNS:${SITE} -keyout ${KEY} -out ${CERTIFICATE} 2>&1`);

async function everyBlock(t, reader) {
  let failed; /* what comes after a failed one would only fail because of it */
  const blocks = (await Promise.all((await pages()).map((page) => blocksOf(page)))).flat();
  for (const block of blocks) {
    await t.test(block.title, async () => {
      assert.equal(failed, undefined, 'a block before this one failed');
      failed = block.title;
      if (block.body.includes(CERTIFICATE)) await bringCertificate(reader.root);
      await reader.read(block);
      failed = undefined;
    });
  }
  return !failed;
}

/* The blocks of First steps at once, as they come out of a clipboard. */
async function pastedWhole(machine) {
  const terminal = machine.terminal('reader');
  const steps = await blocksOf('README.md', ['sh']);
  terminal.child.stdin.write(`${steps.map(({ body }) => body).join('').replaceAll('alice.example', 'bob.example')}\necho end-$((40 + 2))\n`);
  await terminal.until(() => terminal.text.includes('end-42'), { what: 'the prompt after all that was pasted', seconds: 2 * MINUTE });
  assert.match(terminal.text, /^heard extenRinging \[/m);
  assert.match(terminal.text, /token revoked/);
  terminal.end();
}

const curl = `curl -sS --fail-with-body --cacert ${CERTIFICATE} --resolve ${SITE}:443:127.0.0.1`;

async function productionServes(root) {
  for (const service of SERVICES) await root.execute(`systemctl is-active ${service} || systemctl status --no-pager ${service}`, ['active']);
  await root.execute('runuser -u dialtone -- dialtonectl status', ['database …ok', 'redis …ok', 'schema …current'], MINUTE);
  await root.execute(`${curl} https://${SITE}/api/ping`);
  await root.execute(`${curl} -H 'Content-Type: application/json' -d '{"username":"alice.admin","password":"'"$(cat password-file)"'"}' https://${SITE}/api/login`,
    ['{"code":200,…"token":"…']);
  for (let i = 0; i < 4; i++) await root.execute(`${curl} 'https://${SITE}/api/ws/?EIO=4&transport=polling'`, ['0{"sid":"…']);
  await root.execute(`! curl -sk --max-time 5 https://127.0.0.1/`);
}

const productionReloads = (root) => root.execute(`systemctl reload dialtone-api dialtone-jobs 'dialtone-relay@*'
  echo 'no_such_setting = 1' >>/etc/dialtone/dialtone.conf
  ! systemctl reload dialtone-api
  sed -i '$d' /etc/dialtone/dialtone.conf
  systemctl reload dialtone-api`, [], MINUTE);

const productionUpgrades = (root) => root.execute(`systemctl start dialtone-migrate
  systemctl restart dialtone-api dialtone-jobs
  systemctl restart dialtone-relay@aa
  systemctl restart dialtone-relay@ab
  until ${curl} https://${SITE}/api/ping; do sleep 0.2; done`, [], MINUTE);

for (const release of RELEASES) {
  test(`README.md and docs/ on a fresh ${release}`, async (t) => {
    const machine = await Machine.boot(release);
    after(() => machine.remove());
    const reader = new Reader(machine);
    const done = await everyBlock(t, reader);
    if (!done) return;
    await t.test('First steps pasted whole come to an end', () => pastedWhole(machine));
    await t.test('production serves', () => productionServes(reader.root));
    await t.test('production reloads, and refuses a broken file', () => productionReloads(reader.root));
    await t.test('production is upgraded as docs/upgrade.md says', () => productionUpgrades(reader.root));
    await t.test('production serves again', () => productionServes(reader.root));
    await t.test('Ctrl-C ends quickstart and all it started', async () => {
      reader.quickstart.child.stdin.write('\x03');
      assert.equal(await reader.quickstart.ended, 0);
      await reader.root.execute("! cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' | grep -E 'dialtone/(build-release|var)/'");
    });
  });
}
