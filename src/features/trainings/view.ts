import type { Config } from '../../config.ts';
import type { Artifacts } from '../../platform/db/schema.ts';
import { iso } from '../../platform/http/iso.ts';
import type { PlanView, TrainingView } from './schemas.ts';
import type { Plan } from './start.ts';
import type { Training } from './store.ts';

/** A training without storage keys, tokens, or URLs of archives and files at fal. */
export function trainingView(training: Training): TrainingView {
  const { id, avatar_id, user_id, attempt, retry_of, training_type, trainer, endpoint, status, sandbox } = training;
  const { fal_priority, settings, estimated_cost_usd, charged, fal_request_id, gateway_request_id } = training;
  const { webhook_url, submissions, progress, step, total_steps, loss, eta_seconds } = training;
  const { result_source, blocked_reason } = training;
  return {
    id,
    avatar_id,
    user_id,
    attempt,
    retry_of,
    training_type,
    trainer,
    endpoint,
    status,
    sandbox,
    fal_priority,
    settings,
    photos: training.photo_manifest,
    estimated_cost_usd,
    charged,
    fal_request_id,
    gateway_request_id,
    webhook_url,
    submissions,
    progress,
    step,
    total_steps,
    loss,
    eta_seconds,
    error: training.error && { ...training.error, charged: charged ?? 'unknown' },
    result_source,
    artifacts: artifactsView(training.artifacts),
    late_artifacts: artifactsView(training.late_artifacts),
    blocked_reason,
    blocked_at: iso(training.blocked_at),
    submit_unknown_at: iso(training.submit_unknown_at),
    needs_attention_at: iso(training.needs_attention_at),
    cancel_requested_at: iso(training.cancel_requested_at),
    created_at: iso(training.created_at),
    updated_at: iso(training.updated_at),
    submitted_at: iso(training.submitted_at),
    accepted_at: iso(training.accepted_at),
    started_at: iso(training.started_at),
    ended_at: iso(training.ended_at),
    last_status_check: iso(training.last_status_check),
    deadline_at: iso(training.deadline_at),
  };
}

export function planView({ fal }: Pick<Config, 'fal'>, plan: Plan): PlanView {
  return {
    dry_run: true,
    trainer: plan.trainer.name,
    endpoint: plan.trainer.endpoint,
    training_type: plan.trainingType,
    settings: plan.settings,
    photos_count: plan.manifest.length,
    estimated_cost_usd: plan.estimatedCostUsd,
    sandbox: fal.mode === 'sandbox',
  };
}

function artifactsView(artifacts: Artifacts | null): TrainingView['artifacts'] {
  if (!artifacts) return null;
  const shown = ({ size, sha256, content_type }: Artifacts['lora']) => ({ size, sha256, content_type });
  return { lora: shown(artifacts.lora), config: artifacts.config && shown(artifacts.config) };
}
