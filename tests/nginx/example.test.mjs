/* The example for production is what nginx/render prints today, and a stock nginx takes it. */
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';

import { sourceDir, temporaryDirectory } from '../lib/instance.mjs';
import { run, runOk } from '../lib/run.mjs';

const packaging = path.join(sourceDir, 'packaging');

async function newDirectory() {
  const dir = await temporaryDirectory('nginx');
  after(() => fs.rm(dir, { recursive: true, force: true }));
  return dir;
}

const pair = await newDirectory();
await runOk('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
  '-subj', '/CN=localhost', '-keyout', path.join(pair, 'key.pem'), '-out', path.join(pair, 'cert.pem')]);

/* nginx's own check of a site's file inside an otherwise bare http {}. */
async function nginxCheck(site, beside = '') {
  const dir = await newDirectory();
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
  await fs.writeFile(path.join(dir, 'site.conf'), site
    .replaceAll('/usr/share/dialtone/nginx', path.join(sourceDir, 'nginx'))
    .replaceAll('/var/log/nginx/', `${dir}/`)
    .replaceAll(/[^\s"]*fullchain\.pem/g, path.join(pair, 'cert.pem'))
    .replaceAll(/[^\s"]*privkey\.pem/g, path.join(pair, 'key.pem')));
  await fs.writeFile(path.join(dir, 'nginx.conf'),
    `pid ${dir}/pid; error_log stderr; events {} http { gzip on; ssl_protocols TLSv1.3; include site.conf; ${beside} }`);
  return run('nginx', ['-t', '-e', 'stderr', '-c', path.join(dir, 'nginx.conf')], { env });
}

test('example_for_production_is_current', async () => {
  const { stdout } = await runOk(path.join(packaging, 'render-nginx-example'));
  assert.equal(stdout, await fs.readFile(path.join(packaging, 'nginx-site.conf.example'), 'utf8'));
});

test('example_for_production_joins_a_stock_nginx', async () => {
  const { status, stderr } = await nginxCheck(await fs.readFile(path.join(packaging, 'nginx-site.conf.example'), 'utf8'));
  assert.equal(status, 0, stderr);
});

test('every_option_of_render_makes_a_valid_configuration', async () => {
  const extra = path.join(await newDirectory(), 'extra.conf');
  await fs.writeFile(extra, 'location = /extra { return 204; }\n');
  const { stdout } = await runOk(path.join(sourceDir, 'nginx/render'), ['--api', '/run/a.sock', '--relay', 'zz=127.0.0.1:9001',
    '--plain', '127.0.0.1:8081', '--tls', '127.0.0.1:8444', '--certificate', 'fullchain.pem', '--key', 'privkey.pem',
    '--client-ca', 'fullchain.pem', '--trusted-proxy', '10.0.0.0/8', '--trusted-proxy', '192.0.2.1', '--include', extra,
    '--server-name', 'a.example', '--server-name', 'b.example', '--redirect', '127.0.0.1:8082', '--login-rate', '5r/s']);
  const { status, stderr } = await nginxCheck(stdout);
  assert.equal(status, 0, stderr);
});

const API = ['--api', '/run/a.sock', '--relay', 'zz=127.0.0.1:9001'];
const PAIR = ['--certificate', 'fullchain.pem', '--key', 'privkey.pem'];
const SECURE = ['--tls', '127.0.0.1:8444', '--tls', '[::1]:8444', ...PAIR];
const render = (...args) => run(path.join(sourceDir, 'nginx/render'), args.flat(Infinity));

/* Each upstream with each kind of names; DIALTONE_COMBINATIONS=all: with each kind of doors too. */
test('every_combination_makes_a_valid_configuration', async () => {
  const apis = [[], ['--api', '10.0.0.2:9000', '--api', '[fd00::3]:9000', '--relay', 'ba=10.0.0.2:9101'], ['--api-spare', '10.0.0.2:9000']];
  const doors = [SECURE, [...SECURE, '--redirect', '127.0.0.1:8082', '--redirect', '[::1]:8082'], ['--plain', '127.0.0.1:8081'],
    [...SECURE, '--plain', '*:8081', '--health', '127.0.0.1:8083', '--health', '[::1]:8083']];
  const names = [[], ['--server-name', 'a.example', '--server-name', '*.b.example'], ['--site', 'a.example,b.example', ...PAIR, '--site', 'c.example', ...PAIR, '--client-ca', 'fullchain.pem'],
    ['--server-name', 'a.example', '--client-config', 'COMPANY_NAME=A', '--site', 'b.example', '--client-config', 'COMPANY_NAME=B']];
  const rest = [[], ['--default-server', 'no', '--trusted-proxy', '10.0.0.0/8', '--trusted-proxy', 'fd00::/64', '--client-ca', 'fullchain.pem'], ['--log', '/var/log/nginx/dialtone.log', '--login-rate', '600r/m']];
  const every = process.env.DIALTONE_COMBINATIONS === 'all';
  const all = apis.flatMap((a, i) => names.flatMap((name, k) => doors.filter((_, j) => every || j === (i + k) % doors.length)
    .map((door, j) => [...API, ...a, ...door, ...rest[(i + j + k) % rest.length], ...name])));
  assert.equal(all.length, every ? 48 : 12);
  for (const options of all) {
    const { status, stdout, stderr } = await render(options);
    assert.equal(status, 0, stderr);
    const checked = await nginxCheck(stdout);
    assert.equal(checked.status, 0, `${options.join(' ')}\n${checked.stderr}`);
    assert.doesNotMatch(checked.stderr, /warn/, options.join(' '));
  }
});

test('each_site_has_its_own_certificate_and_values_and_what_is_common_stands_before_the_first', async () => {
  const { stdout } = await render(API, '--tls', '443', '--certificate', 'common.pem', '--key', 'common.key', '--client-config', 'TIMEZONE=Europe/Rome',
    '--site', 'a.example,b.example', '--site', 'c.example', '--certificate', 'c.pem', '--key', 'c.key', '--client-config', 'TIMEZONE=Europe/Paris');
  const servers = stdout.split(/^server \{$/m).slice(1);
  assert.equal(servers.length, 3);
  assert.match(servers[0], /ssl_reject_handshake on;/);
  assert.match(servers[1], /ssl_certificate "common\.pem";[^]*server_name a\.example b\.example;[^]*TIMEZONE: 'Europe\/Rome'[^]*/);
  assert.match(servers[2], /ssl_certificate "c\.pem";\n +ssl_certificate_key "c\.key";[^]*server_name c\.example;[^]*TIMEZONE: 'Europe\/Paris'/);
  assert.match(servers[2], /https:\/\/c\.example/);
});

/* What Debian's own site says of port 80. */
const DEBIAN = 'server { listen 127.0.0.1:8082 default_server; root /var/www/html; server_name _; }';

test('the_redirect_joins_an_nginx_whose_port_80_belongs_to_another_site', async () => {
  const options = [API, SECURE, '--redirect', '127.0.0.1:8082', '--server-name', 'a.example'];
  const claims = await render(options);
  assert.match(claims.stdout, /^# .*rm \/etc\/nginx\/sites-enabled\/default, or --default-server no$/m);
  assert.match((await nginxCheck(claims.stdout, DEBIAN)).stderr, /duplicate default server/);
  const joins = await nginxCheck((await render(options, '--default-server', 'no')).stdout, DEBIAN);
  assert.equal(joins.status, 0, joins.stderr);
});

test('what_belongs_into_nginx_conf_itself_is_told_in_words_that_nginx_takes', async () => {
  const { stdout } = await render(API, SECURE);
  const lines = [...stdout.matchAll(/^# {5}(worker_\w+ [^;]+;)/gm)].map(([, line]) => line);
  assert.deepEqual(lines.map((line) => line.split(' ')[0]), ['worker_shutdown_timeout', 'worker_rlimit_nofile', 'worker_connections']);
  const dir = await newDirectory(), file = path.join(dir, 'nginx.conf');
  await fs.writeFile(file, `pid ${dir}/pid; error_log stderr; ${lines[0]} ${lines[1]} events { ${lines[2]} } http { }`);
  const { status, stderr } = await run('nginx', ['-t', '-e', 'stderr', '-c', file], { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } });
  assert.equal(status, 0, stderr);
});

test('http2_is_said_as_the_version_of_nginx_wants_it', async () => {
  const site = async (version) => (await runOk(path.join(sourceDir, 'nginx/render'), ['--nginx', version, '--api', '/run/a.sock',
    '--relay', 'aa=unix:/x', '--tls', '443', '--certificate', 'c.pem', '--key', 'k.pem', '--server-name', 'a.example'])).stdout;
  for (const old of ['1.22.1', '1.25.0']) {
    assert.match(await site(old), /listen 443 ssl http2;/);
    assert.doesNotMatch(await site(old), /http2 on;/);
  }
  for (const recent of ['1.25.1', '1.26.3', '1.100.0']) {
    assert.equal((await site(recent)).match(/http2 on;/g).length, 2);
    assert.doesNotMatch(await site(recent), /listen .* http2/);
  }
});

test('values_cannot_smuggle_directives_and_mistakes_are_named', async () => {
  for (const [options, message] of [
    [['--api', '/run/a; include /etc/passwd'], /--api: a value may not hold/],
    [['--api', '/run/a\ninclude x'], /--api: a value has one line/],
    [['--api', ''], /--api: the value is empty/],
    [['--api', 'run/a.sock'], /--api run\/a\.sock: expected a unix socket \/path of at most 107 characters, or HOST:PORT/],
    [['--api', `/${'x'.repeat(107)}`], /of at most 107 characters/],
    [['--api', '10.0.0.256:9000'], /expected a unix socket/],
    [['--api', '10.0.0.2:70000'], /expected a unix socket/],
    [['--api', 'fd00::1:9000'], /expected a unix socket/],
    [['--api', '/run/a.sock', '--api-spare', '/run/a.sock'], /--api-spare \/run\/a\.sock: is there already/],
    [[...API, '--relay', 'toolong=unix:/x'], /--relay toolong=unix:\/x: expected ID=SERVER/],
    [[...API, '--relay', 'aa=/run/x'], /--relay aa=\/run\/x: expected ID=SERVER, SERVER unix:\/path or HOST:PORT/],
    [[...API, '--relay', 'zz=unix:/y'], /another relay has this id, and clients would come to the wrong one/],
    [[...API, '--relay', 'aa=127.0.0.1:9001'], /another relay has this address/],
    [[...API, '--tls', '443'], /--tls needs --certificate and --key/],
    [[...API, '--tls', '443', '--site', 'a.example', ...PAIR, '--site', 'b.example'], /--tls needs --certificate and --key, for b\.example/],
    [[...API, '--tls', '443', ...PAIR, '--site', 'b.example', '--certificate', 'b.pem'], /--site b\.example: --certificate and --key belong together/],
    [[...API, '--tls', '[::]443'], /--tls \[::\]443: expected PORT, ADDRESS:PORT or \[ADDRESS\]:PORT/],
    [[...API, '--tls', '0'], /--tls 0: expected PORT/],
    [[...API, '--plain', '80', '--redirect', '80'], /--redirect 80: is listened on already/],
    [[...API, '--plain', '80', '--redirect', '81'], /--redirect: to what\? --tls is missing/],
    [[...API, '--server-name', 'a_b'], /--server-name a_b: expected a host name/],
    [[...API, '--server-name', 'a.example', '--site', 'b.example,A.example'], /--site A\.example: is there already/],
    [[...API, '--default-server', 'maybe'], /--default-server maybe: expected yes or no/],
    [[...API, '--trusted-proxy', '0.0.0.0/0'], /--trusted-proxy 0\.0\.0\.0\/0: expected an address, or a network/],
    [[...API, '--trusted-proxy', '10.0.0.0/33'], /expected an address, or a network/],
    [[...API, '--login-rate', '50'], /--login-rate 50: expected a number and r\/s or r\/m/],
    [[...API, '--nginx', 'new'], /--nginx new: expected a version/],
    [[...API, '--log', 'access.log'], /--log access\.log: expected an absolute path, or off/],
    [[...API, '--plain', '80', '--user', 'www-data'], /--user belongs to --standalone/],
    [['--relay', 'aa=unix:/x'], /--api is missing/],
    [['--api', '/run/a.sock'], /--relay is missing/],
    [API, /--tls or --plain is missing/],
    [['--bogus', '1'], /unknown option --bogus/],
  ]) {
    const { status, stdout, stderr } = await render(options);
    assert.deepEqual([status, stdout], [2, ''], options.join(' '));
    assert.match(stderr, message);
  }
});
