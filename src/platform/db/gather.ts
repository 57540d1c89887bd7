export type GatherLimits = {
  /** Statements in flight at once; questions that arrive meanwhile share the next one. */
  inFlight: number;
  /** Most questions in one statement. */
  most: number;
};

type Entry<Question, Answer> = {
  question: Question;
  resolve: (answer: Answer | undefined) => void;
  reject: (error: unknown) => void;
};

// Two keep the round trip busy while the next batch forms; more only make batches smaller.
const usual: GatherLimits = { inFlight: 2, most: 100 };

/**
 * Batches simultaneous reads into one statement, since a round trip costs more than its rows. A lone read is sent at
 * once. Each read is sent after it was requested, so it sees the caller's earlier writes.
 * @param ask answers questions in their order; undefined where there is no row
 * @returns a function that answers one question; when the statement fails, every question in it fails
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
