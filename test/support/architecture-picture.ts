import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createFal } from '../../src/fal/client.ts';
import { jobList } from '../../src/job-list.ts';

const description = resolve(import.meta.dirname, '../../openapi/openapi.json');

/** @returns clients, processes, fal and stores as text, with the code's own lists of routes, jobs, calls and tables */
export function picture(tables: readonly string[]): string {
  const { tags }: { tags: { name: string }[] } = JSON.parse(readFileSync(description, 'utf8'));
  const { mode: _mode, ...calls } = createFal({ mode: 'sandbox', key: 'none:none', baseUrl: 'http://localhost' });
  const columns = {
    clients: ['', '', 'requests ──────────▶', '', 'event streams ◀─────', '', 'webhooks ◀──────────'],
    api: ['api', '', ...tags.map(({ name }) => name)],
    worker: ['worker', '', ...jobList.map(({ name }) => name)],
    fal: ['', '', ...Object.keys(calls).map((name) => `──▶ ${name}`), '', '◀── webhooks, signed'],
  };
  const height = Math.max(...Object.values(columns).map((column) => column.length));
  const { clients, api, worker, fal } = columns;
  const lines = Array.from({ length: height }, (_, index) =>
    row(clients[index], `│ ${padded(api[index], 16)}${padded(worker[index], 24)}│`, fal[index]),
  );
  return [
    row('clients', padded(`┌─ likeness serve ${'─'.repeat(24)}┐`, 43), 'fal.ai'),
    ...lines,
    row('', `└${'─'.repeat(15)}┬${'─'.repeat(25)}┘`, ''),
    row('', `${' '.repeat(16)}▼`, ''),
    row('', `PostgreSQL: pg-boss’s queue and ${tables.length} tables`, ''),
    row('', 'object store: photos and artifacts', ''),
  ].join('\n');
}

function row(left: string | undefined, middle: string, right: string | undefined): string {
  return `${padded(left, 22)}${middle} ${right ?? ''}`.trimEnd();
}

function padded(text = '', width: number): string {
  return text.padEnd(width);
}
