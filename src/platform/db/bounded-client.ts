import pg from 'pg';
import { limits } from '../../limits.ts';

export type BoundedClientConfig = pg.ClientConfig & {
  /** How long one statement may go without its whole answer; no limit when left out. */
  answerTimeoutMs?: number | undefined;
  /** Gives the connection up when its server turns out to be read-only: after a fail-over the name may lead to another. */
  leaveReadOnly?: boolean;
};

const readOnly = '25006';

/** PostgreSQL let a statement wait for longer than we do. Its connection is of no more use. */
export class NoAnswerError extends Error {
  override name = 'NoAnswerError';
  readonly code = 'ETIMEDOUT';
  constructor(ms: number) {
    super(`PostgreSQL gave no answer within ${ms / 1000} s; the connection was thrown away`);
  }
}

/**
 * A client of PostgreSQL that waits for nothing without a limit of its own: connecting, statements, parting. The server's
 * statement_timeout ends nothing when the way to it drops all bytes, and pg's `query_timeout` would keep the connection,
 * behind whose unanswered statement all later ones wait. A statement that misses the limit rejects with NoAnswerError, and
 * the connection is destroyed, which pools notice.
 */
export class BoundedClient extends pg.Client {
  readonly #answerTimeoutMs: number | undefined;
  #unanswered = 0;
  readonly #leaveReadOnly: boolean;
  #readOnly: Error | undefined;
  /** When it was last heard, by the clock of performance.now(). */
  heardAt = performance.now();
  /** Told when a statement had no answer, and when it was sent. */
  onSilence: (since: number) => void = () => {};

  constructor(config: BoundedClientConfig) {
    super({
      keepAlive: true,
      keepAliveInitialDelayMillis: 5000,
      ...config,
      connectionTimeoutMillis: limits.databaseConnect.ms,
    });
    this.#answerTimeoutMs = config.answerTimeoutMs;
    this.#leaveReadOnly = config.leaveReadOnly ?? false;
    this.connection.on('readyForQuery', () => (this.heardAt = performance.now()));
  }

  // oxlint-disable-next-line typescript/no-explicit-any -- pg has seven forms of it; all end in a promise or a callback
  override query(...given: any[]): any {
    const sentAt = performance.now();
    this.#unanswered += 1;
    const ms = this.#answerTimeoutMs;
    const timer =
      ms === undefined
        ? undefined
        : setTimeout(() => {
            this.destroy(new NoAnswerError(ms));
            this.onSilence(sentAt);
          }, ms);
    const settled = (error?: unknown) => {
      clearTimeout(timer);
      this.#unanswered -= 1;
      if (this.#leaveReadOnly && isReadOnly(error)) this.#readOnly = error;
      // Whoever it is may still roll back.
      if (this.#readOnly) setImmediate(() => this.isIdle && this.#readOnly && this.destroy(this.#readOnly));
    };
    const send = super.query as (...args: unknown[]) => unknown;
    const callback: unknown = given.at(-1);
    if (typeof callback === 'function') {
      const told = (error: unknown, result: unknown) => {
        settled(error);
        callback(error, result);
      };
      return send.call(this, ...given.slice(0, -1), told);
    }
    const result = send.call(this, ...given);
    if (result instanceof Promise) result.then(() => settled(), settled);
    else settled();
    return result;
  }

  /** @returns whether no statement waits for an answer */
  get isIdle(): boolean {
    return this.#unanswered === 0;
  }

  /** Cuts the connection; what waits on it rejects with the error. */
  destroy(error: Error): void {
    this.connection.stream.destroy(error);
  }

  /** Says farewell, and cuts the connection when that has no answer either. */
  override end(): Promise<void>;
  override end(callback: (error: Error) => void): void;
  override end(callback?: (error: Error) => void): Promise<void> | void {
    const timer = setTimeout(() => this.connection.stream.destroy(), limits.databaseParting.ms);
    this.once('end', () => clearTimeout(timer));
    timer.unref();
    return callback ? super.end(callback) : super.end();
  }
}

function isReadOnly(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === readOnly;
}

/** A connected client, with pg's own types of what it answers. */
export type OwnClient = pg.Client & Pick<BoundedClient, 'destroy'>;

/**
 * Connects a client of its own and does something with it first.
 * @returns the connected client, which the caller ends
 * @throws what connecting or `begin` throws, after the client was ended: a connection that is of no use is none that stays
 */
export async function connectClient(
  config: BoundedClientConfig,
  begin: (client: OwnClient) => Promise<unknown> = async () => undefined,
): Promise<OwnClient> {
  const client = new BoundedClient(config);
  // A connection that breaks rejects the query at work; the event needs a listener all the same.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await begin(client);
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}
