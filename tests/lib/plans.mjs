/*
 * How PostgreSQL ran a statement: its plan and those of every statement inside its functions, triggers and foreign
 * keys, with the rows that each step has really read.  Told by auto_explain.
 */
import { spawn } from 'node:child_process';
import readline from 'node:readline';

const FEW = 100; /* rows that may be read for nothing */
const COUNTED = 2001; /* rows that are counted, or added up, against a limit */
const SAME = 20; /* plans of one text in one call that are looked at */
const AT_ONCE = 1000; /* rows that a statement may write, with its triggers */

const SETTINGS = `
  LOAD 'auto_explain';
  SET auto_explain.log_min_duration = 0; SET auto_explain.log_analyze = on; SET auto_explain.log_timing = off;
  SET auto_explain.log_nested_statements = on; SET auto_explain.log_format = json; SET auto_explain.log_level = notice;
  SET client_min_messages = notice; SET jit = off; SET enable_incremental_sort = off; SET TimeZone = 'UTC'; SET bytea_output = 'hex';\n`;

const list = (items) => (items.length ? `(${items.join(', ')})` : '');

/* One call, taken back. */
const called = ({ mode, statement, values }) => `
  SET plan_cache_mode = ${mode};
  BEGIN;
  ${statement.before ?? 'SELECT'};
  PREPARE statement ${list(statement.parameters.map(({ type }) => type))} AS ${statement.sql};
  EXECUTE statement ${list(values)};
  ROLLBACK;
  DEALLOCATE ALL;\n`;

/* Of what is told while psql runs: texts are many where a trigger runs for each of very many rows. */
class Reader {
  constructor(calls) {
    this.calls = calls;
    this.results = [];
    this.lines = undefined;
  }

  line(line) {
    if (line.startsWith('@@ ')) this.begin(this.calls[Number(line.slice(3))]);
    else if (line === '{') this.lines = [line];
    else if (this.lines) this.add(line);
    else if (/ERROR: |FATAL: /.test(line)) this.result.error ??= line.replace(/^.*?(ERROR|FATAL): +/, '');
  }

  begin(call) {
    this.seen = new Map();
    this.result = { call, plans: [] };
    this.results.push(this.result);
  }

  add(line) {
    if (this.lines.length === 1 && !this.isNew(line)) {
      this.lines = undefined;
      return;
    }
    this.lines.push(line);
    if (line !== '}') return;
    const { 'Query Text': text, Plan: plan } = JSON.parse(this.lines.join('\n'));
    this.result.plans.push({ text, plan, nested: !/^\s*(PREPARE|EXECUTE) statement/.test(text) });
    this.lines = undefined;
  }

  isNew(text) {
    const n = this.seen.get(text) ?? 0;
    this.seen.set(text, n + 1);
    return n < SAME;
  }
}

/*
 * Runs calls of { statement, values, mode }, each in a transaction of its own that is rolled back; `before` of a
 * statement is what brings about the state it is for.  Resolves with
 * { call, error, plans: [{ text, plan, nested }] } of each.
 */
export async function readPlans(psql, calls) {
  const child = spawn('psql', [...psql, '-X', '-q', '-A', '-t', '-o', '/dev/null'], { stdio: ['pipe', 'ignore', 'pipe'] });
  const reader = new Reader(calls);
  child.stdin.on('error', () => {}); /* it says why on standard error */
  child.stdin.end(SETTINGS + calls.map((call, i) => `\\warn @@ ${i}\n${called(call)}`).join(''));
  for await (const line of readline.createInterface({ input: child.stderr })) reader.line(line);
  return reader.results;
}

/* Every step of a plan. */
function* steps(plan) {
  yield plan;
  for (const part of plan.Plans ?? []) yield* steps(part);
}

const times = (step, what) => (step[what] ?? 0) * step['Actual Loops'];
const removed = (step) => times(step, 'Rows Removed by Filter') + times(step, 'Rows Removed by Join Filter') + times(step, 'Rows Removed by Index Recheck');

const writtenBy = (plan) => [...steps(plan)].filter((step) => step['Node Type'] === 'ModifyTable').flatMap((step) => step.Plans ?? [])
  .filter((step) => step['Parent Relationship'] === 'Outer').reduce((sum, step) => sum + times(step, 'Actual Rows'), 0);

/* Rows that came out of it, were put into an array, or written. */
const worthOf = (plan) => [...steps(plan)].filter((step) => step === plan || /^(InitPlan|SubPlan)$/.test(step['Parent Relationship']))
  .reduce((sum, step) => sum + times(step, 'Actual Rows'), writtenBy(plan));

/* Of what is small anyway, never asked for, or was written by the statement itself. */
const isSmall = (step, big) => !step['Actual Loops'] || step['Node Type'] === 'Named Tuplestore Scan' ||
  (step['Node Type'] === 'Seq Scan' && !big.has(step['Relation Name']));

/* Rows that the statement itself has changed, as its triggers see them. */
const isOwn = (step) => [...steps(step)].some((part) => part['Node Type'] === 'Named Tuplestore Scan');

function* problemsOf(plan, generic, big) {
  const worth = worthOf(plan);
  for (const step of steps(plan)) {
    if (isSmall(step, big)) continue;
    const kind = step['Node Type'];
    const table = step['Relation Name'];
    const rows = times(step, 'Actual Rows');
    const where = table ?? step['Index Name'] ?? '';

    if (kind === 'Seq Scan' && (generic || removed(step) > rows)) yield `reads ${table} from end to end`;
    if (removed(step) > rows + FEW) yield `${kind} ${where} removes more than it returns: ${removed(step)} and ${rows}`;
    if (kind === 'Sort' && !isOwn(step) && rows > FEW && rows > 2 * worth) yield `sorts ${rows} rows for ${worth}`;
    if (/Scan$/.test(kind) && table && rows > Math.max(COUNTED, 2 * worth)) yield `${kind} ${where} reads ${rows} rows for ${worth}`;
  }
}

/* What is wrong with it, in words that begin with the table.  big: names of tables. */
export const problems = ({ call, error, plans }, big) => {
  const found = plans.flatMap(({ plan, text, nested }) =>
    [...problemsOf(plan, call.mode === 'force_generic_plan', big)].map((problem) => (nested ? `${problem} (${text.replace(/\s+/g, ' ').trim()})` : problem)));
  const written = plans.map(({ plan, text }) => [writtenBy(plan), text]).filter(([n]) => n > AT_ONCE).map(([n, text]) => `writes ${n} rows: ${text.replace(/\s+/g, ' ').trim()}`);
  return [...new Set([...(error ? [error] : []), ...found, ...written])];
};

export const indexesOf = ({ plans }) => plans.flatMap(({ plan }) => [...steps(plan)].map((step) => step['Index Name']).filter(Boolean));
