import type { Finding } from '../fix/finding.ts';
import { type Answer, type Block, bySeverity, type Mark } from './document.ts';

const signs: Record<Mark, string> = { ok: '✅', critical: '🔴', warning: '🟠', info: '🔵' };

export function renderMarkdown({ title, blocks }: Answer): string {
  return `# ${escape(title)}\n\n${blocks.map(renderBlock).filter(Boolean).join('\n\n')}\n`;
}

function renderBlock(block: Block): string {
  switch (block.type) {
    case 'verdict':
      return `> ${signs[block.mark]} **${escape(block.text)}**`;
    case 'heading':
      return `## ${escape(block.text)}`;
    case 'text':
      return escape(block.text);
    case 'list':
      return block.items.map((item) => `- ${escape(item)}`).join('\n');
    case 'table':
      return table(block.columns, block.rows);
    case 'sql':
      return fenced(block.sql);
    case 'findings':
      return renderFindings(block.findings);
    case 'map':
      return renderMap(block.groups);
  }
}

function renderMap(groups: Extract<Block, { type: 'map' }>['groups']): string {
  const wrong = groups.filter(({ mark }) => mark !== 'ok');
  const well = groups.filter(({ mark }) => mark === 'ok').map(({ title }) => escape(title));
  const rows = wrong.map(({ title, mark, cells }) => {
    const differing = cells.filter((cell) => cell.mark !== 'ok').map((cell) => `${signs[cell.mark]} ${cell.name}`);
    return [signs[mark], title, String(cells.length), differing.join(', ')];
  });
  return [
    ...(rows.length > 0 ? [table(['', 'table', 'objects', 'differing'], rows)] : []),
    ...(well.length > 0 ? [`${signs.ok} As they should be: ${well.join(', ')}.`] : []),
  ].join('\n\n');
}

function renderFindings(findings: readonly Finding[]): string {
  if (findings.length === 0) return '';
  const rows = bySeverity(findings).map(({ severity, code, cause, message }) => [
    signs[severity],
    `\`${code}\``,
    cause,
    message,
  ]);
  const fixes = findings.flatMap(({ fix }) => (fix.sql === null ? [] : [fix.sql]));
  const sql =
    fixes.length === 0
      ? ''
      : `\n\n<details><summary>SQL of the fixes</summary>\n\n${fenced(fixes.join('\n'))}\n\n</details>`;
  return `${table(['', 'code', 'cause', 'finding'], rows)}${sql}`;
}

function table(columns: string[], rows: string[][]): string {
  const line = (cells: string[]) =>
    `| ${cells.map((cell) => (cell.startsWith('`') ? cell : isName(cell) ? `\`${cell}\`` : escape(cell)).replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(columns), `|${columns.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

// Names of tables and columns, whose underscores Markdown would interpret.
function isName(cell: string): boolean {
  return /^[a-z][\w.]*_[\w.]*$/.test(cell);
}

// A fence longer than any inside.
function fenced(sql: string): string {
  const longest = Math.max(2, ...[...sql.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}sql\n${sql}\n${fence}`;
}

// Names and values from a database must not become markup. Commands keep their backticks.
function escape(text: string): string {
  return text
    .split(/(`[^`]+`)/)
    .map((part, index) =>
      index % 2 === 1
        ? part
        : part.replaceAll(/[\\`*_{}[\]<>#]/g, (character) => (character === '<' ? '&lt;' : `\\${character}`)),
    )
    .join('');
}
