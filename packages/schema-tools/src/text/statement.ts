import { nameOf, tokenize } from './sql-text.ts';

/** A normalised statement: lower-case words separated by single spaces, names without quotes, strings unchanged. */
export type Statement = {
  sql: string;
  text: string;
  /** The table that it alters, fills, indexes or adds a trigger to; else null. */
  table: string | null;
  /** The actions of an ALTER TABLE; else the whole text. */
  actions: string[];
};

/** Parses one statement without semicolon. */
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

// At commas outside parentheses and strings.
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
