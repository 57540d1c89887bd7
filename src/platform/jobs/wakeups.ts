import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import { type OwnClient, connectClient } from '../db/bounded-client.ts';
import { settleSession } from '../db/session.ts';
import { readDatabaseUrl } from '../db/url.ts';
import { limits } from '../../limits.ts';
import type { Topic } from '../../topics.ts';

/** Wake-ups by topic: immediate in this process, by NOTIFY in others. */
export type Wakeups = {
  /**
   * Wakes a topic here at once and, batched after a short delay, in every other process. transact calls it after
   * commits.
   */
  wake(topic: Topic): void;
  on(topic: Topic, listener: () => void): () => void;
  /** Milliseconds since wake-ups of other processes are overdue; 0 while they arrive. */
  deafMs(): number;
  close(): Promise<void>;
};

const channel = 'likeness_wakeups';
const reconnectMs = 1000;
// Each NOTIFY is a transaction and NOTIFYs serialise: a busy process coalesces them.
const gapMs = 5;
// A process that is behind hears late; one NOTIFY may be under way.
const mostUnheard = 2;

/**
 * Opens the process's listening connection. Wake-ups only save time: every listener polls too, so a lost one is
 * harmless. NOTIFY is sent outside transactions, whose commits it would serialise.
 */
export async function createWakeups(databaseUrl: string, log: FastifyBaseLogger): Promise<Wakeups> {
  const self = randomUUID();
  const listeners = new EventEmitter().setMaxListeners(0);
  const pending = new Set<string>();
  let client: OwnClient | null = null;
  let timer: NodeJS.Timeout | null = null;
  let sending = false;
  let closed = false;
  let lostAt = 0;
  let unheard = 0;

  async function connect(): Promise<void> {
    const config = {
      ...readDatabaseUrl(databaseUrl),
      application_name: 'likeness wakeups',
      answerTimeoutMs: limits.databaseWakeup.ms,
      leaveReadOnly: true,
    };
    const next = await connectClient(config, async (connected) => {
      connected.on('notification', ({ payload = '' }) => {
        unheard = 0;
        const [sender, ...topics] = payload.split(' ');
        if (sender !== self) for (const topic of topics) listeners.emit(topic);
      });
      await settleSession(connected);
      await connected.query(`listen ${channel}`);
    });
    if (closed) return next.end();
    next.on('error', (error) => lose(next, error));
    next.on('end', () => lose(next));
    unheard = 0;
    client = next;
  }

  function lose(lost: OwnClient, error?: Error): void {
    if (closed || client !== lost) return;
    client = null;
    lostAt = performance.now();
    log.warn({ err: error }, 'the connection for wake-ups was lost; polling continues');
    scheduleReconnect();
  }

  // Own NOTIFYs come back. A connection that stays silent leads nowhere, or listens in another session, as through a
  // transaction pooler.
  const pulse = setInterval(() => {
    if (unheard === mostUnheard) client?.destroy(new Error('no wake-up came back of those that were sent'));
    unheard += 1;
    if (!sending) void notify(self);
  }, limits.databaseWakeup.ms).unref();

  function scheduleReconnect(): void {
    timer = setTimeout(() => {
      connect().then(
        // Missed wake-ups are unknown: every topic is woken.
        () => listeners.eventNames().forEach((topic) => listeners.emit(topic)),
        () => closed || scheduleReconnect(),
      );
    }, reconnectMs).unref();
  }

  async function notify(payload: string): Promise<void> {
    await client?.query('select pg_notify($1, $2)', [channel, payload]).catch((error: Error) => {
      log.debug({ err: error }, 'a wake-up was not sent');
    });
  }

  // One at a time, the first at once; topics woken meanwhile share the next.
  async function send(): Promise<void> {
    while (pending.size > 0) {
      const payload = [self, ...pending].join(' ');
      pending.clear();
      await notify(payload);
      await delay(gapMs);
    }
    sending = false;
  }

  await connect().catch((error: unknown) => {
    clearInterval(pulse);
    throw error;
  });
  return {
    wake(topic) {
      listeners.emit(topic);
      pending.add(topic);
      if (sending) return;
      sending = true;
      setImmediate(() => void send());
    },
    on(topic, listener) {
      listeners.on(topic, listener);
      return () => void listeners.off(topic, listener);
    },
    deafMs: () => (client ? 0 : performance.now() - lostAt),
    async close() {
      closed = true;
      clearInterval(pulse);
      if (timer) clearTimeout(timer);
      await client?.end();
    },
  };
}
