import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify, { type FastifyInstance } from 'fastify';
import { createClock } from './clock.ts';
import type { Context } from './context.ts';
import { registerCdn } from './cdn-routes.ts';
import { registerControl } from './control-routes.ts';
import { publishArtifacts } from './artifacts.ts';
import { createFaults } from './faults.ts';
import { registerFiles } from './file-routes.ts';
import { createFiles } from './files.ts';
import { publishImages } from './images.ts';
import { openJournal } from './journal.ts';
import { createLoras } from './loras.ts';
import { mappedFetch } from './mapping.ts';
import { registerPlatform } from './platform-routes.ts';
import { createQueue } from './queue.ts';
import { registerQueue } from './queue-routes.ts';
import type { Sandbox, SandboxOptions } from './sandbox.ts';
import { defaultSettings } from './settings.ts';
import { createSigningKeys } from './signing.ts';
import { registerStorage } from './storage-routes.ts';
import { createSubmissions } from './submissions.ts';
import { createWebhooks } from './webhooks.ts';

export type { FaultRule } from './faults.ts';
export type { Sandbox, SandboxOptions } from './sandbox.ts';

/** fal's file names may be long. */
const maxParamLength = 2000;

/** Builds fal.ai as one server: `https://HOST/PATH` of fal is `/HOST/PATH`. Does not listen yet. */
export function buildSandbox(options: SandboxOptions = {}): Sandbox {
  const { dataDir } = options;
  // Before any folder is created, since it throws for an invalid rule.
  const faults = createFaults(options.faults);
  if (dataDir) mkdirSync(dataDir, { recursive: true });
  const folder = dataDir ?? mkdtempSync(join(tmpdir(), 'fal-sandbox-'));
  const journal = openJournal(dataDir ? join(folder, 'journal.jsonl') : null);
  const context = createContext(options, { faults, folder, journal });
  const webhooks = createWebhooks(context);
  const queue = createQueue(context, webhooks.send);
  for (const trained of journal.kept.trained.values()) publishArtifacts(context, trained);
  for (const generated of journal.kept.generated.values()) publishImages(context, generated);
  queue.resume(journal.kept);
  const submissions = createSubmissions();
  const app = createApp();
  let address: string | null = null;

  const url = (): string => {
    if (address === null) throw new Error('the sandbox does not listen yet');
    return address;
  };
  const { userId, clock, settings, signing, files, loras } = context;
  const sandbox: Sandbox = {
    app,
    userId,
    clock,
    faults,
    settings,
    signing,
    files,
    loras,
    queue,
    submissions,
    webhooks,
    url,
    fetch: (input, init) => mappedFetch(url())(input, init),
    async listen({ port = 0, host = '127.0.0.1' } = {}) {
      address = await app.listen({ port, host });
      return address;
    },
    async close() {
      journal.note({ kind: 'clock', now: clock.now() });
      clock.stop();
      await webhooks.close();
      await app.close();
      if (!dataDir) rmSync(folder, { recursive: true, force: true });
    },
  };
  registerQueue(app, { context, queue, submissions, webhooks });
  registerStorage(app, context);
  registerCdn(app, context);
  registerFiles(app, context);
  registerPlatform(app, context, queue);
  registerControl(app, sandbox);
  return sandbox;
}

type Kept = Pick<Context, 'faults' | 'folder' | 'journal'>;

function createContext(options: SandboxOptions, { faults, folder, journal }: Kept): Context {
  const onError = options.onError ?? ((error: unknown) => process.stderr.write(`sandbox: ${String(error)}\n`));
  const settings = { ...defaultSettings, ...options.settings };
  return {
    key: options.key ?? null,
    userId: options.userId ?? 'github|sandbox',
    allowPrivateWebhooks: options.allowPrivateWebhooks ?? false,
    folder,
    clock: createClock({
      speed: options.speed ?? 1,
      patienceMs: options.patienceMs ?? 2000,
      onError,
      // Time stands still while no process runs, so a half-trained job still is.
      ...(journal.kept.now !== null && { begin: journal.kept.now }),
    }),
    faults,
    settings,
    signing: createSigningKeys(options.dataDir && join(folder, 'keys.json')),
    files: createFiles(join(folder, 'files'), journal),
    loras: createLoras(() => settings.lora_cache === 'url'),
    journal,
    onError,
  };
}

/** Bodies are kept as received text; an empty one with a JSON content type is allowed. */
function createApp(): FastifyInstance {
  const app = fastify({
    logger: false,
    forceCloseConnections: true,
    bodyLimit: 20 * 1024 ** 2,
    routerOptions: { maxParamLength, ignoreTrailingSlash: true },
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  return app;
}
