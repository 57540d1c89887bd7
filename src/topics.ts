/**
 * What a process can be woken for. A topic says that there may be work, never what it is: who is woken looks into the
 * database, and looks there from time to time without being woken. Processes of two versions run side by side during an
 * upgrade, so a name, once used, stays.
 */
export const topics = {
  /** fal's webhooks were kept. */
  inbox: 'fal.webhooks',
  /** Events were published, and wait for their numbers. */
  eventsPublished: 'events.published',
  /** Events were numbered, which is when readers can see them. */
  eventsSequenced: 'events.sequenced',
  /** Deliveries to webhook endpoints are due. */
  deliveries: 'endpoints.deliveries',
  /** A queued training may be let in. */
  trainingDispatch: 'training.dispatch',
  /** A training may be due for a check. */
  trainingChecks: 'training.checks',
} as const;

export type Topic = (typeof topics)[keyof typeof topics] | `job:${string}` | `training.stopped:${string}`;

/** @returns the topic for jobs of one name that were enqueued */
export function topicOf(job: { name: string }): Topic {
  return `job:${job.name}`;
}

/** @returns the topic for a training that ended while it was prepared: what is under way for it stops */
export function stoppedTopic(trainingId: string): Topic {
  return `training.stopped:${trainingId}`;
}
