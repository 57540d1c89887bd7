import { setImmediate } from 'node:timers/promises';

/** Work of one's own is waited for to its end; a peer's answer only for `patienceMs`, since a peer may never answer. */
export type WorkKind = 'own' | 'peer';

export interface Clock {
  /** The sandbox's time in milliseconds since 1970. */
  now(): number;
  /** Sandbox seconds that pass in a real second; 0 stands still until `advance`. */
  speed(): number;
  setSpeed(speed: number): void;
  /** Runs a task when the given sandbox seconds have passed. The returned function takes it back. */
  after(seconds: number, task: () => void | Promise<void>): () => void;
  /** Tells the clock of work under way, so that `advance` and `settle` wait for it. Own work must not wait for a peer. */
  track<T>(work: Promise<T>, kind?: WorkKind): Promise<T>;
  /** Moves the time on, running everything that falls due in order and waiting for each task's effects. */
  advance(seconds: number): Promise<void>;
  /** Ends when no work is under way. */
  settle(): Promise<void>;
  /** Forgets all timers. */
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
 * Makes the clock of a sandbox. All its timers hang on it, so that a training of minutes takes seconds at a higher speed,
 * or exactly as long as a test says.
 */
export function createClock(options: {
  speed: number;
  patienceMs: number;
  onError: (error: unknown) => void;
  /** Where it begins, in milliseconds since 1970; the machine's time when left out. */
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
      // What follows on an answer runs in microtasks; it has to set its own timers before time goes on.
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

/** Behind all timers that are due no later, so that equal ones keep their order. */
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
