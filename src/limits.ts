/**
 * How long the code waits for others; `npm run docs` writes docs/operations.md from this list. Limits that are settings
 * are listed by name.
 */
export type Limit = {
  other: 'PostgreSQL' | 'Object store' | 'fal' | 'Webhook endpoints' | 'This machine';
  wait: string;
  /** Milliseconds; for a setting, what is added to it. */
  ms: number;
  setting?: `${Uppercase<string>}_SECONDS`;
  /** What happens at the limit. */
  after: string;
};

export const limits = {
  databaseConnect: {
    other: 'PostgreSQL',
    wait: 'a new connection: its name looked up, TLS, password',
    ms: 5000,
    after: 'The attempt is given up; the next one looks the name up again.',
  },
  databaseTurn: {
    other: 'PostgreSQL',
    wait: 'a free connection of the pool (DATABASE_POOL_MAX)',
    ms: 10_000,
    after: 'The request is answered 503, the job tried again.',
  },
  databaseAnswer: {
    other: 'PostgreSQL',
    wait: 'the answer to one statement; the server itself ends it a second sooner',
    setting: 'DATABASE_TIMEOUT_SECONDS',
    ms: 1000,
    after: 'The connection is thrown away, and with it the idle ones that have not been heard since. 503, or again.',
  },
  databaseIdleTransaction: {
    other: 'PostgreSQL',
    wait: 'the next statement of a transaction of ours',
    ms: 60_000,
    after: 'The server ends the connection, and what it held.',
  },
  databaseWakeup: {
    other: 'PostgreSQL',
    wait: 'a sign of the connection for wake-ups, which is asked for one as often',
    ms: 3000,
    after: 'The connection is thrown away and made again each second; meanwhile work is found by looking.',
  },
  databaseTools: {
    other: 'PostgreSQL',
    wait: 'an answer about history and schema at the start',
    ms: 8000,
    after: 'The start ends with a sentence.',
  },
  databaseSilence: {
    other: 'PostgreSQL',
    wait: 'a sign, asked for over a second connection, that the server is at work on a statement of `likeness db`, which may take hours',
    ms: 30_000,
    after: 'The command ends with a sentence and 1; what was not committed is rolled back.',
  },
  databaseLock: {
    other: 'PostgreSQL',
    wait: 'a lock that a statement of `likeness db` needs; migrations have `--lock-timeout`',
    ms: 10_000,
    after: 'The command ends with a sentence; what was not committed is rolled back.',
  },
  databaseConcurrentLock: {
    other: 'PostgreSQL',
    wait: 'a lock that a CONCURRENTLY statement of a migration needs, which keeps nobody waiting',
    ms: 3_600_000,
    after: 'The migration is half applied, and says how to go on.',
  },
  installation: {
    other: 'PostgreSQL',
    wait: 'what the database was pinned to at its first start, the store asked between',
    ms: 9000,
    after: 'The start ends with a sentence.',
  },
  databaseParting: {
    other: 'PostgreSQL',
    wait: 'the end of a connection that was closed',
    ms: 500,
    after: 'It is cut.',
  },
  storeConnect: {
    other: 'Object store',
    wait: 'a connection to S3, its name looked up',
    ms: 5000,
    after: 'Tried a second time, then 503 `storage-unavailable`; a job is tried again within seconds.',
  },
  storeAnswer: {
    other: 'Object store',
    wait: 'its answer, or the next byte of a file to or from it, disk or S3',
    setting: 'STORAGE_TIMEOUT_SECONDS',
    ms: 0,
    after: '503 `storage-unavailable`; a job is tried again within seconds.',
  },
  storeSocket: {
    other: 'Object store',
    wait: 'a connection on which nothing moves, because its reader pauses or nobody waits for it any more',
    ms: 60_000,
    after: 'The connection is thrown away.',
  },
  storeStart: {
    other: 'Object store',
    wait: 'the store and its marker at the start',
    ms: 8000,
    after: 'The start ends with a sentence.',
  },
  falConnect: {
    other: 'fal',
    wait: 'a connection, its name looked up',
    ms: 5000,
    after: 'Nothing was sent; tried again within seconds.',
  },
  falAnswer: {
    other: 'fal',
    wait: 'a whole answer of its API, and the next byte of an upload or download',
    setting: 'FAL_TIMEOUT_SECONDS',
    ms: 0,
    after: 'The connection is thrown away. A submission is settled without a second one; all else is asked again.',
  },
  falKeys: {
    other: 'fal',
    wait: 'its signing keys',
    ms: 10_000,
    after: 'Keys that are known stay in use; without any, 503, so that fal delivers again.',
  },
  falUpload: {
    other: 'fal',
    wait: 'one request of an upload',
    ms: 900_000,
    after: 'Given up and tried again.',
  },
  falDownload: {
    other: 'fal',
    wait: 'one whole download',
    ms: 3_600_000,
    after: 'Given up; it goes on where it was.',
  },
  endpointAnswer: {
    other: 'Webhook endpoints',
    wait: 'connection, answer and body together',
    setting: 'WEBHOOK_TIMEOUT_SECONDS',
    ms: 0,
    after: 'The connection is thrown away, the delivery repeated.',
  },
  scratch: {
    other: 'This machine',
    wait: 'a temporary file (TMPDIR) at the start',
    ms: 5000,
    after: 'The start ends with a sentence.',
  },
  readiness: {
    other: 'This machine',
    wait: 'each part that /readyz asks, by the probe',
    ms: 2000,
    after: 'The part is named as not ready.',
  },
  readinessQuestion: {
    other: 'This machine',
    wait: 'the same, by all probes that share the question',
    ms: 5000,
    after: 'Its connection is thrown away, and the next probe asks anew.',
  },
  deafness: {
    other: 'PostgreSQL',
    wait: 'a lost connection for wake-ups to be made again',
    ms: 3000,
    after: '/readyz names it; work is found by looking.',
  },
  numbering: {
    other: 'PostgreSQL',
    wait: 'a number for an event that was committed',
    ms: 15_000,
    after: '/readyz of a worker names it.',
  },
  recurringRun: {
    other: 'This machine',
    wait: 'one run of a recurring job, or one piece of its work, of which each statement and request has a limit of its own',
    ms: 600_000,
    after: 'It is logged and aborted, and the next run begins.',
  },
  stop: {
    other: 'This machine',
    wait: 'what runs when the process is stopped',
    setting: 'SHUTDOWN_GRACE_SECONDS',
    ms: 5000,
    after: 'It is handed back to the queue, connections are cut, the process ends.',
  },
} as const satisfies Record<string, Limit>;
