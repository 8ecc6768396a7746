-- Who changed what: one row for each request or command that changed something, never with a value.
CREATE TABLE audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  domain text,
  actor text,
  door text NOT NULL,
  ip text,
  request_id text DEFAULT nullif(current_setting('dialtone.request', true), ''),
  action text NOT NULL,
  object text,
  fields text[] NOT NULL DEFAULT '{}'
);
