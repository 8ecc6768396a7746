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
