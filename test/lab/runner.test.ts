import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { defineExperiment, type Findings, type Stage } from '../../lab/experiment.ts';
import { readFlags, UsageError, type Laboratory } from '../../lab/flags.ts';
import type { House } from '../../lab/ground/house.ts';
import { play } from '../../lab/run.ts';
import { t } from '../support/tap.ts';

// Each process that it starts takes seconds on a busy machine.
t.setTimeout(120_000);

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

const nothing = () => undefined;

function playing(run: (stage: Stage, size: { many: boolean }) => Promise<Findings>, minutes = 1) {
  const sizes = { quick: { many: false }, full: { many: true } };
  const experiment = defineExperiment({ name: 'one', shows: 'It holds.', minutes, sizes, run });
  const house: House = {
    guard: { watch: nothing, gone: nothing, keep: nothing, clear: async () => undefined },
    folder: '',
    environment: {},
    get cluster(): never {
      throw new Error('it needs no PostgreSQL');
    },
    close: async () => undefined,
  };
  return (scale: 'quick' | 'plain' | 'full') => play(experiment, { house, scale, seed: '7', isSplit: false });
}

t.test('an experiment is reported with its figures, and with the claims that do not hold', async (t) => {
  const found = playing(async ({ random }, { many }) => ({
    figures: { many, drawn: random.below(1000) },
    claims: { 'a claim that holds': true, 'a claim that does not': false },
  }));
  const [quick, plain] = [await found('quick'), await found('plain')];
  t.match(quick, { ok: false, broken: ['a claim that does not'], many: false });
  t.match(plain, { many: true }, 'the plain scale is the full one where it has no size of its own');
  t.equal(quick['drawn'], plain['drawn'], 'a seed repeats the choices');
});

t.test('what fails, takes too long or ends badly has shown nothing, and all is ended, the last first', async (t) => {
  const ended: string[] = [];
  const fails = playing(async (stage) => {
    for (const name of ['first', 'second']) stage.teardown(() => ended.push(name));
    throw new Error('no server');
  });
  t.match(await fails('quick'), { ok: false, broken: ['no server'] });
  t.same(ended, ['second', 'first']);
  const hangs = playing(() => new Promise(() => undefined), 0);
  t.match(await hangs('quick'), { ok: false, broken: ['it was not done in 0 minutes'] });
  const endsBadly = playing(async (stage) => {
    stage.teardown(() => Promise.reject(new Error('an answer was not as described')));
    return { figures: {}, claims: { 'it holds': true } };
  });
  t.match(await endsBadly('quick'), { ok: false, broken: ['an answer was not as described'] });
});
