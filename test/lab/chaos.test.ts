import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { t } from '../support/tap.ts';
import { chaosDocs } from '../../lab/chaos/summary.ts';

const main = resolve(import.meta.dirname, '../../lab/main.ts');
const scenarios = [
  'flood',
  'forged',
  'inbox',
  'late',
  'locked',
  'no-webhooks',
  'signals',
  'silence',
  'starts',
  'stops',
  'upgrade',
];

// A minute on a quiet machine, and the other tests run beside it.
t.setTimeout(420_000);

t.test('a few of each fault break no promise', async (t) => {
  const out = join(t.testdir(), 'result.json');
  const child = spawn(process.execPath, [main, 'chaos', '--quick', '--seed', '7', '--json', '--out', out], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill());
  const [said, told, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  const result = JSON.parse(said || '{"scenarios":{}}');
  for (const name of scenarios) t.same(result.scenarios[name]?.broken, [], name);
  t.equal(code, 0, 'and the run says so');
  if (code !== 0) t.comment(told);
  t.equal(said.trimEnd().split('\n').length, 1, 'in one line of JSON');
  t.same(JSON.parse(await readFile(out, 'utf8')), result, 'which --out keeps');
  t.same(Object.keys(result).sort(), ['commit', 'machine', 'ok', 'scale', 'scenarios', 'seconds', 'seed']);
});

t.test('the figures of the committed runs are those in the documentation', async (t) => {
  const { actual, expected } = await chaosDocs();
  t.equal(actual, expected, 'npm run docs writes them');
});
