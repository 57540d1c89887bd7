import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { t } from '../support/tap.ts';
import { buildSandbox } from '../../packages/fal-sandbox/src/server.ts';
import { stablePort } from '../../lab/ground/ports.ts';
import { createKey } from '../../src/features/keys/create-key.ts';
import { startCommand } from '../support/command.ts';
import { openStream } from '../../lab/ground/event-stream.ts';
import { jpeg } from '../../lab/ground/pictures.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { until } from '../support/until.ts';
import { form } from '../features/photos/form.ts';

// Four processes start one beside the other, and each step waits for another process.
const patienceMs = 60_000;

type Scope = { teardown(handler: () => Promise<void>): unknown };

/** What stands before several machines: passes webhooks on to each in turn, and nothing else. */
async function startBalancer(scope: Scope, targets: readonly string[]) {
  const passed = new Map<string, number>();
  let turn = 0;
  const server = createServer((request, response) => {
    const target = targets[turn++ % targets.length] ?? '';
    const headers = Object.entries(request.headers).filter(([name]) => name !== 'host' && name !== 'connection');
    void buffer(request).then(async (body) => {
      const answer = await fetch(target + request.url, {
        method: 'POST',
        headers: Object.fromEntries(headers.map(([name, value]) => [name, String(value)])),
        body: new Uint8Array(body),
      });
      if (answer.ok) passed.set(target, (passed.get(target) ?? 0) + 1);
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  scope.teardown(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`, passed };
}

t.test('two apis and two workers over one database are one service', async (t) => {
  const database = await createTestDatabase(t);
  const sandbox = buildSandbox({ allowPrivateWebhooks: true, speed: 0 });
  const sandboxUrl = await sandbox.listen();
  t.teardown(() => sandbox.close());
  const ports = await Promise.all([1, 2, 3, 4].map(() => stablePort()));
  const [first = '', second = ''] = ports.map((port) => `http://127.0.0.1:${port}`);
  const balancer = await startBalancer(t, [first, second]);
  const shared = {
    DATABASE_URL: database.url,
    STORAGE_URL: pathToFileURL(t.testdir()).href,
    PUBLIC_URL: balancer.url,
    FAL_MODE: 'sandbox',
    FAL_BASE_URL: sandboxUrl,
    CHECK_INTERVAL_SECONDS: '0.1',
    // Asked after so late that only the webhooks can have ended what ends here.
    POLL_FIRST_SECONDS: '600',
    POLL_SECONDS: '600',
  };
  // The first leaves for the others what Node has compiled.
  for (const [index, role] of ['api', 'api', 'worker', 'worker'].entries()) {
    const process = startCommand(t, ['serve', '--role', role], { ...shared, PORT: String(ports[index]) });
    await process.shows('listening at');
  }
  const { id: keyId, key } = await createKey({ db: database.db }, { name: 'fleet', scopes: ['admin'] });
  const headers = { authorization: `Bearer ${key}` };
  const call = async (method: string, url: string, body?: FormData | object) => {
    const isForm = body instanceof FormData;
    const answer = await fetch(url, {
      method,
      headers: { ...headers, ...(body && !isForm && { 'content-type': 'application/json' }) },
      ...(body && { body: isForm ? body : JSON.stringify(body) }),
    });
    return { status: answer.status, body: JSON.parse((await answer.text()) || 'null') };
  };
  const statusOf = async (id: string) => (await call('GET', `${first}/v1/trainings/${id}`)).body;

  // Made at one, read, filled and trained at the other.
  const stream = await openStream(`${first}/v1/events/stream?after=0`, { key });
  t.equal(stream.status, 200);
  const photos = await Promise.all(Array.from({ length: 10 }, () => jpeg()));
  const trainings: string[] = [];
  for (const [here, there] of [
    [first, second],
    [second, first],
  ] as const) {
    const user = (await call('POST', `${here}/v1/users`, { external_id: here })).body;
    const fields = { user_id: user.id, name: 'Ada', gender: 'female', training_type: 'portrait' };
    const avatar = (await call('POST', `${here}/v1/avatars`, fields)).body;
    t.equal((await call('POST', `${there}/v1/avatars/${avatar.id}/photos`, form(...photos))).status, 201);
    const started = await call('POST', `${here}/v1/avatars/${avatar.id}/trainings`, { steps: 50 });
    t.equal(started.status, 202);
    t.equal((await call('POST', `${there}/v1/avatars/${avatar.id}/trainings`, {})).body.code, 'training-running');
    trainings.push(started.body.id);
  }
  for (const id of trainings) {
    await until('fal has it', async () => (await statusOf(id)).status === 'in_queue', patienceMs);
  }
  await sandbox.clock.advance(300);
  for (const id of trainings) {
    const ended = await until(
      'its end',
      async () => statusOf(id).then((now) => now.status === 'succeeded' && now),
      patienceMs,
    );
    t.equal(ended.submissions ?? 1, 1);
  }
  t.same([...balancer.passed.values()], [1, 1], 'each api took one of the two webhooks');
  const { rows } = await database.pool.query('select submissions, result_source from trainings');
  t.same(rows, [
    { submissions: 1, result_source: 'webhook' },
    { submissions: 1, result_source: 'webhook' },
  ]);

  // Both serve one event log, so a reader can continue at the other.
  const all = await until(
    'all events are numbered',
    async () => {
      const page = (await call('GET', `${second}/v1/events?limit=1000`)).body.data;
      const ends = page.filter(({ type }: { type: string }) => type === 'training.succeeded');
      return ends.length === 2 && page;
    },
    patienceMs,
  );
  const sequences = all.map(({ sequence }: { sequence: number }) => sequence);
  await until('the stream has them', () => stream.frames.length >= sequences.length, patienceMs);
  t.same(
    stream.frames.map(({ id }) => id),
    sequences,
    'at the first',
  );
  const middle = sequences[Math.floor(sequences.length / 2)];
  const resumed = await openStream(`${second}/v1/events/stream`, { key, headers: { 'last-event-id': String(middle) } });
  const rest = sequences.filter((sequence: number) => sequence > middle);
  await until('the rest', () => resumed.frames.length >= rest.length, patienceMs);
  t.same(
    resumed.frames.map(({ id }) => id),
    rest,
    'at the second, from the middle on',
  );

  // Revoked at one, refused by both within a second; both had it in their memory.
  t.equal((await call('GET', `${second}/v1/trainers`)).status, 200);
  t.equal((await call('DELETE', `${first}/v1/keys/${keyId}`)).status, 204);
  const revokedAt = performance.now();
  const refusals = await Promise.all(
    [first, second].map((url) =>
      until('the refusal', async () => {
        const askedAt = performance.now();
        return (await call('GET', `${url}/v1/trainers`)).status === 401 && askedAt;
      }),
    ),
  );
  for (const refusedAt of refusals)
    t.ok(refusedAt - revokedAt < 1000, `within ${Math.round(refusedAt - revokedAt)} ms`);
  stream.vanish();
  resumed.vanish();
});
