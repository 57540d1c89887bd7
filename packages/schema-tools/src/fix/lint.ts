import type { Severity } from '../diff/codes.ts';
import type { Finding } from './finding.ts';
import type { HistoryProblem } from '../history/errors.ts';
import type { Migration } from '../history/folder.ts';
import { splitStatements, tokenize } from '../text/sql-text.ts';
import { type FileContext, type LintCode, lintRules, type Rule } from './lint-rules.ts';
import { parseStatement } from '../text/statement.ts';

/** A finding of a rule; `accepted` is the author's reason, which makes it a mention only. */
export type Hazard = {
  code: LintCode;
  severity: Severity;
  destructive: boolean;
  file: string;
  statement: string;
  accepted: string | undefined;
};

type Linted = Pick<Migration, 'name' | 'statements' | 'transactional' | 'accepted'>;

/** Checks files that are applied in order. */
export function lintMigrations(migrations: readonly Linted[]): Hazard[] {
  const addedBefore = new Set<string>();
  return migrations.flatMap((migration) => lintMigration(migration, addedBefore));
}

/**
 * Checks one file by every rule; a rule that matches several statements reports each.
 * @param addedBefore labels added to enum types by earlier files; those of this file are added
 */
export function lintMigration(
  { name, statements, transactional, accepted }: Linted,
  addedBefore = new Set<string>(),
): Hazard[] {
  const created = new Set<string>();
  const addedLabels = new Set<string>();
  const context: FileContext = { transactional, created, addedLabels, addedBefore };
  const hazards = statements.flatMap(splitStatements).flatMap((sql) => {
    const statement = parseStatement(sql);
    const found = codes().filter((code) => {
      const rule: Rule = lintRules[code];
      return statement.actions.some((action) => rule.finds(action, statement, context));
    });
    if (/^create (unlogged )?table\b/.test(statement.text) && statement.table !== null) created.add(statement.table);
    const label = addedLabel(sql);
    if (label !== undefined) {
      addedLabels.add(label);
      addedBefore.add(label);
    }
    return found.map((code) => hazard(code, name, sql, accepted[code]));
  });
  return hazards.filter(
    ({ code }, index) => !ofTheFile.has(code) || hazards.findIndex((each) => each.code === code) === index,
  );
}

// Reported once per file.
const ofTheFile = new Set<LintCode>(['half_way', 'kit_cannot']);

function codes(): LintCode[] {
  return Object.keys(lintRules).filter(isLintCode);
}

function isLintCode(code: string): code is LintCode {
  return Object.hasOwn(lintRules, code);
}

function hazard(code: LintCode, file: string, sql: string, accepted: string | undefined): Hazard {
  const rule: Rule = lintRules[code];
  return {
    code,
    severity: accepted === undefined ? rule.severity : 'info',
    destructive: rule.destructive === true,
    file,
    statement: sql.replaceAll(/\s+/g, ' '),
    accepted,
  };
}

function addedLabel(sql: string): string | undefined {
  if (!/^alter\s+type\s/i.test(sql) || !/\sadd\s+value\s/i.test(sql)) return undefined;
  return tokenize(sql).find(({ type }) => type === 'string')?.text;
}

/** Hazards as findings about their files. */
export function findingsOfHazards(hazards: readonly Hazard[]): Finding[] {
  return hazards.map(({ code, severity, file, statement, accepted }) => {
    const rule: Rule = lintRules[code];
    return {
      code,
      severity,
      cause: 'pending',
      object: file,
      table: null,
      expected: null,
      actual: shorten(statement),
      message: `${file}: ${rule.says}${accepted === undefined ? '' : ` Accepted: ${accepted}`}`,
      fix: { sql: null, class: 'manual', locks: 'none', advice: rule.advice },
    };
  });
}

export function findingsOfFolder(problems: readonly HistoryProblem[]): Finding[] {
  return problems.map(({ kind, object, message }) => ({
    code: kind === 'journal' ? 'old_timestamp' : 'folder_fault',
    severity: 'critical',
    cause: 'pending',
    object,
    table: null,
    expected: null,
    actual: null,
    message,
    fix: { sql: null, class: 'manual', locks: 'none', advice: 'Restore the folder, or generate the file anew.' },
  }));
}

const longest = 200;

function shorten(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}
