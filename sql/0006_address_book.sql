-- What accounts know each other by: types and actions.

-- Copies of types and actions in the account's row. The row is locked by a statement of its own before the
-- copy is made: of two writers for one account, the later sees what the earlier one has written. What one
-- statement changes, a renamed or deleted type among them, is shown by one UPDATE, in order of id.

DROP TRIGGER account_account_type_show ON account_account_type;
DROP FUNCTION account_account_type_show();
DROP FUNCTION account_types_show(bigint);

CREATE FUNCTION account_types_show(owners bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM accounts WHERE id = ANY (owners) ORDER BY id FOR NO KEY UPDATE;
  UPDATE accounts a SET types = (
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'key', t.key) ORDER BY t.id), '[]')
      FROM account_account_type l JOIN account_types t ON t.id = l.account_type_id
     WHERE l.account_id = a.id)
   WHERE a.id = ANY (owners);
END $$;

CREATE FUNCTION account_account_type_show() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM account_types_show(ARRAY(SELECT DISTINCT account_id FROM changed));
  RETURN NULL;
END $$;
CREATE TRIGGER account_account_type_shows AFTER INSERT ON account_account_type
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION account_account_type_show();
CREATE TRIGGER account_account_type_hides AFTER DELETE ON account_account_type
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION account_account_type_show();

CREATE OR REPLACE FUNCTION account_types_renamed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM account_types_show(ARRAY(SELECT account_id FROM account_account_type
                                    WHERE account_type_id = NEW.id));
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION account_actions_show() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  owner bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.account_id ELSE NEW.account_id END;
BEGIN
  PERFORM FROM accounts WHERE id = owner FOR NO KEY UPDATE;
  UPDATE accounts SET actions = (
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'key', key, 'code', code) ORDER BY id), '[]')
      FROM account_actions WHERE account_id = owner)
   WHERE id = owner;
  RETURN NULL;
END $$;

-- Contacts lists: accounts of a space under a title, shown to the accounts of that space that are given the
-- list.

CREATE TABLE contacts_lists (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  domain text NOT NULL REFERENCES spaces (domain) ON DELETE CASCADE,
  title text NOT NULL CHECK (length(title) BETWEEN 1 AND 255),
  description text NOT NULL CHECK (length(description) BETWEEN 1 AND 4096),
  -- A copy: how many it has; kept by triggers.
  contacts_count bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT contacts_lists_title_key UNIQUE (domain, title)
);

CREATE TABLE contacts_list_contact (
  list_id bigint NOT NULL REFERENCES contacts_lists ON DELETE CASCADE,
  contact_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
  PRIMARY KEY (list_id, contact_id)
);
CREATE INDEX contacts_list_contact_contact ON contacts_list_contact (contact_id);

CREATE TABLE account_contacts_list (
  account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
  list_id bigint NOT NULL REFERENCES contacts_lists ON DELETE CASCADE,
  PRIMARY KEY (account_id, list_id)
);
CREATE INDEX account_contacts_list_list ON account_contacts_list (list_id);

-- In order of id, as an account that is deleted leaves several lists.
CREATE FUNCTION contacts_lists_count() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  step bigint := CASE TG_OP WHEN 'DELETE' THEN -1 ELSE 1 END;
BEGIN
  PERFORM FROM contacts_lists WHERE id IN (SELECT list_id FROM changed) ORDER BY id FOR NO KEY UPDATE;
  UPDATE contacts_lists l SET contacts_count = contacts_count + step * c.n
    FROM (SELECT list_id, count(*) AS n FROM changed GROUP BY list_id) c WHERE l.id = c.list_id;
  RETURN NULL;
END $$;
CREATE TRIGGER contacts_lists_grow AFTER INSERT ON contacts_list_contact
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION contacts_lists_count();
CREATE TRIGGER contacts_lists_shrink AFTER DELETE ON contacts_list_contact
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION contacts_lists_count();

-- An account that moves to another space leaves the lists of the one before.
CREATE FUNCTION accounts_leave_lists() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM contacts_list_contact WHERE contact_id = NEW.id;
  DELETE FROM account_contacts_list WHERE account_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER accounts_leave_lists AFTER UPDATE OF domain ON accounts
  FOR EACH ROW WHEN (OLD.domain <> NEW.domain) EXECUTE FUNCTION accounts_leave_lists();

-- vCards that accounts keep on the server.

CREATE TABLE vcards_storage (
  account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
  -- The UID without "urn:uuid:", so that both ways to name it are one.
  key text NOT NULL,
  uid text NOT NULL CHECK (octet_length(uid) BETWEEN 1 AND 255),
  vcard text NOT NULL,
  bytes bigint NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, key)
);
