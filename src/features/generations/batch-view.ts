import type { Config } from '../../config.ts';
import type { Db } from '../../platform/db/client.ts';
import { iso } from '../../platform/http/iso.ts';
import type { BatchPlanView, BatchView } from './batch-schemas.ts';
import { type Batch, type Outcome, outcomesOf } from './batch-store.ts';
import type { BatchPlan } from './start-batch.ts';
import { planView } from './view.ts';

export async function batchViews(db: Db, list: readonly Batch[]): Promise<BatchView[]> {
  const outcomes = await outcomesOf(
    db,
    list.map(({ id }) => id),
  );
  return list.flatMap((batch) => {
    const outcome = outcomes.get(batch.id);
    return outcome ? [batchView(batch, outcome)] : [];
  });
}

function batchView(batch: Batch, outcome: Outcome): BatchView {
  const { id, avatar_id, user_id, pack, estimated_cost_usd, ended_at } = batch;
  return {
    id,
    avatar_id,
    user_id,
    pack,
    status: ended_at === null ? 'running' : 'ended',
    num_generations: batch.generations,
    num_images: batch.images,
    generations: outcome.generations,
    images: outcome.images,
    estimated_cost_usd,
    charged_cost_usd: outcome.charged_cost_usd,
    uncertain_cost_usd: outcome.uncertain_cost_usd,
    created_at: iso(batch.created_at),
    updated_at: iso(batch.updated_at),
    cancel_requested_at: iso(batch.cancel_requested_at),
    ended_at: iso(ended_at),
  };
}

export function batchPlanView(
  config: Pick<Config, 'fal'>,
  { avatar, planned, images, ...plan }: BatchPlan,
): BatchPlanView {
  return {
    dry_run: true,
    avatar_id: avatar.id,
    pack: planned[0]?.source.pack ?? null,
    num_generations: planned.length,
    num_images: images,
    estimated_cost_usd: plan.estimatedCostUsd,
    sandbox: config.fal.mode === 'sandbox',
    generations: planned.map(({ plan, source }) => planView(config, plan, source, { isHidden: false })),
  };
}
