import { startApp } from '../support/app.ts';
import { runHere } from '../support/in-process.ts';
import { createLegacyDatabase, type LegacyDump } from '../support/legacy.ts';
import { jpeg } from '../../lab/ground/pictures.ts';
import { queryOnce } from '../support/postgres.ts';
import { eagerPolls } from '../support/service.ts';
import { t, type Test } from '../support/tap.ts';
import { until } from '../support/until.ts';

for (const dump of ['avatars-24', 'avatars-42'] as const) {
  t.test(`the service starts on ${dump} after its adoption, and works with what was there`, async (t) => {
    const { url, call, base } = await serveAdopted(t, dump);
    // The first look at the schema may take longer than a probe waits.
    await until('the service to be ready', async () => (await fetch(new URL('/readyz', base))).status === 200);

    const listed = await call('GET', '/v1/avatars?limit=100');
    t.equal(listed.status, 200);
    t.equal(listed.body.data.length, 100);
    const completed = await call('GET', '/v1/avatars?status=completed&limit=100');
    t.equal(completed.body.data.length, 80);
    t.ok(completed.body.data.every((avatar: { artifact_verified: boolean }) => !avatar.artifact_verified));

    const { id } = completed.body.data[0];
    const renamed = await call('PATCH', `/v1/avatars/${id}`, {
      json: { name: 'Новое имя' },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
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
  const uploaded = await call('POST', `${path}/photos`, { body: form });
  t.match(uploaded.body, { accepted: { length: 10 }, rejected: { length: 0 } });
  const started = await call('POST', `${path}/trainings`, { json: { steps: 20 } });
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
  const { call, url: base } = await startApp(t, {
    environment: { ...eagerPolls, DATABASE_URL: url },
    sandbox: { speed },
  });
  return { url, call, base };
}
