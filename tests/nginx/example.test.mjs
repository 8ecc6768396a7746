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

/* nginx's own check of a site's file inside an otherwise bare http {}. */
async function nginxCheck(site) {
  const dir = await newDirectory();
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
  await runOk('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
    '-subj', '/CN=localhost', '-keyout', path.join(dir, 'key.pem'), '-out', path.join(dir, 'cert.pem')]);
  await fs.writeFile(path.join(dir, 'site.conf'), site
    .replaceAll('/usr/share/dialtone/nginx', path.join(sourceDir, 'nginx'))
    .replaceAll('/var/log/nginx/', `${dir}/`)
    .replaceAll(/[^\s"]*fullchain\.pem/g, path.join(dir, 'cert.pem'))
    .replaceAll(/[^\s"]*privkey\.pem/g, path.join(dir, 'key.pem')));
  await fs.writeFile(path.join(dir, 'nginx.conf'),
    `pid ${dir}/pid; error_log stderr; events {} http { gzip on; ssl_protocols TLSv1.3; include site.conf; }`);
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
    [['--api', '/run/a.sock', '--relay', 'toolong=unix:/x', '--plain', '80'], /--relay toolong=unix:\/x: expected ID=SERVER/],
    [['--api', '/run/a.sock', '--relay', 'aa=unix:/x', '--tls', '443'], /--tls needs --certificate and --key/],
    [['--relay', 'aa=unix:/x'], /--api is missing/],
    [['--bogus', '1'], /unknown option --bogus/],
  ]) {
    const { status, stderr } = await run(path.join(sourceDir, 'nginx/render'), options);
    assert.equal(status, 2);
    assert.match(stderr, message);
  }
});
