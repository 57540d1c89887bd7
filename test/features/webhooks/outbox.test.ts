import { t } from '../../support/tap.ts';
import { createDatabase } from '../../../src/platform/db/client.ts';
import { startApp } from '../../support/app.ts';
import { judgeOutbox, startWriters, untilDelivered } from '../../../lab/ground/outbox.ts';
import { startOwnCluster } from '../../support/own-cluster.ts';
import { startReceiver } from '../../../lab/ground/receiver.ts';
import { until } from '../../support/until.ts';
import { quickRetries } from './arrange.ts';

t.setTimeout(110_000);

/* `npm run proof` kills PostgreSQL and workers in turn, many times. */
t.test(
  'PostgreSQL is killed under writers and deliveries: all that was committed arrives, nothing else',
  { timeout: 110_000 },
  async (t) => {
    const cluster = await startOwnCluster(t);
    const environment = { ...quickRetries, WEBHOOK_TIMEOUT_SECONDS: '1', DATABASE_URL: cluster.url };
    const service = await startApp(t, { environment });
    const { pool, db, close } = createDatabase(cluster.url, { max: 4, applicationName: 'writers' });
    t.teardown(close);
    const receiver = await startReceiver(t);
    const made = await service.call('POST', '/v1/webhook-endpoints', { json: { url: receiver.url } });
    t.equal(made.status, 201);

    const writers = startWriters(db, 4);
    t.teardown(async () => void (await writers.stop()));
    await until('deliveries', () => receiver.arrivals.length >= 10);
    // By chance all writers may be between two transactions.
    for (let kills = 0; kills < 5 && writers.written.unsure.size === 0; kills += 1) {
      await cluster.killAndRestart();
      const before = writers.written.committed.size;
      await until('writers to go on', () => writers.written.committed.size >= before + 10);
    }
    const written = await writers.stop();
    await untilDelivered(pool, 30_000);

    t.ok(written.unsure.size > 0, 'it was killed under transactions');
    t.ok(written.rolledBack.size > 0, 'some were rolled back');
    t.same(await judgeOutbox(pool, written, receiver.arrivals), {
      committed_and_lost: 0,
      kept_and_not_delivered: 0,
      rolled_back_and_kept: 0,
      delivered_and_not_kept: 0,
      delivered_otherwise_again: 0,
      id_of_another_event: 0,
    });
    t.doesNotThrow(() => receiver.verified(made.body.secret));
  },
);
