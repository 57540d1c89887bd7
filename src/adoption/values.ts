import type { Catalog } from '@likeness/schema-tools/catalog/objects.ts';
import { quoteName, quoteText } from '@likeness/schema-tools/text/sql-text.ts';
import { actSetting, type Conversion, convertColumn } from './conversions.ts';

/** One step of an adoption. `trainings` runs row by row in TypeScript. */
export type AdoptionStep = { title: string; why: string; statements: string[]; kind: 'schema' | 'data' | 'trainings' };

/** Columns of avatars whose longer values move to adopted_artifacts, by the columns of that table. */
const addressTable = { lora_url: 'diffusers_lora_file_url', config_url: 'config_file_url' } as const;
export const addressColumns: readonly string[] = Object.values(addressTable);
const longestAddress = 255;

/** Moves URLs that are too long for their columns, before the columns get their types. */
export function longAddressSteps(live: Catalog): AdoptionStep[] {
  return live
    .filter(({ kind, table, name }) => kind === 'column' && table === 'avatars' && addressColumns.includes(name))
    .filter(({ facts }) => facts['type'] !== `character varying(${longestAddress})`)
    .map(({ name: column }) =>
      asData(
        convertColumn(live, {
          table: 'avatars',
          column,
          value: 'null',
          where: `length(${quoteName(column)}::text) > ${longestAddress}`,
          title: `avatars.${column} gives away addresses of more than ${longestAddress} characters`,
          why: 'They move to adopted_artifacts, and the avatar shows them from there. Originals are kept in the ledger.',
        }),
      ),
    );
}

// Only originals of this adoption.
const kept = (column: string) =>
  `ledger_id = current_setting('${actSetting}')::bigint and table_name = 'avatars' and column_name = ${quoteText(column)}`;

const takeAddresses: Conversion = {
  title: 'adopted_artifacts gets the long addresses',
  why: 'What was trained stays in reach.',
  statements: [
    `insert into adopted_artifacts (avatar_id, ${Object.keys(addressTable).join(', ')})
select avatars.id, ${addressColumns.map((column) => `max(original #>> '{}') filter (where column_name = ${quoteText(column)})`).join(', ')}
from drizzle.likeness_originals join avatars on avatars.id::text = row_key
where (${addressColumns.map(kept).join(' or ')}) and length(original #>> '{}') > ${longestAddress}
group by avatars.id`,
  ],
};

function keepFinetuneType(live: Catalog): Conversion {
  const word = `(select original #>> '{}' from drizzle.likeness_originals where ${kept('finetune_type')} and row_key = avatars.id::text)`;
  // As text: PostgreSQL's json functions reject some texts that json holds. Of duplicate members the last counts.
  const text = `case when json_typeof(training_config::json) = 'object' then training_config::text else '{}' end`;
  const open = `regexp_replace(${text}, '\\s*}\\s*$', '')`;
  return convertColumn(live, {
    table: 'avatars',
    column: 'training_config',
    value: `(${open} || case when ${open} ~ '^\\s*{\\s*$' then '' else ', ' end
  || '"adopted": ' || json_build_object('finetune_type', ${word})::text || '}')::json`,
    where: `lower(${word}) = 'full'`,
    title: 'avatars.training_config keeps the finetune type full, as adopted.finetune_type',
    why: 'No trainer makes it any more. Originals are kept in the ledger.',
  });
}

/** Corrections for the rows of every database of the earlier system. */
export function valueSteps(live: Catalog): AdoptionStep[] {
  const count = '(select count(*) from avatar_photos as photo where photo.avatar_id = avatars.id)';
  const conversions = [
    convertColumn(live, {
      table: 'avatars',
      column: 'photos_count',
      value: count,
      where: `photos_count <> ${count}`,
      title: 'avatars.photos_count becomes the number of photos there are',
      why: 'The earlier system deleted photos after a training and left the counter. Originals are kept in the ledger.',
    }),
    convertColumn(live, {
      table: 'avatars',
      column: 'is_draft',
      value: `(status = 'draft')`,
      where: `is_draft <> (status = 'draft')`,
      title: 'avatars.is_draft becomes true exactly where the status is draft',
      why: 'The two said the same thing and could contradict. Originals are kept in the ledger.',
    }),
  ];
  const hasMain = live.some(({ kind, table, name }) => kind === 'column' && table === 'avatars' && name === 'is_main');
  const main: AdoptionStep = {
    kind: 'data',
    title: 'users.main_avatar_id from avatars.is_main',
    why: 'A user has one main avatar by construction; of several the one changed last is taken.',
    statements: [
      `update users set main_avatar_id = main.id
from (select distinct on (user_id) user_id, id from avatars where is_main order by user_id, updated_at desc, id) as main
where main.user_id = users.id and main_avatar_id is null`,
    ],
  };
  return [
    ...[...conversions, keepFinetuneType(live)].map(asData),
    asData(takeAddresses),
    ...(hasMain ? [main] : []),
    {
      kind: 'trainings',
      title: 'Avatars left in training get a training of their own',
      why: 'With a request id it is polled from now on. Without one nobody knows whether fal took it: it ends in error, charged unknown. What status and error were is kept in the ledger.',
      statements: [],
    },
  ];
}

function asData(conversion: Conversion): AdoptionStep {
  return { kind: 'data', ...conversion };
}
