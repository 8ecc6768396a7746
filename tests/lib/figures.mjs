/* What programs tell to monitors: text, as strict readers take it, and health. */
import http from 'node:http';
import path from 'node:path';

import { sourceDir } from './instance.mjs';
import { runOk } from './run.mjs';

export const PROGRAMS = ['api', 'jobs', 'pbx', 'relay-aa', 'relay-ab'];
export const socketOf = (dialtone, program) => path.join(dialtone.dir, 'run', `${program}.http`);

/* Resolves with { status, headers, text }. */
export function ask(dialtone, program, where, { method = 'GET' } = {}) {
  return new Promise((resolve, reject) => {
    http.request({ socketPath: socketOf(dialtone, program), path: where, method, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part) => (text += part)).on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
      answer.on('error', reject);
    }).on('error', reject).end();
  });
}

/* Families as the reference reader of OpenMetrics has them; text that it does not take is an error. */
export async function families(text) {
  const { stdout } = await runOk('/usr/bin/python3', [path.join(sourceDir, 'tests/api/open_metrics.py')], { input: text });
  return JSON.parse(stdout);
}

const labelsOf = (text = '') => Object.fromEntries([...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name, value]) => [name, value]));

/* The sum of the samples of that name with these labels. */
export async function figure(dialtone, program, name, labels = {}) {
  const { text } = await ask(dialtone, program, '/metrics');
  return [...text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)]
    .filter(([, found, with_]) => found === name && Object.entries(labels).every(([key, value]) => labelsOf(with_)[key] === value))
    .reduce((sum, [, , , value]) => sum + Number(value), 0);
}

export async function health(dialtone, program, where = '/health/ready') {
  const { status, text } = await ask(dialtone, program, where);
  return { status, ...JSON.parse(text) && { body: JSON.parse(text) } };
}
