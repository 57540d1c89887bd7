import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Figure } from '../experiment.ts';

/* Writes the figures of the committed runs (docs/chaos-SCALE.json) into docs/operations.md. */

const root = resolve(import.meta.dirname, '../..');
const begin = '<!-- chaos: written by npm run docs -->';
const end = '<!-- end of chaos -->';

/** A row of the summary: words, and the path of its figure in a result. */
const rows: readonly (readonly [string, string])[] = [
  ['trainings started under faults and kills', 'starts.starts'],
  ['workers killed, by the step they were at', 'starts.kills'],
  ['archives sent twice', 'starts.archives_sent_twice'],
  ['trainings with two jobs', 'starts.trainings_with_two_jobs'],
  ['jobs unknown to us at the end', 'starts.jobs_unknown_to_us'],
  ['trainings that needed a person', 'starts.needed_attention'],
  ['of these, settleable by webhook or search', 'starts.needed_attention_though_settleable'],
  ['generations started beside them', 'starts.generations.starts'],
  ['submissions of these sent twice', 'starts.generations.submissions_sent_twice'],
  ['generations with two jobs', 'starts.generations.generations_with_two_jobs'],
  ['images that they made', 'starts.generations.images'],
  ['of these, unlike their row in the store', 'starts.generations.images_unlike_their_row'],
  ['trainings without any webhook', 'no-webhooks.dropped.trainings'],
  ['sandbox seconds from fal’s end to ours', 'no-webhooks.dropped.seconds_after_fal'],
  ['trainings while the service was down for 55 minutes', 'no-webhooks.outage.trainings'],
  ['of these, recovered', 'no-webhooks.outage.recovered'],
  ['trainings without webhooks and search', 'no-webhooks.search_off.trainings'],
  ['of these, ended', 'no-webhooks.search_off.ended'],
  ['webhooks delivered under kills', 'inbox.deliveries'],
  ['kill -9', 'inbox.kills'],
  ['acknowledged webhooks that were lost', 'inbox.acknowledged_and_lost'],
  ['forged or altered webhooks', 'forged.forgeries'],
  ['of these, accepted', 'forged.accepted'],
  ['tables changed by them', 'forged.tables_changed'],
  ['orders of signals', 'signals.orders'],
  ['of these, through PostgreSQL', 'signals.orders_in_postgres'],
  ['rules broken', 'signals.broken_rules'],
  ['trainings while fal was locked', 'locked.trainings'],
  ['of these, failed', 'locked.failed'],
  ['jobs made of them', 'locked.jobs'],
  ['milliseconds until all were told', 'locked.all_told_after_ms'],
  ['milliseconds until the last work of a killed worker was resumed', 'stops.kill.slowest_resumed_after_ms'],
  ['requests while processes were stopped', 'stops.stop.requests'],
  ['of these, failed', 'stops.stop.failed_requests'],
  ['silences of PostgreSQL, object store and fal', 'silence.silences'],
  ['milliseconds from the end of a silence to that of its training, at most', 'silence.slowest_end_after_ms'],
  ['archives sent twice for it', 'silence.archives_sent_twice'],
  ['late successes after a cancellation', 'late.cancelled'],
  ['after a deadline, told by webhook', 'late.deadline'],
  ['after a deadline, found by polling', 'late.deadline_unheard'],
  ['after a failure', 'late.failed'],
  ['median milliseconds of an upload, an event, a training', 'flood.quiet_ms'],
  ['the same while others do their worst', 'flood.flooded_ms'],
];

type Run = { seed: string; commit: string; seconds: number; ok: boolean; scenarios: { [name: string]: Figure } };

export async function chaosDocs(): Promise<{ path: string; actual: string; expected: string }> {
  const path = resolve(root, 'docs/operations.md');
  const actual = await readFile(path, 'utf8');
  const [before = '', rest = ''] = actual.split(begin);
  const [, after = ''] = rest.split(end);
  const runs = await committedRuns();
  return { path, actual, expected: `${before}${begin}\n\n${table(runs)}\n\n${end}${after}` };
}

async function committedRuns(): Promise<Map<string, Run>> {
  const runs = new Map<string, Run>();
  for (const scale of ['plain', 'full']) {
    const text = await readFile(resolve(root, `docs/chaos-${scale}.json`), 'utf8').catch(() => null);
    if (text !== null) runs.set(scale, JSON.parse(text) as Run);
  }
  return runs;
}

function table(runs: Map<string, Run>): string {
  if (runs.size === 0) return 'None is committed yet.';
  const all = [...runs.values()];
  const line = (name: string, cells: readonly string[]) => `| ${[name, ...cells].join(' | ')} |`;
  return [
    line('run', [...runs.keys()]),
    line(
      '---',
      all.map(() => '---'),
    ),
    line(
      'commit, seed',
      all.map((run) => [origin(run), ...alone(run)].join('; ')),
    ),
    line(
      'minutes',
      all.map(({ seconds }) => String(Math.round(seconds / 6) / 10)),
    ),
    line(
      'every promise kept',
      all.map(({ ok }) => (ok ? 'yes' : 'no')),
    ),
    ...rows.map(([name, place]) =>
      line(
        name,
        all.map(({ scenarios }) => told(figureAt(scenarios, place.split('.')))),
      ),
    ),
  ].join('\n');
}

function origin({ commit, seed }: Pick<Run, 'commit' | 'seed'>): string {
  return `${commit}, ${seed}`;
}

/** Scenarios that were run again alone. */
function alone({ scenarios }: Run): string[] {
  return Object.entries(scenarios).flatMap(([name, figures]) => {
    const { commit, seed } = figures as { commit?: string; seed?: string };
    return commit !== undefined && seed !== undefined ? [`${name}: ${origin({ commit, seed })}`] : [];
  });
}

function figureAt(figure: Figure | undefined, [name, ...rest]: readonly string[]): Figure | undefined {
  if (name === undefined) return figure;
  if (figure === null || typeof figure !== 'object' || Array.isArray(figure)) return undefined;
  return figureAt(figure[name], rest);
}

function told(figure: Figure | undefined): string {
  if (figure === undefined || figure === null) return '–';
  if (typeof figure === 'number') return figure.toLocaleString('en');
  if (Array.isArray(figure)) return figure.length === 0 ? 'none' : figure.map(told).join(', ');
  if (typeof figure !== 'object') return String(figure);
  const entries = Object.entries(figure);
  return entries.length === 0 ? 'none' : entries.map(([name, value]) => `${name} ${told(value)}`).join(', ');
}

if (import.meta.main) {
  const { path, expected } = await chaosDocs();
  await writeFile(path, expected);
}
