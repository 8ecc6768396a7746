/*
 * The API's own description, held against what the API says.
 *
 *   const contract = await Contract.of(dialtone);
 *   contract.operations             // [{ key: 'GET /api/ping', method, path, level, family, ... }]
 *   contract.check('GET', '/api/accounts/7', answer)   // throws when it is not as described
 *
 * An answer may hold nothing that its schema does not name: a member that slipped in is as wrong as
 * one of the wrong type.
 */
import assert from 'node:assert/strict';

import Ajv from 'ajv/dist/2020.js';

const FORMATS = {
  int64: { type: 'number', validate: Number.isSafeInteger },
  password: true,
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/,
};
const PROBLEM = 'application/problem+json';

const anyOf = ['Error', 'CtiError', 'Problem'].map((name) => ({ $ref: `#/components/schemas/${name}` }));
/* What nginx says by itself, whatever is called. */
const BY_NGINX = { 400: 'bad request', 413: 'request body too large', 431: 'request header too large', 503: 'service unavailable, try again' };
const ANY_REFUSAL = { content: { 'application/json': { schema: { anyOf } }, [PROBLEM]: { schema: { anyOf } } } };

/* Pages refuse as pages. */
function refusalOf({ responses }) {
  const isPage = Object.values(responses).some(({ content }) => content?.['text/html']);
  return isPage ? { content: { ...ANY_REFUSAL.content, 'text/html': { schema: { type: 'string' } } } } : ANY_REFUSAL;
}

/* A path that is no text is no row's. */
function isText(path) {
  try {
    return !/[\0-\x1f\x7f]/.test(decodeURIComponent(path));
  } catch {
    return false;
  }
}

/* Also forbids what the document only leaves unsaid. */
function closed(schema) {
  if (schema === null || typeof schema !== 'object') return schema;
  if (Array.isArray(schema)) return schema.map(closed);
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  const isObject = schema.allOf || (schema.type === 'object' && schema.properties && !('additionalProperties' in schema));
  return isObject ? { ...copy, unevaluatedProperties: false } : copy;
}

/* Page stands inside an allOf, where it must not close the door itself. */
function document(openapi) {
  const schemas = openapi.components.schemas;
  const { Page: page, ...others } = schemas;
  return { components: { schemas: { ...closed(others), Page: page } } };
}

export class Contract {
  static async of(dialtone) {
    const answer = await dialtone.api('GET', '/api/openapi.json');
    assert.equal(answer.status, 200, answer.text);
    return new Contract(answer.json);
  }

  constructor(openapi) {
    this.openapi = openapi;
    this.validators = new Map();
    this.ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: true, formats: FORMATS });
    this.ajv.addVocabulary(['components']);
    this.ajv.addSchema(document(openapi), 'openapi');
    this.operations = Object.entries(openapi.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => this.#operation(method, path, operation)));
  }

  #operation(method, path, operation) {
    const { schema: body, example } = operation.requestBody?.content['application/json'] ?? {};
    return {
      key: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      level: operation['x-auth-level'],
      family: JSON.stringify(operation).includes('schemas/CtiError') ? 'cti' : 'accounts',
      schema: body && this.schema(body),
      example,
      schemaName: body?.$ref.split('/').at(-1),
      parameters: operation.parameters ?? [],
      responses: operation.responses,
      pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`),
      variables: (path.match(/\{/g) ?? []).length,
    };
  }

  schema({ $ref, ...rest }) {
    return $ref ? this.openapi.components.schemas[$ref.split('/').at(-1)] : rest;
  }

  /* Literal segments win over variables, as in the router. */
  find(method, path) {
    return this.operations
      .filter((o) => o.method === method && o.pattern.test(path))
      .sort((a, b) => a.variables - b.variables)[0];
  }

  check(method, target, answer) {
    const operation = this.find(method, target.split('?')[0].replace(/(.)\/$/, '$1'));
    assert.ok(operation, `${method} ${target} is not described`);
    const response = operation.responses[answer.status];
    assert.ok(response, `${operation.key}: status ${answer.status} is not described: ${answer.text}`);
    return this.#checkAnswer(operation, response, answer);
  }

  /* Any answer to any call, as far as the call is described. What any path may be refused with (405, 431 and the
   * like), by nginx as well, has one of the forms that refusals have. */
  checkAny(method, target, answer) {
    const operation = this.find(method, target.split('?')[0].replace(/(.)\/$/, '$1'));
    if (!operation) return;
    const response = operation.responses[answer.status] ?? (answer.status >= 400 && refusalOf(operation));
    assert.ok(response, `${operation.key}: status ${answer.status} is not described: ${answer.text}`);
    /* nginx does not know of which family a call is. */
    const byNginx = answer.status in BY_NGINX && BY_NGINX[answer.status] === answer.json?.message;
    const beforeTheRow = byNginx || (answer.status === 400 && !isText(target.split('?')[0]));
    this.#checkAnswer(operation, beforeTheRow ? ANY_REFUSAL : response, answer);
  }

  #checkAnswer(operation, response, answer) {
    if (!response.content || (response['x-may-be-empty'] && answer.text === '')) return this.#checkNothing(operation, answer);
    const type = answer.header('content-type');
    const media = response.content[type?.replace(/;.*/, '')];
    assert.ok(media, `${operation.key} ${answer.status}: ${type} is not described`);
    if (/^(text|image)\/|\/xml$/.test(type)) return undefined;
    return this.#checkBody(operation, answer, media.schema);
  }

  #compiled(schema) {
    const text = JSON.stringify(closed(schema)).replaceAll('"#/components', '"openapi#/components');
    if (!this.validators.has(text)) this.validators.set(text, this.ajv.compile(JSON.parse(text)));
    return this.validators.get(text);
  }

  #checkNothing(operation, answer) {
    assert.equal(answer.text, '', `${operation.key} answers nothing`);
    assert.equal(answer.header('content-type'), undefined, `${operation.key}: nothing has no type`);
  }

  #checkBody(operation, answer, schema) {
    const type = answer.header('content-type');
    assert.ok(['application/json', PROBLEM].includes(type), `${operation.key}: exactly ${type}`);
    assert.notEqual(answer.json, undefined, `${operation.key}: no JSON: ${answer.text}`);
    const validate = this.#compiled(schema);
    assert.ok(validate(answer.json),
      `${operation.key} ${answer.status}: ${this.ajv.errorsText(validate.errors)}\n${answer.text}`);
  }
}
