import { type Command, helpOf, UsageError } from './commands/command.ts';
import { readEnvFile } from './env-file.ts';
import { withoutSecrets } from './platform/redaction.ts';
import { closestTo } from './spelling.ts';
import { version } from './version.ts';

type Entry = {
  summary: string;
  load: () => Promise<{ command: Command }>;
  /** The command that replaces this one; the old name works with its exit codes and is not listed. */
  now?: string;
};

/** Each command is loaded on demand, so that small ones start fast. */
const commands: Record<string, Entry> = {
  serve: { summary: 'run the service', load: () => import('./commands/serve.ts') },
  start: {
    summary: 'run the service with everything it needs, for development',
    load: () => import('./commands/start.ts'),
  },
  dev: { summary: 'like start, and restart the service when a file changes', load: () => import('./commands/dev.ts') },
  demo: { summary: 'train an avatar from photos and make images with it', load: () => import('./commands/demo.ts') },
  sandbox: { summary: 'run the sandbox that emulates fal', load: () => import('./commands/sandbox.ts') },
  'db migrate': {
    summary: 'migrate the database to the version of this code',
    load: () => import('./commands/db-migrate.ts'),
  },
  'db status': {
    summary: 'show which migrations are applied and which are pending',
    load: () => import('./commands/db-status.ts'),
  },
  'db check': { summary: 'compare model, migrations and database', load: () => import('./commands/db-check.ts') },
  'db doctor': {
    summary: 'examine configuration, server, privileges, history and schema',
    load: () => import('./commands/db-doctor.ts'),
  },
  'db repair': {
    summary: 'undo manual changes of a database',
    load: () => import('./commands/db-repair.ts'),
  },
  'db accept': { summary: 'accept a difference', load: () => import('./commands/db-accept.ts') },
  'db stamp': {
    summary: 'record migrations as applied without running them',
    load: () => import('./commands/db-stamp.ts'),
  },
  'db reset': { summary: 'rebuild the history, or empty the database', load: () => import('./commands/db-reset.ts') },
  'db adopt': {
    summary: 'adopt the database of the earlier system',
    load: () => import('./commands/db-adopt.ts'),
  },
  'db report': {
    summary: 'report the state of the database and its history',
    load: () => import('./commands/db-report.ts'),
  },
  'db lint': { summary: 'find hazards in the migrations', load: () => import('./commands/db-lint.ts') },
  'db generate': {
    summary: 'generate a migration from changes of the model',
    load: () => import('./commands/db-generate.ts'),
  },
  'keys create': { summary: 'create an API key and show it once', load: () => import('./commands/keys-create.ts') },
  'keys list': { summary: 'list API keys', load: () => import('./commands/keys-list.ts') },
  'keys rotate': { summary: 'replace an API key by a new one', load: () => import('./commands/keys-rotate.ts') },
  'keys revoke': { summary: 'revoke an API key', load: () => import('./commands/keys-revoke.ts') },
  'avatars list': { summary: 'list avatars', load: () => import('./commands/avatars-list.ts') },
  'avatars show': { summary: 'show an avatar', load: () => import('./commands/avatars-show.ts') },
  'trainings list': { summary: 'list trainings', load: () => import('./commands/trainings-list.ts') },
  'trainings show': { summary: 'show a training', load: () => import('./commands/trainings-show.ts') },
  'trainings watch': {
    summary: 'follow a training to its end, with a progress bar',
    load: () => import('./commands/trainings-watch.ts'),
  },
  'trainings resolve': {
    summary: 'settle a submission whose outcome is unknown',
    load: () => import('./commands/trainings-resolve.ts'),
  },
  'generations list': { summary: 'list generations', load: () => import('./commands/generations-list.ts') },
  'generations show': {
    summary: 'show a generation, and save its images',
    load: () => import('./commands/generations-show.ts'),
  },
  'generations watch': {
    summary: 'follow a generation to its end, and save its images',
    load: () => import('./commands/generations-watch.ts'),
  },
  'packs import': {
    summary: 'write the packs of a JSON file, or a shipped one: portrait, studio',
    load: () => import('./commands/packs-import.ts'),
  },
  'packs list': { summary: 'list packs', load: () => import('./commands/packs-list.ts') },
  'packs export': { summary: 'print a pack as JSON', load: () => import('./commands/packs-export.ts') },
  'loras fetch': {
    summary: 'fetch the weights of avatars that the earlier system trained',
    load: () => import('./commands/loras-fetch.ts'),
  },
  'db plan': {
    summary: 'show the SQL of pending migrations; exit code 2 if there are any',
    load: () => import('./commands/db-plan.ts'),
    now: 'db migrate --dry-run',
  },
  'db resolve': {
    summary: 'decide how a half-applied migration continues',
    load: () => import('./commands/db-resolve.ts'),
    now: 'db migrate --continue, db migrate --restart or db stamp',
  },
  'db catalog': {
    summary: 'write migrations/catalog.json, which checks compare with',
    load: () => import('./commands/db-catalog.ts'),
    now: 'db generate --catalog-only',
  },
  openapi: { summary: 'write openapi/openapi.json', load: () => import('./commands/openapi.ts') },
};

const usageExitCode = 64;
const settingsExitCode = 78;

/** @returns the exit code; undefined while a service keeps running */
export async function main(args: string[]): Promise<number | undefined> {
  // The environment takes precedence over the file.
  try {
    for (const [name, value] of Object.entries(readEnvFile('.env'))) process.env[name] ??= value;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return settingsExitCode;
  }
  if (args[0] === '--version' || args[0] === 'version') {
    process.stdout.write(`likeness ${version}\n`);
    return 0;
  }
  const found = findCommand(args);
  if (!found) return listCommands(args);
  const { command } = await found.entry.load();
  if (wantsHelp(found.rest)) {
    process.stdout.write(helpOf(command));
    if (found.entry.now !== undefined) process.stdout.write(`\nNow: likeness ${found.entry.now}\n`);
    return 0;
  }
  try {
    return await command.run(found.rest);
  } catch (error) {
    return report(error, command);
  }
}

// Arguments after `--` are not parsed.
function wantsHelp(args: string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end === -1 ? args.length : end).includes('--help');
}

function findCommand(args: string[]): { entry: Entry; rest: string[] } | undefined {
  for (const words of [2, 1]) {
    const entry = commands[args.slice(0, words).join(' ')];
    if (entry && args.length >= words) return { entry, rest: args.slice(words) };
  }
  return undefined;
}

function listCommands([name, second]: string[]): number {
  const names = Object.keys(commands).filter((each) => commands[each]?.now === undefined);
  const width = Math.max(...names.map((each) => each.length)) + 2;
  const group = names.filter((each) => each.startsWith(`${name} `));
  const listed = group.length > 0 ? group : names;
  const list = listed.map((each) => `  ${each.padEnd(width)}${commands[each]?.summary}\n`).join('');
  const text = `Usage: likeness COMMAND [flags]; likeness COMMAND --help says more, and likeness --version which one it is.\n\n${list}`;
  if (name === undefined || name === '--help' || name === 'help' || (group.length > 0 && second === '--help')) {
    process.stdout.write(text);
    return name === undefined ? usageExitCode : 0;
  }
  const given = [name, second].filter((word) => word && !word.startsWith('-')).join(' ') || name;
  const meant = closestTo(given, names) ?? closestTo(name, names);
  const question = meant === undefined ? '' : ` Did you mean \`likeness ${meant}\`?`;
  const other = group.length > 0 ? `likeness ${name} --help` : 'likeness --help';
  process.stderr.write(`There is no command \`${withoutSecrets(given)}\`.${question} \`${other}\` lists them all.\n`);
  return usageExitCode;
}

async function report(error: unknown, command: Command): Promise<number> {
  if (error instanceof UsageError) {
    process.stderr.write(`${withoutSecrets(error.message)}\n\n${helpOf(command)}`);
    return usageExitCode;
  }
  // Loaded late: the schemas of settings load more slowly than most commands run.
  const { explainStartFault } = await import('./start-faults.ts');
  const { message, exitCode, stack } = explainStartFault(error);
  process.stderr.write(`${withoutSecrets(message)}\n`);
  if (stack !== undefined) process.stderr.write(`${withoutSecrets(stack)}\n`);
  return exitCode;
}
