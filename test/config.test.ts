import t from 'tap';
import { makeConfig, noticesOf, readSettings, Settings } from '../src/config.ts';
import { BootError } from '../src/errors.ts';
import { formerNames } from '../src/setting-names.ts';
import { settingsDocs } from './support/settings-docs.ts';

const good = {
  FAL_MODE: 'sandbox',
  FAL_BASE_URL: 'http://127.0.0.1:9999/',
  DATABASE_URL: 'postgresql://likeness:secret@127.0.0.1:5432/likeness',
  STORAGE_URL: 'file:///var/lib/likeness',
  PUBLIC_URL: 'http://127.0.0.1:8787/',
};

function faultOf(work: () => unknown): BootError {
  try {
    work();
  } catch (error) {
    if (error instanceof BootError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

t.test('settings that contradict each other are refused with both names', async (t) => {
  const pairs: [given: Record<string, string>, first: string, second: string][] = [
    [{ FAL_ARCHIVE_EXPIRY_SECONDS: '3599' }, 'FAL_START_TIMEOUT_SECONDS', 'FAL_ARCHIVE_EXPIRY_SECONDS'],
    [{ LORA_EXPIRY_SECONDS: '4499' }, 'LORA_EXPIRY_SECONDS', 'GENERATION_START_TIMEOUT_SECONDS'],
    [{ UNRESOLVED_MAX_SECONDS: '10' }, 'POLL_FIRST_SECONDS', 'UNRESOLVED_MAX_SECONDS'],
    [{ BLOCKED_MAX_SECONDS: '30' }, 'BLOCKED_RETRY_SECONDS', 'BLOCKED_MAX_SECONDS'],
    [{ WEBHOOK_RETRY_LONGEST_SECONDS: '1' }, 'WEBHOOK_RETRY_FIRST_SECONDS', 'WEBHOOK_RETRY_LONGEST_SECONDS'],
    [{ WEBHOOK_GIVE_UP_SECONDS: '4' }, 'WEBHOOK_RETRY_FIRST_SECONDS', 'WEBHOOK_GIVE_UP_SECONDS'],
    [{ WEBHOOK_GIVE_UP_SECONDS: '10000000' }, 'WEBHOOK_GIVE_UP_SECONDS', 'EVENT_RETENTION_DAYS'],
    [
      { RETENTION_INTERVAL_SECONDS: '100000', FAL_WEBHOOK_RETENTION_DAYS: '1' },
      'RETENTION_INTERVAL_SECONDS',
      'FAL_WEBHOOK_RETENTION_DAYS',
    ],
    [{ FAL_BASE_URL: 'http://127.0.0.1:8787/x' }, 'FAL_BASE_URL', 'PUBLIC_URL'],
    [{ FAL_BASE_URL: 'https://queue.fal.run' }, 'FAL_BASE_URL', 'FAL_MODE'],
  ];
  for (const [given, first, second] of pairs) {
    const { message, exitCode } = faultOf(() => makeConfig(readSettings({ ...good, ...given })));
    t.match(message, new RegExp(`^${first} .*${second}`));
    t.equal(message.split('\n').length, 1, 'and nothing else');
    t.equal(exitCode, 78);
  }
});

t.test('settings become a configuration in milliseconds, without the slashes at the end of addresses', async (t) => {
  const config = makeConfig(readSettings({ ...good, POLL_SECONDS: '0.5', PORT: '0' }));
  t.match(config, {
    production: false,
    port: 0,
    publicUrl: 'http://127.0.0.1:8787',
    corsOrigins: [],
    fal: { mode: 'sandbox', baseUrl: 'http://127.0.0.1:9999' },
    training: { pollMs: 500, pollFirstMs: 15_000, deadlineMs: null },
  });
});

t.test('an empty setting counts as none', async (t) => {
  t.match(faultOf(() => makeConfig(readSettings({ ...good, DATABASE_URL: ' ' }))).message, /^DATABASE_URL is not set/);
});

t.test('every bad value is named at once, and none of the values is repeated', async (t) => {
  const { message, exitCode } = faultOf(() =>
    readSettings({ DATABASE_URL: 'mysql://me:hunter2@h/d', FAL_KEY: 'hunter2', PORT: '70000', LOG_LEVEL: 'loud' }),
  );
  t.equal(exitCode, 78);
  t.match(message, /^DATABASE_URL is malformed: /m);
  t.match(message, /^FAL_KEY is malformed\. /m);
  t.match(message, /^PORT must be <= 65535\. /m);
  t.match(message, /^LOG_LEVEL must be one of fatal, /m);
  t.notMatch(message, /hunter2/);
});

const contradictions: [title: string, environment: Record<string, string>, sentence: RegExp][] = [
  ['nothing', {}, /FAL_MODE is not set.*\nDATABASE_URL is not set.*\nPUBLIC_URL is not set.*\nSTORAGE_URL is not set/],
  ['live without a key', { ...good, FAL_MODE: 'live', PUBLIC_URL: 'https://x.example' }, /^FAL_KEY is not set/],
  ['the sandbox with a key', { ...good, FAL_KEY: 'a:b' }, /^FAL_KEY is set, and FAL_MODE is sandbox/],
  ['the sandbox without its address', { ...good, FAL_BASE_URL: '' }, /^FAL_BASE_URL is not set/],
  [
    'live over http',
    { ...good, FAL_MODE: 'live', FAL_KEY: 'a:b' },
    /^PUBLIC_URL must begin with https:\/\/ when FAL_MODE is live/,
  ],
  ['an address that is none', { ...good, DATABASE_URL: 'postgres://h:port/d' }, /^DATABASE_URL is not a well-formed/],
  ...['localhost', '127.0.0.1', '10.1.2.3', '[::1]', 'likeness', 'api.internal', 'mac.local', '169.254.1.1'].map(
    (host): [string, Record<string, string>, RegExp] => [
      `live at ${host}`,
      // From there fal would fetch weights too.
      {
        ...good,
        FAL_MODE: 'live',
        FAL_KEY: 'a:b',
        FAL_BASE_URL: '',
        PUBLIC_URL: `https://${host}`,
        LORA_LINKS: 'signed',
      },
      /^PUBLIC_URL names a host that only this machine or network knows/,
    ],
  ),
];
for (const [title, environment, sentence] of contradictions) {
  t.test(`refused: ${title}`, async (t) => {
    const fault = faultOf(() => makeConfig(readSettings(environment)));
    t.match(fault.message, sentence);
    t.equal(fault.exitCode, 78);
  });
}

const useless: [name: string, value: string, sentence: RegExp][] = [
  ['CORS_ORIGINS', 'https://a.example,*', /names \* beside others/],
  ['CORS_ORIGINS', '*,https://a.example', /names \* beside others/],
  ['CORS_ORIGINS', 'https://*.a.example', /wildcard/],
  ['CORS_ORIGINS', 'a.example', /no origin/],
  ['CORS_ORIGINS', 'null', /no origin/],
  ['CORS_ORIGINS', 'https://a.example/app', /more or less than an origin/],
  ['CORS_ORIGINS', 'https://a.example?x', /more or less than an origin/],
  ['CORS_ORIGINS', 'https://me:hunter2@a.example', /more or less than an origin/],
  ['CORS_ORIGINS', 'localhost:3000', /more or less than an origin/],
  ['TRUSTED_PROXIES', 'nginx', /names nginx: write addresses/],
  ['TRUSTED_PROXIES', '10.0.0.1, 10.0.0.0/33', /10\.0\.0\.0\/33/],
  ['TRUSTED_PROXIES', '0.0.0.0/0', /0\.0\.0\.0\/0/],
  ['TRUSTED_PROXIES', '::/0', /::\/0/],
  ['TRUSTED_PROXIES', 'true', /names true/],
  ['PUBLIC_URL', 'https://a.example/likeness', /has a path/],
  ['PUBLIC_URL', 'https://a.example?x=1', /has a query/],
  ['PUBLIC_URL', 'https://a.example#x', /has a query or a fragment/],
  ['PUBLIC_URL', 'https://me:hunter2@a.example', /holds credentials/],
  ['PUBLIC_URL', 'a.example', /must begin with http/],
  ['FAL_BASE_URL', 'http://me:hunter2@127.0.0.1', /holds credentials/],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://me:hunter2@collector:4318', /holds credentials/],
  ['FAL_KEY', '"id:hunter2"', /quotation marks/],
  ['FAL_KEY', "id:'hunter2'", /malformed/],
  ['FAL_KEY', 'id: hunter2', /malformed/],
  ['DATABASE_URL', "'postgresql://u:hunter2@h/d'", /quotation marks/],
  ['DATABASE_URL', 'postgresql://u:hunter2@h/d?tls=true', /unknown member tls/],
  ['STORAGE_URL', 'file://relative/path', /must begin with/],
  ['STORAGE_URL', 'file:///var/photos?x', /has a query/],
  ['HOST', 'http://0.0.0.0', /no address/],
  ['HOST', '0.0.0.0:8787', /no address/],
  ['HOST', '[::]', /no address/],
  ['NODE_ENV', 'Production', /is not `production`/],
  ['NODE_ENV', 'prod', /is not `production`/],
  ['FAL_TIMEOUT_SECONDS', '3000000', /must be <= 2147483/],
  ['SHUTDOWN_GRACE_SECONDS', 'Infinity', /must be/],
  ['DATABASE_TIMEOUT_SECONDS', '0.0001', /must be >= 0.001/],
];
for (const [name, value, sentence] of useless) {
  t.test(`what could never work is refused: ${name}=${value}`, async (t) => {
    const { message, exitCode } = faultOf(() => makeConfig(readSettings({ ...good, [name]: value })));
    t.match(message, new RegExp(`^${name} .*${sentence.source}`, 'm'));
    t.equal(exitCode, 78);
    t.notMatch(message, /hunter2/);
  });
}

t.test('a setting is read under its former name with a notice, and its present name wins', async (t) => {
  const former = { ...good, WEBHOOK_RETENTION_DAYS: '7' };
  t.equal(makeConfig(readSettings(former)).retention.webhooksDays, 7);
  t.strictSame(noticesOf(former), [
    'WEBHOOK_RETENTION_DAYS is called FAL_WEBHOOK_RETENTION_DAYS now: rename it. Its value is used until then.',
  ]);
  const both = { ...former, FAL_WEBHOOK_RETENTION_DAYS: '9' };
  t.equal(makeConfig(readSettings(both)).retention.webhooksDays, 9);
  t.match(noticesOf(both), [/^WEBHOOK_RETENTION_DAYS is not read, since FAL_WEBHOOK_RETENTION_DAYS/]);
  t.strictSame(noticesOf(good), []);
  t.equal(makeConfig(readSettings({ ...former, FAL_WEBHOOK_RETENTION_DAYS: ' ' })).retention.webhooksDays, 7);
});

t.test('a bad value is named as it was given, under a former name too', async (t) => {
  const { message } = faultOf(() => readSettings({ ...good, WEBHOOK_RETENTION_DAYS: '0' }));
  t.match(message, /^WEBHOOK_RETENTION_DAYS must be >= 1\. /);
});

t.test('former names are names of no setting, and lead to one', async (t) => {
  for (const [former, present] of Object.entries(formerNames)) {
    t.notOk(former in Settings.properties, former);
    t.ok(present in Settings.properties, present);
  }
});

t.test('origins are written as browsers write them', async (t) => {
  const given =
    'https://App.Example/, HTTPS://b.example:443,http://c.example:8080 ,https://bücher.example,capacitor://localhost';
  t.strictSame(makeConfig(readSettings({ ...good, CORS_ORIGINS: given })).corsOrigins, [
    'https://app.example',
    'https://b.example',
    'http://c.example:8080',
    'https://xn--bcher-kva.example',
    'capacitor://localhost',
  ]);
  t.strictSame(makeConfig(readSettings({ ...good, CORS_ORIGINS: '*' })).corsOrigins, ['*']);
});

t.test('live with a key is live', async (t) => {
  const settings = {
    ...good,
    FAL_MODE: 'live',
    FAL_KEY: 'id:secret',
    FAL_BASE_URL: '',
    PUBLIC_URL: 'https://x.example',
  };
  t.match(makeConfig(readSettings(settings)).fal, { mode: 'live', key: 'id:secret', baseUrl: null });
});

t.test('the pages about settings and .env.example list every setting; npm run docs writes them', async (t) => {
  for (const { path, actual, expected } of await settingsDocs()) t.equal(actual, expected, path);
});
