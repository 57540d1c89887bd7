import { type Answer, summarize } from './document.ts';

const formatVersion = 1;

export function renderJson({ command, database, serverVersion, findings, data }: Answer): string {
  const answer = { formatVersion, command, database, serverVersion, summary: summarize(findings), findings, ...data };
  return `${JSON.stringify(answer, null, 2)}\n`;
}
