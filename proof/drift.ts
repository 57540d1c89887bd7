import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import * as model from '../src/db/schema.ts';
import { compareSides } from '../src/schema-tools/drift/compare.ts';
import { migrateAtOnce } from '../test/support/migrate-at-once.ts';
import { testServer } from '../test/support/postgres.ts';
import { withDatabase } from '../test/support/test-template.ts';
import { driftCases, missed } from '../test/support/zoo/cases.ts';
import { buildZoo, catalogAfter } from '../test/support/zoo/database.ts';
import * as zoo from '../test/support/zoo/model.ts';

/*
 * Puts every induced drift before our check, drizzle-kit's push diff and @pgkit/migra, and prints who finds how many. A rival
 * has found a drift when it answers otherwise than on the clean database, whatever it answers there; what it says beside is
 * counted as false. Then deployers migrate at once, twenty rounds of two and of ten.
 */

type Engine = { name: string; find: (sql: string) => Promise<string[]> };
type Score = { found: number; of: number; clean: number; missed: string[] };

// The rivals write much while they work, so the scores are said again in the end.
const scores: string[] = [];
const all = [...driftCases.map(([sql]) => sql), ...missed.map(({ sql }) => sql)];
const server = await testServer();
const admin = new pg.Client(server);
await admin.connect();
await admin.query('drop database if exists likeness_proof with (force)');
await admin.query('create database likeness_proof');
const { client, expected } = await buildZoo(withDatabase(server, 'likeness_proof'));

const ours: Engine = {
  name: 'likeness db check',
  find: async (sql) => {
    const live = await catalogAfter(client, sql);
    return compareSides({ live, applied: expected, all: expected, unadopted: false }).map(
      ({ code, object }) => `${code} ${object}`,
    );
  },
};

// The whole model makes it stop: it can't read a primary key of two columns. Without that table it works.
const kit: Engine = {
  name: 'drizzle-kit 0.31.11 push',
  find: async (sql) => {
    const { pushSchema } = await import('drizzle-kit/api');
    await client.query('begin');
    try {
      await client.query(sql);
      const { statementsToExecute } = await pushSchema(
        { ...model, ...zoo, idempotencyKeys: undefined },
        drizzle(client),
        ['public'],
        ['!idempotency_keys'],
      );
      return statementsToExecute;
    } finally {
      await client.query('rollback');
    }
  },
};

type Migra = { run: (from: string, to: string, options: { unsafe: boolean }) => Promise<{ sql: string }> };

async function migraEngine(): Promise<Engine | undefined> {
  const module: string = process.env['MIGRA'] ?? '@pgkit/migra';
  const migra: Migra | undefined = await import(module).catch(() => undefined);
  if (!migra) return undefined;
  return {
    name: '@pgkit/migra',
    find: async (sql) => {
      const [clean, changed] = ['likeness_proof_clean', 'likeness_proof_changed'].map((name) =>
        withDatabase(server, name),
      );
      const drifted = new pg.Client(changed);
      await drifted.connect();
      try {
        await drifted.query(sql);
      } finally {
        await drifted.end();
      }
      const { sql: script } = await migra.run(changed ?? '', clean ?? '', { unsafe: true });
      return script
        .split(/;\s*\n/)
        .map((statement) => statement.trim())
        .filter(Boolean);
    },
  };
}

async function score(engine: Engine, prepare: () => Promise<void> = async () => undefined): Promise<Score> {
  await prepare();
  const clean = await engine.find('select 1').catch((error: unknown) => [`error: ${String(error)}`]);
  const result: Score = { found: 0, of: all.length, clean: clean.length, missed: [] };
  for (const sql of all) {
    await prepare();
    // A question to the user, where nobody is, is an answer too: it has seen something.
    const answer = await within(engine.find(sql), 15_000).catch((error: unknown) => [`error: ${String(error)}`]);
    if (JSON.stringify(answer) === JSON.stringify(clean)) result.missed.push(sql.replaceAll(/\s+/g, ' ').slice(0, 100));
    else result.found += 1;
  }
  return result;
}

async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('it waits for somebody to answer')), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

// migra opens connections of its own, so it needs databases that hold the drift.
async function freshCopies(): Promise<void> {
  for (const name of ['likeness_proof_clean', 'likeness_proof_changed']) {
    await admin.query(`drop database if exists ${name} with (force)`);
    await admin.query(`create database ${name} template likeness_proof_template`);
  }
}

function print(name: string, { found, of, clean, missed: list }: Score): void {
  const share = ((100 * found) / of).toFixed(1);
  scores.push(`${name}: ${found} of ${of} (${share} %), ${clean} false on a clean database`);
  for (const sql of list) process.stdout.write(`${name} missed: ${sql}\n`);
}

try {
  print(ours.name, await score(ours));
  print(kit.name, await score(kit));
  const migra = await migraEngine();
  if (migra) {
    await admin.query('drop database if exists likeness_proof_template with (force)');
    await client.end();
    await admin.query('create database likeness_proof_template template likeness_proof');
    print(migra.name, await score(migra, freshCopies));
  } else {
    process.stdout.write('@pgkit/migra is not installed, so it was not asked\n');
    await client.end();
  }
  for (const deployers of [2, 10]) {
    let wrong = 0;
    for (let round = 0; round < 20; round += 1) wrong += (await deployAtOnce(deployers)) ? 0 : 1;
    scores.push(`${deployers} deployers at once, 20 rounds: ${20 - wrong} right, ${wrong} wrong`);
  }
  process.stdout.write(`\n${scores.join('\n')}\n`);
} finally {
  for (const name of ['', '_template', '_clean', '_changed', '_deploy']) {
    await admin.query(`drop database if exists likeness_proof${name} with (force)`);
  }
  await admin.end();
}

async function deployAtOnce(deployers: number): Promise<boolean> {
  const { mkdtemp, rm } = await import('node:fs/promises');
  await admin.query('drop database if exists likeness_proof_deploy with (force)');
  await admin.query('create database likeness_proof_deploy');
  const folder = await mkdtemp('/tmp/likeness-proof-');
  const { applied, failed, value, history } = await migrateAtOnce(
    withDatabase(server, 'likeness_proof_deploy'),
    folder,
    deployers,
  );
  await rm(folder, { recursive: true });
  return applied === 2 && failed === 0 && value === 101 && history === 2;
}
