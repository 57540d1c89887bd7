import { Type } from 'typebox';
import { scopes, userScopes } from '../../platform/http/caller.ts';
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
import { Line } from '../../platform/http/text.ts';

export const keyStatuses = ['active', 'expired', 'revoked'] as const;
export type KeyStatus = (typeof keyStatuses)[number];

export const longestOverlapSeconds = 2_592_000;

const shownOnce = 'The key, shown once; only a hash of the key is stored.';
const exampleKey = {
  id: '0199a5b2-7c1e-7cc3-9a4b-2f6f1d0c8e55',
  name: 'bot',
  prefix: 'lk_8fJ2mQx0',
  scopes: ['avatars:read', 'avatars:write', 'trainings:write', 'events:read'],
  status: 'active',
  created_at: '2026-11-22T12:00:00.000Z',
  expires_at: null,
  last_used_at: '2026-11-22T12:34:00.000Z',
  revoked_at: null,
  replaced_by: null,
};

const key = {
  id: Uuid,
  name: Type.String(),
  prefix: Type.String({ description: 'The first characters of the key, to tell keys apart.' }),
  scopes: Type.Array(Enum(scopes)),
  status: Enum(keyStatuses),
  created_at: Timestamp,
  expires_at: Nullable(Timestamp),
  last_used_at: Nullable(Type.String({ format: 'date-time', description: 'Time of the last use, to the minute.' })),
  revoked_at: Nullable(Timestamp),
  replaced_by: Nullable(
    Type.String({ format: 'uuid', description: 'Id of the key that replaced this key by rotation.' }),
  ),
};

export const KeySchema = Named('Key', key, { examples: [exampleKey] });
export const MadeKeySchema = Closed(
  { ...key, key: Type.String({ description: shownOnce }) },
  { examples: [{ ...exampleKey, last_used_at: null, key: 'lk_8fJ2mQx0…' }] },
);
export const KeyListQuery = Closed(CountedListQuery);
export const KeyPage = CountedPage(KeySchema, { examples: [{ data: [exampleKey], next_cursor: null }] });

export const KeyRequest = Closed(
  {
    name: Line({ maxLength: 100, description: 'What the key is for.', examples: ['bot'] }),
    scopes: Type.Array(Enum(scopes), { minItems: 1, maxItems: scopes.length, uniqueItems: true }),
    expires_at: Type.Optional(
      Nullable(
        Type.String({ format: 'date-time', description: 'Time at which the key expires; null or omitted for never.' }),
      ),
    ),
  },
  { examples: [{ name: 'bot', scopes: ['avatars:read', 'avatars:write', 'trainings:write'] }] },
);

export const RotationRequest = Closed(
  {
    overlap_seconds: Type.Integer({
      minimum: 0,
      maximum: longestOverlapSeconds,
      default: 86_400,
      description: 'Seconds for which the old key keeps working.',
    }),
  },
  { examples: [{ overlap_seconds: 86_400 }] },
);

export const TokenRequest = Closed(
  {
    scopes: Type.Optional(
      Type.Array(Enum(userScopes), {
        minItems: 1,
        maxItems: userScopes.length,
        uniqueItems: true,
        description: 'Scopes of the token, a subset of those of the key; default: all scopes of the key but `admin`.',
      }),
    ),
    ttl_seconds: Type.Integer({
      minimum: 60,
      maximum: 86_400,
      default: 900,
      description: 'Lifetime of the token, in seconds.',
    }),
  },
  { examples: [{ scopes: ['avatars:read', 'events:read'], ttl_seconds: 900 }] },
);

export const TokenSchema = Named(
  'UserToken',
  {
    token: Type.String({
      description: 'Token to send as `Authorization: Bearer …`. It is shown once and stored nowhere.',
    }),
    user_id: Uuid,
    scopes: Type.Array(Enum(userScopes)),
    expires_at: Timestamp,
  },
  {
    examples: [
      {
        token: 'lut_3q2-7w…',
        user_id: '0199a5b2-7c1e-7cc3-9a4b-2f6f1d0c8e55',
        scopes: ['avatars:read', 'events:read'],
        expires_at: '2026-11-22T12:15:00.000Z',
      },
    ],
  },
);
