import { t } from '../../support/tap.ts';
import { batched } from '../../../src/platform/async/batch.ts';

t.test('who asks at the same time shares a statement, nobody waits for company, and each gets their own', async (t) => {
  const asked: number[][] = [];
  const held = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const ask = batched<number, string | undefined>(
    async (questions) => {
      asked.push(questions);
      await held[asked.length - 1]?.promise;
      return questions.map((question) => (question === 3 ? undefined : `answer ${question}`));
    },
    { inFlight: 2, size: (waiting) => Math.min(waiting.length, 3) },
  );
  const answers = [1, 2, 3, 4, 5, 6].map((question) => ask(question));
  t.same(asked, [[1], [2]], 'the first ones are asked at once');
  held[1]?.resolve();
  t.equal(await answers[1], 'answer 2');
  await Promise.all(answers.slice(2));
  t.same(asked.slice(2), [[3, 4, 5], [6]], 'what came meanwhile went together, as many as one statement takes');
  held[0]?.resolve();
  const found = await Promise.all(answers);
  t.same(found, ['answer 1', 'answer 2', undefined, 'answer 4', 'answer 5', 'answer 6']);
});

t.test('a statement that fails fails for those who shared it, and the next is asked', async (t) => {
  let isBroken = true;
  const ask = batched<number, number>(async (questions) => {
    if (isBroken) throw new Error('broken');
    return questions;
  });
  await t.rejects(ask(1), { message: 'broken' });
  isBroken = false;
  t.equal(await ask(2), 2);
});
