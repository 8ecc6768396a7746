/* Tokens of a space's identity provider (accounts-api 3.4): which accounts they open the API to, and what opens nothing. */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { test } from 'node:test';

import { createUser, randomName } from '../lib/accounts.mjs';
import { digestRequest } from '../lib/digest.mjs';
import { ownInstance } from '../lib/instance.mjs';
import { addSpace, putSpace } from '../lib/spaces.mjs';

const dialtone = await ownInstance({ options: ['--workers', '3'] });
const asAdmin = { as: 'admin' };

const pemOf = (key) => key.export({ type: 'spki', format: 'pem' });
const rsaPair = () => crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
const ecPair = (namedCurve) => crypto.generateKeyPairSync('ec', { namedCurve });
const [rsa, otherRsa, ec] = [rsaPair(), rsaPair(), ecPair('P-256')];

const b64 = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const now = () => Math.floor(Date.now() / 1000);

function signWith(alg, key, text) {
  if (alg === 'none') return '';
  if (alg.startsWith('HS')) return crypto.createHmac(`sha${alg.slice(2)}`, key).update(text).digest('base64url');
  const options = alg.startsWith('ES') ? { key, dsaEncoding: 'ieee-p1363' } : alg.startsWith('PS') ? { key, padding: crypto.constants.RSA_PKCS1_PSS_PADDING } : key;
  return crypto.sign(`sha${alg.slice(2)}`, Buffer.from(text), options).toString('base64url');
}

/* claims may be JSON text. */
function token(claims, { alg = 'RS256', key = rsa.privateKey, header = {} } = {}) {
  const text = `${b64({ alg, typ: 'JWT', ...header })}.${b64(typeof claims === 'string' ? claims : { exp: now() + 300, ...claims })}`;
  return `${text}.${signWith(alg, key, text)}`;
}

const provider = (more) => ({ oidc_authentication_configuration: { public_key: pemOf(rsa.publicKey), ...more } });
const space = await addSpace(dialtone, provider());
const withProvider = await addSpace(dialtone, provider({ server_url: 'https://login.example.org', realm: 'phones', audience: 'dialtone', sip_identifier: 'sip', client_id: 'us', client_secret: 'never shown' }));
const ecSpace = await addSpace(dialtone, provider({ public_key: pemOf(ec.publicKey) }));
const user = await createUser(space.dialtone, { email: `${randomName()}@example.org` });
const named = { sip_identity: `sip:${user.username}@${space.domain}` };

const me = (bearer, where = space) => where.dialtone.api('GET', '/api/accounts/me', { token: bearer });
const isRefused = (answer, why) => {
  assert.equal(answer.status, 401, answer.text);
  assert.deepEqual(answer.all('www-authenticate'), [`Bearer realm="${space.domain}", error="invalid_token", error_description="${why}"`]);
};

test('token_of_each_algorithm_opens_to_the_account_it_names', async () => {
  for (const alg of ['RS256', 'RS384', 'RS512']) assert.equal((await me(token(named, { alg }))).json.id, user.id, alg);
  const other = await createUser(ecSpace.dialtone);
  assert.equal((await me(token({ sip_identity: `sip:${other.username}@${ecSpace.domain}` }, { alg: 'ES256', key: ec.privateKey }), ecSpace)).json.id, other.id);
  assert.equal((await me(token({ sip_identity: `SIP:${user.username}@${space.domain.toUpperCase()};transport=tls` }))).json.id, user.id);
});

test('what_a_token_of_the_provider_changes_is_told_with_its_door', async () => {
  const made = await space.dialtone.api('POST', '/api/accounts/me/call_forwardings', { token: token(named), body: { type: 'busy', forward_to: 'voicemail', enabled: false } });
  assert.equal(made.status, 201, made.text);
  assert.deepEqual(await dialtone.sql(`SELECT actor, door FROM audit WHERE request_id = '${made.header('x-request-id')}'`), [[`${user.username}@${space.domain}`, 'provider']]);
});

test('email_counts_where_no_address_is_named_and_the_provider_does_not_deny_it', async () => {
  assert.equal((await me(token({ email: user.email.toUpperCase() }))).json.id, user.id);
  assert.equal((await me(token({ email: user.email, email_verified: true }))).json.id, user.id);
  for (const claims of [{ email: user.email, email_verified: false }, { email: user.email, email_verified: 'true' }, { email: 'nobody@example.org' }, {},
    { ...named, sip_identity: 'sip:nobody@nowhere.example.org', email: user.email }, { sip_identity: `sip:nobody@${space.domain}`, email: user.email }]) {
    const answer = await me(token(claims));
    assert.equal(answer.status, 403, JSON.stringify(claims));
    assert.equal(answer.json.message, 'The token is of no account of this space.');
  }
});

test('what_is_not_signed_by_the_key_of_the_space_opens_nothing', async () => {
  const pem = pemOf(rsa.publicKey);
  for (const alg of ['none', 'None', 'HS256', 'HS384', 'HS512', 'PS256', 'ES384', 'EdDSA', 'rs256', '']) {
    const made = ['HS256', 'HS384', 'HS512', 'PS256'].includes(alg) ? alg : 'none';
    const text = `${b64({ alg, typ: 'JWT' })}.${b64({ exp: now() + 300, ...named })}`;
    const key = made === 'PS256' ? rsa.privateKey : pem;
    for (const signature of [signWith(made, key, text), signWith('HS256', pem, text), signWith('HS256', pem.trim(), text)]) {
      isRefused(await me(`${text}.${signature}`), 'invalid token');
    }
  }
  for (const header of [{}, { kid: '1' }, { kid: '../../etc/passwd' }, { jwk: otherRsa.publicKey.export({ format: 'jwk' }) }, { jku: 'https://evil.example.org/keys' }, { x5c: ['AAAA'] }]) {
    isRefused(await me(token(named, { key: otherRsa.privateKey, header })), 'the signature is wrong');
  }
  isRefused(await me(token(named, { alg: 'ES256', key: ec.privateKey })), 'the signature is wrong');
  isRefused(await me(token(named, { header: { crit: ['exp'] } })), 'invalid token');
  const good = token(named);
  const [header, , signature] = good.split('.');
  isRefused(await me(`${header}.${b64({ exp: now() + 300, sip_identity: `sip:admin@${space.domain}` })}.${signature}`), 'the signature is wrong');
  isRefused(await me(`${good}A`), 'the signature is wrong');
  isRefused(await me(`${good}=`), 'the signature is wrong');
  isRefused(await me(`${good}.x`), 'the signature is wrong');
  isRefused(await me(good.split('.').slice(0, 2).join('.')), 'the token is malformed');
  isRefused(await me(`${good.split('.').slice(0, 2).join('.')}.`), 'the signature is wrong');
});

test('ES256_wants_its_own_curve_and_the_form_of_JWS', async () => {
  const other = await createUser(ecSpace.dialtone);
  const claims = { exp: now() + 300, sip_identity: `sip:${other.username}@${ecSpace.domain}` };
  const text = `${b64({ alg: 'ES256' })}.${b64(claims)}`;
  const status = async (signature) => (await me(`${text}.${signature.toString('base64url')}`, ecSpace)).status;
  const raw = crypto.sign('sha256', Buffer.from(text), { key: ec.privateKey, dsaEncoding: 'ieee-p1363' });
  assert.equal(await status(raw), 200);
  assert.equal(await status(crypto.sign('sha256', Buffer.from(text), ec.privateKey)), 401, 'DER');
  for (const curve of ['secp256k1', 'P-384', 'P-521']) {
    const pair = ecPair(curve);
    assert.equal(await status(crypto.sign('sha256', Buffer.from(text), { key: pair.privateKey, dsaEncoding: 'ieee-p1363' })), 401, curve);
    const refused = await putSpace(dialtone, ecSpace, { oidc_authentication_configuration: { public_key: pemOf(pair.publicKey) } });
    assert.deepEqual([refused.status, Object.keys(refused.json.errors)], [422, ['oidc_authentication_configuration.public_key']], curve);
  }
  assert.equal(await status(Buffer.alloc(64)), 401, 'r = s = 0');
  assert.equal(await status(Buffer.alloc(64, 255)), 401);
  assert.equal(await status(Buffer.concat([raw, Buffer.alloc(1)])), 401);
});

test('times_are_held_with_the_skew_of_clocks', async () => {
  for (const [claims, why] of [[{ exp: now() - 1 }, 'the token is expired'], [{ exp: undefined }, 'the token has no end'], [{ exp: null }, 'the token has no end'],
    [{ exp: String(now() + 300) }, 'the token has no end'], [{ exp: -5 }, 'the token has no end'], [{ exp: 1e30 }, 'the token has no end'], [{ exp: [now() + 300] }, 'the token has no end'],
    [{ nbf: now() + 120 }, 'the token is not valid yet'], [{ iat: now() + 120 }, 'the token is not valid yet'], [{ nbf: 'now' }, 'the token is malformed'], [{ iat: {} }, 'the token is malformed']]) {
    isRefused(await me(token({ ...named, ...claims })), why);
  }
  assert.equal((await me(token({ ...named, nbf: now() + 30, iat: now() + 30, exp: now() + 300.5 }))).status, 200);
});

test('claims_of_another_type_and_odd_bytes_are_refused', async () => {
  const exp = now() + 300;
  for (const claims of [{ sip_identity: 7 }, { sip_identity: [named.sip_identity] }, { sip_identity: { uri: named.sip_identity } }, { email: 7 }, { email: ['a'] }, { sip_identity: 'sip:\u0000' }]) {
    isRefused(await me(token({ exp, ...claims })), 'the token is malformed');
  }
  for (const text of ['[]', '"text"', 'null', '', '{', '{"exp":1', `{"exp":${exp},}`, '\xff', '['.repeat(2000)]) isRefused(await me(token(text || ' ')), 'the token is malformed');
  for (const sip of ['', 'sip:', 'alice', `${user.username}`, `sip:${space.domain}`, `sip:@${space.domain}`, `sip:${user.username}@${space.domain}@x`, `sip:a b@${space.domain}`, `sip:%00@${space.domain}`]) {
    assert.equal((await me(token({ sip_identity: sip }))).status, 403, sip);
  }
  for (const bearer of ['', '.', '..', '...', 'a.b.c', `${b64('{}')}.${b64('{}')}.`, `${b64('[]')}..`, 'é.é.é', b64({ alg: 'RS256' })]) {
    assert.equal((await me(bearer)).status, 401, bearer.slice(0, 40));
  }
  for (const huge of ['x'.repeat(9000), token({ ...named, padding: 'x'.repeat(60000) })]) assert.ok([401, 431, 400].includes((await me(huge)).status), 'too long');
  assert.equal((await me(token({ ...named, padding: 'x'.repeat(4000) }))).status, 200);
});

test('provider_of_a_space_speaks_for_its_accounts_alone', async () => {
  const elsewhere = await createUser(ecSpace.dialtone, { email: `${randomName()}@example.org` });
  const admin = await createUser(dialtone, { email: `${randomName()}@example.org`, admin: true });
  for (const { username, domain, email } of [{ ...elsewhere, domain: ecSpace.domain }, { ...admin, domain: dialtone.env.DIALTONE_DOMAIN }]) {
    assert.equal((await me(token({ sip_identity: `sip:${username}@${domain}` }))).status, 403);
    assert.equal((await me(token({ email }))).status, 403);
  }
  assert.equal((await me(token(named), ecSpace)).status, 401, 'nor does a token of one count on the host of another');
  const own = { dialtone };
  const bare = await me(token(named), own);
  assert.equal(bare.status, 401, 'a space without a provider');
  assert.equal(bare.header('www-authenticate'), `Bearer realm="${dialtone.env.DIALTONE_DOMAIN}", error="invalid_token", error_description="this space takes no tokens of others"`);
});

test('issuer_and_audience_are_held_where_they_are_configured_and_the_secret_is_never_shown', async () => {
  const other = await createUser(withProvider.dialtone);
  const right = { sip: `sip:${other.username}@${withProvider.domain}`, iss: 'https://login.example.org/realms/phones', aud: 'dialtone' };
  const status = async (claims) => (await me(token(claims), withProvider)).status;
  assert.equal(await status(right), 200);
  assert.equal(await status({ ...right, aud: ['account', 'dialtone'] }), 200);
  for (const wrong of [{ iss: undefined }, { iss: 'https://login.example.org/realms/other' }, { iss: 7 }, { aud: undefined }, { aud: 'dialtone2' }, { aud: ['account'] },
    { aud: {} }, { aud: [['dialtone']] }]) {
    assert.equal(await status({ ...right, ...wrong }), 401, JSON.stringify(wrong));
  }
  const shown = await dialtone.api('GET', `/api/spaces/${withProvider.domain}`, asAdmin);
  assert.deepEqual(shown.json.oidc_authentication_configuration, { server_url: 'https://login.example.org', realm: 'phones', sip_identifier: 'sip', public_key: pemOf(rsa.publicKey).trim(),
    audience: 'dialtone', client_id: 'us', auto_provisioning: false, role_provisioning: false });
  assert.doesNotMatch(shown.text, /never shown/);
  const sealed = () => dialtone.sql(`SELECT encode(client_secret_sealed, 'escape') FROM space_oidc_configurations o JOIN spaces s ON s.id = space_id WHERE domain = '${withProvider.domain}'`);
  const before = await sealed();
  assert.doesNotMatch(before[0][0], /never shown/);
  const { client_secret: _, ...rest } = shown.json.oidc_authentication_configuration;
  assert.equal((await putSpace(dialtone, withProvider, { oidc_authentication_configuration: rest })).status, 200);
  assert.deepEqual(await sealed(), before, 'a secret that is not given stays');
});

test('challenge_of_RFC_8898_comes_first_and_DIGEST_after_it', async () => {
  const other = await createUser(withProvider.dialtone);
  const line = 'Bearer authz_server="https://login.example.org/realms/phones",realm="phones"';
  const ask = (options, where = withProvider) => where.dialtone.api('GET', '/api/accounts/me', options);
  assert.deepEqual((await ask({})).all('www-authenticate'), [line]);
  const from = await ask({ headers: { From: `sip:${other.username}@${withProvider.domain}` } });
  assert.equal(from.all('www-authenticate')[0], line);
  assert.match(from.all('www-authenticate')[1], /^Digest /);
  assert.deepEqual((await ask({ token: token({}, { key: otherRsa.privateKey }) })).all('www-authenticate'), [`${line}, error="invalid_token", error_description="the signature is wrong"`]);
  assert.deepEqual((await ask({}, space)).all('www-authenticate'), [`Bearer realm="${space.domain}"`], 'a key without a provider');
  const cti = await withProvider.dialtone.api('GET', '/api/user/me', { token: 'x' });
  assert.deepEqual(cti.all('www-authenticate'), ['Bearer realm="nethcti"']);
  assert.deepEqual((await digestRequest(withProvider.dialtone, other)).status, 200);
  assert.equal((await ask({ key: other.key })).status, 200);
});

test('DIGEST_that_is_off_opens_nothing_and_is_offered_to_no_one', async () => {
  const plain = await addSpace(dialtone);
  const other = await createUser(plain.dialtone);
  const off = await putSpace(dialtone, plain, { digest_authentication_configuration: null });
  assert.equal(off.json.digest_authentication_configuration, null);
  for (const where of [plain.dialtone, dialtone]) {
    const asked = await where.api('GET', '/api/accounts/me', { headers: { From: `sip:${other.username}@${plain.domain}` } });
    assert.deepEqual([asked.status, asked.all('www-authenticate')], [401, []]);
    const answered = await where.api('GET', '/api/accounts/me', { headers: { From: `sip:${other.username}@${plain.domain}`, Authorization: 'Digest username="a",realm="b",nonce="c",uri="/",response="d",opaque="e"' } });
    assert.deepEqual([answered.status, answered.all('www-authenticate')], [401, []]);
  }
  assert.equal((await plain.dialtone.api('POST', '/api/login', { body: { username: other.username, password: other.password } })).status, 200, 'logins go on');
  assert.equal((await plain.dialtone.api('GET', '/api/accounts/me', { key: other.key })).status, 200);
  assert.equal((await putSpace(dialtone, plain)).json.digest_authentication_configuration, null, 'what is not said stays');
  assert.equal((await putSpace(dialtone, plain, { digest_authentication_configuration: {} })).json.digest_authentication_configuration.realm, plain.domain);
  assert.equal((await digestRequest(plain.dialtone, other)).status, 200);
});

test('administrators_may_come_with_a_token_unless_the_operator_says_no', async () => {
  const admin = await createUser(space.dialtone, { admin: true });
  const list = () => space.dialtone.api('GET', '/api/accounts', { token: token({ sip_identity: `sip:${admin.username}@${space.domain}` }) });
  assert.equal((await list()).status, 200);
  await dialtone.configureApi({ admin_auth_methods: 'key,digest' });
  assert.equal((await list()).status, 403);
  await dialtone.configureApi({ admin_auth_methods: 'key,digest,jwt' });
});

test('oidc_exclusive_leaves_users_of_such_a_space_tokens_alone', async () => {
  const other = await createUser(space.dialtone);
  const admin = await createUser(space.dialtone, { admin: true });
  const plain = await createUser(dialtone);
  const status = async (options, where = space.dialtone) => (await where.api('GET', '/api/accounts/me', options)).status;
  assert.equal(await status({ key: other.key }), 200);
  await dialtone.configureApi({ oidc_exclusive: true });
  assert.equal(await status({ key: other.key }), 401);
  const asked = await space.dialtone.api('GET', '/api/accounts/me', { headers: { From: `sip:${other.username}@${space.domain}` } });
  assert.deepEqual([asked.status, asked.all('www-authenticate')], [401, [`Bearer realm="${space.domain}"`]]);
  assert.equal(await status({ token: token({ sip_identity: `sip:${other.username}@${space.domain}` }) }), 200);
  assert.equal((await space.dialtone.api('GET', '/api/accounts', { key: admin.key })).status, 200, 'administrators keep theirs');
  assert.equal(await status({ key: plain.key }, dialtone), 200, 'so do other spaces');
  await dialtone.configureApi({ oidc_exclusive: false });
});

test('new_key_counts_at_once_and_for_every_worker_and_the_old_one_no_more', async () => {
  const fresh = await addSpace(dialtone);
  const other = await createUser(fresh.dialtone);
  const claims = { sip_identity: `sip:${other.username}@${fresh.domain}` };
  for (let i = 0; i < 6; i++) {
    const [good, bad] = i % 2 ? [rsa, otherRsa] : [otherRsa, rsa];
    assert.equal((await putSpace(dialtone, fresh, provider({ public_key: pemOf(good.publicKey) }))).status, 200);
    const answers = await Promise.all(Array.from({ length: 6 }, (_, n) => me(token(claims, { key: (n % 2 ? good : bad).privateKey }), fresh)));
    assert.deepEqual(answers.map(({ status }) => status), [401, 200, 401, 200, 401, 200]);
  }
  await putSpace(dialtone, fresh, { oidc_authentication_configuration: null });
  assert.equal((await me(token(claims), fresh)).status, 401);
});

test('blocked_expired_and_deleted_hold_for_tokens_too', async () => {
  const fresh = await addSpace(dialtone, provider());
  const other = await createUser(fresh.dialtone);
  const bearer = token({ sip_identity: `sip:${other.username}@${fresh.domain}` });
  await fresh.dialtone.api('POST', `/api/accounts/${other.id}/block`, asAdmin);
  assert.equal((await me(bearer, fresh)).status, 403);
  await fresh.dialtone.api('POST', `/api/accounts/${other.id}/unblock`, asAdmin);
  assert.equal((await me(bearer, fresh)).status, 200);
  await putSpace(dialtone, fresh, { expire_at: new Date().toISOString().slice(0, 10) });
  assert.equal((await me(bearer, fresh)).status, 403);
  await dialtone.api('DELETE', `/api/spaces/${fresh.domain}`, asAdmin);
  assert.equal((await me(bearer, fresh)).status, 404);
});

test('a_token_of_a_provider_is_no_session', async () => {
  const bearer = token(named);
  const call = (method, path, body) => space.dialtone.api(method, path, { token: bearer, body });
  assert.equal((await call('GET', '/api/user/me')).json.username, user.username);
  assert.equal((await call('POST', '/api/logout')).status, 401);
  assert.equal((await call('GET', '/api/sessions')).status, 200);
  assert.notEqual((await call('POST', '/api/2fa/verify-otp', { username: user.username, otp: '123456' })).status, 500);
  assert.equal((await me(bearer)).status, 200);
});

test('what_is_no_configuration_of_a_provider_is_refused_by_name', async () => {
  const at = (name) => `oidc_authentication_configuration${name}`;
  const weak = crypto.generateKeyPairSync('rsa', { modulusLength: 1024 });
  const both = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }) + pemOf(rsa.publicKey);
  for (const [configuration, fields] of [[{}, ['.server_url']], [7, ['']], ['x', ['']], [{ server_url: 'https://a.example.org' }, ['.realm']], [{ server_url: 'ftp://a', realm: 'r' }, ['.server_url']],
    [{ server_url: 'https://a"b', realm: 'r"' }, ['.server_url', '.realm']], [{ public_key: 'none' }, ['.public_key']], [{ public_key: pemOf(weak.publicKey) }, ['.public_key']],
    [{ public_key: rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }) }, ['.public_key']], [{ public_key: both }, ['.public_key']],
    [{ public_key: pemOf(rsa.publicKey) + both }, ['.public_key']], [{ public_key: pemOf(rsa.publicKey), sip_identifier: 'a b', auto_provisioning: 'yes', audience: 7 }, ['.sip_identifier', '.audience', '.auto_provisioning']]]) {
    const answer = await putSpace(dialtone, ecSpace, { oidc_authentication_configuration: configuration });
    assert.equal(answer.status, 422, JSON.stringify(configuration));
    assert.deepEqual(Object.keys(answer.json.errors), fields.map(at), JSON.stringify(configuration));
  }
  const shared = await putSpace(dialtone, ecSpace, { unique_email: false });
  assert.deepEqual([shared.status, Object.keys(shared.json.errors)], [422, ['unique_email']], 'e-mail addresses are names there');
});
