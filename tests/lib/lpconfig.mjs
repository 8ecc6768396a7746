/* Provisioning documents, read by a parser that is not ours. */
import assert from 'node:assert/strict';

import { runOk } from './run.mjs';

const reader = new URL('lpconfig.py', import.meta.url).pathname;

/* Of each text its entries, [section, key, value, overwrite]. */
export async function entriesOf(texts) {
  const { stdout } = await runOk('/usr/bin/python3', [reader], { input: texts.join('\0') });
  const documents = JSON.parse(stdout);
  documents.forEach((document, i) => assert.ok(Array.isArray(document), `${document}\n${texts[i]}`));
  return documents;
}

/* Of an answer, { section: { key: value } }. */
export async function sectionsOf(answer) {
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.header('content-type'), 'application/xml');
  assert.equal(answer.header('cache-control'), 'no-store');
  const [entries] = await entriesOf([answer.text]);
  const sections = {};
  for (const [section, key, value] of entries) (sections[section] ??= {})[key] = value;
  return sections;
}
