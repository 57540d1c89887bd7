import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pino } from 'pino';
import { ConnectionError, createClient, ProblemError } from '../../packages/client/src/index.ts';
import { makeConfig, readSettings } from '../config.ts';
import { BootError } from '../errors.ts';
import { createDisplay } from './demo/display.ts';
import { DemoError, findOwnPhotos } from './demo/own-photos.ts';
import { makeSamplePhotos } from './demo/sample-photos.ts';
import { type Story, tellStory } from './demo/story.ts';
import { summaryOf } from './demo/summary.ts';
import { developmentKey } from './development/api-key.ts';
import { demoDatabase } from './development/demo-database.ts';
import { checkEnvironment, developmentFolder, prepareSurroundings } from './development/surroundings.ts';
import { createLogger } from '../platform/log/logger.ts';
import { closeOnSignals, falModeLine, startService } from '../serve.ts';
import { defineCommand } from './command.ts';

const sandboxSpeed = 40;
const folder = join(developmentFolder, 'demo');

export const command = defineCommand({
  name: 'demo',
  summary: 'train an avatar from photos and make images with it, with a separate service, database and sandbox',
  flags: {
    photos: {
      type: 'string',
      placeholder: 'DIR',
      description: 'your own photos, 10 to 20 of one person (a drawn set)',
    },
    json: { type: 'boolean', default: false, description: 'print one JSON object at the end' },
    sandbox: { type: 'boolean', default: false, description: 'use the sandbox when FAL_MODE is not set' },
  },
  run: async ({ photos: given, json, sandbox }) => {
    const display = createDisplay(json ? process.stderr : process.stdout);
    const logFile = join(folder, 'service.log');
    const ends = new AsyncDisposableStack();
    try {
      const own = given === undefined ? null : await findOwnPhotos(resolve(process.env['INIT_CWD'] ?? '', given));
      const { url, key, mode } = await startDemoService(sandbox, logFile, ends);
      display.say(`${falModeLine[mode]}\nService ${url}, its log in ${logFile}`);
      const photos = own ?? (await makeSamplePhotos(join(folder, 'photos')));
      const story = await tellStory(createClient({ baseUrl: url, token: key }), display, photos, folder);
      display.say('');
      process.stdout.write(json ? jsonOf(story) : summaryOf(story));
      return 0;
    } catch (error) {
      if (!isExplained(error)) throw error;
      display.say(`\n${error.message}`);
      return 1;
    } finally {
      await ends.disposeAsync();
    }
  },
});

function isExplained(error: unknown): error is Error {
  return error instanceof DemoError || error instanceof ProblemError || error instanceof ConnectionError;
}

async function startDemoService(sandboxByDefault: boolean, logFile: string, ends: AsyncDisposableStack) {
  const environment = checkEnvironment({ ...process.env, PORT: '0' }, sandboxByDefault);
  if (environment['FAL_MODE'] !== 'sandbox') {
    throw new BootError('The demo uses the sandbox alone, and FAL_MODE is live: unset it and FAL_KEY for the demo.');
  }
  await mkdir(folder, { recursive: true });
  const log = createLogger('info', pino.destination({ dest: logFile, append: false, sync: true }));
  closeOnSignals(() => ends.disposeAsync(), { graceMs: 5000, log });
  const surroundings = await prepareSurroundings(
    {
      environment: { ...environment, ...(await demoDatabase(environment, ends)) },
      sandboxByDefault,
      speed: sandboxSpeed,
      folder,
    },
    ends,
  );
  const config = makeConfig(readSettings(surroundings.environment), surroundings.defaults);
  const service = await startService(config, 'all', log);
  ends.defer(service.close);
  const { key } = await developmentKey(service.app, folder);
  return { url: service.url, key, mode: config.fal.mode };
}

function jsonOf(story: Story): string {
  return `${JSON.stringify(story)}\n`;
}
