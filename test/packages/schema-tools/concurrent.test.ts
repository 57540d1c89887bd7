import { t } from '../../support/tap.ts';
import { migrateAtOnce } from '../../../lab/ground/migrate-at-once.ts';
import { createEmptyDatabase } from '../../support/postgres.ts';

for (const deployers of [2, 10]) {
  t.test(`${deployers} deployers at once on a fresh database: each file once, and no one fails`, async (t) => {
    for (const round of [1, 2]) {
      const { url } = await createEmptyDatabase(t);
      const { applied, failed, value, history } = await migrateAtOnce(url, t.testdir(), deployers);
      t.same({ applied, failed, value, history }, { applied: 2, failed: 0, value: 101, history: 2 }, `round ${round}`);
    }
  });
}
