import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { stopEmbedded } from '@likeness/embedded-postgres/index.ts';

/* Ends what a run has started, however the run ends: it lives until its standard input closes, which kill -9 of the
   run also causes. Lines: `process PID`, `gone PID`, `cluster DIR`, `folder DIR`, `keep DIR`. */

const processes = new Set<number>();
const clusters = new Set<string>();
const folders = new Set<string>();

// A Ctrl-C in the terminal is for the run; its leftovers are removed here.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

for await (const line of createInterface({ input: process.stdin })) {
  const [word, rest = ''] = split(line);
  if (word === 'process') processes.add(Number(rest));
  if (word === 'gone') processes.delete(Number(rest));
  if (word === 'cluster') clusters.add(rest);
  if (word === 'folder') folders.add(rest);
  if (word === 'keep') folders.delete(rest);
}

for (const pid of processes) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
for (const dir of clusters) await stopEmbedded(dir).catch(() => undefined);
for (const dir of folders) await rm(dir, { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined);

function split(line: string): [string, string?] {
  const at = line.indexOf(' ');
  return at === -1 ? [line] : [line.slice(0, at), line.slice(at + 1)];
}
