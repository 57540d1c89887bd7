import type { Charged, ResultSource } from '../platform/db/schema.ts';
import type { FalFailure, ResultOutcome } from '../fal/outcomes.ts';
import { isRecord } from '../fal/shapes.ts';
import type { WebhookBody } from '../fal/webhook-body.ts';
import { trainerNamed } from '../features/trainers/registry.ts';
import { chargedFor, errorOf, errorOfFailure, isCancellation } from './failures.ts';
import type { Signal } from './signals.ts';
import type { Training } from '../features/trainings/store.ts';

/* What fal says of a job, by webhook or poll, as a signal: one way of judging for both. */

/**
 * Reads the addresses of the two files out of a trainer's result. fal fills no member of a file but `url` for certain
 * (fal contract §2.1).
 * @returns null when the result holds no such addresses
 */
export function artifactUrls(trainerName: string, result: unknown): { lora: string; config: string } | null {
  const { outputs } = trainerNamed(trainerName);
  const [lora, config] = [addressOf(result, outputs.lora), addressOf(result, outputs.config)];
  return lora !== null && config !== null ? { lora, config } : null;
}

function addressOf(result: unknown, member: string): string | null {
  const file = isRecord(result) ? result[member] : undefined;
  const url = isRecord(file) ? file['url'] : undefined;
  return typeof url === 'string' && /^https?:\/\//.test(url) ? url : null;
}

type Told = {
  falRequestId: string;
  gatewayRequestId: string | null;
  source: ResultSource;
  logs: Training['logs'] | null;
};

/** @returns the signal for a job that fal calls successful; a success without a file is none */
export function signalOfSuccess(training: Training, data: unknown, raw: string, told: Told): Signal {
  const { falRequestId, gatewayRequestId, source, logs } = told;
  if (artifactUrls(training.trainer, data))
    return { kind: 'success', falRequestId, gatewayRequestId, raw, source, logs };
  return {
    kind: 'failure',
    falRequestId,
    error: errorOf('no-artifact', { result: data }, falRequestId),
    charged: 'unknown',
    source,
    logs,
  };
}

/** @returns the signal for a job that fal calls failed; one that was cancelled on demand is cancelled */
export function signalOfFailure(training: Training, failure: FalFailure, told: Omit<Told, 'gatewayRequestId'>): Signal {
  const { falRequestId, source, logs } = told;
  if (training.cancel_requested_at !== null && isCancellation(failure)) {
    const charged = failure.billableUnits === null ? chargedWhenCancelled(training) : chargedFor(failure);
    return { kind: 'cancelled', charged, source };
  }
  return {
    kind: 'failure',
    falRequestId,
    error: errorOfFailure({ ...failure, falRequestId }),
    charged: chargedFor(failure),
    source,
    logs,
  };
}

/** @returns what a webhook says, or null when the queue has to be asked (fal contract §2.1, `payload_error`) */
export function signalOfWebhook(training: Training, body: WebhookBody): Signal | null {
  switch (body.kind) {
    case 'ok': {
      const { falRequestId, gatewayRequestId } = body;
      return signalOfSuccess(training, body.payload, body.payloadText, {
        falRequestId,
        gatewayRequestId,
        source: 'webhook',
        logs: null,
      });
    }
    case 'error':
      return signalOfFailure(training, body.failure, {
        falRequestId: body.falRequestId,
        source: 'webhook',
        logs: null,
      });
    case 'payload_error':
    case 'unreadable':
      return null;
  }
}

/** @returns what the answer to a question for a result says, or null when it says nothing yet */
export function signalOfResult(
  training: Training,
  falRequestId: string,
  outcome: ResultOutcome,
  logs: Training['logs'] | null,
): Signal | null {
  switch (outcome.kind) {
    case 'ok': {
      const told: Told = { falRequestId, gatewayRequestId: training.gateway_request_id, source: 'poll', logs };
      return signalOfSuccess(training, outcome.data, outcome.raw, told);
    }
    case 'failed':
      return signalOfFailure(training, outcome.failure, { falRequestId, source: 'poll', logs });
    case 'gone':
      return {
        kind: 'give_up',
        error: errorOf('result-expired', null, falRequestId),
        charged: 'unknown',
        from: training.status,
      };
    case 'not_ready':
    case 'unavailable':
      return null;
  }
}

/** Time in fal's queue isn't billed (fal contract §1.7); what a running job had cost when it stopped isn't told. */
export function chargedWhenCancelled({ status }: Pick<Training, 'status'>): Charged {
  return status === 'in_progress' ? 'unknown' : 'no';
}
