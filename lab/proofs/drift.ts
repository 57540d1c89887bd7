import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { testServer } from '../../test/support/postgres.ts';
import { withDatabase } from '../../test/support/test-template.ts';
import { driftCases, missed } from '../../test/support/zoo/cases.ts';
import { buildZoo } from '../../test/support/zoo/database.ts';
import { drizzleKitEngine, type Engine, migraEngine, ownEngine } from './engines.ts';
import type { Findings, Proof, Stage } from './proof.ts';

/** Our check, drizzle-kit's push and migra before the same induced drifts. */
export const drift: Proof = {
  name: 'drift',
  claim: 'The check finds at least 95 % of the induced drifts, each once and by its code, and more than the others do.',
  minutes: 15,
  run,
};

type Score = { found: number; of: number; share: number; false_on_clean: number; missed: string[] };

const all = [...driftCases.map(([sql]) => sql), ...missed.map(({ sql }) => sql)];
const patienceMs = 30_000;

async function run(stage: Stage): Promise<Findings> {
  const server = await testServer();
  const admin = new pg.Client(server);
  await admin.connect();
  stage.teardown(() => admin.end());
  const prefix = `likeness_test_${randomUUID().slice(0, 8)}`;
  const [whole, template, changed, clean] = ['whole', 'template', 'changed', 'clean'].map(
    (role) => `${prefix}_${role}`,
  ) as [string, string, string, string];
  stage.teardown(async () => {
    for (const name of [whole, template, changed, clean]) {
      await admin.query(`drop database if exists ${name} with (force)`);
    }
  });
  await admin.query(`create database ${whole}`);
  const { client, expected } = await buildZoo(withDatabase(server, whole));

  async function copies() {
    await admin.query(`drop database if exists ${changed} with (force)`);
    await admin.query(`create database ${changed} template ${template}`);
    return { changed: withDatabase(server, changed), clean: withDatabase(server, clean) };
  }

  try {
    const own = ownEngine(client, expected);
    const ours = await score(own, stage);
    const inexact = await inexactAnswers(own);
    const kit = await score(drizzleKitEngine(client), stage);
    await client.end();
    for (const name of [template, clean]) await admin.query(`create database ${name} template ${whole}`);
    const rival = await score(migraEngine(copies), stage);
    return {
      figures: { cases: all.length, ours, drizzle_kit: kit, migra: rival, inexact },
      claims: {
        'at least 80 drifts are induced': driftCases.length >= 80,
        'our check finds at least 95 %': ours.share >= 95,
        'our check says nothing of a clean database': ours.false_on_clean === 0,
        'each drift it finds is one finding, with its code, severity, object and cause': inexact.length === 0,
        'it finds more than either of the others': ours.found > kit.found && ours.found > rival.found,
      },
    };
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The drifts of which our check says something else than it has to. */
async function inexactAnswers({ find }: Engine): Promise<string[]> {
  const wrong: string[] = [];
  for (const [sql, code, severity, object] of driftCases) {
    const answer = await find(sql);
    if (answer.join('\n') !== `${code} ${severity} ${object} drift`)
      wrong.push(`${shortened(sql)}: ${answer.join('; ')}`);
  }
  return wrong;
}

/**
 * An engine has found a drift when it answers otherwise than on the clean database, whatever it answers; a question to a
 * user who is not there counts as well, any other error does not.
 */
async function score({ name, find }: Engine, { report }: Stage): Promise<Score> {
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
