import type { FastifyReply } from 'fastify';
import type { Static } from 'typebox';
import type { Context } from '../context.ts';
import { etagOf } from '../http/etag.ts';
import type { AvatarSchema, AvatarSummarySchema } from './schemas.ts';
import type { AvatarDetail, AvatarSummary } from './store.ts';

type Needs = Pick<Context, 'installation'>;

/** @returns an avatar as lists show it */
export function avatarSummaryView({ installation }: Needs, avatar: AvatarSummary): Static<typeof AvatarSummarySchema> {
  return {
    ...avatar,
    training_started_at: time(avatar.training_started_at),
    training_completed_at: time(avatar.training_completed_at),
    created_at: avatar.created_at.toISOString(),
    updated_at: avatar.updated_at.toISOString(),
    last_status_check: time(avatar.last_status_check),
    sandbox: installation.falMode === 'sandbox',
  };
}

/** @returns an avatar as clients see it */
export function avatarView(needs: Needs, avatar: AvatarDetail): Static<typeof AvatarSchema> {
  const { training_logs, fal_response_data, ...summary } = avatar;
  return { ...avatarSummaryView(needs, summary), training_logs, fal_response_data };
}

/** @returns the same, its entity tag put on the reply */
export function tagged(needs: Needs, reply: FastifyReply, avatar: AvatarDetail): Static<typeof AvatarSchema> {
  const view = avatarView(needs, avatar);
  reply.header('etag', etagOf(view));
  return view;
}

function time(date: Date | null): string | null {
  return date === null ? null : date.toISOString();
}
