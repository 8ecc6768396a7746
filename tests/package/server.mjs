/* A machine with the packages, as its administrator and its clients see it. */
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';

import { sourceDir } from '../lib/instance.mjs';
import { MINUTE } from '../lib/machine.mjs';
import { Shell } from '../lib/pages.mjs';
import { until } from '../lib/until.mjs';

export const SITE = 'pbx.example.org';
export const CERTIFICATE = '/etc/ssl/pbx.pem';
const KEY = '/etc/ssl/private/pbx.key';
const RELAYS = ['aa', 'ab'];
export const SERVICES = ['dialtone-api', 'dialtone-jobs', 'dialtone-pbx', ...RELAYS.map((id) => `dialtone-relay@${id}`)];
export const UNITS = ['dialtone-api.socket', ...SERVICES];
const PASSWORD = 'correct horse battery';
const APT = 'DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends --allow-downgrades -o Dpkg::Use-Pty=0';

export const measured = (what, value) => console.log(`measured: ${what}: ${value}`);

const printSite = (program) => `${program} --api /run/dialtone/api.sock ${RELAYS.map((id) => `--relay ${id}=unix:/run/dialtone/relay-${id}.sock`).join(' ')} \\
  --server-name ${SITE} --tls 443 --redirect 80 --certificate ${CERTIFICATE} --key ${KEY} >/etc/nginx/conf.d/dialtone.conf`;

/* As the documentation of the packages says, but for Redis's users, and with no limits in the way of the load. */
const SET_UP = `
systemctl start postgresql
runuser -u postgres -- createuser dialtone
runuser -u postgres -- createdb -O dialtone dialtone
printf '%s\\n' 'port 0' 'unixsocket /run/redis/redis-server.sock' 'unixsocketperm 770' >>/etc/redis/redis.conf
usermod -aG redis dialtone
systemctl restart redis-server
sed -i -e 's|^#*public_url =.*|public_url = https://${SITE}|' \
  -e 's|^.api.$|&\\nrequest_rate = 0\\nstranger_rate = 0\\naccount_requests_per_minute = 0|' /etc/dialtone/dialtone.conf
[ -e /etc/dialtone/keys ] || runuser -u dialtone -- dialtonectl keys create
runuser -u dialtone -- dialtonectl config check
systemctl start dialtone-migrate
runuser -u dialtone -- dialtonectl space create sip.example.org ${SITE} Example --super
echo '${PASSWORD}' | runuser -u dialtone -- dialtonectl admin create alice.admin sip.example.org
systemctl enable --now ${SERVICES.join(' ')}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 2 -subj /CN=${SITE} \
  -addext subjectAltName=DNS:${SITE} -keyout ${KEY} -out ${CERTIFICATE} 2>/dev/null
${printSite('/usr/share/dialtone/nginx/render --share /usr/share/dialtone/nginx')}
rm -f /etc/nginx/sites-enabled/default
nginx -t -q
systemctl restart nginx`;

const CURL = `curl -sS --fail-with-body --max-time 20 --cacert ${CERTIFICATE} --resolve ${SITE}:443:127.0.0.1`;
const LOGIN = `${CURL} -H 'Content-Type: application/json' -d '{"username":"alice.admin","password":"${PASSWORD}"}' https://${SITE}/api/login`;

/* What is the same after purging as before: users, groups, and all files but those that the system writes as time goes by. */
const HOLDINGS = `getent passwd
  getent group | sed 's/:[^:]*$/:/'
  find / -xdev \\( ${['/proc', '/sys', '/run', '/dev', '/tmp', '/var/tmp', '/root', '/home', '/var/cache', '/var/log', '/var/lib/dpkg', '/var/lib/apt',
    '/var/lib/postgresql', '/var/lib/redis', '/var/lib/systemd/timers'].map((folder) => `-path ${folder}`).join(' -o ')} \\) -prune -o -print`;

/* Clients on sockets (sockets.mjs), and what they hear. */
class Sockets {
  constructor(server, shell, users) {
    Object.assign(this, { server, shell, users });
  }

  /* One event to each user, which says this word. */
  tellEach(word) {
    return this.server.type(`for i in $(seq 0 ${this.users - 1}); do
      redis-cli -s /run/redis/redis-server.sock publish "cti1:{sip.example.org}:u:socket.$i" '["extenRinging", {"x": {"word": "${word}"}}]'; done >/dev/null`);
  }

  async state(word) {
    this.shell.text = '';
    this.shell.child.stdin.write(`${word}\n`);
    await this.shell.until(() => this.shell.text.includes('}\n'), { what: 'the state of the sockets', seconds: MINUTE });
    return JSON.parse(this.shell.text);
  }

  until(condition, word) {
    let last;
    return until(async () => condition(last = await this.state(word)), { what: `sockets: ${word}`, seconds: MINUTE }).catch((error) => {
      throw new Error(`${error.message}, last: ${JSON.stringify(last)}`);
    });
  }

  async end() {
    this.shell.child.stdin.end();
    await this.shell.ended;
  }
}

export class Server {
  constructor(machine) {
    this.machine = machine;
  }

  /* As root, in a shell of its own, which ends at a failing command. What it prints. */
  async type(script, { umask = '077', seconds = 5 * MINUTE, shown = [] } = {}) {
    const shell = this.machine.shell('root', '/');
    try {
      return (await shell.execute(`umask ${umask}\n${script}`, shown, seconds)).replace(/\n?example \d+ ended with 0\n$/, '').trim();
    } finally {
      shell.child.stdin.end();
    }
  }

  /* What it says, whatever it ends with. */
  tries(script, options) {
    return this.type(`{ ${script}\n} 2>&1 || echo "and ended with $?"`, options);
  }

  async bring(packages) {
    this.folder = '/root/packages';
    await fs.mkdir(this.machine.at(this.folder), { recursive: true });
    for (const name of await fs.readdir(packages)) {
      if (/^dialtone(-relay|-nginx)?_.*\.deb$/.test(name)) await fs.copyFile(path.join(packages, name), path.join(this.machine.at(this.folder), name));
    }
  }

  files(version) {
    return `${this.folder}/dialtone{,-relay,-nginx}_${version}-*.deb`;
  }

  /* What the packages want, and the servers beside them: all that is not ours. */
  async installOthers(version) {
    await this.type(`apt-get update -qq
      ${APT} postgresql redis-server nginx openssl curl >/dev/null
      ${APT} $(apt-get install -s --no-install-recommends ${this.files(version)} | awk '/^Inst/ && $2 !~ /^dialtone/ { print $2 }') >/dev/null`);
  }

  install(version, options) {
    return this.type(`${APT} ${this.files(version)} 2>&1`, options);
  }

  setUp() {
    return this.type(SET_UP);
  }

  /* As an upgrade may ask for. */
  printSite() {
    return this.type(`${printSite('dialtone-render-nginx')}\nnginx -t -q\nsystemctl reload nginx`);
  }

  holdings() {
    return this.type(HOLDINGS).then((text) => text.split('\n').sort());
  }

  async logIn() {
    this.token = JSON.parse(await this.type(LOGIN)).token;
    this.apiKey ??= (await this.type('runuser -u dialtone -- dialtonectl api-key create alice.admin sip.example.org --name load')).split(/\s+/).at(-1);
  }

  get curl() {
    return CURL;
  }

  /* As the administrator with the key. */
  ask(path) {
    return this.type(`${CURL} -H 'x-api-key: ${this.apiKey}' https://${SITE}${path}`);
  }

  /* The status of a request of the one who is logged in. */
  async status(path = '/api/user/me') {
    return Number(await this.type(`${CURL} -o /dev/null -w '%{http_code}' -H 'Authorization: Bearer ${this.token}' https://${SITE}${path} 2>/dev/null || true`));
  }

  /* Requests while this is done, and at least so many safe ones, none of which may fail; writes are put off at most. */
  async underLoad(what, work, { atLeast = 0 } = {}) {
    const settings = { certificate: this.machine.at(CERTIFICATE), site: SITE, apiKey: this.apiKey, token: this.token, atLeast };
    const load = this.inside('load.mjs', settings);
    let done;
    try {
      await load.until(() => load.text.includes('asking'), { what: 'the first answer', seconds: 20 });
      done = await work();
    } finally {
      load.child.stdin.end();
      await load.ended;
    }
    const counts = load.text.trim().split('\n').at(-1);
    const { safe, writes } = JSON.parse(counts);
    measured(what, counts);
    assert.equal(safe.failed, 0, counts);
    assert.equal(writes.failed, 0, counts);
    return done;
  }

  /* Of that many users, each with 20. */
  async sockets(users) {
    const settings = { certificate: this.machine.at(CERTIFICATE), site: SITE, apiKey: this.apiKey, users };
    const shell = this.inside('sockets.mjs', settings);
    await shell.until(() => shell.text.includes('all live'), { what: 'all sockets', seconds: 2 * MINUTE });
    return new Sockets(this, shell, users);
  }

  /* A program of this folder, in the machine's network. */
  inside(program, settings) {
    return new Shell('nsenter', ['--target', this.machine.init, '--net', process.execPath,
      path.join(sourceDir, 'tests/package', program), JSON.stringify(settings)]);
  }

  async states(units = UNITS) {
    return (await this.type(`systemctl is-active ${units.join(' ')} || true`)).split('\n');
  }

  /* By themselves: nothing is started here. */
  async becomesWell(units = UNITS) {
    let states = [];
    try {
      await until(async () => (states = await this.states(units)).every((state) => state === 'active'), { what: 'all units to be active', seconds: 60 });
      await until(async () => (await this.status()) === 200, { what: 'an answer', seconds: 60 });
    } catch (error) {
      const journal = await this.tries("journalctl -n 60 --no-pager -u 'dialtone*' | grep -v event=request");
      throw new Error(`${error.message}: ${units.map((unit, i) => `${unit} ${states[i]}`).join(', ')}\n${journal}`);
    }
  }

  version() {
    return this.type("dpkg-query -W -f '${Version}' dialtone").then((version) => version.split('-')[0]);
  }

  schema() {
    return this.type("runuser -u postgres -- psql -qtA dialtone -c 'SELECT max(version) FROM schema_migrations'").then(Number);
  }

  /* The programs that run are those of the files that are there now. */
  async runsWhatIsInstalled() {
    for (const service of SERVICES) {
      const program = await this.type(`readlink /proc/$(systemctl show -p MainPID --value ${service})/exe`);
      assert.match(program, /^\/usr\/bin\/dialtone-\w+$/, `${service} runs ${program}`);
    }
  }

  killApi() {
    return this.type('kill -9 $(systemctl show -p MainPID --value dialtone-api)');
  }
}
