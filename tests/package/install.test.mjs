/*
 * docs/install.md, with packages: typed on a machine of its own that has nothing on it, from the clone to the first login. Then
 * what strangers do to packages, and packaging/debian/tests/life, as Debian's own tests run it, which ends with nothing left.
 *
 * DIALTONE_PACKAGES names a folder that has them, so that they are not built there.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';

import { CLONE, MINUTE, Machine, RELEASES } from '../lib/machine.mjs';
import { blocksOf, commandsOf } from '../lib/pages.mjs';

const SITE = 'pbx.example.org', CERTIFICATE = '/etc/ssl/pbx.pem';
const NAMES = 'dialtone dialtone-relay dialtone-nginx';
const BEFORE = '_0.0.9-'; /* a version for package.test.mjs alone */
const FILES = NAMES.split(' ').map((name) => `${CLONE}/packages/${name}_*.deb`).join(' ');
const APT = 'DEBIAN_FRONTEND=noninteractive apt-get -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends';

class Administrator {
  constructor(machine) {
    this.root = machine.shell('root');
    this.user = machine.shell('reader');
  }

  type(script, shown = [], seconds = 10 * MINUTE) {
    return this.root.execute(script, shown, seconds);
  }

  async reads(blocks) {
    for (const block of blocks) {
      for (const { isRoot, script } of commandsOf(block)) await (isRoot ? this.root : this.user).execute(script, block.shown, 30 * MINUTE);
    }
  }

  /* Not so much what was done as what is said of it. */
  async says(script, pattern) {
    assert.match(await this.type(`{ ${script}\n} 2>&1 || true`), pattern);
  }
}

/* ---- packages as files ---- */

async function brought(machine, from) {
  await fs.mkdir(machine.at(`${CLONE}/packages`));
  for (const file of await fs.readdir(from)) {
    if (!file.includes(BEFORE)) await fs.copyFile(path.join(from, file), machine.at(`${CLONE}/packages/${file}`));
  }
}

/* Elsewhere, later, by a user with other habits. */
async function builtAgain({ user }) {
  await user.execute(`mkdir -p ../elsewhere
    (umask 077; export TMPDIR=$HOME/elsewhere TZ=Asia/Tokyo LC_ALL=C; packaging/build-deb --no-tests --output ../again)
    (cd packages && sha256sum *.deb *.dsc *.tar.xz) >sums
    cd ../again && sha256sum --quiet -c ../dialtone/sums && cd ../dialtone`, [], 30 * MINUTE);
}

/* An override has a comment before it. */
async function lintianIsContent({ user }) {
  await user.execute(`lintian --fail-on error,warning --tag-display-limit 0 packages/*.changes
    awk 'FNR == 1 { said = 0 } /^#/ { said = 1; next } !said { exit 1 } { said = 0 }' packaging/debian/*.lintian-overrides packaging/debian/source/lintian-overrides`, [], 5 * MINUTE);
}

/* ---- what strangers do ---- */

async function installedTwice(administrator) {
  await administrator.type(`sha256sum /etc/dialtone/* >/root/before 2>/dev/null || true
    (umask 077; LC_ALL=C ${APT} install --reinstall ${FILES} >/root/apt.log 2>&1)
    sha256sum --quiet -c /root/before
    [ "$(stat -c %U:%G:%a /etc/dialtone /etc/dialtone/dialtone.conf /etc/dialtone/keys | tr '\\n' ' ')" = \
      'dialtone:dialtone:700 root:dialtone:640 dialtone:dialtone:600 ' ]
    [ "$(stat -c %a /usr/share/dialtone/nginx/render /usr/bin/dialtonectl /usr/share/dialtone/nginx/reference/index.html | tr '\\n' ' ')" = '755 755 644 ' ]`);
}

/* The database has stayed, and with it what only the keys that are gone can open. */
async function installedWithoutItsKeys(administrator) {
  await administrator.says(`${APT} purge ${NAMES}`, /the keys in \/etc\/dialtone\/keys are removed/);
  await administrator.says(`${APT} install ${FILES}`, /no keys were made in [^]*secrets that other keys have sealed/);
  await administrator.type('[ ! -e /etc/dialtone/keys ]');
}

/* What runs by hand, and what is in the way, keeps apt from nothing. */
async function purgedWithAProcessLeft(administrator) {
  await administrator.type(`setpriv --reuid=dialtone --regid=dialtone --clear-groups sleep 1000 &
    echo $! >/root/left`);
  await administrator.says(`${APT} purge ${NAMES}`, /the user dialtone stays: a process of it is running/);
  await administrator.type(`[ ! -e /etc/dialtone ]
    kill $(cat /root/left); wait || true
    userdel dialtone; ! getent group dialtone || groupdel dialtone`);
}

const withoutServers = (administrator) => administrator.type(`cp /etc/redis/redis.conf /root/redis.conf
  systemctl stop postgresql redis-server nginx
  ${APT} install ${FILES} >/root/apt.log 2>&1
  systemctl daemon-reload; ! systemctl --failed --plain --no-legend | grep dialtone
  ${APT} purge ${NAMES} >/root/apt.log 2>&1`);

/* ---- all of it ---- */

const life = (administrator) => administrator.type(`systemctl start postgresql
  runuser -u postgres -- psql -q -c 'DROP DATABASE dialtone' -c 'DROP ROLE dialtone' 2>&1
  sed -i '/^port 0$/d; /^unixsocket/d; /^aclfile/d' /etc/redis/redis.conf
  rm -f /etc/nginx/conf.d/dialtone.conf* /etc/redis/users.acl ${CERTIFICATE}
  systemctl restart redis-server nginx
  ${APT} install ${FILES} >/root/apt.log 2>&1
  cd /tmp; DIALTONE_PACKAGES=${CLONE}/packages ${CLONE}/packaging/debian/tests/life`, ['all well'], 15 * MINUTE);

for (const release of RELEASES) {
  test(`docs/install.md with packages on a fresh ${release}`, async (t) => {
    const machine = await Machine.boot(release);
    after(() => machine.remove());
    const administrator = new Administrator(machine);
    const blocks = await blocksOf('docs/install.md', ['console'], 'package');
    let failed; /* what comes after a failed one would only fail because of it */
    const step = (name, act) => t.test(name, async () => {
      assert.equal(failed, undefined, 'a step before this one failed');
      failed = name;
      await act(administrator);
      failed = undefined;
    });
    if (process.env.DIALTONE_PACKAGES) {
      await step('they are brought', () => brought(machine, process.env.DIALTONE_PACKAGES));
    } else {
      await step('they are built', () => administrator.reads(blocks.slice(0, 1)));
      await step('two builds give the same bytes', builtAgain);
      await step('lintian is content', lintianIsContent);
    }
    await step('from the packages to the first login', async () => {
      await administrator.type(`openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 2 -subj /CN=${SITE} \
        -addext subjectAltName=DNS:${SITE} -keyout /etc/ssl/private/pbx.key -out ${CERTIFICATE} 2>&1`);
      await administrator.reads(blocks.slice(1));
    });
    await step('installed twice, with another umask', installedTwice);
    await step('purged, and installed where the database stayed', installedWithoutItsKeys);
    await step('purged while a process is left', purgedWithAProcessLeft);
    await step('without PostgreSQL, Redis and nginx running', withoutServers);
    await step('packaging/debian/tests/life', life);
  });
}
