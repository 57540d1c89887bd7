import { t } from '../support/tap.ts';
import { startApp } from '../support/app.ts';
import { fuzz, fuzzedSettings } from '../../lab/ground/fuzz.ts';

/* FUZZ_SEED repeats a run. */
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
const requests = 500;

t.test(`${requests} requests find no 5xx and no undocumented answer (seed ${seed})`, async (t) => {
  const { statuses, fault } = await fuzz(await startApp(t, { environment: fuzzedSettings }), { requests, seed });
  t.equal(fault, null);
  t.ok((statuses[200] ?? 0) > requests / 20, `some succeed: ${JSON.stringify(statuses)}`);
  t.ok((statuses[400] ?? 0) > requests / 20, 'and some are broken');
});
