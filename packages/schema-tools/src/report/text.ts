import type { Finding } from '../fix/finding.ts';
import { type Answer, type Block, bySeverity, type Mark } from './document.ts';

const signs: Record<Mark, string> = { ok: '✓', critical: '✗', warning: '!', info: '·' };

export function renderText({ blocks }: Answer): string {
  return `${blocks.map(renderBlock).filter(Boolean).join('\n\n')}\n`;
}

function renderBlock(block: Block): string {
  switch (block.type) {
    case 'verdict':
      return `${signs[block.mark]} ${block.text}`;
    case 'heading':
      return `${block.text}\n${'─'.repeat(Math.min(block.text.length, 80))}`;
    case 'text':
      return block.text;
    case 'list':
      return block.items.map((item) => `  ${item}`).join('\n');
    case 'table':
      return renderTable(block.columns, block.rows);
    case 'sql':
      return indent(block.sql);
    case 'findings':
      return renderFindings(block.findings);
    case 'map':
      return renderMap(block.groups);
  }
}

function renderMap(groups: Extract<Block, { type: 'map' }>['groups']): string {
  const wrong = groups.filter(({ mark }) => mark !== 'ok');
  const lines = wrong.map(({ title, mark, cells }) => {
    const count = cells.filter((cell) => cell.mark !== 'ok').length;
    return `  ${signs[mark]} ${title}: ${count} of ${cells.length} differ`;
  });
  const well = groups.length - wrong.length;
  return [...lines, ...(well > 0 ? [`  ${signs.ok} ${well} more as they should be`] : [])].join('\n');
}

function renderTable(columns: string[], rows: string[][]): string {
  const widths = columns.map((column, index) => Math.max(column.length, ...rows.map((row) => row[index]?.length ?? 0)));
  const line = (cells: string[]) =>
    `  ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')}`.trimEnd();
  return [line(columns), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line)].join('\n');
}

function renderFindings(findings: readonly Finding[]): string {
  return bySeverity(findings).map(renderFinding).join('\n');
}

function renderFinding({ code, severity, cause, message, fix }: Finding): string {
  const sql = fix.sql === null ? [] : fix.sql.split('\n');
  const shown = sql.length > 4 ? [...sql.slice(0, 3), `… ${sql.length - 3} more lines`] : sql;
  return [
    `${signs[severity]} ${severity.padEnd(8)} ${code} (${cause})`,
    `    ${message}`,
    ...shown.map((line) => `    → ${line}`),
    ...(fix.class === 'destructive' ? ['    (destructive: `repair` leaves it alone unless allowed)'] : []),
    ...(fix.advice === null ? [] : [`    ${fix.sql === null ? '→ ' : ''}${fix.advice}`]),
  ].join('\n');
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}
