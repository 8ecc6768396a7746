-- What an account carries besides its own columns. The triggers copy what answers show into accounts.

CREATE TABLE account_types (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text NOT NULL UNIQUE CHECK (key ~ '^[a-z0-9_-]+$'),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE account_account_type (
  account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
  account_type_id bigint NOT NULL REFERENCES account_types ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, account_type_id)
);
CREATE INDEX account_account_type_type ON account_account_type (account_type_id);

CREATE TABLE account_actions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
  key text NOT NULL CHECK (key ~ '^[a-z0-9_-]+$'),
  code text NOT NULL CHECK (code ~ '^[a-z0-9]+$'),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX account_actions_account ON account_actions (account_id);

CREATE FUNCTION account_types_show(owner bigint) RETURNS void LANGUAGE sql AS $$
  UPDATE accounts SET types = (
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'key', t.key) ORDER BY t.id), '[]')
      FROM account_account_type l JOIN account_types t ON t.id = l.account_type_id
     WHERE l.account_id = owner)
   WHERE id = owner
$$;

CREATE FUNCTION account_account_type_show() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM account_types_show(CASE TG_OP WHEN 'DELETE' THEN OLD.account_id ELSE NEW.account_id END);
  RETURN NULL;
END $$;
CREATE TRIGGER account_account_type_show AFTER INSERT OR DELETE ON account_account_type
  FOR EACH ROW EXECUTE FUNCTION account_account_type_show();

CREATE FUNCTION account_types_renamed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM account_types_show(account_id) FROM account_account_type WHERE account_type_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER account_types_renamed AFTER UPDATE OF key ON account_types
  FOR EACH ROW EXECUTE FUNCTION account_types_renamed();

CREATE FUNCTION account_actions_show() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  owner bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.account_id ELSE NEW.account_id END;
BEGIN
  UPDATE accounts SET actions = (
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'key', key, 'code', code) ORDER BY id), '[]')
      FROM account_actions WHERE account_id = owner)
   WHERE id = owner;
  RETURN NULL;
END $$;
CREATE TRIGGER account_actions_show AFTER INSERT OR DELETE OR UPDATE ON account_actions
  FOR EACH ROW EXECUTE FUNCTION account_actions_show();
