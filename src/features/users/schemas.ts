import { Type } from 'typebox';
import { Closed, Named, Nullable, Timestamp, Uuid } from '../../platform/http/schemas.ts';
import { Line, NumericId, Text, Token } from '../../platform/http/text.ts';

const external = { description: 'Your own id for the user.', examples: ['customer-42'] };
const telegram = { description: 'The id of the user at Telegram, as a string of digits.', examples: ['100007919'] };

const ExternalId = Line({ maxLength: 255, ...external });
const TelegramId = NumericId(telegram);
const FirstName = Text({ maxLength: 64, examples: ['Ada'] });
const LastName = Text({ maxLength: 64, examples: ['Lovelace'] });
const Username = Text({ maxLength: 64, examples: ['ada'] });
const LanguageCode = Token({ maxLength: 8, examples: ['en'] });
const Timezone = Text({ maxLength: 32, examples: ['Europe/London'] });

const profile = {
  first_name: Type.Optional(FirstName),
  last_name: Type.Optional(Nullable(LastName)),
  username: Type.Optional(Nullable(Username)),
  language_code: Type.Optional(LanguageCode),
  timezone: Type.Optional(Nullable(Timezone)),
  is_premium: Type.Optional(Type.Boolean()),
  is_bot: Type.Optional(Type.Boolean()),
  is_blocked: Type.Optional(Type.Boolean()),
};

export const UserRequest = Closed(
  { external_id: Type.Optional(ExternalId), telegram_id: Type.Optional(TelegramId), ...profile },
  {
    minProperties: 1,
    description:
      'At least one of `external_id` and `telegram_id`; other members are stored, whether the user is found or created.',
    examples: [{ telegram_id: '100007919', first_name: 'Ada', language_code: 'en' }],
  },
);

export const UserPatch = Closed(
  {
    external_id: Type.Optional(Nullable(ExternalId)),
    telegram_id: Type.Optional(Nullable(TelegramId)),
    ...profile,
  },
  { minProperties: 1, examples: [{ first_name: 'Ada', is_premium: true }] },
);

export const MainAvatarRequest = Closed(
  { avatar_id: Uuid },
  { examples: [{ avatar_id: '0199a5b2-7c1e-7cc3-9a4b-2f6f1d0c8e55' }] },
);

export const UserSchema = Named('User', {
  id: Uuid,
  external_id: Nullable(Type.String(external)),
  telegram_id: Nullable(Type.String(telegram)),
  first_name: Type.String({ description: 'First name; empty when none was given.' }),
  last_name: Nullable(Type.String()),
  username: Nullable(Type.String()),
  language_code: Type.String(),
  timezone: Nullable(Type.String()),
  is_premium: Type.Boolean(),
  is_bot: Type.Boolean(),
  is_blocked: Type.Boolean(),
  main_avatar_id: Nullable(Uuid),
  created_at: Timestamp,
  updated_at: Timestamp,
});
