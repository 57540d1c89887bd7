import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { existsSync } from 'node:fs';
import t from 'tap';
import { rejectionCodes } from '../src/features/photos/rules.ts';

const decisions = (await readdir('docs/decisions')).toSorted();
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'packages/fal-sandbox/README.md',
  'packages/client/README.md',
  'packages/embedded-postgres/README.md',
  ...(await readdir('docs')).filter((name) => name.endsWith('.md')).map((name) => join('docs', name)),
  ...decisions.map((name) => join('docs/decisions', name)),
];

t.test('links lead somewhere', async (t) => {
  for (const page of pages) {
    const text = await readFile(page, 'utf8');
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      t.ok(existsSync(join(dirname(page), target)), `${page} → ${target}`);
    }
  }
});

t.test('what the code cites of fal’s contract is summed up', async (t) => {
  const contract = await readFile('docs/fal-contract.md', 'utf8');
  const sections = new Set([...contract.matchAll(/^(?:#+ |- )(\d+(?:\.\d+)?) /gm)].map(([, number]) => number));
  const cited = new Map<string, string>();
  for (const folder of ['src', 'packages', 'test']) {
    for (const name of await readdir(folder, { recursive: true })) {
      if (!/\.(ts|md)$/.test(name)) continue;
      const text = await readFile(join(folder, name), 'utf8');
      for (const [, number = ''] of text.matchAll(/fal contract §(\d+(?:\.\d+)?)/g))
        cited.set(number, join(folder, name));
    }
  }
  t.ok(cited.size > 10);
  for (const [number, file] of cited) t.ok(sections.has(number), `§${number}, cited in ${file}`);
});

t.test('decisions are numbered without a gap, dated, and of one form', async (t) => {
  for (const [index, name] of decisions.entries()) {
    t.match(name, new RegExp(`^${String(index + 1).padStart(4, '0')}-[a-z0-9-]+\\.md$`));
    const text = await readFile(join('docs/decisions', name), 'utf8');
    t.match(text, /^# .+\n\n\d{4}-\d\d-\d\d\n\n## Context and problem statement\n/, name);
    for (const part of ['## Considered options', '## Decision outcome', '### Consequences']) t.match(text, part, name);
  }
});

t.test('the changelog has room for what is next', async (t) => {
  t.match(await readFile('CHANGELOG.md', 'utf8'), /^# Changelog\n[^]*?\n## Unreleased\n/);
});

t.test('every code of a rejected photo stands in the table, and no other', async (t) => {
  const [, rest = ''] = (await readFile('docs/api.md', 'utf8')).split('| photo code |');
  const [table = ''] = rest.split('\n\n');
  t.same(
    [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, code]) => code),
    rejectionCodes,
  );
});
