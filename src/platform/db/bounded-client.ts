import pg from 'pg';
import { limits } from '../../limits.ts';

export type BoundedClientConfig = pg.ClientConfig & {
  /** Milliseconds until a statement's whole answer must have come; no limit when omitted. */
  answerTimeoutMs?: number | undefined;
  /**
   * Closes the connection when its server is read-only: after a fail-over the host name may resolve to another server.
   */
  leaveReadOnly?: boolean;
};

const readOnly = '25006';

/** A statement had no answer within our limit; its connection is unusable. */
export class NoAnswerError extends Error {
  override name = 'NoAnswerError';
  readonly code = 'ETIMEDOUT';
  constructor(ms: number) {
    super(`PostgreSQL gave no answer within ${ms / 1000} s; the connection was thrown away`);
  }
}

/**
 * A pg client whose every wait has a limit of ours: connect, statements, end. The server's statement_timeout does not
 * help when the network drops packets, and pg's `query_timeout` keeps the connection, with the unanswered statement at
 * the head of its queue. A statement over the limit rejects with NoAnswerError and the connection is destroyed, which
 * pools notice.
 */
export class BoundedClient extends pg.Client {
  readonly #answerTimeoutMs: number | undefined;
  #unanswered = 0;
  readonly #leaveReadOnly: boolean;
  #readOnly: Error | undefined;
  /** Time of the last data received, by performance.now(). */
  heardAt = performance.now();
  /** Called with the send time of a statement that got no answer. */
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
      // The caller may still roll back.
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

  get isIdle(): boolean {
    return this.#unanswered === 0;
  }

  /** Pending statements reject with the error. */
  destroy(error: Error): void {
    this.connection.stream.destroy(error);
  }

  /** Ends the connection gracefully, then destroys it when there is no answer. */
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

export type OwnClient = pg.Client & Pick<BoundedClient, 'destroy'>;

/**
 * Connects and prepares a single client, which the caller ends.
 * @throws what connecting or `begin` throws, after cleaning up
 */
export async function connectClient(
  config: BoundedClientConfig,
  begin: (client: OwnClient) => Promise<unknown> = async () => undefined,
): Promise<OwnClient> {
  const client = new BoundedClient(config);
  // A broken connection rejects the running query; the event still needs a listener.
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
