import { t } from '../../support/tap.ts';
import { statusAfterPhotos } from '../../../src/features/avatars/lifecycle.ts';
import { type AvatarStatus, avatarStatuses } from '../../../src/platform/db/schema.ts';

const limits = { minimum: 4, maximum: 20 };

t.test('photos move an avatar between draft, uploading and ready while nothing has succeeded', async (t) => {
  const expected: [number, AvatarStatus][] = [
    [0, 'draft'],
    [1, 'uploading'],
    [3, 'uploading'],
    [4, 'ready'],
    [20, 'ready'],
  ];
  for (const status of ['draft', 'uploading', 'ready', 'error', 'cancelled'] as const) {
    for (const [count, after] of expected) {
      t.equal(statusAfterPhotos({ status, training_completed_at: null }, count, limits), after, `${status}, ${count}`);
    }
  }
});

t.test('a training that runs keeps its status, and so does whatever has once succeeded', async (t) => {
  for (const count of [0, 2, 9]) {
    t.equal(statusAfterPhotos({ status: 'training', training_completed_at: null }, count, limits), 'training');
    t.equal(statusAfterPhotos({ status: 'completed', training_completed_at: null }, count, limits), 'completed');
    for (const status of avatarStatuses) {
      t.equal(statusAfterPhotos({ status, training_completed_at: new Date(0) }, count, limits), status);
    }
  }
});
