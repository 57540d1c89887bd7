import { t } from '../support/tap.ts';
import { project } from '../../src/database.ts';
import { readMigrations } from '@likeness/schema-tools/history/folder.ts';
import { kitMigrate } from '../support/drizzle-kit.ts';
import { runHere } from '../support/in-process.ts';
import { createLegacyDatabase, type LegacyDump } from '../support/legacy.ts';
import { queryOnce } from '../support/postgres.ts';
import { undoMigrations } from '../support/undo-migrations.ts';

/* Databases that can't be taken over as they are: what is refused, which rows are named, and what the choice does. */

type Refusal = { code: string; object: string; rows: string[]; count: number; mayBeAllowed: boolean };
type Case = {
  name: string;
  dump: LegacyDump;
  /** What is wrong with the database. */
  spoil: string;
  refusal: Partial<Refusal>;
  /** Whether the named rows are all there are. */
  rows: string;
  /** Looks at the result of having allowed it; left out where there is no choice. */
  allowed?: [sql: string, rows: unknown[]];
};

const firstId = (table: string, where = 'true', limit = 1) =>
  `select id::text from ${table} where ${where} order by id limit ${limit}`;

const cases: Case[] = [
  {
    name: 'a priority that nobody knows',
    dump: 'avatars-24',
    spoil: `update avatars set fal_priority = 'turbo' where id in (${firstId('avatars').replace('::text', '')})`,
    refusal: { code: 'adopt_unknown_enum_value', object: 'avatars.fal_priority', count: 1, mayBeAllowed: true },
    rows: firstId('avatars'),
    allowed: [
      `select a.fal_priority::text, o.original #>> '{}' as original from drizzle.likeness_originals o join avatars a on a.id::text = o.row_key where o.original = '"turbo"'`,
      [{ fal_priority: 'normal', original: 'turbo' }],
    ],
  },
  {
    name: 'an address longer than the column, which no table of its own takes',
    dump: 'avatars-42',
    spoil: `alter table avatars alter webhook_url type varchar(500);
      update avatars set webhook_url = repeat('x', 300) where id in (select id from avatars order by id limit 2)`,
    refusal: { code: 'adopt_too_long', object: 'avatars.webhook_url', count: 2, mayBeAllowed: true },
    rows: firstId('avatars', 'true', 2),
    allowed: [
      `select a.webhook_url, length(o.original #>> '{}') as length from drizzle.likeness_originals o join avatars a on a.id::text = o.row_key where o.column_name = 'webhook_url'`,
      [
        { webhook_url: null, length: 300 },
        { webhook_url: null, length: 300 },
      ],
    ],
  },
  {
    name: 'a name longer than the column, which may not be emptied',
    dump: 'avatars-24',
    spoil: `alter table avatars alter name type text; update avatars set name = repeat('n', 101) where id in (select id from avatars order by id limit 1)`,
    refusal: { code: 'adopt_too_long', object: 'avatars.name', count: 1, mayBeAllowed: false },
    rows: firstId('avatars'),
  },
  {
    name: 'two avatars in training with one request id',
    dump: 'avatars-42',
    spoil: `update avatars set fal_request_id = 'same' where id in (select id from avatars where status = 'training' order by id limit 2)`,
    refusal: { code: 'adopt_duplicate_request_ids', object: 'avatars.fal_request_id', count: 2, mayBeAllowed: true },
    rows: firstId('avatars', `fal_request_id = 'same'`, 2),
    allowed: [
      `select t.status::text, t.fal_request_id, a.fal_request_id as avatar from trainings t join avatars a on a.id = t.avatar_id where a.fal_request_id = 'same' order by 1`,
      [
        { status: 'failed', fal_request_id: null, avatar: 'same' },
        { status: 'in_progress', fal_request_id: 'same', avatar: 'same' },
      ],
    ],
  },
  {
    name: 'the same photo twice in an avatar',
    dump: 'avatars-24',
    spoil: `update avatar_photos set file_hash = 'twice' where avatar_id in (select avatar_id from avatar_photos order by avatar_id limit 1)`,
    refusal: {
      code: 'adopt_duplicate_photos',
      object: 'avatar_photos.ix_avatar_photos_avatar_id_file_hash',
      count: 4,
      mayBeAllowed: true,
    },
    rows: firstId('avatar_photos', `file_hash = 'twice'`, 4),
    allowed: [
      `select count(*)::int as photos, (select count(*)::int from drizzle.likeness_originals where column_name = 'file_hash') as replaced
       from avatar_photos where avatar_id in (select avatar_id from avatar_photos where file_hash = 'twice')`,
      [{ photos: 4, replaced: 3 }],
    ],
  },
  {
    name: 'a progress beyond 100 and a negative counter',
    dump: 'avatars-24',
    spoil: `update avatars set training_progress = 250 where id in (select id from avatars order by id limit 1);
      update avatars set generations_count = -1 where id in (select id from avatars order by id offset 1 limit 1)`,
    refusal: { code: 'adopt_out_of_range', count: 1, mayBeAllowed: true },
    rows: `select id::text from (select id from avatars order by id limit 2) as two`,
    allowed: [
      `select row_key = (select min(id::text) from avatars) as first, column_name, original #>> '{}' as original,
         (select training_progress from avatars order by id limit 1) as progress from drizzle.likeness_originals
       where column_name in ('training_progress', 'generations_count') order by 2`,
      [
        { first: false, column_name: 'generations_count', original: '-1', progress: 100 },
        { first: true, column_name: 'training_progress', original: '250', progress: 100 },
      ],
    ],
  },
  {
    name: 'photos whose avatar is gone',
    dump: 'avatars-24',
    spoil: `alter table avatar_photos drop constraint avatar_photos_avatar_id_fkey;
      update avatar_photos set avatar_id = gen_random_uuid() where id in (select id from avatar_photos order by id limit 1)`,
    refusal: {
      code: 'adopt_orphans',
      object: 'avatar_photos.avatar_photos_avatar_id_fkey',
      count: 1,
      mayBeAllowed: true,
    },
    rows: firstId('avatar_photos'),
    allowed: [
      `select code, reason like '%point nowhere%' as told from drizzle.likeness_accepted where code = 'constraint_not_valid'`,
      [{ code: 'constraint_not_valid', told: true }],
    ],
  },
  {
    name: 'a user twice',
    dump: 'avatars-24',
    spoil: `drop index ix_users_telegram_id; update users set telegram_id = '1' where id in (select id from users order by id limit 2)`,
    refusal: { code: 'adopt_duplicate', object: 'users.ix_users_telegram_id', count: 2, mayBeAllowed: false },
    rows: firstId('users', `telegram_id = '1'`, 2),
  },
  {
    name: 'rows without a value that the model demands',
    dump: 'avatars-24',
    spoil: `alter table avatars alter trigger_word drop not null; update avatars set trigger_word = null where id in (select id from avatars order by id limit 1)`,
    refusal: { code: 'adopt_null', object: 'avatars.trigger_word', count: 1, mayBeAllowed: true },
    rows: firstId('avatars'),
    allowed: [
      `select trigger_word, o.original from avatars join drizzle.likeness_originals o on o.row_key = avatars.id::text and o.column_name = 'trigger_word'`,
      [{ trigger_word: 'TOK', original: null }],
    ],
  },
  {
    name: 'ids of another type',
    dump: 'avatars-24',
    spoil: `alter table avatar_photos drop column has_face, add column has_face integer`,
    refusal: { code: 'adopt_type', object: 'avatar_photos.has_face', count: 0, mayBeAllowed: false },
    rows: 'select id::text from users where false',
  },
];

for (const { name, dump, spoil, refusal, rows, allowed } of cases) {
  t.test(`refused: ${name}`, async (t) => {
    const { url } = await createLegacyDatabase(t, dump);
    await queryOnce(url, spoil);
    const ids = (await queryOnce<{ id: string }>(url, rows)).map(({ id }) => id);
    const { code, stdout, stderr } = await adopt(url);
    t.equal(code, 5, stderr);
    const { refusals }: { refusals: Refusal[] } = JSON.parse(stdout);
    t.match(refusals[0], refusal);
    t.same(refusals.flatMap((each) => each.rows).sort(), ids.sort(), 'the rows are named');
    t.same(
      await queryOnce(url, `select to_regclass('trainings') as trainings`),
      [{ trainings: null }],
      'nothing was changed',
    );
    const again = await adopt(url, '--allow', refusal.code ?? '');
    if (!allowed) {
      t.equal(again.code, 5, 'there is no choice');
      return;
    }
    t.equal(again.code, 0, again.stderr);
    t.match(JSON.parse(again.stdout), { adopted: true, summary: { critical: 0, warning: 0 } });
    t.same(await queryOnce(url, allowed[0]), allowed[1]);
  });
}

t.test('what needs no decision is set right', async (t) => {
  const { url } = await createLegacyDatabase(t, 'avatars-42');
  await queryOnce(
    url,
    `alter table avatars add column is_main boolean not null default false, add column shoe_size integer not null default 40;
     alter table avatars alter shoe_size drop default;
     update avatars set is_draft = true where id in (select id from avatars where status = 'ready' order by id limit 1);
     update avatars set is_main = true where id in (select id from avatars where status = 'completed' order by id limit 1);
     alter type falfinetunetype rename value 'lora' to 'LORA';
     alter table avatars alter last_status_check type timestamptz, alter fal_response_data drop default,
       alter fal_response_data type json using fal_response_data::json;
     update avatars set last_status_check = '2025-05-10 12:00:00+03', fal_response_data = '{ "b":1, "a" : 2 }'
       where id in (select id from avatars order by id limit 1)`,
  );
  const { code, stdout, stderr } = await adopt(url);
  t.equal(code, 0, stderr);
  t.match(JSON.parse(stdout), { adopted: true, summary: { critical: 0, warning: 0 } });
  const [row] = await queryOnce(
    url,
    `select (select count(*)::int from avatars where is_draft <> (status = 'draft')) as contradictions,
       (select count(*)::int from users u join avatars a on a.id = u.main_avatar_id where a.is_main) as main,
       (select finetune_type::text from avatars order by id limit 1) as finetune,
       (select last_status_check::text from avatars order by id limit 1) as checked,
       (select fal_response_data ->> 'b' from avatars order by id limit 1) as response,
       (select is_nullable from information_schema.columns where column_name = 'shoe_size') as shoe_size,
       (select count(*)::int from drizzle.likeness_originals where original #>> '{}' = '{ "b":1, "a" : 2 }') as kept`,
  );
  t.same(row, {
    contradictions: 0,
    main: 1,
    finetune: 'lora',
    checked: '2025-05-10 09:00:00',
    response: '1',
    shoe_size: 'YES',
    kept: 1,
  });
});

t.test('words of the earlier system that are known become what they meant, and full stays on record', async (t) => {
  for (const asEnum of [true, false]) {
    const { url } = await createLegacyDatabase(t, 'avatars-42');
    await queryOnce(
      url,
      asEnum
        ? `alter type avatarstatus add value 'ready_for_training'; alter type avatarstatus add value 'photos_uploading';
             alter type falfinetunetype add value 'full';`
        : `alter table avatars alter status drop default, alter finetune_type drop default;
             alter table avatars alter status type varchar(20), alter finetune_type type varchar(20);`,
    );
    const ids = (
      await queryOnce<{ id: string }>(url, `select id from avatars where status = 'ready' order by id limit 3`)
    ).map(({ id }) => id);
    await queryOnce(url, `update avatars set status = 'ready_for_training' where id = $1`, [ids[0]]);
    await queryOnce(url, `update avatars set status = 'photos_uploading' where id = $1`, [ids[1]]);
    await queryOnce(
      url,
      `update avatars set finetune_type = 'full', training_config = '{"b": 1, "z": "\\u0000", "adopted": 2}' where id = $1`,
      [ids[2]],
    );
    const { code, stderr } = await adopt(url);
    t.equal(code, 0, stderr);
    t.same(
      await queryOnce(
        url,
        `select status::text, finetune_type::text, training_config::text as config from avatars where id = any($1) order by id`,
        [ids],
      ),
      [
        { status: 'ready', finetune_type: 'lora', config: '{}' },
        { status: 'uploading', finetune_type: 'lora', config: '{}' },
        {
          status: 'ready',
          finetune_type: null,
          config: '{"b": 1, "z": "\\u0000", "adopted": 2, "adopted": {"finetune_type" : "full"}}',
        },
      ],
      asEnum ? 'as labels of the types' : 'as plain text',
    );
    t.same(
      await queryOnce(
        url,
        `select original #>> '{}' as word from drizzle.likeness_originals where row_key = any($1) and column_name in ('status', 'finetune_type') order by 1`,
        [ids],
      ),
      [{ word: 'full' }, { word: 'photos_uploading' }, { word: 'ready_for_training' }],
    );
  }
});

t.test(
  'addresses that are too long for their columns are taken over, and so are those of an earlier adoption',
  async (t) => {
    const long = (what: string) => `https://v3.fal.media/files/${what}/${'x'.repeat(300)}`;
    const { url } = await createLegacyDatabase(t, 'avatars-42');
    await queryOnce(
      url,
      `alter table avatars alter config_file_url type text, alter diffusers_lora_file_url type varchar(500)`,
    );
    const [first, second] = await queryOnce<{ id: string }>(
      url,
      `select id from avatars where status = 'completed' order by id limit 2`,
    );
    await queryOnce(url, 'update avatars set diffusers_lora_file_url = $2, config_file_url = $3 where id = $1', [
      first?.id,
      long('lora'),
      'https://x/short',
    ]);
    await queryOnce(url, 'update avatars set config_file_url = $2 where id = $1', [second?.id, long('config')]);
    const { code, stderr } = await adopt(url);
    t.equal(code, 0, stderr);
    const adopted = 'select avatar_id, lora_url, config_url from adopted_artifacts order by avatar_id';
    const expected = [
      { avatar_id: first?.id, lora_url: long('lora'), config_url: null },
      { avatar_id: second?.id, lora_url: null, config_url: long('config') },
    ];
    t.same(await queryOnce(url, adopted), expected);
    t.same(
      await queryOnce(
        url,
        'select diffusers_lora_file_url as lora, config_file_url as config from avatars where id = $1',
        [first?.id],
      ),
      [{ lora: null, config: 'https://x/short' }],
    );

    // As it is where the adoption was before the table.
    const files = await readMigrations(project);
    const file = files.find(({ name }) => name.endsWith('adopted_artifacts'));
    await undoMigrations(url, file, files);
    await queryOnce(url, `update drizzle.likeness_ledger set details = details - 'stamped'`);
    await kitMigrate(url);
    t.same(await queryOnce(url, adopted), expected, 'the ledger’s originals are taken up');
    t.match(await runHere(['db', 'check', '--url', url]), { code: 0 });
  },
);

async function adopt(url: string, ...flags: string[]) {
  return runHere(['db', 'adopt', '--from', 'alembic', '--url', url, '--yes', '--format', 'json', ...flags]);
}
