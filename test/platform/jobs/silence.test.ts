import pino from 'pino';
import { Type } from 'typebox';
import { createDatabase } from '../../../src/platform/db/client.ts';
import { transact } from '../../../src/platform/db/transact.ts';
import { defineJob } from '../../../src/platform/jobs/define.ts';
import { createJobs } from '../../../src/platform/jobs/jobs.ts';
import { unitOf } from '../../support/unit.ts';
import { t } from '../../support/tap.ts';
import { createWakeups } from '../../../src/platform/jobs/wakeups.ts';
import { createTestDatabase } from '../../support/postgres.ts';
import { silentProxy } from '../../../lab/ground/silent-proxy.ts';
import { until } from '../../support/until.ts';

const log = pino({ level: 'silent' });
// Which the heartbeat of a lost job takes a good part of.
t.setTimeout(60_000);

t.test('wake-ups that fall silent are told, and come again over a new connection', async (t) => {
  const { url } = await createTestDatabase(t);
  const proxy = await silentProxy(t, url);
  const here = await createWakeups(proxy.url, log);
  const there = await createWakeups(url, log);
  t.teardown(() => Promise.all([here.close(), there.close()]));
  const heard: string[] = [];
  here.on('job:a', () => heard.push('a'));
  t.equal(here.deafMs(), 0);
  proxy.silence();
  await until('the silence to be noticed', () => here.deafMs() > 0);
  t.equal(there.deafMs(), 0, 'by whom it concerns');
  proxy.speak();
  await until('a connection that gets through', () => here.deafMs() === 0);
  heard.length = 0;
  there.wake('job:a');
  await until('a wake-up over it', () => heard.length > 0);
  t.equal(proxy.open(), 1, 'of the others none is left');
});

t.test(
  'a queue whose connections fall silent goes on soon after, with what was enqueued and what was at work',
  async (t) => {
    const { url, db } = await createTestDatabase(t);
    const proxy = await silentProxy(t, url);
    const { pool, close } = createDatabase(proxy.url, { max: 3, statementTimeoutMs: 500 });
    const wakeups = await createWakeups(proxy.url, log);
    const ran: string[] = [];
    const job = defineJob({
      name: 'silenced',
      data: Type.Object({ name: Type.String() }),
      retryDelayMaxSeconds: 1,
      run: async (_, { name }) => {
        ran.push(name);
        if (name !== 'at work') return;
        // Its own statements find no answer.
        if (ran.filter((each) => each === name).length === 1) proxy.silence();
        await pool.query('select 1');
        ran.push(`${name}: done`);
      },
    });
    const list = [job];
    const jobs = await createJobs({ pool, wakeups, log, list, supervise: true, checkIntervalMs: 500 });
    t.teardown(async () => {
      await jobs.stop(1000);
      await wakeups.close();
      await close();
    });
    await jobs.work(null, list);
    const enqueue = (name: string) => transact(unitOf(db), (tx) => jobs.enqueue(tx, job, { name }));
    await enqueue('at work');
    await until('the silence to be noticed', () => wakeups.deafMs() > 0);
    await enqueue('enqueued');
    t.same(ran, ['at work']);
    proxy.speak();
    await until('what was enqueued meanwhile', () => ran.includes('enqueued'), 10_000);
    await until('what was at work, once its heartbeat is missed', () => ran.includes('at work: done'), 30_000);
  },
);
