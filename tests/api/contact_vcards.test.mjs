/* vCards as phones read them: contacts, and those stored on the server. What reads them here is vobject, of Debian. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import crypto from 'node:crypto';
import { test } from 'node:test';

import { createAccount, createUser } from '../lib/accounts.mjs';
import { giveContact } from '../lib/contacts.mjs';
import { Contract } from '../lib/contract.mjs';
import { sharedInstance } from '../lib/instance.mjs';
import { vcard } from '../lib/vcards.mjs';

const dialtone = await sharedInstance();
const contract = await Contract.of(dialtone);

/* Each card as an object of the values of its properties. */
const READER = `
import json, sys, vobject
cards = vobject.readComponents(sys.stdin.buffer.read().decode(), validate=False)
print(json.dumps([{name: [line.value for line in lines] for name, lines in card.contents.items()} for card in cards]))`;
const cardsOf = (text) => JSON.parse(execFileSync('/usr/bin/python3', ['-c', READER], { input: text }));

async function read(user, path, status = 200) {
  const answer = await dialtone.api('GET', path, { key: user.key });
  contract.check('GET', path, answer);
  assert.equal(answer.status, status, answer.text);
  if (status === 200) assert.equal(answer.headers['content-type'], 'text/vcard; charset=utf-8');
  return answer.text;
}

const NAMES = ['Ann "the boss" O\'Neil', 'Smith, John; head: \\of\\ sales', 'Two\r\nlines\nEND:VCARD\nBEGIN:VCARD', 'Ω'.repeat(80),
  `a${'😀'.repeat(60)}`, 'x'.repeat(75), 'ends with \\'];

test('a_parser_reads_the_name_of_a_contact_as_it_is', async () => {
  const user = await createUser(dialtone);
  assert.equal(await read(user, '/contacts/vcard'), '');
  const contacts = [];
  for (const name of NAMES) {
    const contact = await createAccount(dialtone);
    /* An older program may have stored what the API refuses. */
    await dialtone.sql(`UPDATE accounts SET display_name = convert_from(decode('${Buffer.from(name).toString('hex')}', 'hex'), 'UTF8') WHERE id = ${contact.id}`);
    await giveContact(dialtone, user, contact);
    contacts.push(contact);
  }
  const text = await read(user, '/contacts/vcard');
  assert.ok(text.split('\n').every((line) => Buffer.byteLength(line) <= 75));
  const cards = cardsOf(text);
  assert.deepEqual(cards.map(({ fn }) => fn), NAMES.map((name) => [name.replaceAll('\r\n', '\n')]));
  assert.deepEqual(cards.map(({ impp }) => impp), contacts.map(({ username, domain }) => [`sip:${username}@${domain}`]));
  const { username, domain } = contacts[1];
  assert.deepEqual(cardsOf(await read(user, `/contacts/vcard/sip:${username}@${domain}`)), [cards[1]]);
});

test('the_card_of_an_account_that_is_no_contact_is_not_found', async () => {
  const [user, other] = [await createUser(dialtone), await createAccount(dialtone)];
  await read(user, `/contacts/vcard/${other.username}@${other.domain}`, 404);
  await read(user, '/contacts/vcard/no.one@nowhere.example', 404);
});

test('stored_vCards_are_given_back_one_behind_the_other', async () => {
  const [user, uids] = [await createUser(dialtone), Array.from({ length: 3 }, () => `urn:uuid:${crypto.randomUUID()}`)];
  assert.equal(await read(user, '/vcards-storage'), '');
  const stored = [];
  for (const uid of uids) {
    const made = await dialtone.api('POST', '/api/accounts/me/vcards-storage', { key: user.key, body: { vcard: vcard(uid, `Ω\\, ${'é'.repeat(90)}`) } });
    stored.push(made.json.vcard);
  }
  const text = await read(user, '/vcards-storage');
  assert.equal(text, stored.join(''));
  assert.deepEqual(cardsOf(text).map(({ uid, fn }) => [uid[0], fn[0]]), uids.map((uid) => [uid, `Ω, ${'é'.repeat(90)}`]));
  assert.equal(await read(user, `/vcards-storage/${uids[1]}`), stored[1]);
  assert.equal(await read(user, `/vcards-storage/${uids[1].replace('urn:uuid:', '')}`), stored[1]);
  await read(await createUser(dialtone), `/vcards-storage/${uids[1]}`, 404);
});
