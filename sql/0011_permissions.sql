-- What a user may hear and do changes while he is logged in: relays and the copies of his sessions
-- follow (cti-api 3.2, `perm`).

-- A row with an account is about what that user may do: dialtone-jobs tells what holds when it comes to
-- the row, and ends his sockets if there is no such account any more.
-- With a profile besides (0 is none of his own) it is about all users of that profile in the domain of
-- the channel whose id is above the account's: dialtone-jobs puts a row for each in its place, so many
-- at a time.
ALTER TABLE outbox
  DROP CONSTRAINT outbox_check,
  DROP CONSTRAINT outbox_check1,
  ADD account_id bigint,
  ADD profile_id bigint,
  ADD CONSTRAINT outbox_kind CHECK (num_nonnulls(payload, sessions, account_id) = 1),
  ADD CONSTRAINT outbox_event CHECK (event = ANY (CASE WHEN sessions IS NOT NULL
    THEN '{revoke,rebind}' WHEN account_id IS NOT NULL THEN '{perm}' ELSE ARRAY[event] END)),
  ADD CONSTRAINT outbox_profile CHECK (profile_id IS NULL OR account_id IS NOT NULL);

-- To be walked through in slices.
DROP INDEX cti_users_profile;
CREATE INDEX cti_users_profile ON cti_users (profile_id, account_id);

-- While the account still has this name.
CREATE FUNCTION outbox_tell_user(who bigint) RETURNS void LANGUAGE sql AS $$
  INSERT INTO outbox (channel, event, account_id)
  SELECT '{' || domain || '}:u:' || channel_encode(username), 'perm', id FROM accounts WHERE id = who
$$;

CREATE FUNCTION outbox_tell_users_of(domain text, profile bigint) RETURNS void LANGUAGE sql AS $$
  INSERT INTO outbox (channel, event, account_id, profile_id)
  VALUES ('{' || domain || '}', 'perm', 0, profile)
$$;

CREATE FUNCTION cti_users_tell_permissions() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  was bigint := CASE WHEN TG_OP <> 'INSERT' THEN OLD.profile_id END;
  is_now bigint := CASE WHEN TG_OP <> 'DELETE' THEN NEW.profile_id END;
BEGIN
  -- Users of a profile that was deleted are told together.
  IF was IS DISTINCT FROM is_now
     AND (is_now IS NOT NULL OR EXISTS (SELECT FROM profiles WHERE id = was)) THEN
    PERFORM outbox_tell_user(CASE TG_OP WHEN 'DELETE' THEN OLD.account_id ELSE NEW.account_id END);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER cti_users_tell_permissions AFTER INSERT OR DELETE OR UPDATE OF profile_id ON cti_users
  FOR EACH ROW EXECUTE FUNCTION cti_users_tell_permissions();

CREATE FUNCTION profiles_tell() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  p profiles := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  grants_other boolean := TG_OP = 'UPDATE' AND NEW.capabilities <> OLD.capabilities;
  -- Users without a profile of their own have the default one, as have those of one that is deleted.
  concerns_others boolean := CASE TG_OP
    WHEN 'INSERT' THEN NEW.is_default
    WHEN 'UPDATE' THEN NEW.is_default <> OLD.is_default OR (NEW.is_default AND grants_other)
    ELSE true END;
BEGIN
  IF grants_other THEN
    PERFORM outbox_tell_users_of(p.domain, p.id);
  END IF;
  IF concerns_others THEN
    PERFORM outbox_tell_users_of(p.domain, 0);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER profiles_tell AFTER INSERT OR DELETE OR UPDATE OF is_default, macro_permissions
  ON profiles FOR EACH ROW EXECUTE FUNCTION profiles_tell();

CREATE FUNCTION extensions_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    PERFORM outbox_tell_user(OLD.account_id);
  END IF;
  IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND NEW.account_id <> OLD.account_id) THEN
    PERFORM outbox_tell_user(NEW.account_id);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER extensions_tell AFTER INSERT OR DELETE OR UPDATE OF exten, account_id ON extensions
  FOR EACH ROW EXECUTE FUNCTION extensions_tell();

-- A space that requires a second factor ends the sessions of those who have none when their time is up:
-- the copies that relays read end then.
CREATE FUNCTION spaces_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM outbox_tell_users_of(NEW.domain, p.id)
     FROM (SELECT 0 AS id UNION ALL SELECT id FROM profiles WHERE domain = NEW.domain) p;
  RETURN NULL;
END $$;
CREATE TRIGGER spaces_tell AFTER UPDATE ON spaces
  FOR EACH ROW WHEN ('required' IN (OLD.two_factor_policy, NEW.two_factor_policy)
    AND (OLD.two_factor_policy, OLD.two_factor_policy_since, OLD.two_factor_grace_days)
      IS DISTINCT FROM
        (NEW.two_factor_policy, NEW.two_factor_policy_since, NEW.two_factor_grace_days))
  EXECUTE FUNCTION spaces_tell();

-- Sockets that were opened by the HMAC login belong to no session of ours: relays look at them when
-- that is what a change ends.
CREATE OR REPLACE FUNCTION sessions_end(account bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  -- Most accounts that are written have none, and an UPDATE of nothing is dearer than this.
  IF EXISTS (SELECT FROM sessions WHERE account_id = account) THEN
    UPDATE sessions SET revoked_at = now()
     WHERE account_id = account AND (revoked_at IS NULL OR revoked_at > now());
  END IF;
  -- Nobody can have logged in to what this transaction has made.
  IF EXISTS (SELECT FROM accounts WHERE id = account AND created_at <> now()) THEN
    PERFORM outbox_tell_user(account);
  END IF;
END $$;

CREATE FUNCTION two_factor_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM outbox_tell_user(NEW.account_id);
  RETURN NULL;
END $$;
CREATE TRIGGER two_factor_tell AFTER UPDATE OF secret_sealed ON two_factor
  FOR EACH ROW WHEN (OLD.secret_sealed IS NULL AND NEW.secret_sealed IS NOT NULL)
  EXECUTE FUNCTION two_factor_tell();
