/*
 * Every ```sh block of README.md, in order and in one shell, as a reader would type them. A ```text
 * block after it is what has to be shown, line by line; … stands for anything. The console blocks change a
 * machine: tests/machine types them too, on one of their own.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';

import { buildDir, sharedInstance, sourceDir, temporaryDirectory } from '../lib/instance.mjs';
import { Shell, blocksOfReadme } from '../lib/readme.mjs';

const dialtone = await sharedInstance();
const shell = await startShell();

/* A shell in a directory that looks like a clone with a running quickstart. */
async function startShell() {
  const cwd = await temporaryDirectory('readme');
  await fs.symlink(dialtone.dir, path.join(cwd, 'var'));
  await fs.symlink(path.join(sourceDir, 'tests'), path.join(cwd, 'tests'));
  await fs.symlink(buildDir, path.join(cwd, 'build-release'));
  const shell = new Shell('bash', ['-eu', '-o', 'pipefail'], { cwd });
  after(async () => {
    shell.end();
    await fs.rm(cwd, { recursive: true, force: true });
  });
  return shell;
}

test('readme_examples_do_what_they_show', async (t) => {
  const all = (await blocksOfReadme()).filter(({ kind }) => kind === 'sh');
  assert.ok(all.length >= 8);
  let failed; /* what comes after a failed one would only fail because of it */
  for (const { title, body, shown } of all) {
    await t.test(title, async () => {
      assert.equal(failed, undefined, 'an example before this one failed');
      failed = title;
      await shell.execute(body, shown);
      failed = undefined;
    });
  }
});
