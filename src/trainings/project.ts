import { eq } from 'drizzle-orm';
import type { Db } from '../db/client.ts';
import { type AvatarStatus, avatars } from '../db/schema.ts';
import { projectColumns } from '../trainers/settings.ts';
import { isTerminal } from './lifecycle.ts';
import { findProjected, type Training } from './store.ts';

type Avatar = typeof avatars.$inferSelect;
type Projection = Partial<typeof avatars.$inferInsert>;

const maxUrl = 255;
const maxTriggerWord = 50;

/** Writes an avatar's projection of its trainings; the avatar is locked and the trainings are as they will be committed. */
export async function projectAvatar(db: Db, avatar: Avatar, now: Date): Promise<void> {
  const { latest, succeeded } = await findProjected(db, avatar.id);
  if (!latest) return;
  await db
    .update(avatars)
    .set({ ...projection(avatar, latest, succeeded), updated_at: now })
    .where(eq(avatars.id, avatar.id));
}

/**
 * What an avatar's row shows of its trainings: progress, error, logs and request id of the latest; settings and
 * artifacts of the latest that succeeded, so that a trigger phrase always belongs to the artifact beside it.
 * An avatar that was completed once stays completed, whatever later trainings come to.
 */
export function projection(avatar: Avatar, latest: Training, succeeded: Training | undefined): Projection {
  const shown = succeeded ?? latest;
  const status = statusOf(avatar, latest);
  const phrase = typeof shown.settings['trigger_phrase'] === 'string' ? shown.settings['trigger_phrase'] : null;
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
    fal_response_data: latest.result,
    ...(succeeded || avatar.training_completed_at === null ? settingsOf(shown) : {}),
    ...(phrase !== null && phrase.length <= maxTriggerWord && { trigger_word: phrase }),
    ...(succeeded?.artifacts && {
      diffusers_lora_file_url: short(succeeded.artifacts.lora.url),
      config_file_url: short(succeeded.artifacts.config.url),
      training_completed_at: succeeded.ended_at,
    }),
  };
}

function statusOf(avatar: Avatar, latest: Training): AvatarStatus {
  if (!isTerminal(latest.status)) return 'training';
  if (latest.status === 'succeeded' || avatar.training_completed_at !== null) return 'completed';
  return latest.status === 'failed' ? 'error' : 'cancelled';
}

// Null until something was sent: the columns hold what fal received.
function settingsOf(training: Training): Projection {
  return training.fal_input === null ? {} : projectColumns(training.settings);
}

// Longer addresses are served from the training; nothing is cut off.
function short(url: string | null): string | null {
  return url !== null && url.length <= maxUrl ? url : null;
}
