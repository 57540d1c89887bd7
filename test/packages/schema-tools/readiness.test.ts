import pg from 'pg';
import { t, type Test } from '../../support/tap.ts';
import { project } from '../../../src/database.ts';
import { watchSchema } from '@likeness/schema-tools/acts/readiness.ts';
import { createLegacyDatabase } from '../../support/legacy.ts';
import { createEmptyDatabase, createTestDatabase } from '../../support/postgres.ts';

t.test('a migrated database will do', async (t) => {
  const client = await connect(t, (await createTestDatabase(t)).url);
  t.equal(await watchSchema(project)(client), null);
});

t.test('one that is behind will not, and the command that helps is named', async (t) => {
  const empty = await connect(t, (await createEmptyDatabase(t)).url);
  t.match(await watchSchema(project)(empty), { code: 'migrations', detail: /run `likeness db migrate`/ });
  const legacy = await connect(t, (await createLegacyDatabase(t, 'avatars-42')).url);
  t.match(await watchSchema(project)(legacy), { code: 'migrations' });
  const client = await connect(t, (await createTestDatabase(t)).url);
  await client.query('update pgboss.version set version = version - 1');
  t.match(await watchSchema(project)(client), { code: 'migrations', detail: /job queue/ });
});

t.test('critical drift is named, a warning is no reason', async (t) => {
  const client = await connect(t, (await createTestDatabase(t)).url);
  const ask = watchSchema(project, 0);
  await client.query('drop index ix_avatars_training_type');
  t.equal(await ask(client), null);
  await client.query('alter table avatars drop column preview_key');
  t.match(await ask(client), {
    code: 'schema-drift',
    detail: /missing_column avatars\.preview_key.*likeness db check/,
  });
  await client.query('alter table avatars add column preview_key varchar(255)');
  t.equal(await ask(client), null, 'mended, it is ready again');
});

t.test('the schema is not read for every probe', async (t) => {
  const client = await connect(t, (await createTestDatabase(t)).url);
  const ask = watchSchema(project, 60_000);
  t.equal(await ask(client), null);
  await client.query('alter table avatars drop column preview_key');
  t.equal(await ask(client), null, 'the last look is young enough');
});

t.test('one that newer code migrated will do while nothing is missing', async (t) => {
  const client = await connect(t, (await createTestDatabase(t)).url);
  await client.query(
    `insert into drizzle.__drizzle_migrations (hash, created_at) values ('newer', extract(epoch from now() + interval '10 years') * 1000)`,
  );
  await client.query('alter table avatars add column later text');
  await client.query('drop index ix_avatar_photos_avatar_id_file_hash');
  t.equal(await watchSchema(project)(client), null, 'what newer code may have replaced counts for nothing');
  await client.query('alter table avatars drop column preview_key');
  t.match(await watchSchema(project)(client), {
    code: 'schema-drift',
    detail: /^Newer code .*deploy the newer code/,
  });
});

async function connect(t: Test, url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  await client.connect();
  t.teardown(() => client.end());
  return client;
}
