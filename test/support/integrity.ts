import type pg from 'pg';
import { v7 as uuid } from 'uuid';
import { trainingRules } from '../../lab/ground/training-rules.ts';
import { avatarRow, insertRow, photoRow, type Row, trainingRow, userRow } from '../../lab/ground/rows.ts';

type Attempt = [what: string, ...rows: [table: string, row: Row][]];

/**
 * Tries to insert invalid rows, each in a savepoint that is rolled back. The caller has begun a transaction.
 * @returns those that were accepted
 */
export async function checkIntegrity(client: pg.ClientBase): Promise<string[]> {
  const user = userRow();
  const avatar = avatarRow(user['id']);
  const got: string[] = [];
  await client.query('savepoint attempts');
  await insertRow(client, 'users', user);
  await insertRow(client, 'avatars', avatar);
  for (const [what, ...rows] of forbidden(user['id'], avatar['id']))
    if (await getsIn(client, rows)) got.push(`${what} got in`);
  await client.query('rollback to savepoint attempts');
  return got;
}

// All rows but the last are valid; only a violation by the last counts.
async function getsIn(client: pg.ClientBase, rows: [table: string, row: Row][]): Promise<boolean> {
  await client.query('savepoint attempt');
  for (const [index, [table, row]] of rows.entries()) {
    const violation = await insertRow(client, table, row).then(() => undefined, violationOf);
    if (violation === undefined) continue;
    await client.query('rollback to savepoint attempt');
    if (index < rows.length - 1) throw violation;
    return false;
  }
  await client.query('rollback to savepoint attempt');
  return true;
}

// SQLSTATE class 23: integrity constraint violations.
function violationOf(error: unknown): Error {
  if (error instanceof Error && 'code' in error && String(error.code).startsWith('23')) return error;
  throw error;
}

function forbidden(user: unknown, avatar: unknown): Attempt[] {
  const gone = uuid();
  const ended = { ended_at: '2026-01-02T03:04:05Z', charged: 'no' };
  const sent = { submission_id: uuid(), fal_input: {}, fal_request_id: uuid() };
  const artifacts = { lora: { sha256: 'x' } };
  const training = (changes: Row) => trainingRow(user, avatar, changes);
  const telegram = { telegram_id: '1' };
  const main = { main_avatar_id: avatar };
  const installation = { fal_mode: 'sandbox', storage_id: uuid(), secret: '\\x00', created_at: '2026-01-02T03:04:05Z' };
  return [
    ['an avatar without its user', ['avatars', avatarRow(gone)]],
    ['a photo without its avatar', ['avatar_photos', photoRow(user, gone)]],
    ['a training without its avatar', ['trainings', trainingRow(user, gone)]],
    ['progress above 100', ['avatars', avatarRow(user, { training_progress: 101 })]],
    ['a negative count of photos', ['avatars', avatarRow(user, { photos_count: -1 })]],
    ['a draft that is ready', ['avatars', avatarRow(user, { status: 'ready', is_draft: true })]],
    [
      'the same photo twice in an avatar',
      ['avatar_photos', photoRow(user, avatar, { file_hash: 'a' })],
      ['avatar_photos', photoRow(user, avatar, { file_hash: 'a' })],
    ],
    ['two unfinished trainings of an avatar', ['trainings', training({})], ['trainings', training({ attempt: 2 })]],
    [
      'two trainings with one request id',
      ['trainings', training({ ...sent, ...ended, artifacts, status: 'succeeded' })],
      ['trainings', training({ ...sent, ...ended, artifacts, status: 'succeeded', attempt: 2 })],
    ],
    ...trainingRules.flatMap(({ check, breaks = {} }) =>
      check === undefined
        ? []
        : Object.entries(breaks).map(([what, changes]): Attempt => [what, ['trainings', training({ ...changes })]]),
    ),
    ['two users with one telegram_id', ['users', userRow(telegram)], ['users', userRow(telegram)]],
    ['one avatar as the main one of two users', ['users', userRow(main)], ['users', userRow(main)]],
    ['a second installation', ['installation', { ...installation, id: 2 }]],
  ];
}
