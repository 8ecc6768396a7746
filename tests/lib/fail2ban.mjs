/* What fail2ban and CrowdSec would see in a log. */
import fs from 'node:fs/promises';
import path from 'node:path';

import { sourceDir } from './instance.mjs';
import { runOk } from './run.mjs';

export const ourFilter = path.join(sourceDir, 'packaging/fail2ban/filter.d/dialtone.conf');

/* The addresses of the lines that the filter matches, one for each line, as fail2ban itself finds them. */
export async function fail2ban(log, filter) {
  const { stdout } = await runOk('fail2ban-regex', ['--out', 'ip', log, filter]);
  return stdout.split('\n').filter(Boolean);
}

/* The same by the parser of packaging/crowdsec, whose patterns are written out here: %{NAME:field} is NAME in a group. */
export async function crowdsec(log) {
  const text = await fs.readFile(path.join(sourceDir, 'packaging/crowdsec/parsers/dialtone-logs.yaml'), 'utf8');
  const syntax = Object.fromEntries([...text.matchAll(/^ {2}(\w+): '(.*)'$/gm)].map(([, name, regex]) => [name, regex]));
  const patterns = [...text.matchAll(/^ {6}pattern: '(.*)'$/gm)].map(([, pattern]) =>
    new RegExp(pattern.replace(/%\{(\w+)(?::(\w+))?\}/g, (_, name, field) => (field ? `(?<${field}>${syntax[name]})` : syntax[name]))));
  const lines = (await fs.readFile(log, 'utf8')).split('\n');
  return lines.flatMap((line) => patterns.map((pattern) => line.match(pattern)?.groups.source_ip).filter(Boolean));
}
