import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { jobList } from '../src/job-list.ts';
import { topics } from '../src/topics.ts';
import { architecture, architectureDocs, tables } from './support/architecture-docs.ts';
import { importGraph } from './support/import-graph.ts';

const graph = await importGraph('src');

t.test('docs/architecture.md is written from the code; npm run docs writes it', async (t) => {
  const { actual, expected } = await architectureDocs();
  t.equal(actual, expected, 'run npm run docs');
});

t.test('each way begins where the process begins, and each file of it is reached by imports', async (t) => {
  const process = reachedFrom('src/cli.ts');
  const { ways, places } = await architecture();
  for (const { title, stages } of ways) {
    for (const { start, files } of stages) {
      const [entry = ''] = files;
      t.ok(process.has(entry), `${title}: ${entry}`);
      const reached = reachedFrom(entry);
      for (const file of files) t.ok(reached.has(file), `${title}, ${start}: ${file} is reached from ${entry}`);
    }
  }
  for (const file of places.flatMap(({ files }) => files)) t.ok(process.has(file), file);
});

t.test('each job of a way is one of the list, and is woken by what comes before it', async (t) => {
  const topicNames: Record<string, string> = topics;
  const { ways } = await architecture();
  for (const stages of ways.map((way) => way.stages)) {
    for (const [index, { start }] of stages.entries()) {
      const [, name] = /^job `(.+)`$/.exec(start) ?? [];
      if (name === undefined) continue;
      const job = jobList.find((each) => each.name === name);
      const { wakes = '' } = stages[index - 1] ?? {};
      const topic = job !== undefined && 'topic' in job ? job.topic : `job:${name}`;
      t.equal(topicNames[wakes] ?? wakes, job && topic, name);
    }
  }
});

t.test('topics are woken by units of work, and directly by the receipt of webhooks alone', async (t) => {
  const direct: string[] = [];
  for (const path of graph.keys()) if (/wakeups\??\.wake\(/.test(await readFile(path, 'utf8'))) direct.push(path);
  t.strictSame(direct.sort(), ['src/features/inbox/receive.ts', 'src/platform/db/transact.ts']);
});

t.test('every table has an owner, whose files name it', async (t) => {
  t.ok(tables().length > 10);
  for (const { name, key, owner } of tables()) {
    if (!t.ok(owner !== undefined, `${name} has an owner in test/support/architecture-docs.ts`)) continue;
    const path = join('src', owner ?? '');
    const files = path.endsWith('.ts') ? [path] : (await readdir(path)).map((file) => join(path, file));
    const texts = await Promise.all(files.filter((file) => file.endsWith('.ts')).map((file) => readFile(file, 'utf8')));
    t.ok(
      texts.some((text) => new RegExp(`\\b(${key}|${name})\\b`).test(text)),
      `${path} names ${name}`,
    );
  }
});

t.test('what the glossary points at is there', async (t) => {
  const glossary = await readFile('docs/glossary.md', 'utf8');
  const terms = [...glossary.matchAll(/^\*\*([^*]+)\*\*/gm)].map(([, term = '']) => term);
  t.ok(terms.length > 20);
  t.equal(new Set(terms).size, terms.length, 'one entry a term');
  for (const [, path = ''] of glossary.matchAll(/`(src\/[^`]+|packages\/[^`]+)`/g)) t.ok(existsSync(path), path);
});

t.test('CONTRIBUTING names every folder of the house', async (t) => {
  const text = await readFile('CONTRIBUTING.md', 'utf8');
  for (const folder of ['src', 'src/features', 'src/platform', 'packages', 'lab']) {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) t.match(text, new RegExp(`\\b${entry.name}\\b`, 'i'), `${folder}/${entry.name}`);
    }
  }
});

function reachedFrom(entry: string, seen = new Set<string>()): Set<string> {
  if (seen.has(entry)) return seen;
  seen.add(entry);
  for (const target of graph.get(entry) ?? []) reachedFrom(target, seen);
  return seen;
}
