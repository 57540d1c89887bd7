import type { FastifyReply } from 'fastify';
import type { Static } from 'typebox';
import type { Context } from '../../context.ts';
import { etagOf } from '../../platform/http/etag.ts';
import { iso } from '../../platform/http/iso.ts';
import type { ImageSchema } from './schemas.ts';
import type { Image } from './store.ts';

type Needs = Pick<Context, 'installation'>;

/** An image without its storage keys. Members are named one by one: their order is part of the entity tag. */
export function imageView({ installation }: Needs, image: Image): Static<typeof ImageSchema> {
  return {
    id: image.id,
    generation_id: image.generation_id,
    avatar_id: image.avatar_id,
    user_id: image.user_id,
    index: image.index,
    status: image.status,
    width: image.width,
    height: image.height,
    content_type: image.content_type,
    size: image.size,
    sha256: image.sha256,
    favorite: image.favorite,
    likeness: image.likeness,
    sandbox: installation.falMode === 'sandbox',
    created_at: iso(image.created_at),
    updated_at: iso(image.updated_at),
  };
}

/** Sets the entity tag of the image on the reply. @returns its view */
export function tagged(needs: Needs, reply: FastifyReply, image: Image): Static<typeof ImageSchema> {
  const view = imageView(needs, image);
  reply.header('etag', etagOf(view));
  return view;
}
