import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { idempotencyKeys } from '../../../src/platform/db/schema.ts';
import { transact } from '../../../src/platform/db/transact.ts';
import { eraseKeptAnswers, idsIn } from '../../../src/platform/idempotency/erase.ts';
import { startApp } from '../../support/app.ts';
import { t } from '../../support/tap.ts';

const { app, call, database } = await startApp(t);
const body = (id: string) => Buffer.from(JSON.stringify({ data: [{ avatar_id: id }] }));

function kept(fields: Partial<typeof idempotencyKeys.$inferInsert> = {}): typeof idempotencyKeys.$inferInsert {
  return {
    caller: 'key a',
    key: randomUUID(),
    method: 'POST',
    path: '/v1/users',
    request_hash: Buffer.from('x'),
    status_code: 201,
    headers: {},
    body: body(randomUUID()),
    named_ids: [],
    expires_at: new Date(Date.now() + 3_600_000),
    ...fields,
  };
}

t.test('what is kept by the API is found by each id that stands in it', async (t) => {
  const user = (await call('POST', '/v1/users', { json: { external_id: 'a' }, headers: { 'idempotency-key': 'u' } }))
    .body;
  const json = { user_id: user.id, name: 'Ada', gender: 'female', training_type: 'portrait' };
  const avatar = (await call('POST', '/v1/avatars', { json, headers: { 'idempotency-key': 'a' } })).body;
  await call('POST', `/v1/users/${user.id}/tokens`, { json: {}, headers: { 'idempotency-key': 't' } });
  const { rows } = await database.pool.query<{ key: string; named_ids: string[] }>(
    'select key, named_ids from idempotency_keys order by key',
  );
  const named = new Map(rows.map(({ key, named_ids }) => [key, named_ids]));
  t.same(new Set(named.get('a')), new Set([avatar.id, user.id]));
  t.same(named.get('u'), [user.id]);
  t.ok(named.get('t')?.includes(user.id), 'also of an answer that is not kept itself');
  t.same(idsIn(`/v1/a/${user.id.toUpperCase()}`, `"${user.id}"`, '0199a5b2-7c1e'), [user.id]);
});

t.test('erasing reads what goes and nothing else, however much is kept', async (t) => {
  const read: number[] = [];
  for (const others of [200, 5_000]) {
    await app.db.delete(idempotencyKeys);
    const [gone, other] = [randomUUID(), randomUUID()];
    const strangers = Array.from({ length: others }, () => kept({ named_ids: [randomUUID(), randomUUID()] }));
    for (let at = 0; at < others; at += 1000)
      await app.db.insert(idempotencyKeys).values(strangers.slice(at, at + 1000));
    await app.db
      .insert(idempotencyKeys)
      .values([
        kept({ key: 'named', named_ids: [other, gone] }),
        kept({ key: 'own', caller: `user ${gone}` }),
        kept({ key: 'path before', path: `/v1/avatars/${gone}/photos`, named_ids: null }),
        kept({ key: 'header before', headers: { location: `/v1/avatars/${gone}` }, named_ids: null }),
        kept({ key: 'body before', body: body(gone), named_ids: null }),
        kept({ key: 'stays before', named_ids: null }),
        kept({ key: 'stays', named_ids: [other] }),
      ]);
    await app.db.execute(sql`vacuum analyze idempotency_keys`);
    await transact(app, async (tx) => {
      await eraseKeptAnswers(tx, [gone, randomUUID()], `user ${gone}`);
      const { rows } = await tx.execute<{ read: string }>(sql`
        select seq_tup_read + coalesce(idx_tup_fetch, 0) as read from pg_stat_xact_user_tables where relname = 'idempotency_keys'`);
      read.push(Number(rows[0]?.read));
    });
    const left = await database.pool.query('select key from idempotency_keys where length(key) < 20 order by key');
    t.same(
      left.rows.map(({ key }) => key),
      ['stays', 'stays before'],
    );
    t.equal(await app.db.$count(idempotencyKeys), others + 2);
  }
  const [few = 0, many = 0] = read;
  t.ok(many <= 20, `${few} and ${many} rows were read`);
});
