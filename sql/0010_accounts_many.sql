-- Lists, counts and look-ups of accounts cost about the same whether a space has ten of them or a million.

-- How many accounts a space has in which range of ids: of 256 ids on level 0, of 65,536 on level 1. The sum of
-- level 1 is what the space has. Where the nth account is tell the running sums of level 1, then those of level 0
-- in one range of it, then at most 256 entries of an index.
--
-- Triggers keep them in the transaction of the change. Each connection writes rows of its own, whose slot is the
-- process at the server's end: what is added and deleted at the same time waits for nothing and locks nothing out.
-- dialtone-jobs adds these rows up in slot 0. No foreign key: a space that is removed takes its accounts along one
-- after the other, and rows that come to nothing go when they are added up.
CREATE TABLE accounts_counts (
  domain text NOT NULL,
  level smallint NOT NULL CHECK (level IN (0, 1)),
  bucket bigint NOT NULL,
  slot integer NOT NULL,
  -- Below 0 where a connection has deleted what others added.
  n integer NOT NULL,
  PRIMARY KEY (domain, level, bucket, slot)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX accounts_counts_loose ON accounts_counts (domain, level, bucket) WHERE slot <> 0;

CREATE FUNCTION accounts_bucket(level int, id bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT id >> (8 * (level + 1))
$$;

-- A new account is mostly alone, and this is less to do than for a table of them.
CREATE FUNCTION accounts_count_in() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO accounts_counts AS c (domain, level, bucket, slot, n)
  VALUES (NEW.domain, 0, accounts_bucket(0, NEW.id), pg_backend_pid(), 1),
         (NEW.domain, 1, accounts_bucket(1, NEW.id), pg_backend_pid(), 1)
  ON CONFLICT (domain, level, bucket, slot) DO UPDATE SET n = c.n + 1;
  IF TG_OP = 'UPDATE' THEN
    INSERT INTO accounts_counts AS c (domain, level, bucket, slot, n)
    VALUES (OLD.domain, 0, accounts_bucket(0, OLD.id), pg_backend_pid(), -1),
           (OLD.domain, 1, accounts_bucket(1, OLD.id), pg_backend_pid(), -1)
    ON CONFLICT (domain, level, bucket, slot) DO UPDATE SET n = c.n - 1;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER accounts_counted_in AFTER INSERT ON accounts
  FOR EACH ROW EXECUTE FUNCTION accounts_count_in();
CREATE TRIGGER accounts_counted_over AFTER UPDATE OF domain ON accounts
  FOR EACH ROW WHEN (OLD.domain <> NEW.domain) EXECUTE FUNCTION accounts_count_in();

CREATE FUNCTION accounts_count_out() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO accounts_counts AS c (domain, level, bucket, slot, n)
  SELECT domain, 0, accounts_bucket(0, id), pg_backend_pid(), -count(*) FROM gone GROUP BY 1, 3
   UNION ALL
  SELECT domain, 1, accounts_bucket(1, id), pg_backend_pid(), -count(*) FROM gone GROUP BY 1, 3
  ON CONFLICT (domain, level, bucket, slot) DO UPDATE SET n = c.n + excluded.n;
  RETURN NULL;
END $$;
CREATE TRIGGER accounts_counted_out AFTER DELETE ON accounts
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION accounts_count_out();

-- All of them anew: also for whoever loaded accounts while triggers were off.
CREATE FUNCTION accounts_recount() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  LOCK TABLE accounts IN SHARE MODE;
  DELETE FROM accounts_counts;
  INSERT INTO accounts_counts (domain, level, bucket, slot, n)
  SELECT a.domain, l, accounts_bucket(l, a.id), 0, count(*) FROM accounts a, generate_series(0, 1) l
   GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
END $$;
SELECT accounts_recount();

-- Every count that is not what there is: none.
CREATE FUNCTION accounts_miscounted()
RETURNS TABLE (domain text, level int, bucket bigint, counted bigint, there bigint) LANGUAGE sql STABLE AS $$
  SELECT domain, level, bucket, coalesce(c.n, 0), coalesce(a.n, 0)
    FROM (SELECT domain, level::int, bucket, sum(n) AS n FROM accounts_counts GROUP BY 1, 2, 3) c
    FULL JOIN (SELECT a.domain, l AS level, accounts_bucket(l, a.id) AS bucket, count(*) AS n
                 FROM accounts a, generate_series(0, 1) l GROUP BY 1, 2, 3) a USING (domain, level, bucket)
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

-- Nothing looks for a name, a number, a blocked account or a day of all spaces together.
DROP INDEX accounts_username, accounts_phone, accounts_blocked, accounts_created_at;

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
    FROM accounts_counts c WHERE c.domain = space AND c.level = 1;
  IF near THEN
    PERFORM pg_advisory_xact_lock(lock);
  ELSE
    PERFORM pg_advisory_xact_lock_shared(lock);
  END IF;
  SELECT coalesce(sum(c.n), 0) INTO n FROM accounts_counts c WHERE c.domain = space AND c.level = 1;
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

-- The copies in the account's row: a new account comes with them, so that there is nothing to write again.
CREATE OR REPLACE FUNCTION passwords_show() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  owner bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.account_id ELSE NEW.account_id END;
BEGIN
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
  UPDATE accounts a SET confirmation_sealed = k.key_sealed, confirmation_expires_at = k.expires_at
    FROM (VALUES (owner)) o (id) LEFT JOIN confirmation_keys k ON k.account_id = o.id
   WHERE a.id = o.id AND (a.confirmation_sealed, a.confirmation_expires_at)
     IS DISTINCT FROM (k.key_sealed, k.expires_at);
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
