/**
 * Wake-up topics. A topic only says that there may be work: the listener reads the database, and also polls it. During
 * an upgrade two versions run side by side, so a published name stays.
 */
export const topics = {
  inbox: 'fal.webhooks',
  /** Events wait for their numbers. */
  eventsPublished: 'events.published',
  /** Numbered events can be read. */
  eventsSequenced: 'events.sequenced',
  deliveries: 'endpoints.deliveries',
  trainingDispatch: 'training.dispatch',
  trainingChecks: 'training.checks',
} as const;

export type Topic = (typeof topics)[keyof typeof topics] | `job:${string}` | `training.stopped:${string}`;

/** Wakes the workers of a queued job. */
export function topicOf(job: { name: string }): Topic {
  return `job:${job.name}`;
}

/** Interrupts the preparation of a training that has ended. */
export function stoppedTopic(trainingId: string): Topic {
  return `training.stopped:${trainingId}`;
}
