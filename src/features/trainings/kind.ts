import { publish } from '../events/publish.ts';
import { trainerNamed } from '../trainers/registry.ts';
import { followUpsOf } from '../../fal-jobs/follow-ups.ts';
import type { JobKind } from '../../fal-jobs/kind.ts';
import { trainings } from '../../platform/db/schema.ts';
import { stoppedTopic, topics } from '../../topics.ts';
import { artifactUrls } from './artifact-urls.ts';
import { trainingChanges } from './changes.ts';
import { publishTraining } from './event.ts';
import { trainingFailures } from './failures.ts';
import { fetchTraining, wholeLog } from './fetch-artifacts.ts';
import { submissionsCounter } from './metrics.ts';
import { prepareTraining } from './prepare.ts';
import { projectAvatar } from './project.ts';
import {
  claimDueTrainings,
  findTraining,
  lockTrainings,
  setNextCheck,
  shortenDeadline,
  type Training,
  updateTraining,
} from './store.ts';

export const trainingKind: JobKind<Training> = {
  name: 'training',
  store: {
    table: trainings,
    find: findTraining,
    lock: lockTrainings,
    update: updateTraining,
    claimDue: claimDueTrainings,
    setNextCheck,
    shortenDeadline,
  },
  jobs: followUpsOf('training'),
  topics: { dispatch: topics.trainingDispatch, checks: topics.trainingChecks, stopped: stoppedTopic },
  failures: trainingFailures,
  // The avatar's row shows status, progress, log and error of its latest training.
  locksAvatar: () => true,
  longestRunMs: ({ trainer }) => trainerNamed(trainer).longest_run_seconds * 1000,
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
