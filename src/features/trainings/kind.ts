import { publish } from '../events/publish.ts';
import { trainerNamed } from '../trainers/registry.ts';
import { followUpsOf } from '../../fal-jobs/follow-ups.ts';
import type { JobKind } from '../../fal-jobs/kind.ts';
import type { Artifacts } from '../../platform/db/schema.ts';
import { stoppedTopic, topics } from '../../topics.ts';
import { artifactUrls } from './artifact-urls.ts';
import { trainingChanges } from './changes.ts';
import { publishTraining } from './event.ts';
import { trainingFailures } from './failures.ts';
import { fetchTraining, wholeLog } from './fetch-artifacts.ts';
import { submissionsCounter } from './metrics.ts';
import { prepareTraining } from './prepare.ts';
import { projectAvatar } from './project.ts';
import { type Training, trainingStore } from './store.ts';

const day = 86_400_000;

export const trainingKind: JobKind<Training, Artifacts> = {
  name: 'training',
  store: trainingStore,
  jobs: followUpsOf('training'),
  topics: { checks: topics.trainingChecks, stopped: (id) => stoppedTopic('training', id) },
  failures: trainingFailures,
  timing: ({ training, fal }) => ({
    pollFirstMs: training.pollFirstMs,
    pollMs: training.pollMs,
    startTimeoutSeconds: fal.startTimeoutSeconds,
    outputExpirySeconds: fal.trainingOutputExpirySeconds,
    verifyingMs: Math.min(fal.trainingOutputExpirySeconds * 1000, 7 * day),
    goneMs: training.artifactGoneMs,
    // fal's longest retention of results (fal contract §1.5).
    lateMs: 30 * day,
    blockedMaxMs: training.blockedMaxMs,
    unresolvedMaxMs: training.unresolvedMaxMs,
  }),
  room: ({ training, fal, limits }) => ({
    // With two places or more, one is left to what is quick.
    running: Math.min(training.maxRunning, Math.max(1, (fal.concurrency ?? Infinity) - 1)),
    runningPerUser: training.maxRunningPerUser,
    queued: limits.queuedTrainings,
    queuedPerUser: limits.queuedTrainingsPerUser,
  }),
  // The avatar's row shows status, progress, log and error of its latest training.
  locksAvatar: () => true,
  longestRunMs: ({ trainer }, config) => config.training.deadlineMs ?? trainerNamed(trainer).longest_run_seconds * 1000,
  prepare: prepareTraining,
  isOurs: ({ trainer, archive_url }, { input }) => input?.[trainerNamed(trainer).archive_argument] === archive_url,
  holdsProduct: ({ trainer }, result) => artifactUrls(trainer, result) !== null,
  bareResult({ trainer }, raw) {
    const urls = artifactUrls(trainer, JSON.parse(raw));
    const { outputs } = trainerNamed(trainer);
    return JSON.stringify(urls && { [outputs.lora]: { url: urls.lora }, [outputs.config]: { url: urls.config } });
  },
  beforeFetch: wholeLog,
  fetch: fetchTraining,
  objectKeysOf: ({ lora, config }) => [lora, config].flatMap((file) => file?.storage_key ?? []),
  changes: trainingChanges,
  async after(tx, _training, avatar, now) {
    if (avatar) await projectAvatar(tx, avatar, now);
  },
  publish: publishTraining,
  async announce(tx, type, reason) {
    await publish(tx, { type, data: { reason } });
  },
  countSubmission({ metrics }, outcome) {
    submissionsCounter(metrics).inc({ outcome });
  },
};
