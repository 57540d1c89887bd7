import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import t from 'tap';
import { startTraining } from '../../src/trainings/start.ts';
import { findTraining } from '../../src/trainings/store.ts';
import { arrangeAvatar } from '../support/arrange.ts';
import { startService } from '../support/service.ts';
import { until } from '../support/until.ts';

const folder = resolve(import.meta.dirname, '../../docs/operations');
const ownName = /\blikeness_[a-z_]+/g;
const base = (name: string) => name.replace(/_(bucket|count|sum)$/, '');

t.test('what the dashboard and the alerts ask for is measured, and all that is measured is shown', async (t) => {
  // Nobody asks fal, so that the end comes by webhook.
  const { app, sandbox } = await startService(t, { environment: { POLL_FIRST_SECONDS: '60', POLL_SECONDS: '60' } });
  const { avatarId } = await arrangeAvatar(app, {});
  const { id } = await startTraining(app, avatarId, { steps: 50 });
  await until('fal has it', async () => (await findTraining(app.db, id))?.status === 'in_queue');
  const during = await app.metrics.metrics();
  t.match(during, /likeness_trainings\{status="in_queue"\} 1/);
  t.match(during, /likeness_submissions_total\{outcome="accepted"\} 1/);
  t.match(during, /likeness_training_cost_usd\{charged="open"\} 0\.[0-9]+/);
  await sandbox.clock.advance(300);
  await until('the end', async () => (await findTraining(app.db, id))?.status === 'succeeded');
  await until('nothing waits', async () => /likeness_events_unnumbered 0/.test(await app.metrics.metrics()));
  const after = await app.metrics.metrics();
  t.match(after, /likeness_fal_webhooks_drained_total\{outcome="applied"\} 1/);
  t.match(after, /likeness_fal_webhook_lag_seconds_count 1/);
  t.match(after, /likeness_fal_inbox_webhooks 0/);
  t.match(after, /likeness_jobs\{queue="training.submit",state="waiting"\} 0/);
  t.match(after, /likeness_training_cost_usd\{charged="yes"\} 0\.[0-9]+/);

  // Two that are first counted when their work is first done.
  const measured = new Set([
    ...app.metrics.getMetricsAsArray().map(({ name }) => name),
    'likeness_photo_bytes_total',
    'likeness_webhook_attempts_total',
  ]);
  const dashboard = await readFile(resolve(folder, 'dashboard.json'), 'utf8');
  const alerts = await readFile(resolve(folder, 'alerts.yml'), 'utf8');
  for (const [file, text] of Object.entries({ dashboard, alerts })) {
    const asked = new Set((text.match(ownName) ?? []).map(base));
    t.ok(asked.size > 5, file);
    for (const name of asked) t.ok(measured.has(name), `${file}: ${name}`);
  }
  const shown = new Set((dashboard.match(ownName) ?? []).map(base));
  for (const name of [...measured].filter((one) => one.startsWith('likeness_')))
    t.ok(shown.has(name), `shown: ${name}`);
});

t.test('each alert says in docs/operations.md what to do', async (t) => {
  const alerts = await readFile(resolve(folder, 'alerts.yml'), 'utf8');
  const operations = await readFile(resolve(folder, '../operations.md'), 'utf8');
  const names = [...alerts.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);
  t.ok(names.length > 5);
  for (const name of names) t.match(operations, `### ${name}\n`, name);
});
