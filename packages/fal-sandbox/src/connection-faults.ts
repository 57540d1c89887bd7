import type { FastifyReply } from 'fastify';
import type { Context } from './context.ts';
import type { FaultRule, Occasion } from './faults.ts';

export const lockedDetail =
  'User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing.';

/** Resets the connection after the request was read, without an answer. */
export function breakConnection(reply: FastifyReply): void {
  reply.hijack();
  reply.raw.socket?.resetAndDestroy();
}

/** Never answers; the connection stays open until either side ends. */
export function neverAnswer(reply: FastifyReply): void {
  reply.hijack();
}

/** Sends the head with the full length and half the body, then resets. */
export function cutBody(
  reply: FastifyReply,
  status: number,
  body: string | Buffer,
  contentType = 'application/json',
): void {
  const bytes = Buffer.from(body);
  reply.hijack();
  reply.raw.writeHead(status, { 'content-type': contentType, 'content-length': bytes.length });
  reply.raw.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => reply.raw.socket?.destroy());
}

/** Answers with a fault that every route supports; false for other faults. */
export function answerPlainFault(reply: FastifyReply, rule: FaultRule): boolean {
  switch (rule.fault) {
    case 'unavailable':
      void reply.code(rule.status ?? 503).send(rule.body ?? { detail: 'Service Unavailable' });
      return true;
    case 'unauthorized':
      void reply.code(401).send({ detail: 'invalid key credentials' });
      return true;
    case 'locked':
      void reply.code(403).send({ detail: lockedDetail });
      return true;
    case 'rate_limited':
      void reply.code(429).send({ detail: 'Rate limit exceeded' });
      return true;
    case 'server_error':
      void reply.code(rule.status ?? 500).send({ detail: rule.detail ?? 'Internal Server Error' });
      return true;
    case 'reset':
      breakConnection(reply);
      return true;
    case 'timeout':
      neverAnswer(reply);
      return true;
    default:
      return false;
  }
}

/** Draws the faults of an upload's steps and answers with the first; true when there was one. */
export function strikeUpload(
  context: Context,
  reply: FastifyReply,
  names: readonly string[],
  occasion?: Occasion,
): boolean {
  const rule = context.faults.draw('upload', occasion, names)[0];
  if (!rule) return false;
  return answerPlainFault(reply, { ...rule, fault: rule.fault.replace(/^(put|part)_/, '') });
}
