import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Guard } from '../ground/guard.ts';
import { startProcess } from '../ground/process.ts';

export type Started = {
  pid: number;
  url: string;
  /** Milliseconds from the start to the first response. */
  readyMs: number;
  stop(): Promise<void>;
};

type Surroundings = {
  url: string;
  path: string;
  logFile: string;
  /** SIGTERM for a program that has started others. */
  signal?: 'SIGKILL' | 'SIGTERM';
};

const startTimeoutMs = 60_000;
// A connection attempt takes processor time from the start.
const lookMs = 10;
// Linux' unit: sysconf(_SC_CLK_TCK) is 100 wherever Node runs.
const ticksPerSecond = 100;

/**
 * Starts a program of ours with Node, its log going to a file, and waits until a path of it answers without a fault.
 * @param environment all it gets beside PATH, HOME and TMPDIR
 */
export async function startProgram(
  guard: Guard,
  args: readonly string[],
  environment: Record<string, string>,
  { url, path, logFile, signal = 'SIGKILL' }: Surroundings,
): Promise<Started> {
  const begun = performance.now();
  const running = startProcess(guard, {
    name: args.join(' '),
    args: [...args],
    // A start is measured as it is without the cache of the laboratories.
    environment: { TMPDIR: process.env['TMPDIR'], NODE_COMPILE_CACHE: undefined, ...environment },
    logFile,
  });
  const stop = async () => {
    if (signal === 'SIGKILL') return running.kill();
    const forced = setTimeout(() => void running.kill(), 10_000);
    await running.stop();
    clearTimeout(forced);
  };
  while (!(await answers(url + path))) {
    if (!running.isAlive() || performance.now() - begun > startTimeoutMs) {
      await stop();
      throw new Error(`${args.join(' ')} did not answer:\n${readFileSync(logFile, 'utf8').slice(-2000)}`);
    }
    await delay(lookMs);
  }
  return { pid: running.pid, url, readyMs: performance.now() - begun, stop };
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    async (answer) => {
      await answer.arrayBuffer();
      return answer.status < 500;
    },
    () => false,
  );
}

/** Processor seconds used by a process; null outside Linux. */
export function cpuOf(pid: number): number | null {
  const stat = statOf(pid);
  return stat && (stat.user + stat.system) / ticksPerSecond;
}

/** Processor seconds used by a PostgreSQL server with all its processes; null outside Linux. */
export function cpuOfServer(postmaster: number): number | null {
  if (!statOf(postmaster)) return null;
  const stats = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (statOf(Number(name)) ?? []) : []));
  const ours = stats.filter(({ pid, parent }) => pid === postmaster || parent === postmaster);
  return ours.reduce((sum, { user, system, ended }) => sum + user + system + ended, 0) / ticksPerSecond;
}

/** Resident memory of a process in bytes; null outside Linux. */
export function residentBytes(pid: number): number | null {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes ? Number(kilobytes) * 1024 : null;
  } catch {
    return null;
  }
}

type Stat = { pid: number; parent: number; user: number; system: number; ended: number };

// Fields as numbered in proc(5); the second, the name in parentheses, may contain spaces.
function statOf(pid: number): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const field = (number: number) => Number(fields[number - 3]);
    return { pid, parent: field(4), user: field(14), system: field(15), ended: field(16) + field(17) };
  } catch {
    return null;
  }
}
