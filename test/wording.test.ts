import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { Settings } from '../src/config.ts';

/* What is read by itself, on hover, in a list or in an error, must not lean on its neighbours. */

const verbs =
  'Accept Add Cancel Check Create Delete Download Get List Receive Redeliver Retry Revoke Rotate Send Set Start Stream Unset Update';
const leaning = /^the same\b|\b(of|for) (them|these|those|the same)[.,;:]|^(only|any of|bytes that) (these|those)\b/i;

const document = JSON.parse(await readFile('openapi/openapi.json', 'utf8'));
const sources = new Map<string, string>();
for (const name of (await readdir('src', { recursive: true })).filter((each) => each.endsWith('.ts')))
  sources.set(name, await readFile(join('src', name), 'utf8'));

t.test('a summary begins with the verb that an author of a client searches for', async (t) => {
  for (const [path, methods] of Object.entries<Record<string, { summary?: string }>>(document.paths)) {
    for (const [method, { summary = '' }] of Object.entries(methods))
      t.ok(verbs.split(' ').includes(summary.split(' ')[0] ?? ''), `${method} ${path}: ${summary}`);
  }
});

t.test('a description of the API stands alone', async (t) => {
  const texts = descriptionsIn(document);
  t.ok(texts.length > 500);
  for (const text of new Set(texts)) t.notMatch(text, leaning);
});

t.test('a description of a setting stands alone', async (t) => {
  for (const [name, property] of Object.entries(Settings.properties)) {
    const { description = '' } = property as { description?: string };
    t.ok(description, name);
    t.notMatch(description, leaning, name);
  }
});

t.test('the help of a metric stands alone', async (t) => {
  const helps = [...sources.values()].flatMap((text) =>
    [...text.matchAll(/\bhelp: '([^']+)'/g)].map(([, help = '']) => help),
  );
  t.ok(helps.length > 15);
  for (const help of helps) t.notMatch(help, leaning);
});

function descriptionsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(descriptionsIn);
  if (value === null || typeof value !== 'object') return [];
  const own = 'description' in value && typeof value.description === 'string' ? [value.description] : [];
  return [...own, ...Object.values(value).flatMap(descriptionsIn)];
}
