/* Running other programs. */
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';

/* Runs to the end. Resolves with { status, signal, stdout, stderr } whatever the status is. */
export function run(command, args = [], { input = '', env = process.env, cwd, seconds = 120 } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, cwd, timeout: seconds * 1000 });
    const out = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) {
      child[name].setEncoding('utf8');
      child[name].on('data', (text) => (out[name] += text));
    }
    child.on('error', reject);
    child.on('close', (status, signal) => resolve({ status, signal, ...out }));
    child.stdin.on('error', () => {}); /* it may end without reading */
    child.stdin.end(input);
  });
}

/* Like run(), but a status other than 0 is an error that shows what the program said. */
export async function runOk(command, args, options) {
  const result = await run(command, args, options);
  if (result.status !== 0) {
    throw new Error(
      `${command} ${args.join(' ')}: status ${result.status ?? result.signal}\n${result.stdout}${result.stderr}`);
  }
  return result;
}

/* What every process of the machine but this one shows of itself, arguments separated by blanks. */
export async function commandLines() {
  const pids = (await fs.readdir('/proc')).filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  const lines = await Promise.all(pids.map((pid) => fs.readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter(Boolean).map((line) => line.replaceAll('\0', ' ').trim());
}
