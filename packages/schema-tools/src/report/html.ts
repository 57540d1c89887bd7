import type { Finding } from '../fix/finding.ts';
import { type Answer, type Block, bySeverity, type Mark, summarize, worstMark } from './document.ts';
import { style } from './style.ts';

const words: Record<Mark, string> = {
  ok: 'as it should be',
  critical: 'critical',
  warning: 'warning',
  info: 'information',
};

/** The answer as one HTML file without scripts or external requests. */
export function renderHtml(answer: Answer): string {
  const { title, database, serverVersion, findings, blocks } = answer;
  const place = [database, serverVersion === null ? null : `PostgreSQL ${serverVersion}`].filter(Boolean).join(' · ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escape(title)}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${escape(title)}</h1>
<p class="place">${escape(place)}</p>
${counts(findings)}
</header>
<main>
${blocks.map(renderBlock).join('\n')}
</main>
</body>
</html>
`;
}

function counts(findings: readonly Finding[]): string {
  const { critical, warning, info } = summarize(findings);
  const one = (mark: Mark, count: number, word: string) =>
    `<li class="${count > 0 ? mark : 'none'}"><b>${count}</b> ${word}</li>`;
  const worst = worstMark(findings);
  return `<ul class="counts" aria-label="findings, worst: ${words[worst]}">${one('critical', critical, 'critical')}${one('warning', warning, 'warnings')}${one('info', info, 'for information')}</ul>`;
}

function renderBlock(block: Block): string {
  switch (block.type) {
    case 'verdict':
      return `<p class="verdict ${block.mark}">${prose(block.text)}</p>`;
    case 'heading':
      return `<h2>${escape(block.text)}</h2>`;
    case 'text':
      return `<p>${prose(block.text)}</p>`;
    case 'list':
      return `<ul>${block.items.map((item) => `<li>${escape(item)}</li>`).join('')}</ul>`;
    case 'table':
      return renderTable(block.columns, block.rows);
    case 'sql':
      return `<pre>${escape(block.sql)}</pre>`;
    case 'findings':
      return bySeverity(block.findings).map(renderFinding).join('\n');
    case 'map':
      return renderMap(block.groups);
  }
}

function renderTable(columns: string[], rows: string[][]): string {
  const cells = (tag: string, values: string[]) => values.map((value) => `<${tag}>${escape(value)}</${tag}>`).join('');
  const body = rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('\n');
  return `<div class="scroll"><table><thead><tr>${cells('th', columns)}</tr></thead><tbody>${body}</tbody></table></div>`;
}

function renderFinding({ code, severity, cause, object, expected, actual, message, fix }: Finding): string {
  const sides =
    expected === null && actual === null
      ? ''
      : `<dl><dt>expected</dt><dd>${side(expected)}</dd><dt>found</dt><dd>${side(actual)}</dd></dl>`;
  const sql =
    fix.sql === null
      ? ''
      : `<details><summary>fix: ${escape(fix.class)}, locks ${escape(fix.locks)}</summary><pre>${escape(fix.sql)}</pre></details>`;
  const advice = fix.advice === null ? '' : `<p class="advice">${prose(fix.advice)}</p>`;
  return `<section class="finding ${severity}">
<h3><span class="mark">${words[severity]}</span> ${escape(object)} <code>${escape(code)}</code> <span class="cause">${escape(cause)}</span></h3>
<p>${prose(message)}</p>${sides}${advice}${sql}
</section>`;
}

function side(text: string | null): string {
  return text === null ? '<i>nothing</i>' : `<code>${escape(text)}</code>`;
}

type Groups = Extract<Block, { type: 'map' }>['groups'];

// Healthy tables take one line, so that others stand out.
function renderMap(groups: Groups): string {
  const wrong = groups.filter(({ mark }) => mark !== 'ok');
  const well = groups.filter(({ mark }) => mark === 'ok').map(({ title }) => title);
  const rest =
    well.length === 0
      ? ''
      : `<p class="well">✓ As they should be: ${well.map((title) => escape(title)).join(', ')}.</p>`;
  return `<div class="map">${wrong.map(renderGroup).join('\n')}</div>${rest}`;
}

function renderGroup({ title, mark, cells }: Groups[number]): string {
  const wrong = cells.filter((cell) => cell.mark !== 'ok');
  const well = cells.filter((cell) => cell.mark === 'ok');
  const item = (cell: (typeof cells)[number]) =>
    `<li class="${cell.mark}" title="${escape(cell.detail)}">${escape(cell.name)}</li>`;
  const rest =
    well.length === 0
      ? ''
      : `<details><summary>${well.length} as they should be</summary><ul>${well.map(item).join('')}</ul></details>`;
  const count = well.length === 0 ? '' : ` <small>${wrong.length} of ${cells.length} differ</small>`;
  return `<section class="group ${mark}"><h3>${escape(title)}${count}</h3><ul>${wrong.map(item).join('')}</ul>${rest}</section>`;
}

// Backticks mark commands.
function prose(text: string): string {
  return escape(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}

function escape(text: string): string {
  const entities: { readonly [character in string]?: string } = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}
