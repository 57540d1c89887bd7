import { globSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { Settings } from '../src/config.ts';
import { problems } from '../src/errors.ts';

/* What is read by itself, on hover, in a list or in an error, must not lean on its neighbours. */

const verbs =
  'Accept Add Cancel Check Create Delete Download Get List Receive Redeliver Repeat Retry Revoke Rotate Send Set Start Stream Unset Update';
const leaning = /^the same\b|\b(of|for) (them|these|those|the same)[.,;:]|^(only|any of|bytes that) (these|those)\b/i;

const document = JSON.parse(await readFile('openapi/openapi.json', 'utf8'));
const sources = new Map<string, string>();
for (const name of (await readdir('src', { recursive: true })).filter((each) => each.endsWith('.ts')))
  sources.set(name, await readFile(join('src', name), 'utf8'));

/** Begins of comments that lean on another one. */
const echo = /^(the same\b|as (above|before|below|everywhere|in the|with the)\b)/i;
/** Words that have a term in the field: caller, user, request, again, retries, manually, holds, deletes … */
const household =
  /\b(whoever|somebody|anybody|anew|at hand|by hand|bears?|lies?|go(es)? away|went away|the rest|things?|for ever|all the same|unless told)\b/i;

t.test('a comment stands alone, in the terms of the field', async (t) => {
  const paths = [
    'src/{adoption,commands,fal,fal-jobs,plugins}',
    'src/features/{avatars,erasure,inbox,keys,photos,trainers,trainings,users,webhooks}',
    'packages',
    'test/support',
  ].flatMap((folder) =>
    globSync(`${folder}/**/*.ts`, { exclude: ['**/node_modules/**', '**/dist/**', '**/client/src/api.ts'] }),
  );
  t.ok(paths.length > 40);
  for (const path of paths) {
    for (const comment of commentsIn(await readFile(path, 'utf8'))) {
      if (echo.test(comment) || household.test(comment)) t.fail(`${path}: ${comment}`);
    }
  }
});

t.test('a text for clients and operators is in the terms of the field', async (t) => {
  const texts = [...descriptionsIn(document), ...Object.values(problems).map(({ title }) => title)];
  for (const { description = '' } of Object.values(Settings.properties) as { description?: string }[])
    texts.push(description);
  for (const text of new Set(texts)) t.notMatch(text, household);
});

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

/** @returns the texts of comments that have lines of their own */
function commentsIn(text: string): string[] {
  const blocks = text.matchAll(/^[ \t]*\/\*[^]*?\*\/|(?:^[ \t]*\/\/.*\n)+/gm);
  return [...blocks].map(([block]) =>
    block
      .replace(/^[ \t]*(\/\*+|\*\/|\*|\/\/)[ \t]?|\s*\*\/\s*$/gm, '')
      .replace(/\s+/g, ' ')
      .trim(),
  );
}

function descriptionsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(descriptionsIn);
  if (value === null || typeof value !== 'object') return [];
  const own = 'description' in value && typeof value.description === 'string' ? [value.description] : [];
  return [...own, ...Object.values(value).flatMap(descriptionsIn)];
}
