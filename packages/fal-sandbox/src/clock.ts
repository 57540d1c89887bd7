import { setImmediate } from 'node:timers/promises';

/** `own` work is awaited without limit, a `peer`'s answer only for `patienceMs`. */
export type WorkKind = 'own' | 'peer';

export interface Clock {
  /** Sandbox time in milliseconds since 1970. */
  now(): number;
  /** Sandbox seconds per real second; 0 stops until `advance`. */
  speed(): number;
  setSpeed(speed: number): void;
  /** Runs a task after some sandbox seconds. Returns a function that cancels it. */
  after(seconds: number, task: () => void | Promise<void>): () => void;
  /** Registers work, which `advance` and `settle` then await. Own work must not wait for a peer. */
  track<T>(work: Promise<T>, kind?: WorkKind): Promise<T>;
  /** Advances the time, running due tasks in order with their effects. */
  advance(seconds: number): Promise<void>;
  settle(): Promise<void>;
  stop(): void;
}

interface Timer {
  due: number;
  task: () => void | Promise<void>;
}

interface Work {
  kind: WorkKind;
  started: number;
  done: Promise<unknown>;
}

const longestTimeout = 2 ** 31 - 1;

/**
 * Creates the clock of a sandbox, which drives all its timers: a training of minutes takes seconds at a higher speed,
 * or exactly the time that a test sets.
 */
export function createClock(options: {
  speed: number;
  patienceMs: number;
  onError: (error: unknown) => void;
  /** Start in milliseconds since 1970; default: the machine's time. */
  begin?: number;
}): Clock {
  let speed = options.speed;
  let base = { real: performance.now(), time: options.begin ?? Date.now() };
  let advancing: Promise<void> | null = null;
  let alarm: NodeJS.Timeout | undefined;
  let stopped = false;
  const timers: Timer[] = [];
  const works = new Set<Work>();

  const now = (): number => base.time + (performance.now() - base.real) * speed;
  const jumpTo = (time: number): void => {
    base = { real: performance.now(), time: Math.max(time, now()) };
  };

  function arm(): void {
    clearTimeout(alarm);
    const head = timers[0];
    if (!head || speed === 0 || advancing || stopped) return;
    alarm = setTimeout(runDue, Math.min(Math.max(0, (head.due - now()) / speed), longestTimeout));
  }

  function runDue(): void {
    for (let head = timers[0]; head && head.due <= now() && !advancing; head = timers[0]) {
      timers.shift();
      launch(head);
    }
    arm();
  }

  function launch(timer: Timer): void {
    void track(
      (async () => {
        await timer.task();
      })().catch(options.onError),
    );
  }

  function track<T>(work: Promise<T>, kind: WorkKind = 'own'): Promise<T> {
    const entry: Work = { kind, started: performance.now(), done: Promise.resolve() };
    const forget = (): void => {
      works.delete(entry);
    };
    entry.done = work.then(forget, forget);
    works.add(entry);
    return work;
  }

  async function settle(): Promise<void> {
    for (;;) {
      // Continuations of an answer run in microtasks and must set their timers before time goes on.
      await setImmediate();
      const own = [...works].filter((work) => work.kind === 'own');
      if (own.length > 0) {
        await Promise.all(own.map((work) => work.done));
        continue;
      }
      const waits = [...works].map((work) => options.patienceMs - (performance.now() - work.started));
      const longest = Math.max(0, ...waits);
      if (longest === 0) return;
      await untilDone([...works], longest);
    }
  }

  async function moveOn(seconds: number): Promise<void> {
    const target = now() + seconds * 1000;
    await settle();
    for (let head = timers[0]; head && head.due <= target && !stopped; head = timers[0]) {
      timers.shift();
      jumpTo(head.due);
      launch(head);
      await settle();
    }
    jumpTo(target);
  }

  return {
    now,
    speed: () => speed,
    setSpeed(next) {
      base = { real: performance.now(), time: now() };
      speed = next;
      arm();
    },
    after(seconds, task) {
      const timer: Timer = { due: now() + Math.max(0, seconds) * 1000, task };
      timers.splice(placeFor(timers, timer.due), 0, timer);
      if (timers[0] === timer) arm();
      return () => {
        const index = timers.indexOf(timer);
        if (index !== -1) timers.splice(index, 1);
      };
    },
    track,
    advance(seconds) {
      const turn = (advancing ?? Promise.resolve()).then(() => moveOn(seconds));
      const finished = turn.finally(() => {
        if (advancing !== finished) return;
        advancing = null;
        arm();
      });
      advancing = finished;
      clearTimeout(alarm);
      return finished;
    },
    settle,
    stop() {
      stopped = true;
      timers.length = 0;
      clearTimeout(alarm);
    },
  };
}

/** After all timers that are due no later, so that equal ones keep their order. */
function placeFor(timers: readonly Timer[], due: number): number {
  let low = 0;
  let high = timers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((timers[middle]?.due ?? 0) <= due) low = middle + 1;
    else high = middle;
  }
  return low;
}

async function untilDone(works: Work[], limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([Promise.all(works.map((work) => work.done)), limit]);
  clearTimeout(timer);
}
