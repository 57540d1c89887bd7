export type MigrationErrorCode =
  | 'busy'
  | 'history_broken'
  | 'refused'
  | 'failed'
  | 'half_applied'
  | 'unreachable'
  | 'unfit';

/** A contradiction between a database's history and the migrations folder. */
export type HistoryProblem = {
  kind:
    | 'edited'
    | 'unknown'
    | 'ahead'
    | 'out_of_order'
    | 'duplicate'
    | 'folder'
    | 'effect_missing'
    | 'missing'
    | 'hidden'
    | 'journal'
    | 'unadopted';
  /** A file name, the number of a history row, or a missing object. */
  object: string;
  message: string;
};

/**
 * Why a database was not migrated. `busy`: another process migrates it. `history_broken`: nothing was changed, see
 * `problems`. `refused`: consent is missing. `failed`: `file` was rolled back, earlier ones stay. `half_applied`:
 * `file` runs without a transaction and stopped midway. `unreachable`: no connection, or it broke. `unfit`: an unusable
 * database, server or pooler, regardless of contents.
 */
export class MigrationError extends Error {
  override name = 'MigrationError';
  readonly code: MigrationErrorCode;
  readonly file: string | undefined;
  readonly sqlState: string | undefined;
  readonly problems: HistoryProblem[];

  constructor(
    code: MigrationErrorCode,
    message: string,
    details: { file?: string; sqlState?: string | undefined; problems?: HistoryProblem[]; cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause });
    this.code = code;
    this.file = details.file;
    this.sqlState = details.sqlState;
    this.problems = details.problems ?? [];
  }
}

/** @throws MigrationError `history_broken` with all problems in its message */
export function refuse(problems: HistoryProblem[]): never {
  throw new MigrationError('history_broken', problems.map((problem) => problem.message).join('\n'), { problems });
}

export function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return /^[0-9A-Z]{5}$/.test(error.code) && 'severity' in error ? error.code : undefined;
}

/** An error's message, also for Node's connection errors, whose own may be empty. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  return error.message !== '' ? error.message : error.name;
}
