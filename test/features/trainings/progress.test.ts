import { t } from '../../support/tap.ts';
import { logLines } from '../../../src/fal-jobs/fal-signals.ts';
import { percentOf, readProgress } from '../../../src/features/trainings/progress.ts';

const nothing = { step: null, total_steps: null, loss: null, eta_seconds: null };
const read = (...messages: string[]) => readProgress(messages.map((message) => ({ message })));

t.test('progress bars of tqdm are read', async (t) => {
  const table: [string, typeof nothing | Record<string, number | null>][] = [
    [
      '  3%|▎         | 75/2500 [00:12<06:31,  6.19it/s, loss=0.412]',
      { step: 75, total_steps: 2500, loss: 0.412, eta_seconds: 391 },
    ],
    ['  0%|          | 0/2500 [00:00<?, ?it/s]', { step: 0, total_steps: 2500, loss: null, eta_seconds: null }],
    [
      ' 10%|█         | 1/10 [00:07<01:03,  7.05s/it, loss=1.2e-03]',
      { step: 1, total_steps: 10, loss: 0.0012, eta_seconds: 63 },
    ],
    [
      ' 50%|█████     | 500/1000 [1:02:03<1:02:03, 7.45s/it]',
      { step: 500, total_steps: 1000, loss: null, eta_seconds: 3723 },
    ],
    [
      '100%|██████████| 50/50 [00:06<00:00,  7.37it/s, loss=0.266]',
      { step: 50, total_steps: 50, loss: 0.266, eta_seconds: 0 },
    ],
    [
      'Steps:   1%|▏         | 13/1000 [00:02<02:30,  6.56it/s, Loss: 0.5]',
      { step: 13, total_steps: 1000, loss: 0.5, eta_seconds: 150 },
    ],
    ['  4%|4         | 4/100 [00:?<?, ?it/s]', { step: 4, total_steps: 100, loss: null, eta_seconds: null }],
  ];
  for (const [message, expected] of table) t.same(read(message), expected, message);
});

t.test('what is no bar says nothing', async (t) => {
  for (const message of ['', 'Saved the LoRA weights', '3/5 of the photos', 'ratio 1/2 [x]', '\0', '10/10']) {
    t.same(read(message), nothing, JSON.stringify(message));
  }
  t.same(read(), nothing);
});

t.test('numbers that no column holds are none', async (t) => {
  t.same(read(' 1%| | 99999999999/99999999999 [00:01<999999999:00:00, 1.00it/s, loss=1e999]'), nothing);
  t.same(read(` 1%| | ${'9'.repeat(400)}/7 [00:01<::, 1.00it/s]`), nothing);
});

t.test('the newest bar counts, whatever follows it', async (t) => {
  const bars = [' 1%| | 1/100 [00:01<01:39,  1.00it/s, loss=0.9]', ' 2%| | 2/100 [00:02<01:38,  1.00it/s, loss=0.8]'];
  t.match(read(...bars, 'Saved the LoRA weights'), { step: 2, loss: 0.8 });
});

t.test('a long log is read at once', async (t) => {
  const bars = Array.from({ length: 20_000 }, () => 'x'.repeat(500));
  const begun = performance.now();
  t.same(read(...bars), nothing);
  t.ok(performance.now() - begun < 1000);
});

t.test('a percentage never says that all is done, nor less than nothing', async (t) => {
  t.equal(percentOf({ step: 0, total_steps: 2500 }), 0);
  t.equal(percentOf({ step: 75, total_steps: 2500 }), 3);
  t.equal(percentOf({ step: 2499, total_steps: 2500 }), 99);
  t.equal(percentOf({ step: 2500, total_steps: 2500 }), 99);
  t.equal(percentOf({ step: 3000, total_steps: 2500 }), 99);
  t.equal(percentOf({ step: 5, total_steps: 0 }), 0);
  t.equal(percentOf({ step: null, total_steps: null }), 0);
});

t.test('log lines are kept without what nobody reads', async (t) => {
  t.same(logLines([{ message: 'a', timestamp: '2026-01-01T00:00:00Z', level: 'INFO', source: 'USER' }]), [
    { message: 'a', timestamp: '2026-01-01T00:00:00Z', level: 'INFO' },
  ]);
});
