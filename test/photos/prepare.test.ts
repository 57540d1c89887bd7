import { join } from 'node:path';
import sharp from 'sharp';
import { t } from '../support/tap.ts';
import { preparePhoto } from '../../src/photos/prepare.ts';
import { StorageError } from '../../src/storage/storage.ts';

t.test('a disk that does not take a prepared photo is no fault of the photo', async (t) => {
  const folder = t.testdir();
  const create = { width: 600, height: 600, channels: 3, background: 'red' } as const;
  for (const format of ['jpeg', 'png', 'webp'] as const) {
    const path = join(folder, `photo.${format}`);
    await sharp({ create }).toFormat(format).toFile(path);
    await t.rejects(preparePhoto(path, join(folder, 'missing', 'photo')), StorageError, format);
    // Where there is no such device, the folder can't be written to.
    const code = process.platform === 'linux' ? 'full' : 'unavailable';
    await t.rejects(preparePhoto(path, '/dev/full'), { code }, format);
  }
});
