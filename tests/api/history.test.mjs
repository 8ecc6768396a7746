/* The history of calls (cti-api 4.2), as the clients of it ask. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createUser } from '../lib/accounts.mjs';
import { addCalls } from '../lib/calls.mjs';
import { addExtension, createOperator, putCti } from '../lib/cti.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { chance, seedOf } from '../lib/random.mjs';

const dialtone = await sharedInstance();
const domain = dialtone.env.DIALTONE_DOMAIN;
const DAY = 86400;
const start = Date.UTC(2026, 0, 1) / 1000; /* no other test's calls are of that month */
const dayOf = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 10).replaceAll('-', '');

const get = (path, { token }) => dialtone.api('GET', `/api/${path}`, { token });

async function rowsOf(path, user) {
  const answer = await get(path, user);
  assert.equal(answer.status, 200, `${path}: ${answer.text}`);
  return answer.json;
}

async function isRefused(path, user, status) {
  const answer = await get(path, user);
  assert.equal(answer.status, status, `${path}: ${answer.text}`);
  assert.deepEqual(Object.keys(answer.json), ['code', 'message', 'data']);
  assert.equal(answer.json.code, status);
}

const endOf = ({ id, username }, more) => ({ id, domain, number: username, name: `The ${username}`, ...more });
const stranger = (number, name) => ({ number, name });
const ids = ({ rows }) => rows.map(({ linkedid }) => linkedid);

test('a_call_is_told_to_both_ends_as_each_sees_it', async () => {
  const [alice, bob] = [await createOperator(dialtone), await createOperator(dialtone)];
  const linkedid = `1767225600.${alice.id}`;
  await addCalls(dialtone, [{ domain, linkedid, from: endOf(alice, { exten: '91201', name: 'Alice' }), to: endOf(bob, { name: null }), started: start, answered: start + 10, ended: start + 72 }]);
  const path = (user) => `historycall/interval/user/${user.username}/20260101/20260101`;
  const answer = await rowsOf(path(alice), alice);
  const [{ channel, dstchannel, ...row }] = answer.rows;
  assert.equal(answer.count, 1);
  assert.match(channel, /^SIP\/91201-[0-9a-f]{8,}$/);
  assert.ok(dstchannel.startsWith(`SIP/${bob.username}-`));
  assert.deepEqual(row, { time: start, uniqueid: linkedid, linkedid, userfield: '', duration: 72, billsec: 62, disposition: 'ANSWERED', dcontext: '', lastapp: 'Dial',
    cnum: alice.username, cnam: 'Alice', ccompany: '', src: alice.username, dst: bob.username, dst_cnam: '', dst_ccompany: '', clid: `"Alice" <${alice.username}>`,
    direction: 'out', type: 'internal', queue: null });
  const theirs = await rowsOf(path(bob), bob);
  assert.deepEqual(theirs, { count: 1, rows: [{ ...answer.rows[0], direction: 'in' }] });
});

test('what_became_of_a_call_is_told_in_the_words_of_the_clients', async () => {
  const user = await createOperator(dialtone);
  const causes = { normal_clearing: 'NO ANSWER', no_answer: 'NO ANSWER', answered_elsewhere: 'NO ANSWER', user_busy: 'BUSY', call_rejected: 'BUSY', unallocated_number: 'FAILED', not_defined: 'FAILED' };
  await addCalls(dialtone, Object.keys(causes).map((cause, i) => ({ domain, cause, from: endOf(user), to: stranger('1'), started: start + i })));
  const { rows } = await rowsOf(`historycall/interval/user/${user.username}/20260101/20260101?sort=time%20asc`, user);
  assert.deepEqual(rows.map(({ disposition, billsec }) => [disposition, billsec]), Object.values(causes).map((word) => [word, 0]));
});

/*
 * Any page of any search is what a model of it finds: calls of two users, to and from others, of themselves, at equal
 * times.
 */
const seed = seedOf();
test(`pages_of_random_calls_are_those_of_the_model, seed ${seed}`, async () => {
  console.log(`# TEST_SEED=${seed}`);
  const random = chance(seed);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const [alice, bob, switchboard] = [await createOperator(dialtone), await createOperator(dialtone), await createOperator(dialtone, { cdr: ['ad_cdr'] })];
  const month = 40 * DAY + Math.floor(random() * 10000) * DAY; /* of this run alone */
  const ends = [endOf(alice), endOf(bob), endOf(alice, { exten: '7' }), stranger('0721', 'ACME % Ltd'), stranger('0722\\', null), stranger('', 'Éva_')];
  const calls = Array.from({ length: 120 }, (_, i) => ({ domain, linkedid: `${seed}.${i}`, from: pick(ends), to: pick(ends),
    started: start + month + Math.floor(random() * 40) * 21600, answered: random() < 0.5 ? start + month : null })).filter(({ from, to }) => from.id || to.id);
  await addCalls(dialtone, calls);

  const typeOf = ({ from, to }) => (!to.id ? 'out' : !from.id ? 'in' : 'internal');
  const seenBy = (call, id) => (id ? (call.from.id === id ? 'out' : 'in') : typeOf(call));
  const expected = ({ of, first, last, direction, filter, lost, ascending }) => calls.map((call, i) => ({ ...call, i })).filter((call) => {
    const isLost = seenBy(call, of) === 'in' && !call.answered;
    const shown = [call.from, call.to].map(({ number }) => number).concat([call.from, call.to].map(({ name }) => name ?? '')).join(' ').toLowerCase();
    return (!of || call.from.id === of || call.to.id === of) && dayOf(call.started) >= first && dayOf(call.started) <= last
      && (!direction || direction === 'all' || (direction === 'lost' ? isLost : direction === 'internal' ? typeOf(call) === 'internal' : seenBy(call, of) === direction))
      && (!filter || shown.includes(filter.toLowerCase())) && !(lost && isLost);
  }).sort((a, b) => (ascending ? 1 : -1) * (a.started - b.started || a.i - b.i)).map(({ linkedid }) => linkedid);

  for (let i = 0; i < 120; i++) {
    const days = [random() * 12, random() * 12].map((d) => dayOf(start + month + Math.floor(d - 1) * DAY)).sort();
    const q = { of: pick([alice.id, null]), first: days[0], last: days[1], direction: pick([null, 'all', 'in', 'out', 'lost', 'internal']),
      filter: pick([null, null, '%', '_', '\\', 'acme', 'ÉVA', '072', alice.username.slice(2)]), lost: random() < 0.3, ascending: random() < 0.3 };
    const [limit, offset] = [1 + Math.floor(random() * 20), pick([0, 0, 3, 30, 1000])];
    const query = new URLSearchParams({ limit, offset, removeLostCalls: q.lost, sort: q.ascending ? 'time asc' : 'time desc', ...(q.direction && { [q.of ? 'direction' : 'type']: q.direction }) });
    const path = `${q.of ? `historycall/interval/user/${alice.username}` : 'histcallswitch/interval'}/${q.first}/${q.last}${q.filter ? `/${encodeURIComponent(q.filter)}` : ''}?${query}`;
    const answer = await rowsOf(path, q.of ? alice : switchboard);
    const all = expected(q);
    assert.deepEqual([answer.count, ids(answer)], [all.length, all.slice(offset, offset + limit)], path);
    if (q.of) assert.deepEqual(answer.rows.map(({ direction }) => direction), ids(answer).map((id) => seenBy(calls.find((call) => call.linkedid === id), q.of)), path);
    else assert.ok(answer.rows.every((row) => !('direction' in row)));
  }
});

test('requests_of_the_clients_work_as_they_are', async () => {
  const user = await createOperator(dialtone, { cdr: ['ad_cdr', 'group_cdr'] });
  await addCalls(dialtone, [{ domain, linkedid: `clients.${user.id}`, from: stranger('0721', 'ACME'), to: endOf(user), started: start }]);
  const mine = { count: 1, ids: [`clients.${user.id}`] };
  const none = { count: 0, ids: [] };
  const own = `historycall/interval/user/${user.username}/20260101/20260131`;
  const page = (more) => `history/calls?${new URLSearchParams({ callType: 'user', username: user.username, from: '20260101', to: '20260131', textSearch: '', sort: 'time%20desc', direction: 'all', pageNum: '1', pageSize: '10', artifact: 'all', ...more })}`;
  for (const [path, expected] of [
    [`${own}?offset=0&limit=15&sort=time%20desc&removeLostCalls=undefined`, mine], /* the list of last calls, desktop and web */
    [`${own}?offset=0&limit=10&sort=time%20asc&removeLostCalls=false`, mine],
    [`${own}?offset=0&limit=10&sort=time%20desc&direction=in&removeLostCalls=true`, none],
    [`${own}?offset=0&limit=10&sort=time%20desc&direction=lost&removeLostCalls=false`, mine],
    [`${own}/0721?offset=0&limit=10&sort=time%20desc&removeLostCalls=false`, mine],
    [own, mine], [`${own}/%20`, mine],
    [`histcallsgroups/interval/20260101/20260131?offset=0&limit=10&sort=time%20desc`, none],
    [page(), mine], [page({ direction: 'out' }), none], [page({ textSearch: 'acme' }), mine], [page({ pageNum: '2' }), { count: 1, ids: [] }],
    [page({ artifact: 'voicemail' }), none], [page({ callType: 'group' }), none], [page({ callType: 'switchboard', textSearch: 'no such name' }), none],
    [page({ callType: 'switchboard', username: 'anyone', textSearch: user.username }), mine],
  ]) {
    const answer = await rowsOf(path, user);
    assert.deepEqual({ count: answer.count, ids: ids(answer) }, expected, path);
  }
  const statuses = await dialtone.api('POST', '/api/history/statuses', { token: user.token, body: { lookups: [{ uniqueid: '1', linkedid: '1' }] } });
  assert.deepEqual([statuses.status, statuses.json], [200, {}]);
});

test('calls_of_others_are_for_those_who_may_see_them_and_of_the_own_space_alone', async () => {
  const [user, other] = [await createOperator(dialtone, { cdr: [] }), await createUser(dialtone)];
  const chief = await createOperator(dialtone, { cdr: ['ad_cdr'] });
  const bare = await createUser(dialtone);
  const started = start + 2 * DAY;
  await addCalls(dialtone, [{ domain, linkedid: `theirs.${other.id}`, from: endOf(other), to: stranger('1'), started }]);
  const days = '20260103/20260103';
  const page = (who, type) => `history/calls?callType=${type}&username=${who}&from=20260103&to=20260103`;
  const foreign = [`historycall/interval/user/${other.username}/${days}`, `historycall/interval/extension/${other.username}/${days}`, page(other.username, 'user')];
  for (const path of foreign) {
    await isRefused(path, user, 403);
    await isRefused(path, bare, 403);
    assert.deepEqual(ids(await rowsOf(path, chief)), [`theirs.${other.id}`], path);
  }
  for (const path of [`histcallswitch/interval/${days}`, `histcallsgroups/interval/${days}`, page(user.username, 'switchboard'), page(user.username, 'groups'),
    `historycall/interval/user/no.such.user/${days}`]) await isRefused(path, user, 403);
  await isRefused(`histcallsgroups/interval/${days}`, chief, 403);
  assert.deepEqual(await rowsOf(page(bare.username, 'user'), bare), { count: 0, rows: [] });
  await isRefused(`historycall/interval/user/${bare.username}/${days}`, bare, 403);

  /* The same names in another space, and one that is nowhere, are alike. */
  await dialtone.sql(`INSERT INTO spaces (domain, host, name) VALUES ('other.${other.id}.example', 'other.${other.id}.example', 'other.${other.id}')`);
  const [[id]] = await dialtone.sql(`INSERT INTO accounts (username, domain) VALUES ('far.${other.id}', 'other.${other.id}.example') RETURNING id`);
  const far = { id, domain: `other.${other.id}.example`, number: `far.${other.id}` };
  await addCalls(dialtone, [{ domain: far.domain, from: far, to: stranger('1'), started }]);
  for (const name of [`far.${other.id}`, 'no.such.user']) {
    for (const type of ['user', 'extension']) assert.deepEqual(await rowsOf(`historycall/interval/${type}/${name}/${days}`, chief), { count: 0, rows: [] });
  }
  assert.ok(!JSON.stringify(await rowsOf(`histcallswitch/interval/${days}`, chief)).includes('far.'));
  await dialtone.sql(`DELETE FROM spaces WHERE domain = 'other.${other.id}.example'`);
});

test('an_extension_has_the_calls_of_its_device_and_the_main_one_those_of_its_user', async () => {
  const user = await createOperator(dialtone, { cdr: [] });
  const chief = await createOperator(dialtone, { cdr: ['ad_cdr'] });
  const [desk, mobile] = [await addExtension(dialtone, user), await addExtension(dialtone, user, { type: 'mobile' })];
  const main = `9${desk.exten}`;
  await putCti(dialtone, user, { profile_id: user.profile.id, main_extension: main });
  const end = (exten) => endOf(user, { number: main, exten });
  await addCalls(dialtone, [
    { domain, linkedid: `desk.${user.id}`, from: end(desk.exten), to: stranger('1'), started: start },
    { domain, linkedid: `mobile.${user.id}`, from: stranger('1'), to: end(mobile.exten), started: start + 1 },
    { domain, linkedid: `none.${user.id}`, from: stranger(main), to: stranger(main), started: start + 2 },
  ]);
  for (const reader of [user, chief]) {
    const of = async (exten) => (await rowsOf(`historycall/interval/extension/${encodeURIComponent(exten)}/20260101/20260101`, reader)).rows.map(({ linkedid, direction }) => [linkedid.split('.')[0], direction]);
    assert.deepEqual(await of(desk.exten), [['desk', 'out']]);
    assert.deepEqual(await of(mobile.exten), [['mobile', 'in']]);
    assert.deepEqual(await of(main), [['mobile', 'in'], ['desk', 'out']]);
  }
});

test('numbers_and_names_of_others_are_hidden_from_those_with_the_privacy_flag_who_cannot_search_for_them_either', async () => {
  const [user, other] = [await createOperator(dialtone, { cdr: ['ad_cdr'], nethvoice_cti: ['privacy'] }), await createUser(dialtone)];
  const mark = `88${other.id}`;
  const call = (linkedid, from) => ({ domain, linkedid: `${linkedid}.${other.id}`, from, to: stranger(`${mark}456`, 'Secret Ltd'), started: start });
  await addCalls(dialtone, [call('own', endOf(user)), call('other', endOf(other))]);
  const own = await rowsOf(`historycall/interval/user/${user.username}/20260101/20260101`, user);
  assert.deepEqual(own.rows.map(({ dst, dst_cnam: name }) => [dst, name]), [[`${mark}456`, 'Secret Ltd']], 'the own calls are clear');
  for (const path of [`historycall/interval/user/${other.username}/20260101/20260101`, `histcallswitch/interval/20260101/20260101/${mark}`,
    `history/calls?callType=switchboard&username=x&from=20260101&to=20260101&textSearch=${mark}`]) {
    const { rows } = await rowsOf(path, user);
    assert.ok(rows.length, path);
    for (const row of rows) assert.deepEqual([row.dst, row.dst_cnam, row.cnam], [`${mark}xxx`, 'xxx', 'xxx'], path);
    assert.doesNotMatch(JSON.stringify(rows), /Secret|456|The /);
  }
  for (const text of [`${mark}4`, `${mark}456`, 'Secret']) assert.equal((await rowsOf(`histcallswitch/interval/20260101/20260101/${text}`, user)).count, 0, text);
});

test('what_makes_no_sense_is_400_and_never_404', async () => {
  const user = await createOperator(dialtone, { cdr: ['ad_cdr', 'group_cdr'] });
  const own = `historycall/interval/user/${user.username}`;
  const page = 'history/calls?callType=user&from=20260101&to=20260131';
  for (const path of [`historycall/interval/queue/${user.username}/20260101/20260131`, `${own}/20260229/20260301`, `${own}/20260101/2026-1-31`, `${own}/00000101/20260131`, `${own}/20260101/today`,
    'histcallswitch/interval/20260101/20261301', 'histcallsgroups/interval/1/20260131', 'historycall/interval/extension/2%200/20260101/20260131',
    `${own}/%20/20260131`, 'historycall/interval/%20/%20/20260101/20260131', 'histcallswitch/interval/%20/20260131',
    `${own}/20260101/20260131?limit=-1`, `${own}/20260101/20260131?limit=ten`, `${own}/20260101/20260131?limit=1001`, `${own}/20260101/20260131?offset=-1`, `${own}/20260101/20260131?direction=up`,
    `${own}/20260101/20260131?sort=cnum;drop`, `${own}/20260101/20260131?sort=time%2525`, 'histcallswitch/interval/20260101/20260131?type=up',
    page, `${page}&username=`, `${page}&username=x&artifact=none`, `${page}&username=x&pageNum=0`, `${page}&username=x&pageSize=-1`, `${page}&username=x&pageNum=99999999999999999999`,
    'history/calls?callType=queue&username=x&from=20260101&to=20260131', 'history/calls?callType=user&username=x&to=20260131']) await isRefused(path, user, 400);
  assert.deepEqual(await rowsOf(`${own}/20260131/20260101`, user), { count: 0, rows: [] });
  assert.deepEqual(await rowsOf(`${own}/00010101/99991231?offset=1000000000`, user), { count: 0, rows: [] });
});
