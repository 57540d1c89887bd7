import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { StoredFile } from './stored-file.ts';
import type { Generated, Job, Trained } from './job.ts';
import { isRecord } from './json.ts';

/** Without the plan, which is recomputed. */
export type KeptJob = Omit<Job, 'plan'>;
/** A finished upload; its bytes are in the folder of files, by id. */
export type KeptUpload = Omit<StoredFile, 'content'>;

export type Entry =
  | { kind: 'job'; job: KeptJob }
  | { kind: 'upload'; upload: KeptUpload }
  | { kind: 'trained'; trained: Trained }
  | { kind: 'generated'; generated: Generated }
  /** The webhook of a job was delivered or given up. */
  | { kind: 'webhook_ended'; id: string }
  | { kind: 'clock'; now: number };

/** The state of an earlier process; `now` is its last sandbox time, null for a first start. */
export interface Kept {
  now: number | null;
  jobs: Map<string, KeptJob>;
  uploads: Map<string, KeptUpload>;
  trained: Map<string, Trained>;
  generated: Map<string, Generated>;
  webhooksEnded: Set<string>;
}

export interface Journal {
  kept: Kept;
  note(entry: Entry): void;
}

/**
 * Opens the journal of a sandbox: JSON lines with every change that must outlive the process.
 * @param path null for a sandbox that keeps nothing
 */
export function openJournal(path: string | null): Journal {
  const kept: Kept = {
    now: null,
    jobs: new Map(),
    uploads: new Map(),
    trained: new Map(),
    generated: new Map(),
    webhooksEnded: new Set(),
  };
  if (path === null) return { kept, note: () => undefined };
  if (existsSync(path)) {
    for (const entry of entriesOf(readFileSync(path, 'utf8'))) take(kept, entry);
  }
  shorten(path, kept);
  return { kept, note: (entry) => appendFileSync(path, lineOf(entry)) };
}

function* entriesOf(text: string): Generator<Entry> {
  for (const line of text.split('\n')) {
    if (line === '') continue;
    try {
      const entry: unknown = JSON.parse(line, readWide);
      // Only `note` writes this file.
      if (isRecord(entry)) yield entry as unknown as Entry;
    } catch {
      // The last line, cut off by a kill.
    }
  }
}

function take(kept: Kept, entry: Entry): void {
  switch (entry.kind) {
    case 'job':
      kept.jobs.set(entry.job.id, entry.job);
      kept.now = Math.max(kept.now ?? 0, ...momentsOf(entry.job));
      break;
    case 'upload':
      kept.uploads.set(entry.upload.id, entry.upload);
      break;
    case 'trained':
      kept.trained.set(entry.trained.jobId, entry.trained);
      break;
    case 'generated':
      kept.generated.set(entry.generated.jobId, entry.generated);
      break;
    case 'webhook_ended':
      kept.webhooksEnded.add(entry.id);
      break;
    case 'clock':
      kept.now = Math.max(kept.now ?? 0, entry.now);
      break;
  }
}

// After a kill, the latest recorded moment is the time.
function momentsOf(job: KeptJob): number[] {
  return [job.sentAt, job.startedAt, job.runsSince, job.endedAt].flatMap((moment) => (moment ? [moment.sandbox] : []));
}

/** Compacts the journal to one line per record, so that it grows with what is kept, not with changes. */
function shorten(path: string, { now, jobs, uploads, trained, generated, webhooksEnded }: Kept): void {
  const entries: Entry[] = [
    ...[...jobs.values()].map((job): Entry => ({ kind: 'job', job })),
    ...[...uploads.values()].map((upload): Entry => ({ kind: 'upload', upload })),
    ...[...trained.values()].map((each): Entry => ({ kind: 'trained', trained: each })),
    ...[...generated.values()].map((each): Entry => ({ kind: 'generated', generated: each })),
    ...[...webhooksEnded].map((id): Entry => ({ kind: 'webhook_ended', id })),
    ...(now === null ? [] : [{ kind: 'clock', now } as const]),
  ];
  const beside = `${path}.new`;
  writeFileSync(beside, entries.map(lineOf).join(''), { mode: 0o600 });
  renameSync(beside, path);
}

// Results have integers beyond JavaScript's numbers.
const wideMember = 'wide_integer';

function lineOf(entry: Entry): string {
  const written = (_: string, value: unknown) =>
    typeof value === 'bigint' ? { [wideMember]: value.toString() } : value;
  return `${JSON.stringify(entry, written)}\n`;
}

function readWide(_: string, value: unknown): unknown {
  return isRecord(value) && typeof value[wideMember] === 'string' ? BigInt(value[wideMember]) : value;
}
