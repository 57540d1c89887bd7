import { readOptions } from './options.ts';
import { buildSandbox } from './server.ts';

const { listen, sandbox: options, exitWithParent, help } = readOptions(process.argv.slice(2), process.env);

if (help !== null) {
  process.stdout.write(help);
} else {
  const sandbox = buildSandbox(options);
  const end = (): void => {
    void sandbox.close().then(() => process.exit(0));
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  if (process.connected) process.once('disconnect', end);
  if (exitWithParent) process.stdin.once('end', end).once('error', end).resume();
  const url = await sandbox.listen(listen);
  process.stdout.write(`${JSON.stringify({ sandbox: 'ready', url })}\n`);
}
