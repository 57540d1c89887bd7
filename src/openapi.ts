import type { App } from './app.ts';

/** The text of openapi.json, formatted for review. */
export async function describeApi(app: App): Promise<string> {
  const { body } = await app.inject('/openapi.json');
  return `${JSON.stringify(JSON.parse(body), null, 2)}\n`;
}
