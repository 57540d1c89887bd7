import { randomBytes } from 'node:crypto';
import { eq } from 'drizzle-orm';
import Fastify from 'fastify';
import { pino } from 'pino';
import { t, type Test } from '../../support/tap.ts';
import { makeConfig, readSettings } from '../../../src/config.ts';
import type { Database } from '../../../src/platform/db/client.ts';
import { apiKeys } from '../../../src/platform/db/schema.ts';
import { scopes } from '../../../src/platform/http/caller.ts';
import { ProblemSchema } from '../../../src/platform/http/schemas.ts';
import { createAuthenticator } from '../../../src/features/keys/authenticate.ts';
import { createKey } from '../../../src/features/keys/create-key.ts';
import { hashKey } from '../../../src/features/keys/secret.ts';
import { findKeys, revokeKey } from '../../../src/features/keys/store.ts';
import { authenticatedScope } from '../../../src/plugins/authentication.ts';
import { problemsPlugin } from '../../../src/plugins/problems.ts';
import { protectionPlugin } from '../../../src/plugins/protection.ts';
import { createTestDatabase, queryOnce } from '../../support/postgres.ts';
import { until } from '../../support/until.ts';

const { db, url } = await createTestDatabase(t);
const log = pino({ level: 'silent' });
const installation = { falMode: 'sandbox', storageId: '', secret: randomBytes(32) } as const;
const config = makeConfig(
  readSettings({
    FAL_MODE: 'sandbox',
    FAL_BASE_URL: 'http://127.0.0.1:9',
    PUBLIC_URL: 'http://127.0.0.1:8787',
    STORAGE_URL: 'file:///tmp',
    DATABASE_URL: url,
  }),
);

/** Moves the clock of intervals on by so many milliseconds, until the test ends. */
function letPass(t: Test, ms: number): void {
  const { now } = performance;
  performance.now = () => now.call(performance) + ms;
  t.teardown(() => {
    performance.now = now;
  });
}

async function buildScope(t: Test, database: Database = db) {
  const app = Fastify();
  app.decorate('db', database);
  app.decorate('config', config);
  app.decorate('installation', installation);
  app.addSchema(ProblemSchema);
  await app.register(protectionPlugin);
  await app.register(problemsPlugin);
  await authenticatedScope(app, async (scope) => {
    scope.get('/read', { config: { scope: 'avatars:read' } }, async ({ caller }) => caller);
    scope.post('/write', { config: { scope: 'avatars:write', idempotent: true } }, async () => ({}));
  });
  t.teardown(() => app.close());
  return (path: string, authorization?: string) =>
    app.inject({
      method: path === '/write' ? 'POST' : 'GET',
      url: path,
      headers: authorization === undefined ? {} : { authorization },
    });
}

t.test('a key is shown once and kept as a hash', async (t) => {
  const made = await createKey({ db }, { name: ' bot ', scopes: ['avatars:read', 'admin'] });
  t.match(made.key, /^lk_[A-Za-z0-9_-]{43}$/, '256 random bits');
  t.match(made, { name: 'bot', scopes: ['avatars:read', 'admin'], expires_at: null });
  const [row] = await db.select().from(apiKeys).where(eq(apiKeys.id, made.id));
  t.same(row?.key_hash, hashKey(made.key));
  t.notOk(JSON.stringify(row).includes(made.key));
  t.ok(
    made.key.startsWith(row?.prefix ?? '-') && (row?.prefix.length ?? 99) < 12,
    'its beginning tells it from others',
  );
  const another = await createKey({ db }, { name: 'bot', scopes: ['admin'] });
  t.not(another.key, made.key);
  const [newest] = await findKeys(db, { after: null, limit: 1 });
  t.match(newest?.key, { id: another.id, name: 'bot' });
  t.notOk(newest && 'key_hash' in newest.key);
});

t.test('a key that makes no sense is refused', async (t) => {
  const cases: [Parameters<typeof createKey>[1], RegExp][] = [
    [{ name: '', scopes: ['admin'] }, /name must have 1 to 100/],
    [{ name: 'x'.repeat(101), scopes: ['admin'] }, /name must have/],
    [{ name: 'x', scopes: [] }, /one scope at least/],
    [{ name: 'x', scopes: ['everything'] }, /unknown scope everything\. The scopes are avatars:read/],
    [{ name: 'x', scopes: ['admin'], expiresAt: new Date(0) }, /expires_at has passed/],
  ];
  for (const [asked, words] of cases) {
    await t.rejects(createKey({ db }, asked), { name: 'Problem', code: 'invalid-request', message: words });
  }
});

t.test('a request without a valid key gets 401 and is told how', async (t) => {
  const call = await buildScope(t);
  const { key } = await createKey({ db }, { name: 'a', scopes: ['avatars:read'] });
  const cases: [string | undefined, RegExp][] = [
    [undefined, /^Bearer realm="likeness"$/],
    ['', /^Bearer realm="likeness"$/],
    [`Basic ${key}`, /^Bearer realm="likeness"$/],
    ['Bearer', /^Bearer realm="likeness"$/],
    [`Bearer ${key} ${key}`, /^Bearer realm="likeness"$/],
    [`Bearer ${key}x`, /error="invalid_token"/],
    [`Bearer ${key.slice(0, -1)}`, /error="invalid_token"/],
    ['Bearer lk_unknown', /error="invalid_token"/],
  ];
  for (const [authorization, challenge] of cases) {
    const answer = await call('/read', authorization);
    t.equal(answer.statusCode, 401, authorization ?? 'no header');
    t.match(answer.json(), { code: 'unauthorized', status: 401 });
    t.match(answer.headers, { 'www-authenticate': challenge, 'content-type': /application\/problem\+json/ });
    t.notOk(answer.body.includes(key));
  }
});

t.test('a key reaches the routes of its scopes and no others', async (t) => {
  const call = await buildScope(t);
  const { key, id } = await createKey({ db }, { name: 'reader', scopes: ['avatars:read'] });
  const read = await call('/read', `bearer  ${key}`);
  const credentials = { identity: `key ${id}`, keyId: id, expiresAt: null };
  t.same(read.json(), { kind: 'key', id, name: 'reader', scopes: ['avatars:read'], ...credentials });
  const write = await call('/write', `Bearer ${key}`);
  t.equal(write.statusCode, 403);
  t.match(write.json(), { code: 'missing-scope', scope: 'avatars:write', detail: /avatars:write/ });
  t.match(write.headers, { 'www-authenticate': /error="insufficient_scope", scope="avatars:write"/ });
  const admin = await createKey({ db }, { name: 'admin', scopes: ['admin'] });
  t.equal((await call('/write', `Bearer ${admin.key}`)).statusCode, 200, 'admin implies all');
});

t.test('a key ends when it expires, and within a second of being revoked', async (t) => {
  const call = await buildScope(t);
  const expired = await createKey({ db }, { name: 'old', scopes: ['admin'], expiresAt: new Date(Date.now() + 60_000) });
  t.equal((await call('/read', `Bearer ${expired.key}`)).statusCode, 200);
  await db
    .update(apiKeys)
    .set({ expires_at: new Date(0) })
    .where(eq(apiKeys.id, expired.id));

  const revoked = await createKey({ db }, { name: 'revoked', scopes: ['admin'] });
  t.equal((await call('/read', `Bearer ${revoked.key}`)).statusCode, 200);
  t.match(await revokeKey(db, revoked.id), { id: revoked.id, revoked_at: Date });
  letPass(t, 1000);
  const refused = await call('/read', `Bearer ${revoked.key}`);
  t.equal(refused.statusCode, 401);
  t.match(refused.json(), { detail: /revoked/ });
  t.match((await call('/read', `Bearer ${expired.key}`)).json(), { detail: /expired/ });
  t.equal(await revokeKey(db, '0199a5b2-7c1e-7cc3-9a4b-2f6f1d0c8e55'), undefined);
});

t.test('the last use is noted, off the request’s path', async (t) => {
  const call = await buildScope(t);
  const made = await createKey({ db }, { name: 'used', scopes: ['admin'] });
  await call('/read', `Bearer ${made.key}`);
  const first = await until('the key’s state', async () => {
    const [row] = await db.select().from(apiKeys).where(eq(apiKeys.id, made.id));
    return row?.last_used_at ?? undefined;
  });
  const authenticate = createAuthenticator({ db, log, installation });
  await authenticate(`Bearer ${made.key}`);
  const [row] = await db.select().from(apiKeys).where(eq(apiKeys.id, made.id));
  t.same(row?.last_used_at, first, 'once a minute at most');
});

t.test('a busy key is looked up once, and a failed lookup is not kept', async (t) => {
  const own = await createTestDatabase(t);
  const made = await createKey(own, { name: 'busy', scopes: ['admin'] });
  const authorization = `Bearer ${made.key}`;
  const authenticate = createAuthenticator({ db: own.db, log, installation });
  const locker = await own.pool.connect();
  await locker.query('begin; lock table api_keys in access exclusive mode');
  const asking = Promise.all(Array.from({ length: 50 }, () => authenticate(authorization)));
  const waiting = async () => {
    // On a connection of its own: a transaction sees the first state of pg_stat_activity that it asked for.
    const [row] = await queryOnce<{ count: number }>(
      own.url,
      `select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return row?.count ?? 0;
  };
  await until('a lookup', async () => (await waiting()) > 0);
  t.equal(await waiting(), 1, 'of the connections that are free one asks for all');
  t.equal(own.pool.waitingCount, 0, 'and nothing else is to be asked');
  await locker.query('commit');
  locker.release();
  t.equal((await asking).length, 50);

  await own.pool.query('alter table api_keys rename to api_keys_away');
  const patient = createAuthenticator({ db: own.db, log, installation });
  await t.rejects(patient(authorization), { cause: { code: '42P01' } });
  await own.pool.query('alter table api_keys_away rename to api_keys');
  t.match(await patient(authorization), { id: made.id });
});

t.test('a route that states no scope, or a POST that can’t be repeated, stops the start', async (t) => {
  const start = (register: Parameters<typeof authenticatedScope>[1]) => {
    const app = Fastify();
    app.decorate('db', db);
    app.decorate('config', config);
    return authenticatedScope(app, register);
  };
  await t.rejects(
    start(async (scope) => void scope.get('/open', async () => ({}))),
    { message: /GET \/open states no scope/ },
  );
  await t.rejects(
    start(async (scope) => void scope.post('/once', { config: { scope: 'admin' } }, async () => ({}))),
    { message: /POST \/once can't be repeated/ },
  );
});

t.test('every scope opens a route that asks for it', async (t) => {
  for (const scope of scopes) {
    const made = await createKey({ db }, { name: scope, scopes: [scope] });
    const caller = await createAuthenticator({ db, log, installation })(`Bearer ${made.key}`);
    t.same(caller.scopes, [scope]);
  }
});
