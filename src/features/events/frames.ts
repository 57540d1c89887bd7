import { eventView } from './schemas.ts';
import type { Event } from './store.ts';

/* The text of a stream of server-sent events (WHATWG HTML §9.2). */

/** @returns an event as a frame; its data is one line, since JSON escapes line ends */
export function eventFrame(event: Event): Buffer {
  return Buffer.from(`id: ${event.sequence}\nevent: ${event.type}\ndata: ${JSON.stringify(eventView(event))}\n\n`);
}

/** A comment that shows that the stream lives, and how far it has come: whoever reconnects need not look further back. */
export function heartbeatFrame(position: number): Buffer {
  return Buffer.from(`: heartbeat\nid: ${position}\n\n`);
}

/** Tells a reader when to come back after the stream has ended, and where it begins. */
export function openingFrame(position: number, retryMs: number): Buffer {
  return Buffer.from(`retry: ${retryMs}\nid: ${position}\n\n`);
}

/** The last words of a stream that the service ends. */
export function closingFrame(why: string, retryMs: number): Buffer {
  return Buffer.from(`: ${why}\nretry: ${retryMs}\n\n`);
}
