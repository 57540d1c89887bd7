import { pathToFileURL } from 'node:url';
import pg from 'pg';
import pino from 'pino';
import { t } from '../../support/tap.ts';
import { v7 as uuidv7 } from 'uuid';
import type { App } from '../../../src/app.ts';
import { buildApp } from '../../../src/app.ts';
import { makeConfig, readSettings } from '../../../src/config.ts';
import { stablePort } from '../../../lab/ground/ports.ts';
import { jobToken } from '../../../src/fal-jobs/token.ts';
import { createSigner, type Signer, signWebhook } from '../../fal/support/signing.ts';
import { startCommand } from '../../support/command.ts';
import { createTestDatabase, queryOnce, type TestDatabase } from '../../support/postgres.ts';
import { until } from '../../support/until.ts';

const environment = (databaseUrl: string, folder: string) => ({
  FAL_MODE: 'sandbox',
  FAL_BASE_URL: 'http://127.0.0.1:9',
  DATABASE_URL: databaseUrl,
  STORAGE_URL: pathToFileURL(folder).href,
  PUBLIC_URL: 'http://127.0.0.1:8787',
  LOG_LEVEL: 'silent',
});

/** Makes a key of fal's known to every process over the database. */
async function publishKey({ pool }: TestDatabase): Promise<Signer> {
  const signer = createSigner();
  const keys = [{ kty: 'OKP', crv: 'Ed25519', x: signer.key.x }];
  await pool.query('insert into fal_signing_keys (id, keys, fetched_at) values (1, $1, now())', [JSON.stringify(keys)]);
  return signer;
}

async function secretOf({ pool }: TestDatabase): Promise<Buffer> {
  const { rows } = await pool.query<{ secret: Buffer }>('select secret from installation');
  return rows[0]?.secret ?? Buffer.alloc(0);
}

/** One signed webhook about some job of ours, as a request. */
function delivery(signer: Signer, secret: Buffer, size = 100) {
  const request_id = uuidv7();
  const body = JSON.stringify({ request_id, status: 'OK', error: null, payload: { pad: 'x'.repeat(size) } });
  const { headers, rawBody } = signWebhook(signer, new Date(), body, request_id);
  const token = jobToken(secret, { kind: 'training', jobId: uuidv7(), submissionId: uuidv7() });
  return {
    id: request_id,
    path: `/webhooks/fal?t=${token}`,
    headers: { ...(headers as Record<string, string>), 'content-type': 'application/json' },
    body: rawBody,
  };
}

async function startApi(t: Parameters<typeof createTestDatabase>[0] & { testdir(): string }) {
  const database = await createTestDatabase(t);
  const signer = await publishKey(database);
  const config = makeConfig(readSettings(environment(database.url, t.testdir())));
  const app: App = await buildApp(config, { role: 'api', log: pino({ level: 'silent' }) });
  t.teardown(() => app.close());
  const secret = await secretOf(database);
  const deliver = ({ path, headers, body }: ReturnType<typeof delivery>) =>
    app.inject({ method: 'POST', url: path, headers, payload: body });
  const make = (size?: number) => delivery(signer, secret, size);
  return { app, database, deliver, make };
}

t.test('deliveries that come together are one transaction, each stored to the byte', async (t) => {
  const { deliver, make, database } = await startApi(t);
  t.equal((await deliver(make())).statusCode, 200);
  const locker = new pg.Client(database.url);
  await locker.connect();
  t.teardown(() => locker.end());
  await locker.query('begin; lock table fal_webhooks in share mode');
  const sent = Array.from({ length: 50 }, (_, index) => make(index * 100));
  let answered = 0;
  const answers = sent.map(async (one) => {
    const answer = await deliver(one);
    answered += 1;
    return answer;
  });
  await until('both inserts wait for the lock', async () => {
    const { rows } = await locker.query(`select 1 from pg_locks where not granted`);
    return rows.length === 2;
  });
  t.equal(answered, 0, 'none is acknowledged before it is committed');
  await locker.query('commit');
  for (const { statusCode } of await Promise.all(answers)) t.equal(statusCode, 200);
  const rows = await queryOnce<{ request_id: string; body: Buffer; headers: Record<string, string>; xmin: string }>(
    database.url,
    'select *, xmin::text from fal_webhooks',
  );
  const stored = new Map(rows.map((row) => [row.request_id, row]));
  for (const { id, body, headers } of sent) {
    t.same(stored.get(id)?.body, body);
    t.match(stored.get(id)?.headers, headers);
  }
  const transactions = new Set(sent.map(({ id }) => stored.get(id)?.xmin));
  t.ok(transactions.size <= 3, `50 deliveries in ${transactions.size} transactions`);
});

t.test('a delivery that could not be written is no success, and is taken when it comes again', async (t) => {
  const { deliver, make, database, app } = await startApi(t);
  await database.pool.query('alter table fal_webhooks rename to away');
  const one = make();
  const refused = await deliver(one);
  t.equal(refused.statusCode, 500);
  await database.pool.query('alter table away rename to fal_webhooks');
  // Of this database alone: others are being tested beside it.
  await database.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name = 'likeness' and datname = current_database()`,
  );
  const retried = await until('a connection', async () => {
    const answer = await deliver(one);
    return answer.statusCode === 200 && answer;
  });
  t.equal(retried.statusCode, 200);
  t.equal((await database.pool.query('select from fal_webhooks where request_id = $1', [one.id])).rowCount, 1);
  t.match(await app.metrics.metrics(), /likeness_fal_webhooks_total\{verdict="failed"\} [1-9]/);
});

t.test('what a killed process has acknowledged is there', async (t) => {
  const database = await createTestDatabase(t);
  const signer = await publishKey(database);
  const port = String(await stablePort());
  const settings = { ...environment(database.url, t.testdir()), PORT: port, LOG_LEVEL: 'info' };
  const service = startCommand(t, ['serve', '--role', 'api'], settings);
  await service.shows('listening at');
  const secret = await secretOf(database);
  const acknowledged: string[] = [];
  async function client(): Promise<void> {
    for (;;) {
      const { id, path, headers, body } = delivery(signer, secret);
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', headers, body }).catch(
        () => null,
      );
      if (answer === null) return;
      if (answer.status === 200) acknowledged.push(id);
    }
  }
  const clients = Array.from({ length: 10 }, client);
  await until('some deliveries', () => acknowledged.length > 200);
  service.child.kill('SIGKILL');
  await Promise.all(clients);
  const { rows } = await database.pool.query<{ request_id: string }>('select request_id from fal_webhooks');
  const stored = new Set(rows.map(({ request_id }) => request_id));
  t.same(
    acknowledged.filter((id) => !stored.has(id)),
    [],
    `all of ${acknowledged.length}`,
  );
});
