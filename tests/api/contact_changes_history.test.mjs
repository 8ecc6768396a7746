/*
 * Random histories of changes of e-mail and phone against a model: requests, right and wrong codes, expiry,
 * several confirmations at once, administrators who change the same accounts meanwhile.
 *
 * A run is repeated with DIALTONE_SEED=<the number it prints>.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createUser, randomName, readAccount } from '../lib/accounts.mjs';
import { askFor, confirm, newPhone, wrongOf } from '../lib/codes.mjs';
import { ownInstance } from '../lib/instance.mjs';

const HISTORIES = 8, STEPS = 40, TRIES = 3, AT_ONCE = 6;
const KINDS = ['email', 'phone'];

const dialtone = await ownInstance({ options: ['--set', 'admin_show_codes=true',
  '--set', 'contact_change_requires_creation_token=false', '--set', 'blocking_amount_events_authorized_during_period=0'] });

/* mulberry32: the same numbers for the same seed. */
function randomOf(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/* What should be so. Accounts: { user, email, phone, activated, pending: { email, phone } }. */
class World {
  constructor(random, users) {
    this.random = random;
    this.accounts = users.map((user) => ({ user, email: null, phone: null, activated: false, held: false, pending: {} }));
    this.values = { email: Array.from({ length: 4 }, () => `${randomName()}@example.org`), phone: Array.from({ length: 4 }, newPhone) };
  }

  one(list) {
    return list[Math.floor(this.random() * list.length)];
  }

  isTaken(kind, value, but) {
    return this.accounts.some((account) => account !== but && account[kind] === value);
  }

  /* What the answer to one confirmation has to be. */
  expected(account, kind, right) {
    const pending = account.pending[kind];
    if (!pending) return 404;
    if (pending.expired || pending.tries >= TRIES) return 410;
    pending.tries++;
    if (!right || this.isTaken(kind, pending.value, account)) return 422;
    this.take(account, kind);
    return 200;
  }

  take(account, kind) {
    account[kind] = account.pending[kind].value;
    account.activated = account.activated || !account.held;
    account.pending[kind] = null;
  }
}

const codeOf = (account, kind) => account.pending[kind]?.code ?? '1234';

const steps = {
  async request(w, account, kind) {
    const value = w.one(w.values[kind]);
    const refused = w.isTaken(kind, value, account) || (kind === 'email' && account.email === value);
    const answer = await askFor(dialtone, account.user, kind, value);
    assert.equal(answer.status, refused ? 422 : 200, answer.text);
    if (refused) return;
    const { code } = (await readAccount(dialtone, account.user.id))[`${kind}_change_code`];
    account.pending[kind] = { value, code, tries: 0, expired: false };
  },
  async right(w, account, kind) {
    const code = codeOf(account, kind);
    const status = w.expected(account, kind, true);
    const answer = await confirm(dialtone, account.user, kind, code);
    assert.equal(answer.status, status, answer.text);
  },
  async wrong(w, account, kind) {
    const code = wrongOf(codeOf(account, kind));
    const status = w.expected(account, kind, false);
    assert.equal((await confirm(dialtone, account.user, kind, code)).status, status);
  },
  async expire(w, account, kind) {
    await dialtone.sql(`UPDATE ${kind}_change_codes SET expires_at = now() WHERE account_id = ${account.user.id}`);
    if (account.pending[kind]) account.pending[kind].expired = true;
  },
  /* Right and wrong ones together: their order is the server's. */
  async together(w, account, kind) {
    const pending = account.pending[kind];
    const left = !pending || pending.expired ? 0 : TRIES - pending.tries;
    const free = pending && !w.isTaken(kind, pending.value, account);
    const right = Array.from({ length: AT_ONCE }, () => w.random() < 0.5);
    const answers = await Promise.all(right.map((is) =>
      confirm(dialtone, account.user, kind, is ? codeOf(account, kind) : wrongOf(codeOf(account, kind)))));
    const opened = answers.filter(({ status }) => status === 200).length;
    const tried = answers.filter(({ status }) => status === 422).length;
    assert.ok(answers.every(({ status }) => [200, 404, 410, 422].includes(status)));
    assert.ok(answers.every(({ status }, i) => status !== 200 || right[i]), 'a wrong code opens nothing');
    assert.ok(opened <= (free ? 1 : 0) && opened + tried <= left, `${opened} opened, ${tried} tried of ${left}`);
    if (!opened) assert.equal(tried, Math.min(left, AT_ONCE));
    if (pending && !pending.expired) pending.tries += tried;
    if (opened) w.take(account, kind);
  },
  /* Two accounts that wait for the same. */
  async rivals(w, account, kind) {
    const value = account.pending[kind]?.value;
    const both = w.accounts.filter(({ pending }) => pending[kind]?.value === value && value && !pending[kind].expired && pending[kind].tries < TRIES);
    const free = both.filter((one) => !w.isTaken(kind, value, one));
    const answers = await Promise.all(both.map((one) => confirm(dialtone, one.user, kind, codeOf(one, kind))));
    assert.equal(answers.filter(({ status }) => status === 200).length, Math.min(free.length, 1));
    answers.forEach(({ status, text }, i) => {
      both[i].pending[kind].tries++;
      if (status === 200) w.take(both[i], kind);
      else assert.equal(status, 422, text);
    });
  },
  async admin(w, account) {
    const body = { username: account.user.username, email: w.one([null, ...w.values.email]), phone: w.one([null, ...w.values.phone]) };
    const refused = KINDS.filter((kind) => body[kind] && w.isTaken(kind, body[kind], account));
    const answer = await dialtone.api('PUT', `/api/accounts/${account.user.id}`, { as: 'admin', body });
    assert.deepEqual(Object.keys(answer.json.errors ?? {}), refused, answer.text);
    if (!refused.length) Object.assign(account, { email: body.email, phone: body.phone });
  },
  async activation(w, account) {
    const on = w.random() < 0.3;
    await dialtone.api('POST', `/api/accounts/${account.user.id}/${on ? 'activate' : 'deactivate'}`, { as: 'admin' });
    Object.assign(account, { activated: on, held: !on });
  },
};
const OFTEN = ['request', 'request', 'request', 'right', 'right', 'wrong', 'wrong', 'expire', 'together', 'together', 'rivals', 'admin', 'activation'];

async function holds(w) {
  for (const account of w.accounts) {
    const found = await readAccount(dialtone, account.user.id);
    for (const name of ['email', 'phone', 'activated']) assert.equal(found[name], account[name], name);
    for (const kind of KINDS) {
      assert.equal(found[`${kind}_change_code`]?.[kind], account.pending[kind]?.value);
      assert.equal(found[`${kind}_change_code`]?.code, account.pending[kind]?.code);
    }
  }
}

const seed = Number(process.env.DIALTONE_SEED ?? Math.floor(Math.random() * 2 ** 31));

for (let history = 0; history < HISTORIES; history++) {
  test(`history ${history + 1} of seed ${seed} is that of the model`, async () => {
    const random = randomOf(seed + history);
    const users = await Promise.all(Array.from({ length: 3 }, () => createUser(dialtone, { activated: false })));
    const w = new World(random, users);
    const told = [];
    for (let step = 0; step < STEPS; step++) {
      const [name, i, kind] = [w.one(OFTEN), Math.floor(random() * users.length), w.one(KINDS)];
      told.push(`${name} ${i} ${kind}`);
      try {
        await steps[name](w, w.accounts[i], kind);
        await holds(w);
      } catch (e) {
        e.message = `${told.join(', ')}: ${e.message}`;
        throw e;
      }
    }
    for (const kind of KINDS) {
      const rows = await dialtone.sql(`SELECT count(*) FROM (SELECT 1 FROM accounts WHERE ${kind} IS NOT NULL GROUP BY domain, lower(${kind}) HAVING count(*) > 1) twice`);
      assert.deepEqual(rows, [['0']]);
      assert.deepEqual(await dialtone.sql(`SELECT count(*) FROM ${kind}_change_codes WHERE attempts > ${TRIES}`), [['0']]);
    }
  });
}

test('codes_are_shown_to_an_administrator_who_looks_at_one_account_and_to_nobody_else', async () => {
  const user = await createUser(dialtone);
  await askFor(dialtone, user, 'email', `${randomName()}@example.org`);
  await askFor(dialtone, user, 'phone', newPhone());
  const shown = await readAccount(dialtone, user.id);
  for (const kind of KINDS) {
    assert.match(shown[`${kind}_change_code`].code, /^\d{4}$/);
    assert.equal(Object.keys(shown[`${kind}_change_code`])[0], 'code');
  }
  const own = await dialtone.api('GET', '/api/accounts/me', { key: user.key });
  const found = await dialtone.api('GET', `/api/accounts/${user.username}@${user.domain}/search`, { as: 'admin' });
  const list = await dialtone.api('GET', '/api/accounts?page=1', { as: 'admin' });
  for (const { text } of [own, found, list]) assert.equal(text.includes('"code":'), false);
  assert.equal((await confirm(dialtone, user, 'phone', shown.phone_change_code.code)).status, 200);
  assert.equal((await readAccount(dialtone, user.id)).phone_change_code, null, 'and not once it was used');
  assert.deepEqual(await dialtone.sql(`SELECT count(*) FROM phone_change_codes WHERE account_id = ${user.id} AND code_sealed IS NOT NULL`), [['0']]);
});
