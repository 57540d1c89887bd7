import type { FastifyReply } from 'fastify';
import type { Context } from './context.ts';
import type { Job } from './job.ts';
import { compactJson, type Json } from './json.ts';

const pollMs = 20;

/**
 * Streams the status as server-sent events at each change, until COMPLETED (fal contract §1.4). Polls in real time, so
 * that a manually advanced clock is followed too.
 */
export function streamStatus(context: Context, job: Job, reply: FastifyReply, status: () => Json): FastifyReply {
  reply.hijack();
  reply.raw.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache',
    'x-fal-request-id': job.id,
  });
  let last = '';
  const look = (): void => {
    const text = compactJson(status());
    if (text !== last) reply.raw.write(`data: ${text}\n\n`);
    last = text;
    if (job.state === 'COMPLETED' || job.state === 'VANISHED') {
      clearInterval(timer);
      reply.raw.end();
    }
  };
  const timer = setInterval(look, Math.max(pollMs, 500 / Math.max(context.clock.speed(), 1)));
  reply.raw.on('close', () => clearInterval(timer));
  look();
  return reply;
}
