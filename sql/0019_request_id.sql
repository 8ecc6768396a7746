-- The word by which all lines about one request are found, X-Request-Id of its answer, goes on with what
-- follows from it: set by the programs for each transaction (dialtone.request).
ALTER TABLE outbox ADD COLUMN request_id text
  DEFAULT nullif(current_setting('dialtone.request', true), '');
ALTER TABLE jobs ADD COLUMN request_id text
  DEFAULT nullif(current_setting('dialtone.request', true), '');

-- What is left for dialtone-jobs keeps it, a part at a time, each in a transaction of its own.
ALTER TABLE leftovers ADD COLUMN request_id text
  DEFAULT nullif(current_setting('dialtone.request', true), '');
ALTER TABLE refreshes ADD COLUMN request_id text
  DEFAULT nullif(current_setting('dialtone.request', true), '');
ALTER TABLE spaces ADD COLUMN ends_request_id text;

CREATE OR REPLACE FUNCTION leftovers_note(kind text, owner bigint, domain text DEFAULT NULL, username text DEFAULT NULL)
RETURNS void LANGUAGE sql AS $$
  INSERT INTO leftovers (kind, owner_id, domain, username) VALUES (kind, owner, domain, username)
    ON CONFLICT (kind, owner_id) DO UPDATE SET kind = excluded.kind, request_id = excluded.request_id
$$;

CREATE OR REPLACE FUNCTION leftovers_take_some() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  most CONSTANT bigint := refresh_at_once();
  this leftovers;
  done boolean;
BEGIN
  SELECT * INTO this FROM leftovers ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM set_config('dialtone.request', coalesce(this.request_id, ''), true);
  CASE this.kind
    WHEN 'account' THEN done := account_rows_drop(this.owner_id, this.domain, this.username, most);
    WHEN 'sessions' THEN done := sessions_end_void(this.owner_id, most);
    WHEN 'profile' THEN done := profile_users_leave(this.owner_id, most, true);
    WHEN 'contacts_list' THEN done := contacts_list_rows_drop(this.owner_id, most);
  END CASE;
  IF done THEN
    DELETE FROM leftovers WHERE id = this.id;
  END IF;
  RETURN true;
END $$;

CREATE OR REPLACE FUNCTION refresh_some() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  this refreshes;
  next bigint;
BEGIN
  SELECT * INTO this FROM refreshes ORDER BY id LIMIT 1;
  IF this.domain IS NOT NULL THEN
    PERFORM FROM spaces WHERE domain = this.domain FOR SHARE SKIP LOCKED;
  ELSE
    PERFORM FROM account_types WHERE id = this.account_type_id FOR SHARE SKIP LOCKED;
  END IF;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  SELECT * INTO this FROM refreshes WHERE id = this.id FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM set_config('dialtone.request', coalesce(this.request_id, ''), true);
  IF EXISTS (SELECT FROM account_types WHERE id = this.account_type_id AND ended) THEN
    PERFORM account_type_leave_accounts(this.account_type_id, refresh_at_once());
    RETURN true;
  END IF;
  IF this.domain IS NOT NULL THEN
    next := space_refresh_accounts(this.domain, this.after_id, refresh_at_once());
  ELSE
    next := account_type_refresh_accounts(this.account_type_id, this.after_id, refresh_at_once());
  END IF;
  IF next IS NOT NULL THEN
    UPDATE refreshes SET after_id = next WHERE id = this.id;
    RETURN true;
  END IF;
  DELETE FROM refreshes WHERE id = this.id;
  -- Who must have a second factor was told when the change was made, and known when this is done.
  IF this.domain IS NOT NULL THEN
    PERFORM outbox_add_for_profile(this.domain, p.id)
       FROM (SELECT 0 AS id UNION ALL SELECT id FROM profiles WHERE domain = this.domain) p;
  END IF;
  RETURN true;
END $$;
