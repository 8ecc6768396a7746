/* What tests/api/rows knows of the endpoint rows, all resources together: see its README. */
import fs from 'node:fs/promises';

const directory = new URL('../api/rows/', import.meta.url);
const files = (await fs.readdir(directory)).filter((name) => name.endsWith('.mjs'));
const resources = await Promise.all(files.map((name) => import(new URL(name, directory))));

export const goodCalls = Object.assign({}, ...resources.map((resource) => resource.goodCalls));
export const malformed = Object.assign({}, ...resources.map((resource) => resource.malformed ?? {}));
