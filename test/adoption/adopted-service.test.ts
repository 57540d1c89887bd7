import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pino from 'pino';
import { stablePort } from '../../lab/ground/ports.ts';
import { t, type Test } from '../support/tap.ts';
import { buildSandbox } from '../../packages/fal-sandbox/src/server.ts';
import { buildApp } from '../../src/app.ts';
import { makeConfig, readSettings } from '../../src/config.ts';
import { createKey } from '../../src/features/keys/create-key.ts';
import { runHere } from '../support/in-process.ts';
import { createLegacyDatabase, type LegacyDump } from '../support/legacy.ts';
import { jpeg } from '../../lab/ground/pictures.ts';
import { queryOnce } from '../support/postgres.ts';
import { until } from '../support/until.ts';

for (const dump of ['avatars-24', 'avatars-42'] as const) {
  t.test(`the service starts on ${dump} after its adoption, and works with what was there`, async (t) => {
    const { url, call } = await serveAdopted(t, dump);
    // The first look at the schema may take longer than a probe waits.
    await until('the service to be ready', async () => (await fetch(new URL('/readyz', call.base))).status === 200);

    const listed = await call('GET', '/v1/avatars?limit=100');
    t.equal(listed.status, 200);
    t.equal(listed.body.data.length, 100);
    const completed = await call('GET', '/v1/avatars?status=completed&limit=100');
    t.equal(completed.body.data.length, 80);
    t.ok(completed.body.data.every((avatar: { artifact_verified: boolean }) => !avatar.artifact_verified));

    const { id } = completed.body.data[0];
    const renamed = await call('PATCH', `/v1/avatars/${id}`, { name: 'Новое имя' }, 'application/merge-patch+json');
    t.match(renamed, { status: 200, body: { name: 'Новое имя', status: 'completed' } });

    const [user] = await queryOnce<{ id: string }>(
      url,
      `select id from users where not exists (select from avatars where user_id = users.id and status = 'training') order by id limit 1`,
    );
    t.equal((await call('DELETE', `/v1/users/${user?.id}`)).status, 204);
    const [balance] = await queryOnce(
      url,
      `select b.coins is not null as coins, u.telegram_id, u.first_name from user_balances b join users u on u.id = b.user_id where b.user_id = $1`,
      [user?.id],
    );
    t.match(balance, { coins: true, telegram_id: null }, 'the balance stays, and its user is nobody');
    t.equal((await call('GET', `/v1/users/${user?.id}`)).status, 404);
  });
}

t.test('an adopted avatar is trained after ten photos were uploaded to it', async (t) => {
  const { url, call } = await serveAdopted(t, 'avatars-24', 400);
  const [avatar] = await queryOnce<{ id: string }>(
    url,
    `select id from avatars where status = 'cancelled' order by id limit 1`,
  );
  const path = `/v1/avatars/${avatar?.id}`;
  for (const photo of (await call('GET', `${path}/photos`)).body.data) {
    t.equal(
      (await call('DELETE', `${path}/photos/${photo.id}`)).status,
      204,
      'the files of the earlier system are not here',
    );
  }
  const form = new FormData();
  for (let index = 0; index < 10; index += 1) form.append('photos', new Blob([await jpeg()]), `photo-${index}.jpg`);
  const uploaded = await call('POST', `${path}/photos`, form);
  t.match(uploaded.body, { accepted: { length: 10 }, rejected: { length: 0 } });
  const started = await call('POST', `${path}/trainings`, { steps: 20 });
  t.equal(started.status, 202);
  const training = await until(
    'the training has ended',
    async () => {
      const { body } = await call('GET', `/v1/trainings/${started.body.id}`);
      return ['succeeded', 'failed', 'cancelled'].includes(body.status) && body;
    },
    30_000,
  );
  t.match(training, { status: 'succeeded' });
  t.match((await call('GET', path)).body, { status: 'completed', artifact_verified: true });
});

async function serveAdopted(t: Test, dump: LegacyDump, speed = 0) {
  const { url } = await createLegacyDatabase(t, dump);
  const adopted = await runHere(['db', 'adopt', '--from', 'alembic', '--url', url, '--yes']);
  t.equal(adopted.code, 0, adopted.stderr);
  const folder = await mkdtemp(join(tmpdir(), 'likeness-adopted-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const sandbox = buildSandbox({ allowPrivateWebhooks: true, speed });
  const sandboxUrl = await sandbox.listen();
  t.teardown(() => sandbox.close());
  const port = await stablePort();
  const base = `http://127.0.0.1:${port}`;
  const config = makeConfig(
    readSettings({
      DATABASE_URL: url,
      STORAGE_URL: pathToFileURL(join(folder, 'storage')).href,
      PUBLIC_URL: base,
      FAL_MODE: 'sandbox',
      FAL_BASE_URL: sandboxUrl,
      PORT: String(port),
      LOG_LEVEL: 'silent',
      POLL_FIRST_SECONDS: '0.2',
      POLL_SECONDS: '0.2',
      CHECK_INTERVAL_SECONDS: '0.05',
      SHUTDOWN_GRACE_SECONDS: '5',
    }),
  );
  const app = await buildApp(config, { log: pino({ level: 'silent' }) });
  t.teardown(() => app.close());
  await app.listen({ host: '127.0.0.1', port });
  const { key } = await createKey(app, { name: 'test', scopes: ['admin'] });
  const call = async (method: string, path: string, body?: unknown, type = 'application/json') => {
    const isForm = body instanceof FormData;
    const answer = await fetch(base + path, {
      method,
      headers: { authorization: `Bearer ${key}`, ...(body !== undefined && !isForm && { 'content-type': type }) },
      ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? null : JSON.parse(text) };
  };
  return { url, call: Object.assign(call, { base }) };
}
