import { eventView } from './schemas.ts';
import type { Event } from './store.ts';

/* The text of a stream of server-sent events (WHATWG HTML §9.2). */

/** One frame: its data is a single line, since JSON escapes line ends. */
export function eventFrame(event: Event): Buffer {
  return Buffer.from(`id: ${event.sequence}\nevent: ${event.type}\ndata: ${JSON.stringify(eventView(event))}\n\n`);
}

/** A comment frame that keeps the connection alive; its id lets a client that reconnects skip what was not for it. */
export function heartbeatFrame(position: number): Buffer {
  return Buffer.from(`: heartbeat\nid: ${position}\n\n`);
}

/** The first frame: how long a client waits before it reconnects, and the position at which the stream begins. */
export function openingFrame(position: number, retryMs: number): Buffer {
  return Buffer.from(`retry: ${retryMs}\nid: ${position}\n\n`);
}

export function closingFrame(why: string, retryMs: number): Buffer {
  return Buffer.from(`: ${why}\nretry: ${retryMs}\n\n`);
}
