import { type Fetched, fetchAdopted } from '../features/loras/fetch-adopted.ts';
import { type Unfetched, unfetchedAvatars } from '../features/loras/adopted.ts';
import type { App } from '../app.ts';
import { defineCommand } from './command.ts';
import { printList } from './table.ts';
import { withApp } from './with-app.ts';
import { checkId } from './with-database.ts';

type Line = {
  avatar_id: string;
  outcome: 'fetched' | 'fetchable' | 'failed';
  /** Null unless it failed. */
  reason: string | null;
  training_id: string | null;
  size: number | null;
  config: boolean | null;
};

export const command = defineCommand({
  name: 'loras fetch',
  summary: 'fetch and store the weights of avatars that the earlier system trained',
  flags: {
    avatar: { type: 'string', placeholder: 'ID', description: 'only those of this avatar' },
    'dry-run': {
      type: 'boolean',
      default: false,
      description: 'only list the avatars, and ask nobody for their weights',
    },
    json: { type: 'boolean', default: false, description: 'print one JSON object a line' },
  },
  run: async ({ avatar, 'dry-run': isDry, json }) => {
    if (avatar !== undefined) checkId('an avatar', avatar);
    return withApp(async (app) => {
      const lines: Line[] = [];
      // One at a time: the files are large, and their server may be one that is asked for nothing else.
      for await (const unfetched of unfetchedAvatars(app.db, avatar)) {
        const line = isDry ? foreseen(unfetched) : await fetchOne(app, unfetched);
        if (json) printList({ data: [line] }, true, () => ({}));
        else if (!isDry) process.stderr.write(`${line.avatar_id} ${line.outcome} ${line.reason ?? ''}\n`);
        lines.push(line);
      }
      if (!json) printTable(lines);
      return lines.some(({ outcome }) => outcome === 'failed') ? 1 : 0;
    });
  },
});

function foreseen({ avatarId, loraUrl }: Unfetched): Line {
  if (loraUrl === null) return lineOf(avatarId, { fetched: false, reason: 'no-address' });
  const nothing = { training_id: null, size: null, config: null };
  return { avatar_id: avatarId, outcome: 'fetchable', reason: null, ...nothing };
}

async function fetchOne(app: App, unfetched: Unfetched): Promise<Line> {
  return lineOf(unfetched.avatarId, await fetchAdopted(app, unfetched, new AbortController().signal));
}

function lineOf(avatarId: string, result: Fetched): Line {
  if (!result.fetched) {
    const { reason } = result;
    return { avatar_id: avatarId, outcome: 'failed', reason, training_id: null, size: null, config: null };
  }
  const { trainingId, size, hasConfig } = result;
  return { avatar_id: avatarId, outcome: 'fetched', reason: null, training_id: trainingId, size, config: hasConfig };
}

function printTable(lines: readonly Line[]): void {
  printList({ data: lines }, false, ({ avatar_id, outcome, reason, size }) => ({
    avatar: avatar_id,
    outcome,
    reason: reason ?? '',
    bytes: size ?? '',
  }));
}
