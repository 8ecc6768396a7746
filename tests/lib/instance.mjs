/*
 * A Dialtone for tests: the same nginx, PostgreSQL, Redis, API, relays and jobs that
 * packaging/quickstart starts, from the sanitizer build, in a directory and on ports of its own.
 *
 *   const dialtone = await sharedInstance();   // one for many tests: leave it as you found it
 *   const dialtone = await ownInstance();      // to stop, kill and restart things
 *
 * Both are for the top of a test file; what they start ends with the file's last test.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

import './end.mjs';
import { Contract } from './contract.mjs';
import { Client } from './http.mjs';
import { run, runOk } from './run.mjs';
import { until } from './until.mjs';

export const sourceDir = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
export const buildDir = process.env.DIALTONE_BUILD ?? path.join(sourceDir, 'build-asan');

const instanceScript = path.join(sourceDir, 'packaging/instance');
const SANITIZER_REPORT = /ERROR: (Address|Leak)Sanitizer|SUMMARY: UndefinedBehavior|: runtime error: /;
/* An office's worth of logins a second is the default; tests are an impatient office. */
export const TEST_RATES = ['--login-rate', '1000r/s', '--set-relay', 'handshakes_per_minute_per_address=0', '--set', 'request_rate=0',
  '--set', 'stranger_rate=0', '--set', 'account_requests_per_minute=0', '--set', 'public_tokens_per_minute=0', '--set', 'public_tokens_per_day=0', '--set', 'dangerous_endpoints=true',
  '--set', 'password_failures_per_address=1000000'];

/* Reports go to the server's log, where the end of the tests looks for them. */
export const sanitizerEnv = {
  ...process.env,
  ASAN_OPTIONS: 'detect_leaks=1:abort_on_error=0:detect_stack_use_after_return=1',
  UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1',
};

const SECRET_MEMBERS = ['password', 'token', 'provisioning_token', 'confirmation_key', 'api_key', 'account_creation_token',
  'account_creation_request_token'];
const SECRET_TEXT = /^[A-Za-z0-9]{40}$/; /* an API key answers as bare text */
const FILLING = /^(.)\1*$|\n/s; /* 'aaaa...' only has a length */
const SECRET_LENGTH = 8; /* shorter ones are mistakes on purpose, and words of any log */

/* What in a request or an answer is for no one else. */
function secretsOf(body) {
  if (typeof body === 'string') return SECRET_TEXT.test(body) ? [body] : [];
  if (body === null || typeof body !== 'object' || Buffer.isBuffer(body)) return [];
  return SECRET_MEMBERS.map((name) => body[name])
    .filter((value) => typeof value === 'string' && value.length >= SECRET_LENGTH && !FILLING.test(value));
}

export async function freePort() {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/* A directory that PostgreSQL's own user can reach too, gone after the tests. */
export async function temporaryDirectory(name = 'dialtone-test') {
  const root = process.env.DIALTONE_TEST_ROOT ?? os.tmpdir();
  const dir = await fs.mkdtemp(path.join(root, `${name}-`));
  await fs.chmod(dir, 0o711);
  return dir;
}

/* env: settings of all programs ({ DIALTONE_REDIS: url }), in place of those in the file. */
export async function ownInstance({ options = [], rates = TEST_RATES, env = {} } = {}) {
  const dir = await temporaryDirectory();
  const instance = new Instance(dir, env);
  after(() => instance.remove());
  await instance.create(['--port', String(await freePort()), '--workers', '2', ...rates, ...options]);
  await instance.start();
  return instance;
}

export async function sharedInstance() {
  if (!process.env.DIALTONE_INSTANCE) return ownInstance();
  const instance = new Instance(process.env.DIALTONE_INSTANCE);
  await instance.read();
  after(() => instance.close());
  return instance;
}

export class Instance {
  constructor(dir, settings = {}) {
    this.dir = dir;
    this.processEnv = { ...sanitizerEnv, ...settings };
    this.env = {};
    this.known = {}; /* shared with what at() makes */
  }

  script(verb, ...args) {
    return runOk(instanceScript, [verb, this.dir, ...args], { env: this.processEnv });
  }

  create(options) {
    return this.script('create', '--build-dir', buildDir, ...options);
  }

  /* Without names: everything, the database made and migrated. */
  async start(...servers) {
    await this.script('start', ...servers);
    if (!this.client) await this.read();
  }

  stop(...servers) {
    return this.script('stop', ...servers);
  }

  /* SIGKILL, also to children. */
  kill(...servers) {
    return this.script('kill', ...servers);
  }

  reload(server) {
    return this.script('reload', server);
  }

  async pid(server) {
    const [pid] = (await fs.readFile(path.join(this.dir, 'run', `${server}.pid`), 'utf8')).split(' ');
    return Number(pid);
  }

  /* Process ids of the API's workers. */
  async workers() {
    const pid = await this.pid('api');
    const text = await fs.readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
    const children = text.trim().split(/\s+/).filter(Boolean).map(Number);
    const names = await Promise.all(children.map((child) => fs.readFile(`/proc/${child}/comm`, 'utf8').catch(() => '')));
    return children.filter((_, i) => names[i].trim() === 'dialtone-api');
  }

  /* Puts other settings ({ name: value }) into a section: that of a program, or 'common'. */
  async writeSettings(settings, section = 'api') {
    const file = this.env.DIALTONE_CONFIG;
    const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`).join('');
    const names = Object.keys(settings).join('|');
    const text = (await fs.readFile(file, 'utf8')).replace(new RegExp(`^\\s*(${names}) *= *.*\n`, 'gm'), '');
    const head = section === 'common' ? /^/ : new RegExp(`^\\s*\\[${section}\\]\n`, 'm');
    await fs.writeFile(file, text.replace(head, `$&${lines}`));
  }

  /* The same, and waits for workers that know them. */
  async configureApi(settings, section = 'api') {
    const before = new Set(await this.workers());
    await this.writeSettings(settings, section);
    await this.reload('api');
    await until(async () => (await this.workers()).every((pid) => !before.has(pid)), { what: 'other workers' });
  }

  async log(name) {
    return fs.readFile(path.join(this.dir, 'log', `${name}.log`), 'utf8').catch(() => '');
  }

  /* instance.env as an object, and a client for the address in it. */
  async read() {
    const text = await fs.readFile(path.join(this.dir, 'instance.env'), 'utf8');
    this.env = Object.fromEntries([...text.matchAll(/^(\w+)='(.*)'$/gm)].map(([, name, value]) => [name, value]));
    this.ca = await fs.readFile(this.env.DIALTONE_CACERT);
    this.client = new Client(this.env.DIALTONE_URL, this.ca);
  }

  /*
   * One request to the API. Who asks: as: 'admin' (the super admin's API key), or
   * key: an API key, or token: a JWT; a stranger when none is given.
   */
  async api(method, path_, { as, key, token, headers = {}, ...rest } = {}) {
    const credentials = {};
    if (as === 'admin') credentials['x-api-key'] = this.env.DIALTONE_ADMIN_API_KEY;
    if (key) credentials['x-api-key'] = key;
    if (token) credentials.Authorization = `Bearer ${token}`;
    const answer = await this.client.request(method, path_, { ...rest, headers: { ...credentials, ...headers } });
    await this.remember(...secretsOf(rest.body), ...secretsOf(answer.json), ...secretsOf(answer.text));
    await this.holdAgainstContract(method, path_, answer);
    return answer;
  }

  /* Every answer of the API is as its own description says. The document is read once, when it can be. */
  async holdAgainstContract(method, path_, answer) {
    if (method === 'HEAD' || !answer.header('x-request-id')) return;
    if (!this.known.contract) {
      const document = await this.client.request('GET', '/api/openapi.json').catch(() => undefined);
      if (document?.status === 200) this.known.contract = new Contract(document.json);
    }
    this.known.contract?.checkAny(method, path_, answer);
  }

  /* The same instance, called by the name of another host. */
  at(host) {
    const api = (method, path_, { headers, ...rest } = {}) => this.api(method, path_, { ...rest, headers: { Host: host, ...headers } });
    return Object.assign(Object.create(this), { api });
  }

  /* What no log may ever hold. Kept beside the logs, as the tests of one instance are many processes. */
  async remember(...secrets) {
    if (secrets.length) await fs.appendFile(path.join(this.dir, 'secrets'), secrets.map((s) => `${s}\n`).join(''));
  }

  async secrets() {
    const text = await fs.readFile(path.join(this.dir, 'secrets'), 'utf8').catch(() => '');
    return [...new Set(text.split('\n').filter(Boolean))];
  }

  ctl(args, { input } = {}) {
    return run(path.join(buildDir, 'dialtonectl'), ['--config', this.env.DIALTONE_CONFIG, ...args],
      { env: this.processEnv, input });
  }

  /* Rows of one statement, each an array of text. */
  async sql(statement, { as = '' } = {}) {
    const { stdout } = await runOk('psql', ['-X', '-q', '-A', '-t', '-F', '\t', '-v', 'ON_ERROR_STOP=1',
      '-d', `${this.env.DIALTONE_PG}${as && ` user=${as}`}`, '-c', statement]);
    return stdout.split('\n').filter(Boolean).map((line) => line.split('\t'));
  }

  /* Accounts in bulk, as if they had always been there: no trigger runs, so no event is told of them. Their ids. */
  async bulkAccounts(prefix, size) {
    const rows = await this.sql(`SET session_replication_role = replica; INSERT INTO accounts (username, domain, display_name, activated)
      SELECT '${prefix}-' || n, '${this.env.DIALTONE_DOMAIN}', '${prefix} number ' || n, true FROM generate_series(1, ${size}) n RETURNING id`, { as: 'postgres' });
    return rows.map(([id]) => Number(id));
  }

  /* What redis-cli prints. */
  async redis(...args) {
    const socket = this.env.DIALTONE_REDIS.replace('unix://', '');
    return (await runOk('redis-cli', ['-s', socket, ...args])).stdout.trim();
  }

  /* Number of subscribers that got it. */
  async publish(channel, message) {
    return Number(await this.redis('publish', channel, message));
  }

  async isAnswering() {
    return (await this.api('GET', '/api/ping')).status === 200;
  }

  untilAnswering() {
    return until(() => this.isAnswering(), { what: 'GET /api/ping to answer 200' });
  }

  close() {
    this.client?.close();
  }

  async sanitizerReports() {
    const names = await fs.readdir(path.join(this.dir, 'log')).catch(() => []);
    const logs = await Promise.all(names.map(async (name) => [name, await this.log(name.replace(/\.log$/, ''))]));
    return logs.filter(([, text]) => SANITIZER_REPORT.test(text)).map(([name, text]) => `${name}:\n${text.slice(-20000)}`);
  }

  /* Each secret that stands in a log, with the name of the log. */
  async leaks(secrets) {
    const names = await fs.readdir(path.join(this.dir, 'log')).catch(() => []);
    const logs = await Promise.all(names.map(async (name) => [name, await this.log(name.replace(/\.log$/, ''))]));
    return logs.flatMap(([name, text]) => secrets.filter((secret) => text.includes(secret)).map((secret) => `${name}: ${secret}`));
  }

  /* Stops and deletes everything, however far its making came. */
  async remove() {
    this.close();
    const made = await fs.access(path.join(this.dir, 'instance.conf')).then(() => true, () => false);
    if (made) await this.script('stop');
    const reports = await this.sanitizerReports();
    const leaks = await this.leaks(await this.secrets());
    if (made) await this.script('remove');
    await fs.rm(this.dir, { recursive: true, force: true });
    assert.deepEqual(reports, [], 'sanitizers have something to say');
    assert.deepEqual(leaks, [], 'secrets stand in logs');
  }
}
