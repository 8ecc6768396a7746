/*
 * How PostgreSQL runs every statement of every program on a lopsided database (tests/lib/skew.mjs): by indices, with
 * no row read for nothing, so that who owns little does not notice those who own much.  What triggers, functions and
 * foreign keys do belongs to the statement, and nothing that a function asks is left out.  The statements are those of
 * tests/golden/statements.sql, which the build holds against the code: a new one is looked at by being there.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { before, test } from 'node:test';

import { besideFor, stateFor, strangersBefore } from '../lib/beside.mjs';
import { notRun } from '../lib/bodies.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { indexesOf, problems, readPlans } from '../lib/plans.mjs';
import { runOk } from '../lib/run.mjs';
import { BIG_TABLE, LOAD, SIDES } from '../lib/skew.mjs';
import { readStatements } from '../lib/statements.mjs';
import { strangersIn, valuesFor } from '../lib/values.mjs';

/* What reads or writes much because that is its task, or has a bound of its own: [of which statements, what, why]. */
const WHOLE = [
  [/^(sealed_count_of_key|sealed_newest_key)$/, /./, 'an operator asks which keys are in use: all that is sealed is looked at'],
  [/^sealed_list_/, /removes|end to end/, 'an operator seals anew: all that is sealed is visited, a part at a time'],
  [/^status_read$/, /./, 'an operator asks how many there are'],
  [/^figures_installation$/, /./, 'counted for a monitor, at most once a minute and for a hundredth of the time'],
  [/^figures_outbox$/, /outbox/, 'what waits is counted for a monitor, up to a bound'],
  [/^queue_standing$/, /jobs/, 'how many jobs wait, of each kind, counted for an operator'],
  [/^job_list$/, /jobs/, 'an operator looks for jobs of one kind among those that wait'],
  [/^hmac_report$/, /legacy_uses/, 'an operator asks for all of it'],
  [/^profile_grants/, /extensions|sessions/, 'all extensions and sessions of an account become one text'],
  [/^contact_to_be$/, /contacts reads/, 'contacts are counted against their limit of 10,000'],
  [/^space_insert$/, /spaces reads/, 'spaces are counted against their limit of 10,000'],
  [/^calls_of_(account|space)_(count|oldest)$/, /calls reads/, 'of the calls of some days the newest 50,000 are counted, or turned round'],
  [/^audit_(page|count)/, /audit reads/, 'of the trail the newest 10,000 are counted, or turned over'],
  [/^registrations_/, /./, 'accounts of the time that is asked for are counted, from the index alone'],
  [/^space_shared_emails$/, /./, 'asked once, before addresses have to be unique: all are compared'],
  [/./, /^writes \d+ rows: .*UPDATE sessions SET revoked_at/, 'of very many sessions that end a thousand are written at once'],
  [/^(account_delete|removal_drop_accounts)$/, /^writes \d+ rows: DELETE FROM ONLY/, 'an account takes along all of what is limited'],
  [/./, /accounts.*SET space_realm = s\.realm/, 'of a thousand accounts those that know of a change already are not written again'],
];

const dialtone = await ownInstance({ options: ['--workers', '1'] });
let psql, big, statements, results;

before(async () => {
  await dialtone.stop('jobs');
  const [[database]] = await dialtone.sql('SELECT current_database()');
  psql = ['-h', path.join(dialtone.dir, 'run/pg'), '-U', 'postgres', '-d', database];
  await runOk('psql', [...psql, '-X', '-q', '-v', 'ON_ERROR_STOP=1'], { seconds: 240, input: LOAD });
  big = new Set((await dialtone.sql(`SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples >= ${BIG_TABLE}`)).flat());
  statements = await readStatements();
  results = await readPlans(psql, [...TRIES.flatMap((tried) => callsOf(statements, tried)), ...['many', 'few'].flatMap((side) => callsOf(besideFor(SIDES[side]), [side, 'force_generic_plan']))]);
}, { timeout: 600000 });

/*
 * The server has one plan for all values; each of these values has to do with it.  Plans for the values of those who
 * own little, too: for those who own nearly everything it may be right to read all.
 */
const TRIES = [['many', 'force_generic_plan'], ['one_of_many', 'force_generic_plan'], ['few', 'force_generic_plan'], ['few', 'force_custom_plan']];
const callsOf = (all, [side, mode]) => all.map((statement) => ({ statement: stateFor(statement, SIDES[side]), side, mode, values: valuesFor(statement, SIDES[side]) }));

const isTask = (name, problem) => WHOLE.filter(([of, what]) => of.test(name) && what.test(problem));

test('no_statement_reads_more_than_it_is_asked_for', async () => {
  assert.ok(statements.length > 250, `${statements.length} statements`);
  for (const name of ['accounts', 'contacts', 'sessions', 'outbox', 'jobs', 'statistics_messages', 'statistics_calls', 'calls', 'contacts_list_contact']) {
    assert.ok(big.has(name), `${name} is not big`);
  }
  const needed = new Set();
  const bad = results.flatMap((result) => problems(result, big).map((problem) => [result.call, problem])).filter(([{ statement }, problem]) => {
    const rows = isTask(statement.name, problem);
    rows.forEach((row) => needed.add(row));
    return !rows.length;
  }).map(([{ statement, side, mode }, problem]) => `${statement.name}, ${side}, ${mode}: ${problem}`);
  assert.deepEqual([...new Set(bad)], []);
  assert.deepEqual(WHOLE.filter((row) => !needed.has(row)).map(([of, what]) => `${of} ${what}`), [], 'nothing of this kind is found any more');
  assert.deepEqual([...strangersIn(statements), ...strangersBefore(statements)], [], 'values for statements that are not there');
});

/* But for what an operator or an import asks for, of all accounts. */
test('what_functions_and_triggers_ask_is_all_looked_at', async () => {
  const [[json]] = await dialtone.sql(`SELECT json_agg(json_build_array(p.oid::regprocedure, p.prosrc)) FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
    WHERE p.pronamespace IN ('public'::regnamespace, 'sip'::regnamespace) AND p.proname NOT IN ('accounts_recount', 'accounts_count_none')
      AND (l.lanname = 'plpgsql' OR (l.lanname = 'sql' AND p.provolatile = 'v'))`);
  const functions = JSON.parse(json);
  assert.ok(functions.length > 60, `${functions.length} functions`);
  assert.deepEqual(notRun(functions, results), []);
});

test('every_foreign_key_has_an_index', async () => {
  const bare = await dialtone.sql(`SELECT c.conrelid::regclass || ' ' || pg_get_constraintdef(c.oid) FROM pg_constraint c
    WHERE c.contype = 'f' AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.conrelid
      AND (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey
      AND (i.indpred IS NULL OR pg_get_expr(i.indpred, i.indrelid) ~ '^\\(\\w+ IS NOT NULL\\)$'))`);
  assert.deepEqual(bare.flat(), []);
});

test('every_index_is_used_by_a_statement_or_keeps_a_rule', async () => {
  const used = new Set(results.flatMap(indexesOf));
  const all = await dialtone.sql(`SELECT i.indexrelid::regclass, i.indrelid::regclass FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
    WHERE c.relnamespace = 'public'::regnamespace AND NOT i.indisunique`);
  assert.deepEqual(all.filter(([index]) => !used.has(index)).map(([index, table]) => `${index} of ${table}`), []);
});
