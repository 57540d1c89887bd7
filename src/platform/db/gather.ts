export type GatherLimits = {
  /** Statements that run at a time. While they do, what is asked for gathers for the next. */
  inFlight: number;
  /** The most questions that one statement answers. */
  most: number;
};

type Entry<Question, Answer> = {
  question: Question;
  resolve: (answer: Answer | undefined) => void;
  reject: (error: unknown) => void;
};

// Two keep a connection's round trip busy while the next gathers; more of them only make the groups smaller.
const usual: GatherLimits = { inFlight: 2, most: 100 };

/**
 * Lets readers who ask at the same time share one statement: its round trip costs more than its rows. Nothing waits for
 * company; a lone question is asked at once. A question is asked after it came, so whoever has written reads that.
 * @param ask answers questions in their order; undefined where there is nothing
 * @returns a function that answers one question; when the statement fails, all that share it fail
 */
export function gather<Question, Answer>(
  ask: (questions: Question[]) => Promise<(Answer | undefined)[]>,
  limits: Partial<GatherLimits> = {},
): (question: Question) => Promise<Answer | undefined> {
  const { inFlight, most } = { ...usual, ...limits };
  const waiting: Entry<Question, Answer>[] = [];
  let running = 0;

  async function run(group: Entry<Question, Answer>[]): Promise<void> {
    running += 1;
    try {
      const answers = await ask(group.map(({ question }) => question));
      group.forEach(({ resolve }, index) => resolve(answers[index]));
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
    running -= 1;
    start();
  }

  function start(): void {
    while (running < inFlight && waiting.length > 0) void run(waiting.splice(0, most));
  }

  return (question) =>
    new Promise((resolve, reject) => {
      waiting.push({ question, resolve, reject });
      start();
    });
}
