import { t } from '../../support/tap.ts';
import { explain, hotQueries, type Known } from '../../../lab/bench/hot-queries.ts';
import { createTestDatabase } from '../../support/postgres.ts';

const { pool } = await createTestDatabase(t);
const client = await pool.connect();
t.teardown(async () => client.release());

// A few thousand rows: enough that an index is better than reading all, as it is with millions (npm run bench -- --scale).
await client.query(`
  insert into users (id, external_id, first_name, language_code, is_premium, is_bot, is_blocked)
  select gen_random_uuid(), i, 'Ada', 'en', false, false, false from generate_series(1, 300) i;
  insert into avatars (id, user_id, name, gender, status, is_draft, training_type, created_at)
  select gen_random_uuid(), users.id, 'Ada', 'female', (case when i = 7 then 'error' else 'completed' end)::avatarstatus,
    false, (case when i = 8 then 'object' else 'portrait' end)::avatartrainingtype,
    now() - i * external_id::int * interval '1 second'
  from users, generate_series(1, 10) i;
  insert into avatar_photos (id, avatar_id, user_id, minio_key, file_hash, upload_order, file_size, format)
  select gen_random_uuid(), id, user_id, id, md5(id::text || i), i, 1, 'jpg' from avatars, generate_series(1, 2) i;
  insert into trainings (id, avatar_id, user_id, attempt, training_type, trainer, endpoint, status, fal_priority, settings,
    photo_manifest, sandbox, estimated_cost_usd, submissions, progress, logs, checks, deadline_at, ended_at, charged,
    created_at, error, artifacts, fal_request_id, adopted_at)
  select gen_random_uuid(), id, user_id, 1, 'portrait', 'portrait', 'e', s::trainingstatus, 'normal', '{}',
    '[]', true, 1, 0, 0, '[]', 0, now(), now(), 'yes', created_at, case s when 'failed' then '{}'::jsonb end,
    case s when 'succeeded' then '{"lora":{"sha256":""}}'::jsonb end, id, now()
  from (select *, case when random() < 0.01 then 'failed' else 'succeeded' end as s from avatars) a;
  insert into generations (id, avatar_id, user_id, model, endpoint, status, fal_priority, sandbox, estimated_cost_usd,
    prompt, final_prompt, trigger, preset, width, height, num_images, seed, settings, warnings, lora_sha256, fingerprint,
    submissions, images_ok, created_at, checks, deadline_at, ended_at, charged, error)
  select id, avatar_id, user_id, 'm', 'e', (case status when 'failed' then 'failed' else 'cancelled' end)::trainingstatus,
    'normal', true, 1, 'p', 'p', 'none', 'balanced', 16, 16, 4, 1, '{}', '[]', '', '', 0, 0, created_at, 0, now(), now(),
    'no', error
  from trainings;
  insert into generation_images (id, generation_id, user_id, avatar_id, index, status, size, sha256, storage_key, favorite,
    created_at)
  select gen_random_uuid(), id, user_id, avatar_id, i, 'ok', 1, '', 'k', random() < 0.02, created_at
  from generations, generate_series(0, 1) i;
  insert into events (id, sequence, type, created_at, user_id, avatar_id, training_id, data)
  select gen_random_uuid(), row_number() over (), case when random() < 0.01 then 'training.failed' else 'training.queued' end,
    created_at, user_id, avatar_id, id, '{}' from trainings;
  insert into fal_webhooks (id, received_at, request_id, training_id, submission_id, headers, body, outcome, drained_at)
  select id, created_at, id, id, id, '{}', '', 'applied', now() from trainings;
  insert into idempotency_keys (caller, key, method, path, request_hash, status_code, headers, expires_at)
  select id, id, 'POST', '/', '', 200, '{}', now() + interval '1 hour' from trainings;
  insert into webhook_endpoints (id, url, secret, last_sequence) values (gen_random_uuid(), 'http://127.0.0.1:9', 's', 0);
  insert into webhook_deliveries (id, endpoint_id, event_id, status, give_up_at, ended_at)
  select events.id, webhook_endpoints.id, events.id, 'delivered', now(), now() from events, webhook_endpoints;
`);
// On its own: the statistics have to be there when the statements are planned.
await client.query('analyze');
const { rows } = await client.query<Known>(
  'select user_id as "userId", avatar_id as "avatarId", id as "trainingId", id as "generationId" from trainings limit 1',
);
const [known] = rows;
if (!known) throw new Error('nothing was inserted');

t.test('statements whose time must not grow are answered from the index that is meant for them', async (t) => {
  for (const query of hotQueries(known)) {
    const plan = await explain(client, query);
    for (const index of query.uses) t.ok(plan.includes(index), `${query.name}: ${index}`, { plan });
  }
});

t.test('a page comes from its index in order, and nothing is sorted', async (t) => {
  // With ten rows of a user it hardly matters; with many it does.
  await client.query('set enable_bitmapscan = off');
  const pages = hotQueries(known).filter(({ name }) =>
    /^(avatars|trainings|generations|images|events)( of(?! a generation)|,|$)/.test(name),
  );
  t.ok(pages.length > 10);
  for (const query of pages) {
    const plan = await explain(client, query);
    t.match(plan, /^Limit .*\n +-> +Index Scan using/, query.name);
    t.notMatch(
      plan,
      /hashed|Seq Scan on (avatars|trainings|generations|generation_images|events)/,
      `${query.name}: nor is any table read whole`,
    );
  }
});
