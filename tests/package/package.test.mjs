/*
 * The packages on a machine of their own that has nothing on it: installed, upgraded from the version before and back while
 * requests come, with what goes wrong on the way, broken and repaired, removed. The version before is the programs and
 * tables of BEFORE, which had no packages: it comes in those of today.
 *
 * DIALTONE_PACKAGES names a folder that has both versions, so that they need not be built. Figures are printed in lines that
 * begin with "measured".
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, test } from 'node:test';

import { sourceDir, temporaryDirectory } from '../lib/instance.mjs';
import { MINUTE, Machine, RELEASES } from '../lib/machine.mjs';
import { blocksOf, commandsOf } from '../lib/pages.mjs';
import { run, runOk } from '../lib/run.mjs';
import { until } from '../lib/until.mjs';
import { SERVICES, SITE, Server, UNITS, measured } from './server.mjs';

const BEFORE = '5b18374', BEFORE_SCHEMA = 18;
const OLD = '0.0.9', NEW = '0.1.0';
const SAFE_REQUESTS = 10000;
const SOCKET_USERS = 50; /* 20 sockets each */
const EXPOSURE_MAX = 1.2;

async function packagesOf(release) {
  if (process.env.DIALTONE_PACKAGES) return process.env.DIALTONE_PACKAGES;
  const to = await temporaryDirectory('packages');
  const builds = [['--no-tests', '--version', NEW], ['--no-tests', '--version', OLD, '--source', BEFORE]];
  const here = await run('bash', ['-c', '. /etc/os-release && echo "$VERSION_CODENAME"']);
  if (here.stdout.trim() === release) {
    for (const options of builds) {
      await runOk(path.join(sourceDir, 'packaging/build-deb'), ['--output', to, ...options], { cwd: sourceDir, seconds: 20 * MINUTE });
    }
  } else {
    await runOk(path.join(sourceDir, 'tests/in_root'), ['--packages', release, to, ...builds[0], '+', ...builds[1]], { seconds: 40 * MINUTE });
  }
  return to;
}

/* ---- upgrades ---- */

/* The tables cannot be changed: what runs goes on, and says how it goes on. */
async function failedMigration(server) {
  await server.type("runuser -u dialtone -- psql -q dialtone -c 'CREATE TABLE audit (occupied int)'");
  const said = await server.underLoad('upgrade whose migration fails', () => server.install(NEW));
  assert.match(said, /could not be brought to this version/);
  assert.equal(await server.schema(), BEFORE_SCHEMA + 1, await server.tries('journalctl -n 20 --no-pager -u dialtone-migrate'));
  assert.equal(await server.version(), NEW);
  await server.becomesWell();
  await server.type("runuser -u dialtone -- psql -q dialtone -c 'DROP TABLE audit'");
}

/* With what it said is to be typed. */
async function mendedMigration(server) {
  await server.underLoad('the same, mended', async () => {
    await server.type(`systemctl start dialtone-migrate
      systemctl restart dialtone-api dialtone-jobs dialtone-pbx
      systemctl restart dialtone-relay@aa
      systemctl restart dialtone-relay@ab`);
  });
  await server.printSite();
  await server.becomesWell();
  await server.runsWhatIsInstalled();
  assert.ok(await server.schema() > BEFORE_SCHEMA);
}

async function backAndForth(server) {
  await server.underLoad('back to the version before, and up again', async () => {
    await server.install(OLD, { umask: '000' });
    await server.runsWhatIsInstalled();
    assert.equal(await server.version(), OLD);
    await server.becomesWell();
    await server.install(NEW);
    await server.runsWhatIsInstalled();
    assert.equal(await server.version(), NEW);
  }, { atLeast: SAFE_REQUESTS });
  await server.becomesWell();
}

/* dpkg dies in the middle, twice at once is refused, and the second try ends well. */
async function interruptedUpgrade(server) {
  await server.install(OLD);
  await server.underLoad('upgrade killed half way, and finished', async () => {
    await server.type(`dpkg --unpack ${server.files(NEW)} >/dev/null
      dpkg --configure -a >/root/configure.log 2>&1 &
      until pidof -x dialtone.postinst >/dev/null; do :; done
      kill -9 $! $(pidof -x dialtone.postinst)`);
    assert.match(await server.tries('dpkg --audit'), /dialtone/);
    await server.type('dpkg --configure -a', { seconds: 2 * MINUTE });
  });
  await server.becomesWell();
  await server.runsWhatIsInstalled();
}

async function twoUpgrades(server) {
  await server.install(OLD);
  const said = await server.underLoad('two upgrades at once', async () => {
    const both = await Promise.all([server.tries(`dpkg -i ${server.files(NEW)}`), server.tries(`dpkg -i ${server.files(NEW)}`)]);
    return both.join('\n');
  });
  assert.match(said, /lock/);
  await server.becomesWell();
  await server.runsWhatIsInstalled();
  assert.equal(await server.version(), NEW);
}

/* ---- what an administrator does ---- */

async function restarts(server) {
  await server.underLoad('3 kill -9 of the supervisor, 3 restarts, 2 reloads', async () => {
    for (let i = 0; i < 3; i++) {
      const before = await server.type('systemctl show -p NRestarts --value dialtone-api');
      await server.killApi();
      await until(async () => (await server.type('systemctl show -p NRestarts --value dialtone-api')) !== before && (await server.states())[1] === 'active',
        { what: 'the API to be back' });
    }
    for (let i = 0; i < 3; i++) await server.type('systemctl restart dialtone-api');
    for (let i = 0; i < 2; i++) await server.type("systemctl reload dialtone-api dialtone-jobs 'dialtone-relay@*'");
    await server.type('systemctl restart dialtone.target');
    await server.becomesWell();
  }, { atLeast: 3000 });
}

async function exposure(server) {
  for (const service of [...SERVICES, 'dialtone-migrate']) {
    const said = await server.type(`systemd-analyze security --no-pager ${service}.service | tail -n 1`);
    const level = Number(said.match(/: ([\d.]+) /)[1]);
    measured(`exposure of ${service}`, level);
    assert.ok(level <= EXPOSURE_MAX, said);
  }
}

/* A file with mistakes is refused where it is seen, and changes nothing. */
async function brokenReload(server) {
  await server.underLoad('a reload with mistakes in the file', async () => {
    await server.type("cp -p /etc/dialtone/dialtone.conf /root/kept.conf; echo 'no_such_setting = 1' >>/etc/dialtone/dialtone.conf");
    for (const service of SERVICES) {
      const pid = await server.type(`systemctl show -p MainPID --value ${service}`);
      assert.match(await server.tries(`systemctl reload ${service}`), /failed[^]*and ended with 1/);
      assert.match(await server.type(`journalctl --no-pager -p err -n 3 -u ${service}`), /no_such_setting/);
      assert.equal(await server.type(`systemctl show -p MainPID --value ${service}`), pid);
    }
    await server.type('cp -p /root/kept.conf /etc/dialtone/dialtone.conf');
    await server.type(`systemctl reload ${SERVICES.join(' ')}`);
  });
}

/* Restarted with mistakes in the file, or without a server: none gives up before that is mended. */
async function brokenRestart(server) {
  await server.type(`sed -i '1i no_such_setting = 1' /etc/dialtone/dialtone.conf
    systemctl restart --no-block ${SERVICES.join(' ')}`);
  await until(async () => Number(await server.type('systemctl show -p NRestarts --value dialtone-api')) >= 6, { what: 'six tries', seconds: 60 });
  const states = await server.states();
  assert.ok(states[0] === 'active' && !states.includes('failed'), states.join(' '));
  await server.type('cp -p /root/kept.conf /etc/dialtone/dialtone.conf');
  await server.becomesWell();
}

async function startedWithoutServers(server) {
  await server.type(`systemctl mask --runtime --now postgresql redis-server 2>/dev/null
    systemctl restart --no-block ${SERVICES.join(' ')}`);
  await until(async () => (await server.states(['dialtone-api']))[0] === 'active', { what: 'the API to serve without a database' });
  assert.equal(await server.status('/api/accounts'), 503);
  await server.type('systemctl unmask --runtime postgresql redis-server 2>/dev/null; systemctl start postgresql redis-server');
  await server.becomesWell();
}

async function socketAlone(server) {
  await server.type('systemctl stop dialtone-api.socket');
  assert.deepEqual(await server.states(['dialtone-api.socket', 'dialtone-api']), ['inactive', 'inactive']);
  assert.equal(await server.status(), 503);
  await server.type('systemctl start dialtone-api');
  await server.becomesWell();
  await server.type('systemctl restart dialtone-api.socket');
  await server.becomesWell();
  await server.type('rm -f /run/dialtone/api.sock; systemctl restart dialtone-api.socket');
  await server.becomesWell();
}

async function readOnlyVar(server) {
  await server.type(`mount --bind /var /var && mount -o remount,bind,ro /var
    systemctl restart ${SERVICES.join(' ')}`);
  assert.deepEqual([...new Set(await server.states(SERVICES))], ['active']);
  assert.equal(await server.status('/api/ping'), 200);
  await server.type('umount /var');
  await server.becomesWell();
}

/* With 1,000 sockets open: by themselves they stay where they are; with worker_shutdown_timeout they end after that time, and
 * come back. No request fails either way. */
async function nginxReloads(server) {
  await server.type(`sed -i -e 's/worker_connections .*/worker_connections 8192;/' -e '1i worker_rlimit_nofile 16384;' /etc/nginx/nginx.conf
    systemctl restart nginx`);
  const sockets = await server.sockets(SOCKET_USERS);
  const all = SOCKET_USERS * 20;
  await server.underLoad(`nginx reloaded with ${all} sockets`, async () => {
    await server.type('systemctl reload nginx');
    await sockets.tellEach('staying');
    await sockets.until(({ heard }) => heard === all, 'staying');
  }, { atLeast: 1000 });
  assert.deepEqual(await sockets.state('staying'), { live: all, drops: 0, heard: all });
  /* It holds for processes that were started with it. */
  await server.type("sed -i '1i worker_shutdown_timeout 3s;' /etc/nginx/nginx.conf; systemctl restart nginx");
  await sockets.until(({ live, drops }) => live === all && drops === all, 'back');
  await server.underLoad(`nginx reloaded with ${all} sockets and worker_shutdown_timeout`, async () => {
    await server.type('systemctl reload nginx');
    await sockets.until(({ live, drops }) => live === all && drops === 2 * all, 'moved');
    await sockets.tellEach('moved');
    await sockets.until(({ heard }) => heard === all, 'moved');
  }, { atLeast: 1000 });
  measured('sockets moved', JSON.stringify(await sockets.state('moved')));
  await sockets.end();
}

/* No room where the packages are unpacked: what was installed runs on, and with room the next try ends well. */
async function diskFull(server) {
  await server.install(OLD);
  await server.underLoad('upgrade on a full disk', async () => {
    await server.type(`mkdir /root/share && cp -a /usr/share/dialtone/. /root/share/
      mount -t tmpfs -o size=$(du -sk /root/share | cut -f1)k,mode=0755 tmpfs /usr/share/dialtone
      cp -a /root/share/. /usr/share/dialtone/ || true
      head -c 100M /dev/zero >/usr/share/dialtone/full 2>/dev/null || true`);
    assert.match(await server.tries(`dpkg -i ${server.files(NEW)}`), /No space left|and ended with/);
    await server.type(`umount /usr/share/dialtone
      rm -r /root/share
      dpkg -i ${server.files(NEW)}`);
  });
  await server.becomesWell();
  await server.runsWhatIsInstalled();
}

/* ---- all of it ---- */

async function installed(server) {
  const begun = Date.now();
  await server.install(OLD, { umask: '000' });
  await server.setUp();
  await server.logIn();
  measured('from the packages to the first login', `${Math.round((Date.now() - begun) / 1000)} s`);
  assert.equal(await server.schema(), BEFORE_SCHEMA);
  await server.becomesWell();
}

/* The blocks of docs/upgrade.md in these sections. */
async function typeBlocks(server, isWanted) {
  for (const block of (await blocksOf('docs/upgrade.md', ['console'], 'package')).filter(({ section }) => isWanted(section))) {
    for (const { script } of commandsOf(block)) {
      const said = await server.type(`cd /root\n${script}`);
      if (script === commandsOf(block).at(-1).script) for (const line of block.shown) assert.match(said, new RegExp(line.replace('…', '.*')));
    }
  }
}

async function documented(server) {
  await server.type(`mkdir /root/new /root/old && cp ${server.files(NEW)} /root/new/ && cp ${server.files(OLD)} /root/old/`);
  await typeBlocks(server, (section) => section !== 'Removing');
  await server.becomesWell();
}

/* Figures and health on TCP, a QR code, and what a relay has of its own, from programs that are shut off. */
async function monitored(server) {
  await server.type(`sed -i -e 's|^.api.$|&\\nmetrics_listen = 127.0.0.1:9471|' -e 's|^.jobs.$|&\\nmetrics_listen = 127.0.0.1:9472|' \
      -e 's|^.pbx.$|&\\nmetrics_listen = 127.0.0.1:9473|' /etc/dialtone/dialtone.conf
    echo DIALTONE_RELAY_METRICS_LISTEN=127.0.0.1:9481 >/etc/default/dialtone-relay-aa
    systemctl restart dialtone-api dialtone-jobs dialtone-pbx dialtone-relay@aa`);
  for (const port of [9471, 9472, 9473, 9481]) {
    await until(async () => /"status":"ok"/.test(await server.tries(`curl -sS http://127.0.0.1:${port}/up`)), { what: `health on port ${port}` });
    assert.match(await server.type(`curl -sS http://127.0.0.1:${port}/metrics`), /^dialtone_build_info\{/m);
  }
  const { provisioning_token: token } = JSON.parse(await server.ask('/api/accounts/1/provision'));
  assert.match(await server.type(`${server.curl} -o /root/qr.png https://${SITE}/provisioning/qrcode/${token} && head -c 4 /root/qr.png`), /PNG/);
}

async function purged(server, before) {
  await typeBlocks(server, (section) => section === 'Removing');
  assert.deepEqual([...new Set(await server.states(UNITS))], ['inactive']);
  assert.equal(await server.type('ls /etc/dialtone/keys'), '/etc/dialtone/keys');
  await server.type('apt-get purge -y -qq dialtone dialtone-relay dialtone-nginx 2>&1');
  const left = (await server.holdings()).filter((line) => !before.includes(line));
  assert.deepEqual(left.filter((line) => !OWN.some((own) => line.startsWith(own))), []);
  assert.equal(await server.tries('systemctl list-units --all --plain --no-legend "dialtone*"; ls /run/dialtone'), "ls: cannot access '/run/dialtone': No such file or directory\nand ended with 2");
}

/* What the administrator of this test has made. */
const OWN = ['/etc/ssl/', '/etc/nginx/', '/etc/default/dialtone-relay-aa', '/etc/redis/'];

for (const release of RELEASES) {
  test(`packages on a fresh ${release}`, async (t) => {
    const [machine, packages] = await Promise.all([Machine.boot(release), packagesOf(release)]);
    after(() => machine.remove());
    const server = new Server(machine);
    await server.bring(packages);
    await server.installOthers(NEW);
    const before = await server.holdings();
    let failed; /* what comes after a failed one would only fail because of it */
    const step = (name, act) => t.test(name, async () => {
      assert.equal(failed, undefined, 'a step before this one failed');
      failed = name;
      const begun = Date.now();
      await act(server, before);
      measured(name, `${Math.round((Date.now() - begun) / 1000)} s`);
      failed = undefined;
    });
    await step('installed, set up, logged in', installed);
    await step('a migration that fails changes nothing', failedMigration);
    await step('mended, the upgrade goes on', mendedMigration);
    await step('back to the version before, and up again', backAndForth);
    await step('an upgrade that was killed is finished', interruptedUpgrade);
    await step('two upgrades at once', twoUpgrades);
    await step('an upgrade on a full disk', diskFull);
    await step('restarts, reloads and kills cost no request', restarts);
    await step('nginx reloaded with 1,000 sockets', nginxReloads);
    await step('units are as shut off as they can be', exposure);
    await step('a file with mistakes is not reloaded', brokenReload);
    await step('after a restart with mistakes all is well once they are mended', brokenRestart);
    await step('started without PostgreSQL and Redis', startedWithoutServers);
    await step('the socket stopped alone, restarted, gone', socketAlone);
    await step('read-only /var', readOnlyVar);
    await step('docs/upgrade.md', documented);
    await step('figures, health and pictures', monitored);
    await step('removed and purged', purged);
  });
}
