/** A token of SQL: `word` is a bare identifier or keyword, `quoted` one in double quotes. */
export type Token = { type: 'word' | 'quoted' | 'string' | 'comment' | 'space' | 'symbol'; text: string };

const patterns: [Token['type'], RegExp][] = [
  ['space', /\s+/y],
  ['comment', /--[^\n]*/y],
  ['string', /\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$[\s\S]*?\$\1\$/y],
  ['string', /[eE]'(?:[^'\\]|\\[\s\S]|'')*'/y],
  ['string', /(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*'/y],
  ['quoted', /(?:[uU]&)?"(?:[^"]|"")*"/y],
  ['word', /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y],
  ['symbol', /[\s\S]/y],
];

/**
 * Tokenises SQL by PostgreSQL's lexical rules: strings (also dollar-quoted and with escapes), quoted identifiers and
 * nested comments are one token each. Joined, tokens give the input.
 */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < sql.length) {
    const token = sql.startsWith('/*', at) ? blockComment(sql, at) : match(sql, at);
    tokens.push(token);
    at += token.text.length;
  }
  return tokens;
}

function match(sql: string, at: number): Token {
  for (const [type, pattern] of patterns) {
    pattern.lastIndex = at;
    const text = pattern.exec(sql)?.[0];
    if (text) return { type, text };
  }
  return { type: 'symbol', text: sql.slice(at, at + 1) };
}

// Block comments nest in PostgreSQL, so no regular expression finds their end.
function blockComment(sql: string, start: number): Token {
  let depth = 0;
  let at = start;
  do {
    if (sql.startsWith('/*', at)) depth += 1;
    else if (sql.startsWith('*/', at)) depth -= 1;
    at += sql.startsWith('/*', at) || sql.startsWith('*/', at) ? 2 : 1;
  } while (depth > 0 && at < sql.length);
  return { type: 'comment', text: sql.slice(start, at) };
}

const depthOf: Readonly<Record<string, number>> = { case: 1, end: -1 };

/**
 * Splits SQL into statements without semicolons, comments and surrounding space, omitting empty ones. A function body
 * between BEGIN ATOMIC and END is part of its statement.
 */
export function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  let current = '';
  let depth = 0;
  let before = '';
  for (const { type, text } of tokenize(sql)) {
    const word = type === 'word' ? text.toLowerCase() : text;
    if (word === 'atomic' && before === 'begin') depth = 1;
    // After a dot, or AS, words are names.
    else if (depth > 0 && type === 'word' && before !== '.' && before !== 'as') depth += depthOf[word] ?? 0;
    if (type !== 'comment' && type !== 'space') before = word;
    if (type === 'comment') {
      current += ' ';
    } else if (type === 'symbol' && text === ';' && depth === 0) {
      statements.push(current.trim());
      current = '';
    } else {
      current += text;
    }
  }
  return [...statements, current.trim()].filter((statement) => statement !== '');
}

/** The name of an identifier token: lower case unless quoted. */
export function nameOf({ type, text }: Token): string {
  return type === 'quoted' ? text.slice(1, -1).replaceAll('""', '"') : text.toLowerCase();
}

export function quoteName(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) && !reserved.has(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

// PostgreSQL's reserved words, also those allowed as names of functions or types only.
const reserved = new Set(
  (
    'all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column ' +
    'concurrently constraint create cross current_catalog current_date current_role current_schema current_time ' +
    'current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze from ' +
    'full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit localtime ' +
    'localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references returning ' +
    'right select session_user similar some symmetric system_user table tablesample then to trailing true union unique user ' +
    'using variadic verbose when where window with'
  ).split(' '),
);

/** Renames identifiers in SQL; strings and comments stay. */
export function renameIdentifiers(sql: string, rename: (name: string) => string | undefined): string {
  return tokenize(sql)
    .map((token) => {
      if (token.type !== 'word' && token.type !== 'quoted') return token.text;
      const renamed = rename(nameOf(token));
      return renamed === undefined ? token.text : quoteName(renamed);
    })
    .join('');
}

/**
 * Moves SQL from `public` to another schema: replaces `public.` before names, also in function bodies, but not in plain
 * strings.
 */
export function moveSchema(sql: string, schema: string): string {
  const tokens = tokenize(sql);
  return tokens
    .map(({ type, text }, index) => {
      if (type === 'string' && text.startsWith('$')) return moveInBody(text, schema);
      const isName = type === 'word' || type === 'quoted';
      return isName && nameOf({ type, text }) === 'public' && tokens[index + 1]?.text === '.'
        ? quoteName(schema)
        : text;
    })
    .join('');
}

function moveInBody(text: string, schema: string): string {
  const mark = text.slice(0, text.indexOf('$', 1) + 1);
  return `${mark}${moveSchema(text.slice(mark.length, -mark.length), schema)}${mark}`;
}
