import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { FastifyBaseLogger } from 'fastify';
import { settleSession } from '../db/session.ts';
import { readDatabaseUrl } from '../db/url.ts';
import { atMost } from './at-most.ts';

/** Tells whoever waits for a topic that there is something to do: in this process at once, in the others by NOTIFY. */
export type Wakeups = {
  /** Wakes the topic's listeners here and, soon and together with other topics, in every other process. Call it after the commit. */
  wake(topic: string): void;
  /** @returns a function that ends the subscription */
  on(topic: string, listener: () => void): () => void;
  close(): Promise<void>;
};

const channel = 'likeness_wakeups';
const reconnectMs = 1000;
// A server that has gone silent doesn't answer a farewell either.
const partingMs = 500;
// Of a busy process the others need not hear more often: each NOTIFY is a transaction, and they all take turns.
const gapMs = 5;

/**
 * Opens one listening connection for the process. Wake-ups are a courtesy: whoever waits also polls, so one that is
 * lost (a dropped connection, a crash after the commit) costs time and nothing else. NOTIFY is sent outside
 * transactions, since inside it makes their commits queue behind each other.
 */
export async function createWakeups(databaseUrl: string, log: FastifyBaseLogger): Promise<Wakeups> {
  const self = randomUUID();
  const listeners = new EventEmitter().setMaxListeners(0);
  const pending = new Set<string>();
  let client: pg.Client | null = null;
  let timer: NodeJS.Timeout | null = null;
  let sending = false;
  let closed = false;

  async function connect(): Promise<void> {
    const next = new pg.Client({
      ...readDatabaseUrl(databaseUrl),
      application_name: 'likeness wakeups',
      keepAlive: true,
    });
    next.on('error', (error) => lose(next, error));
    next.on('end', () => lose(next));
    next.on('notification', ({ payload = '' }) => {
      const [sender, ...topics] = payload.split(' ');
      if (sender !== self) for (const topic of topics) listeners.emit(topic);
    });
    await next.connect();
    await settleSession(next);
    await next.query(`listen ${channel}`);
    if (closed) return next.end();
    client = next;
  }

  function lose(lost: pg.Client, error?: Error): void {
    if (closed || client !== lost) return;
    client = null;
    log.warn({ err: error }, 'the connection for wake-ups was lost; polling goes on');
    scheduleReconnect();
  }

  function scheduleReconnect(): void {
    timer = setTimeout(() => {
      connect().then(
        // What was missed meanwhile is unknown, so everyone looks.
        () => listeners.eventNames().forEach((topic) => listeners.emit(topic)),
        () => closed || scheduleReconnect(),
      );
    }, reconnectMs).unref();
  }

  // One at a time, the first at once: what is woken while one is under way, and a moment after, goes with the next.
  async function send(): Promise<void> {
    while (pending.size > 0) {
      const payload = [self, ...pending].join(' ');
      pending.clear();
      await client?.query('select pg_notify($1, $2)', [channel, payload]).catch((error: Error) => {
        log.debug({ err: error }, 'a wake-up was not sent');
      });
      await delay(gapMs);
    }
    sending = false;
  }

  await connect();
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
    async close() {
      closed = true;
      if (timer) clearTimeout(timer);
      await atMost(partingMs, client?.end());
    },
  };
}
