import { readFile } from 'node:fs/promises';
import t from 'tap';
import { makeConfig, readSettings } from '../src/config.ts';

const text = await readFile('docker-compose.yml', 'utf8');
const services = new Map(
  (text.split(/^services:$/m)[1] ?? '')
    .split(/^volumes:$/m)[0]
    ?.split(/^ {2}(?=[a-z]+:$)/m)
    .slice(1)
    .map((part) => [part.split(':', 1)[0] ?? '', part]),
);
const partOf = (anchor: string) => new RegExp(`&${anchor}\\n((?: .*\\n)+)`).exec(text)?.[1] ?? '';

t.test('each process of compose has the rights that it needs, and no others', async (t) => {
  t.same([...services.keys()], ['postgres', 'migrate', 'api', 'worker', 'sandbox']);
  for (const right of [/read_only: true/, /cap_drop: \[ALL\]/, /no-new-privileges:true/])
    t.match(partOf('confined'), right);
  t.match(partOf('service'), '<<: *confined');
  for (const [name, part] of services) {
    t.match(part, /mem_limit: \d+[gm]/, `${name} has a limit of memory`);
    if (name === 'postgres') continue;
    t.match(part, /<<: \*(confined|service)/, name);
    t.match(part, /tmpfs: \["\/tmp:size=/, `${name} writes to TMPDIR`);
  }
});

t.test('each process of compose has the secrets that it needs, and no others', async (t) => {
  t.notMatch(text, /\$\{POSTGRES_PASSWORD:-/, 'no password is a default');
  t.match(services.get('worker'), 'FAL_KEY: ${FAL_KEY:-}');
  t.match(services.get('api'), 'FAL_KEY: ""');
  for (const name of ['migrate', 'sandbox', 'postgres'])
    t.notMatch(services.get(name), /FAL_KEY|env_file|\*service/, name);
  t.match(text, 'DATABASE_URL: ${DATABASE_URL:-', 'another database may be named');
});

t.test('an api starts without the key of fal, and nothing else does', async (t) => {
  const settings = readSettings({
    FAL_MODE: 'live',
    FAL_KEY: '',
    DATABASE_URL: 'postgresql://likeness:x@db/likeness',
    STORAGE_URL: 'file:///var/lib/likeness',
    PUBLIC_URL: 'https://likeness.example',
  });
  t.equal(makeConfig(settings, { isKeyless: true }).fal.mode, 'live');
  t.throws(() => makeConfig(settings), /FAL_KEY is not set/);
});
