import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { sql } from 'drizzle-orm';
import pino from 'pino';
import { Gauge, Registry } from 'prom-client';
import { t } from '../support/tap.ts';
import { createSampler } from '../../src/platform/metrics/sampler.ts';
import { startGeneration } from '../../src/features/generations/start.ts';
import { findGeneration } from '../../src/features/generations/store.ts';
import { startTraining } from '../../src/features/trainings/start.ts';
import { findTraining } from '../../src/features/trainings/store.ts';
import { trained } from '../features/generations/story.ts';
import { arrangeAvatar } from '../support/arrange.ts';
import { startService } from '../support/service.ts';
import { until } from '../support/until.ts';

const folder = resolve(import.meta.dirname, '../../docs/operations');
const ownName = /\blikeness_[a-z_]+/g;
const base = (name: string) => name.replace(/_(bucket|count|sum)$/, '');

// Without polls, so that the end comes by webhook.
const service = await startService(t, { environment: { POLL_FIRST_SECONDS: '60', POLL_SECONDS: '60' } });
const { app, sandbox, url } = service;
const monitoring = await readFile(resolve(folder, 'monitoring.md'), 'utf8');

/** Scrapes until the text says it: what is read from the database is good for a few seconds. */
function scraped(wanted: RegExp): Promise<string> {
  const ask = async () => (await fetch(`${url}/metrics`)).text();
  return until(`a scrape with ${wanted}`, async () => ask().then((text) => wanted.test(text) && text), 30_000);
}

t.test('a training is seen on its way and at its end', async (t) => {
  const { avatarId } = await arrangeAvatar(app, {});
  const { id } = await startTraining(app, avatarId, { steps: 50 });
  await until('fal has it', async () => (await findTraining(app.db, id))?.status === 'in_queue');
  const during = await scraped(/likeness_trainings\{status="in_queue"\} 1/);
  t.match(during, /likeness_submissions_total\{outcome="accepted"\} 1/);
  t.match(during, /likeness_training_cost_usd\{charged="open"\} 0\.[0-9]+/);
  t.match(during, /likeness_database_readable 1/);
  await sandbox.clock.advance(300);
  await until('the end', async () => (await findTraining(app.db, id))?.status === 'succeeded');
  const after = await scraped(/likeness_training_cost_usd\{charged="yes"\} 0\.[0-9]+/);
  t.match(after, /likeness_fal_webhooks_drained_total\{outcome="applied"\} 1/);
  t.match(
    after,
    /likeness_fal_webhooks_drained_total\{outcome="quarantined"\} 0/,
    'what has not happened is 0, not absent',
  );
  t.match(after, /likeness_fal_webhook_lag_seconds_count 1/);
  t.match(after, /likeness_fal_inbox_webhooks 0/);
  t.match(after, /likeness_jobs\{queue="training.submit",state="waiting"\} 0/);
});

t.test('a generation that fal does not let in is seen in trouble, apart from trainings', async (t) => {
  const { avatarId } = await trained(service);
  sandbox.faults.set([{ on: 'submit', fault: 'locked', times: 'always' }]);
  const repetition = { fingerprint: Buffer.alloc(32), isKeyed: true };
  const { id } = await startGeneration(app, avatarId, { prompt: 'at the sea' }, repetition);
  const text = await scraped(/likeness_generations_in_trouble\{trouble="blocked"\} 1/);
  t.match(text, /likeness_generations\{status="queued"\} 1/);
  t.match(text, /likeness_trainings_in_trouble\{trouble="blocked"\} 0/);
  sandbox.faults.clear();
  await until('fal has it', async () => (await findGeneration(app.db, id))?.status === 'in_queue');
  const after = await scraped(/likeness_generations_in_trouble\{trouble="blocked"\} 0/);
  t.match(after, /likeness_generation_submissions_total\{outcome="accepted"\} 1/);
});

t.test(
  'what the dashboard and the alerts ask for is measured, and all that is measured is shown and explained',
  async (t) => {
    const measured = app.metrics.getMetricsAsArray().filter(({ name }) => name.startsWith('likeness_'));
    const names = new Set(measured.map(({ name }) => name));
    const dashboard = await readFile(resolve(folder, 'dashboard.json'), 'utf8');
    const alerts = await readFile(resolve(folder, 'alerts.yml'), 'utf8');
    for (const [file, text] of Object.entries({ dashboard, alerts })) {
      const asked = new Set((text.match(ownName) ?? []).map(base));
      t.ok(asked.size > 5, file);
      for (const name of asked) t.ok(names.has(name), `${file}: ${name}`);
    }
    const shown = new Set((dashboard.match(ownName) ?? []).map(base));
    for (const name of names) t.ok(shown.has(name), `shown: ${name}`);

    const rows = measured
      .map(
        ({ name, help, type, labelNames = [] }: Described) =>
          `| \`${name}\` | ${String(type)} | ${labelNames.join(', ')} | ${help} |`,
      )
      .sort();
    const table = ['| metric | type | labels | what it tells |', '| --- | --- | --- | --- |', ...rows].join('\n');
    const written = /(?<=<!-- metrics -->\n\n)[\s\S]*?(?=\n\n<!-- end of metrics -->)/;
    if (process.env['TAP_SNAPSHOT'] === '1')
      await writeFile(
        resolve(folder, 'monitoring.md'),
        monitoring.replace(written, () => table),
      );
    else
      t.equal(written.exec(monitoring)?.[0], table, 'TAP_SNAPSHOT=1 writes the table in docs/operations/monitoring.md');

    const alertNames = [...alerts.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);
    t.ok(alertNames.length > 5);
    for (const name of alertNames) t.match(monitoring, `### ${name}\n`, `what to do about ${name}`);
  },
);

type Described = { name: string; help: string; type?: unknown; labelNames?: readonly string[] };

t.test('a database that does not answer is asked once, and costs a scrape no more than its patience', async (t) => {
  const metrics = new Registry();
  const sampler = createSampler({ db: app.db, metrics, log: pino({ level: 'silent' }) }, { fresh: 0, patience: 300 });
  const gauge = new Gauge({ name: 'read', help: 'x', registers: [metrics] });
  let reads = 0;
  let slow = false;
  sampler.add({
    gauges: [gauge],
    async read(db) {
      reads += 1;
      if (slow) await db.execute(sql`select pg_sleep(30)`);
      gauge.set(reads);
    },
  });
  await sampler.refresh();
  t.match(await metrics.metrics(), /^read 1\n/m);
  slow = true;
  await Promise.all(Array.from({ length: 20 }, () => sampler.refresh()));
  const during = await metrics.metrics();
  t.equal(reads, 2, 'twenty scrapes are one reading');
  t.match(during, /^likeness_database_readable 0$/m);
  t.notMatch(during, /^read \d/m, 'what may no longer be true is not told');
  slow = false;
  await until('it is read again', async () => {
    await sampler.refresh();
    return /^likeness_database_readable 1\n/m.test(await metrics.metrics());
  });
  t.match(await metrics.metrics(), /^read \d/m);
});
