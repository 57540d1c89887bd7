import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import { type OwnClient, connectClient } from '../db/bounded-client.ts';
import { settleSession } from '../db/session.ts';
import { readDatabaseUrl } from '../db/url.ts';
import { limits } from '../../limits.ts';
import type { Topic } from '../../topics.ts';

/** Tells whoever waits for a topic that there is something to do: in this process at once, in the others by NOTIFY. */
export type Wakeups = {
  /** Wakes the topic's listeners here and, soon and together with other topics, in every other process. transact calls it after the commit. */
  wake(topic: Topic): void;
  /** @returns a function that ends the subscription */
  on(topic: Topic, listener: () => void): () => void;
  /** How long none of them has come here from other processes, in milliseconds; 0 while they do. */
  deafMs(): number;
  close(): Promise<void>;
};

const channel = 'likeness_wakeups';
const reconnectMs = 1000;
// Of a busy process the others need not hear more often: each NOTIFY is a transaction, and they all take turns.
const gapMs = 5;
// A process that is behind its work hears late; one may be on its way.
const mostUnheard = 2;

/**
 * Opens one listening connection for the process. Wake-ups are a courtesy: whoever waits also polls, so one that is
 * lost (a dropped connection, a crash after the commit) costs time and nothing else. NOTIFY is sent outside
 * transactions, since inside it makes their commits queue behind each other.
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
    log.warn({ err: error }, 'the connection for wake-ups was lost; polling goes on');
    scheduleReconnect();
  }

  // What this process sends comes back to it. A connection that says nothing for so long leads nowhere, or listens in
  // another session than ours, as one through a pooler does.
  const pulse = setInterval(() => {
    if (unheard === mostUnheard) client?.destroy(new Error('no wake-up came back of those that were sent'));
    unheard += 1;
    if (!sending) void notify(self);
  }, limits.databaseWakeup.ms).unref();

  function scheduleReconnect(): void {
    timer = setTimeout(() => {
      connect().then(
        // What was missed meanwhile is unknown, so everyone looks.
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

  // One at a time, the first at once: what is woken while one is under way, and a moment after, goes with the next.
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
