-- How jobs are carried out: which back end takes one, when, how often it was tried and what it failed with.

ALTER TABLE jobs
  -- The back end, the first word of the kind.
  ADD COLUMN backend text NOT NULL GENERATED ALWAYS AS (split_part(kind, '.', 1)) STORED,
  -- The same at every attempt, so that who gets a message twice can tell: Message-ID, idempotency key.
  ADD COLUMN mark uuid NOT NULL DEFAULT gen_random_uuid(),
  -- Counts when an attempt begins; its end is written only where it still is this number.
  ADD COLUMN attempts bigint NOT NULL DEFAULT 0,
  -- When it is tried next; while it is running, when the claim of a worker that crashed is over.
  ADD COLUMN due_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN running boolean NOT NULL DEFAULT false,
  -- The rate limit of its space has given it its time.
  ADD COLUMN paced boolean NOT NULL DEFAULT false,
  -- What the last attempt failed with.
  ADD COLUMN failure text CHECK (length(failure) <= 500),
  -- Given up, or expired: kept for some days to be looked at, or tried again by an operator.
  ADD COLUMN ended_at timestamptz;

CREATE INDEX jobs_due ON jobs (backend, due_at) WHERE ended_at IS NULL;
CREATE INDEX jobs_expiring ON jobs (expires_at) WHERE ended_at IS NULL;
CREATE INDEX jobs_ended_at ON jobs (ended_at) WHERE ended_at IS NOT NULL;
DROP INDEX jobs_expires_at;

-- When the next job of a space would be on time (the generic cell rate algorithm of ITU-T I.371).
CREATE TABLE job_paces (
  backend text NOT NULL,
  domain text NOT NULL,
  next_at timestamptz NOT NULL,
  PRIMARY KEY (backend, domain)
);
CREATE INDEX job_paces_next_at ON job_paces (next_at);
