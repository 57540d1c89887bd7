import { setTimeout as delay } from 'node:timers/promises';
import { sqlStateOf } from '@likeness/schema-tools/history/errors.ts';
import { limits } from '../../limits.ts';
import {
  type BoundedClient,
  type BoundedClientConfig,
  connectClient,
  NoAnswerError,
  type OwnClient,
} from './bounded-client.ts';

const lookMs = 3000;
const questionMs = 5000;

/**
 * Destroys a client whose statement has no answer while nothing shows that the server is at work on it. The statement
 * itself may take hours, as on a large table: every few seconds a second connection asks for its session.
 * @param client an open connection, whose pending statement then rejects with NoAnswerError
 * @returns a function that ends the watch
 */
export function watchStatements(
  client: BoundedClient,
  config: BoundedClientConfig,
  pid: number,
  silentMs: number = limits.databaseSilence.ms,
): () => Promise<void> {
  const ended = new AbortController();
  let second: OwnClient | undefined;

  async function isAtWork(): Promise<boolean> {
    second ??= await connectClient({ ...config, answerTimeoutMs: questionMs });
    const { rows } = await second.query<{ state: string }>('select state from pg_stat_activity where pid = $1', [pid]);
    return rows[0]?.state === 'active';
  }
  async function look(): Promise<boolean> {
    try {
      return await isAtWork();
    } catch (error) {
      const failed = second;
      second = undefined;
      await failed?.end().catch(() => undefined);
      // A server that refuses another connection is not silent.
      return sqlStateOf(error) !== undefined;
    }
  }
  async function watch(): Promise<void> {
    let seenAt = performance.now();
    for (;;) {
      await delay(lookMs, undefined, { signal: ended.signal });
      if (client.isIdle || client.heardAt > seenAt || (await look())) seenAt = performance.now();
      else if (performance.now() - seenAt >= silentMs) return client.destroy(new NoAnswerError(silentMs));
    }
  }

  const watching = watch().catch(() => undefined);
  return async () => {
    ended.abort();
    await watching;
    await second?.end().catch(() => undefined);
  };
}
