-- Who still uses the paths below /webrest, for the operator who wants to switch them off
-- (cti-api 1.16). Counted in batches; names that are no account's, and their programs, are not kept.
CREATE TABLE legacy_uses (
  domain text NOT NULL REFERENCES spaces (domain) ON DELETE CASCADE,
  -- Empty: nobody known.
  username text NOT NULL,
  user_agent text NOT NULL CHECK (length(user_agent) <= 256),
  requests bigint NOT NULL,
  first_used_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (domain, username, user_agent)
);
