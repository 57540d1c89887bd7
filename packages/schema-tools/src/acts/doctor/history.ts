import type pg from 'pg';
import type { CheckResult } from '../check.ts';
import { readLedger } from '../../history/ledger.ts';
import { type Component, component, type Examination, fail, ok, warn } from './examination.ts';

/** Examines the migration history against the folder, half-applied files, and other migration tools. */
export async function examineHistory(client: pg.ClientBase, checked: CheckResult): Promise<Component> {
  const broken = checked.other.filter(({ code }) => code.startsWith('history_') && checked.state !== 'unadopted');
  const contradictions = broken.map(({ code, severity, message, fix }) =>
    (severity === 'critical' ? fail : warn)(code, message, fix.advice ?? ''),
  );
  return component('history', [
    ...(contradictions.length > 0 ? contradictions : [examineState(checked)]),
    examineForeign(checked),
    await examineLedger(client, checked),
  ]);
}

function examineState({ project, state, applied, pending }: CheckResult): Examination {
  switch (state) {
    case 'unadopted':
      return fail(
        'migrations',
        'tables of the service without a history: the earlier system’s',
        `Run \`${project.program} ${project.adoption.command}\`.`,
      );
    case 'empty':
      return warn('migrations', 'the database is empty', `Run \`${project.program} migrate\`.`);
    case 'behind':
      return warn(
        'migrations',
        `${applied.length} applied, ${pending.length} pending: ${pending.join(', ')}`,
        `Run \`${project.program} migrate\`.`,
      );
    default:
      return ok('migrations', `${applied.length} applied, none pending; every hash is the file’s`);
  }
}

function examineForeign({ foreign }: CheckResult): Examination {
  if (foreign.length === 0) return ok('other tools', 'no table of another migration tool');
  const list = foreign.map(({ table, tool }) => `${table} (${tool})`).join(', ');
  return warn('other tools', `left by another tool: ${list}`, 'Make sure that it no longer migrates this database.');
}

async function examineLedger(client: pg.ClientBase, { project }: CheckResult): Promise<Examination> {
  const rows = await readLedger(client, project);
  const newest = new Map(
    rows.filter(({ act }) => act === 'migrate' || act === 'resolve').map((row) => [row.target, row]),
  );
  const open = [...newest.values()].filter(({ outcome }) => outcome === 'started' || outcome === 'half_applied');
  if (open.length === 0) return ok('ledger', `${rows.length} acts, none half done`);
  const names = open.map(({ target }) => target).join(', ');
  return fail(
    'ledger',
    `half applied: ${names}`,
    `Mend what stopped it, then run \`${project.program} migrate --continue\`, or \`--restart\`.`,
  );
}
