import type pg from 'pg';

/** The schema of a job queue's library, migrated to the version that the library needs. */
export type QueueSchema = {
  /** The library's name, for example `pg-boss`. */
  library: string;
  /** The schema of its tables; its table `version` holds the version. */
  schema: string;
  /** The version that the installed library needs. */
  wanted: number;
};

/** An earlier system whose database can be adopted. */
export type Adoption = {
  /**
   * Its tables that share names with ours: a database without others of ours is not adopted yet. Empty without such a
   * system.
   */
  tables: readonly string[];
  /** The command that adopts it, without the program. */
  command: string;
};

/**
 * Runs `work` on a new connection without server-side limits.
 * @param name for pg_stat_activity
 * @param answerTimeoutMs per statement; default: no limit
 */
export type Connect = <T>(
  url: string,
  name: string,
  work: (client: pg.Client) => Promise<T>,
  answerTimeoutMs?: number,
) => Promise<T>;

/** Everything the tools know of the project. */
export type Project = {
  title: string;
  /** Prefix of its commands, in advice and pg_stat_activity: `app db`. */
  program: string;
  /** The folder of its package.json, which names the required versions of packages. */
  root: string;
  packages: readonly string[];
  /** The folder that drizzle-kit writes. */
  folder: string;
  /** The file that defines every table, and its exports. */
  model: { file: string; load: () => Promise<Record<string, unknown>> };
  /** Prefix of the ledger's tables in the schema `drizzle`: `app` makes `app_ledger`. */
  ledger: string;
  adoption: Adoption;
  queue: QueueSchema;
  connections: {
    connect: Connect;
    /** @throws for an invalid address */
    settingsOf: (url: string) => pg.ClientConfig;
    isLost: (error: unknown) => boolean;
    /** Milliseconds for a query that a start or a probe waits for. */
    answerTimeoutMs: number;
  };
};
