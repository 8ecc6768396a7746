/*
 * How PostgreSQL would run every statement of the API where there are many accounts, contacts and statistics: none
 * reads a big table from one end to the other.  Nothing is forbidden to the planner; the tables are big enough that
 * it has a choice.  The statements are those of tests/golden/statements.sql, which the build holds against the code.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { before, test } from 'node:test';

import { ownInstance } from '../lib/instance.mjs';
import { runOk } from '../lib/run.mjs';
import { readStatements, valuesOf } from '../lib/statements.mjs';

const ACCOUNTS = 60000;
const BIG = 20000; /* rows; what has fewer is read as it comes */

/* What has to look at all of something, and what no client waits for: the clean-ups, what an
 * operator asks for. */
const WHOLE = /^(cleanup_\w+|key_list|status_read)$/;

const dialtone = await ownInstance({ options: ['--workers', '1'] });
const domain = dialtone.env.DIALTONE_DOMAIN;

const BY_NAME = {
  domain: `'${domain}'`, id: '5000', account_id: '5000', caller_id: '5000', contact_id: '5001', username: "'user.5000'", name: "'user.5000'",
  limit: '20', offset: '0', unit: "'day'", span: "'1 month'", email: "'user.5000@example.org'", phone: "'+33600005000'",
};/* A hash in hexadecimal. */
const BY_STATEMENT = { request_token_open: { name: "'00'" } };

before(async () => {
  await dialtone.stop('jobs');
  await seed();
}, { timeout: 300000 });

/* As an import would: the copies that triggers keep are not needed here. */
async function seed() {
  const postgres = ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-h', path.join(dialtone.dir, 'run/pg'), '-U', 'postgres', '-d', await databaseName()];
  await runOk('psql', postgres, { seconds: 240, input: `
    SET session_replication_role = replica;
    INSERT INTO spaces (domain, host, name) SELECT 's' || i || '.example.org', 's' || i || '.example.net', 's' || i FROM generate_series(1, 20) i;
    INSERT INTO accounts (username, domain, email, phone, created_at, activated)
      SELECT 'user.' || i, CASE WHEN i % 10 THEN '${domain}' ELSE 's' || i % 20 + 1 || '.example.org' END, 'user.' || i || '@example.org',
        '+336' || lpad(i::text, 8, '0'), now() - i * interval '10 minutes', i % 2
      FROM (SELECT i FROM generate_series(1, ${ACCOUNTS}) i) n;
    INSERT INTO passwords SELECT id, repeat('a', 64), 'SHA-256' FROM accounts ON CONFLICT DO NOTHING;
    INSERT INTO contacts SELECT 5000, id FROM accounts WHERE id > 6000 LIMIT 10000;
    INSERT INTO contacts SELECT id, id + 1 FROM accounts WHERE id BETWEEN 6000 AND 50000;
    INSERT INTO sessions (jti, account_id, expires_at) SELECT 'session-number-' || id, id, now() + interval '1 day' FROM accounts;
    INSERT INTO api_keys (account_id, key_hash) SELECT id, sha256(id::text::bytea) FROM accounts ON CONFLICT DO NOTHING;
    INSERT INTO statistics_messages (id, domain, from_username, from_domain, sent_at, encrypted)
      SELECT 'm' || id, domain, username, domain, now(), true FROM accounts;
    INSERT INTO statistics_message_devices (message, to_username, to_domain, device_id, last_status, received_at)
      SELECT number, 'bob', domain, 'phone', 200, now() FROM statistics_messages;
    INSERT INTO statistics_calls (id, domain, from_username, from_domain, to_username, to_domain, initiated_at)
      SELECT 'c' || id, domain, username, domain, 'bob', domain, now() FROM accounts;
    INSERT INTO statistics_call_devices (call, device_id) SELECT number, 'phone' FROM statistics_calls;
    INSERT INTO contacts_lists (domain, title, description) SELECT '${domain}', 'list ' || i, 'big' FROM generate_series(1, 20) i;
    INSERT INTO contacts_list_contact (list_id, contact_id) SELECT l.id, a.id FROM contacts_lists l, accounts a WHERE a.id BETWEEN 10001 AND 20000;
    INSERT INTO account_contacts_list (account_id, list_id) SELECT 5000, min(id) FROM contacts_lists;
    SELECT accounts_recount();
    VACUUM (ANALYZE);`.replace("i % 10 THEN", 'i % 10 <> 0 THEN').replace("i % 2\n", 'i % 2 = 0\n') });
}

async function databaseName() {
  return (await dialtone.sql('SELECT current_database()'))[0][0];
}

async function bigTables() {
  const rows = await dialtone.sql(`SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples >= ${BIG}`);
  return new Set(rows.flat());
}

const MODES = ['force_custom_plan', 'force_generic_plan'];

const explained = (statement, mode) => {
  const list = (items) => (items.length ? `(${items.join(', ')})` : '');
  return `\\echo @@ ${statement.name} ${mode}
    SET plan_cache_mode = ${mode};
    PREPARE statement ${list(statement.parameters.map(({ type }) => type))} AS ${statement.sql};
    EXPLAIN EXECUTE statement ${list(valuesOf(statement, { ...BY_NAME, ...BY_STATEMENT[statement.name] }))};
    DEALLOCATE statement;\n`;
};

/* [name and mode, plan] of each, in one session. */
async function plansOf(statements) {
  const input = statements.flatMap((statement) => MODES.map((mode) => explained(statement, mode))).join('');
  const { stdout, stderr } = await runOk('psql', ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', dialtone.env.DIALTONE_PG], { input, seconds: 240 });
  assert.equal(stderr, '');
  return stdout.split(/^@@ /m).slice(1).map((part) => [part.split('\n')[0], part]);
}

test('no_statement_reads_a_big_table_from_end_to_end', { timeout: 300000 }, async (t) => {
  const big = await bigTables();
  for (const name of ['accounts', 'contacts', 'sessions', 'statistics_messages', 'statistics_calls', 'statistics_call_devices', 'contacts_list_contact']) {
    assert.ok(big.has(name), `${name} is not big`);
  }
  const all = await readStatements();
  assert.ok(all.length > 100, `${all.length} statements`);
  const plans = await plansOf(all.filter(({ name }) => !WHOLE.test(name)));
  const bad = plans.flatMap(([what, plan]) => {
    const read = [...plan.matchAll(/Seq Scan on (\w+)/g)].map(([, table]) => table).filter((table) => big.has(table));
    if (read.length) t.diagnostic(plan);
    return read.map((table) => `${what} reads all of ${table}`);
  });
  assert.deepEqual(bad, []);
});
