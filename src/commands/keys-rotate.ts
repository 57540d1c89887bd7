import { rotateKey } from '../features/keys/rotate-key.ts';
import { longestOverlapSeconds } from '../features/keys/schemas.ts';
import { defineCommand, UsageError } from './command.ts';
import { checkKeyId, durationMs, printKey } from './keys-command.ts';
import { withDatabase } from './with-database.ts';

export const command = defineCommand({
  name: 'keys rotate',
  summary: 'replace an API key by a new one, shown once',
  operands: ['ID'],
  flags: {
    overlap: {
      type: 'string',
      default: '24h',
      placeholder: 'TIME',
      description: 'how long the old key still works, up to 30d (24h)',
    },
    json: { type: 'boolean', default: false, description: 'print one JSON object' },
  },
  run: async ({ overlap, json }, [id = '']) => {
    checkKeyId(id);
    const overlapMs = durationMs('overlap', overlap, { least: 0 });
    if (overlapMs > longestOverlapSeconds * 1000) throw new UsageError('--overlap takes 30d at most.');
    return withDatabase('keys', async (database) => {
      const { old, made } = await rotateKey(database, id, overlapMs);
      printKey(made, json);
      process.stderr.write(`The old key works until ${old.expires_at?.toISOString()}.\n`);
      return 0;
    });
  },
});
