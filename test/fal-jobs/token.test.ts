import { randomBytes } from 'node:crypto';
import { t } from '../support/tap.ts';
import { v7 as uuidv7 } from 'uuid';
import { jobToken, readJobToken } from '../../src/fal-jobs/token.ts';

const secret = randomBytes(32);
const attempt = { kind: 'training' as const, jobId: uuidv7(), submissionId: uuidv7() };

t.test('a token stands for its submission, and can stand in a URL as it is', async (t) => {
  const token = jobToken(secret, attempt);
  t.match(token, /^[\w-]+$/);
  t.same(readJobToken(secret, token), attempt);
  t.equal(jobToken(secret, attempt), token, 'the same for every process');
  t.not(jobToken(secret, { ...attempt, submissionId: uuidv7() }), token, 'each submission has its own');
});

t.test('a token of another installation is none', async (t) => {
  t.equal(readJobToken(randomBytes(32), jobToken(secret, attempt)), null);
});

t.test('no change of a token leaves it one', async (t) => {
  const bytes = Buffer.from(jobToken(secret, attempt), 'base64url');
  for (let index = 0; index < bytes.length; index += 1) {
    const forged = Buffer.from(bytes);
    forged.writeUInt8((forged[index] ?? 0) ^ 1, index);
    t.equal(readJobToken(secret, forged.toString('base64url')), null, `byte ${index}`);
  }
});

t.test('what is no token is none, whatever it is', async (t) => {
  const token = jobToken(secret, attempt);
  for (const text of ['', 'x', token.slice(1), `${token}AAAA`, '\0', '%00', 'é'.repeat(64), 'A'.repeat(10_000)]) {
    t.equal(readJobToken(secret, text), null, JSON.stringify(text.slice(0, 20)));
  }
});
