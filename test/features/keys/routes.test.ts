import { t } from '../../support/tap.ts';
import { buildApp } from '../../../src/app.ts';
import { signToken } from '../../../src/features/keys/token.ts';
import { startApp } from '../../support/app.ts';
import { keyWith, tokenFor } from '../../support/callers.ts';
import { until } from '../../support/until.ts';

const service = await startApp(t);
const { app, call, config, database, makeUser } = service;
const hourMs = 3_600_000;

/** @returns what a caller gets for reading its own user, or for the list of avatars */
const read = (authorization: string) => call('GET', '/v1/avatars', { headers: { authorization } });

/** A second instance over the same database and object store. */
const other = await buildApp(config);
t.teardown(() => other.close());
const elsewhere = (authorization: string) =>
  other.inject({ method: 'GET', url: '/v1/avatars', headers: { authorization } });

async function makeKey(fields: Record<string, unknown> = {}) {
  return (
    await call('POST', '/v1/keys', { json: { name: 'bot', scopes: ['avatars:read', 'avatars:write'], ...fields } })
  ).body;
}

t.test('a key is made, shown once, read and listed', async (t) => {
  const made = await call('POST', '/v1/keys', { json: { name: ' bot ', scopes: ['avatars:read'] } });
  t.equal(made.status, 201);
  const { key, ...shown } = made.body;
  t.match(key, /^lk_[\w-]{43}$/);
  t.equal(made.headers.get('location'), `/v1/keys/${shown.id}`);
  t.match(shown, { name: 'bot', scopes: ['avatars:read'], status: 'active', expires_at: null, last_used_at: null });
  t.same((await call('GET', `/v1/keys/${shown.id}`)).body, shown);
  await read(`Bearer ${key}`);
  await until('its use was noted', async () => (await call('GET', `/v1/keys/${shown.id}`)).body.last_used_at !== null);
  const first = await call('GET', '/v1/keys?limit=1&include=total');
  t.equal(first.body.data[0].id, shown.id, 'newest first');
  const { rows } = await database.pool.query('select count(*)::int as count from api_keys');
  t.equal(first.body.total, rows[0].count);
  const second = await call('GET', `/v1/keys?limit=1&cursor=${first.body.next_cursor}`);
  t.not(second.body.data[0].id, shown.id);
  t.notOk(second.body.total);
  t.notMatch(JSON.stringify([first.body, second.body]), key);
  t.equal((await call('GET', `/v1/keys?cursor=${first.body.next_cursor}x`)).status, 400);
  for (const json of [
    { name: 'x', scopes: ['fly'] },
    { name: 'x', scopes: [] },
    { name: '  ', scopes: ['admin'] },
  ]) {
    t.equal((await call('POST', '/v1/keys', { json })).status, 400);
  }
  const past = { name: 'x', scopes: ['admin'], expires_at: '2020-01-01T00:00:00Z' };
  t.match((await call('POST', '/v1/keys', { json: past })).body, { status: 400, detail: /has passed/ });
});

t.test('a revoked key stops to work on every instance within a second, and so do its tokens', async (t) => {
  const user = await makeUser();
  const made = await makeKey();
  const authorization = `Bearer ${made.key}`;
  const minted = await call('POST', `/v1/users/${user.id}/tokens`, { headers: { authorization }, json: {} });
  const token = `Bearer ${minted.body.token}`;
  for (const bearer of [authorization, token]) {
    t.equal((await read(bearer)).status, 200);
    await until('it is taken there', async () => (await elsewhere(bearer)).statusCode === 200);
  }
  t.equal((await call('DELETE', `/v1/keys/${made.id}`)).status, 204);
  const revoked = performance.now();
  for (const bearer of [authorization, token]) {
    await until('it is refused here', async () => (await read(bearer)).status === 401);
    await until('it is refused there', async () => (await elsewhere(bearer)).statusCode === 401);
  }
  t.ok(performance.now() - revoked < 2000, 'with the time that asking takes');
  const shown = await call('GET', `/v1/keys/${made.id}`);
  t.match(shown.body, { status: 'revoked', revoked_at: /Z$/ });
  t.equal((await call('DELETE', `/v1/keys/${made.id}`)).status, 204, 'again is no fault');
  t.same((await call('GET', `/v1/keys/${made.id}`)).body, shown.body);
  t.equal((await call('DELETE', `/v1/keys/${crypto.randomUUID()}`)).status, 404);
});

t.test('a rotated key works on for the overlap, beside the new one', async (t) => {
  const expires = new Date(Date.now() + 10 * hourMs).toISOString();
  const old = await makeKey({ expires_at: expires });
  const rotated = await call('POST', `/v1/keys/${old.id}/rotate`, { json: { overlap_seconds: 3600 } });
  t.equal(rotated.status, 201);
  const { key, ...made } = rotated.body;
  t.match(made, { name: old.name, scopes: old.scopes, status: 'active', replaced_by: null });
  t.ok(
    Math.abs(Date.parse(made.expires_at) - Date.now() - 10 * hourMs) < 60_000,
    'it lives as long as the old one was to',
  );
  t.equal((await read(`Bearer ${old.key}`)).status, 200);
  t.equal((await read(`Bearer ${key}`)).status, 200);
  const before = (await call('GET', `/v1/keys/${old.id}`)).body;
  t.equal(before.replaced_by, made.id);
  t.ok(Math.abs(Date.parse(before.expires_at) - Date.now() - hourMs) < 60_000);
  const again = await call('POST', `/v1/keys/${old.id}/rotate`);
  t.match(again.body, { status: 409, code: 'invalid-state', replaced_by: made.id });

  const next = await call('POST', `/v1/keys/${made.id}/rotate`, { json: { overlap_seconds: 0 } });
  await until('the old one has ended', async () => (await read(`Bearer ${key}`)).status === 401);
  t.equal((await read(`Bearer ${next.body.key}`)).status, 200);
  await call('DELETE', `/v1/keys/${next.body.id}`);
  const ended = await call('POST', `/v1/keys/${next.body.id}/rotate`);
  t.match(ended.body, { status: 409, code: 'invalid-state', key_status: 'revoked' });
  t.equal((await call('POST', `/v1/keys/${crypto.randomUUID()}/rotate`)).status, 404);
});

t.test('a token may do a part of what its key may, for a time', async (t) => {
  const user = await makeUser();
  const path = `/v1/users/${user.id}/tokens`;
  const authorization = await keyWith(service, ['avatars:read', 'avatars:write']);
  const minted = await call('POST', path, { headers: { authorization } });
  t.match(minted.body, { token: /^lut_[\w-]+$/, user_id: user.id, scopes: ['avatars:read', 'avatars:write'] });
  t.ok(Math.abs(Date.parse(minted.body.expires_at) - Date.now() - 900_000) < 60_000, 'a quarter of an hour');
  const admins = await call('POST', path, { json: { ttl_seconds: 86_400 } });
  const all = ['avatars:read', 'avatars:write', 'trainings:write', 'events:read', 'generations:write'];
  t.same(admins.body.scopes, all, 'never admin');
  const beyond = await call('POST', path, { headers: { authorization }, json: { scopes: ['events:read'] } });
  t.match(beyond.body, { status: 403, code: 'missing-scope', scope: 'events:read' });
  for (const json of [{ ttl_seconds: 59 }, { ttl_seconds: 86_401 }, { scopes: ['admin'] }, { scopes: [] }]) {
    t.equal((await call('POST', path, { json })).status, 400, JSON.stringify(json));
  }
  t.equal((await call('POST', `/v1/users/${crypto.randomUUID()}/tokens`)).status, 404);

  const short = await makeKey({ expires_at: new Date(Date.now() + 300_000).toISOString() });
  const capped = await call('POST', path, { headers: { authorization: `Bearer ${short.key}` } });
  t.ok(Date.parse(capped.body.expires_at) <= Date.parse(short.expires_at), 'no longer than its key');
});

t.test('a token that was changed, has expired or lost its user is refused', async (t) => {
  const user = await makeUser();
  const bearer = await tokenFor(service, user.id);
  t.equal((await read(bearer)).status, 200);
  const token = bearer.slice('Bearer '.length);
  for (let index = 4; index < token.length; index += 7) {
    const changed = token.slice(0, index) + (token[index] === 'A' ? 'B' : 'A') + token.slice(index + 1);
    t.equal((await read(`Bearer ${changed}`)).status, 401, `character ${index}`);
  }
  t.equal((await read(`${bearer}!`)).status, 401, 'something more');
  const made = await makeKey();
  const claims = { keyId: made.id, userId: user.id, scopes: ['avatars:read'] } as const;
  const { secret } = app.installation;
  const signed = (expiresAt: Date) => `Bearer ${signToken(secret, { ...claims, expiresAt })}`;
  t.equal((await read(signed(new Date(Date.now() + 60_000)))).status, 200);
  t.match((await read(signed(new Date(Date.now() - 1000)))).body, { status: 401, detail: /has expired/ });
  const foreign = signToken(Buffer.alloc(32), { ...claims, expiresAt: new Date(Date.now() + 60_000) });
  t.match((await read(`Bearer ${foreign}`)).body, { status: 401, detail: /not one of this service/ });

  await call('DELETE', `/v1/users/${user.id}`);
  await until('it is refused', async () => (await read(bearer)).status === 401);
  t.match((await read(bearer)).body, { detail: /user of the token/ });
});
