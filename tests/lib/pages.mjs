/* README.md and docs/ as their reader meets them: pages, blocks to type, what they show, and a shell to type them into. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';

import { sourceDir } from './instance.mjs';
import { until } from './until.mjs';

export const textOf = (page) => fs.readFile(path.join(sourceDir, page), 'utf8');

/* README.md and the pages of its table, in that order. */
export async function pages() {
  const rows = (await textOf('README.md')).matchAll(/^\| \[(docs\/[\w-]+\.md)\]/gm);
  return ['README.md', ...[...rows].map(([, page]) => page)];
}

/*
 * What stands between fences, in order: [{ title, page, section, kind, by, body, shown: [lines] }]
 * The first word of the fence is its kind. To type are sh, console with prompts, and bash: blocks that want quickstart
 * --sip. A text block after one is what has to be shown, line by line; … stands for anything. A second word is the folder of
 * tests that types the block (by), where it takes more than the machine of a newcomer.
 */
export async function fencedIn(page) {
  const found = [];
  let section = '', last;
  for (const [, heading, kind, by, body] of (await textOf(page)).matchAll(/^#+ (.+)$|^```(\w*)(?: (\S+))?\n([^]*?)^```$/gm)) {
    if (heading) {
      section = heading;
      continue;
    }
    const block = { title: `${page}, ${section}: ${body.trim().split('\n')[0]}`, page, section, kind, by, body, shown: [] };
    if (kind === 'text' && last) last.shown = body.trim().split('\n');
    last = kind === 'text' ? undefined : block;
    found.push(block);
  }
  return found;
}

/* The blocks of a page that its reader types, of these kinds, and that the tests in no other folder type. */
export async function blocksOf(page, kinds = ['sh', 'console'], by = undefined) {
  return (await fencedIn(page)).filter((block) => kinds.includes(block.kind) && block.by === by);
}

/* The commands of a console block: [{ isRoot, script }]. A line without a prompt belongs to the one before. */
export function commandsOf({ body }) {
  const commands = [];
  for (const line of body.trimEnd().split('\n')) {
    const [, prompt, script] = line.match(/^([$#]) (.*)$/) ?? [];
    if (prompt) commands.push({ isRoot: prompt === '#', script });
    else commands.at(-1).script += `\n${line}`;
  }
  return commands;
}

export class Shell {
  constructor(command, args, options = {}) {
    this.text = '';
    this.count = 0;
    this.child = spawn(command, args, options);
    this.ended = new Promise((resolve) => this.child.on('close', resolve));
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (this.text += text));
    }
    this.child.stdin.on('error', () => {}); // it may end at a failing command
  }

  shows(line) {
    const pattern = line.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*');
    return new RegExp(`^${pattern}`, 'm').test(this.text);
  }

  /* Types it, and waits until it has run and shown these lines. The shell ends at a failing command (bash -e), but for
   * the first of `one && other`. */
  async execute(script, shown = [], seconds = 20) {
    const done = `example ${++this.count} ended with `;
    this.text = '';
    this.child.stdin.write(`${script}\necho "\n${done}$?"\n`);
    await this.until(() => new RegExp(`${done}\\d+\n`).test(this.text) && shown.every((line) => this.shows(line)),
      { what: `these lines: ${shown.join(' / ')}`, seconds });
    assert.ok(this.text.includes(`${done}0\n`), this.text.slice(-8000));
    return this.text;
  }

  async until(condition, options) {
    let left = false;
    this.ended.then(() => (left = true));
    try {
      await until(() => left || condition(), options);
      assert.ok(condition(), 'the shell ended at a failing command');
    } catch (error) {
      throw new Error(`${error.message}\nshown instead:\n${this.text.slice(-8000)}`);
    }
  }

  end() {
    this.child.kill();
  }
}
