/*
 * Many accounts in a space, written in bulk: as an import would, with the copies that triggers keep written
 * beside them, and without an event for each.  A tenth of them have a session.
 */
import path from 'node:path';

import { runOk } from '../lib/run.mjs';

export const PASSWORD = 'a good password';
/* caller.1 to caller.LOGINS have logged in from this machine before. */
export const LOGINS = 1000;


export const socketOf = (dialtone) => path.join(dialtone.dir, 'run/pg');

export function psql(dialtone, input, { database = 'dialtone', user = 'postgres', seconds = 900 } = {}) {
  return runOk('psql', ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-h', socketOf(dialtone), '-U', user, '-d', database], { seconds, input });
}

/*
 * PostgreSQL as an operator of a million accounts sets it, before it is loaded: a quarter of a machine of 8 GiB for its
 * pages, so that tables and indexes of all accounts fit (docs/scaling.md), and room for a checkpoint every few minutes.  pgbench,
 * on the same server, has the same.
 */
export async function tunePostgres(dialtone) {
  await psql(dialtone, "ALTER SYSTEM SET shared_buffers = '2GB'; ALTER SYSTEM SET max_wal_size = '4GB';", { database: 'postgres' });
  await dialtone.stop();
  await dialtone.start();
}

/* user.1 to user.N of the instance's own space, and those who log in. Resolves with what stands before the first one's id. */
export async function loadAccounts(dialtone, accounts) {
  const domain = dialtone.env.DIALTONE_DOMAIN;
  const { stdout } = await psql(dialtone, `
    SET session_replication_role = replica;
    SET synchronous_commit = off;
    SET maintenance_work_mem = '256MB';
    SET work_mem = '64MB';
    INSERT INTO accounts (username, domain, email, activated, algorithms, created_at)
      SELECT 'user.' || i, '${domain}', 'user.' || i || '@example.org', true, '[{"algorithm": "SHA-256"}]',
        now() - i * interval '1 minute' FROM generate_series(1, ${accounts}) i;
    INSERT INTO accounts (username, domain, activated, algorithms)
      SELECT 'caller.' || i, '${domain}', true, '[{"algorithm": "SHA-256"}]' FROM generate_series(1, ${LOGINS}) i;
    INSERT INTO passwords (account_id, password, algorithm)
      SELECT id, encode(sha256(convert_to(username || ':' || domain || ':${PASSWORD}', 'UTF8')), 'hex'), 'SHA-256'
      FROM accounts WHERE username ~ '^(user|caller)\\.' ON CONFLICT DO NOTHING;
    INSERT INTO sessions (jti, account_id, expires_at)
      SELECT 'session-of-account-' || id, id, now() + interval '7 days' FROM accounts WHERE username LIKE 'user.%' ORDER BY id LIMIT ${Math.ceil(accounts / 10)};
    INSERT INTO known_networks (account_id, network, last_success)
      SELECT id, '127.0.0.1', now() FROM accounts WHERE username LIKE 'caller.%';
    SELECT accounts_recount();
    VACUUM (ANALYZE);
    CHECKPOINT;
    SELECT id - 1 FROM accounts WHERE username = 'user.1';`);
  return Number(stdout.trim().split('\n').at(-1));
}

/* pgbench's own tables, in a database of their own, as many rows as there are accounts. */
export async function preparePgbench(dialtone, pgbench, accounts) {
  await psql(dialtone, 'CREATE DATABASE bench OWNER dialtone', { database: 'postgres' });
  await runOk(pgbench, ['-i', '-q', '-s', String(Math.max(1, Math.round(accounts / 100000))), '-h', socketOf(dialtone), '-U', 'dialtone', 'bench'], { seconds: 600 });
}
