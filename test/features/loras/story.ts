import { loraAddress } from '../../../src/features/loras/address.ts';
import type { Training } from '../../../src/features/trainings/store.ts';
import type { App } from '../../../src/app.ts';
import type { Service } from '../../support/service.ts';
import { begin } from '../trainings/story.ts';

export const never = new AbortController().signal;

/** @returns a training that has succeeded; what fal promised of its output is unknown unless `keptFor` says seconds */
export async function trained(service: Service, keptFor?: number): Promise<Training> {
  const story = await begin(service);
  await service.sandbox.queue.complete(await story.job());
  await story.is('succeeded');
  const expiry = keptFor === undefined ? 'null' : `now() + interval '${keptFor} seconds'`;
  await story.set(`output_expires_at = ${expiry}`);
  return story.training();
}

export const addressOf = async (app: App, training: Training) => (await loraAddress(app, training, never)).url;

/** The LoRAs that fal was sent by upload. */
export function loraUploads({ sandbox }: Service) {
  return sandbox.files.uploads().filter(({ file }) => file.name.endsWith('.safetensors'));
}

type Row = {
  url: string | null;
  training_id: string | null;
  is_claimed: boolean;
  is_dropped: boolean;
  lives: number;
};

/** What is recorded of the addresses of a training's LoRA, oldest first. */
export async function filesOf({ database }: Service, { id }: Pick<Training, 'id'>): Promise<Row[]> {
  const { rows } = await database.pool.query<Row>(
    `select url, training_id, claimed_until is not null as is_claimed, dropped_at is not null as is_dropped,
       extract(epoch from expires_at - now())::int as lives
     from fal_files where training_id = $1 order by id`,
    [id],
  );
  return rows;
}
