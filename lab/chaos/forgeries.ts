import { createHash, createHmac, generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto';
import { jobToken } from '../../src/fal-jobs/token.ts';
import type { SignedHeaders, Signer } from '../ground/sign.ts';

/**
 * The expected result of a forgery: refused, acknowledged and dropped, or, if properly signed with our token, stored
 * without effect.
 */
export type Fate = 'refused' | 'dropped' | 'kept';
export type Forgery = {
  name: string;
  token: string | null;
  headers: SignedHeaders;
  body: Buffer;
  fates: readonly Fate[];
};

/** What the strongest forger has: a genuine webhook, and ways to sign others. */
export type Loot = {
  /** The request and token of the training that the forger wants to complete. */
  requestId: string;
  token: string;
  /** The success that fal would send for it. */
  body: Buffer;
  /** Signs as fal for our account, and for another customer. */
  signed: Signer;
  signedFor: (userId: string) => Promise<Signer>;
  /** Another training of ours. */
  other: { requestId: string; token: string };
  /** A webhook that fal did send, and that was drained. */
  sent: { requestId: string; token: string; body: Buffer };
};

const names = {
  request: 'x-fal-webhook-request-id',
  user: 'x-fal-webhook-user-id',
  timestamp: 'x-fal-webhook-timestamp',
  signature: 'x-fal-webhook-signature',
} as const;
const [regions, cuts, flips] = [96, 16, 32];
const nowSeconds = () => Math.floor(Date.now() / 1000);

/** Makes every kind of forgery of a webhook, lazily, so that timestamps in the future still are when used. */
export async function* makeForgeries(loot: Loot): AsyncGenerator<Forgery> {
  yield* badHeaders(loot);
  yield* badBodies(loot);
  yield* badTimes(loot);
  yield* badKeys(loot);
  yield* await foreignSigners(loot);
  yield* badTokens(loot);
  yield* misused(loot);
}

type Draft = Partial<Forgery> & { name: string };

function forgery({ token, body, requestId, signed }: Loot, draft: Draft): Forgery {
  return { token, body, headers: signed(requestId, body), fates: ['refused'], ...draft };
}

function badHeaders(loot: Loot): Forgery[] {
  const genuine = loot.signed(loot.requestId, loot.body);
  const changes: Record<string, (value: string) => string | undefined> = {
    missing: () => undefined,
    empty: () => '',
    'first character': (value) => flipped(value, 0),
    'middle character': (value) => flipped(value, value.length >> 1),
    'last character': (value) => flipped(value, value.length - 1),
    doubled: (value) => `${value}, ${value}`,
    longer: (value) => `${value}0`,
    shorter: (value) => value.slice(0, -1),
    'turned round': (value) => `${value.slice(value.length >> 1)}${value.slice(0, value.length >> 1)}`,
    'of something else': () => randomUUID(),
  };
  const one = Object.values(names).flatMap((header) =>
    Object.entries(changes).map(([how, change]) => changed(loot, genuine, header, how, change)),
  );
  const signature = genuine[names.signature] ?? '';
  const spots = Array.from({ length: flips }, (_, index) => Math.floor((index * signature.length) / flips));
  return [
    ...one,
    ...spots.map((at) => changed(loot, genuine, names.signature, `character ${at}`, (value) => flipped(value, at))),
    ...['0'.repeat(128), 'f'.repeat(128), 'zz'.repeat(64), signature.slice(0, 64), `${signature}${signature}`].map(
      (value) => changed(loot, genuine, names.signature, value.slice(0, 8), () => value),
    ),
    changed(loot, genuine, names.request, 'of another training', () => loot.other.requestId),
    changed(loot, genuine, names.timestamp, 'a second later', (value) => String(Number(value) + 1)),
    forgery(loot, { name: 'no headers at all', headers: { 'content-type': 'application/json' } }),
  ];
}

function changed(
  loot: Loot,
  headers: SignedHeaders,
  header: string,
  how: string,
  change: (value: string) => string | undefined,
): Forgery {
  const value = change(headers[header] ?? '');
  const { [header]: _dropped, ...others } = headers;
  return forgery(loot, {
    name: `${header}: ${how}`,
    headers: value === undefined ? others : { ...others, [header]: value },
  });
}

function badBodies(loot: Loot): Forgery[] {
  const { body } = loot;
  const headers = loot.signed(loot.requestId, body);
  const text = body.toString();
  const parsed: unknown = JSON.parse(text);
  const at = (index: number, count: number) => Math.floor((index * body.length) / count);
  const bodies: Record<string, Buffer> = {
    ...Object.fromEntries(
      Array.from({ length: regions }, (_, index) => [
        `byte ${at(index, regions)}`,
        bitFlipped(body, at(index, regions)),
      ]),
    ),
    ...Object.fromEntries(
      Array.from({ length: cuts }, (_, index) => [`cut at ${at(index, cuts)}`, body.subarray(0, at(index, cuts))]),
    ),
    're-serialised': Buffer.from(JSON.stringify(parsed)),
    'printed prettily': Buffer.from(JSON.stringify(parsed, null, 2)),
    'spaces gone': Buffer.from(text.replaceAll(': ', ':')),
    'a line feed more': Buffer.from(`${text}\n`),
    'a space before': Buffer.from(` ${text}`),
    'a byte order mark': Buffer.from(`\uFEFF${text}`),
    'a NUL more': Buffer.concat([body, Buffer.from([0])]),
    twice: Buffer.concat([body, body]),
    'another file': Buffer.from(text.replaceAll('fal.media', 'evil.example')),
    'another request': Buffer.from(text.replaceAll(loot.requestId, loot.other.requestId)),
    empty: Buffer.alloc(0),
    'an empty object': Buffer.from('{}'),
    null: Buffer.from('null'),
  };
  return Object.entries(bodies).map(([name, forged]) =>
    forgery(loot, { name: `body: ${name}`, headers, body: forged }),
  );
}

// Signed by fal's key with a wrong or invalid timestamp.
function badTimes(loot: Loot): Forgery[] {
  const far = [320, 600, 3600, 86_400, -310, -330, -600, -3600, -86_400, -31_536_000];
  const texts = ['', '-1', '0', 'now', 'NaN', 'Infinity', '1e9', '0x68000000', '99999999999999999999'];
  const now = nowSeconds();
  const written = [...texts, `${now}.5`, `+${now}`, `${now}s`, `${now}000`, new Date().toISOString()];
  return [
    ...far.map((seconds) =>
      forgery(loot, {
        name: `${seconds} s off`,
        headers: loot.signed(loot.requestId, loot.body, nowSeconds() + seconds),
      }),
    ),
    ...written.map((text) =>
      forgery(loot, {
        name: `the time "${text}"`,
        headers: { ...loot.signed(loot.requestId, loot.body), [names.timestamp]: text },
      }),
    ),
  ];
}

function badKeys(loot: Loot): Forgery[] {
  const message = (headers: SignedHeaders) => {
    const hash = createHash('sha256').update(loot.body).digest('hex');
    return Buffer.from([headers[names.request], headers[names.user], headers[names.timestamp], hash].join('\n'));
  };
  const by = (name: string, signature: (headers: SignedHeaders) => Buffer) => {
    const headers = loot.signed(loot.requestId, loot.body);
    return forgery(loot, { name, headers: { ...headers, [names.signature]: signature(headers).toString('hex') } });
  };
  const strangers = Array.from({ length: 10 }, (_, index) => {
    const { privateKey } = generateKeyPairSync('ed25519');
    return by(`stranger's key ${index}`, (headers) => sign(null, message(headers), privateKey));
  });
  const { privateKey } = generateKeyPairSync('ed25519');
  return [
    ...strangers,
    by('an HMAC', (headers) => createHmac('sha512', 'fal').update(message(headers)).digest()),
    by('a signature over the body alone', () => sign(null, loot.body, privateKey)),
    by('random bytes', () => randomBytes(64)),
    by('the signature of another body', () =>
      Buffer.from(loot.signed(loot.requestId, '{}')[names.signature] ?? '', 'hex'),
    ),
  ];
}

// fal signs for all customers: genuine signatures with our token, for another account.
async function foreignSigners(loot: Loot): Promise<Forgery[]> {
  const users = [
    'github|stranger',
    'github|sandbox2',
    'GitHub|Sandbox',
    'github|',
    'sandbox',
    'github|sandbox.',
    'x'.repeat(300),
  ];
  return Promise.all(
    users.map(async (userId) =>
      forgery(loot, {
        name: `signed for ${userId.slice(0, 20)}`,
        headers: (await loot.signedFor(userId))(loot.requestId, loot.body),
        fates: ['dropped', 'refused'],
      }),
    ),
  );
}

// Signed for us, without the submission's token.
function badTokens(loot: Loot): Forgery[] {
  const { token } = loot;
  const spots = Array.from({ length: flips }, (_, index) => Math.floor((index * token.length) / flips));
  const foreign = jobToken(randomBytes(32), { kind: 'training', jobId: randomUUID(), submissionId: randomUUID() });
  const tokens: [string, string | null][] = [
    ['no token', null],
    ['an empty token', ''],
    ['a short token', token.slice(0, 40)],
    ['a long token', `${token}${token}`],
    ['a token of another installation', foreign],
    ['ids without a seal', Buffer.from(token, 'base64url').subarray(0, 32).toString('base64url')],
    ['a token of zeros', Buffer.alloc(48).toString('base64url')],
    ...spots.map((at): [string, string] => [`character ${at} of the token`, flipped(token, at)]),
  ];
  return tokens.map(([name, forged]) => forgery(loot, { name, token: forged, fates: ['dropped'] }));
}

// Properly signed with a token of ours, but inconsistent: stored for audit, without effect.
function misused(loot: Loot): Forgery[] {
  const { other, sent, signed, requestId, body } = loot;
  const signedText = (name: string, text: string) =>
    forgery(loot, { name, body: Buffer.from(text), headers: signed(requestId, text), fates: ['kept', 'refused'] });
  const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`;
  return [
    forgery(loot, { name: "another training's token", token: other.token, fates: ['kept'] }),
    forgery(loot, { name: "another training's request", headers: signed(other.requestId, body) }),
    forgery(loot, { name: 'replayed', ...replayOf(loot), fates: ['kept'] }),
    forgery(loot, { name: 'replayed a second time', ...replayOf(loot), fates: ['kept'] }),
    forgery(loot, {
      name: "replayed to another training's token",
      ...replayOf(loot),
      token: loot.token,
      fates: ['kept'],
    }),
    forgery(loot, {
      name: 'replayed too late',
      ...replayOf(loot),
      headers: signed(sent.requestId, sent.body, nowSeconds() - 400),
    }),
    signedText('an empty body, signed', ''),
    signedText('no JSON, signed', 'OK'),
    signedText('a list, signed', '[]'),
    signedText('null, signed', 'null'),
    signedText('no request, signed', '{"status": "OK", "payload": {}}'),
    signedText('another request in the body, signed', body.toString().replaceAll(requestId, other.requestId)),
    signedText('neither OK nor ERROR, signed', `{"request_id": "${requestId}", "status": "MAYBE"}`),
    signedText('nested deeply, signed', `{"request_id": "${requestId}", "status": "OK", "payload": ${deep}}`),
  ];
}

function replayOf({ sent, signed }: Loot): Pick<Forgery, 'token' | 'body' | 'headers'> {
  return { token: sent.token, body: sent.body, headers: signed(sent.requestId, sent.body) };
}

function flipped(text: string, at: number): string {
  const character = text[at] ?? '';
  const other = character === 'a' || character === '1' ? '2' : /[a-z]/.test(character) ? 'a' : '1';
  return `${text.slice(0, at)}${other}${text.slice(at + 1)}`;
}

function bitFlipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8((copy[at] ?? 0) ^ 1, at);
  return copy;
}
