import { randomUUID } from 'node:crypto';
import type { Test } from '../../support/tap.ts';
import type { NewEvent } from '../../../src/features/events/publish.ts';
import type { TestApp } from '../../support/app.ts';
import { type Answer, startReceiver } from '../../../lab/ground/receiver.ts';
import { eagerChecks } from '../../support/service.ts';
import { publishIn } from '../../support/unit.ts';
import { until } from '../../support/until.ts';

/** Every gap is short, and the longest one too. */
export const quickRetries = {
  ...eagerChecks,
  ALLOW_PRIVATE_WEBHOOKS: 'true',
  WEBHOOK_TIMEOUT_SECONDS: '0.5',
  WEBHOOK_RETRY_FIRST_SECONDS: '0.05',
  WEBHOOK_RETRY_LONGEST_SECONDS: '0.1',
};

/** Publishes events as the service does. Gives their ids. */
export function tell({ app }: TestApp, ...list: NewEvent[]): Promise<string[]> {
  return publishIn(app, ...list);
}

/** An event about an unknown user. */
export function someone(): NewEvent {
  return { type: 'user.created', user_id: randomUUID() };
}

/** Waits until all that was published has its number. */
export async function numbered({ database }: TestApp): Promise<void> {
  await until('all numbers', async () => {
    const { rows } = await database.pool.query('select from events where sequence is null limit 1');
    return rows.length === 0;
  });
}

/** An endpoint at a receiver of its own, for as long as the test lasts. */
export async function arrangeEndpoint(
  t: Test,
  service: TestApp,
  fields: Record<string, unknown> = {},
  answer?: Answer,
) {
  const receiver = await startReceiver(t, answer);
  // What earlier tests have published is none of its business.
  await numbered(service);
  const made = await service.call('POST', '/v1/webhook-endpoints', { json: { url: receiver.url, ...fields } });
  if (made.status !== 201) throw new Error(`no endpoint was made: ${JSON.stringify(made.body)}`);
  const { id, secret } = made.body;
  const path = `/v1/webhook-endpoints/${id}`;
  t.teardown(() => service.database.pool.query('delete from webhook_endpoints where id = $1', [id]));

  async function deliveries(query = '') {
    return (await service.call('GET', `${path}/deliveries${query}`)).body.data;
  }
  /** Waits until so many deliveries are in a status, and gives them. */
  async function settled(status: string, count = 1) {
    return until(`${count} ${status}`, async () => {
      const list = await deliveries(`?status=${status}&limit=100`);
      return list.length === count && list;
    });
  }
  const endpoint = async () => (await service.call('GET', path)).body;
  return { receiver, id, secret, path, deliveries, settled, endpoint };
}
