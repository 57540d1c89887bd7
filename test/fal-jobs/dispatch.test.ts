import { inArray } from 'drizzle-orm';
import { t } from '../support/tap.ts';
import { events, providerCircuit, trainings } from '../../src/platform/db/schema.ts';
import { startTraining } from '../../src/features/trainings/start.ts';
import { arrangeAvatar } from '../support/arrange.ts';
import { type Service, startService } from '../support/service.ts';
import { until } from '../support/until.ts';

const running = ['preparing', 'submitting', 'in_queue', 'in_progress', 'verifying'];

async function startOn(app: Service['app'], count: number, asked = {}): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const { avatarId } = await arrangeAvatar(app, { photos: 4, trainingType: 'style' });
    ids.push((await startTraining(app, avatarId, { steps: 10, ...asked })).id);
  }
  return ids;
}

async function statuses({ db }: Service['app'], ids: string[]): Promise<string[]> {
  const rows = await db.select().from(trainings).where(inArray(trainings.id, ids));
  return ids.map((id) => rows.find((row) => row.id === id)?.status ?? 'missing');
}

t.test('no more trainings are on their way than the cap, and the others follow', async (t) => {
  const { app, sandbox } = await startService(t, { environment: { MAX_TRAININGS: '2' } });
  const ids = await startOn(app, 5);
  const onTheirWay = async () => (await statuses(app, ids)).filter((status) => running.includes(status)).length;
  await until(
    'two are at fal',
    async () => (await statuses(app, ids)).filter((status) => status === 'in_queue').length === 2,
  );
  t.equal(await onTheirWay(), 2);
  t.equal(sandbox.submissions.list().length, 2);
  await until('all have succeeded', async () => {
    await sandbox.clock.advance(60);
    t.ok((await onTheirWay()) <= 4, 'verifying ones make room');
    return (await statuses(app, ids)).every((status) => status === 'succeeded');
  });
  t.equal(sandbox.submissions.list().length, 5);
});

t.test('high priority goes first, and users take turns', async (t) => {
  const { app, sandbox } = await startService(t, {
    environment: { MAX_TRAININGS: '1', MAX_TRAININGS_PER_USER: '1' },
    sandbox: { settings: { concurrency: 10 } },
  });
  const [first] = await startOn(app, 1);
  await until('the first is at fal', async () => (await statuses(app, [String(first)]))[0] === 'in_queue');
  const normal = await startOn(app, 2);
  const high = await startOn(app, 1, { fal_priority: 'high' });
  await until('all have succeeded', async () => {
    await sandbox.clock.advance(60);
    return (await statuses(app, [...normal, ...high])).every((status) => status === 'succeeded');
  });
  const rows = await app.db
    .select()
    .from(trainings)
    .where(inArray(trainings.id, [...normal, ...high]));
  const order = rows.sort((a, b) => Number(a.submitted_at) - Number(b.submitted_at)).map(({ id }) => id);
  t.same(order, [...high, ...normal]);
});

t.test('while fal is locked all wait, none fails, and each is made once, in order, after it', async (t) => {
  const { app, sandbox } = await startService(t, { sandbox: { settings: { concurrency: 100 } } });
  sandbox.faults.set([{ on: 'submit', fault: 'locked', times: 'always' }]);
  const ids = await startOn(app, 12);
  await until('all are told why they wait', async () => {
    const rows = await app.db.select().from(trainings).where(inArray(trainings.id, ids));
    return rows.filter(({ blocked_reason }) => blocked_reason === 'provider-balance-exhausted').length >= 11;
  });
  t.match(await app.db.select().from(providerCircuit), [{ reason: 'provider-balance-exhausted' }]);
  sandbox.faults.clear();
  await until('all are at fal', async () => (await statuses(app, ids)).every((status) => status === 'in_queue'));
  const jobs = sandbox.submissions.list().filter(({ request_id }) => request_id !== null);
  t.equal(jobs.length, 12);
  t.match(await app.db.select().from(providerCircuit), [{ reason: null, failures: 0 }]);
  const told = await app.db
    .select()
    .from(events)
    .where(inArray(events.type, ['provider.blocked', 'provider.recovered']));
  t.same(told.map(({ type }) => type).sort(), ['provider.blocked', 'provider.recovered']);
});

t.test('being out of reach thrice in a row opens the circuit', async (t) => {
  const { app, sandbox } = await startService(t);
  sandbox.faults.set([{ on: 'upload', fault: 'unavailable', times: 'always' }]);
  const ids = await startOn(app, 1);
  await until('it is open', async () => {
    const [row] = await app.db.select().from(providerCircuit);
    return row?.reason === 'provider-unavailable';
  });
  t.equal(sandbox.submissions.list().length, 0);
  sandbox.faults.clear();
  await until('it is at fal', async () => (await statuses(app, ids))[0] === 'in_queue');
});
