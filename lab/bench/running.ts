import { v7 as uuidv7 } from 'uuid';
import type { Subject } from './deliveries.ts';
import type { Ground } from './ground.ts';

/**
 * Inserts trainings that run at fal, each with a user and an avatar, as if just submitted.
 * @param dueInSeconds time of the first poll, for all at once
 */
export async function insertRunning(
  ground: Ground,
  databaseUrl: string,
  count: number,
  dueInSeconds: number,
): Promise<Subject[]> {
  const list = Array.from({ length: count }, () => ({
    id: uuidv7(),
    trainingId: uuidv7(),
    submissionId: uuidv7(),
    requestId: uuidv7(),
  }));
  await ground.query(
    databaseUrl,
    `with given as (
       select * from jsonb_to_recordset($1::jsonb)
         as given (id uuid, "trainingId" uuid, "submissionId" uuid, "requestId" text)
     ), new_users as (
       insert into users (id, external_id, first_name, language_code, is_premium, is_bot, is_blocked)
       select id, id, 'Ada', 'en', false, false, false from given
     ), new_avatars as (
       insert into avatars (id, user_id, name, gender, training_type, status, is_draft, photos_count)
       select id, id, 'Ada', 'female', 'portrait', 'training', false, 10 from given
     )
     insert into trainings (
       id, avatar_id, user_id, attempt, training_type, trainer, endpoint, status, fal_priority, settings, photo_manifest,
       sandbox, estimated_cost_usd, submission_id, submissions, fal_input, fal_request_id, progress, logs, checks,
       submitted_at, accepted_at, next_check_at, deadline_at
     )
     select "trainingId", id, id, 1, 'portrait', 'portrait', 'fal-ai/flux-lora-portrait-trainer', 'in_progress', 'normal',
       '{}', '[]', true, 1, "submissionId", 1, '{}', "requestId", 10, '[]', 0,
       now(), now(), now() + $2::float8 * interval '1 second', now() + interval '1 day'
     from given`,
    [JSON.stringify(list), dueInSeconds],
  );
  await ground.query(databaseUrl, 'vacuum analyze users, avatars, trainings');
  return list.map(({ trainingId, submissionId, requestId }) => ({ trainingId, submissionId, requestId }));
}
