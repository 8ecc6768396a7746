/*
 * Mails as they leave the house: by dialtone-jobs, to a real mail server and to servers that misbehave (accounts-api 13.5).
 * What a mail looks like byte by byte is tests/unit/delivery; how jobs are shared and retried is tests/jobs/test_queue.c.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';

import { createAccount, randomName } from '../lib/accounts.mjs';
import { askFor, createValidated } from '../lib/codes.mjs';
import { buildDir, ownInstance, temporaryDirectory } from '../lib/instance.mjs';
import { certificateFor, OwnServer, RealServer } from '../lib/smtp.mjs';
import { addSpace } from '../lib/spaces.mjs';
import { until } from '../lib/until.mjs';

const KILLS = Number(process.env.MAIL_KILLS ?? 20);
const MAILS = KILLS * 10;
const FEW = 40; /* more than one worker has claimed at a time */

const dialtone = await ownInstance({ options: ['--workers', '1'] });
const domain = dialtone.env.DIALTONE_DOMAIN;
const dir = await temporaryDirectory('mails');
after(() => fs.rm(dir, { recursive: true, force: true }));
const certificate = await certificateFor(dir);
const password = 'a good enough secret';
await fs.writeFile(path.join(dir, 'password'), `${password}\n`, { mode: 0o644 });
const real = await RealServer.start(certificate, 'dialtone', password);
const socket = path.join(dialtone.dir, 'run/jobs.ctl');

/* What holds for all of this file: short waits, and `localhost` as the one private place that may be reached. */
const QUICK = { job_retry_s: 1, job_claim_s: 1, job_attempts_max: 1000, mail_timeout_s: 2, mail_from: 'phones@example.org', mail_from_name: 'Télé',
  mails_per_minute_per_space: 0, metrics_socket: socket };
const REAL = { mail_server: `localhost:${real.port}`, mail_tls: 'starttls', mail_user: 'dialtone', mail_password_file: path.join(dir, 'password') };
const plain = (server) => ({ mail_server: `127.0.0.1:${server.port}`, mail_tls: 'none', mail_user: '', mail_password_file: '' });

async function jobsWith(settings) {
  await dialtone.kill('jobs');
  await dialtone.sql('DELETE FROM jobs'); /* what a test before this one left */
  await dialtone.writeSettings(settings, 'jobs');
  await dialtone.start('jobs');
}

await dialtone.writeSettings({ outgoing_private: 'localhost', outgoing_ca_file: certificate.certificate }, 'common');
await jobsWith({ ...QUICK, ...REAL });

/* Mails without secrets to these, as jobs of a space. */
async function order(addresses, of = domain) {
  await dialtone.sql(`INSERT INTO jobs (kind, domain, payload, expires_at) SELECT 'mail.test', '${of}', jsonb_build_object('email', a, 'language', 'en'),
    now() + interval '1 hour' FROM unnest(ARRAY['${addresses.join("','")}']) a`);
}

const failureOf = async (address) => (await dialtone.sql(`SELECT coalesce(failure, 'none yet') || CASE WHEN ended_at IS NULL THEN '' ELSE ' DEAD' END
  FROM jobs WHERE payload->>'email' = '${address}'`))[0]?.[0] ?? 'gone';
const untilFailed = (address, pattern) => until(async () => {
  const failure = await failureOf(address);
  if (!pattern.test(failure)) throw new Error(failure);
  return true;
}, { what: `${address} to fail with ${pattern}` });
const untilGone = (address) => until(async () => (await failureOf(address)) === 'gone', { what: `the mail to ${address} to be done` });
const address = () => `${randomName('mail')}@example.org`;

/* A space whose mails go by a server of its own. */
async function tenant(server, more = {}) {
  const space = await addSpace(dialtone);
  const { status, text } = await dialtone.api('POST', `/api/spaces/${space.domain}/email`, { as: 'admin', body: { host: 'localhost', port: server.port, ...more } });
  assert.equal(status, 201, text);
  return space;
}

test('mails_reach_a_real_server_over_TLS_with_a_login_in_the_language_of_who_asked', async () => {
  const account = await createAccount(dialtone, { email: address() });
  const headers = { 'Accept-Language': 'fr' };
  await dialtone.api('POST', `/api/accounts/${account.id}/send_reset_password_email`, { as: 'admin', headers });
  const mail = await real.mailTo(account.email);
  assert.deepEqual([mail.tls, mail.login, mail.sender, mail.defects, mail.ascii], [true, 'dialtone', 'phones@example.org', [], true]);
  assert.ok(mail.longest <= 78);
  assert.deepEqual([mail.name, mail.address, mail.headers.subject], ['Télé', 'phones@example.org', 'Choisissez un nouveau mot de passe']);
  assert.equal(mail.headers['auto-submitted'], 'auto-generated');
  const [link] = mail.text.match(/https:\/\/\S+\/reset_password\/[A-Za-z0-9]{16}/);
  assert.ok(mail.html.includes(`<a href="${link}">${link}</a>`), mail.html);
  assert.match(mail.text, /Valable pendant 24 heures\./);

  await dialtone.api('POST', `/api/accounts/${account.id}/send_provisioning_email`, { as: 'admin' });
  assert.match((await real.mailTo(account.email, 2)).html, /<img alt="QR" src="https:\/\/[^"]+\/provisioning\/qrcode\/\w+">/);
  const user = await createValidated(dialtone);
  const to = address();
  await askFor(dialtone, user, 'email', to);
  assert.match((await real.mailTo(to)).text, /validation code is:\n\n\d{4}\n\nThis is good for 10 minutes\./);
});

test('server_is_tried_out_by_a_command', async () => {
  const to = address();
  const done = await dialtone.ctl(['jobs', 'test', 'mail', to]);
  assert.deepEqual([done.status, done.stderr], [0, 'It was taken for delivery.\n']);
  assert.match((await real.mailTo(to)).text, /the mail server works/);
  assert.equal((await dialtone.ctl(['jobs', 'test', 'mail', 'nowhere'])).status, 1);
  assert.match((await dialtone.ctl(['jobs', 'test', 'pigeon', to])).stderr, /no such back end/);
  await fs.writeFile(path.join(dir, 'password'), 'another\n');
  const failed = await dialtone.ctl(['jobs', 'test', 'mail', to]);
  assert.equal(failed.status, 1);
  assert.match(failed.stderr, /It failed: localhost: .*(denied|535)/i);
  await fs.writeFile(path.join(dir, 'password'), `${password}\n`);
});

test('server_whose_certificate_is_not_trusted_gets_no_mail_and_the_mail_waits', async () => {
  const other = await RealServer.start(await certificateFor(dir, 'other'), 'dialtone', password);
  const space = await tenant(other, { username: 'dialtone', password });
  const to = address();
  await order([to], space.domain);
  await untilFailed(to, /^localhost: .*certificate/i);
  assert.deepEqual(other.mails, []);
});

test('own_server_of_a_space_sends_its_mails_with_its_name_and_signature', async () => {
  const own = await RealServer.start(certificate, 'tenant', 'their secret');
  const space = await tenant(own, { username: 'tenant', password: 'their secret', from_address: 'desk@tenant.example', from_name: '"Desk", <x@y.example>', signature: 'The desk\n& all' });
  const to = address();
  await order([to], space.domain);
  const mail = await own.mailTo(to);
  assert.deepEqual([mail.sender, mail.address, mail.name, mail.login], ['desk@tenant.example', 'desk@tenant.example', '"Desk", <x@y.example>', 'tenant']);
  assert.ok(mail.text.endsWith('-- \nThe desk\n& all\n'), mail.text);
  assert.ok(mail.html.includes('The desk<br>\n&amp; all'), mail.html);
  assert.match(mail.text, new RegExp(`An administrator of ${space.name} `));
});

test('operators_words_are_used_and_their_mistakes_stop_the_check', async () => {
  const words = path.join(dir, 'words');
  await fs.mkdir(words);
  await fs.writeFile(path.join(words, 'test.en.txt'), 'Subject: Ours {space}\n\nOur words.\n');
  await jobsWith({ mail_templates: words });
  const to = address();
  await order([to]);
  const mail = await real.mailTo(to);
  assert.deepEqual([mail.text, mail.html], ['Our words.\n', null]);
  assert.match(mail.headers.subject, /^Ours /);
  await fs.writeFile(path.join(words, 'test.fr.txt'), 'Subject: x\n\n{secret}\n');
  const check = await dialtone.ctl(['config', 'check']);
  assert.equal(check.status, 2);
  assert.match(check.stderr, /test\.fr\.txt: there is no \{secret\} in this mail/);
  await jobsWith({ mail_templates: '' });
});

/* Each of them a tenant's, so that none keeps the mails of others. */
test('servers_that_misbehave_hold_up_no_mail_of_others', async () => {
  const good = await OwnServer.start();
  await jobsWith(plain(good));
  const flood = (text) => (socket) => socket.write(text.repeat(4096));
  const behaviours = {
    silent: { says: { connect: null }, fails: /timed? ?out/i },
    'silent in the middle': { says: { body: null }, fails: /timed? ?out/i },
    closing: { says: { DATA: (socket) => socket.destroy() }, fails: /^localhost: / },
    nonsense: { says: { connect: 'HTTP/1.1 200 OK' }, fails: /^localhost: / },
    'a flood of lines': { says: { EHLO: flood(`250-${'x'.repeat(500)}\r\n`) }, fails: /says too much|too large/i },
    'a flood without an end': { says: { connect: flood('x'.repeat(1024)) }, fails: /^localhost: / },
    'a refused recipient': { says: { RCPT: '550 5.1.1 no such person' }, fails: /550 5\.1\.1 no such person\) DEAD$/ },
    'a refused mail': { says: { body: '554 5.7.1 no\x01 spam' }, fails: /554 5\.7\.1 no  ?spam\) DEAD$/ },
    'a refused guest': { says: { connect: '554 not here' }, fails: /554 not here\)$/ },
  };
  const failing = await Promise.all(Object.values(behaviours).map(async ({ says, fails }) => {
    const server = await OwnServer.start((event) => says[event]);
    const space = await tenant(server);
    return { space, fails, to: address() };
  }));
  for (const { space, to } of failing) await order([to], space.domain);
  const others = Array.from({ length: 50 }, address);
  await order(others);
  await until(() => others.every((to) => good.taken.some((mail) => mail.to === to)), { what: 'the mails of others' });
  for (const { to, fails } of failing) await untilFailed(to, fails);
});

test('greylisted_mail_comes_again_with_the_same_Message_ID', async () => {
  const seen = [];
  const server = await OwnServer.start((event, mail) => {
    if (event !== 'body') return undefined;
    seen.push(mail.id);
    return seen.length < 3 ? '451 4.7.1 come back' : undefined;
  });
  await jobsWith(plain(server));
  const to = address();
  await order([to]);
  await untilGone(to);
  assert.equal(seen.length, 3);
  assert.deepEqual(seen, Array(3).fill(seen[0]));
  assert.match(seen[0], new RegExp(`^<[0-9a-f-]{36}@${domain.replaceAll('.', '\\.')}>$`));
});

test('tenant_reaches_no_private_address_even_over_a_connection_that_the_site_left_open', async () => {
  const server = await OwnServer.start();
  await jobsWith(plain(server));
  const first = address(), forbidden = address();
  await order([first]);
  await untilGone(first);
  assert.equal(server.open.size, 1, 'kept for the next mail');
  const space = await tenant(server, { host: '127.0.0.1' });
  await order([forbidden], space.domain);
  await untilFailed(forbidden, /^127\.0\.0\.1 is at 127\.0\.0\.1, where no mail goes unless the setting outgoing_private names it/);
  assert.equal(server.taken.length, 1);
  const tried = await dialtone.ctl(['jobs', 'test', 'mail', address(), '--domain', space.domain]);
  assert.match(tried.stderr, /outgoing_private/);
});

test('answer_that_repeats_the_mail_is_not_kept', async () => {
  const server = await OwnServer.start((event, mail) => (event === 'body' ? `550 you said ${mail.text.match(/\b4711\b/)}` : undefined));
  await jobsWith(plain(server));
  await dialtone.sql(`INSERT INTO jobs (kind, domain, payload, expires_at) VALUES ('mail.email_change_code', '${domain}',
    '{"email":"echo@example.org","code":"4711","language":"en","minutes":10}', now() + interval '1 hour')`);
  await untilFailed('echo@example.org', / DEAD$/);
  assert.doesNotMatch(await failureOf('echo@example.org'), /4711/);
  assert.doesNotMatch(await dialtone.log('jobs'), /4711/);
});

test('so_many_mails_at_once_go_to_a_slow_server_and_no_more', async () => {
  const server = await OwnServer.start((event) => (event === 'body' ? (socket) => setTimeout(() => socket.write('250 at last\r\n'), 50) : undefined));
  await jobsWith({ ...plain(server), mails_at_once: 8 });
  await order(Array.from({ length: 40 }, address));
  await until(async () => Number((await dialtone.sql('SELECT count(*) FROM jobs WHERE ended_at IS NULL AND domain = ' + `'${domain}'`))[0][0]) === 0, { what: 'all of them' });
  /* A quarter of them for one space, while another claim may already be begun. */
  assert.ok(server.most <= 4, `${server.most} at once`);
  await jobsWith({ mails_at_once: 32 });
});

test('database_away_while_a_mail_is_sent_loses_nothing', async () => {
  let release;
  const server = await OwnServer.start((event) => (event === 'body' && !release ? (socket) => (release = () => socket.write('250 taken\r\n')) : undefined));
  await jobsWith({ ...plain(server), mail_timeout_s: 60 });
  const to = address();
  await order([to]);
  await until(() => release, { what: 'the end of the mail' });
  await dialtone.stop('postgres');
  release();
  await until(async () => /database connection lost/.test(await dialtone.log('jobs')), { what: 'the outage to be noticed' });
  await dialtone.start('postgres');
  await untilGone(to);
  assert.equal(server.taken.length, 0, 'not sent a second time');
  await jobsWith({ mail_timeout_s: 2 });
});

test('redis_away_delays_mails_by_a_look_of_the_clock_at_most', async () => {
  const server = await OwnServer.start();
  await jobsWith(plain(server));
  await dialtone.stop('redis');
  const to = address();
  await order([to]);
  await untilGone(to);
  await dialtone.start('redis');
  assert.equal(server.taken.length, 1);
});

test('figures_and_commands_show_what_waits_was_done_and_failed', async () => {
  const server = await OwnServer.start((event, { to }) => (event === 'RCPT' && to.startsWith('bad') ? '550 no' : undefined));
  await jobsWith(plain(server));
  const bad = `bad.${address()}`, good = address();
  await order([bad, good]);
  await untilFailed(bad, / DEAD$/);
  await untilGone(good);
  const status = await dialtone.ctl(['jobs', 'status', socket, '--json']);
  const figures = Object.fromEntries(JSON.parse(status.stdout).filter(({ labels }) => labels === 'kind="mail.test"').map(({ name, value }) => [name, value]));
  assert.deepEqual([figures.done, figures.given_up], [1, 1]);
  assert.ok(figures.dead >= 1);
  const [[id]] = await dialtone.sql(`SELECT id FROM jobs WHERE payload->>'email' = '${bad}'`);
  const listed = await dialtone.ctl(['jobs', 'list', '--state', 'dead', '--json']);
  const shown = JSON.parse(listed.stdout).find((job) => String(job.id) === id);
  assert.deepEqual([shown.state, shown.attempts], ['dead', 1]);
  assert.match(shown.failure, /550 no/);
  server.answer = () => undefined;
  assert.equal((await dialtone.ctl(['jobs', 'retry', id])).status, 0);
  await untilGone(bad);
  assert.equal((await dialtone.ctl(['jobs', 'drop', id])).status, 1);
});

/* Where the end of a mail is most often cut: between its being taken and its being known as done. */
test('workers_killed_again_and_again_lose_no_mail_and_repeats_have_the_same_Message_ID', async () => {
  const server = await OwnServer.start((event) => (event === 'body' && Math.random() < 0.2 ? (socket) => setTimeout(() => socket.write('250 taken\r\n'), 5) : undefined));
  const got = [];
  const answer = server.answer;
  server.answer = (event, mail) => {
    if (event === 'body') got.push({ to: mail.to, id: mail.id });
    return answer(event, mail);
  };
  await jobsWith(plain(server));
  await dialtone.stop('jobs');
  const addresses = [];
  const orderMore = async (n) => {
    const more = Array.from({ length: n }, address);
    addresses.push(...more);
    await order(more);
  };
  await orderMore(MAILS);
  const log = await fs.open(path.join(dialtone.dir, 'log/jobs-killed.log'), 'a');
  for (let kills = 0; kills < KILLS; kills++) {
    const [[waiting]] = await dialtone.sql('SELECT count(*) FROM jobs WHERE ended_at IS NULL');
    if (Number(waiting) < FEW) await orderMore(FEW); /* on a fast machine */
    const before = got.length;
    const child = spawn(path.join(buildDir, 'dialtone-jobs'), ['--config', dialtone.env.DIALTONE_CONFIG, `--pid_file=${dir}/killed.pid`, '--metrics_socket=', '--metrics_listen='],
      { stdio: ['ignore', log.fd, log.fd], env: dialtone.processEnv });
    const ended = new Promise((resolve) => child.on('exit', resolve));
    await until(() => got.length > before + 5 * Math.random() || child.exitCode !== null, { what: 'a mail, to kill in the midst of' });
    child.kill('SIGKILL');
    await ended;
  }
  await log.close();
  await dialtone.start('jobs');
  await until(async () => (await dialtone.sql(`SELECT count(*) FROM jobs WHERE payload->>'email' = ANY(ARRAY['${addresses.join("','")}'])`))[0][0] === '0',
    { what: 'every mail', seconds: 120 });
  const ids = new Map(addresses.map((to) => [to, new Set()]));
  for (const { to, id } of got) ids.get(to)?.add(id);
  assert.deepEqual([...ids].filter(([, set]) => set.size !== 1), [], 'each came, and each time with the same id');
  assert.equal(new Set([...ids.values()].map(([...set]) => set[0])).size, addresses.length);
  console.log(`${addresses.length} mails, ${KILLS} kills, ${got.length - addresses.length} repeats`);
});
