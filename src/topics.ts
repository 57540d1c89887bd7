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
  // The name of versions that made trainings alone.
  dispatch: 'training.dispatch',
  trainingChecks: 'training.checks',
  generationChecks: 'generation.checks',
} as const;

export type Topic = (typeof topics)[keyof typeof topics] | `job:${string}` | `${string}.stopped:${string}`;

/** Wakes the workers of a queued job. */
export function topicOf(job: { name: string }): Topic {
  return `job:${job.name}`;
}

/** Interrupts the preparation of a job that has ended. */
export function stoppedTopic(kind: string, id: string): Topic {
  return `${kind}.stopped:${id}`;
}
