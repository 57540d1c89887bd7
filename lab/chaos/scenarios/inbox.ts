import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { jobToken } from '../../../src/fal-jobs/token.ts';
import { type Ground, openGround, type Service, startAgain } from '../../ground/service.ts';
import type { Random } from '../../ground/random.ts';
import { defineExperiment, type Findings, type Stage } from '../../experiment.ts';
import { createSigner, type SignedHeaders } from '../../ground/sign.ts';
import { inParallel } from '../../ground/parallel.ts';
import { quantile } from '../../ground/quantile.ts';

type Size = { deliveries: number; serviceKills: number; databaseKills: number; parallel: number; isDrained: boolean };

const attempts = 200;
const retryMs = 100;

export const inbox = defineExperiment<Size>({
  name: 'inbox',
  shows: 'A webhook that was acknowledged is in the inbox, whatever was killed.',
  sizes: {
    quick: { deliveries: 500, serviceKills: 1, databaseKills: 1, parallel: 16, isDrained: false },
    plain: { deliveries: 20_000, serviceKills: 5, databaseKills: 5, parallel: 48, isDrained: true },
    full: { deliveries: 100_000, serviceKills: 20, databaseKills: 20, parallel: 48, isDrained: true },
  },
  run,
});

type Delivery = { requestId: string; url: string; body: string; headers: SignedHeaders };
type Sent = {
  acknowledged: Set<string>;
  deliver: (delivery: Delivery) => Promise<void>;
  attempts: number;
  times: number[];
};

async function run({ house, random, report }: Stage, size: Size): Promise<Findings> {
  const ground = await openGround(house, { name: 'inbox', speed: 1, ownCluster: true });
  const agent = new Agent({ connections: size.parallel, headersTimeout: 15_000, bodyTimeout: 15_000 });
  try {
    // Two, as behind a balancer: one serves while the other is killed.
    const apis = await Promise.all([ground.start('api'), ground.start('api')]);
    if (size.isDrained) await ground.start('worker');
    const make = await deliveryMaker(ground);
    const sent = sender(agent, apis);
    report(`${size.deliveries} deliveries`);
    let left = size.deliveries;
    const sending = inParallel(Array.from({ length: size.deliveries }), size.parallel, async (_, index) => {
      await sent.deliver(make(index));
      left -= 1;
    });
    const killing = killInTurn(ground, apis, random.fork('kills'), size, () => 1 - left / size.deliveries);
    const [kills] = await Promise.all([killing, sending]);
    return await judge(ground, size, sent, kills);
  } finally {
    await agent.destroy();
    await ground.close();
  }
}

/** Makes signed deliveries with distinct requests, for possible trainings of this installation. */
async function deliveryMaker({ sandbox, secret, url }: Ground): Promise<(index: number) => Delivery> {
  const [sign, key] = [await createSigner(sandbox.dataDir), await secret()];
  return (index) => {
    const requestId = randomUUID();
    const token = jobToken(key, { kind: 'training', jobId: randomUUID(), submissionId: randomUUID() });
    const body = `{"error": null, "gateway_request_id": "${requestId}", "payload": {"number": ${index}, "seed": 17454220438242315174}, "request_id": "${requestId}", "status": "OK"}`;
    return { requestId, body, headers: sign(requestId, body), url: `${url}/webhooks/fal?t=${token}` };
  };
}

/** Delivers as fal does: retries until a 2xx, which acknowledges. */
function sender(agent: Agent, apis: readonly Service[]): Sent {
  const sent: Sent = { acknowledged: new Set(), attempts: 0, times: [], deliver };
  async function deliver({ requestId, url, body, headers }: Delivery): Promise<void> {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const api = apis[(sent.attempts + attempt) % apis.length];
      sent.attempts += 1;
      const { pathname, search } = new URL(url);
      const began = performance.now();
      const status = await request(`${api?.url}${pathname}${search}`, {
        method: 'POST',
        dispatcher: agent,
        headers,
        body,
      }).then(
        async (answer) => answer.body.dump().then(() => answer.statusCode),
        () => null,
      );
      if (status !== null && status < 300) {
        sent.times.push(performance.now() - began);
        sent.acknowledged.add(requestId);
        return;
      }
      await delay(retryMs);
    }
  }
  return sent;
}

type Kills = { service: number; database: number };

/** Kills and restarts services and the server at times spread over the deliveries. */
async function killInTurn(
  ground: Ground,
  apis: Service[],
  random: Random,
  { serviceKills, databaseKills }: Size,
  progress: () => number,
): Promise<Kills> {
  const kinds = [
    ...Array<'service'>(serviceKills).fill('service'),
    ...Array<'database'>(databaseKills).fill('database'),
  ];
  const plan = kinds
    .map((kind) => ({ kind, at: random.between(0.05, 0.95), which: random.below(apis.length) }))
    .toSorted((a, b) => a.at - b.at);
  const kills: Kills = { service: 0, database: 0 };
  for (const { kind, at, which } of plan) {
    while (progress() < at) await delay(5);
    kills[kind] += 1;
    if (kind === 'database') {
      ground.cluster.kill();
      await ground.cluster.restart();
    } else {
      const victim = apis[which];
      if (!victim) continue;
      await victim.kill();
      apis[which] = await startAgain(ground, victim);
    }
  }
  return kills;
}

async function judge({ pool }: Ground, size: Size, sent: Sent, kills: Kills): Promise<Findings> {
  const { rows } = await pool.query<{ request_id: string; count: number }>(
    'select request_id, count(*)::int from fal_webhooks group by request_id',
  );
  const kept = new Set(rows.map(({ request_id: id }) => id));
  const lost = [...sent.acknowledged].filter((id) => !kept.has(id)).length;
  const ms = (share: number) => Math.round(quantile(sent.times, share) * 10) / 10;
  return {
    figures: {
      deliveries: size.deliveries,
      attempts: sent.attempts,
      acknowledged: sent.acknowledged.size,
      in_inbox: kept.size,
      acknowledged_and_lost: lost,
      kept_twice: rows.filter(({ count }) => count > 1).length,
      kills,
      milliseconds: { p50: ms(0.5), p99: ms(0.99) },
    },
    claims: {
      'every acknowledged webhook is in the inbox': lost === 0,
      'every webhook is acknowledged in the end': sent.acknowledged.size === size.deliveries,
      'everything was killed as planned': kills.service === size.serviceKills && kills.database === size.databaseKills,
    },
  };
}
