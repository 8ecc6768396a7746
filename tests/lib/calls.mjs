/* Calls that have ended, as dialtone-pbx writes them. */
import crypto from 'node:crypto';

const text = (value) => (value === null || value === undefined ? 'NULL' : `'${String(value).replaceAll("'", "''")}'`);
const time = (seconds) => (seconds === null || seconds === undefined ? 'NULL' : `to_timestamp(${seconds})`);

/* An end: { id, domain, number, name, exten }, id absent: it is no account of the space. */
const party = ({ id, domain = 'elsewhere.example', number, name, exten }) => [id ?? 'NULL', text(domain), text(number), text(name), text(exten)].join(', ');

/* { domain, linkedid, from, to, started, answered, ended, cause }, in seconds. */
const row = ({ domain, linkedid = crypto.randomUUID(), from, to, started, answered, ended = started + 60, cause = 'normal_clearing' }) =>
  `(${text(domain)}, ${text(linkedid)}, ${text(linkedid)}, ${party(from)}, ${party(to)}, ${time(started)}, ${time(answered)}, ${time(ended)}, ${text(cause)})`;

export const addCalls = (dialtone, calls) => dialtone.sql(`INSERT INTO calls (domain, call_id, linked_id, from_account_id, from_domain, from_number, from_name, from_exten,
  to_account_id, to_domain, to_number, to_name, to_exten, started_at, answered_at, ended_at, cause) VALUES ${calls.map(row).join(', ')}`);
