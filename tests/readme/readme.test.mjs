/*
 * Every ```sh block of README.md and docs/, in order and in one shell a page, as a reader would type them. A ```text
 * block after it is what has to be shown, line by line; … stands for anything. The console blocks change a
 * machine: tests/machine types them too, on one of their own.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';

import { buildDir, sharedInstance, sourceDir, temporaryDirectory } from '../lib/instance.mjs';
import { Shell, blocksOf, pages } from '../lib/pages.mjs';

const dialtone = await sharedInstance();

/* A shell in a directory that looks like a clone with a running quickstart. */
async function startShell() {
  const cwd = await temporaryDirectory('readme');
  await fs.symlink(dialtone.dir, path.join(cwd, 'var'));
  for (const part of ['tests', 'packaging']) await fs.symlink(path.join(sourceDir, part), path.join(cwd, part));
  await fs.symlink(buildDir, path.join(cwd, 'build-release'));
  const shell = new Shell('bash', ['-eu', '-o', 'pipefail'], { cwd });
  after(async () => {
    shell.end();
    await fs.rm(cwd, { recursive: true, force: true });
  });
  return shell;
}

async function readPage(page, t) {
  const blocks = await blocksOf(page, ['sh']);
  if (!blocks.length) return;
  const shell = await startShell();
  let failed; /* what comes after a failed one would only fail because of it */
  for (const { title, body, shown } of blocks) {
    await t.test(title, async () => {
      assert.equal(failed, undefined, 'an example before this one failed');
      failed = title;
      await shell.execute(body, shown);
      failed = undefined;
    });
  }
}

test('examples_of_the_readme_and_of_docs_do_what_they_show', async (t) => {
  assert.ok((await blocksOf('README.md', ['sh'])).length >= 7);
  for (const page of await pages()) await readPage(page, t);
});
