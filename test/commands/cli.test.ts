import { spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { type Command, takenBy } from '../../src/commands/command.ts';
import { command as keysCreate } from '../../src/commands/keys-create.ts';
import { command as serve } from '../../src/commands/serve.ts';
import { prepareSurroundings } from '../../src/commands/development/surroundings.ts';
import { hashKey } from '../../src/features/keys/secret.ts';
import { runCommand, startCommand } from '../support/command.ts';
import { runShowing } from '../support/in-process.ts';
import { createTestDatabase, queryOnce } from '../support/postgres.ts';

t.test('says what it can do', async (t) => {
  const help = await runCommand(t, ['--help']);
  t.equal(help.code, 0);
  for (const name of ['serve', 'start', 'dev', 'demo', 'sandbox', 'db migrate', 'keys create', 'openapi']) {
    t.match(help.stdout, new RegExp(`^  ${name} +\\w`, 'm'));
  }
  const group = await runCommand(t, ['db', '--help']);
  t.match(group, { code: 0, stdout: /^ {2}db migrate/m });
  t.notMatch(group.stdout, /^ {2}serve/m);
  const one = await runShowing(['keys', 'create', '--help']);
  t.match(one, { code: 0, stdout: /--expires-in TIME/ });
});

t.test('exits 64 on a command line that it does not understand', async (t) => {
  t.match(await runCommand(t, ['fly']), { code: 64, stderr: /^There is no command `fly`\./ });
  const { code, stderr } = await runShowing(['keys', 'create', '--fast']);
  t.equal(code, 64);
  t.match(stderr, /^There is no flag --fast\.\n/);
  t.match(stderr, /--expires-in TIME/, 'and shows what it takes');
});

t.test('an unknown command is told in one line, with the one that was meant', async (t) => {
  for (const [args, meant] of [
    [['serv'], 'serve'],
    [['db', 'migrat'], 'db migrate'],
    [['db', 'chekc'], 'db check'],
    [['keys', 'creat', '--name', 'x'], 'keys create'],
  ] as const) {
    const { code, stderr } = await runShowing([...args]);
    t.equal(code, 64);
    t.match(stderr, `Did you mean \`likeness ${meant}\`?`);
    t.equal(stderr.trimEnd().split('\n').length, 1);
  }
  t.notMatch((await runShowing(['fly'])).stderr, 'Did you mean');
  t.match((await runShowing(['serve', '--rol', 'api'])).stderr, /^There is no flag --rol\. Did you mean --role\?\n/);
});

t.test('a command for the database that is given the flag of another one names that one', async (t) => {
  const folder = new URL('../../src/commands/', import.meta.url);
  const files = (await readdir(folder)).filter((file) => /^db-(?!plan|resolve|catalog)/.test(file));
  const loaded = files.map(async (file): Promise<{ command: Command }> => import(new URL(file, folder).href));
  const commands = (await Promise.all(loaded)).map(({ command }) => command);
  t.equal(commands.length, 12);
  for (const [flag, takers] of Object.entries(takenBy)) {
    const found = commands.filter(({ flags }) => Object.hasOwn(flags, flag)).map(({ name }) => name);
    t.same(found.sort(), takers.toSorted(), flag);
    for (const { name } of commands.filter((each) => !takers.includes(each.name))) {
      const { code, stderr } = await runShowing([...name.split(' '), `--${flag}`]);
      t.equal(code, 64, `${name} --${flag}`);
      t.match(stderr, `likeness ${name} takes no --${flag}: it is a flag of ${takers.join(', ')}.`);
    }
  }
});

t.test('says its version', async (t) => {
  const { version } = JSON.parse(await readFile('package.json', 'utf8'));
  for (const word of ['--version', 'version']) {
    t.strictSame(await runShowing([word]), { code: 0, stdout: `likeness ${version}\n`, stderr: '' });
  }
});

t.test('a .env file of any editor is read whole, and one that can not be is refused', async (t) => {
  const windows = t.testdir({ '.env': '\uFEFFPORT=abc\r\nLOG_LEVEL=loud\r\nFAL_MODE=sandbox\r\n' });
  const { code, stderr } = await runCommand(t, ['serve'], {}, windows);
  t.equal(code, 78);
  t.match(stderr, /^PORT must be integer\./m);
  t.match(stderr, /^LOG_LEVEL must be one of/m);
  t.notMatch(stderr, 'FAL_MODE');
  const utf16 = t.testdir({ '.env': Buffer.from('\uFEFFPORT=1', 'utf16le') });
  t.match(await runCommand(t, ['serve'], {}, utf16), { code: 78, stderr: /is not in UTF-8/ });
});

t.test('what is almost a setting is warned of', async (t) => {
  const { stderr } = await runCommand(t, ['serve'], { CORS_ORIGIN: 'x', STORAGE_URl: 'x', HOMES: 'x' });
  t.match(stderr, 'CORS_ORIGIN is no setting, and is not read: did you mean CORS_ORIGINS?');
  t.match(stderr, 'STORAGE_URl is no setting, and is not read: did you mean STORAGE_URL?');
  t.notMatch(stderr, 'HOMES');
});

const usageFaults: [command: Command, args: string[], sentence: RegExp][] = [
  [serve, ['--role', 'king'], /^--role must be one of api, worker, all, not "king"\./],
  [serve, ['now'], /^"now" is one word too many/],
  [keysCreate, ['--scope', 'admin'], /^--name says what the key is for, and is missing\./],
  [keysCreate, ['--name', 'x'], /^--scope is missing\. The scopes are avatars:read, /],
  [keysCreate, ['--name', 'x', '--scope', 'admin', '--expires-in', 'soon'], /^--expires-in takes a time such as 90d/],
];
for (const [command, args, sentence] of usageFaults) {
  t.test(`refuses ${command.name} ${args.join(' ')}`, async (t) => {
    await t.rejects(command.run(args), { name: 'UsageError', message: sentence });
  });
}

t.test('makes a key that is shown once and kept as a hash', async (t) => {
  const { url } = await createTestDatabase(t);
  const args = [
    'keys',
    'create',
    '--name',
    'bot',
    '--scope',
    'avatars:read,avatars:write',
    '--scope',
    'trainings:write',
  ];
  const { code, stdout } = await runCommand(t, [...args, '--expires-in', '90d'], { DATABASE_URL: url });
  t.equal(code, 0);
  const key = stdout.trim();
  t.match(key, /^lk_[\w-]{43}$/);
  const [row] = await queryOnce(url, 'select * from api_keys where key_hash = $1', [hashKey(key)]);
  t.match(row, { name: 'bot', scopes: ['avatars:read', 'avatars:write', 'trainings:write'] });
  const days = (row?.['expires_at'].getTime() - row?.['created_at'].getTime()) / 86_400_000;
  t.ok(Math.abs(days - 90) < 0.01);

  const unknown = await runShowing(['keys', 'create', '--name', 'bot', '--scope', 'fly']);
  t.match(unknown, { code: 64, stderr: /unknown scope fly/ });
});

t.test('runs the sandbox as a process of its own, with its own flags', async (t) => {
  t.match(await runCommand(t, ['sandbox', '--', '--help']), { code: 0, stdout: /--webhooks-to-loopback/ });
  const sandbox = startCommand(t, ['sandbox', '--port', '0', '--speed', '7']);
  await sandbox.shows('"sandbox":"ready"');
  const { url } = JSON.parse(sandbox.stdout());
  t.match(await (await fetch(`${url}/_sandbox/clock`)).json(), { speed: 7 });
  sandbox.child.kill('SIGTERM');
  t.equal(await sandbox.ended, 0);
});

t.test('reads settings from a .env file, and the environment goes before them', async (t) => {
  const folder = t.testdir({ '.env': 'PORT=abc\nLOG_LEVEL=loud\n' });
  const { code, stderr } = await runCommand(t, ['serve'], { LOG_LEVEL: 'info' }, folder);
  t.equal(code, 78);
  t.match(stderr, /^PORT must be integer\./);
  t.notMatch(stderr, 'LOG_LEVEL');
});

t.test('a start that must not be ends with 78 and a sentence', async (t) => {
  const { code, stdout, stderr } = await runCommand(t, ['start', '--sandbox'], { FAL_KEY: 'id:hunter2' });
  t.equal(code, 78);
  t.equal(
    stderr,
    'FAL_KEY is set, but FAL_MODE is not: say FAL_MODE=live to pay fal with that key, or unset it to use the sandbox.\n',
  );
  t.equal(stdout, '');
});

const guards: [title: string, environment: Record<string, string>, sentence: RegExp][] = [
  [
    'a key for fal, and the sandbox',
    { FAL_KEY: 'id:hunter2', FAL_MODE: 'sandbox' },
    /^FAL_KEY is set, and FAL_MODE is/,
  ],
  ['production', { NODE_ENV: 'production', FAL_MODE: 'sandbox' }, /^This is a start for development, and NODE_ENV is/],
  ['no mode, outside the npm scripts', {}, /^FAL_MODE is not set/],
  ['live, and no key', { FAL_MODE: 'live' }, /^FAL_KEY is not set/],
];
for (const [title, environment, sentence] of guards) {
  t.test(`a development start is refused before it makes anything: ${title}`, async (t) => {
    const ends = new AsyncDisposableStack();
    const folder = t.testdir();
    const start = prepareSurroundings({ environment, sandboxByDefault: false, speed: 1, folder }, ends);
    await t.rejects(start, { name: 'BootError', message: sentence, exitCode: 78 });
    t.same(await readdir(folder), []);
  });
}

t.test(
  'the entry says to old versions of Node what it needs, before it loads anything that they cannot read',
  async (t) => {
    const packageJson = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
    t.match(packageJson.engines, { node: '>=24' });
    const entry = fileURLToPath(new URL(`../../${packageJson.bin.likeness}`, import.meta.url));
    // As Node 18 would be: it says that it is, and strips no types.
    const old = `Object.defineProperty(process.versions, 'node', { value: '18.20.8' })`;
    const flags = ['--no-strip-types', '--import', `data:text/javascript,${encodeURIComponent(old)}`];
    const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, entry, '--help'], { encoding: 'utf8' });
    t.equal(status, 1, stderr);
    t.equal(stdout, '');
    t.match(stderr, /^Likeness needs Node 24 or newer, and this is 18\.20\.8: .*\n$/);
  },
);
