-- The word by which all lines about one request are found, X-Request-Id of its answer, goes on with what
-- follows from it: set by the programs for each transaction (dialtone.request).
ALTER TABLE outbox ADD COLUMN request_id text
  DEFAULT nullif(current_setting('dialtone.request', true), '');
ALTER TABLE jobs ADD COLUMN request_id text
  DEFAULT nullif(current_setting('dialtone.request', true), '');
