import { t } from '../support/tap.ts';
import { parseSigningKeys, verifyWebhookSignature } from '../../src/fal/signature.ts';
import { createSigner, signWebhook } from './support/signing.ts';

const now = new Date('2026-11-22T12:00:00Z');
const signer = createSigner('new');
const old = createSigner('old');
const body = '{"error": null, "payload": {"seed": 17454220438242315174}, "request_id": "request-1", "status": "OK"}';
const signed = signWebhook(signer, now, body);
const keys = [old.key, signer.key];
const names = Object.keys(signed.headers);

function secondsLater(seconds: number): Date {
  return new Date(now.getTime() + seconds * 1000);
}

await t.test('a genuine webhook passes, whichever key of the set signed it', async (t) => {
  const ok = {
    ok: true,
    falRequestId: 'request-1',
    userId: 'github|123',
    timestamp: now.getTime() / 1000,
    skewSeconds: 0,
  };
  t.same(verifyWebhookSignature({ ...signed, keys, now }), ok);
  t.same(verifyWebhookSignature({ ...signed, keys: keys.toReversed(), now }), ok);
  t.match(verifyWebhookSignature({ ...signWebhook(old, now, body), keys, now }), { ok: true });
  t.match(verifyWebhookSignature({ ...signWebhook(signer, now, ''), keys, now }), { ok: true }, 'an empty body');
});

await t.test('time', async (t) => {
  for (const [seconds, verdict] of [
    [299, { ok: true, skewSeconds: 299 }],
    [300, { ok: true, skewSeconds: 300 }],
    [301, { ok: false, reason: 'stale', skewSeconds: 301 }],
    [86_400, { ok: false, reason: 'stale', skewSeconds: 86_400 }],
    [-300, { ok: true, skewSeconds: -300 }],
    [-301, { ok: false, reason: 'future', skewSeconds: -301 }],
  ] as const) {
    t.match(verifyWebhookSignature({ ...signed, keys, now: secondsLater(seconds) }), verdict, `${seconds} s later`);
  }
  const tight = { ...signed, keys, now: secondsLater(11), toleranceSeconds: 10 };
  t.match(verifyWebhookSignature(tight), { reason: 'stale' });
});

await t.test('every header is needed, and every character of it counts', async (t) => {
  for (const name of names) {
    const value = String(signed.headers[name]);
    const without = { ...signed.headers, [name]: undefined };
    t.same(verifyWebhookSignature({ ...signed, headers: without, keys, now }), { ok: false, reason: 'missing_header' });
    t.match(verifyWebhookSignature({ ...signed, headers: { ...signed.headers, [name]: '' }, keys, now }), {
      ok: false,
    });
    const mutations = [`${value}0`, ` ${value}`, value.slice(0, -1), `${value}\n`, `${value}, ${value}`, 'é', '\0'];
    for (let index = 0; index < value.length; index += 1) {
      const other = value[index] === '1' ? '2' : '1';
      mutations.push(value.slice(0, index) + other + value.slice(index + 1));
    }
    const accepted = mutations.filter((mutated) => {
      const headers = { ...signed.headers, [name]: mutated };
      return verifyWebhookSignature({ ...signed, headers, keys, now, toleranceSeconds: 1e10 }).ok;
    });
    t.same(accepted, [], `${mutations.length} mutations of ${name}`);
    const twice = { ...signed.headers, [name]: [value, value] };
    t.match(verifyWebhookSignature({ ...signed, headers: twice, keys, now }), { ok: false, reason: 'malformed' });
  }
});

await t.test('a signature in another writing is malformed', async (t) => {
  const signature = String(signed.headers['x-fal-webhook-signature']);
  for (const other of [signature.toUpperCase(), Buffer.from(signature, 'hex').toString('base64'), `0x${signature}`]) {
    const headers = { ...signed.headers, 'x-fal-webhook-signature': other };
    t.match(verifyWebhookSignature({ ...signed, headers, keys, now }), { ok: false, reason: 'malformed' });
  }
  for (const timestamp of ['+1', '1e9', '-5', '1.5', '0x10', 'NaN', '9'.repeat(30)]) {
    const headers = { ...signed.headers, 'x-fal-webhook-timestamp': timestamp };
    t.match(verifyWebhookSignature({ ...signed, headers, keys, now }), { ok: false, reason: 'malformed' }, timestamp);
  }
});

await t.test('every byte of the body counts', async (t) => {
  for (let index = 0; index < signed.rawBody.length; index += 1) {
    const rawBody = Buffer.from(signed.rawBody);
    rawBody[index] = (rawBody[index] ?? 0) ^ 1;
    t.match(verifyWebhookSignature({ ...signed, rawBody, keys, now }), { ok: false, reason: 'no_match' });
  }
  for (const other of [body.replaceAll(': ', ':'), JSON.stringify(JSON.parse(body)), `${body} `, body.slice(1), '']) {
    t.match(verifyWebhookSignature({ ...signed, rawBody: Buffer.from(other), keys, now }), { reason: 'no_match' });
  }
});

await t.test('values cannot move from one signed line to another', async (t) => {
  const headers = {
    ...signed.headers,
    'x-fal-webhook-request-id': 'request-1\ngithub|123',
    'x-fal-webhook-user-id': String(signed.headers['x-fal-webhook-timestamp']),
  };
  t.match(verifyWebhookSignature({ ...signed, headers, keys, now }), { ok: false, reason: 'malformed' });
});

await t.test('without the right key nothing matches, and nothing is thrown', async (t) => {
  const verify = (others: { x: string; kid: null }[]) => verifyWebhookSignature({ ...signed, keys: others, now });
  t.same(verify([]), { ok: false, reason: 'no_match', skewSeconds: 0 });
  t.match(verify([createSigner().key].map(({ x }) => ({ x, kid: null }))), { reason: 'no_match' });
  t.match(verify(['', 'short', '!'.repeat(43), 'A'.repeat(43), '_'.repeat(43)].map((x) => ({ x, kid: null }))), {
    reason: 'no_match',
  });
  t.same(verifyWebhookSignature({ headers: {}, rawBody: Buffer.alloc(0), keys, now }), {
    ok: false,
    reason: 'missing_header',
  });
});

await t.test('a JWKS gives its Ed25519 keys, and passes over all else', async (t) => {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: signer.key.x };
  const others = [
    { ...jwk, kty: 'RSA' },
    { ...jwk, crv: 'X25519' },
    { ...jwk, x: 'AAAA' },
    { ...jwk, x: 1 },
    null,
    'key',
    [],
  ];
  const jwks = { keys: [{ ...jwk, x: old.key.x, kid: 'old', use: 'sig' }, ...others, { ...jwk, kid: 7 }] };
  t.same(parseSigningKeys(jwks), [old.key, { x: signer.key.x, kid: null }]);
  for (const garbage of [null, undefined, 1, 'x', [], {}, { keys: {} }]) t.same(parseSigningKeys(garbage), []);
});
