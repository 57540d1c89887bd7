import { createSigner, delivery, publish, secretOf } from '../deliveries.ts';
import { putLoad } from '../load.ts';
import { insertRunning } from '../running.ts';
import type { Bench, Section } from '../section.ts';
import { startOurs } from '../service.ts';
import { startStandIn } from '../stand-in.ts';

const rate = 300;
const trainings = 200;

/** Webhooks at a fixed rate into a service that also polls trainings, API and worker in one process. */
export async function measureSteadyIntake({ ground, quick }: Bench): Promise<Section[]> {
  const seconds = quick ? 1 : 20;
  const signer = createSigner();
  const standIn = await startStandIn('IN_PROGRESS', 20);
  const databaseUrl = await ground.database('steady');
  await publish(ground, databaseUrl, signer);
  const environment = { FAL_BASE_URL: standIn.url, POLL_SECONDS: '2' };
  const service = await startOurs(ground, { role: 'all', databaseUrl, environment });
  try {
    const secret = await secretOf(ground, databaseUrl);
    await insertRunning(ground, databaseUrl, trainings, 0);
    const requests = () => Array.from({ length: 1000 }, () => delivery(signer, secret));
    const load = { url: service.url, connections: 20, rate };
    if (!quick) await putLoad({ ...load, seconds: 5, requests: requests() });
    const { p50, p99, p999, answered } = await putLoad({ ...load, seconds, requests: requests() });
    const [row] = await ground.query<{ kept: number }>(databaseUrl, 'select count(*)::int as kept from fal_webhooks');
    return [
      {
        title: 'Webhook intake at a fixed rate',
        targets: [
          {
            what: `Webhook intake, p99 at ${rate}/s while trainings run`,
            measured: p99,
            limit: 50,
            is: 'most',
            unit: 'ms',
          },
        ],
        text: [
          `${rate} signed webhooks a second for ${seconds} s into one process that is API and worker, drains them, and asks ` +
            `after ${trainings} running trainings every 2 s meanwhile. ${answered} were acknowledged, and ${row?.kept} rows ` +
            `stand in the inbox with those of the warm-up. p50 ${p50} ms, p99 ${p99} ms, p99.9 ${p999} ms, corrected for ` +
            'coordinated omission.',
        ],
      },
    ];
  } finally {
    await service.stop();
    await standIn.close();
  }
}
