import { Type } from 'typebox';
import { imageStatuses } from '../../platform/db/schema.ts';
import {
  Closed,
  CountedListQuery,
  CountedPage,
  Enum,
  Named,
  Nullable,
  Sha256,
  Timestamp,
  Uuid,
} from '../../platform/http/schemas.ts';
import { linkAnswer, LinkRequest } from '../../platform/http/signed-link.ts';

export const ImageSchema = Named('Image', {
  id: Uuid,
  generation_id: Uuid,
  avatar_id: Uuid,
  user_id: Uuid,
  index: Type.Integer({ minimum: 0, description: 'Place in the result of fal, from 0.' }),
  status: Enum(imageStatuses, {
    description: '`flagged`: the safety checker of fal gave no picture. `lost`: the picture could not be used.',
  }),
  width: Nullable(Type.Integer({ description: 'Width in pixels; null where there is no picture.' })),
  height: Nullable(Type.Integer()),
  content_type: Nullable(Type.String({ examples: ['image/jpeg'] })),
  size: Nullable(Type.Integer({ description: 'Bytes of the stored picture.' })),
  sha256: Nullable(Sha256),
  favorite: Type.Boolean({ description: 'Favourites are kept when the retention of generations is over.' }),
  likeness: Type.Unknown({
    description: 'How near the face is to the photos of the avatar; null where it is unknown.',
  }),
  sandbox: Type.Boolean({ description: 'True when the sandbox stands in for fal and the picture shows nobody.' }),
  created_at: Timestamp,
  updated_at: Timestamp,
});

export const ImagePatch = Closed({ favorite: Type.Boolean() }, { examples: [{ favorite: true }] });

export const ImageListQuery = Closed({
  ...CountedListQuery,
  user_id: Type.Optional(Uuid),
  avatar_id: Type.Optional(Uuid),
  generation_id: Type.Optional(Uuid),
  favorite: Type.Optional(Type.Boolean({ description: 'Only favourites, or with `false` only the others.' })),
  status: Enum(imageStatuses, { default: 'ok', description: 'Only images of this status.' }),
});
export const ImagePage = CountedPage(ImageSchema);

export const imageFiles = ['content', 'thumbnail'] as const;
export type ImageFile = (typeof imageFiles)[number];
const File = Enum(imageFiles, { default: 'content', description: 'The picture, or its thumbnail.' });
export const ImageFileParams = Closed({ id: Uuid, file: Enum(imageFiles) });
export const ImageLinkRequest = Closed(
  { ...LinkRequest.properties, file: File },
  { examples: [{ expires_in: 3600, file: 'thumbnail' }] },
);
export const ImageLink = Named('ImageLink', linkAnswer);

export const PreviewRequest = Closed(
  { image_id: Uuid },
  { examples: [{ image_id: '0199a5b2-7c1e-7cc3-9a4b-2f6f1d0c8e55' }] },
);
