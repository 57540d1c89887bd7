import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Settings } from '../../src/config.ts';
import { type Limit, limits } from '../../src/limits.ts';

const root = resolve(import.meta.dirname, '../..');
const beginTable = '<!-- settings: written by npm run docs -->';
const endTable = '<!-- end of settings -->';
const beginLimits = '<!-- limits: written by npm run docs -->';
const endLimits = '<!-- end of limits -->';

const required = ['FAL_MODE', 'FAL_KEY', 'FAL_BASE_URL', 'DATABASE_URL', 'STORAGE_URL', 'PUBLIC_URL'];

// The first matching group takes a setting.
const groups: [title: string, names: RegExp][] = [
  ['What must be set', new RegExp(`^(${required.join('|')})$`)],
  ['The process and its address', /^(NODE_ENV|HOST|PORT|TRUSTED_PROXIES|CORS_ORIGINS|REQUIRE_IF_MATCH|SHUTDOWN_.*)$/],
  ['Database and object store', /^(DATABASE|STORAGE)_/],
  ['Retention', /RETENTION_/],
  ['fal', /^(FAL|POLL|LORA)_|^MAX_(LORA|IMAGE)_BYTES$/],
  ['Trainings', /^(MAX_TRAININGS|BLOCKED|DEADLINE|UNRESOLVED|ARTIFACT_GONE|CHECK_INTERVAL)/],
  ['Generations', /^(GENERATION|MAX_GENERATIONS)/],
  ['Limits', /^(MAX|RATE_LIMIT|OVERLOAD)_/],
  ['Event streams', /^EVENT_STREAM/],
  ['Webhooks to clients', /WEBHOOK/],
  ['Logs and traces', /^(LOG|OTEL)_/],
];

type Setting = { name: string; value: string; description: string };

const settings: Setting[] = Object.entries(Settings.properties).map(([name, property]) => ({
  name,
  value: 'default' in property ? String(property.default) : '',
  description: 'description' in property ? String(property.description) : '',
}));

/** @throws Error when a setting belongs to no group */
function grouped(): [title: string, settings: Setting[]][] {
  const titleOf = ({ name }: Setting) => {
    const group = groups.find(([, names]) => names.test(name));
    if (group === undefined) throw new Error(`${name} belongs to no group of test/support/settings-docs.ts: add it.`);
    return group[0];
  };
  const byTitle = Map.groupBy(settings, titleOf);
  return groups.map(([title]) => [title, byTitle.get(title) ?? []]);
}

function table(rows: Setting[]): string {
  const lines = rows.map(
    ({ name, value, description }) => `| \`${name}\` | ${value && `\`${value}\``} | ${description} |`,
  );
  return ['| setting | default | meaning |', '| --- | --- | --- |', ...lines].join('\n');
}

const sections = () => grouped().map(([title, rows]) => `## ${title}\n\n${table(rows)}`);

function requiredTable(): string {
  const rows = required.map((name) => {
    const { description = '' } = settings.find((setting) => setting.name === name) ?? {};
    return `| \`${name}\` | ${description} |`;
  });
  return ['| setting | meaning |', '| --- | --- |', ...rows].join('\n');
}

function example(): string {
  const parts = grouped().map(([title, rows]) => {
    const lines = rows.map(({ name, value, description }) => `# ${description}\n#${name}=${value}\n`);
    return `## ${title}\n\n${lines.join('\n')}`;
  });
  return `# Settings of Likeness. Copy this file to .env and uncomment what you set.\n\n${parts.join('\n')}`;
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

export async function settingsDocs(): Promise<{ path: string; actual: string; expected: string }[]> {
  const read = (path: string) => readFile(resolve(root, path), 'utf8');
  const readme = await read('README.md');
  const page = await read('docs/settings.md');
  const operations = await read('docs/operations.md');
  return [
    { path: 'README.md', actual: readme, expected: between(readme, beginTable, endTable, requiredTable()) },
    {
      path: 'docs/settings.md',
      actual: page,
      expected: between(page, beginTable, endTable, sections().join('\n\n')),
    },
    { path: '.env.example', actual: await read('.env.example'), expected: example() },
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
