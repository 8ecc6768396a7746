/* Faults that are seeded one by one: doctor names exactly that, and all is well when its line was typed. */
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { test } from 'node:test';

import { examine, faultIsNamedAndMended, usualComplaints } from '../lib/doctor.mjs';
import { buildDir, ownInstance, sourceDir, temporaryDirectory } from '../lib/instance.mjs';
import { runOk } from '../lib/run.mjs';
import { FAULTS, isWorkable, NAMES, shutNginxOut } from './faults.mjs';

const dialtone = await ownInstance({ rates: [], options: NAMES.flatMap((name) => ['--server-name', name]) });
const only = process.env.DOCTOR_FAULTS?.split(',');

/* What is so on this machine, whatever is seeded: nothing keeps a container's clock, say. */
const usual = await usualComplaints(dialtone);

test('a_new_instance_is_well', () => {
  assert.deepEqual(usual.filter((complaint) => !['warn clock_sync', 'warn reference'].includes(complaint)), []);
});

test('nginx_shut_out_is_named_by_nginx_sockets', { skip: process.getuid() !== 0 && 'for root' }, async (t) => {
  t.after(await shutNginxOut(dialtone));
  const { nginx_sockets: said } = await examine(dialtone);
  assert.match(said.seen, /nginx's user www-data may not open \S+\/run\/api\.sock: \S+ is in the way \(group games\)/);
  assert.match(said.mend, /^usermod -aG games www-data && /);
  const etc = await temporaryDirectory('etc');
  t.after(() => fs.rm(etc, { recursive: true }));
  const { stdout } = await runOk('unshare', ['-m', 'bash', '-c', `cp -a /etc/. ${etc} && mount --bind ${etc} /etc && { ${said.mend}; } >&2 &&
    { dialtonectl --config ${dialtone.env.DIALTONE_CONFIG} doctor --json || true; }`], { cwd: sourceDir, env: { ...dialtone.processEnv, PATH: `${buildDir}:/usr/sbin:${process.env.PATH}` } });
  assert.deepEqual(JSON.parse(stdout).filter(({ check }) => /^nginx/.test(check)).map(({ verdict }) => verdict).filter((verdict) => verdict !== 'ok'), []);
});

for (const [name, fault] of Object.entries(FAULTS)) {
  if (only && !only.includes(name)) continue;
  test(`${name}_is_named_by_${fault.check}`, { skip: !isWorkable(fault) && 'for root' }, () => faultIsNamedAndMended(dialtone, usual, fault));
}
