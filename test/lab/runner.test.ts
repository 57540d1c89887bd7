import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { readFlags, UsageError, type Laboratory } from '../../lab/flags.ts';
import { t } from '../support/tap.ts';

const main = resolve(import.meta.dirname, '../../lab/main.ts');
const laboratory: Laboratory = {
  help: '',
  options: { quick: { type: 'boolean' }, full: { type: 'boolean' }, seed: { type: 'string' } },
  parts: ['one', 'two', 'three'],
  run: async () => 0,
};

t.test('parts are named one by one or with commas, and run in their own order', async (t) => {
  t.strictSame(readFlags([], laboratory)?.parts, ['one', 'two', 'three']);
  t.equal(readFlags([], laboratory)?.isPart, false);
  const named = readFlags(['--only', 'three', '--only=two,one', '--quick', '--seed', '7'], laboratory);
  t.strictSame(named?.parts, ['one', 'two', 'three']);
  t.strictSame([named?.isPart, named?.has('quick'), named?.has('full'), named?.text('seed')], [true, true, false, '7']);
  t.equal(readFlags(['--help'], laboratory), null);
});

t.test('arguments that mean nothing are answered with those that do', async (t) => {
  const refused: Record<string, RegExp> = {
    '--nope': /'--nope'; it takes --quick, --full, --seed, --only, --help\./,
    '--only four': /There is no four; --only takes one, two, three\./,
    '--quick --full': /exclude each other/,
    '--seed': /'--seed <value>' argument missing; it takes/,
    stray: /'stray'; it takes/,
  };
  for (const [args, message] of Object.entries(refused)) {
    t.throws(() => readFlags(args.split(' '), laboratory), { constructor: UsageError, message }, args);
  }
});

t.test('the runner says a sentence and ends with 64, without a stack', async (t) => {
  for (const args of ['proofs --split', 'bench --seed 1', 'nowhere', '']) {
    const given = [main, ...args.split(' ').filter(Boolean)];
    const { status, stderr, stdout } = spawnSync(process.execPath, given, { encoding: 'utf8' });
    t.equal(status, 64, args);
    t.not(stderr, '', args);
    t.notMatch(stderr, /\n {4}at /, args);
    t.equal(stdout, '', args);
  }
});
