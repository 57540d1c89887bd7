import { andMore } from '../text/words.ts';
import type pg from 'pg';
import type { Catalog } from '../catalog/objects.ts';
import { sqlStateOf } from '../history/errors.ts';
import { type Question, questionsOf, sequenceQuestions } from './data-questions.ts';
import type { DriftFinding, Finding } from './finding.ts';

const shownRows = 5;

/**
 * Searches for rows that break a rule which the schema does not enforce, and checks every sequence. Each query reads a
 * table.
 */
export async function findInData(
  client: pg.ClientBase,
  live: Catalog,
  found: readonly DriftFinding[],
): Promise<Finding[]> {
  const questions = found.flatMap(({ difference, cause }) =>
    cause === 'unmigrated' ? [] : questionsOf(difference, live),
  );
  const findings: Finding[] = [];
  for (const question of [...questions, ...sequenceQuestions(live)]) {
    const rows = await ask(client, question);
    if (rows.length > 0)
      findings.push(
        toFinding(
          question,
          Number(rows[0]?.n),
          rows.map(({ key }) => key ?? 'a row without a key'),
        ),
      );
  }
  return findings;
}

function toFinding({ code, severity, object, table, what }: Question, count: number, keys: string[]): Finding {
  const named = `${keys.join(', ')}${andMore(count, keys.length)}`;
  return {
    code,
    severity,
    cause: 'drift',
    object,
    table,
    expected: null,
    actual: named,
    message: `${count} ${count === 1 ? 'row' : 'rows'} of ${table} ${what}: ${named}.`,
    fix: {
      sql: null,
      class: 'manual',
      locks: 'none',
      advice: 'Give these rows values that the model allows, or decide what becomes of them.',
    },
  };
}

// A missing column makes its query fail, and is a finding itself.
async function ask(client: pg.ClientBase, { sql }: Question): Promise<{ key: string | null; n: string | number }[]> {
  try {
    const { rows } = await client.query<{ key: string | null; n: string | number }>(
      `select key, count(*) over () as n from (${sql}) as broken (key) limit ${shownRows}`,
    );
    return rows;
  } catch (error) {
    if (sqlStateOf(error)?.startsWith('42') === true) return [];
    throw error;
  }
}
