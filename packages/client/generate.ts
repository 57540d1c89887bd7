import { readFile, writeFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';

type Answers = Record<string, unknown>;
type Operation = { tags?: string[]; responses: Answers };
type Description = { paths: Record<string, Record<string, Operation>> };

const description = new URL('../../openapi/openapi.json', import.meta.url);
const target = new URL('./src/api.ts', import.meta.url);
const begin = '/* Made from openapi/openapi.json by `npm run openapi`. */\n\n';

/**
 * @param text an OpenAPI 3.1 description
 * @returns its types, without error responses, since those are thrown as ProblemError
 */
export async function typesOf(text: string): Promise<string> {
  const document: Description = JSON.parse(text, (name, value) => (/^examples?$/.test(name) ? undefined : value));
  for (const [path, operations] of Object.entries(document.paths)) {
    if (Object.values(operations).some(({ tags }) => tags?.includes('fal'))) delete document.paths[path];
    for (const operation of Object.values(operations)) operation.responses = successes(operation.responses);
  }
  return begin + astToString(await openapiTS(JSON.stringify(document), { defaultNonNullable: false }));
}

function successes(answers: Answers): Answers {
  return Object.fromEntries(Object.entries(answers).filter(([status]) => status.startsWith('2')));
}

if (import.meta.main) await writeFile(target, await typesOf(await readFile(description, 'utf8')));
