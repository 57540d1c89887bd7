import { t, type Test } from '../support/tap.ts';
import { runHere } from '../support/in-process.ts';
import { withClient } from '../support/client.ts';
import { createLegacyDatabase, type LegacyDump, readRows } from '../support/legacy.ts';
import { queryOnce } from '../support/postgres.ts';

type Told = { code: string; severity: string; object: string; cause: string };
type Json = { summary: { critical: number; warning: number; info: number }; findings: Told[] };

t.test('avatars-24: 18 missing columns are critical, the rest is told and is not', async (t) => {
  const { url } = await createLegacyDatabase(t, 'avatars-24');
  const { code, stdout } = await runHere(['db', 'check', '--url', url, '--table', 'avatars', '--format', 'json']);
  t.equal(code, 2);
  const { summary, findings }: Json = JSON.parse(stdout);
  t.equal(summary.critical, 18);
  t.ok(findings.every((finding) => finding.severity !== 'critical' || finding.code === 'missing_column'));
  t.ok(findings.every(({ cause }) => cause === 'unadopted'));
  const objects = (wanted: string) =>
    findings
      .filter((finding) => finding.code === wanted)
      .map(({ object }) => object)
      .sort();
  t.same(objects('missing_enum'), ['avatartrainingtype', 'falfinetunetype', 'falpriority']);
  const indexes = objects('missing_index').filter((name) => /_(fal_request_id|training_type)$/.test(name));
  t.same(indexes, ['avatars.ix_avatars_fal_request_id', 'avatars.ix_avatars_training_type']);
  t.same(objects('column_type'), ['avatars.fal_priority']);
  t.same(objects('constraint_def'), ['avatars.avatars_user_id_fkey']);
  t.same(objects('extra_index'), ['avatars.ix_avatars_user_id']);
  t.equal(objects('column_default').length, 14);

  const report = await runHere(['db', 'report', '--url', url]);
  t.match(
    report.stdout,
    /Before: \d+ critical.*After: 2 accepted differences/,
    'a report says what adoption would leave',
  );
  t.match(report.stdout, /\| 🔴 \| avatars \| 56 \| (🔴 [^,]+, ){18}🟠/u, 'and what is worst first');
});

for (const dump of ['avatars-24', 'avatars-42'] as const) {
  t.test(`${dump} is taken over with every row and value accounted for`, async (t) => {
    const { url } = await createLegacyDatabase(t, dump);
    const before = await readAll(url);
    const adopt = (...flags: string[]) => runHere(['db', 'adopt', '--from', 'alembic', '--url', url, ...flags]);

    const refused = await runHere(['db', 'migrate', '--url', url]);
    t.match(refused, { code: 3, stderr: /db adopt --from alembic/ }, 'migrate does not touch it');
    t.match(await adopt(), { code: 5, stderr: /say --yes/ }, 'it asks, and nobody answers');
    const shown = await adopt('--dry-run');
    t.match(shown, { code: 2, stdout: /speed, quality, balanced, high_res_only become normal/ });
    t.same(await readAll(url), before, 'so far nothing was changed');

    const adopted = await adopt('--yes', '--format', 'json');
    t.equal(adopted.code, 0, adopted.stderr);
    t.match(JSON.parse(adopted.stdout), {
      adopted: true,
      state: 'current',
      summary: { critical: 0, warning: 0 },
      trainings: dump === 'avatars-24' ? { polled: 0, failed: 20 } : { polled: 20, failed: 0 },
      kept: [
        { code: 'extra_table', object: 'user_balances', reason: /earlier system/ },
        { code: 'extra_index', object: 'avatars.ix_avatars_user_id', reason: /kept/ },
      ],
    });
    await compareRows(t, url, before, dump);
    await checkAdopted(t, url, dump);

    t.match(await adopt('--yes'), { code: 0 }, 'a second time there is nothing to do');
    const check = await runHere(['db', 'check', '--url', url, '--format', 'json']);
    t.equal(check.code, 0);
    t.match(JSON.parse(check.stdout), {
      summary: { critical: 0, warning: 0, info: 2 },
      findings: [{ cause: 'accepted' }, { cause: 'accepted' }],
    });
    const report = await runHere(['db', 'report', '--url', url]);
    t.match(
      report.stdout,
      /Before: \d+ critical.*After: 1 warning, 1 for information/,
      'a report tells how it was before',
    );
    t.match(report.stdout, `| avatars | 200 | 200 | ${dump === 'avatars-24' ? 24 : 42} | 42 |`);
  });
}

t.test('an acceptance holds for the state that was accepted', async (t) => {
  const { url } = await createLegacyDatabase(t, 'avatars-24');
  t.match(await runHere(['db', 'adopt', '--from', 'alembic', '--url', url, '--yes']), { code: 0 });
  await queryOnce(url, 'drop index ix_avatars_user_id');
  await queryOnce(url, 'create unique index ix_avatars_user_id on avatars (user_id, id)');
  const check = await runHere(['db', 'check', '--url', url, '--format', 'json']);
  t.equal(check.code, 2);
  t.match(JSON.parse(check.stdout), {
    findings: [{ cause: 'accepted' }, { code: 'extra_index', cause: 'drift', severity: 'warning' }],
  });
});

t.test('what is no database of the earlier system is refused', async (t) => {
  const { url } = await createLegacyDatabase(t, 'avatars-24');
  await queryOnce(url, 'drop table avatar_photos');
  const answer = await runHere(['db', 'adopt', '--from', 'alembic', '--url', url, '--yes', '--format', 'json']);
  t.equal(answer.code, 5);
  t.match(JSON.parse(answer.stdout), {
    adopted: false,
    refusals: [{ code: 'adopt_no_tables', object: 'avatar_photos' }],
  });
});

const tables = ['users', 'avatars', 'avatar_photos', 'user_balances'];
type Rows = Record<string, Awaited<ReturnType<typeof readRows>>>;

async function readAll(url: string): Promise<Rows> {
  const all = await Promise.all(tables.map(async (table) => [table, await readRows(url, table)] as const));
  return Object.fromEntries(all);
}

type Original = { table_name: string; row_key: string; column_name: string; original: string | null };

// Row by row and value by value, by the test's own reading: what changed is in the ledger as it was.
async function compareRows(t: Test, url: string, before: Rows, dump: LegacyDump): Promise<void> {
  const originals = await queryOnce<Original>(url, 'select * from drizzle.likeness_originals');
  const kept = new Map(originals.map((row) => [`${row.table_name} ${row.row_key} ${row.column_name}`, row.original]));
  const after = await readAll(url);
  for (const table of tables) {
    t.same(Object.keys(after[table] ?? {}).sort(), Object.keys(before[table] ?? {}).sort(), `${table}: the same rows`);
    const lost = Object.entries(before[table] ?? {}).flatMap(([id, row]) =>
      Object.entries(row).flatMap(([column, value]) => {
        const key = `${table} ${id} ${column}`;
        const original = kept.has(key) ? kept.get(key) : after[table]?.[id]?.[column];
        return (original ?? null) === value ? [] : [key];
      }),
    );
    t.same(lost, [], `${table}: every value is there, or in the ledger`);
  }
  const changed = new Set(originals.map(({ table_name: table, column_name: column }) => `${table}.${column}`));
  const failed = ['avatars.status', 'avatars.training_error'];
  t.same([...changed].sort(), [
    'avatars.fal_priority',
    'avatars.photos_count',
    ...(dump === 'avatars-24' ? failed : []),
  ]);
}

async function checkAdopted(t: Test, url: string, dump: LegacyDump): Promise<void> {
  await withClient(url, async (client) => {
    const count = async (where: string) => {
      const { rows } = await client.query<{ n: string | number }>(`select count(*) as n from ${where}`);
      return Number(rows[0]?.n);
    };
    t.equal(await count(`avatars where fal_priority <> 'normal'`), 0);
    t.equal(
      await count(
        'avatars where photos_count <> (select count(*) from avatar_photos p where p.avatar_id = avatars.id)',
      ),
      0,
    );
    t.equal(await count('trainings where adopted_at is null'), 0);
    const { rows } = await client.query(
      `select t.status, t.charged, t.attempt, t.sandbox, a.status as avatar, a.training_error, t.endpoint,
         t.fal_request_id is not distinct from a.fal_request_id as same_request, t.next_check_at is not null as polled,
         json_array_length(t.photo_manifest) as photos
       from trainings t join avatars a on a.id = t.avatar_id`,
    );
    const common = { attempt: 1, sandbox: false, same_request: true, photos: 4, endpoint: /portrait-trainer$/ };
    const unsubmitted = /^submit-unresolved: .* without a request id/;
    const expected =
      dump === 'avatars-24'
        ? {
            ...common,
            status: 'failed',
            charged: 'unknown',
            avatar: 'error',
            polled: false,
            training_error: unsubmitted,
          }
        : { ...common, status: 'in_progress', charged: null, avatar: 'training', polled: true, training_error: null };
    t.equal(rows.length, 20);
    for (const row of rows) t.match(row, expected);
    if (dump === 'avatars-42') {
      const { rows: versions } = await client.query('select version_num from alembic_version');
      t.same(versions, [{ version_num: '5088361401fe' }], 'alembic’s table stays');
    }
  });
}
