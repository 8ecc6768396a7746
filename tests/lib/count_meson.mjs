/*
 * Counts what `meson test` ran: usage: node count_meson.mjs testlog.json
 * Prints "PASSED FAILED". Each program speaks TAP (CMOCKA_MESSAGE_OUTPUT=TAP), one line a test; a
 * program that failed without a "not ok", by a crash or a time-out, counts as one failure.
 */
import fs from 'node:fs';

let passed = 0;
let failed = 0;
const log = fs.existsSync(process.argv[2]) ? fs.readFileSync(process.argv[2], 'utf8') : '';
for (const line of log.split('\n').filter(Boolean)) {
  const program = JSON.parse(line);
  const out = program.stdout ?? '';
  const good = (out.match(/^ok\b/gm) ?? []).length;
  const bad = (out.match(/^not ok\b/gm) ?? []).length;
  const ended = program.result === 'OK';
  passed += good || (ended && !bad ? 1 : 0);
  failed += bad || (ended ? 0 : 1);
}
console.log(passed, failed);
