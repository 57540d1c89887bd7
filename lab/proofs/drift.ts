import { defineExperiment, type Findings, type Stage } from '../experiment.ts';
import { empty } from '../ground/cluster.ts';
import { driftCases, missed } from '../ground/zoo/cases.ts';
import { buildZoo } from '../ground/zoo/database.ts';
import { drizzleKitEngine, type Engine, migraEngine, ownEngine } from './engines.ts';

/** One in how many of the drifts is induced. */
type Size = { every: number };

/** Our check, drizzle-kit's push and migra on the same induced drifts. */
export const drift = defineExperiment<Size>({
  name: 'drift',
  shows: 'The check finds at least 95 % of the induced drifts, each once and by its code, and more than the others do.',
  minutes: 15,
  sizes: { quick: { every: 8 }, full: { every: 1 } },
  run,
});

type Score = { found: number; of: number; share: number; false_on_clean: number; missed: string[] };

const patienceMs = 30_000;

async function run(stage: Stage, { every }: Size): Promise<Findings> {
  const some = <T>(list: readonly T[]) => list.filter((_, index) => index % every === 0);
  const cases = some(driftCases);
  // A few that nothing finds would weigh too much among few.
  const all = [...cases.map(([sql]) => sql), ...(every === 1 ? missed : []).map(({ sql }) => sql)];
  const { cluster } = stage.house;
  const [template, changed, clean] = ['drift_template', 'drift_changed', 'drift_clean'] as const;
  const { client, expected } = await buildZoo(await cluster.makeDatabase('drift_whole', { template: empty }));
  stage.teardown(() => client.end());

  async function copies() {
    await cluster.dropDatabase(changed);
    return { changed: await cluster.makeDatabase(changed, { template }), clean: cleanUrl };
  }

  const own = ownEngine(client, expected);
  const ours = await score(own, all, stage);
  const inexact = await inexactAnswers(own, cases);
  const kit = await score(drizzleKitEngine(client), all, stage);
  // A database with connections cannot be copied.
  const whole = await buildZoo(await cluster.makeDatabase(template, { template: empty }));
  await whole.client.end();
  const cleanUrl = await cluster.makeDatabase(clean, { template });
  const rival = await score(migraEngine(copies), all, stage);
  return {
    figures: { cases: all.length, ours, drizzle_kit: kit, migra: rival, inexact },
    claims: {
      'at least 80 drifts are known': driftCases.length >= 80,
      'our check finds at least 95 %': ours.share >= 95,
      'our check says nothing of a clean database': ours.false_on_clean === 0,
      'each drift it finds is one finding, with its code, severity, object and cause': inexact.length === 0,
      'it finds more than either of the others': ours.found > kit.found && ours.found > rival.found,
    },
  };
}

/** Drifts for which our check gives another finding than expected. */
async function inexactAnswers({ find }: Engine, cases: typeof driftCases): Promise<string[]> {
  const wrong: string[] = [];
  for (const [sql, code, severity, object] of cases) {
    const answer = await find(sql);
    if (answer.join('\n') !== `${code} ${severity} ${object} drift`)
      wrong.push(`${shortened(sql)}: ${answer.join('; ')}`);
  }
  return wrong;
}

/**
 * An engine finds a drift when its answer differs from that for the clean database. A prompt for a user counts too,
 * other errors do not.
 */
async function score({ name, find }: Engine, all: readonly string[], { report }: Stage): Promise<Score> {
  const answerTo = (sql: string) => within(find(sql), patienceMs);
  const clean = await answerTo('select 1');
  const overlooked: string[] = [];
  for (const sql of all) {
    const answer = await answerTo(sql).catch((error: unknown) => error);
    const isQuestion = /interactive prompt/i.test(String(answer));
    if (isQuestion || (Array.isArray(answer) && answer.join('\n') !== clean.join('\n'))) continue;
    overlooked.push(Array.isArray(answer) ? shortened(sql) : `${shortened(sql)} (${String(answer)})`);
  }
  const found = all.length - overlooked.length;
  const share = Math.round((1000 * found) / all.length) / 10;
  report(`${name}: ${found} of ${all.length} (${share} %), ${clean.length} false on a clean database`);
  return { found, of: all.length, share, false_on_clean: clean.length, missed: overlooked };
}

function shortened(sql: string): string {
  return sql.replaceAll(/\s+/g, ' ').slice(0, 100);
}

async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('it waits for somebody to answer')), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
