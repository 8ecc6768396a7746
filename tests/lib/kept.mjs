/* nginx/kept.conf as nginx reads it: whether a request may be sent on a kept connection. */
import fs from 'node:fs/promises';
import path from 'node:path';

import { sourceDir } from './instance.mjs';

const readConf = () => fs.readFile(path.join(sourceDir, 'nginx/kept.conf'), 'utf8');

/* The rows of GET requests that are sent once. */
export const rowsSentOnce = async () => [...(await readConf()).matchAll(/^# {3}(\/api\/\S+)$/gm)].map(([, row]) => row);

export async function keptPatterns() {
  const text = await readConf();
  const patterns = [...text.matchAll(/"~\(\?x\)([^"]*)" (''|1);/g)].map(([, pattern, value]) => ({
    pattern: new RegExp(pattern.replaceAll('\\ ', '\\x20').replace(/\s+/g, '').replaceAll('++', '+')), isKept: value === '1' }));
  /* The first that fits counts. */
  return (method, target) => patterns.find(({ pattern }) => pattern.test(`${method}  ${target}`))?.isKept ?? false;
}
