/* GET /api/asyncapi.json: a valid AsyncAPI 3.0 document of all events that clients hear and say. */
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';

import Ajv from 'ajv';

import { EventContract, eventContract } from '../lib/event_contract.mjs';
import { sharedInstance, sourceDir } from '../lib/instance.mjs';

const OFFICIAL = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0.json');
const dialtone = await sharedInstance();
const answer = await dialtone.api('GET', '/api/asyncapi.json');
const document = answer.json;
const contract = new EventContract(document);

function* references(node) {
  if (node === null || typeof node !== 'object') return;
  if (typeof node.$ref === 'string') yield node.$ref;
  for (const value of Object.values(node)) yield* references(value);
}

const target = (reference) => reference.replace('#/', '').split('/').reduce((node, key) => node?.[key], document);

test('document_is_asyncapi_3_0_for_everyone_and_names_the_program', async () => {
  assert.equal(answer.status, 200);
  assert.equal(answer.header('content-type'), 'application/json');
  const { info } = (await dialtone.api('GET', '/api/openapi.json')).json;
  assert.deepEqual([document.asyncapi, document.info.title, document.info.version], ['3.0.0', info.title, info.version]);
  const ajv = new Ajv({ meta: false, validateSchema: false, strict: false, allErrors: true, validateFormats: false });
  assert.ok(ajv.validate(OFFICIAL, document), ajv.errorsText());
});

test('every_reference_leads_somewhere_and_every_message_belongs_to_an_operation', () => {
  const used = new Set(references(document));
  for (const reference of used) assert.ok(target(reference), reference);
  const said = Object.values(document.operations).flatMap(({ messages }) => messages.map(({ $ref }) => $ref.split('/').at(-1)));
  assert.deepEqual(said.sort(), Object.keys(document.components.messages).sort());
  for (const name of Object.keys(document.components.schemas)) assert.ok(used.has(`#/components/schemas/${name}`), name);
});

test('every_event_says_what_it_is_and_its_example_fits', () => {
  for (const { name, by, description, examples } of contract.messages) {
    assert.match(description, /^[A-Z].*\.$/, name);
    assert.match(contract.messages.find((m) => m.name === name)['x-heard-by'], /\w/, name);
    assert.ok(contract.checks.get(`${by} ${name}`)(examples[0].payload), `${name}: ${contract.ajv.errorsText(contract.checks.get(`${by} ${name}`).errors)}`);
  }
});

test('events_of_clients_are_those_that_the_relay_knows', async () => {
  const source = await fs.readFile(path.join(sourceDir, 'src/relay/cti/client_events.c'), 'utf8');
  const known = [...source.matchAll(/^\t\{ "\\"(\w+)\\"", on_\w+ \},$/gm)].map(([, name]) => name);
  assert.deepEqual(contract.messages.filter(({ by }) => by === 'client').map(({ name }) => name), known);
});

test('what_is_not_as_described_is_found', () => {
  const { check } = { check: (event) => () => eventContract().check(event) };
  assert.throws(check(['authe_ok', { message: 'hello' }]), /is not as described/);
  assert.throws(check(['updateDefaultDevice', '201', 'more']), /is not as described/);
  assert.throws(check(['extenConnected', { extenConnected: '201', secret: 1 }]), /must NOT have additional properties/);
  check(['extenConnected', { extenConnected: '201' }])();
});
