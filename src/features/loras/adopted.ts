import { sql } from 'drizzle-orm';
import type { Db } from '../../platform/db/client.ts';

/** A completed avatar of the earlier system whose weights are not stored here; addresses are null where none is known. */
export type Unfetched = { avatarId: string; loraUrl: string | null; configUrl: string | null };

const page = 100;

/** Lists them by id. @param avatarId only this one */
export async function* unfetchedAvatars(db: Db, avatarId?: string): AsyncGenerator<Unfetched> {
  for (let after: string | null = null; ; ) {
    const { rows }: { rows: Unfetched[] } = await db.execute<Unfetched>(sql`
      select a.id as "avatarId", coalesce(nullif(a.diffusers_lora_file_url, ''), known.lora_url) as "loraUrl",
        coalesce(nullif(a.config_file_url, ''), known.config_url) as "configUrl"
      from avatars a left join adopted_artifacts known on known.avatar_id = a.id
      where a.status = 'completed'
        and (${avatarId ?? null}::uuid is null or a.id = ${avatarId ?? null}::uuid)
        and (${after}::uuid is null or a.id > ${after}::uuid)
        and not exists (select from trainings t where t.avatar_id = a.id and t.status = 'succeeded')
      order by a.id limit ${page}
    `);
    yield* rows;
    if (rows.length < page) return;
    after = rows.at(-1)?.avatarId ?? null;
  }
}
