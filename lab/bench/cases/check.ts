import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { makeCatalogFile, writeCatalogFile } from '@likeness/schema-tools/catalog/file.ts';
import { checkDatabase } from '@likeness/schema-tools/acts/check.ts';
import { withConnection } from '../../../src/platform/db/connect.ts';
import { migrate } from '@likeness/schema-tools/acts/migrate.ts';
import { readMigrations } from '@likeness/schema-tools/history/folder.ts';
import type { Ground } from '../ground.ts';
import type { Bench, Section, Target } from '../section.ts';
import { quantile, spreadOf } from '../../ground/quantile.ts';
import { project, projectAt } from '../../../src/database.ts';

const command = resolve(import.meta.dirname, '../../../bin/likeness.js');
/** The duration of `likeness db check`: on our schema without Node's start, and on 300 tables. */
export async function measureCheck({ ground, quick }: Bench): Promise<Section[]> {
  const [runs, tables] = quick ? [1, 30] : [15, 300];
  const url = await ground.database('check_own');
  const own: number[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const node = timeOf(['-e', '0']);
    const check = timeOf([command, 'db', 'check', '--url', url]);
    // The first run reads the files from disk.
    if (run > 0) own.push(check - node);
  }
  const large = await timesOfLarge(ground, runs, tables);
  const target = (what: string, times: number[], limit: number): Target => ({
    what,
    measured: Math.round(quantile(times, 0.5)),
    limit,
    is: 'most',
    unit: 'ms',
    spread: spreadOf(times.map(Math.round)),
  });
  return [
    {
      title: 'Check of the schema',
      targets: [
        target('`likeness db check` beyond the start of Node', own, 300),
        target(`A check of ${tables} tables`, large.times, 2000),
      ],
      text: [
        `Medians of ${runs} runs. The first is the time of the whole command less that of \`node -e 0\` just before it; the ` +
          `second is the work of the command on a generated schema of ${large.objects} objects, without the start.`,
      ],
    },
  ];
}

function timeOf(args: string[]): number {
  const begun = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, {
    env: { PATH: process.env['PATH'] },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`node ${args[0]} ended with ${status}: ${stderr}`);
  return performance.now() - begun;
}

/**
 * A database and a migrations folder of many tables with columns, checks, indexes and foreign keys, without
 * differences.
 */
async function timesOfLarge(
  ground: Ground,
  runs: number,
  tables: number,
): Promise<{ times: number[]; objects: number }> {
  const first = await ground.database('check_first');
  await ground.query(first, 'create database check_large template template0');
  const url = first.replace(/[^/]*$/, 'check_large');
  const folder = join(ground.folder, 'check-large');
  await mkdir(join(folder, 'meta'), { recursive: true });
  const entries = [{ idx: 0, version: '7', when: Date.UTC(2026, 0, 1), tag: '0000_large', breakpoints: true }];
  await writeFile(join(folder, 'meta/_journal.json'), JSON.stringify({ version: '7', dialect: 'postgresql', entries }));
  await writeFile(
    join(folder, '0000_large.sql'),
    Array.from({ length: tables }, (_, index) => tableSql(index)).join('\n'),
  );
  await migrate({ url, project: projectAt(folder) });
  const migrations = await readMigrations(projectAt(folder));
  await withConnection(url, 'bench', async (client) =>
    writeCatalogFile(folder, await makeCatalogFile(client, project, migrations)),
  );
  const times: number[] = [];
  let objects = 0;
  for (let run = 0; run <= runs; run += 1) {
    const begun = performance.now();
    const { drift, live } = await withConnection(url, 'bench', (client) =>
      checkDatabase(client, { project: projectAt(folder) }),
    );
    if (drift.length > 0) throw new Error(`${drift.length} differences were found where there are none`);
    objects = live.length;
    if (run > 0) times.push(performance.now() - begun);
  }
  return { times, objects };
}

function tableSql(index: number): string {
  const name = `large_${index}`;
  const columns = Array.from({ length: 12 }, (_, column) => `c${column} ${types[column % types.length]}`);
  const parent =
    index === 0 ? [] : [`constraint ${name}_parent_fkey foreign key (parent) references large_${index - 1} (id)`];
  const parts = [
    'id uuid primary key',
    'parent uuid',
    ...columns,
    `constraint ${name}_check check (c0 >= 0)`,
    ...parent,
  ];
  return [
    `create table ${name} (${parts.join(', ')});`,
    `create index ix_${name}_a on ${name} (c1, c2 desc);`,
    `create unique index ix_${name}_b on ${name} (lower(c1)) where c0 > 1;`,
  ].join('\n');
}

const types = [
  'integer default 7',
  'text',
  'timestamptz not null default now()',
  "jsonb not null default '{}'",
  'varchar(100)',
  'boolean',
];
