import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import { t } from '../../support/tap.ts';
import { events } from '../../../src/platform/db/schema.ts';
import type { NewEvent } from '../../../src/features/events/publish.ts';
import { createTestDatabase } from '../../support/postgres.ts';
import { publishIn, unitOf } from '../../support/unit.ts';
import { project } from '../../../src/database.ts';

t.test('names of files and temporary paths are taken out of events of earlier versions', async (t) => {
  const { db, pool } = await createTestDatabase(t);
  const rejected = (filename: string | null, code: string, detail: string): NewEvent => ({
    type: 'photo.rejected',
    data: { filename, code, detail },
  });
  await publishIn(
    unitOf(db),
    rejected('passport.jpg', 'damaged', 'is damaged (vips2png: unable to write to target /tmp/likeness-photos-a/b)'),
    rejected('ada.pdf', 'unsupported_format', 'is application/pdf'),
    rejected(null, 'empty', 'is empty'),
  );
  const name = (await readdir(project.folder)).find((file) => file.endsWith('_event_file_names.sql')) ?? '';
  await pool.query(await readFile(join(project.folder, name), 'utf8'));
  const rows = await db.select().from(events).where(eq(events.type, 'photo.rejected')).orderBy(events.id);
  t.same(
    rows.map(({ data }) => data),
    [
      { filename: null, code: 'damaged', detail: 'is damaged or cut off' },
      { filename: null, code: 'unsupported_format', detail: 'is application/pdf' },
      { filename: null, code: 'empty', detail: 'is empty' },
    ],
  );
});
