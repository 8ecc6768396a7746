/*
 * What statements are tried with for a side of tests/lib/skew.mjs, so that each finds what there is to find and may
 * write what it writes.  Most follows from the name or the type of a parameter; what is left stands beside the name of
 * the statement, unnamed parameters by their number.
 */
const text = (value) => `'${value}'`;
const NEW_HASH = "sha256('new')";
const hex = (value) => `encode(sha256('${value}'), 'hex')`;
const jti = (s) => text(`session-of-${s.key.padEnd(10, '.')}`);
const email = (s) => text(`${s.username}@example.org`);
const phone = (s) => text(`+336${s.username.replace('user.', '').padStart(8, '0')}`);

const BY_TYPE = {
  text: (s) => text(s.key), bigint: (s) => s.id, boolean: () => 'true', timestamptz: () => "now() + interval '1 hour'",
  bytea: (s) => `sha256('${s.key}')`, jsonb: () => "'{}'", inet: () => "'192.0.2.1'", 'bigint[]': (s) => `ARRAY[${s.id}, ${s.other}]`,
  'text[]': (s) => `ARRAY[${text(s.key)}]`,
};

const BY_NAME = {
  account_type_id: (s) => s.list, after: 0, algorithm: "'SHA-256'", attempts_max: 5, bytes: 10, call: (s) => s.id, calling_code: "'33'",
  code_hash: "repeat('a', 64)", contact_id: (s) => s.other, country_code: "'33'", default_password_algorithm: "'SHA-256'", device_id: "'device 1'",
  domain: (s) => text(s.domain), doublings: 3, dtmf_protocol: "'sipinfo'", email, expires_at: "now() + interval '1 hour'", from_domain: (s) => text(s.domain),
  from_username: (s) => text(s.username), grace_days: 0, grace_s: 5, ha1: "repeat('a', 64)", ha1_md5: "repeat('a', 32)", ha1_sha256: "repeat('a', 64)", invite_terminated_state: "'declined'", jti, key_id: 1,
  kind: "'email'", last_status: 200, limit: 20, list_id: (s) => s.list, max_account: 0, max_accounts: 0, minutes: 60, name: (s) => text(s.username), offset: 0,
  old: "'\\x01'::bytea", page: 1, other_algorithm: "'MD5'", other_ha1: "repeat('a', 32)", part_id: (s) => s.other, phone, pn_param: "'app'", pn_provider: "'fcm'", policy: "'required'",
  port: 25, protocol: "'UDP'", proxy_port: 5060, replaced_by: "'session-that-follows'", sealed: "'\\x02'::bytea", seconds: 60, space_id: (s) => s.space, span: "'1 month'", status: "'dnd'",
  step: 7, theme_hue: 22, to: 'NULL', to_domain: "'example.org'", to_username: "'bob'", type: "'mobile'", unit: "'day'", unused_max: 3, username: (s) => text(s.username), within: (s) => text(s.domain),
};

const newSpace = { domain: "'new.example.org'", host: "'new.example.org'", name: "'new'", super: 'false', digest_enabled: 'true' };
const profile = (s) => s.list; /* profiles have the numbers of the lists */
/* Of a day on which all users called a little: no request waits for more than that. */
const ofCalls = { username: 'NULL', number: 'NULL', exten: 'NULL', from: 'to_char(now(), \'YYYYMMDD\')', to: 'to_char(now(), \'YYYYMMDD\')', zone: "'UTC'", filter: 'NULL', direction: 'NULL', remove_lost: 'false', hidden: 0 };
const ofTrail = { object: (s) => text(`account:${s.username}@${s.domain}`), part: 'NULL', actor: (s) => text(`${s.username}@${s.domain}`), from: 'NULL', to: 'NULL' };
const codeAdd = { code_hash: 'NULL', code_sealed: 'NULL' };

const BY_STATEMENT = {
  account_by_email: { name: email },
  account_by_phone: { name: phone },
  account_insert: { username: "'new'", email: "'new@example.org'", phone: "'+33711111111'", provisioning_hash: NEW_HASH },
  account_insert_provisioning: { provisioning_hash: NEW_HASH },
  account_rotate_provisioning: { provisioning_hash: NEW_HASH },
  account_type_by_id: { id: profile }, account_type_update: { id: profile }, account_type_delete: { id: profile },
  ...Object.fromEntries(['page', 'count'].flatMap((what) => ['', '_of_actor', '_of_object'].map((by) => [`audit_${what}${by}`, ofTrail]))),
  auth_token_insert: { $1: NEW_HASH, $2: "'192.0.2.1'" },
  call_insert: { id: "'new'" }, call_subject: { name: (s) => text(`call ${s.id - 1000000}`) },
  call_end: { number: (s) => s.id }, call_device_list: { number: (s) => s.id },
  call_forwarding_insert: { type: "'no_answer'", forward_to: "'contact'", sip_uri: 'NULL' },
  calls_add: { $1: (s) => text(JSON.stringify([{ call_id: 'new', linked_id: '1.1', from_account_id: s.id, from_domain: s.domain, to_domain: 'example.org', to_exten: '7' }])) },
  ...Object.fromEntries(['', '_oldest', '_count'].flatMap((what) => [[`calls_of_account${what}`, ofCalls], [`calls_of_space${what}`, { ...ofCalls, account_id: 'NULL' }]])),
  change_state: { $2: 60 },
  contacts_list_by_id: { id: profile }, contacts_list_delete: { id: profile }, contacts_list_update: { id: profile }, contacts_list_with_contact: { id: profile },
  contact_add: { contact_id: (s) => s.id + 2 },
  contacts_list_for_account: { part_id: profile }, contacts_list_insert: { title: "'new'" }, contacts_list_without_contact: { id: profile },
  creation_token_add: { hash: NEW_HASH }, creation_push_add: { token_hash: NEW_HASH }, creation_push_wait: { pn_prid: "'many'" }, recovery_push_wait: { pn_prid: "'many'" },
  cti_setting_delete: { key: 'NULL' }, cti_setting_put: { object: "'{\"theme\": \"dark\"}'" },
  cti_user_admin_put: { profile_id: profile },
  email_change_add: codeAdd, phone_change_add: { ...codeAdd, value: phone },
  email_change_apply: { value: email }, phone_change_apply: { value: phone },
  email_change_try: { $2: 5 }, phone_change_try: { $2: 5 },
  email_server_delete: { $1: (s) => s.space }, email_server_get: { name: (s) => text(s.domain) },
  extension_insert: { exten: "'99999'" },
  external_put: { ha1: "repeat('a', 32)" },
  hmac_count_uses: { $1: (s) => `ARRAY[${text(s.domain)}]`, $2: (s) => `ARRAY[${text(s.username)}]`, $3: "ARRAY['phone']", $4: 'ARRAY[1]' },
  identity_by_address: { $2: (s) => text(s.domain), $3: (s) => text(s.username) }, identity_by_email: { $2: (s) => text(s.domain), $3: email },
  identity_by_key: { $4: 60 }, identity_by_key_with_account: { $4: 60 },
  identity_by_session: { $2: jti }, identity_by_session_with_account: { $2: jti },
  job_add: { payload: 'NULL' }, job_list: { $1: "'mail'", $2: 20 },
  key_count_uses: { $1: (s) => `ARRAY[${hex(s.key)}]`, $2: 'ARRAY[1]' },
  key_insert: { $2: NEW_HASH, $6: 100 }, key_list_service: {}, key_replace_own: { $2: NEW_HASH },
  message_device_put: { message: (s) => s.id }, message_insert: { id: "'new'" }, message_subject: { name: (s) => text(`message ${s.id - 1000000}`) },
  nonce_advance: { nonce: "repeat('a', 64)" },
  outbox_list: { $1: 20 }, outbox_spread: { $2: 20 },
  profile_delete: { id: profile }, profile_get: { id: profile }, profile_insert: { $1: (s) => text(s.domain), $3: 'false', $5: "'[]'" },
  profile_update: { $1: profile, $2: (s) => text(s.domain), $4: 'false', $6: "'[]'" },
  presence_set_on_busy: { status: "'voicemail'" }, presence_set_on_unavailable: { status: "'voicemail'" },
  queue_claim: { $1: "'mail'", $2: 20, $3: 20, $4: "ARRAY['busy.example.org']", $5: 60 }, queue_done: { $2: 'ARRAY[1, 1]' }, queue_renew: { $2: 'ARRAY[1, 1]', $3: 60 },
  queue_pace: { $1: "'mail'", $2: (s) => text(s.domain), $3: 100 }, queue_standing: { $1: 100 },
  recovery_add: { $2: `ARRAY[${hex('new')}]` }, recovery_use: { $2: (s) => `ARRAY[${hex(s.key)}]` },
  removal_drop_space: { $1: 1000021 }, removal_end_sessions: { $1: (s) => text(s.domain), $2: 0, $3: 20 },
  removal_sessions_ended: { $1: (s) => s.space },
  request_token_add: { hash: NEW_HASH }, request_token_exchange: { new_hash: NEW_HASH },
  reset_token_put: { $2: NEW_HASH, $3: email },
  session_insert: { $1: "'session-that-is-new'", $3: 'NULL' }, session_of_caller: { name: jti }, session_touch: { $1: (s) => `ARRAY[${jti(s)}]` },
  space_accounts: { $1: (s) => text(s.domain) }, space_end: { $1: (s) => text(s.domain) }, space_insert: newSpace, space_lock: { $1: (s) => text(s.domain) },
  space_provider_drop: { $1: (s) => s.space }, space_put: { super: 'false' }, space_shared_emails: { $1: (s) => text(s.domain) },
  space_update: { super: 'false', host: "'new.example.org'", name: "'new'", unique_email: 'false' },
  wizard_put: { $2: NEW_HASH },
};

const CLEANUP = { $1: 20, $2: 30 };
const REMOVAL = { $1: (s) => text(s.domain), $2: 20 };

const OF_MANY = '_of_many';

/* A statement of many has arrays of what the one that it is made from has, here of two that ask. */
function valuesOfMany({ name, parameters, sql }, side) {
  const types = parameters.map(({ type }) => type.replace('[]', ''));
  const one = { name: name.slice(0, -OF_MANY.length), parameters: parameters.map((parameter, i) => ({ ...parameter, type: types[i] })), sql };
  return valuesFor(one, side).map((value, i) => `ARRAY[(${value})::${types[i]}, (${value})::${types[i]}]`);
}

export function valuesFor({ name, parameters, sql }, side) {
  if (name.endsWith(OF_MANY)) return valuesOfMany({ name, parameters, sql }, side);
  const given = { ...BY_NAME, ...(/^cleanup_/.test(name) && CLEANUP), ...(/^removal_drop_/.test(name) && REMOVAL), ...BY_STATEMENT[name] };
  return parameters.map((parameter, i) => {
    const decoded = sql.includes(`decode($${i + 1},`) ? (s) => hex(s.key) : undefined;
    const value = given[`$${i + 1}`] ?? decoded ?? given[parameter.name] ?? BY_TYPE[parameter.type];
    return typeof value === 'function' ? value(side) : value;
  });
}

/* Names that are no statement's any more. */
export const strangersIn = (statements) => Object.keys(BY_STATEMENT).filter((name) => !statements.some((each) => each.name === name));
