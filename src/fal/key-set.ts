import { singleFlight } from '../platform/async/single-flight.ts';
import type { FalLog } from './fal.ts';
import { type SignatureVerdict, type SigningKey, verifyWebhookSignature, type WebhookHeaders } from './signature.ts';

/** Keys shared by all instances; `fetchedAt` is when their fetch began. */
export type StoredKeys = { keys: SigningKey[]; fetchedAt: Date };

export type KeySetOptions = {
  /** Throws when fal has no usable answer. */
  fetchKeys: () => Promise<SigningKey[]>;
  /** Loads what any instance saved last. */
  load: () => Promise<StoredKeys | null>;
  /** Saves for all instances, after each successful fetch. */
  save: (stored: StoredKeys) => Promise<void>;
  now?: () => Date;
  /** Age at which keys are fetched again: default 24 h, fal's own limit (fal contract §2.2). */
  maxAgeMs?: number;
  /** Minimum time between two lookups of newer keys; default 30 s. */
  coolDownMs?: number;
  /** Minimum time after a failed fetch; default 3 s. */
  failedCoolDownMs?: number;
  log?: Pick<FalLog, 'warn'>;
};

export type KeySetVerdict =
  | { kind: 'verified'; falRequestId: string; userId: string; timestamp: number; skewSeconds: number }
  | { kind: 'rejected'; reason: Extract<SignatureVerdict, { ok: false }>['reason']; skewSeconds: number | null }
  | { kind: 'no_keys' };

export type KeySet = {
  /** Verifies a webhook over its raw bytes. `no_keys`: neither accept nor reject it. Never throws. */
  verify(message: { headers: WebhookHeaders; rawBody: Uint8Array; toleranceSeconds?: number }): Promise<KeySetVerdict>;
};

/**
 * Creates the cached set of fal's signing keys, initially those that any instance saved. Callers that need newer keys
 * share one lookup, in the database and then at fal, with a cool-down between lookups, so that forged webhooks cause no
 * load. Known keys stay in use while fal's list cannot be fetched.
 */
export function createKeySet(options: KeySetOptions): KeySet {
  const { fetchKeys, load, save, log, now = () => new Date(), maxAgeMs = 86_400_000 } = options;
  const { coolDownMs = 30_000, failedCoolDownMs = Math.min(3000, coolDownMs) } = options;
  let current: StoredKeys | null = null;
  let firstLoad: Promise<unknown> | null = null;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let failed = false;

  const age = () => (current === null ? Number.POSITIVE_INFINITY : now().getTime() - current.fetchedAt.getTime());
  const attempt = (work: () => Promise<void>, message: string) =>
    work().then(
      () => true,
      (error: unknown) => {
        log?.warn({ err: error }, message);
        return false;
      },
    );

  // An older set that arrives late must not replace a newer one.
  const adopt = (stored: StoredKeys) => {
    const isNewer = current === null || stored.fetchedAt.getTime() > current.fetchedAt.getTime();
    if (isNewer && stored.keys.length > 0) current = stored;
  };
  const loadSaved = () =>
    attempt(async () => {
      const stored = await load();
      if (stored !== null) adopt(stored);
    }, 'the saved signing keys cannot be read');
  const fetchAndSave = async () => {
    const fetchedAt = now();
    const stored = { keys: await fetchKeys(), fetchedAt };
    adopt(stored);
    if (stored.keys.length > 0) await attempt(() => save(stored), 'the signing keys cannot be saved');
  };

  /** Resolves when newer keys were looked up; at once during the cool-down. */
  const refresh = singleFlight(async () => {
    if (now().getTime() - lookedAt < (failed ? failedCoolDownMs : coolDownMs)) return;
    lookedAt = now().getTime();
    await loadSaved();
    // Another instance may have fetched a moment ago.
    failed = age() >= coolDownMs && !(await attempt(fetchAndSave, "fal's signing keys cannot be fetched"));
  });

  return {
    verify: async (message) => {
      const check = () => verifyWebhookSignature({ ...message, keys: current?.keys ?? [], now: now() });
      const first = check();
      if (first.ok && age() < maxAgeMs) return verified(first);
      if (!first.ok && first.reason !== 'no_match') return rejected(first);
      firstLoad ??= loadSaved();
      await firstLoad;
      if (age() >= maxAgeMs || !check().ok) await refresh();
      if (current === null) return { kind: 'no_keys' };
      const last = check();
      return last.ok ? verified(last) : rejected(last);
    },
  };
}

function verified(verdict: Extract<SignatureVerdict, { ok: true }>): KeySetVerdict {
  const { falRequestId, userId, timestamp, skewSeconds } = verdict;
  return { kind: 'verified', falRequestId, userId, timestamp, skewSeconds };
}

function rejected(verdict: Extract<SignatureVerdict, { ok: false }>): KeySetVerdict {
  return { kind: 'rejected', reason: verdict.reason, skewSeconds: verdict.skewSeconds ?? null };
}
