-- How people and phones get in: activation and tokens for it.

-- An administrator has taken `activated` away: what users do by themselves (a new password, a confirmed
-- address, a provisioned phone) leaves it so.
ALTER TABLE accounts ADD COLUMN deactivated_by_admin boolean NOT NULL DEFAULT false;

-- Only administrators take it away, by whatever call.
CREATE FUNCTION accounts_remember_deactivation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.deactivated_by_admin := NOT NEW.activated;
  RETURN NEW;
END $$;
CREATE TRIGGER accounts_activated BEFORE UPDATE OF activated ON accounts
  FOR EACH ROW WHEN (OLD.activated <> NEW.activated)
  EXECUTE FUNCTION accounts_remember_deactivation();

-- Networks that were not logged in from for 30 days are removed by this.
CREATE INDEX known_networks_last_success ON known_networks (last_success);
