import { hostname, userInfo } from 'node:os';
import type pg from 'pg';
import { lookForTable, type Visibility } from './relations.ts';
import type { Project } from '../project.ts';

/** Its tables begin with the project's prefix. */
type LedgerName = Pick<Project, 'ledger'>;

export const acts = ['migrate', 'repair', 'stamp', 'resolve', 'reset', 'adopt', 'accept'] as const;
export type Act = (typeof acts)[number];

/** `started` without an end: the process crashed, or is still working. */
export type Outcome = 'started' | 'done' | 'failed' | 'half_applied' | 'resolved';

export type LedgerEntry = {
  act: Act;
  /** The migration, or another object of the act. */
  target: string;
  /** sha256 in hex of what was run; null for nothing. */
  hash: string | null;
  outcome: Outcome;
  details?: Record<string, unknown>;
  before?: unknown;
  after?: unknown;
};

export type LedgerRow = LedgerEntry & {
  id: number;
  startedAt: Date;
  endedAt: Date | null;
  role: string;
  operator: string;
};

/** An accepted difference, for one state of its object. */
export type Acceptance = { code: string; object: string; actual: string | null; reason: string };

/**
 * Creates missing tables of the ledger. They are beside drizzle's history and outside the model, since they precede the
 * first migration and outlive a schema that is dropped and recreated.
 */
export async function createLedger(client: pg.ClientBase, { ledger }: LedgerName): Promise<void> {
  if ((await ledgerVisibility(client, ledger)) !== 'absent') return;
  await client.query('create schema if not exists drizzle');
  await client.query(`
    create table if not exists drizzle.${ledger}_ledger (
      id bigint generated always as identity primary key,
      act text not null,
      target text not null,
      hash text,
      outcome text not null,
      started_at timestamptz not null,
      ended_at timestamptz,
      role text not null,
      operator text not null,
      details jsonb not null,
      before jsonb,
      after jsonb
    )`);
  await client.query(`
    create table if not exists drizzle.${ledger}_originals (
      ledger_id bigint not null references drizzle.${ledger}_ledger (id),
      table_name text not null,
      row_key text not null,
      column_name text not null,
      original jsonb,
      primary key (ledger_id, table_name, row_key, column_name)
    )`);
  await client.query(`
    create table if not exists drizzle.${ledger}_accepted (
      code text not null,
      object text not null,
      actual text,
      reason text not null,
      ledger_id bigint not null references drizzle.${ledger}_ledger (id),
      primary key (code, object)
    )`);
}

/** Records an act and returns its number; in a transaction the entry is part of it. */
export async function enterAct(client: pg.ClientBase, { ledger }: LedgerName, entry: LedgerEntry): Promise<number> {
  const { act, target, hash, outcome, details = {}, before = null, after = null } = entry;
  const { rows } = await client.query<{ id: string | number }>(
    `insert into drizzle.${ledger}_ledger (act, target, hash, outcome, started_at, ended_at, role, operator, details, before, after)
     values ($1, $2, $3, $4, clock_timestamp(), case when $4 = 'started' then null else clock_timestamp() end,
       current_user, $5, $6, $7, $8)
     returning id`,
    [act, target, hash, outcome, operator(), ...[details, before, after].map(asJson)],
  );
  return Number(rows[0]?.id);
}

export async function updateAct(
  client: pg.ClientBase,
  { ledger }: LedgerName,
  id: number,
  { outcome, details = {}, after = null }: Pick<LedgerEntry, 'outcome' | 'details' | 'after'>,
): Promise<void> {
  await client.query(
    `update drizzle.${ledger}_ledger
     set outcome = $2, ended_at = case when $2 = 'started' then null else clock_timestamp() end,
       details = details || $3, after = coalesce($4, after)
     where id = $1`,
    [id, outcome, asJson(details), asJson(after)],
  );
}

export async function readLedger(client: pg.ClientBase, { ledger }: LedgerName): Promise<LedgerRow[]> {
  if ((await ledgerVisibility(client, ledger)) !== 'there') return [];
  const { rows } = await client.query<Omit<LedgerRow, 'id'> & { id: string | number }>(
    `select id, act, target, hash, outcome, started_at as "startedAt", ended_at as "endedAt", role, operator, details, before, after
     from drizzle.${ledger}_ledger order by id`,
  );
  return rows.map((row) => ({ ...row, id: Number(row.id) }));
}

export async function keepAcceptance(
  client: pg.ClientBase,
  { ledger }: LedgerName,
  ledgerId: number,
  acceptance: Acceptance,
): Promise<void> {
  const { code, object, actual, reason } = acceptance;
  await client.query(
    `insert into drizzle.${ledger}_accepted (code, object, actual, reason, ledger_id) values ($1, $2, $3, $4, $5)
     on conflict (code, object) do update
     set actual = excluded.actual, reason = excluded.reason, ledger_id = excluded.ledger_id`,
    [code, object, actual, reason, ledgerId],
  );
}

export async function readLastAct(
  client: pg.ClientBase,
  project: LedgerName,
  target: string,
  ofActs: readonly Act[],
): Promise<LedgerRow | undefined> {
  const rows = await readLedger(client, project);
  return rows.findLast((row) => row.target === target && ofActs.includes(row.act));
}

export async function readAccepted(client: pg.ClientBase, { ledger }: LedgerName): Promise<Acceptance[]> {
  if ((await ledgerVisibility(client, ledger)) !== 'there') return [];
  const { rows } = await client.query<Acceptance>(
    `select code, object, actual, reason from drizzle.${ledger}_accepted order by code, object`,
  );
  return rows;
}

function ledgerVisibility(client: pg.ClientBase, ledger: string): Promise<Visibility> {
  return lookForTable(client, 'drizzle', `${ledger}_accepted`);
}

// Containers have no passwd entry for their user.
function operator(): string {
  const name = (() => {
    try {
      return userInfo().username;
    } catch {
      return `uid ${process.getuid?.() ?? 'unknown'}`;
    }
  })();
  return `${name}@${hostname()}`;
}

function asJson(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}
