/* The statements of the API as the server gets them, from the list that the build holds against the code. */
import fs from 'node:fs/promises';
import path from 'node:path';

import { sourceDir } from './instance.mjs';

const BY_TYPE = {
  text: "'x'", bigint: '7', boolean: 'true', timestamptz: 'now()', bytea: "'\\x00'", jsonb: "'{}'", inet: "'192.0.2.1'", 'bigint[]': "'{5000,5001}'", 'text[]': "'{x,y}'",
};

/* Resolves with { name, parameters: [{ name, type }], sql } of each. */
export async function readStatements() {
  const text = await fs.readFile(path.join(sourceDir, 'tests/golden/statements.sql'), 'utf8');
  return text.split(/\n\n+/).filter((part) => /^-- \w+( \(|\n)/.test(part)).map((part) => {
    const lines = part.split('\n');
    const head = lines.filter((line) => line.startsWith('--')).map((line) => line.replace(/^-- */, '')).join(' ');
    const parameters = [...head.matchAll(/\$\d+ (?:(\w+) )?(\w+(?:\[\])?)(?=[,)])/g)].map(([, name, type]) => ({ name, type }));
    return { name: head.match(/^\w+/)[0], parameters, sql: lines.filter((line) => !line.startsWith('--')).join('\n').replace(/;\s*$/, '') };
  });
}

/* An SQL expression for each parameter: by its name, where it is no text for bytes, else some value of its type. */
export const valuesOf = ({ parameters }, byName) => parameters.map(({ name, type }) =>
  (byName[name] && !(type === 'bytea' && byName[name].startsWith("'")) ? byName[name] : BY_TYPE[type]));

/* The statement with these in place of its parameters. */
export function withValues(statement, byName) {
  const values = valuesOf(statement, byName);
  return statement.sql.replace(/\$(\d+)/g, (_, number) => `(${values[number - 1]})::${statement.parameters[number - 1].type}`);
}
