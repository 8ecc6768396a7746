/* What SIP servers report about messages and calls, and how many accounts were made. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createAccount, createUser, randomName } from '../lib/accounts.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { createSpace } from '../lib/spaces.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await sharedInstance();
const space = await createSpace(dialtone);
const local = space.dialtone;
const [home, abroad] = [space.domain, dialtone.env.DIALTONE_DOMAIN];
const INSTANT = '2026-01-31T23:59:59.000000Z';

/* Both workers know the space. */
for (let known = 0; known < 20;) {
  known = (await local.api('GET', '/api/statistics/day', { as: 'admin' })).status === 200 ? known + 1 : 0;
}

const asPlain = { key: (await createUser(local, { admin: true })).key };
const asSuper = { as: 'admin' };
const message = (change) => ({ id: randomName('m'), from: `alice@${home}`, sent_at: INSTANT, encrypted: true, ...change });
const call = (change) => ({ id: randomName('c'), from: `alice@${home}`, to: `bob@${home}`, initiated_at: INSTANT, ...change });
const report = (who, kind, body, at = local) => at.api('POST', `/api/statistics/${kind}`, { ...who, body });
const patch = (who, path, body, at = local) => at.api('PATCH', `/api/statistics/${path}`, { ...who, body });

async function reported(kind, body, who = asPlain, at = local) {
  const answer = await report(who, kind, body, at);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.text, '1');
  assert.equal(answer.header('content-type'), 'application/json');
  return body.id;
}

const domainsOf = async (table, id) => (await dialtone.sql(`SELECT domain FROM ${table} WHERE id = '${id}' ORDER BY 1`)).flat();

test('an_id_is_reported_once_in_a_space', async () => {
  for (const [kind, make] of [['messages', message], ['calls', call]]) {
    const body = make();
    await reported(kind, body);
    const again = await report(asPlain, kind, body);
    assert.equal(again.status, 400, again.text);
    assert.deepEqual(Object.keys(again.json), ['message']);
    await reported(kind, { ...body, from: `alice@${abroad}` }, asSuper);
    assert.deepEqual(await domainsOf(`statistics_${kind}`, body.id), [home, abroad].sort());
  }
});

test('of_many_reports_of_one_id_at_once_one_is_taken', async () => {
  const body = message();
  const answers = await Promise.all(Array.from({ length: 40 }, () => report(asPlain, 'messages', body)));
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  assert.equal(answers.filter(({ status }) => status === 400).length, 39);
});

test('a_super_admin_reports_for_the_space_of_the_sender_and_else_for_that_of_the_host', async () => {
  const [named, unnamed] = [message({ from: `alice@${abroad.toUpperCase()}` }), message({ from: 'alice@no-space.example.org' })];
  for (const body of [named, unnamed]) await reported('messages', body, asSuper);
  assert.deepEqual(await domainsOf('statistics_messages', named.id), [abroad]);
  assert.deepEqual(await domainsOf('statistics_messages', unnamed.id), [home]);
});

test('a_plain_admin_reports_for_the_own_space_whoever_the_sender_is', async () => {
  const body = message({ from: `alice@${abroad}` });
  await reported('messages', body);
  assert.deepEqual(await domainsOf('statistics_messages', body.id), [home]);
});

test('a_record_of_another_space_is_as_unknown', async () => {
  const id = await reported('messages', message({ from: `alice@${abroad}` }), asSuper);
  const callId = await reported('calls', call({ from: `alice@${abroad}` }), asSuper);
  const device = { last_status: 200, received_at: INSTANT };
  for (const [path, body, status] of [
    [(name) => `messages/${name}/to/bob@${home}/devices/d`, device, 400],
    [(name) => `calls/${name}/devices/d`, { rang_at: INSTANT }, 400],
    [(name) => `calls/${name}`, { ended_at: INSTANT }, 404],
  ]) {
    const there = path('').startsWith('calls') ? callId : id;
    const [foreign, missing] = [await patch(asPlain, path(there), body), await patch(asPlain, path('no-such-record'), body)];
    assert.equal(foreign.status, status, foreign.text);
    assert.equal(foreign.text, missing.text);
    const found = await patch(asSuper, path(there), body);
    assert.ok([200, 201].includes(found.status), found.text);
  }
});

test('a_super_admin_finds_the_record_of_the_host_before_others', async () => {
  const id = randomName('c');
  await reported('calls', call({ id, to: `home@${home}` }), asSuper);
  await reported('calls', call({ id, from: `alice@${abroad}`, to: `abroad@${home}` }), asSuper);
  const ended = async (at) => (await patch(asSuper, `calls/${id}`, { ended_at: INSTANT }, at)).json.to_username;
  assert.deepEqual([await ended(local), await ended(dialtone)], ['home', 'abroad']);
});

test('a_device_of_a_message_is_made_by_its_first_report_and_changed_by_the_next', async () => {
  const id = await reported('messages', message());
  const path = `messages/${id}/to/%20bob@${home.toUpperCase()}%20/devices/phone`;
  const first = await patch(asPlain, path, { last_status: 180, received_at: INSTANT });
  assert.equal(first.status, 201, first.text);
  assert.deepEqual(Object.keys(first.json), ['id', 'message_id', 'to_username', 'to_domain', 'device_id', 'last_status', 'received_at', 'created_at', 'updated_at']);
  const next = await patch(asPlain, path, { last_status: '202', received_at: '2026-02-01' });
  assert.equal(next.status, 200, next.text);
  assert.deepEqual({ ...next.json, updated_at: '' }, { ...first.json, last_status: 202, received_at: '2026-02-01T00:00:00.000000Z', updated_at: '' });
  assert.deepEqual([next.json.message_id, next.json.to_username, next.json.to_domain], [id, 'bob', home]);
});

test('of_many_first_reports_about_a_device_at_once_one_is_the_first', async () => {
  const id = await reported('calls', call());
  const answers = await Promise.all(Array.from({ length: 40 }, () => patch(asPlain, `calls/${id}/devices/d`, { rang_at: INSTANT })));
  assert.deepEqual(answers.map(({ status }) => status).sort().slice(-2), [200, 201]);
});

test('what_a_report_about_a_device_leaves_out_stays', async () => {
  const id = await reported('calls', call());
  const say = async (body) => (await patch(asPlain, `calls/${id}/devices/phone`, body)).json;
  const end = { at: INSTANT, state: 'accepted' };
  await say({ rang_at: INSTANT });
  const ended = await say({ invite_terminated: end });
  assert.deepEqual([ended.rang_at, ended.invite_terminated_at, ended.invite_terminated_state], [INSTANT, INSTANT, 'accepted']);
  assert.deepEqual(Object.keys(ended), ['id', 'call_id', 'device_id', 'rang_at', 'invite_terminated_at', 'invite_terminated_state', 'created_at', 'updated_at']);
  for (const body of [{}, { invite_terminated: {} }, { invite_terminated: null, rang_at: null }]) {
    assert.deepEqual({ ...await say(body), updated_at: '' }, { ...ended, updated_at: '' });
  }
});

test('an_end_has_a_time_and_a_known_state', async () => {
  const id = await reported('calls', call());
  for (const [end, name] of [[{ at: INSTANT }, 'state'], [{ state: 'error' }, 'at'], [{ at: INSTANT, state: 'busy' }, 'state'], [{ at: 'soon', state: 'error' }, 'at']]) {
    const answer = await patch(asPlain, `calls/${id}/devices/phone`, { invite_terminated: end });
    assert.equal(answer.status, 422, answer.text);
    assert.deepEqual(Object.keys(answer.json.errors), [`invite_terminated.${name}`]);
  }
  assert.deepEqual(await dialtone.sql(`SELECT 1 FROM statistics_call_devices d JOIN statistics_calls c ON c.number = d.call WHERE c.id = '${id}'`), []);
});

test('the_end_of_a_call_answers_with_the_call_and_its_devices', async () => {
  const id = await reported('calls', call({ conference_id: 'meeting' }));
  const devices = [];
  for (const name of ['desk', 'mobile']) devices.push((await patch(asPlain, `calls/${id}/devices/${name}`, { rang_at: INSTANT })).json);
  const { status, json } = await patch(asPlain, `calls/${id}`, { ended_at: '2026-02-01T01:00:00+01:00' });
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(json), ['id', 'from_username', 'from_domain', 'to_username', 'to_domain', 'initiated_at', 'ended_at', 'conference_id', 'created_at', 'updated_at', 'devices']);
  assert.deepEqual([json.id, json.ended_at, json.conference_id, json.devices], [id, '2026-02-01T00:00:00.000000Z', 'meeting', devices]);
});

test('a_call_holds_a_thousand_devices', async () => {
  const id = await reported('calls', call());
  await dialtone.sql(`INSERT INTO statistics_call_devices (call, device_id) SELECT number, 'd' || i FROM statistics_calls, generate_series(1, 1000) i WHERE id = '${id}'`);
  const say = (name) => patch(asPlain, `calls/${id}/devices/${name}`, { rang_at: INSTANT });
  assert.deepEqual([(await say('d1001')).status, (await say('d7')).status], [400, 200]);
  const ended = await patch(asPlain, `calls/${id}`, { ended_at: INSTANT });
  assert.equal(ended.json.devices.length, 1000);
});

test('an_account_takes_along_what_it_sent_and_nothing_else', async () => {
  const account = await createAccount(local);
  const name = account.username;
  const gone = await Promise.all([message({ from: `${name}@${home}` }), message({ from: `sip:${name}@${home}` })].map((body) => reported('messages', body)));
  const goneCall = await reported('calls', call({ from: `${name}@${home}` }));
  await patch(asPlain, `calls/${goneCall}/devices/d`, { rang_at: INSTANT });
  const stays = await Promise.all([message({ from: `${name}@${abroad}` }), message({ from: `${name}.x@${home}` })].map((body) => reported('messages', body, asSuper)));
  const received = await reported('calls', call({ to: `${name}@${home}` }));
  await local.api('DELETE', `/api/accounts/${account.id}`, asSuper);
  for (const id of gone) assert.deepEqual(await domainsOf('statistics_messages', id), []);
  assert.deepEqual(await domainsOf('statistics_calls', goneCall), []);
  for (const id of stays) assert.equal((await domainsOf('statistics_messages', id)).length, 1);
  assert.deepEqual(await domainsOf('statistics_calls', received), [home]);
});

const SPANS = { day: [25, 25], week: [8, 8], month: [29, 32] };
const hour = 3600e3;

test('registrations_have_no_gaps_and_end_now_in_UTC', async () => {
  for (const [span, [least, most]] of Object.entries(SPANS)) {
    const { status, json } = await local.api('GET', `/api/statistics/${span}`, asPlain);
    assert.equal(status, 200);
    const moments = Object.keys(json);
    assert.ok(moments.length >= least && moments.length <= most, `${span}: ${moments.length}`);
    const times = moments.map((moment) => Date.parse(span === 'day' ? `${moment.replace(' ', 'T')}:00Z` : `${moment}T00:00Z`));
    for (let i = 1; i < times.length; i++) assert.equal(times[i] - times[i - 1], span === 'day' ? hour : 24 * hour);
    assert.ok(Date.now() - times.at(-1) < (span === 'day' ? hour : 24 * hour) + 5000);
  }
});

test('registrations_are_those_of_the_own_space_by_what_they_gave', async () => {
  const another = await createSpace(dialtone);
  const made = (name, ago, columns = '', values = '') => dialtone.sql(
    `INSERT INTO accounts (username, domain, created_at${columns}) VALUES ('${name}', '${another.domain}', now() - interval '${ago}'${values})`);
  await made('mail', '0');
  await made('mail.on', '0', ', activated', ', true');
  await made('phone', '0', ', phone', ", '+33612345678'");
  await made('phone.on', '0', ', phone, activated', ", '+33612345679', true");
  await made('yesterday', '30 hours');
  await made('older', '40 days');
  const read = async (path) => {
    const { json } = await until(async () => {
      const answer = await another.dialtone.api('GET', path, asSuper);
      return answer.status === 200 && answer;
    }, { what: 'the new space' });
    return json;
  };
  const now = { all: 4, phone: 2, email: 2, activated_phone: 1, activated_email: 1 };
  for (const [span, all] of [['day', 4], ['week', 5], ['month', 5]]) {
    const counts = await read(`/api/statistics/${span}`);
    assert.deepEqual(Object.values(counts).at(-1), now);
    assert.equal(Object.values(counts).reduce((sum, each) => sum + each.all, 0), all, span);
    assert.deepEqual(await read(`/api/statistic/${span}`), counts);
  }
});

test('registrations_are_not_for_users', async () => {
  const user = await createUser(dialtone);
  for (const path of ['statistics/day', 'statistic/month']) {
    assert.equal((await dialtone.api('GET', `/api/${path}`, { key: user.key })).status, 403);
  }
});
