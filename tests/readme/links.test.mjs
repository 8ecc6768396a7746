/* What README.md and docs/ point to is there: pages, their parts, files of the source. */
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';

import { sourceDir } from '../lib/instance.mjs';
import { fencedIn, pages, textOf } from '../lib/pages.mjs';
import { runOk } from '../lib/run.mjs';

const FENCE = /^```.*\n[^]*?^```$/gm;
const KINDS = ['', 'sh', 'console', 'bash', 'text', 'conf', 'ini', 'yaml'];
const all = await pages();
const tracked = (await runOk('git', ['ls-files', '-co', '--exclude-standard'], { cwd: sourceDir })).stdout.trim().split('\n');

const proseOf = async (page) => (await textOf(page)).replace(FENCE, '');
const isThere = (file) => tracked.some((known) => known === file || known.startsWith(`${file.replace(/\/$/, '')}/`));

/* As GitHub names the headings of a page. */
async function anchorsOf(page) {
  const seen = new Map();
  return [...(await proseOf(page)).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => {
    const name = heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-');
    const times = seen.get(name) ?? 0;
    seen.set(name, times + 1);
    return times ? `${name}-${times}` : name;
  });
}

async function problemOf(page, target) {
  if (/^https?:/.test(target)) return undefined;
  const [file, anchor] = target.split('#');
  const name = file ? path.posix.join(path.posix.dirname(page), file) : page;
  if (!isThere(name)) return `${page}: there is no ${name}`;
  if (anchor === undefined) return undefined;
  return (await anchorsOf(name)).includes(anchor) ? undefined : `${page}: ${name} has no part #${anchor}`;
}

test('links_lead_to_pages_parts_and_files_that_are_there', async () => {
  const problems = [];
  for (const page of [...all, 'CHANGELOG.md']) {
    for (const [, target] of (await proseOf(page)).matchAll(/\]\(([^)\s]+)\)/g)) problems.push(await problemOf(page, target));
  }
  assert.deepEqual(problems.filter(Boolean), []);
});

test('paths_of_the_source_that_the_pages_name_are_there', async () => {
  const missing = [];
  for (const page of all) {
    for (const [, name] of (await proseOf(page)).matchAll(/`((?:docs|include|nginx|packaging|sql|src|tests)\/[\w./-]*)/g)) {
      if (!isThere(name)) missing.push(`${page}: ${name}`);
    }
  }
  assert.deepEqual(missing, []);
});

test('pages_that_the_source_names_are_there', async () => {
  const { stdout } = await runOk('git', ['grep', '-hoEI', '\\bdocs/[a-z-]+\\.md\\b'], { cwd: sourceDir });
  const named = [...new Set(stdout.trim().split('\n'))];
  assert.deepEqual(named.filter((page) => !isThere(page)), []);
});

test('every_page_of_docs_is_in_the_table_of_the_readme_and_says_first_what_it_is_for', async () => {
  assert.deepEqual(all.slice(1).sort(), tracked.filter((file) => /^docs\/.*\.md$/.test(file)).sort());
  for (const page of all) assert.match(await textOf(page), /^# .+\n\n[A-Z][^\n]+\n/, page);
});

test('what_stands_between_fences_is_typed_by_a_test_or_is_nothing_to_type', async () => {
  for (const block of (await Promise.all(all.map(fencedIn))).flat()) {
    assert.ok(KINDS.includes(block.kind), `${block.title}: no test knows what ${block.kind} is`);
    if (!block.by) continue;
    const tests = tracked.filter((file) => file.startsWith(`tests/${block.by}/`) || (block.by === 'package' && file.startsWith('packaging/debian/')));
    const texts = await Promise.all(tests.map((file) => fs.readFile(path.join(sourceDir, file), 'utf8')));
    assert.ok(texts.some((text) => text.includes(block.page)), `${block.title}: no test in tests/${block.by} reads ${block.page}`);
  }
});
