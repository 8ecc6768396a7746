/*
 * Counts what `node --test` ran: usage: node count_tap.mjs FILE
 * Prints "PASSED FAILED". What was cancelled, skipped or left to do is not passed; a run that was
 * ended before its summary counts as a failure.
 */
import fs from 'node:fs';

const text = fs.existsSync(process.argv[2]) ? fs.readFileSync(process.argv[2], 'utf8') : '';
const summary = Object.fromEntries([...text.matchAll(/^# (\w+) (\d+)$/gm)].map(([, name, n]) => [name, Number(n)]));
const failed = ['fail', 'cancelled', 'skipped', 'todo'].reduce((sum, name) => sum + (summary[name] ?? 0), 0);
console.log(summary.pass ?? 0, 'pass' in summary ? failed : failed + 1);
