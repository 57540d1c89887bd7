import { t } from '../../support/tap.ts';
import { violationOf } from '../../../src/platform/db/violations.ts';
import { createTestDatabase } from '../../support/postgres.ts';
import { avatarRow, insertRow, userRow } from '../../../lab/ground/rows.ts';

t.test('a broken constraint is told by kind, name and table, however deep it is wrapped', async (t) => {
  const { pool } = await createTestDatabase(t);
  const user = userRow({ external_id: 'one' });
  await insertRow(pool, 'users', user);
  const unique = await insertRow(pool, 'users', userRow({ external_id: 'one' })).catch((error: unknown) => error);
  t.same(violationOf(unique), { kind: 'unique', constraint: 'ix_users_external_id', table: 'users' });
  const foreign = await insertRow(pool, 'avatars', avatarRow(avatarRow(null)['id'])).catch((error: unknown) => error);
  const wrapped = new Error('failed', { cause: new Error('query', { cause: foreign }) });
  t.same(violationOf(wrapped), { kind: 'foreign-key', constraint: 'avatars_user_id_fkey', table: 'avatars' });
  const other = await pool.query('select 1 / 0').catch((error: unknown) => error);
  t.equal(violationOf(other), null);
  t.equal(violationOf('text'), null);
});
