import { DrizzleQueryError } from 'drizzle-orm';
import { t } from '../../support/tap.ts';
import { createFaultLog } from '../../../src/platform/jobs/fault-log.ts';
import { readableLog } from '../../support/log.ts';

/** A log whose clock stands until it is moved, and what was told in it. */
function open() {
  const { log, text } = readableLog();
  let time = 0;
  return {
    tell: createFaultLog(log, () => time),
    pass: (ms: number) => void (time += ms),
    told: () =>
      text()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as { msg: string; job?: string; repeats?: number }),
  };
}

t.test('a fault is told at once, and while it lasts once a minute with how often it came', async (t) => {
  const { tell, pass, told } = open();
  for (let second = 0; second < 130; second += 1) {
    tell(new Error('away'), 'it threw', { job: 'poll' });
    pass(1000);
  }
  t.match(told(), [
    { level: 50, msg: 'it threw', job: 'poll', repeats: undefined, err: { message: 'away' } },
    { msg: 'it threw', job: 'poll', repeats: 59 },
    { repeats: 59 },
  ]);
  t.equal(told().length, 3);
  pass(60_000);
  tell(new Error('away'), 'it threw', { job: 'poll' });
  t.match(told()[3], { msg: 'it threw', repeats: 9 });
});

t.test('another fault, another sentence and another job are told beside it', async (t) => {
  const { tell, told } = open();
  for (let turn = 0; turn < 2; turn += 1) {
    tell(new Error('away'), 'it threw', { job: 'poll' });
    tell(new Error('full'), 'it threw', { job: 'poll' });
    tell(new Error('away'), 'it threw', { job: 'drain' });
    tell(new Error('away'), 'the queue failed');
    tell({ message: 'full', queue: 'submit' }, 'the queue failed');
    tell('text', 'the queue failed');
  }
  t.equal(told().length, 6);
});

t.test('a statement that fails is the same fault with other values', async (t) => {
  const { tell, told } = open();
  const refused = () => Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' });
  for (const id of ['one', 'two', 'three']) tell(new DrizzleQueryError('select $1', [id], refused()), 'it threw');
  t.equal(told().length, 1);
});
