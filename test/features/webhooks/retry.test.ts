import { t } from '../../support/tap.ts';
import { makeConfig, readSettings } from '../../../src/config.ts';
import { gapAfter, waitAskedFor } from '../../../src/features/webhooks/retry.ts';

const { webhooks } = makeConfig(
  readSettings({
    FAL_MODE: 'sandbox',
    FAL_BASE_URL: 'http://127.0.0.1:9',
    PUBLIC_URL: 'http://127.0.0.1:8787',
    STORAGE_URL: 'file:///tmp',
    DATABASE_URL: 'postgresql://127.0.0.1/x',
  }),
);
const hour = 3_600_000;

t.test('gaps grow fourfold up to twelve hours, and are varied', async (t) => {
  const gaps = Array.from({ length: 10 }, (_, index) => gapAfter(index + 1, webhooks, 0.5) / 1000);
  t.same(gaps, [5, 20, 80, 320, 1280, 5120, 20_480, 43_200, 43_200, 43_200]);
  t.equal(gapAfter(1, webhooks, 0), 4000);
  t.equal(Math.round(gapAfter(1, webhooks, 1)), 6000);
  let elapsed = 0;
  let tries = 1;
  while (elapsed + gapAfter(tries, webhooks, 0.5) <= webhooks.giveUpMs) {
    elapsed += gapAfter(tries, webhooks, 0.5);
    tries += 1;
  }
  t.equal(tries, 13, 'attempts in three days');
  t.ok(elapsed > 60 * hour);
});

t.test('Retry-After is seconds or a date, up to the longest gap', async (t) => {
  const now = new Date('2026-11-22T12:00:00Z');
  const cases: [header: string | null, ms: number | null][] = [
    [null, null],
    ['', null],
    ['soon', null],
    ['-5', null],
    ['0', null],
    ['120', 120_000],
    [' 120 ', 120_000],
    ['99999999', 12 * hour],
    ['Sun, 22 Nov 2026 12:01:00 GMT', 60_000],
    ['Sun, 22 Nov 2026 11:59:00 GMT', null],
    ['Sun, 22 Nov 2099 12:00:00 GMT', 12 * hour],
  ];
  for (const [header, ms] of cases) t.equal(waitAskedFor(header, now, webhooks), ms, String(header));
});
