export type MigrationErrorCode =
  | 'busy'
  | 'history_broken'
  | 'refused'
  | 'failed'
  | 'half_applied'
  | 'unreachable'
  | 'unfit';

/** How the history of a database and the migrations folder contradict each other. */
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
  /** The migration's file name, or the history row's number, or the missing object. */
  object: string;
  message: string;
};

/**
 * Why a database could not be migrated. `busy`: another one migrates it. `history_broken`: nothing was changed, see
 * `problems`. `refused`: it needs a word of consent. `failed`: `file` was rolled back, those before it stay. `half_applied`: `file` runs without a transaction and
 * stopped in the middle. `unreachable`: no connection, or it
 * broke. `unfit`: a database, server or pooler that the service can't work on, whatever is in it.
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

/** Throws `history_broken` with all problems in its message. */
export function refuse(problems: HistoryProblem[]): never {
  throw new MigrationError('history_broken', problems.map((problem) => problem.message).join('\n'), { problems });
}

/** The five characters that PostgreSQL gives an error, or undefined for an error that is not PostgreSQL's. */
export function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return /^[0-9A-Z]{5}$/.test(error.code) && 'severity' in error ? error.code : undefined;
}

/** What went wrong in words, also for Node's connection errors, whose own message may be empty. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  return error.message !== '' ? error.message : error.name;
}
