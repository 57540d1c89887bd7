import { nameOf, tokenize } from './sql-text.ts';

/** A statement as the rules look at it: lower-case words with one space between, names without quotes, strings as they are. */
export type Statement = {
  sql: string;
  text: string;
  /** The table that it alters, fills, indexes or gives a trigger; null for others. */
  table: string | null;
  /** The single actions of an ALTER TABLE; else the whole text. */
  actions: string[];
};

/** Reads one statement, which has no semicolon. */
export function parseStatement(sql: string): Statement {
  const text = normalize(sql);
  const table = tableOf(text);
  const altered = /^alter table (?:if exists )?(?:only )?\S+ (.*)$/s.exec(text)?.[1];
  return { sql, text, table, actions: altered === undefined ? [text] : splitActions(altered) };
}

function normalize(sql: string): string {
  const parts = tokenize(sql).map((token) => {
    if (token.type === 'space' || token.type === 'comment') return ' ';
    return token.type === 'word' || token.type === 'quoted' ? nameOf(token) : token.text;
  });
  return parts
    .join('')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\bpublic\./g, '')
    .trim();
}

function tableOf(text: string): string | null {
  const patterns = [
    /^(?:create (?:unlogged |temporary |temp )?|alter |drop |truncate )table (?:if (?:not )?exists )?(?:only )?([^\s(;]+)/,
    /^create (?:unique index|index|(?:or replace )?(?:constraint )?trigger) .*?\bon (?:only )?([^\s(]+)/,
    /^(?:update|delete from|insert into|truncate|lock table|lock) (?:only )?([^\s(;]+)/,
  ];
  for (const pattern of patterns) {
    const name = pattern.exec(text)?.[1];
    if (name !== undefined) return name;
  }
  return null;
}

// Commas between actions, not those inside parentheses or strings.
function splitActions(text: string): string[] {
  const actions: string[] = [];
  let current = '';
  let depth = 0;
  for (const { type, text: piece } of tokenize(text)) {
    if (type === 'symbol' && piece === '(') depth += 1;
    if (type === 'symbol' && piece === ')') depth -= 1;
    if (type === 'symbol' && piece === ',' && depth === 0) {
      actions.push(current.trim());
      current = '';
    } else {
      current += piece;
    }
  }
  return [...actions, current.trim()].filter(Boolean);
}
