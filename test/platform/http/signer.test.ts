import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { readJobToken } from '../../../src/fal-jobs/token.ts';
import { readToken, signToken } from '../../../src/features/keys/token.ts';
import { decodeCursor, encodeCursor } from '../../../src/platform/http/page.ts';
import { isSignedLink } from '../../../src/platform/http/signed-link.ts';
import { isSigned, type Purpose, seal, sign, unseal } from '../../../src/platform/http/signer.ts';
import { t } from '../../support/tap.ts';

const purposes: Purpose[] = ['attempt', 'job', 'artifact', 'lora', 'image', 'cursor', 'user token'];
const secret = Buffer.alloc(32, 7);
const id = '0199a5b2-7c1e-7cc3-9a4b-2f6f1d0c8e55';
const other = '0199a5b2-7c1e-7cc3-9a4b-2f6f1d0c8e56';

t.test('a signature is valid for its purpose, its message and its installation alone', async (t) => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom(...purposes), fc.constantFrom(...purposes), (message, made, asked) => {
      const signature = sign(secret, made, message);
      t.equal(isSigned(secret, asked, message, signature), asked === made, `${made} for ${asked}`);
      t.notOk(isSigned(secret, made, `${message} `, signature));
      t.notOk(isSigned(randomBytes(32), made, message, signature));
      t.notOk(isSigned(secret, made, message, signature.subarray(1)), 'shorter');
      t.notOk(isSigned(secret, made, message, Buffer.concat([signature, Buffer.alloc(1)])), 'longer');
    }),
    { numRuns: 40 },
  );
});

t.test('even where one purpose says what another does and is as long, their signatures differ', async (t) => {
  t.not(sign(secret, 'artifact', 'x').toString('hex'), sign(secret, 'user token', 'x').toString('hex'));
  t.equal(sign(secret, 'artifact', 'x').length, sign(secret, 'user token', 'x').length);
});

t.test('what is sealed is opened by the same purpose for what it is bound to, and whole', async (t) => {
  const content = Buffer.from('a name');
  for (const purpose of purposes) {
    const text = seal(secret, purpose, content, 'list\n');
    t.match(text, /^[\w-]+$/, 'fit for a URL');
    t.strictSame(unseal(secret, purpose, text, 'list\n'), content);
    t.equal(unseal(secret, purpose, text, 'other\n'), null);
    t.equal(unseal(secret, purpose, `${text}=`, 'list\n'), null, 'not as it was written');
    for (const wrong of purposes.filter((each) => each !== purpose)) {
      t.equal(unseal(secret, wrong, text, 'list\n'), null, `${purpose} for ${wrong}`);
    }
  }
});

// Written by earlier versions, and still in the addresses that fal calls, in browsers, and at clients.
t.test('signatures of earlier versions stay valid', async (t) => {
  const token = 'AZmlsnwefMOaSy9vHQyOVQGZpbJ8HnzDmksvbx0MjlZHXDSenbt9Wa2bqxyYgP6z';
  t.strictSame(readJobToken(secret, token), { kind: 'training', jobId: id, submissionId: other });

  const values = ['2026-01-01 00:00:00.000123+00', id];
  const cursor =
    'pS9mIPYySoY8fRGbWyIyMDI2LTAxLTAxIDAwOjAwOjAwLjAwMDEyMyswMCIsIjAxOTlhNWIyLTdjMWUtN2NjMy05YTRiLTJmNmYxZDBjOGU1NSJd';
  t.strictSame(decodeCursor(secret, 'keys', cursor), values);
  t.equal(encodeCursor(secret, 'keys', values), cursor);

  const claims = {
    keyId: id,
    userId: other,
    scopes: ['avatars:read'] as const,
    expiresAt: new Date(1_900_000_000_000),
  };
  const credentials =
    'lut_Lli84q0V5s0k7qEkqKJXl31U6FN2aFfuHt_BEswqVsBbIjAxOTlhNWIyLTdjMWUtN2NjMy05YTRiLTJmNmYxZDBjOGU1NSIsIjAxOTlhNWIyLTdjMWUtN2NjMy05YTRiLTJmNmYxZDBjOGU1NiIsMTkwMDAwMDAwMCwiYXZhdGFyczpyZWFkIl0';
  t.strictSame(readToken(secret, credentials), claims);
  t.equal(signToken(secret, claims), credentials);

  const signature = 'wP6rB_tX653TwH_9JjBsOzoYStl193qn3VpxuzEooBo';
  const query = { expires: 1_900_000_000, key: other, signature };
  const needs = { installation: { secret } };
  t.ok(isSignedLink(needs, 'artifact', [id, 'lora'], query));
  t.notOk(isSignedLink(needs, 'image', [id, 'lora'], query), 'of an artifact, not of an image');
  t.notOk(isSignedLink(needs, 'artifact', [id, 'config'], query));
});
