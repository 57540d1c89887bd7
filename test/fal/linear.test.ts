import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { t } from '../support/tap.ts';
import { withoutAddresses } from '../../src/fal/addresses.ts';
import { failureFromAnswer } from '../../src/fal/failure.ts';
import { parseLossless, storableJson } from '../../src/fal/lossless-json.ts';
import { parseWebhookBody } from '../../src/fal/webhook-body.ts';
import { readProgress } from '../../src/features/trainings/progress.ts';

/** Folders whose patterns meet text of fal, or of an endpoint. */
const folders = ['fal', 'fal-jobs', 'features/trainings', 'features/inbox', 'features/webhooks'];
const literal = /(?<=[=(,:!?&|]\s{0,9})\/(?![*/])((?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\n])+)\/([dgimsuvy]*)/g;

/** What a pattern may begin to match at each place of a text, without ever coming to its end. */
const grains = [
  '1',
  ' ',
  'a',
  '.',
  ':',
  '/',
  '-',
  '%',
  '\\',
  '1/',
  '1:',
  'a.',
  'loss ',
  'loss=',
  'http',
  'status code ',
  '1 [',
];
const ends = ['', '\u0000', '!', ' ['];
const [short, long] = [4000, 32_000];

/** Milliseconds of the processor that the fastest of three runs takes, which a busy machine makes no longer. */
function time(run: () => unknown): number {
  const times = [1, 2, 3].map(() => {
    const begun = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}

/** Eight times the text may take eight times as long, and by a square it would take 64 times as long. */
function isLinear(run: (text: string) => unknown, grain: string, end: string): boolean {
  const textOf = (length: number) => grain.repeat(length / grain.length) + end;
  const [few, many] = [textOf(short), textOf(long)];
  const took = time(() => run(many));
  return took < 4 || took < 30 * time(() => run(few));
}

const patterns: [place: string, pattern: RegExp][] = [];
for (const folder of folders) {
  for (const name of await readdir(join('src', folder))) {
    const lines = (await readFile(join('src', folder, name), 'utf8')).split('\n');
    for (const line of lines.filter((one) => !/^\s*(\/\/|\*|\/\*)/.test(one))) {
      for (const [, source = '', flags = ''] of line.matchAll(literal))
        patterns.push([`${folder}/${name}`, new RegExp(source, flags.includes('g') ? flags : `${flags}g`)]);
    }
  }
}

t.test('every pattern that meets text from outside is linear', async (t) => {
  t.ok(patterns.length > 25, 'the patterns were found');
  for (const [place, pattern] of patterns) {
    const slow = grains.flatMap((grain) =>
      ends.flatMap((end) => (isLinear((text) => text.replace(pattern, 'x'), grain, end) ? [] : [`${grain}…${end}`])),
    );
    t.strictSame(slow, [], `${place}: ${pattern.source}`);
  }
});

t.test('so is what is made of them', async (t) => {
  const scans: Record<string, (text: string) => unknown> = {
    withoutAddresses,
    readProgress: (message) => readProgress([{ message }]),
    failureFromAnswer: (text) => failureFromAnswer({ kind: 'answered', status: 422, headers: {}, text }),
    parseWebhookBody: (error) => parseWebhookBody(JSON.stringify({ request_id: 'r', status: 'ERROR', error })),
    storableJson: (text) => storableJson(parseLossless(JSON.stringify([text, 1]))),
    numbers: (text) => storableJson(parseLossless(`[${'9'.repeat(text.length)}]`)),
  };
  const more = ['://', 'https://', '.zip', 'a.zipa', '%3a%2f%2f', 'https://docs.fal.ai/'];
  for (const [name, scan] of Object.entries(scans)) {
    const slow = [...grains, ...more].filter((grain) => !ends.every((end) => isLinear(scan, grain, end)));
    t.strictSame(slow, [], name);
  }
});
