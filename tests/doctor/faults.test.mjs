/* Faults that are seeded one by one: doctor names exactly that, and all is well when its line was typed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { faultIsNamedAndMended, usualComplaints } from '../lib/doctor.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { FAULTS, isWorkable, NAMES } from './faults.mjs';

const dialtone = await ownInstance({ rates: [], options: NAMES.flatMap((name) => ['--server-name', name]) });
const only = process.env.DOCTOR_FAULTS?.split(',');

/* What is so on this machine, whatever is seeded: nothing keeps a container's clock, say. */
const usual = await usualComplaints(dialtone);

test('a_new_instance_is_well', () => {
  assert.deepEqual(usual.filter((complaint) => !['warn clock_sync', 'warn reference'].includes(complaint)), []);
});

for (const [name, fault] of Object.entries(FAULTS)) {
  if (only && !only.includes(name)) continue;
  test(`${name}_is_named_by_${fault.check}`, { skip: !isWorkable(fault) && 'for root' }, () => faultIsNamedAndMended(dialtone, usual, fault));
}
