import { t } from '../../support/tap.ts';
import { requestFingerprint } from '../../../src/features/generations/fingerprint.ts';
import { drawSeed } from '../../../src/features/generations/seed.ts';

t.test('a request is told by caller, avatar and body, whatever the order of its members', async (t) => {
  const fingerprint = requestFingerprint('key 1', 'a', { prompt: 'at sea', steps: 20 });
  const of = (...asked: Parameters<typeof requestFingerprint>) => requestFingerprint(...asked).toString('hex');
  t.equal(of('key 1', 'a', { steps: 20, prompt: 'at sea' }), fingerprint.toString('hex'));
  t.equal(of('key 1', 'a', { steps: 20, prompt: 'at sea', seed: undefined }), fingerprint.toString('hex'));
  t.equal(fingerprint.length, 32);
  for (const other of [
    of('key 2', 'a', { prompt: 'at sea', steps: 20 }),
    of('key 1', 'b', { prompt: 'at sea', steps: 20 }),
    of('key 1', 'a', { prompt: 'at sea', steps: 21 }),
    of('key 1', 'a', { prompt: 'at sea' }),
  ]) {
    t.not(other, fingerprint.toString('hex'));
  }
});

t.test('a seed that is drawn is a uint32, and another one each time', async (t) => {
  const seeds = Array.from({ length: 1000 }, drawSeed);
  t.ok(seeds.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32));
  t.ok(new Set(seeds).size > 990);
  t.ok(seeds.some((seed) => seed >= 2 ** 31));
});
