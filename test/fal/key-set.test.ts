import { t } from '../support/tap.ts';
import { createKeySet, type KeySetOptions, type StoredKeys } from '../../src/fal/key-set.ts';
import type { SigningKey } from '../../src/fal/signature.ts';
import { createSigner, type Signer, signWebhook } from './support/signing.ts';

const start = new Date('2026-11-22T12:00:00Z');
const first = createSigner('first');
const second = createSigner('second');
const hour = 3_600_000;

type Fixture = {
  keySet: ReturnType<typeof createKeySet>;
  calls: { fetch: number; load: number; save: number };
  /** What fal serves; an Error is thrown. */
  serve: (answer: SigningKey[] | Error | Promise<SigningKey[]>) => void;
  shared: { stored: StoredKeys | null };
  pass: (ms: number) => void;
  /** A webhook of now. */
  verify: (signer: Signer) => Promise<string>;
};

/** A key set whose clock, fal and shared store are the test's. Two with the same `shared` are two instances. */
function fixture(
  shared: { stored: StoredKeys | null } = { stored: null },
  options: Partial<KeySetOptions> = {},
): Fixture {
  const calls = { fetch: 0, load: 0, save: 0 };
  let clock = start.getTime();
  let answer: SigningKey[] | Error | Promise<SigningKey[]> = [first.key];
  const keySet = createKeySet({
    now: () => new Date(clock),
    fetchKeys: async () => {
      calls.fetch += 1;
      if (answer instanceof Error) throw answer;
      return answer;
    },
    load: async () => {
      calls.load += 1;
      return shared.stored;
    },
    save: async (stored) => {
      calls.save += 1;
      shared.stored = stored;
    },
    ...options,
  });
  return {
    keySet,
    calls,
    shared,
    serve: (next) => {
      answer = next;
    },
    pass: (ms) => {
      clock += ms;
    },
    verify: async (signer) => {
      const verdict = await keySet.verify(signWebhook(signer, new Date(clock), '{}'));
      return verdict.kind === 'rejected' ? verdict.reason : verdict.kind;
    },
  };
}

await t.test('the first webhook fetches the keys, later ones do not', async (t) => {
  const { verify, calls, shared } = fixture();
  t.equal(await verify(first), 'verified');
  t.equal(await verify(first), 'verified');
  t.same(calls, { fetch: 1, load: 2, save: 1 });
  t.same(shared.stored, { keys: [first.key], fetchedAt: start });
});

await t.test('the verdict tells who signed, for what and when', async (t) => {
  const { keySet } = fixture();
  t.same(await keySet.verify(signWebhook(first, start, '{}', 'request-9')), {
    kind: 'verified',
    falRequestId: 'request-9',
    userId: 'github|123',
    timestamp: start.getTime() / 1000,
    skewSeconds: 0,
  });
  const late = signWebhook(first, new Date(start.getTime() - 400_000), '{}');
  t.same(await keySet.verify(late), { kind: 'rejected', reason: 'stale', skewSeconds: 400 });
});

await t.test('what is plainly no webhook of fal looks for no keys', async (t) => {
  const { keySet, calls } = fixture();
  t.match(await keySet.verify({ headers: {}, rawBody: Buffer.from('x') }), {
    kind: 'rejected',
    reason: 'missing_header',
  });
  t.same(calls, { fetch: 0, load: 0, save: 0 });
});

await t.test('concurrent webhooks share one fetch', async (t) => {
  const { verify, serve, calls } = fixture();
  const latch = Promise.withResolvers<SigningKey[]>();
  serve(latch.promise);
  const verdicts = Array.from({ length: 50 }, () => verify(first));
  latch.resolve([first.key]);
  t.same(new Set(await Promise.all(verdicts)), new Set(['verified']));
  t.equal(calls.fetch, 1);
});

await t.test('an unknown key is looked for once outside the cool-down', async (t) => {
  const { verify, serve, pass, calls } = fixture();
  t.equal(await verify(first), 'verified');
  serve([first.key, second.key]);
  t.equal(await verify(second), 'no_match', 'within the cool-down');
  t.equal(calls.fetch, 1);
  pass(30_000);
  t.same(await Promise.all([verify(second), verify(second), verify(first)]), ['verified', 'verified', 'verified']);
  t.equal(calls.fetch, 2);
});

await t.test('forged webhooks cause one look in a cool-down, at fal and in the store', async (t) => {
  const { verify, pass, calls } = fixture();
  await verify(first);
  pass(30_000);
  const before = { ...calls };
  for (let round = 0; round < 20; round += 1) t.equal(await verify(second), 'no_match');
  t.same(calls, { fetch: before.fetch + 1, load: before.load + 1, save: before.save + 1 });
});

await t.test('keys of another instance serve this one', async (t) => {
  const shared = { stored: null };
  const one = fixture(shared);
  const two = fixture(shared);
  t.equal(await one.verify(first), 'verified');
  t.equal(await two.verify(first), 'verified');
  t.equal(two.calls.fetch, 0, 'the keys were loaded, not fetched');
  for (const each of [one, two]) {
    each.pass(hour);
    each.serve([second.key]);
  }
  t.equal(await one.verify(second), 'verified');
  t.equal(await two.verify(second), 'verified');
  t.equal(two.calls.fetch, 0, 'the rotated key, too');
});

await t.test('saved keys that lack the key are followed by a fetch at once', async (t) => {
  const { verify, serve, calls } = fixture({
    stored: { keys: [first.key], fetchedAt: new Date(start.getTime() - hour) },
  });
  serve([second.key]);
  t.equal(await verify(second), 'verified');
  t.equal(calls.fetch, 1);
});

await t.test('keys are fetched again after a day, and the last good ones outlive an outage', async (t) => {
  const { verify, serve, pass, calls } = fixture();
  await verify(first);
  pass(24 * hour - 1);
  t.equal(await verify(first), 'verified');
  t.equal(calls.fetch, 1);
  pass(1);
  serve(new Error('fal is down'));
  t.equal(await verify(first), 'verified');
  t.equal(await verify(first), 'verified');
  t.equal(calls.fetch, 2, 'the outage costs one try in a cool-down');
  t.equal(await verify(second), 'no_match');
  pass(30_000);
  serve([second.key]);
  t.equal(await verify(second), 'verified');
  t.equal(await verify(first), 'no_match', 'a key that fal took out of the list no longer counts');
});

await t.test('an empty list takes no key away', async (t) => {
  const { verify, serve, pass, shared } = fixture();
  await verify(first);
  serve([]);
  pass(25 * hour);
  t.equal(await verify(first), 'verified');
  t.same(shared.stored?.keys, [first.key]);
});

await t.test('without any key there is no verdict, and the next try comes after the cool-down', async (t) => {
  const { verify, serve, pass, calls } = fixture();
  serve(new Error('fal is down'));
  t.equal(await verify(first), 'no_keys');
  t.equal(await verify(first), 'no_keys');
  t.equal(calls.fetch, 1);
  serve([first.key]);
  pass(30_000);
  t.equal(await verify(first), 'verified');
});

await t.test('a store that fails is said, and hinders nobody', async (t) => {
  const warnings: string[] = [];
  const broken = async () => {
    throw new Error('no database');
  };
  const log = { warn: (_fields: object, message: string) => void warnings.push(message) };
  const { verify } = fixture({ stored: null }, { load: broken, save: broken, log });
  t.equal(await verify(first), 'verified');
  t.same(new Set(warnings), new Set(['the saved signing keys cannot be read', 'the signing keys cannot be saved']));
});

await t.test('an older set that is loaded late replaces nothing', async (t) => {
  const { verify, shared, pass, serve } = fixture();
  await verify(first);
  shared.stored = { keys: [second.key], fetchedAt: new Date(start.getTime() - hour) };
  serve(new Error('fal is down'));
  pass(30_000);
  t.equal(await verify(second), 'no_match');
  t.equal(await verify(first), 'verified');
});
