import { and, eq, gt, inArray, isNotNull, isNull, type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Db } from '../../platform/db/client.ts';
import { falFiles } from '../../platform/db/schema.ts';

type Lora = { sha256: string; trainingId: string };

const purpose = 'lora';

function inUse(trainingId: string): SQL | undefined {
  return and(eq(falFiles.purpose, purpose), eq(falFiles.training_id, trainingId), isNull(falFiles.dropped_at));
}

function ahead(ms: number): SQL<Date> {
  return sql<Date>`now() + ${ms} * interval '1 millisecond'`;
}

/** @param neededMs how long the address has to live @returns an address that fal can fetch, or null */
export async function findAddress(db: Db, trainingId: string, neededMs: number): Promise<string | null> {
  const [file] = await db
    .select({ url: falFiles.url })
    .from(falFiles)
    .where(and(inUse(trainingId), gt(falFiles.expires_at, ahead(neededMs)), isNotNull(falFiles.url)));
  return file?.url ?? null;
}

/** Drops what lives too short by now, and uploads whose process has ended. */
export async function dropStale(db: Db, trainingId: string, neededMs: number): Promise<void> {
  await db
    .update(falFiles)
    .set({ dropped_at: sql`now()` })
    .where(
      and(
        inUse(trainingId),
        sql`case when ${falFiles.url} is null then ${falFiles.claimed_until} <= now() else ${falFiles.expires_at} <= ${ahead(neededMs)} end`,
      ),
    );
}

/** Drops an address from which fal could not fetch a training's LoRA: the next generation gets another one. */
export async function dropLora(db: Db, { trainingId, url }: { trainingId: string; url: string }): Promise<void> {
  await db
    .update(falFiles)
    .set({ dropped_at: sql`now()` })
    .where(and(inUse(trainingId), eq(falFiles.url, url)));
}

/** Whether an address of a training was dropped. */
export async function wasDropped(db: Db, trainingId: string, url: string): Promise<boolean> {
  const [file] = await db
    .select({ id: falFiles.id })
    .from(falFiles)
    .where(and(eq(falFiles.training_id, trainingId), eq(falFiles.url, url), isNotNull(falFiles.dropped_at)))
    .limit(1);
  return file !== undefined;
}

/** Keeps the address of a training's own output, unless another one is in use. */
export async function keepOutput(
  db: Db,
  lora: Lora,
  output: { url: string; madeAt: Date; expiresAt: Date },
): Promise<void> {
  const { url, madeAt, expiresAt } = output;
  await insertWhileOwned(
    db,
    lora,
    sql`${url}, null::timestamptz, ${madeAt.toISOString()}::timestamptz, ${expiresAt.toISOString()}::timestamptz`,
  );
}

/**
 * Claims the upload of a LoRA.
 * @returns the id of the claim; null when another process has it, an address is in use, or the training's avatar is gone
 */
export async function claimUpload(
  db: Db,
  lora: Lora,
  { claimMs, expiresMs }: { claimMs: number; expiresMs: number },
): Promise<string | null> {
  return insertWhileOwned(db, lora, sql`null, ${ahead(claimMs)}, now(), ${ahead(expiresMs)}`);
}

// The lock waits for a deletion of the avatar, which drops what there is afterwards, and sees its effect.
async function insertWhileOwned(db: Db, { sha256, trainingId }: Lora, values: SQL): Promise<string | null> {
  const { rows } = await db.execute<{ id: string }>(sql`
    insert into fal_files (id, purpose, sha256, training_id, url, claimed_until, uploaded_at, expires_at)
    select ${uuidv7()}::uuid, ${purpose}, ${sha256}, id, ${values}
    from trainings where id = ${trainingId}::uuid and avatar_id is not null
    for share
    on conflict (purpose, training_id) where dropped_at is null do nothing
    returning id
  `);
  return rows[0]?.id ?? null;
}

/** Postpones the end of a claim. @returns false when it was dropped meanwhile */
export async function renewClaim(db: Db, id: string, claimMs: number): Promise<boolean> {
  const { rowCount } = await db
    .update(falFiles)
    .set({ claimed_until: ahead(claimMs) })
    .where(and(eq(falFiles.id, id), isNull(falFiles.dropped_at)));
  return rowCount === 1;
}

/**
 * Records the address of a claimed upload, also of a dropped one, whose file is at fal all the same.
 * @returns whether it may be used
 */
export async function keepUpload(db: Db, id: string, url: string): Promise<boolean> {
  const [file] = await db
    .update(falFiles)
    .set({ url, claimed_until: null })
    .where(eq(falFiles.id, id))
    .returning({ droppedAt: falFiles.dropped_at });
  return file?.droppedAt === null;
}

/**
 * Gives a claim up.
 * @param isSent whether fal may have the file; the row then remains until the file would have expired
 */
export async function releaseClaim(db: Db, id: string, isSent: boolean): Promise<void> {
  const ours = and(eq(falFiles.id, id), isNull(falFiles.url));
  if (isSent) await db.update(falFiles).set({ dropped_at: sql`now()` }).where(ours);
  else await db.delete(falFiles).where(ours);
}

/** Whether the avatar of a training is still there. */
export async function isOwned(db: Db, trainingId: string): Promise<boolean> {
  const { rowCount } = await db.execute(
    sql`select from trainings where id = ${trainingId}::uuid and avatar_id is not null`,
  );
  return rowCount === 1;
}

/** Drops the addresses of trainings whose avatar is deleted; the files end at fal by their expiry. */
export async function dropFilesOf(db: Db, trainings: SQL): Promise<void> {
  await db
    .update(falFiles)
    .set({ dropped_at: sql`coalesce(${falFiles.dropped_at}, now())`, training_id: null })
    .where(inArray(falFiles.training_id, sql`(${trainings})`));
}
