/* README.md as its reader meets it: blocks to type, what they show, and a shell to type them into. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';

import { sourceDir } from './instance.mjs';
import { until } from './until.mjs';

/*
 * The blocks to type, in order: [{ title, section, kind, body, shown: [lines] }]
 * kind is sh, or console with prompts, or, when they are asked for, bash: blocks that want quickstart --sip. A text block after
 * one is what has to be shown, line by line; … stands for anything.
 */
export async function blocksOfReadme(kinds = ['sh', 'console']) {
  const readme = await fs.readFile(path.join(sourceDir, 'README.md'), 'utf8');
  const found = [];
  let section = '', last = '';
  for (const [, heading, kind, body] of readme.matchAll(/^#+ (.+)$|^```(\w+)\n([\s\S]*?)^```$/gm)) {
    if (heading) section = heading;
    if (kinds.includes(kind)) {
      found.push({ title: `${section}: ${body.trim().split('\n')[0]}`, section, kind, body, shown: [] });
    }
    if (kind) last = kind === 'text' ? last : kind;
    if (kind === 'text' && kinds.includes(last)) found.at(-1).shown = body.trim().split('\n');
  }
  return found;
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
