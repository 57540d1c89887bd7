import { buildApp } from '../../../src/app.ts';
import { fanOut } from '../../../src/features/webhooks/fan-out.ts';
import { transact } from '../../../src/platform/db/transact.ts';
import { sequenceEvents } from '../../../src/features/events/sequence.ts';
import { pino } from 'pino';
import { t } from '../../support/tap.ts';
import { startApp } from '../../support/app.ts';
import { claimDue } from '../../../src/features/webhooks/delivery-store.ts';
import { sql } from 'drizzle-orm';
import { startCommand } from '../../support/command.ts';
import { status } from '../../../lab/ground/receiver.ts';
import { until } from '../../support/until.ts';
import { arrangeEndpoint, quickRetries, someone, tell } from './arrange.ts';

t.test('what a worker had taken when it died is delivered by another, with the same id', async (t) => {
  const service = await startApp(t, { environment: quickRetries, role: 'api' });
  const { receiver, settled } = await arrangeEndpoint(t, service);
  const [id] = await tell(service, someone());
  // The steps of a worker up to its death, made by the test, since the service has none.
  await sequenceEvents(service.app, 100);
  await transact(service.app, (tx) => fanOut(tx, service.config.webhooks, service.app.log));
  const [claimed] = await claimDue(service.app.db, { room: 1, busy: new Map(), concurrency: 1, leaseMs: 300 });
  t.equal(claimed?.event.id, id);
  t.same(await claimDue(service.app.db, { room: 1, busy: new Map(), concurrency: 1, leaseMs: 300 }), [], 'it is taken');

  const other = await buildApp({ ...service.config, port: 0 }, { log: pino({ level: 'silent' }), role: 'worker' });
  t.teardown(() => other.close());
  await other.ready();
  await until('the delivery', () => receiver.arrivals.length === 1);
  t.equal(receiver.arrivals[0]?.id, id);
  const [listed] = await settled('delivered');
  t.match(listed.attempts, [{ number: 2 }], 'the one that was cut short has left no more than its number');
});

t.test('what a worker was sending when it was killed is sent again, with the same id', async (t) => {
  const service = await startApp(t, { environment: quickRetries, role: 'api' });
  const { receiver, secret, settled } = await arrangeEndpoint(t, service, {}, () => undefined);
  const environment = {
    ...quickRetries,
    FAL_MODE: 'sandbox',
    FAL_BASE_URL: service.config.fal.baseUrl ?? '',
    DATABASE_URL: service.config.database.url,
    STORAGE_URL: service.config.storage.url,
    PUBLIC_URL: service.config.publicUrl,
    PORT: '0',
    WEBHOOK_TIMEOUT_SECONDS: '1',
    WEBHOOK_CONCURRENCY: '20',
  };
  const first = startCommand(t, ['serve', '--role', 'worker'], environment);
  await first.shows('as worker');
  const ids = await tell(service, ...Array.from({ length: 20 }, someone));
  await until('some requests', () => receiver.arrivals.length >= 5);
  first.child.kill('SIGKILL');
  await first.ended;

  const before = receiver.arrivals.length;
  receiver.answer = status(204);
  const second = startCommand(t, ['serve', '--role', 'worker'], environment);
  await second.shows('as worker');
  await settled('delivered', 20);
  const after = receiver.arrivals.slice(before);
  t.same(new Set(after.map(({ id }) => id)), new Set(ids), 'each event arrives at least once, by its own id');
  t.doesNotThrow(() => receiver.verified(secret));
});

t.test('what is under way when the service stops is given back', async (t) => {
  const service = await startApp(t, {
    environment: { ...quickRetries, WEBHOOK_TIMEOUT_SECONDS: '15', SHUTDOWN_GRACE_SECONDS: '1' },
  });
  const { receiver } = await arrangeEndpoint(t, service, {}, () => undefined);
  await tell(service, someone());
  await until('the request', () => receiver.arrivals.length === 1);
  const start = performance.now();
  await service.app.close();
  t.ok(performance.now() - start < 3000);
  const { rows } = await service.database.db.execute(
    sql`select status, tries, next_attempt_at <= now() as is_due from webhook_deliveries`,
  );
  t.same(rows, [{ status: 'pending', tries: 0, is_due: true }]);
});
