/*
 * Every ```sh block of README.md, in order and in one shell, as a reader would type them. A ```text
 * block after it is what has to be shown, line by line; … stands for anything.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';

import { buildDir, sharedInstance, sourceDir, temporaryDirectory } from '../lib/instance.mjs';
import { until } from '../lib/until.mjs';

const dialtone = await sharedInstance();
const readme = await fs.readFile(path.join(sourceDir, 'README.md'), 'utf8');
const shell = await startShell();

/* [{ title, script, shown: [lines] }] */
function examples() {
  const found = [];
  let title = '';
  for (const [, heading, kind, body] of readme.matchAll(/^#+ (.+)$|^```(\w+)\n([\s\S]*?)^```$/gm)) {
    if (heading) title = heading;
    if (kind === 'sh') found.push({ title: `${title}: ${body.trim().split('\n')[0]}`, script: body, shown: [] });
    if (kind === 'text') found.at(-1).shown = body.trim().split('\n');
  }
  return found;
}

/* A shell in a directory that looks like a clone with a running quickstart. */
async function startShell() {
  const cwd = await temporaryDirectory('readme');
  await fs.symlink(dialtone.dir, path.join(cwd, 'var'));
  await fs.symlink(path.join(sourceDir, 'tests'), path.join(cwd, 'tests'));
  await fs.symlink(buildDir, path.join(cwd, 'build-release'));
  const child = spawn('bash', ['-eu', '-o', 'pipefail'], { cwd });
  const shell = { child, cwd, text: '' };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (shell.text += text));
  after(async () => {
    child.kill();
    await fs.rm(cwd, { recursive: true, force: true });
  });
  return shell;
}

function isShown(line) {
  const pattern = line.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*');
  return new RegExp(`^${pattern}`, 'm').test(shell.text);
}

async function execute({ script, shown }, number) {
  const done = `example ${number} is done`;
  shell.text = '';
  shell.child.stdin.write(`${script}\necho "\n${done}"\n`);
  try {
    await until(() => {
      assert.equal(shell.child.exitCode, null, 'the shell ended at a failing command');
      return shell.text.includes(done) && shown.every(isShown);
    }, { what: `these lines: ${shown.join(' / ')}`, seconds: 20 });
  } catch (error) {
    error.message += `\nshown instead:\n${shell.text}`;
    throw error;
  }
}

test('readme_examples_do_what_they_show', async (t) => {
  const all = examples();
  assert.ok(all.length >= 8);
  let failed; /* what comes after a failed one would only fail because of it */
  for (const [number, example] of all.entries()) {
    await t.test(example.title, async () => {
      assert.equal(failed, undefined, 'an example before this one failed');
      failed = example.title;
      await execute(example, number);
      failed = undefined;
    });
  }
});
