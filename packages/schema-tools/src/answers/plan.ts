import { bareStatements } from '../acts/apply.ts';
import { findingsOfFolder, findingsOfHazards, lintMigrations } from '../fix/lint.ts';
import { lockOf } from '../fix/locks.ts';
import type { HistoryProblem } from '../history/errors.ts';
import type { Migration } from '../history/folder.ts';
import { type Answer, type Block, summarize, summaryText, worstMark } from '../report/document.ts';

type Place = { database: string; serverVersion: string };

/** The answer of `plan` and `migrate --dry-run`: statements of pending files with their locks and hazards. */
export function answerPlan(command: string, pending: readonly Migration[], { database, serverVersion }: Place): Answer {
  const findings = findingsOfHazards(lintMigrations(pending));
  const files = pending.map(({ name, transactional, ...rest }) => ({
    name,
    transactional,
    statements: bareStatements(rest).map((sql) => ({ sql, lock: lockOf(sql) })),
  }));
  const blocks = files.flatMap(({ name, transactional, statements }): Block[] => [
    { type: 'heading', text: `${name}${transactional ? '' : ', without a transaction'}` },
    {
      type: 'text',
      text: `Locks: ${[...new Set(statements.map(({ lock }) => lock))].filter((lock) => lock !== 'none').join('; ') || 'none'}.`,
    },
    { type: 'sql', sql: statements.map(({ sql }) => `${sql};`).join('\n') },
  ]);
  const count = `${pending.length} ${pending.length === 1 ? 'migration is' : 'migrations are'} pending`;
  return {
    command,
    exitCode: pending.length > 0 ? 2 : 0,
    database,
    serverVersion,
    findings,
    data: { pending: files },
    title: `Plan for ${database}`,
    blocks: [
      {
        type: 'verdict',
        mark: pending.length === 0 ? 'ok' : worstMark(findings),
        text: pending.length === 0 ? 'No migration is pending.' : `${count}: ${summaryText(summarize(findings))}.`,
      },
      ...blocks,
      ...(findings.length > 0
        ? [
            { type: 'heading' as const, text: 'Hazards' },
            { type: 'findings' as const, findings },
          ]
        : []),
    ],
  };
}

/** The answer of `lint`: faults of the folder and hazards of its files. */
export function answerLint(migrations: readonly Migration[], problems: readonly HistoryProblem[]): Answer {
  const findings = [...findingsOfFolder(problems), ...findingsOfHazards(lintMigrations(migrations))];
  const fails = findings.some(({ severity }) => severity !== 'info');
  return {
    command: 'lint',
    exitCode: fails ? 2 : 0,
    database: null,
    serverVersion: null,
    findings,
    data: { files: migrations.map(({ name }) => name) },
    title: 'Lint of the migrations',
    blocks: [
      {
        type: 'verdict',
        mark: worstMark(findings),
        text: `${migrations.length} ${migrations.length === 1 ? 'file' : 'files'}: ${summaryText(summarize(findings))}.`,
      },
      { type: 'findings', findings },
    ],
  };
}
