import { setTimeout as delay } from 'node:timers/promises';
import { defineExperiment, type Findings, type Stage } from '../experiment.ts';
import type { Random } from '../ground/random.ts';
import { type Ground, openGround, type Service, startAgain } from '../ground/service.ts';
import { judgeOutbox, startWriters, untilDelivered } from '../ground/outbox.ts';
import { startReceiver, status } from '../ground/receiver.ts';

type Kills = { worker: number; database: number };

const writers = 4;
const longestGapMs = 3000;
const settleMs = 120_000;
const refused = 0.05;
const startTries = 5;

/** Kills workers and PostgreSQL, with default durability, by kill -9 while events are written and delivered. */
export const outbox = defineExperiment<Kills>({
  name: 'outbox',
  shows: 'Whatever is killed, each committed event is delivered at least once, by its own id, and no other one is.',
  minutes: 9,
  sizes: { quick: { worker: 1, database: 1 }, full: { worker: 6, database: 6 } },
  run,
});

async function run(stage: Stage, kills: Kills): Promise<Findings> {
  const { random } = stage;
  const answers = random.fork('answers');
  const ground = await openOwnGround(stage);
  const receiver = await startReceiver(stage, (response, arrival) =>
    status(answers.chance(refused) ? 500 : 204)(response, arrival),
  );
  const [, ...workers] = await Promise.all([ground.start('api'), ground.start('worker'), ground.start('worker')]);
  const made = await ground.client.call('POST', '/v1/webhook-endpoints', { url: receiver.url });
  if (made.status !== 201) throw new Error(`no endpoint was made: ${JSON.stringify(made.body)}`);

  const writing = startWriters(ground.db, writers);
  stage.teardown(async () => void (await writing.stop()));
  const killed = await killInTurn(stage, ground, workers, kills, random.fork('kills'));
  const written = await writing.stop();
  stage.report(`${written.committed.size} committed, ${receiver.arrivals.length} arrived; waiting for the rest`);
  await untilDelivered(ground.pool, settleMs);
  const wrong = await judgeOutbox(ground.pool, written, receiver.arrivals);
  receiver.verified(made.body.secret);
  const distinct = new Set(receiver.arrivals.map(({ id }) => id)).size;
  return {
    figures: {
      killed,
      committed: written.committed.size,
      rolled_back: written.rolledBack.size,
      unsure: written.unsure.size,
      delivered: distinct,
      arrivals: receiver.arrivals.length,
      wrong,
    },
    claims: {
      'it was killed under transactions': written.unsure.size > 0 && written.rolledBack.size > 0,
      ...Object.fromEntries(
        Object.entries(wrong).map(([what, count]) => [`none ${what.replaceAll('_', ' ')}`, count === 0]),
      ),
    },
  };
}

async function openOwnGround(stage: Stage): Promise<Ground> {
  const ground = await openGround(stage.house, {
    name: 'outbox',
    speed: 1,
    ownCluster: true,
    environment: {
      ALLOW_PRIVATE_WEBHOOKS: 'true',
      CHECK_INTERVAL_SECONDS: '0.2',
      WEBHOOK_TIMEOUT_SECONDS: '1',
      WEBHOOK_RETRY_FIRST_SECONDS: '0.1',
      WEBHOOK_RETRY_LONGEST_SECONDS: '1',
    },
  });
  stage.teardown(() => ground.close());
  return ground;
}

/** Kills and restarts workers and the server in random order at random times, one worker at a time. */
async function killInTurn(
  stage: Stage,
  ground: Ground,
  workers: Service[],
  kills: Kills,
  random: Random,
): Promise<Kills> {
  const plan = [...Array<'worker'>(kills.worker).fill('worker'), ...Array<'database'>(kills.database).fill('database')]
    .map((kind) => ({ kind, turn: random.next() }))
    .toSorted((a, b) => a.turn - b.turn)
    .map(({ kind }) => kind);
  const done = { worker: 0, database: 0 };
  let starting = Promise.resolve();
  for (const kind of plan) {
    await delay(random.between(0, longestGapMs));
    if (kind === 'database') {
      ground.cluster.kill();
      await ground.cluster.restart();
    } else {
      await starting;
      starting = replace(ground, workers, done.worker % workers.length);
      // Awaited before the next kill; handled here until then.
      starting.catch(() => undefined);
    }
    done[kind] += 1;
    stage.report(`${kind} killed`);
  }
  await starting;
  return done;
}

async function replace(ground: Ground, workers: Service[], place: number): Promise<void> {
  const victim = workers[place];
  if (!victim) return;
  await victim.kill();
  // A worker that starts while the server is down exits; a supervisor would restart it.
  for (let tries = 1; ; tries += 1) {
    const started = await startAgain(ground, victim).catch((error: unknown) => {
      if (tries === startTries) throw error;
    });
    if (!started) continue;
    workers[place] = started;
    return;
  }
}
