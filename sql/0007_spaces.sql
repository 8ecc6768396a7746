-- What a space is besides its domain and host (accounts-api II.1, II.2), how it ends, and how every process
-- knows that something of it was changed.

ALTER TABLE spaces
  ADD web_panel boolean NOT NULL DEFAULT true,
  ADD public_registration boolean NOT NULL DEFAULT true,
  ADD phone_registration boolean NOT NULL DEFAULT true,
  ADD intercom_features boolean NOT NULL DEFAULT false,
  ADD carddav_user_credentials boolean NOT NULL DEFAULT false,
  ADD client_certificate_authentication boolean NOT NULL DEFAULT false,
  ADD custom_provisioning_overwrite_all boolean NOT NULL DEFAULT false,
  ADD disable_broadcast_feature boolean NOT NULL DEFAULT true,
  ADD disable_call_recordings_feature boolean NOT NULL DEFAULT false,
  ADD disable_chat_feature boolean NOT NULL DEFAULT false,
  ADD disable_meetings_feature boolean NOT NULL DEFAULT false,
  ADD hide_account_settings boolean NOT NULL DEFAULT false,
  ADD hide_settings boolean NOT NULL DEFAULT false,
  ADD only_display_sip_uri_username boolean NOT NULL DEFAULT false,
  ADD assistant_disable_qr_code boolean NOT NULL DEFAULT false,
  ADD assistant_hide_create_account boolean NOT NULL DEFAULT false,
  ADD assistant_hide_third_party_account boolean NOT NULL DEFAULT false,
  -- Accounts an app may have; those of the space are max_accounts.
  ADD max_account bigint NOT NULL DEFAULT 0 CHECK (max_account >= 0),
  ADD account_proxy_registrar_address text CHECK (length(account_proxy_registrar_address) <= 255),
  ADD copyright_text text CHECK (length(copyright_text) <= 4096),
  ADD intro_registration_text text CHECK (length(intro_registration_text) <= 4096),
  ADD newsletter_registration_address text CHECK (length(newsletter_registration_address) <= 255),
  ADD custom_provisioning_entries text CHECK (length(custom_provisioning_entries) <= 16384),
  ADD logo text CHECK (length(logo) <= 2048),
  ADD theme_hue bigint NOT NULL DEFAULT 22 CHECK (theme_hue BETWEEN 0 AND 360),
  -- Off: DIGEST opens nothing on the API to its accounts; SIP and the logins go on.
  ADD digest_enabled boolean NOT NULL DEFAULT true,
  -- It was deleted: it exists for no client any more, and dialtone-jobs removes what belongs to it, first its
  -- sessions, then its accounts, then the row, which keeps the domain until then.
  ADD ends text CHECK (ends IN ('sessions', 'accounts'));
CREATE INDEX spaces_ending ON spaces (id) WHERE ends IS NOT NULL;

-- Its host and name are free at once.
ALTER TABLE spaces DROP CONSTRAINT spaces_host_key, DROP CONSTRAINT spaces_name_key;
CREATE UNIQUE INDEX spaces_host_key ON spaces (host) WHERE ends IS NULL;
CREATE UNIQUE INDEX spaces_name_key ON spaces (name) WHERE ends IS NULL;

-- The identity provider whose tokens open the API to accounts of the space (accounts-api 3.4).
CREATE TABLE space_oidc_configurations (
  space_id bigint PRIMARY KEY REFERENCES spaces ON DELETE CASCADE,
  -- Null: there is a key and no provider to lead clients to.
  server_url text CHECK (length(server_url) <= 255),
  realm text CHECK (length(realm) <= 255),
  -- The claim that holds the SIP address.
  sip_identifier text NOT NULL DEFAULT 'sip_identity' CHECK (length(sip_identifier) BETWEEN 1 AND 64),
  -- PEM.
  public_key text CHECK (length(public_key) <= 8192),
  -- The audience a token has to name; null: any.
  audience text CHECK (length(audience) <= 255),
  client_id text CHECK (length(client_id) <= 255),
  client_secret_sealed bytea,
  auto_provisioning boolean NOT NULL DEFAULT false,
  role_provisioning boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CHECK (server_url IS NULL OR realm IS NOT NULL)
);

-- The server that sends the mails of the space.
CREATE TABLE space_email_servers (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  space_id bigint NOT NULL UNIQUE REFERENCES spaces ON DELETE CASCADE,
  host text NOT NULL CHECK (length(host) BETWEEN 1 AND 253),
  port bigint NOT NULL CHECK (port BETWEEN 1 AND 65535),
  username text CHECK (length(username) <= 128),
  password_sealed bytea,
  from_address text CHECK (length(from_address) <= 128),
  from_name text CHECK (length(from_name) <= 128),
  signature text CHECK (length(signature) <= 256),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- Each process of the API keeps the spaces. Every request reads this number with what it asks for anyway,
-- so none is answered by spaces that were changed before it came. One row, changed with the spaces: what
-- sees the number sees them, too.
CREATE TABLE spaces_version (version bigint NOT NULL);
INSERT INTO spaces_version VALUES (1);
CREATE UNIQUE INDEX spaces_version_one ON spaces_version ((true));

CREATE FUNCTION spaces_version_next() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE spaces_version SET version = version + 1;
  RETURN NULL;
END $$;
CREATE TRIGGER spaces_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON spaces
  FOR EACH STATEMENT EXECUTE FUNCTION spaces_version_next();
CREATE TRIGGER spaces_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE
  ON space_oidc_configurations
  FOR EACH STATEMENT EXECUTE FUNCTION spaces_version_next();

-- What every request asks of a space is in that list: no copies in the accounts, which a change of a large
-- space would have to write all.
CREATE OR REPLACE FUNCTION spaces_show() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE accounts SET space_realm = NEW.realm, must_enrol_at = space_must_enrol_at(NEW, created_at)
   WHERE domain = NEW.domain;
  RETURN NULL;
END $$;
DROP TRIGGER spaces_show ON spaces;
CREATE TRIGGER spaces_show AFTER UPDATE ON spaces
  FOR EACH ROW WHEN ((OLD.realm, OLD.two_factor_policy, OLD.two_factor_policy_since,
      OLD.two_factor_grace_days)
    IS DISTINCT FROM (NEW.realm, NEW.two_factor_policy, NEW.two_factor_policy_since,
      NEW.two_factor_grace_days))
  EXECUTE FUNCTION spaces_show();

-- A space that has ended takes no accounts, also of a transaction that began before.
CREATE OR REPLACE FUNCTION accounts_know_space() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT s.realm, space_must_enrol_at(s, NEW.created_at) INTO NEW.space_realm, NEW.must_enrol_at
    FROM spaces s WHERE s.domain = NEW.domain AND s.ends IS NULL FOR SHARE;
  IF NOT FOUND THEN
    RAISE foreign_key_violation USING CONSTRAINT = 'accounts_domain_fkey',
      MESSAGE = format('there is no space %s', NEW.domain);
  END IF;
  RETURN NEW;
END $$;
ALTER TABLE accounts DROP COLUMN space_super, DROP COLUMN space_ends_at;

-- Nor can its accounts register any more.
CREATE OR REPLACE VIEW sip.subscriber AS
  SELECT a.id, a.username, a.domain, coalesce(s.realm, a.domain) AS realm, p.password AS ha1,
         coalesce(a.display_name, '') AS display_name
    FROM accounts a JOIN spaces s ON s.domain = a.domain
    JOIN passwords p ON p.account_id = a.id AND p.algorithm = 'MD5'
   WHERE a.activated AND NOT a.blocked AND s.ends IS NULL;

CREATE OR REPLACE VIEW sip.subscriber_sha256 AS
  SELECT a.id, a.username, a.domain, coalesce(s.realm, a.domain) AS realm, p.password AS ha1,
         coalesce(a.display_name, '') AS display_name
    FROM accounts a JOIN spaces s ON s.domain = a.domain
    JOIN passwords p ON p.account_id = a.id AND p.algorithm = 'SHA-256'
   WHERE a.activated AND NOT a.blocked AND s.ends IS NULL;

CREATE OR REPLACE VIEW sip.realm AS
  SELECT id, domain AS key_name, 0 AS key_type, 0 AS value_type, coalesce(realm, domain) AS key_value,
         0 AS expires
    FROM spaces WHERE ends IS NULL;
