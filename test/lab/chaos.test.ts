import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
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
  const child = spawn(process.execPath, [main, 'chaos', '--quick', '--seed', '7'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill());
  const [out, told, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  const result = JSON.parse(out || '{"scenarios":{}}');
  for (const name of scenarios) t.same(result.scenarios[name]?.broken, [], name);
  t.equal(code, 0, 'and the run says so');
  if (code !== 0) t.comment(told);
});

t.test('the figures of the committed runs are those in the documentation', async (t) => {
  const { actual, expected } = await chaosDocs();
  t.equal(actual, expected, 'npm run docs writes them');
});
