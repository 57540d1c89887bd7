import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { t } from '../../support/tap.ts';
import { stablePort } from '../../../lab/ground/ports.ts';
import { createKey } from '../../../src/features/keys/create-key.ts';
import { startCommand } from '../../support/command.ts';
import { jpeg } from '../../../lab/ground/pictures.ts';
import { createTestDatabase } from '../../support/postgres.ts';
import { avatarRow, insertRow, userRow } from '../../../lab/ground/rows.ts';
import { until } from '../../support/until.ts';

// Decoding takes as long as the machine is busy.
t.setTimeout(180_000);

t.test('photos that a killed process was receiving are gone when the next one has started', async (t) => {
  const database = await createTestDatabase(t);
  const place = t.testdir({ temporary: {}, store: {} });
  const folder = join(place, 'temporary');
  const port = await stablePort();
  const url = `http://127.0.0.1:${port}`;
  const environment = {
    FAL_MODE: 'sandbox',
    FAL_BASE_URL: 'http://127.0.0.1:9',
    DATABASE_URL: database.url,
    STORAGE_URL: pathToFileURL(join(place, 'store')).href,
    PUBLIC_URL: url,
    PORT: String(port),
    TMPDIR: folder,
  };
  const photosThere = async () =>
    (await readdir(folder, { recursive: true })).filter((name) => name.includes('photos'));
  const first = startCommand(t, ['serve', '--role', 'api'], environment);
  await first.shows('listening at');
  const { key } = await createKey({ db: database.db }, { name: 'killed', scopes: ['admin'] });
  const user = userRow();
  const avatar = avatarRow(String(user['id']));
  await insertRow(database.pool, 'users', user);
  await insertRow(database.pool, 'avatars', avatar);

  const photo = await jpeg();
  const socket = connect(port, '127.0.0.1');
  t.teardown(async () => void socket.destroy());
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  const part = (name: string) => `--b\r\nContent-Disposition: form-data; name="p"; filename="${name}"\r\n\r\n`;
  socket.write(
    `POST /v1/avatars/${String(avatar['id'])}/photos HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\n` +
      `Content-Type: multipart/form-data; boundary=b\r\nContent-Length: ${photo.length * 3}\r\n\r\n`,
  );
  socket.write(
    Buffer.concat([Buffer.from(part('a.jpg')), photo, Buffer.from(`\r\n${part('b.jpg')}`), photo.subarray(0, 500)]),
  );
  await until('a photo lies in the temporary folder', async () => (await photosThere()).length >= 3);
  first.child.kill('SIGKILL');
  await first.ended;
  t.ok((await photosThere()).length >= 3, 'what it was receiving is still there');

  const second = startCommand(t, ['serve', '--role', 'api'], environment);
  await second.shows('listening at');
  t.same(await photosThere(), []);
});
