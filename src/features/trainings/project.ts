import { eq, sql } from 'drizzle-orm';
import { findAdoptedLora } from '../avatars/store.ts';
import type { Db } from '../../platform/db/client.ts';
import { type AvatarStatus, avatars, trainings } from '../../platform/db/schema.ts';
import { projectColumns } from '../trainers/settings.ts';
import { isTerminal } from '../../fal-jobs/lifecycle.ts';
import { findProjected, type Training } from './store.ts';

type Avatar = typeof avatars.$inferSelect;
type Projection = Partial<typeof avatars.$inferInsert>;

const maxUrl = 255;
const maxTriggerWord = 50;

/** Writes an avatar's projection of its trainings. The avatar is locked, and its trainings are already written. */
export async function projectAvatar(db: Db, avatar: Avatar, now: Date): Promise<void> {
  const { latest, succeeded } = await findProjected(db, avatar.id);
  if (!latest) return;
  const known =
    succeeded || wasCompleted(avatar)
      ? avatar
      : { ...avatar, diffusers_lora_file_url: await findAdoptedLora(db, avatar.id) };
  // Copied inside PostgreSQL, since a uint64 would not survive JavaScript.
  const source = shownOf(known, latest, succeeded);
  const response = source && {
    fal_response_data: sql`(select ${trainings.result} from ${trainings} where ${trainings.id} = ${source.id})`,
  };
  await db
    .update(avatars)
    .set({ ...projection(known, latest, succeeded), ...response, updated_at: now })
    .where(eq(avatars.id, avatar.id));
}

/**
 * An avatar's columns about its trainings: progress, error, logs and request id of the latest; settings, artifacts and
 * fal's result of the latest that succeeded, so that trigger phrase and artifact always belong together. A completed
 * avatar stays completed whatever later trainings do; one completed by the earlier system keeps its values until one of
 * our trainings succeeds.
 */
export function projection(avatar: Avatar, latest: Training, succeeded: Training | undefined): Projection {
  const shown = shownOf(avatar, latest, succeeded);
  const status = statusOf(avatar, latest, succeeded);
  return {
    status,
    is_draft: status === 'draft',
    training_progress: latest.progress,
    training_started_at: latest.submitted_at,
    fal_priority: latest.fal_priority,
    fal_request_id: latest.fal_request_id,
    training_logs: latest.logs.length > 0 ? latest.logs.map(({ message }) => message).join('\n') : null,
    training_error: latest.error ? `${latest.error.code}: ${latest.error.message}` : null,
    webhook_url: short(latest.webhook_url),
    last_status_check: latest.last_status_check,
    ...(shown && settingsOf(shown)),
    ...(succeeded?.artifacts && {
      diffusers_lora_file_url: short(succeeded.artifacts.lora.url),
      ...(succeeded.artifacts.config && { config_file_url: short(succeeded.artifacts.config.url) }),
      training_completed_at: succeeded.ended_at,
    }),
  };
}

// A late result may belong to an attempt that is not the latest; it completes the avatar too.
function statusOf(avatar: Avatar, latest: Training, succeeded: Training | undefined): AvatarStatus {
  if (!isTerminal(latest.status)) return 'training';
  if (succeeded || wasCompleted(avatar)) return 'completed';
  return latest.status === 'failed' ? 'error' : 'cancelled';
}

function shownOf(avatar: Avatar, latest: Training, succeeded: Training | undefined): Training | null {
  return succeeded ?? (wasCompleted(avatar) ? null : latest);
}

function wasCompleted({ training_completed_at, diffusers_lora_file_url }: Avatar): boolean {
  return training_completed_at !== null || diffusers_lora_file_url !== null;
}

// Empty until the input was sent: the columns hold what fal received.
function settingsOf({ fal_input, settings }: Training): Projection {
  if (fal_input === null) return {};
  const { trigger_phrase: phrase } = settings;
  const fits = typeof phrase === 'string' && phrase.length <= maxTriggerWord;
  return { ...projectColumns(settings), ...(fits && { trigger_word: phrase }) };
}

// Longer URLs are served from the training; none is truncated.
function short(url: string | null): string | null {
  return url !== null && url.length <= maxUrl ? url : null;
}
