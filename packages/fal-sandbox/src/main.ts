import { flushCompileCache } from 'node:module';
import { readOptions, type Started } from './options.ts';
import { buildSandbox } from './server.ts';

/** Exit code for a wrong command line (EX_USAGE of sysexits.h). */
const badUsage = 64;

async function run({ listen, sandbox: options, exitWithParent }: Started): Promise<void> {
  const sandbox = buildSandbox(options);
  const end = (): void => {
    void sandbox.close().finally(() => process.exit(0));
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  if (process.connected) process.once('disconnect', end);
  if (exitWithParent) process.stdin.once('end', end).once('error', end).resume();
  const url = await sandbox.listen(listen).catch(async (error: unknown) => {
    await sandbox.close();
    throw error;
  });
  process.stdout.write(`${JSON.stringify({ sandbox: 'ready', url })}\n`);
  // NODE_COMPILE_CACHE is written at a regular exit only, and this process may be killed.
  flushCompileCache();
}

function sentenceOf(error: unknown): string {
  return `sandbox: ${error instanceof Error ? error.message : String(error)}\n`;
}

try {
  const started = readOptions(process.argv.slice(2), process.env);
  if (started.help === null) {
    await run(started).catch((error: unknown) => {
      process.stderr.write(sentenceOf(error));
      process.exitCode = 1;
    });
  } else {
    process.stdout.write(started.help);
  }
} catch (error) {
  process.stderr.write(sentenceOf(error));
  process.exitCode = badUsage;
}
