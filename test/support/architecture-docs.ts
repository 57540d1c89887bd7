import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { getTableName, is } from 'drizzle-orm';
import { PgTable } from 'drizzle-orm/pg-core';
import * as schema from '../../src/platform/db/schema.ts';
import { topics } from '../../src/topics.ts';
import { picture } from './architecture-picture.ts';
import { importGraph } from './import-graph.ts';

const root = resolve(import.meta.dirname, '../..');
const page = join(root, 'docs/architecture.md');

/** One step of a way: its trigger, and the files in order, named by the end of their path. */
type Stage = { start: string; files: string[]; wakes?: string };
type Way = { title: string; stages: Stage[] };

const ways: Way[] = [
  {
    title: 'A training is started and paid',
    stages: [
      {
        start: 'every request under /v1',
        files: ['src/app.ts', 'plugins/authentication.ts', 'plugins/route-rules.ts'],
      },
      {
        start: 'POST /v1/avatars/{id}/trainings',
        files: [
          'trainings/routes.ts',
          'idempotency/idempotency.ts',
          'trainings/start.ts',
          'trainings/manifest.ts',
          'trainers/settings.ts',
          'queue-room.ts',
          'fal-jobs/create.ts',
          'events/publish.ts',
        ],
        wakes: 'dispatch',
      },
      {
        start: 'job `jobs.dispatch`',
        files: ['dispatch.ts', 'circuit.ts', 'places.ts', 'advance.ts', 'fal-jobs/lifecycle.ts', 'fal-jobs/changes.ts'],
        wakes: 'job:training.submit',
      },
      {
        start: 'job `training.submit`',
        files: [
          'trainings/machine.ts',
          'submit.ts',
          'trainings/prepare.ts',
          'archive.ts',
          'fal-jobs/token.ts',
          'fal-signals.ts',
        ],
      },
      {
        start: '… which calls fal',
        files: [
          'plugins/fal.ts',
          'fal/client.ts',
          'fal/upload.ts',
          'recorded-fetch.ts',
          'fal/fetch.ts',
          'fal/answers.ts',
        ],
      },
    ],
  },
  {
    title: 'A webhook of fal becomes a result, an event and a delivery',
    stages: [
      {
        start: 'POST /webhooks/fal',
        files: ['inbox/routes.ts', 'inbox/receive.ts', 'signature.ts', 'fal-jobs/token.ts', 'inbox-writer.ts'],
        wakes: 'inbox',
      },
      {
        start: 'job `webhooks.drain`',
        files: [
          'drain.ts',
          'apply-webhook.ts',
          'fal/webhook-body.ts',
          'fal-signals.ts',
          'advance.ts',
          'fal-jobs/lifecycle.ts',
          'fal-jobs/changes.ts',
        ],
        wakes: 'job:training.verify',
      },
      {
        start: 'job `training.verify`',
        files: ['trainings/machine.ts', 'verify.ts', 'fetch-artifacts.ts', 'safetensors.ts', 'advance.ts'],
        wakes: 'eventsPublished',
      },
      { start: 'job `events.sequence`', files: ['sequence.ts'], wakes: 'eventsSequenced' },
      { start: 'job `endpoints.fan-out`', files: ['fan-out.ts', 'delivery-store.ts'], wakes: 'deliveries' },
      { start: 'job `endpoints.deliver`', files: ['deliver.ts', 'sender.ts', 'record.ts', 'retry.ts'] },
      { start: 'GET /v1/events/stream', files: ['stream-route.ts', 'stream.ts', 'tail.ts', 'frames.ts'] },
    ],
  },
  {
    title: 'The bytes of a photo',
    stages: [
      {
        start: 'POST /v1/avatars/{id}/photos',
        files: [
          'photos/routes.ts',
          'photos/upload.ts',
          'photos/receive.ts',
          'photos/select.ts',
          'photos/prepare.ts',
          'store-photos.ts',
          'photos/commit.ts',
          'add-photos.ts',
        ],
      },
    ],
  },
];

const places: [question: string, files: string[]][] = [
  [
    'what a status of fal’s means, such as 429 at submit',
    ['fal/answers.ts', 'fal/failure.ts', 'fal-jobs/failures.ts', 'fal-signals.ts'],
  ],
  ['a webhook that none of fal’s known keys has signed', ['fal/signature.ts', 'fal/key-set.ts', 'inbox/receive.ts']],
  [
    'the price and the limits of a trainer, each in a file of its own',
    ['trainers/portrait.ts', 'trainers/fast.ts', 'trainers/turbo.ts'],
  ],
  ['how an event gets its number', ['sequence.ts']],
  ['what is deleted with a user', ['delete-user.ts', 'remove-avatars.ts', 'erase-history.ts']],
  ['which state follows which', ['fal-jobs/lifecycle.ts']],
  ['which lock may be taken after which', ['lock-order.ts']],
  [
    'every route, every job, every setting, every problem',
    ['src/app.ts', 'job-list.ts', 'src/config.ts', 'src/errors.ts'],
  ],
];

const listeners: Record<keyof typeof topics, string> = {
  inbox: 'the drain of the inbox',
  eventsPublished: 'the sequencer',
  eventsSequenced: 'fan-out to webhooks, and event streams',
  deliveries: 'the delivery of webhooks',
  dispatch: 'the dispatcher',
  trainingChecks: 'the reconciler of trainings',
  generationChecks: 'the reconciler of generations',
};

/** The file or folder of src that writes a table. */
const owners: Record<string, string> = {
  users: 'features/users',
  avatars: 'features/avatars',
  avatar_photos: 'features/photos',
  adopted_artifacts: 'features/avatars',
  trainings: 'features/trainings',
  provider_circuit: 'fal-jobs/circuit.ts',
  fal_webhooks: 'features/inbox',
  events: 'features/events',
  webhook_endpoints: 'features/webhooks',
  webhook_deliveries: 'features/webhooks',
  webhook_attempts: 'features/webhooks',
  api_keys: 'features/keys',
  idempotency_keys: 'platform/idempotency',
  installation: 'platform/installation',
  fal_signing_keys: 'fal/key-store.ts',
  generations: 'features/generations',
  generation_images: 'features/images',
  batches: 'features/generations',
  packs: 'features/packs',
  fal_files: 'features/loras',
};

export function tables(): { name: string; key: string; owner: string | undefined }[] {
  return Object.entries(schema).flatMap(([key, table]) => {
    if (!is(table, PgTable)) return [];
    const name = getTableName(table);
    return [{ name, key, owner: owners[name] }];
  });
}

export async function architecture() {
  const paths = [...(await importGraph('src')).keys()];
  const pathOf = (end: string): string => {
    const found = paths.filter((path) => path === end || path.endsWith(`/${end}`));
    if (found.length === 1 && found[0] !== undefined) return found[0];
    throw new Error(
      `${end} is ${found.length} files of src (${found.join(', ')}): mend test/support/architecture-docs.ts`,
    );
  };
  return {
    ways: ways.map(({ title, stages }) => ({
      title,
      stages: stages.map((stage) => ({ ...stage, files: stage.files.map(pathOf) })),
    })),
    places: places.map(([question, files]) => ({ question, files: files.map(pathOf) })),
  };
}

const link = (path: string) => `[${path.replace(/^src\//, '')}](../${path})`;
const topicOf = (name: string) => `\`${name in topics ? topics[name as keyof typeof topics] : name}\``;

function list(all: Awaited<ReturnType<typeof architecture>>['ways']): string {
  return all
    .map(({ title, stages }) => {
      const lines = stages.map(({ start, files, wakes }) => {
        const next = wakes === undefined ? '' : `; wakes ${topicOf(wakes)}`;
        return `1. ${start}: ${files.map(link).join(' → ')}${next}`;
      });
      return `### ${title}\n\n${lines.join('\n')}`;
    })
    .join('\n\n');
}

function table(head: string[], rows: string[][]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

export async function architectureDocs(): Promise<{ actual: string; expected: string }> {
  const { ways: all, places: answers } = await architecture();
  const parts: Record<string, string> = {
    picture: `\`\`\`text\n${picture(tables().map(({ name }) => name))}\n\`\`\``,
    ways: list(all),
    places: table(
      ['what', 'where'],
      answers.map(({ question, files }) => [question, files.map(link).join(', ')]),
    ),
    topics: table(
      ['topic', 'wakes'],
      Object.entries(topics).map(([key, name]) => [`\`${name}\``, listeners[key as keyof typeof topics]]),
    ),
    tables: table(
      ['table', 'owner'],
      tables().map(({ name, owner = '' }) => [`\`${name}\``, owner]),
    ),
  };
  const actual = await readFile(page, 'utf8');
  const expected = Object.entries(parts).reduce((text, [name, content]) => {
    const [before = '', rest = ''] = text.split(`<!-- ${name}: written by npm run docs -->`);
    const [, after = ''] = rest.split(`<!-- end of ${name} -->`);
    return `${before}<!-- ${name}: written by npm run docs -->\n\n${content}\n\n<!-- end of ${name} -->${after}`;
  }, actual);
  return { actual, expected };
}

if (import.meta.main) await writeFile(page, (await architectureDocs()).expected);
