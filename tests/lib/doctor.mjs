/* dialtonectl doctor, and the lines it says: what is found, and what becomes of it when its line is typed. */
import assert from 'node:assert/strict';
import path from 'node:path';

import { buildDir, sourceDir } from './instance.mjs';
import { run } from './run.mjs';
import { until } from './until.mjs';

/* What it found by the name of the check: { check, verdict, seen, mend }. */
export async function examine(dialtone, args = [], { config = dialtone.env.DIALTONE_CONFIG, env = {} } = {}) {
  const { status, stdout, stderr } = await run(path.join(buildDir, 'dialtonectl'), ['--config', config, 'doctor', '--json', ...args],
    { env: { ...dialtone.processEnv, ...env } });
  assert.equal(stderr, '', 'it says nothing besides');
  const findings = JSON.parse(stdout);
  const worst = findings.some(({ verdict }) => verdict === 'wrong') ? 1 : findings.some(({ verdict }) => verdict === 'warn') ? 3 : 0;
  assert.equal(status, worst);
  return Object.fromEntries(findings.map((finding) => [finding.check, finding]));
}

const complaintsOf = (found) => Object.values(found).filter(({ verdict }) => verdict === 'wrong' || verdict === 'warn');
export const complaints = (found) => complaintsOf(found).map(({ check, verdict }) => `${verdict} ${check}`).sort();

/* Types a line that it said, in the clone, as its user would. */
export async function type(dialtone, line) {
  const { status, stderr } = await run('bash', ['-c', line],
    { env: { ...dialtone.processEnv, PATH: `${buildDir}:${process.env.PATH}` }, cwd: sourceDir });
  assert.equal(status, 0, `${line}\n${stderr}`);
}

/* usual: what is so whatever is seeded, unless it cannot be looked at for that. */
function assertComplaints(found, usual, more) {
  const expected = [...usual.filter((complaint) => found[complaint.split(' ')[1]].verdict !== 'unseen'), ...more].sort();
  assert.deepEqual(complaints(found), expected, JSON.stringify(complaintsOf(found), null, 1));
}

const untilComplaints = (dialtone, usual, more) => until(async () => {
  const found = await examine(dialtone);
  assertComplaints(found, usual, more);
  return found;
}, { what: `doctor to say: ${more.join() || 'all is well'}` });

/* What is said of an instance that nothing was done to, once its programs have all told that they are alive. */
export const usualComplaints = (dialtone) => until(async () => {
  const found = await examine(dialtone);
  return found.relays.verdict === 'ok' && found.jobs.verdict === 'ok' && complaints(found);
}, { what: 'relays and jobs that are alive' });

/* Seeds a fault: exactly it is named, with a line that mends it. */
export async function faultIsNamedAndMended(dialtone, usual, fault) {
  const named = [`${fault.verdict ?? 'wrong'} ${fault.check}`];
  await fault.seed(dialtone);
  try {
    const found = fault.slow ? await untilComplaints(dialtone, usual, named) : await examine(dialtone);
    assertComplaints(found, usual, named);
    const { mend, seen } = found[fault.check];
    assert.match(seen, fault.seen);
    assert.match(mend, fault.mend);
    if (fault.typed !== false) await type(dialtone, mend);
  } finally {
    await fault.end?.(dialtone);
  }
  await untilComplaints(dialtone, usual, fault.left ? [fault.left] : []);
  await fault.after?.(dialtone);
  if (fault.left) await untilComplaints(dialtone, usual, []);
}
