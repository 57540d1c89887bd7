import { askDatabase, hindrancesOf } from '@likeness/schema-tools/acts/status.ts';
import { watchSchema } from '@likeness/schema-tools/acts/readiness.ts';
import { project } from '../../../src/database.ts';
import { withClient } from '../../support/client.ts';
import { runHere } from '../../support/in-process.ts';
import { createLegacyDatabase } from '../../support/legacy.ts';
import { createEmptyDatabase, createTestDatabase, queryOnce } from '../../support/postgres.ts';
import { t, type Test } from '../../support/tap.ts';

type Asked = { start: string | null; probe: string | null; code: number; findings: { code: string }[] };

/** What a start, a probe and the command `db status` say of one database. */
async function askEach(url: string): Promise<Asked> {
  const { status, drift } = await askDatabase({ url, project });
  const fault = await withClient(url, watchSchema(project, 0));
  const { code, stdout } = await runHere(['db', 'status', '--url', url, '--format', 'json']);
  return {
    start: hindrancesOf(status, drift, { starting: true })[0]?.message ?? null,
    probe: fault?.detail ?? null,
    code: code ?? 0,
    findings: JSON.parse(stdout).findings,
  };
}

type Case = {
  title: string;
  sql: string;
  /** What a start says, and a probe; null where it is well. */
  start: RegExp | null;
  probe: RegExp | null;
  /** How `db status` ends, and the codes of what it finds. */
  code: number;
  findings: string[];
};

const newer = `insert into drizzle.__drizzle_migrations (hash, created_at)
  values ('newer', extract(epoch from now() + interval '10 years') * 1000);`;

const cases: Case[] = [
  { title: 'nothing', sql: 'select 1', start: null, probe: null, code: 0, findings: [] },
  {
    title: 'a column that is gone',
    sql: 'alter table avatars drop column preview_key',
    start: /by hand \(missing_column avatars\.preview_key\): see `likeness db check`/,
    probe: /missing_column avatars\.preview_key/,
    code: 2,
    findings: ['missing_column'],
  },
  {
    title: 'a column that must be given and that the code does not know',
    sql: 'alter table avatars add column must text not null',
    start: /extra_not_null_column avatars\.must/,
    probe: /extra_not_null_column avatars\.must/,
    code: 2,
    findings: ['extra_not_null_column'],
  },
  {
    title: 'an index that makes reads slow',
    sql: 'drop index ix_avatars_training_type',
    start: null,
    probe: null,
    code: 0,
    findings: [],
  },
  {
    title: 'a queue that is older',
    sql: 'update pgboss.version set version = version - 1',
    start: /job queue is older/,
    probe: /job queue is older/,
    code: 2,
    findings: ['queue_behind'],
  },
  {
    title: 'a queue that is newer, beside which only what runs goes on',
    sql: 'update pgboss.version set version = version + 1',
    start: /job queue is newer/,
    probe: null,
    code: 2,
    findings: ['queue_newer'],
  },
  {
    title: 'newer code, which took nothing away',
    sql: `${newer} alter table avatars add column later text`,
    start: null,
    probe: null,
    code: 2,
    findings: ['history_ahead'],
  },
  {
    title: 'newer code, which took a column away',
    sql: `${newer} alter table avatars drop column preview_key`,
    start: /^Newer code migrated.*missing_column avatars\.preview_key/,
    probe: /^Newer code migrated.*missing_column avatars\.preview_key/,
    code: 2,
    findings: ['history_ahead', 'missing_column'],
  },
  {
    title: 'a row of the history that is lost',
    sql: 'delete from drizzle.__drizzle_migrations where id = 2',
    start: /the row was lost/,
    probe: /the row was lost/,
    code: 3,
    findings: ['history_missing'],
  },
  {
    title: 'a history that is gone',
    sql: 'drop schema drizzle cascade',
    start: /history of migrations that made them is gone/,
    probe: /history of migrations that made them is gone/,
    code: 3,
    findings: ['history_missing'],
  },
];

for (const { title, sql, start, probe, code, findings } of cases) {
  t.test(`a start, a probe and db status agree on ${title}`, async (t) => {
    const { url } = await createTestDatabase(t);
    await queryOnce(url, sql);
    await agree(t, url, { start, probe, code, findings });
  });
}

t.test('a start, a probe and db status agree on a database without tables, and on the earlier system’s', async (t) => {
  const { url: empty } = await createEmptyDatabase(t);
  const first = /holds no tables of Likeness yet: run `likeness db migrate` first/;
  await agree(t, empty, { start: first, probe: first, code: 2, findings: ['queue_missing'] });
  const { url: legacy } = await createLegacyDatabase(t, 'avatars-42');
  const adopt = /belongs to another system.*likeness db adopt/;
  await agree(t, legacy, { start: adopt, probe: adopt, code: 3, findings: ['history_missing', 'queue_missing'] });
});

t.test('a report tells of the files what db status tells', async (t) => {
  const { url } = await createTestDatabase(t);
  for (const sql of ['delete from drizzle.__drizzle_migrations where id = 2', 'drop schema drizzle cascade']) {
    await queryOnce(url, sql);
    const status = await runHere(['db', 'status', '--url', url, '--format', 'md']);
    const report = await runHere(['db', 'report', '--url', url, '--format', 'md']);
    const rows = status.stdout.match(/^\| \d{4}\\?_.*$/gm) ?? [];
    t.match(rows[1], /contradicted/, sql);
    t.same(report.stdout.match(/^\| \d{4}\\?_.*$/gm), rows, sql);
  }
});

async function agree(t: Test, url: string, { start, probe, code, findings }: Omit<Case, 'title' | 'sql'>) {
  const asked = await askEach(url);
  if (start) t.match(asked.start, start);
  else t.equal(asked.start, null);
  if (probe) t.match(asked.probe, probe);
  else t.equal(asked.probe, null);
  t.equal(asked.code, code);
  t.same(
    asked.findings.map((each) => each.code),
    findings,
  );
}
