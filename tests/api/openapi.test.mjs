/* GET /api/openapi.json: a valid OpenAPI 3.1 document that generators can work with. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Contract } from '../lib/contract.mjs';
import { sharedInstance } from '../lib/instance.mjs';

const dialtone = await sharedInstance();
const contract = await Contract.of(dialtone);
const { openapi } = contract;

function references(value) {
  if (value === null || typeof value !== 'object') return [];
  const own = typeof value.$ref === 'string' ? [value.$ref] : [];
  return [...own, ...Object.values(value).flatMap(references)];
}

test('document_is_openapi_3_1_and_names_the_program', () => {
  assert.equal(openapi.openapi, '3.1.0');
  assert.equal(openapi.info.title, 'Dialtone');
  assert.match(openapi.info.version, /^\d+\.\d+\.\d+$/);
});

/* Readers differ in which of two they take, or refuse them. */
test('no_name_stands_twice_in_an_object', async () => {
  for (const path of ['/api/openapi.json', '/api/asyncapi.json']) {
    const { text } = await dialtone.api('GET', path);
    assert.equal(JSON.stringify(JSON.parse(text)).length, text.length, path);
  }
});

test('every_reference_leads_somewhere_and_nothing_is_left_over', () => {
  const used = new Set(references(openapi));
  for (const reference of used) {
    const [, , section, name] = reference.split('/');
    assert.ok(openapi.components[section]?.[name], reference);
  }
  for (const name of Object.keys(openapi.components.schemas)) assert.ok(used.has(`#/components/schemas/${name}`), name);
});

test('every_schema_compiles_and_every_example_fits_its_schema', () => {
  for (const [name, schema] of Object.entries(openapi.components.schemas)) {
    contract.ajv.getSchema(`openapi#/components/schemas/${name}`);
    for (const [member, { examples = [], ...rest }] of Object.entries(schema.properties)) {
      for (const example of examples) assert.ok(contract.ajv.validate(rest, example), `${name}.${member}: ${example}`);
    }
  }
});

test('every_operation_has_a_summary_a_tag_and_every_variable_of_its_path', () => {
  for (const { key, path, parameters } of contract.operations) {
    const [method, route] = key.split(' ');
    const operation = openapi.paths[route][method.toLowerCase()];
    assert.ok(operation.summary && operation.tags.length === 1, key);
    const described = parameters.filter((p) => p.in === 'path').map((p) => `{${p.name}}`);
    assert.deepEqual(described, path.match(/\{\w+\}/g) ?? [], key);
    for (const parameter of parameters) assert.equal(parameter.required, parameter.in === 'path' || parameter.required);
  }
});

const answersOf = (operation) => Object.entries(operation.responses).filter(([status]) => Number(status) < 300)
  .flatMap(([, { content = {} }]) => Object.values(content));

test('every_operation_is_described_and_has_examples', () => {
  for (const { key } of contract.operations) {
    const [method, route] = key.split(' ');
    const operation = openapi.paths[route][method.toLowerCase()];
    assert.match(operation.description, /\w+.*\.$/s, key);
    if (operation.requestBody) assert.notEqual(operation.requestBody.content['application/json'].example, undefined, key);
    for (const { schema, example } of answersOf(operation)) {
      if (schema.$ref && schema.$ref !== '#/components/schemas/UserMe') assert.notEqual(example, undefined, key);
    }
  }
});

/* Every object says which members it has, or of what kind they are; every array what is in it. */
function untyped(schema, where) {
  if (schema === true || schema.$ref) return [];
  const types = [schema.type].flat();
  const parts = [...Object.entries(schema.properties ?? {}), ...['items', 'additionalProperties'].filter((name) => name in schema)
    .map((name) => [name, schema[name]]), ...[...(schema.anyOf ?? []), ...(schema.allOf ?? [])].map((part, i) => [i, part])];
  const says = schema.type || schema.anyOf || schema.allOf || schema.properties;
  const bare = (types.includes('object') && !('properties' in schema) && !('additionalProperties' in schema) && schema.maxProperties !== 0) ||
    (types.includes('array') && !schema.items);
  return [...(!says || bare ? [where] : []), ...parts.flatMap(([name, part]) => untyped(part, `${where}.${name}`))];
}

test('nothing_in_the_document_is_without_a_type', () => {
  const schemas = Object.entries(openapi.components.schemas);
  const answers = contract.operations.flatMap(({ key, responses }) => answersOf({ responses }).map(({ schema }) => [key, schema]));
  assert.deepEqual([...schemas, ...answers].flatMap(([name, schema]) => untyped(schema, name)), []);
});

test('DIGEST_is_explained_with_the_header_it_needs', () => {
  const { digest, ...others } = openapi.components.securitySchemes;
  assert.match(digest.description, /From: sip:user@domain/);
  for (const [name, { description }] of Object.entries(others)) assert.ok(description, name);
});

test('security_of_an_operation_is_its_auth_level', () => {
  for (const { key, level } of contract.operations) {
    const [method, route] = key.split(' ');
    const { security } = openapi.paths[route][method.toLowerCase()];
    assert.equal(security.length === 0, level === 'public', key);
    for (const scheme of security.flatMap(Object.keys)) assert.ok(openapi.components.securitySchemes[scheme], scheme);
  }
});

test('what_our_programs_ask_each_other_is_not_described', () => {
  assert.deepEqual(Object.keys(openapi.paths).filter((path) => path.startsWith('/internal')), []);
});

test('secrets_have_no_example', () => {
  for (const schema of Object.values(openapi.components.schemas)) {
    for (const property of Object.values(schema.properties)) {
      if (property.format === 'password') assert.equal(property.examples, undefined);
    }
  }
});

test('every_operation_has_an_id_of_its_own', () => {
  const ids = contract.operations.map(({ key }) => {
    const [method, route] = key.split(' ');
    return openapi.paths[route][method.toLowerCase()].operationId;
  });
  for (const id of ids) assert.match(id, /^[a-z][a-z0-9_]*$/);
  assert.equal(new Set(ids).size, ids.length, ids.filter((id, i) => ids.indexOf(id) !== i).join());
});
