/*
 * The description of what sockets tell (/api/asyncapi.json), held against what tests hear. What it leaves unsaid is
 * forbidden, as with answers of the API (contract.mjs).
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';

import Ajv from 'ajv';

import { buildDir } from './instance.mjs';

const FORMATS = { 'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/ };

function closed(schema) {
  if (schema === null || typeof schema !== 'object') return schema;
  if (Array.isArray(schema)) return schema.map(closed);
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return schema.properties && !('additionalProperties' in schema) ? { ...copy, additionalProperties: false } : copy;
}

export class EventContract {
  constructor(document) {
    this.document = document;
    this.ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: true, formats: FORMATS });
    this.ajv.addVocabulary(['components']);
    this.ajv.addSchema({ $id: 'events', components: closed({ schemas: document.components.schemas }) });
    this.messages = Object.entries(document.components.messages).map(([key, message]) => ({ ...message, by: key.split('.')[0] }));
    this.checks = new Map(this.messages.map((message) => [`${message.by} ${message.name}`, this.#compiled(message.payload)]));
  }

  #compiled(schema) {
    return this.ajv.compile(JSON.parse(JSON.stringify(closed(schema)).replaceAll('"#/components', '"events#/components')));
  }

  /* An event as an array: its name, then its arguments. Names that are not described are the publisher's. */
  check(event, speakers = ['session', 'server']) {
    for (const by of speakers) {
      const check = this.checks.get(`${by} ${event[0]}`);
      if (check) assert.ok(check(event), `${JSON.stringify(event)} is not as described: ${this.ajv.errorsText(check.errors)}`);
    }
  }
}

let described;

/* Of the programs under test. */
export function eventContract() {
  described ??= new EventContract(JSON.parse(fs.readFileSync(path.join(buildDir, 'src/asyncapi.json'), 'utf8')));
  return described;
}
