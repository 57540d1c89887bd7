import type { App } from './app.ts';

/** @returns what /openapi.json answers, as the text of a file that people read and compare */
export async function describeApi(app: App): Promise<string> {
  const { body } = await app.inject('/openapi.json');
  return `${JSON.stringify(JSON.parse(body), null, 2)}\n`;
}
