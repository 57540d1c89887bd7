import { noteAdmission, noteRefusal, readCircuit } from '../../src/fal-jobs/circuit.ts';
import { transact } from '../../src/platform/db/transact.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { t } from '../support/tap.ts';
import { unitOf } from '../support/unit.ts';

t.test('however many submissions fal swallows, the next one waits for 15 times the first gap at most', async (t) => {
  const { db } = await createTestDatabase(t);
  const kind = { announce: async () => undefined };
  const retryMs = 60_000;
  const gaps: number[] = [];
  for (let swallowed = 0; swallowed < 30; swallowed += 1) {
    await transact(unitOf(db), (tx) => noteRefusal(tx, kind, 'provider-unavailable', retryMs));
    const { probe_at: probeAt } = await readCircuit(db);
    if (probeAt) gaps.push(Math.round((probeAt.getTime() - Date.now()) / retryMs));
  }
  t.same(gaps.slice(0, 5), [1, 2, 4, 8, 15]);
  t.equal(Math.max(...gaps), 15);
  await transact(unitOf(db), (tx) => noteAdmission(tx, kind));
  t.match(await readCircuit(db), { reason: null, probe_at: null, failures: 0 });
});
