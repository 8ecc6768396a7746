/* What dialtonectl doctor makes of a handful of faults; tests/doctor seeds all of them. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';

import { complaints, examine, usualComplaints } from '../lib/doctor.mjs';
import { buildDir, ownInstance, sourceDir, temporaryDirectory } from '../lib/instance.mjs';
import { run } from '../lib/run.mjs';

const dialtone = await ownInstance();
const dir = await temporaryDirectory('doctor');
after(() => fs.rm(dir, { recursive: true, force: true }));

const nginxFile = path.join(dialtone.dir, 'nginx/nginx.conf');
const usual = await usualComplaints(dialtone);

/* The same configuration but for a line, in a file that others may not read. */
async function configWith(from, to) {
  const file = path.join(dir, 'dialtone.conf');
  await fs.writeFile(file, (await fs.readFile(dialtone.env.DIALTONE_CONFIG, 'utf8')).replace(from, to), { mode: 0o600 });
  return { config: file };
}

async function nginxWith(from, to) {
  const file = path.join(dir, 'nginx.conf');
  await fs.writeFile(file, (await fs.readFile(nginxFile, 'utf8')).replaceAll(from, to));
  return ['--nginx', file];
}

/* What is said besides what is so anyway. */
const more = (found) => complaints(found).filter((complaint) => !usual.includes(complaint));

test('an_instance_is_well_but_for_what_its_machine_lacks', () => {
  const accepted = ['warn clock_sync', 'warn reference', 'warn dangerous_settings', 'warn dead_jobs', 'warn mails', 'wrong outbox', 'warn nginx_connections'];
  assert.deepEqual(usual.filter((complaint) => !accepted.includes(complaint)), []);
});

test('keys_that_are_missing_are_to_be_created', async () => {
  const found = await examine(dialtone, ['--nginx', nginxFile], await configWith(/^\s*keys_file = .*/m, `keys_file = ${dir}/keys`));
  assert.match(found.keys_file.mend, /^dialtonectl --config \S+ keys create$/);
  assert.equal(found.keys_fit.verdict, 'unseen', 'what comes after it is not called well');
});

test('a_role_that_is_refused_is_named_and_what_needs_it_not_looked_at', async () => {
  const found = await examine(dialtone, ['--nginx', nginxFile], await configWith('user=dialtone', 'user=wrong'));
  assert.match(found.postgres.seen, /authentication failed for user "wrong"/);
  assert.deepEqual([found.postgres_schema, found.postgres_writes, found.jobs].map(({ verdict }) => verdict), ['unseen', 'unseen', 'unseen']);
});

test('too_few_worker_connections_are_named_with_a_line_for_the_file', async () => {
  const found = await examine(dialtone, await nginxWith(/worker_connections \d+;/g, 'worker_connections 768;'));
  assert.equal(found.nginx_connections.verdict, 'wrong');
  assert.match(found.nginx_connections.mend, /^sed -i -E 's\/worker_connections \.\*;\/worker_connections \d+;/);
});

test('a_certificate_for_another_host_that_ends_soon_is_named', async () => {
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', `${dir}/key`, '-out', `${dir}/cert`,
    '-days', '10', '-subj', '/CN=else.test', '-addext', 'subjectAltName=DNS:else.test'], { stdio: 'ignore' });
  const found = await examine(dialtone, await nginxWith(/ssl_certificate "[^"]*"/g, `ssl_certificate "${dir}/cert"`));
  assert.deepEqual(more(found), ['warn certificate_end', 'wrong certificate_names']);
});

test('the_page_names_every_check_and_what_it_looks_at', async () => {
  const { stdout } = await run(path.join(buildDir, 'dialtonectl'), ['--config', dialtone.env.DIALTONE_CONFIG, 'doctor', '--list', '--json'], { env: dialtone.processEnv });
  const page = await fs.readFile(path.join(sourceDir, 'docs/troubleshooting.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `(\w+)` \| ([^|]*) \| [^|]+ \|$/gm)].map(([, name, what]) => ({ name, what }));
  assert.deepEqual(rows, JSON.parse(stdout));
});
