import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Settings } from '../../src/config.ts';
import { type Limit, limits } from '../../src/limits.ts';

const root = resolve(import.meta.dirname, '../..');
const begin = '<!-- settings: written by npm run docs -->';
const end = '<!-- end of settings -->';
const beginLimits = '<!-- limits: written by npm run docs -->';
const endLimits = '<!-- end of limits -->';

type Setting = { name: string; value: string; description: string };

function settings(): Setting[] {
  return Object.entries(Settings.properties).map(([name, property]) => ({
    name,
    value: 'default' in property ? String(property.default) : '',
    description: 'description' in property ? String(property.description) : '',
  }));
}

function table(): string {
  const rows = settings().map(
    ({ name, value, description }) => `| \`${name}\` | ${value && `\`${value}\``} | ${description} |`,
  );
  return ['| setting | default | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}

function example(): string {
  const lines = settings().map(({ name, value, description }) => `# ${description}\n#${name}=${value}\n`);
  return `# Settings of Likeness. Copy this file to .env and take away the # of what you set.\n\n${lines.join('\n')}`;
}

function limitsTable(): string {
  const rows = Object.values<Limit>(limits).map(
    ({ other, wait, ms, setting, after }) => `| ${other} | ${wait} | ${longest(ms, setting)} | ${after} |`,
  );
  return ['| who | what is waited for | at most | then |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function longest(ms: number, setting: Limit['setting']): string {
  const seconds = `${ms / 1000} s`;
  if (setting === undefined) return seconds;
  if (!(setting in Settings.properties)) throw new Error(`a limit names ${setting}, which is no setting`);
  return ms === 0 ? `\`${setting}\`` : `\`${setting}\` and ${seconds}`;
}

function between(text: string, first: string, last: string, content: string): string {
  const [before = '', rest = ''] = text.split(first);
  const [, after = ''] = rest.split(last);
  return `${before}${first}\n\n${content}\n\n${last}${after}`;
}

/** @returns what the README, .env.example and the page for operators must hold, by path, beside what they hold */
export async function settingsDocs(): Promise<{ path: string; actual: string; expected: string }[]> {
  const readme = await readFile(resolve(root, 'README.md'), 'utf8');
  const operations = await readFile(resolve(root, 'docs/operations.md'), 'utf8');
  const current = await readFile(resolve(root, '.env.example'), 'utf8').catch(() => '');
  return [
    { path: 'README.md', actual: readme, expected: between(readme, begin, end, table()) },
    { path: '.env.example', actual: current, expected: example() },
    {
      path: 'docs/operations.md',
      actual: operations,
      expected: between(operations, beginLimits, endLimits, limitsTable()),
    },
  ];
}

if (import.meta.main) {
  for (const { path, expected } of await settingsDocs()) await writeFile(resolve(root, path), expected);
}
