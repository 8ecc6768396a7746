/* GET /api/accounts: pages of twenty in the envelope of accounts-api 1.5. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Contract } from '../lib/contract.mjs';
import { ownInstance } from '../lib/instance.mjs';

const dialtone = await ownInstance();
const contract = await Contract.of(dialtone);
const base = `${dialtone.env.DIALTONE_URL}/api/accounts`;
const url = (n) => `${base}?page=${n}`;

async function list(query = '') {
  const answer = await dialtone.api('GET', `/api/accounts${query}`, { as: 'admin' });
  assert.equal(answer.status, 200, answer.text);
  contract.check('GET', '/api/accounts', answer);
  return answer.json;
}

/* superadmin and demouser are there already. */
await dialtone.sql("INSERT INTO accounts (username, domain) SELECT 'listed.' || n, 'dialtone.test' FROM generate_series(1, 55) n");

test('fifty_seven_accounts_are_three_pages_in_order_and_none_twice', async () => {
  const pages = [await list(), await list('?page=2'), await list('?page=3')];
  assert.deepEqual(pages.map(({ data }) => data.length), [20, 20, 17]);
  const ids = pages.flatMap(({ data }) => data.map(({ id }) => id));
  assert.deepEqual(ids, [...ids].sort((a, b) => a - b));
  assert.equal(new Set(ids).size, 57);
});

test('envelope_of_the_first_page_is_exact', async () => {
  const { data, ...envelope } = await list();
  assert.deepEqual(envelope, {
    current_page: 1, first_page_url: url(1), from: 1, last_page: 3, last_page_url: url(3),
    links: [{ url: null, label: '&laquo; Previous', page: null, active: false }, { url: url(1), label: '1', page: 1, active: true }, { url: url(2), label: 'Next &raquo;', page: 2, active: false }],
    next_page_url: url(2), path: base, per_page: 20, prev_page_url: null, to: 20, total: 57,
  });
  assert.equal(data.length, 20);
});

test('envelope_of_the_last_page_is_exact', async () => {
  const { data, ...envelope } = await list('?page=3');
  assert.deepEqual(envelope, {
    current_page: 3, first_page_url: url(1), from: 41, last_page: 3, last_page_url: url(3),
    links: [{ url: url(2), label: '&laquo; Previous', page: 2, active: false }, { url: url(3), label: '3', page: 3, active: true }, { url: null, label: 'Next &raquo;', page: null, active: false }],
    next_page_url: null, path: base, per_page: 20, prev_page_url: url(2), to: 57, total: 57,
  });
  assert.equal(data.length, 17);
});

test('keys_come_in_the_order_of_old', async () => {
  assert.deepEqual(Object.keys(await list()), ['current_page', 'data', 'first_page_url', 'from', 'last_page', 'last_page_url', 'links',
    'next_page_url', 'path', 'per_page', 'prev_page_url', 'to', 'total']);
});

test('page_behind_the_last_is_empty', async () => {
  const { data, from, to, current_page: current, next_page_url: next, last_page: last } = await list('?page=4');
  assert.deepEqual([data, from, to, current, next, last], [[], null, null, 4, null, 3]);
});

test('page_that_is_no_number_is_the_first', async () => {
  for (const page of ['0', '-1', 'two', '1.5', '', '99999999999999999999', '1x', '%20', "1'--"]) {
    assert.equal((await list(`?page=${page}`)).current_page, 1, page);
  }
});

test('page_far_away_is_empty_and_fast_to_say_so', async () => {
  assert.deepEqual((await list('?page=2147483647')).data, []);
});

test('size_of_a_page_is_not_for_the_client_to_say', async () => {
  const { per_page: size, data } = await list('?per_page=1000&limit=1000');
  assert.deepEqual([size, data.length], [20, 20]);
});
