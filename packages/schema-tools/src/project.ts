import type pg from 'pg';

/** The schema of a job queue's library, which migrations bring to the version that the library needs. */
export type QueueSchema = {
  /** The library's name for people, as in `pg-boss`. */
  library: string;
  /** The schema it keeps its tables in, one of them `version` with the schema's version. */
  schema: string;
  /** The version that the installed library works with. */
  wanted: number;
};

/** What an earlier system left, and what takes it over. */
export type Adoption = {
  /** Its tables that ours have the names of: a database that has no others of ours is still its. Empty when there was none. */
  tables: readonly string[];
  /** The command that takes it over, without the program. */
  command: string;
};

/**
 * Runs `work` over one connection of its own, which is closed in the end; the server puts no limit on its statements.
 * @param name shown in pg_stat_activity
 * @param answerTimeoutMs how long one statement may go without its answer; no limit when left out
 */
export type Connect = <T>(
  url: string,
  name: string,
  work: (client: pg.Client) => Promise<T>,
  answerTimeoutMs?: number,
) => Promise<T>;

/** The project whose database the tools work on: all that they know of it. */
export type Project = {
  /** The project's name for people. */
  title: string;
  /** What its commands begin with, in advice and in pg_stat_activity: `app db`. */
  program: string;
  /** Where its package.json lies, with the packages that have to be installed in the versions it names. */
  root: string;
  packages: readonly string[];
  /** The folder that drizzle-kit writes. */
  folder: string;
  /** The file that describes every table, and its exports. */
  model: { file: string; load: () => Promise<Record<string, unknown>> };
  /** The ledger's tables stand in the schema `drizzle` and begin with this word: `app` makes `app_ledger`. */
  ledger: string;
  adoption: Adoption;
  queue: QueueSchema;
  connections: {
    connect: Connect;
    /** An address as pg takes it; throws for one that is none. */
    settingsOf: (url: string) => pg.ClientConfig;
    isLost: (error: unknown) => boolean;
    /** How long a question that a start or a probe waits for may take, in milliseconds. */
    answerTimeoutMs: number;
  };
};
