import { and, eq, getTableColumns, inArray, isNull, ne, type SQL, sql } from 'drizzle-orm';
import { QueryBuilder } from 'drizzle-orm/pg-core';
import type { Db } from '../../platform/db/client.ts';
import { noteLocks } from '../../platform/db/lock-order.ts';
import type { Tx } from '../../platform/db/transact.ts';
import { prepareStatement, readTime, type Stored } from '../../platform/db/prepared.ts';
import { adoptedArtifacts, type AvatarStatus, avatars, type TrainingType } from '../../platform/db/schema.ts';
import type { Reach } from '../../platform/http/caller.ts';

export type { Reach };
export type Avatar = typeof avatars.$inferSelect;

const {
  photo_key: _photoKey,
  preview_key: _previewKey,
  training_logs,
  fal_response_data,
  ...plain
} = getTableColumns(avatars);

// Written out, since drizzle omits the table's name from the columns of a single-table query.
const succeeded = sql.raw(`from trainings t where t.avatar_id = avatars.id and t.status = 'succeeded'`);
const latest = sql.raw('order by t.attempt desc limit 1');
const adopted = sql.raw('from adopted_artifacts where avatar_id = avatars.id');
const summary = {
  ...plain,
  // URLs too long for the column are in the training or in adopted_artifacts.
  diffusers_lora_file_url: sql<string | null>`coalesce(avatars.diffusers_lora_file_url,
    (select t.artifacts #>> '{lora,url}' ${succeeded} ${latest}), (select lora_url ${adopted}))`.as(
    'diffusers_lora_file_url',
  ),
  config_file_url: sql<string | null>`coalesce(avatars.config_file_url,
    (select t.artifacts #>> '{config,url}' ${succeeded} ${latest}), (select config_url ${adopted}))`.as(
    'config_file_url',
  ),
  latest_training_id: sql<string | null>`(select t.id from trainings t where t.avatar_id = avatars.id ${latest})`.as(
    'latest_training_id',
  ),
  // Not `exists`: PostgreSQL may answer that for a whole list by hashing all of the other table.
  artifact_verified: sql<boolean>`(select true ${succeeded} limit 1) is not null`.as('artifact_verified'),
  has_preview: sql<boolean>`avatars.preview_key is not null`.as('has_preview'),
  is_main: sql<boolean>`(select true from users u where u.main_avatar_id = avatars.id limit 1) is not null`.as(
    'is_main',
  ),
};
const detail = { ...summary, training_logs, fal_response_data };
// Must match the index, which has nulls first; PostgreSQL does not use that the columns are never null.
const newestFirst = sql`${avatars.created_at} desc, ${avatars.id} desc`;

export type AvatarSummary = Omit<Avatar, 'photo_key' | 'preview_key' | 'training_logs' | 'fal_response_data'> & {
  latest_training_id: string | null;
  artifact_verified: boolean;
  has_preview: boolean;
  is_main: boolean;
};
export type AvatarDetail = AvatarSummary & Pick<Avatar, 'training_logs' | 'fal_response_data'>;

function within(id: string, { userId }: Reach): SQL | undefined {
  return and(eq(avatars.id, id), userId === undefined ? undefined : eq(avatars.user_id, userId));
}

/** @returns undefined when there is no such avatar, or it is another user's */
export async function findAvatar(db: Db, id: string, reach: Reach = {}): Promise<Avatar | undefined> {
  const [row] = await db.select().from(avatars).where(within(id, reach));
  return row;
}

/** The URL of adopted weights that is too long for the avatar's column; null when there is none. */
export async function findAdoptedLora(db: Db, avatarId: string): Promise<string | null> {
  const [row] = await db.select().from(adoptedArtifacts).where(eq(adoptedArtifacts.avatar_id, avatarId));
  return row?.lora_url ?? null;
}

export type AskedAvatar = { id: string; userId?: string | undefined };

const selectDetails = prepareStatement<Stored<AvatarDetail> & { place: number }>(
  'select avatars',
  new QueryBuilder()
    .select({ ...detail, place: sql<number>`asked.place::integer`.as('place') })
    .from(avatars)
    .innerJoin(
      sql`unnest(${sql.placeholder('ids')}::uuid[], ${sql.placeholder('owners')}::uuid[])
        with ordinality as asked (id, owner, place)`,
      sql`${avatars.id} = asked.id and (asked.owner is null or ${avatars.user_id} = asked.owner)`,
    )
    .toSQL(),
);

/**
 * Reads several avatars in one query.
 * @returns one for each asked for, in that order; undefined when there is no such avatar, or it is another user's
 */
export async function findAvatarDetails(db: Db, asked: readonly AskedAvatar[]): Promise<(AvatarDetail | undefined)[]> {
  const ids = asked.map(({ id }) => id);
  const rows = await selectDetails(db, { ids, owners: asked.map(({ userId }) => userId ?? null) });
  const found = new Map(rows.map(({ place, ...row }) => [place, readRow(row)]));
  return asked.map((_, index) => found.get(index + 1));
}

export async function findAvatarDetail(db: Db, id: string, { userId }: Reach = {}): Promise<AvatarDetail | undefined> {
  const [avatar] = await findAvatarDetails(db, [{ id, userId }]);
  return avatar;
}

function readRow(row: Stored<AvatarDetail>): AvatarDetail {
  const { training_started_at: started, training_completed_at: completed, last_status_check: checked } = row;
  return {
    ...row,
    created_at: readTime(row.created_at),
    updated_at: readTime(row.updated_at),
    training_started_at: started === null ? null : readTime(started),
    training_completed_at: completed === null ? null : readTime(completed),
    last_status_check: checked === null ? null : readTime(checked),
  };
}

/**
 * Locks an avatar until the transaction ends. Changes of its photos and trainings take turns on this lock.
 * @returns undefined when there is no such avatar, or it is another user's
 */
export async function lockAvatar(tx: Tx, id: string, reach: Reach = {}): Promise<Avatar | undefined> {
  noteLocks(tx, 'avatar', [id]);
  const [row] = await tx.select().from(avatars).where(within(id, reach)).for('update');
  return row;
}

export async function updateAvatar(db: Db, id: string, changes: Partial<Omit<Avatar, 'id'>>): Promise<void> {
  await db
    .update(avatars)
    .set({ ...changes, updated_at: sql`now()` })
    .where(eq(avatars.id, id));
}

export type AvatarFilter = {
  userId?: string | undefined;
  statuses?: readonly AvatarStatus[] | undefined;
  trainingType?: TrainingType | undefined;
};

function matching({ userId, statuses, trainingType }: AvatarFilter): SQL | undefined {
  return and(
    userId === undefined ? undefined : eq(avatars.user_id, userId),
    statuses === undefined ? undefined : inArray(avatars.status, [...statuses]),
    trainingType === undefined ? undefined : eq(avatars.training_type, trainingType),
  );
}

export async function countAvatars(db: Db, filter: AvatarFilter): Promise<number> {
  return db.$count(avatars, matching(filter));
}

/** The newest avatar of a user that is a draft and was never trained. */
export async function findDraft(db: Db, userId: string): Promise<AvatarDetail | undefined> {
  const [row] = await db
    .select(detail)
    .from(avatars)
    .where(
      and(
        eq(avatars.user_id, userId),
        inArray(avatars.status, ['draft', 'uploading', 'ready']),
        isNull(avatars.training_completed_at),
        sql`not exists (select 1 from trainings t where t.avatar_id = avatars.id)`,
      ),
    )
    .orderBy(newestFirst)
    .limit(1);
  return row;
}

export async function findMainAvatar(
  db: Db,
  filter: AvatarFilter & { userId: string },
): Promise<AvatarSummary | undefined> {
  const main = sql`${avatars.id} = (select u.main_avatar_id from users u where u.id = ${filter.userId})`;
  const [row] = await db
    .select(summary)
    .from(avatars)
    .where(and(main, matching(filter)));
  return row;
}

/** The sort key of an avatar; creation time to the microsecond. */
export type AvatarPosition = { createdAt: string; id: string };

/**
 * @param after the position before the page; null for the first page
 * @param except an avatar to leave out
 * @returns avatars, newest first, each with its position
 */
export async function listNewest(
  db: Db,
  filter: AvatarFilter,
  { after, except, limit }: { after: AvatarPosition | null; except: string | null; limit: number },
): Promise<{ avatar: AvatarSummary; position: string }[]> {
  // As text, since a JavaScript Date loses PostgreSQL's microseconds.
  return db
    .select({ avatar: summary, position: sql<string>`avatars.created_at::text` })
    .from(avatars)
    .where(
      and(
        matching(filter),
        except === null ? undefined : ne(avatars.id, except),
        after === null
          ? undefined
          : sql`(${avatars.created_at}, ${avatars.id}) < (${after.createdAt}::timestamptz, ${after.id}::uuid)`,
      ),
    )
    .orderBy(newestFirst)
    .limit(limit);
}
