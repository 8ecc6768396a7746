/* Readers of all kinds, for tests in which many of them come at once. */
import assert from 'node:assert/strict';

/* Own accounts, by each kind of credential; credentials that are none; other people's things. Each is { call, check }. */
export const passersBy = (dialtone, user, others) => [
  ...others.flatMap(({ username, key, token }) => [
    { call: () => dialtone.api('GET', '/api/accounts/me', { key }), expect: ({ status, json }) => [status, json.username], is: [200, username] },
    { call: () => dialtone.api('GET', '/api/accounts/me', { token }), expect: ({ status, json }) => [status, json.username], is: [200, username] },
    { call: () => dialtone.api('GET', '/api/user/me', { token }), expect: ({ status, json }) => [status, json.username], is: [200, username] },
    { call: () => dialtone.api('GET', `/api/accounts/${user.id}`, { key }), expect: ({ status }) => status, is: 403 },
    { call: () => dialtone.api('GET', '/api/accounts?page=2', { key }), expect: ({ status }) => status, is: 403 },
    { call: () => dialtone.api('GET', `/api/accounts/${username}@${dialtone.env.DIALTONE_DOMAIN}/search`, { as: 'admin' }), expect: ({ status, json }) => [status, json.username], is: [200, username] },
  ]),
  ...[1, 2, 1000].map((page) => (
    { call: () => dialtone.api('GET', `/api/accounts?page=${page}`, { as: 'admin' }), expect: ({ status, json }) => [status, json.current_page], is: [200, page] })),
  { call: () => dialtone.api('GET', '/api/accounts/me', { key: 'no such key' }), expect: ({ status }) => status, is: 401 },
  { call: () => dialtone.api('GET', '/api/user/me', { token: user.token.slice(0, -3) }), expect: ({ status }) => status, is: 401 },
  { call: () => dialtone.api('GET', `/api/accounts/${user.id}`, { as: 'admin' }), expect: ({ status, json }) => [status, json.username], is: [200, user.username] },
  { call: () => dialtone.api('GET', '/api/accounts/999999999', { as: 'admin' }), expect: ({ status }) => status, is: 404 },
].map(({ call, expect, is }) => async (what) => assert.deepEqual(expect(await call()), is, what));

/* In an order of chance, all at once; the answers in the order of the calls. */
export async function inCrowd(calls, random) {
  const order = calls.map((call) => ({ call, at: random() })).sort((a, b) => a.at - b.at).map(({ call }) => call);
  const answers = new Map(await Promise.all(order.map(async (call) => [call, await call()])));
  return calls.map((call) => answers.get(call));
}
