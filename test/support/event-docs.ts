import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { TSchema } from 'typebox';
import { eventData, type EventType, eventTypes, meaningOf } from '../../src/features/events/types.ts';

const page = resolve(import.meta.dirname, '../../docs/events.md');
const begin = '<!-- types: written by npm run docs -->';
const end = '<!-- end of types -->';

type Described = { type?: string | string[]; enum?: unknown[]; anyOf?: Described[]; items?: Described };

function typeOf(schema: TSchema): string {
  const { type, anyOf = [] }: Described = schema;
  const names = [type ?? [], anyOf.map(({ type: each }) => each ?? [])].flat(2);
  return names.length > 0 ? names.join(' or ') : 'anything';
}

function membersOf(schema: { properties: Record<string, TSchema>; required?: string[] }): string {
  const members = Object.entries(schema.properties).map(([name, member]) => {
    const isSure = schema.required?.includes(name) ?? false;
    return `\`${name}\`${isSure ? '' : '?'} ${typeOf(member)}`;
  });
  return members.join(', ');
}

// Members that all events of trainings share are described once, above the table.
const shared = Object.keys(eventData['training.preparing'].properties);

function furtherMembersOf(type: EventType): string {
  const { properties, ...schema } = eventData[type];
  const further = Object.entries(properties).filter(
    ([name]) => !type.startsWith('training.') || !shared.includes(name),
  );
  return membersOf({ ...schema, properties: Object.fromEntries(further) });
}

function table(): string {
  const rows = eventTypes.map((type) => `| \`${type}\` | ${meaningOf(type)} | ${furtherMembersOf(type)} |`);
  return ['| type | meaning | `data`; what has a ? may be missing |', '| --- | --- | --- |', ...rows].join('\n');
}

export async function eventDocs(): Promise<{ actual: string; expected: string }> {
  const actual = await readFile(page, 'utf8');
  const [before = '', rest = ''] = actual.split(begin);
  const [, after = ''] = rest.split(end);
  return { actual, expected: `${before}${begin}\n\n${table()}\n\n${end}${after}` };
}

if (import.meta.main) await writeFile(page, (await eventDocs()).expected);
