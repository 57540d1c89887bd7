import type { Avatar } from '../avatars/store.ts';
import type { NewEvent } from '../events/publish.ts';
import type { Rejection } from './rules.ts';
import type { Photo } from './store.ts';

export function addedEvents(avatar: Avatar, photos: readonly Photo[], requestId: string): NewEvent[] {
  return photos.map(({ id, width, height, format }) => ({
    type: 'photo.added',
    user_id: avatar.user_id,
    avatar_id: avatar.id,
    photo_id: id,
    request_id: requestId,
    data: { width, height, format },
  }));
}

/** At most one event for all refused files of a request, without their names. */
export function rejectedEvents(avatar: Avatar, rejected: readonly Rejection[], requestId: string): NewEvent[] {
  const [first] = rejected;
  if (!first) return [];
  const counts: Record<string, number> = {};
  for (const { code } of rejected) counts[code] = (counts[code] ?? 0) + 1;
  const { code, detail } = first;
  return [
    {
      type: 'photo.rejected',
      user_id: avatar.user_id,
      avatar_id: avatar.id,
      request_id: requestId,
      data: { filename: null, code, detail, counts },
    },
  ];
}
