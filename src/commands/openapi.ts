import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { buildApp } from '../app.ts';
import { makeConfig, readSettings } from '../config.ts';
import { developmentFolder, prepareSurroundings } from './development/surroundings.ts';
import { describeApi } from '../openapi.ts';
import { defineCommand } from './command.ts';

const file = resolve(import.meta.dirname, '../../openapi/openapi.json');
// Only the description is read; fal is never called.
const nobody = 'http://127.0.0.1:9';

export const command = defineCommand({
  name: 'openapi',
  summary: 'write the API description of the app to openapi/openapi.json',
  flags: {
    out: {
      type: 'string',
      default: file,
      placeholder: 'FILE',
      description: 'the file to write (openapi/openapi.json)',
    },
  },
  run: async ({ out }) => {
    await using ends = new AsyncDisposableStack();
    const { environment, defaults } = await prepareSurroundings(
      {
        environment: { FAL_MODE: 'sandbox', FAL_BASE_URL: nobody, PORT: '0' },
        sandboxByDefault: false,
        speed: 1,
        folder: resolve(developmentFolder, 'openapi'),
      },
      ends,
    );
    const app = await buildApp(makeConfig(readSettings(environment), defaults), { role: 'api' });
    ends.defer(() => app.close());
    await mkdir(dirname(out), { recursive: true });
    await writeFile(out, await describeApi(app));
    return 0;
  },
});
