import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Settings } from '../../src/config.ts';

const root = resolve(import.meta.dirname, '../..');
const begin = '<!-- settings: written by npm run docs -->';
const end = '<!-- end of settings -->';

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

/** @returns what the README and .env.example must hold, by path, beside what they hold */
export async function settingsDocs(): Promise<{ path: string; actual: string; expected: string }[]> {
  const readme = await readFile(resolve(root, 'README.md'), 'utf8');
  const [before = '', rest = ''] = readme.split(begin);
  const [, after = ''] = rest.split(end);
  const current = await readFile(resolve(root, '.env.example'), 'utf8').catch(() => '');
  return [
    { path: 'README.md', actual: readme, expected: `${before}${begin}\n\n${table()}\n\n${end}${after}` },
    { path: '.env.example', actual: current, expected: example() },
  ];
}

if (import.meta.main) {
  for (const { path, expected } of await settingsDocs()) await writeFile(resolve(root, path), expected);
}
