import t from 'tap';
import { BootError, makeConfig, readSettings } from '../src/config.ts';
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
  t.match(message, /^DATABASE_URL is malformed\. /m);
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
];
for (const [title, environment, sentence] of contradictions) {
  t.test(`refused: ${title}`, async (t) => {
    const fault = faultOf(() => makeConfig(readSettings(environment)));
    t.match(fault.message, sentence);
    t.equal(fault.exitCode, 78);
  });
}

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

t.test('the README and .env.example list every setting; npm run docs writes both', async (t) => {
  for (const { path, actual, expected } of await settingsDocs()) t.equal(actual, expected, path);
});
