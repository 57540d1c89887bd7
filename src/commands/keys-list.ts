import type { Db } from '../platform/db/client.ts';
import { findKeys, type ShownKey } from '../features/keys/store.ts';
import { keyView } from '../features/keys/view.ts';
import { defineCommand } from './command.ts';
import { withDatabase } from './with-database.ts';

const page = 100;

export const command = defineCommand({
  name: 'keys list',
  summary: 'list API keys, newest first',
  flags: {
    all: { type: 'boolean', default: false, description: 'include revoked and expired keys' },
    json: { type: 'boolean', default: false, description: 'print one JSON object a line' },
  },
  run: ({ all, json }) =>
    withDatabase('keys', async ({ db }) => {
      for await (const key of everyKey(db)) {
        const view = keyView(key);
        if (!all && view.status !== 'active') continue;
        process.stdout.write(`${json ? JSON.stringify(view) : lineOf(view)}\n`);
      }
      return 0;
    }),
});

async function* everyKey(db: Db): AsyncGenerator<ShownKey> {
  for (let after: { createdAt: string; id: string } | null = null; ; ) {
    const found: Awaited<ReturnType<typeof findKeys>> = await findKeys(db, { after, limit: page });
    yield* found.map(({ key }) => key);
    const last = found.at(-1);
    if (!last || found.length < page) return;
    after = { createdAt: last.position, id: last.key.id };
  }
}

function lineOf(key: ReturnType<typeof keyView>): string {
  const used = key.last_used_at ? `used ${key.last_used_at.slice(0, 16)}Z` : 'never used';
  const ends = key.expires_at ? `, ends ${key.expires_at.slice(0, 16)}Z` : '';
  const replaced = key.replaced_by ? `, replaced by ${key.replaced_by}` : '';
  return [
    key.id,
    key.status.padEnd(7),
    `${key.prefix}…`,
    key.name,
    key.scopes.join(','),
    `${used}${ends}${replaced}`,
  ].join('  ');
}
