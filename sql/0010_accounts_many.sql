-- Lists, counts and look-ups of accounts cost about the same whether a space has ten of them or a million.

-- How many accounts a space has: of which ids, and made in which hour. In a bucket are
--   kind 0   256 ids
--   kind 1   65,536 ids; the sum of these is what the space has
--   kind 2   those made in an hour, counted since 1970
--   kind 3   of these, those with a phone number          kind 4   those that are activated
--   kind 5   those that are both
-- Where the nth account is tell the running sums of kind 1, then those of kind 0 in one bucket of it, then at most
-- 256 entries of an index.
--
-- Triggers keep them in the transaction of the change. Each connection writes rows of its own, whose slot is the
-- process at the server's end: what is added and deleted at the same time waits for nothing and locks nothing out.
-- dialtone-jobs adds these rows up in slot 0. No foreign key: a space that is removed takes its accounts along one
-- after the other, and rows that come to nothing go when they are added up.
CREATE TABLE accounts_counts (
  domain text NOT NULL,
  kind smallint NOT NULL CHECK (kind BETWEEN 0 AND 5),
  bucket bigint NOT NULL,
  slot integer NOT NULL,
  -- Below 0 where a connection has deleted what others added.
  n integer NOT NULL,
  PRIMARY KEY (domain, kind, bucket, slot)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX accounts_counts_loose ON accounts_counts (domain, kind, bucket) WHERE slot <> 0;

CREATE FUNCTION accounts_hour(t timestamptz) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT floor(date_part('epoch', t) / 3600)::bigint
$$;

-- Where an account counts.
CREATE FUNCTION accounts_buckets(id bigint, created_at timestamptz, phone text, activated boolean)
RETURNS TABLE (kind smallint, bucket bigint) LANGUAGE sql STABLE AS $$
  SELECT k.kind::smallint, k.bucket
    FROM (VALUES (0, id >> 8, true),
                 (1, id >> 16, true),
                 (2, accounts_hour(created_at), true),
                 (3, accounts_hour(created_at), phone IS NOT NULL),
                 (4, accounts_hour(created_at), activated),
                 (5, accounts_hour(created_at), activated AND phone IS NOT NULL)) k (kind, bucket, counts)
   WHERE k.counts
$$;

-- A new account is mostly alone, and this is less to do than for a table of them.
CREATE FUNCTION accounts_count_in() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO accounts_counts AS c (domain, kind, bucket, slot, n)
  SELECT NEW.domain, b.kind, b.bucket, pg_backend_pid(), 1
    FROM accounts_buckets(NEW.id, NEW.created_at, NEW.phone, NEW.activated) b
  ON CONFLICT (domain, kind, bucket, slot) DO UPDATE SET n = c.n + 1;
  RETURN NULL;
END $$;
CREATE TRIGGER accounts_counted_in AFTER INSERT ON accounts
  FOR EACH ROW EXECUTE FUNCTION accounts_count_in();

CREATE FUNCTION accounts_count_over() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO accounts_counts AS c (domain, kind, bucket, slot, n)
  SELECT s.domain, s.kind, s.bucket, pg_backend_pid(), sum(s.step)
    FROM (SELECT OLD.domain, b.kind, b.bucket, -1 AS step
            FROM accounts_buckets(OLD.id, OLD.created_at, OLD.phone, OLD.activated) b
           UNION ALL
          SELECT NEW.domain, b.kind, b.bucket, 1
            FROM accounts_buckets(NEW.id, NEW.created_at, NEW.phone, NEW.activated) b) s
   GROUP BY 1, 2, 3 HAVING sum(s.step) <> 0
  ON CONFLICT (domain, kind, bucket, slot) DO UPDATE SET n = c.n + excluded.n;
  RETURN NULL;
END $$;
CREATE TRIGGER accounts_counted_over AFTER UPDATE OF domain, created_at, phone, activated ON accounts
  FOR EACH ROW WHEN ((OLD.domain, OLD.created_at, OLD.phone, OLD.activated)
    IS DISTINCT FROM (NEW.domain, NEW.created_at, NEW.phone, NEW.activated))
  EXECUTE FUNCTION accounts_count_over();

CREATE FUNCTION accounts_count_out() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO accounts_counts AS c (domain, kind, bucket, slot, n)
  SELECT g.domain, b.kind, b.bucket, pg_backend_pid(), -count(*)
    FROM gone g CROSS JOIN accounts_buckets(g.id, g.created_at, g.phone, g.activated) b GROUP BY 1, 2, 3
  ON CONFLICT (domain, kind, bucket, slot) DO UPDATE SET n = c.n + excluded.n;
  RETURN NULL;
END $$;
CREATE TRIGGER accounts_counted_out AFTER DELETE ON accounts
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION accounts_count_out();

CREATE VIEW accounts_counted AS
  SELECT a.domain, b.kind, b.bucket, count(*) AS n
    FROM accounts a CROSS JOIN accounts_buckets(a.id, a.created_at, a.phone, a.activated) b GROUP BY 1, 2, 3;

-- All of them anew: also after accounts were loaded while triggers were off.
CREATE FUNCTION accounts_recount() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  LOCK TABLE accounts IN SHARE MODE;
  DELETE FROM accounts_counts;
  INSERT INTO accounts_counts (domain, kind, bucket, slot, n)
  SELECT domain, kind, bucket, 0, n FROM accounts_counted ORDER BY 1, 2, 3;
END $$;
SELECT accounts_recount();

-- Every count that is not what there is: none.
CREATE FUNCTION accounts_miscounted()
RETURNS TABLE (domain text, kind smallint, bucket bigint, counted bigint, there bigint) LANGUAGE sql STABLE
AS $$
  SELECT domain, kind, bucket, coalesce(c.n, 0), coalesce(a.n, 0)
    FROM (SELECT domain, kind, bucket, sum(n) AS n FROM accounts_counts GROUP BY 1, 2, 3) c
    FULL JOIN accounts_counted a USING (domain, kind, bucket)
   WHERE coalesce(c.n, 0) <> coalesce(a.n, 0)
$$;

CREATE FUNCTION accounts_count_none() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM accounts_counts;
  RETURN NULL;
END $$;
CREATE TRIGGER accounts_counted_none AFTER TRUNCATE ON accounts
  FOR EACH STATEMENT EXECUTE FUNCTION accounts_count_none();

-- Accounts of a space in order, and what tables that repeat the domain refer to.
CREATE UNIQUE INDEX accounts_domain_id ON accounts (domain, id);
ALTER TABLE extensions DROP CONSTRAINT extensions_account_id_domain_fkey;
DROP INDEX accounts_id_domain;
ALTER TABLE extensions ADD FOREIGN KEY (account_id, domain) REFERENCES accounts (id, domain)
  ON UPDATE CASCADE ON DELETE CASCADE;

-- One index finds an address, and holds it to be the only one where the space wants that: the rank is 0 there, and
-- the id elsewhere, so that the oldest of several comes first.
ALTER TABLE accounts ADD email_rank bigint NOT NULL DEFAULT 0;
UPDATE accounts a SET email_rank = a.id FROM spaces s WHERE s.domain = a.domain AND NOT s.unique_email;
DROP TRIGGER accounts_email_key ON accounts;
DROP FUNCTION accounts_set_email_key();
ALTER TABLE accounts DROP email_key;
DROP INDEX accounts_email;
CREATE UNIQUE INDEX accounts_email_key ON accounts (domain, lower(email), email_rank)
  WHERE email IS NOT NULL;

CREATE OR REPLACE FUNCTION spaces_refresh_email_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE accounts SET email_rank = CASE WHEN NEW.unique_email THEN 0 ELSE id END
   WHERE domain = NEW.domain;
  RETURN NULL;
END $$;

-- Most accounts have no number.
ALTER TABLE accounts DROP CONSTRAINT accounts_phone_key;
CREATE UNIQUE INDEX accounts_phone_key ON accounts (domain, phone) WHERE phone IS NOT NULL;

-- Nothing looks for a name, a number, a blocked account or a day of all spaces together, and what was made when is
-- counted: the columns of that index would have to be written with each activation.
DROP INDEX accounts_username, accounts_phone, accounts_blocked, accounts_created_at, accounts_made;

-- Accounts that are deleted look for their used tokens, too.
CREATE INDEX provisioning_tokens_account ON provisioning_tokens (account_id);

-- Room for one more account in a space with a limit. Who comes near it holds the others up from here to the end of
-- the transaction, and knows what there is when all who came before have ended. As long as all connections
-- together could not fill the space they do not wait for each other; those who hold others up wait for them. The
-- lock on the space, which the caller has, keeps the limit as it is. A transaction adds one account in this way.
CREATE FUNCTION accounts_take_room(space text, most bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  others CONSTANT bigint := current_setting('max_connections')::bigint;
  lock CONSTANT bigint := hashtextextended(space, 2048);
  n bigint;
  near boolean;
BEGIN
  SELECT coalesce(sum(c.n), 0) + 2 * others > most INTO near
    FROM accounts_counts c WHERE c.domain = space AND c.kind = 1;
  IF near THEN
    PERFORM pg_advisory_xact_lock(lock);
  ELSE
    PERFORM pg_advisory_xact_lock_shared(lock);
  END IF;
  SELECT coalesce(sum(c.n), 0) INTO n FROM accounts_counts c WHERE c.domain = space AND c.kind = 1;
  IF near AND n >= most THEN
    RAISE check_violation USING CONSTRAINT = 'accounts_capacity',
      MESSAGE = format('the space %s is full', space);
  ELSIF NOT near AND n + others > most THEN
    RAISE serialization_failure USING MESSAGE = format('the space %s fills up', space);
  END IF;
END $$;

-- What an account knows of its space. The share lock makes it wait for a transaction that changes the space, and
-- that one for the account: neither misses the other. A space that has ended takes none.
CREATE OR REPLACE FUNCTION accounts_know_space() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  most bigint;
BEGIN
  SELECT s.realm, space_must_enrol_at(s, NEW.created_at), CASE WHEN s.unique_email THEN 0 ELSE NEW.id END,
         s.max_accounts
    INTO NEW.space_realm, NEW.must_enrol_at, NEW.email_rank, most
    FROM spaces s WHERE s.domain = NEW.domain AND s.ends IS NULL FOR SHARE;
  IF NOT FOUND THEN
    RAISE foreign_key_violation USING CONSTRAINT = 'accounts_domain_fkey',
      MESSAGE = format('there is no space %s', NEW.domain);
  END IF;
  IF TG_OP = 'INSERT' AND most > 0 THEN
    PERFORM accounts_take_room(NEW.domain, most);
  END IF;
  RETURN NEW;
END $$;

-- The copies in the account's row: a new account comes with them, so that there is mostly nothing to write again,
-- and little to look at.
CREATE OR REPLACE FUNCTION passwords_show() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  owner bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.account_id ELSE NEW.account_id END;
BEGIN
  IF TG_OP = 'INSERT' AND EXISTS (SELECT FROM accounts a WHERE a.id = owner
       AND a.algorithms @> jsonb_build_array(jsonb_build_object('algorithm', NEW.algorithm))) THEN
    RETURN NULL;
  END IF;
  UPDATE accounts a SET algorithms = p.shown
    FROM (SELECT coalesce(jsonb_agg(jsonb_build_object('algorithm', algorithm) ORDER BY algorithm), '[]')
            AS shown FROM passwords WHERE account_id = owner) p
   WHERE a.id = owner AND a.algorithms <> p.shown;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION provisioning_tokens_show() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  owner bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.account_id ELSE NEW.account_id END;
BEGIN
  IF TG_OP = 'INSERT' AND NOT NEW.used AND EXISTS (SELECT FROM accounts a WHERE a.id = owner
       AND (a.provisioning_sealed, a.provisioning_expires_at)
         IS NOT DISTINCT FROM (NEW.token_sealed, NEW.expires_at)) THEN
    RETURN NULL;
  END IF;
  UPDATE accounts a SET provisioning_sealed = t.token_sealed, provisioning_expires_at = t.expires_at
    FROM (VALUES (owner)) o (id)
    LEFT JOIN provisioning_tokens t ON t.account_id = o.id AND NOT t.used
   WHERE a.id = o.id AND (a.provisioning_sealed, a.provisioning_expires_at)
     IS DISTINCT FROM (t.token_sealed, t.expires_at);
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION confirmation_keys_show() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  owner bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.account_id ELSE NEW.account_id END;
BEGIN
  IF TG_OP = 'INSERT' AND EXISTS (SELECT FROM accounts a WHERE a.id = owner
       AND (a.confirmation_sealed, a.confirmation_expires_at)
         IS NOT DISTINCT FROM (NEW.key_sealed, NEW.expires_at)) THEN
    RETURN NULL;
  END IF;
  UPDATE accounts a SET confirmation_sealed = k.key_sealed, confirmation_expires_at = k.expires_at
    FROM (VALUES (owner)) o (id) LEFT JOIN confirmation_keys k ON k.account_id = o.id
   WHERE a.id = o.id AND (a.confirmation_sealed, a.confirmation_expires_at)
     IS DISTINCT FROM (k.key_sealed, k.expires_at);
  RETURN NULL;
END $$;

-- An account that is deleted was mostly on no list and of no type.
CREATE OR REPLACE FUNCTION account_account_type_show() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM changed) THEN
    PERFORM account_types_show(ARRAY(SELECT DISTINCT account_id FROM changed));
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION contacts_lists_count() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  step bigint := CASE TG_OP WHEN 'DELETE' THEN -1 ELSE 1 END;
BEGIN
  IF NOT EXISTS (SELECT FROM changed) THEN
    RETURN NULL;
  END IF;
  PERFORM FROM contacts_lists WHERE id IN (SELECT list_id FROM changed) ORDER BY id FOR NO KEY UPDATE;
  UPDATE contacts_lists l SET contacts_count = contacts_count + step * c.n
    FROM (SELECT list_id, count(*) AS n FROM changed GROUP BY list_id) c WHERE l.id = c.list_id;
  RETURN NULL;
END $$;

-- In PL/pgSQL, whose statements are planned once.
CREATE OR REPLACE FUNCTION outbox_add(kind text, account bigint, facts jsonb DEFAULT NULL) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO outbox (kind, domain, account_id, username, facts)
  SELECT outbox_add.kind, a.domain, a.id, a.username, outbox_add.facts FROM accounts a WHERE a.id = account;
END $$;

CREATE OR REPLACE FUNCTION accounts_tell() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  a accounts := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
BEGIN
  INSERT INTO outbox (kind, domain, account_id, username, facts)
  VALUES (CASE TG_OP WHEN 'INSERT' THEN 'account.created' WHEN 'UPDATE' THEN 'account.updated'
            ELSE 'account.deleted' END,
    a.domain, a.id, a.username, jsonb_build_object('activated', a.activated, 'blocked', a.blocked));
  RETURN NULL;
END $$;
