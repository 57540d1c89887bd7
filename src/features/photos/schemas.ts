import { Type } from 'typebox';
import { photoValidationStatuses } from '../../platform/db/schema.ts';
import {
  Closed,
  CountedListQuery,
  CountedPage,
  Enum,
  Named,
  Nullable,
  Timestamp,
  Uuid,
} from '../../platform/http/schemas.ts';
import { formats, photoRules, rejectionCodes } from './rules.ts';

const { maxFiles, maxBytes, maxMegapixels, minSide, maxAspect } = photoRules;

export const PhotoSchema = Named('Photo', {
  id: Uuid,
  avatar_id: Uuid,
  user_id: Uuid,
  file_hash: Type.String({ description: 'SHA-256 of the file as it was sent; MD5 for photos of the earlier system.' }),
  upload_order: Type.Integer({ description: 'The order in which photos are trained and listed.' }),
  validation_status: Enum(photoValidationStatuses),
  file_size: Type.Integer({ description: 'Bytes of the file as it was sent.' }),
  width: Nullable(Type.Integer({ description: 'Width of the upright picture, in pixels.' })),
  height: Nullable(Type.Integer()),
  format: Type.String({ examples: Object.keys(formats) }),
  has_face: Nullable(Type.Boolean({ description: 'Whether a face was found; null when the photo was not examined.' })),
  quality_score: Nullable(Type.Number()),
  validation_error: Nullable(Type.String()),
  photo_metadata: Type.Unknown({
    description:
      '`original_filename`, and `stored_sha256` and `stored_size` of the stored photo, which `…/content` serves.',
  }),
  created_at: Timestamp,
  validated_at: Nullable(Timestamp),
  order: Type.Integer(),
});

export const RejectionSchema = Named(
  'RejectedPhoto',
  {
    filename: Nullable(Type.String()),
    code: Enum(rejectionCodes, { description: 'Stable code, for programs.' }),
    detail: Type.String({ description: 'What is wrong with the file and what to do, in words for people.' }),
  },
  { examples: [{ filename: 'me.png', code: 'too-small', detail: 'is 200×200, and …' }] },
);

export const PhotosResult = Closed({
  accepted: Type.Array(PhotoSchema),
  rejected: Type.Array(RejectionSchema),
});

export const PhotosUpload = Type.Object(
  {
    photos: Type.Array(Type.Unsafe<unknown>({ type: 'string', contentMediaType: 'application/octet-stream' }), {
      minItems: 1,
      maxItems: maxFiles,
    }),
  },
  {
    description:
      `1 to ${maxFiles} file parts of any name: JPEG, PNG or WebP, each up to ${maxBytes / 1024 / 1024} MB and ` +
      `${maxMegapixels} megapixels, the shorter side at least ${minSide} pixels, the longer side at most ${maxAspect} ` +
      'times the shorter.',
  },
);

export const PhotoParams = Closed({ id: Uuid, photo_id: Uuid });
export const PhotoListQuery = Closed(CountedListQuery);
export const PhotoPage = CountedPage(PhotoSchema);
