/* nginx/kept.conf as nginx reads it: whether a request may be sent on a kept connection. */
import fs from 'node:fs/promises';
import path from 'node:path';

import { sourceDir } from './instance.mjs';

export async function keptPatterns() {
  const text = await fs.readFile(path.join(sourceDir, 'nginx/kept.conf'), 'utf8');
  const patterns = [...text.matchAll(/"~\(\?x\)([^"]*)" (''|1);/g)].map(([, pattern, value]) => ({
    pattern: new RegExp(pattern.replaceAll('\\ ', '\\x20').replace(/\s+/g, '').replaceAll('++', '+')), isKept: value === '1' }));
  /* The first that fits counts. */
  return (method, target) => patterns.find(({ pattern }) => pattern.test(`${method}  ${target}`))?.isKept ?? false;
}
