import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type HistoryProblem, MigrationError, refuse } from './errors.ts';
import type { Project } from '../project.ts';

export type Migration = {
  /** Without `.sql`. */
  name: string;
  /** The journal's time in ms, stored as `created_at` of the history. */
  when: number;
  /** sha256 of the file in hex, as drizzle computes it. */
  hash: string;
  statements: string[];
  /** False with the line `-- db:no-transaction`. */
  transactional: boolean;
  /** The version of the job queue's schema after the file, by its line `-- db:queue VERSION`; else null. */
  queueVersion: number | null;
  /** Hazards accepted by the author, with reasons: lines `-- db:accept CODE: REASON`. */
  accepted: Readonly<Record<string, string>>;
};

const breakpoint = '--> statement-breakpoint';
const directive = /^--\s*db:no-transaction\s*$/m;
const queue = /^--\s*db:queue\s+(\d+)\s*$/m;
const acceptance = /^--\s*db:accept\s+([a-z_]+):\s*(\S.*?)\s*$/gm;

/**
 * Reads the migrations folder in the journal's order.
 * @throws MigrationError `history_broken` when journal and files differ, or times do not increase, since drizzle's
 * migrator would skip such files silently
 */
export async function readMigrations(project: Pick<Project, 'folder' | 'program'>): Promise<Migration[]> {
  const { folder } = project;
  const entries = await readJournal(folder);
  const problems: HistoryProblem[] = [];
  const found: Migration[] = [];
  for (const { tag, when } of entries) {
    const text = await readFile(join(folder, `${tag}.sql`), 'utf8').catch(() => undefined);
    if (text === undefined) problems.push(folderProblem(tag, `${tag}.sql is in the journal but not in ${folder}.`));
    else found.push(parseMigration(tag, when, text));
  }
  const listed = new Set(entries.map((entry) => `${entry.tag}.sql`));
  for (const tag of new Set(
    entries.filter((entry, index) => tagsBefore(entries, index).includes(entry.tag)).map((entry) => entry.tag),
  )) {
    problems.push(
      folderProblem(
        tag,
        `${tag} stands in the journal more than once, and would be run as often: leave one entry of it.`,
      ),
    );
  }
  for (const file of await readdir(folder)) {
    if (file.endsWith('.sql') && !listed.has(file)) {
      problems.push(
        folderProblem(
          file,
          `${file} is in ${folder} but not in its journal: make it with \`${project.program} generate\`.`,
        ),
      );
    }
  }
  entries.forEach((entry, index) => {
    const before = entries[index - 1];
    if (before !== undefined && before.when >= entry.when) {
      problems.push({
        kind: 'journal',
        object: entry.tag,
        message: `${entry.tag} is dated before ${before.tag}, which stands above it in the journal: generate it anew.`,
      });
    }
  });
  if (problems.length > 0) refuse(problems);
  return found;
}

/**
 * The number of migrations up to and including one.
 * @throws MigrationError `refused` for an unknown name, with all names
 */
export function placeOf(migrations: readonly Migration[], named: string): number {
  const last = migrations.findIndex(({ name }) => name === named);
  if (last >= 0) return last + 1;
  const names = migrations.map(({ name }) => name).join(', ');
  throw new MigrationError('refused', `There is no migration ${named}: the folder has ${names}.`);
}

function tagsBefore(entries: readonly JournalEntry[], index: number): string[] {
  return entries.slice(0, index).map(({ tag }) => tag);
}

/** The statements of a file for the schema `public`, without those of the job queue. */
export function schemaStatements({
  queueVersion,
  statements,
}: Pick<Migration, 'queueVersion' | 'statements'>): string[] {
  return queueVersion === null ? statements : [];
}

function folderProblem(object: string, message: string): HistoryProblem {
  return { kind: 'folder', object, message };
}

function parseMigration(name: string, when: number, text: string): Migration {
  const statements = text
    .split(breakpoint)
    .map((statement) => statement.trim())
    .filter((statement) => statement.replaceAll(/--.*$/gm, '').trim() !== '');
  const hash = createHash('sha256').update(text).digest('hex');
  const accepted = Object.fromEntries(
    Array.from(text.matchAll(acceptance), ([, code, reason]): [string, string] => [code ?? '', reason ?? '']),
  );
  const version = queue.exec(text)?.[1];
  return {
    name,
    when,
    hash,
    statements,
    transactional: !directive.test(text),
    queueVersion: version === undefined ? null : Number(version),
    accepted,
  };
}

type JournalEntry = { tag: string; when: number };

async function readJournal(folder: string): Promise<JournalEntry[]> {
  const path = join(folder, 'meta/_journal.json');
  try {
    return parseJournal(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return refuse([folderProblem(path, `${path} can't be read as drizzle's journal.`)]);
  }
}

function parseJournal(value: unknown): JournalEntry[] {
  if (typeof value !== 'object' || value === null || !('entries' in value) || !Array.isArray(value.entries)) {
    throw new TypeError('a journal has a list of entries');
  }
  return value.entries.map(parseEntry);
}

function parseEntry(value: unknown): JournalEntry {
  if (typeof value !== 'object' || value === null || !('tag' in value) || !('when' in value)) {
    throw new TypeError('an entry has a tag and a time');
  }
  const { tag, when } = value;
  if (typeof tag !== 'string' || typeof when !== 'number') throw new TypeError('an entry has a tag and a time');
  return { tag, when };
}
