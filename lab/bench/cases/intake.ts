import { compare, comparisonSection } from '../compare.ts';
import { createSigner, delivery, publish, secretOf } from '../deliveries.ts';
import type { Bench, Section } from '../section.ts';
import { startBaseline, startOurs } from '../service.ts';

const distinct = 1000;

/** Durable intake of signed webhooks, compared with a handler that makes the same checks and one insert each. */
export async function measureIntake({ ground, pace }: Bench): Promise<Section[]> {
  const signer = createSigner();
  const databaseUrl = await ground.database('intake');
  await publish(ground, databaseUrl, signer);
  const ours = await startOurs(ground, { role: 'api', databaseUrl });
  const secret = await secretOf(ground, databaseUrl);
  const environment = {
    DATABASE_URL: await ground.database('intake_baseline'),
    KEYS: signer.x,
    SECRET: secret.toString('hex'),
  };
  try {
    const bare = await startBaseline(ground, 'webhook', { path: '/', environment }).catch(async (error: unknown) => {
      await ours.stop();
      throw error;
    });
    const requests = () => Array.from({ length: distinct }, () => delivery(signer, secret));
    try {
      const contenders = [
        { name: 'Likeness', process: ours, requests },
        { name: 'Fastify, one prepared insert a request', process: bare, requests },
      ];
      const question = {
        title: 'Webhook intake',
        what: 'Signed webhooks taken in, to one insert a request',
        target: 1,
      };
      return [comparisonSection(await compare({ ...question, contenders, postgres: ground.postgres }, pace))];
    } finally {
      await bare.stop();
    }
  } finally {
    await ours.stop();
  }
}
