import type { JsonObject } from './json.ts';

/** One POST to the queue, whatever its outcome. */
export interface ReceivedSubmission {
  number: number;
  at: string;
  endpoint: string;
  images_data_url: string | null;
  webhook_url: string | null;
  body: string;
  headers: Record<string, string>;
  /** The fault that struck, or 'accepted' or 'refused'. */
  outcome: string;
  /** The created job, whether or not the response was sent. */
  request_id: string | null;
}

export interface Submissions {
  add(
    entry: Omit<ReceivedSubmission, 'number' | 'at' | 'outcome' | 'request_id' | 'images_data_url'> & {
      input: JsonObject | null;
    },
  ): ReceivedSubmission;
  list(): ReceivedSubmission[];
  /** POSTs and jobs by archive address, in the order of first POSTs. */
  byArchive(): Record<string, Count>;
  /** POSTs and jobs for each body, byte for byte, in the order of the first POST. */
  byInput(): Record<string, Count>;
}

interface Count {
  posts: number;
  jobs: number;
}

/** Counts every POST to the queue, so that a test can say that no archive and no input was sent twice. */
export function createSubmissions(): Submissions {
  const received: ReceivedSubmission[] = [];
  return {
    add({ input, ...entry }) {
      const address = input?.images_data_url;
      const submission: ReceivedSubmission = {
        number: received.length + 1,
        at: new Date().toISOString(),
        ...entry,
        images_data_url: typeof address === 'string' ? address : null,
        outcome: 'refused',
        request_id: null,
      };
      received.push(submission);
      return submission;
    },
    list: () => received,
    byArchive: () => countBy(received, ({ images_data_url: address }) => address),
    byInput: () => countBy(received, ({ body }) => body),
  };
}

function countBy(
  received: readonly ReceivedSubmission[],
  keyOf: (submission: ReceivedSubmission) => string | null,
): Record<string, Count> {
  const counts: Record<string, Count> = {};
  for (const submission of received) {
    const key = keyOf(submission);
    if (key === null) continue;
    const count = (counts[key] ??= { posts: 0, jobs: 0 });
    count.posts += 1;
    if (submission.request_id !== null) count.jobs += 1;
  }
  return counts;
}
