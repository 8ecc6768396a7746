/* A table or rows that are locked, so that a request about it stays in flight for as long as a test needs. */
import { spawn } from 'node:child_process';

import { until } from './until.mjs';

const ASKING = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'dialtone-api' AND wait_event_type = 'Lock'";

/* In a transaction of its own until release() is called. */
async function hold(dialtone, statement, what) {
  const psql = spawn('psql', ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', dialtone.env.DIALTONE_PG]);
  const ended = new Promise((resolve) => psql.on('close', resolve));
  let said = '';
  psql.stdout.on('data', (text) => (said += text));
  psql.stdin.write(`BEGIN; ${statement}; SELECT 'locked';\n`);
  await until(() => said.includes('locked'), { what: `a lock on ${what}` });
  return {
    /* Until that many requests wait for it. */
    waiting: (count) => until(async () => (await dialtone.sql(ASKING))[0][0] === String(count), { what: `${count} waiting requests` }),
    release: () => {
      psql.stdin.end('COMMIT;\n');
      return ended;
    },
  };
}

/* Resolves with { waiting(n), release() } once nobody else can use the table. */
export const lockTable = (dialtone, table) => hold(dialtone, `LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`, table);

/* The same of rows that others can read, and not change. */
export const lockRows = (dialtone, table, where) => hold(dialtone, `SELECT 1 FROM ${table} WHERE ${where} FOR UPDATE`, table);
