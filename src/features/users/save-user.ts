import type { Static } from 'typebox';
import { v7 as uuidv7 } from 'uuid';
import type { Context } from '../../context.ts';
import { transact, type Tx } from '../../platform/db/transact.ts';
import { violationOf } from '../../platform/db/violations.ts';
import { notFound, Problem } from '../../errors.ts';
import { publish } from '../events/publish.ts';
import type { Origin } from '../../platform/http/caller.ts';
import { externalIdOf, isSameExternalId } from './external-id.ts';
import type { UserPatch, UserRequest } from './schemas.ts';
import { insertUser, lockUser, lockUsersByOwnIds, type User, type UserChanges, updateUser } from './store.ts';

type Needs = Pick<Context, 'db' | 'wakeups'>;
type Saved = { user: User; created: boolean };

/**
 * Creates a user, or updates the one who has one of the ids; omitted fields stay.
 * @throws Problem 400 without an id; 409 `user-exists` when the ids belong to two users, or the user has another id
 */
export async function upsertUser(
  context: Needs,
  asked: Static<typeof UserRequest>,
  { requestId }: Origin = {},
): Promise<Saved> {
  if (asked.external_id === undefined && asked.telegram_id === undefined) throw noId();
  return conflictsTold(() => transact(context, (tx) => findOrInsert(tx, asked, requestId)));
}

/**
 * Updates a user by merge patch (RFC 7396).
 * @throws Problem 404; 400 when neither id would remain; 409 `user-exists` when another user has the id
 */
export async function patchUser(
  context: Needs,
  id: string,
  patch: Static<typeof UserPatch>,
  { requestId, ...reach }: Origin = {},
): Promise<User> {
  return conflictsTold(() =>
    transact(context, async (tx) => {
      await lockInvolved(tx, id, patch);
      const before = (await lockUser(tx, id, reach)) ?? notFound('user');
      const after = { ...before, ...patch };
      if (after.external_id === null && after.telegram_id === null) throw noId();
      await refuseTaken(tx, before, patch);
      return update(tx, before, patch, requestId);
    }),
  );
}

// One statement in the order of ids, so that two users who swap ids do not deadlock.
async function lockInvolved(tx: Tx, id: string, { external_id, telegram_id }: Static<typeof UserPatch>): Promise<void> {
  if (typeof external_id !== 'string' && typeof telegram_id !== 'string') return;
  await lockUsersByOwnIds(tx, { external_id: external_id ?? undefined, telegram_id: telegram_id ?? undefined }, id);
}

async function findOrInsert(tx: Tx, asked: Static<typeof UserRequest>, requestId?: string): Promise<Saved> {
  const [found, second] = await lockUsersByOwnIds(tx, asked);
  if (second) {
    throw new Problem('user-exists', 'external_id and telegram_id belong to two different users: send one of them.');
  }
  if (found) {
    checkIds(found, asked);
    return { user: await update(tx, found, asked, requestId), created: false };
  }
  const user = await insertUser(tx, newUser(asked));
  // A concurrent request inserted one of the ids; its row is visible now.
  if (!user) return findOrInsert(tx, asked, requestId);
  await publish(tx, { type: 'user.created', user_id: user.id, request_id: requestId ?? null });
  return { user, created: true };
}

// Spellings of one external id count as one id here; the unique index tells them apart.
async function refuseTaken(tx: Tx, { id }: User, { external_id }: Static<typeof UserPatch>): Promise<void> {
  if (typeof external_id !== 'string') return;
  const [other] = (await lockUsersByOwnIds(tx, { external_id })).filter((user) => user.id !== id);
  if (other) throw taken('external_id');
}

// A match by one id must not change the user's other id.
function checkIds(found: User, asked: Static<typeof UserRequest>): void {
  for (const name of ['external_id', 'telegram_id'] as const) {
    const given = asked[name];
    if (given === undefined || found[name] === null || isSameExternalId(found[name], given)) continue;
    throw new Problem(
      'user-exists',
      `The user that was found has another ${name}: change it by PATCH if that is meant.`,
      {
        errors: [{ field: `/${name}`, code: 'conflict', detail: 'differs from the one that is stored' }],
        extensions: { user_id: found.id },
      },
    );
  }
}

async function update(tx: Tx, before: User, given: UserChanges, requestId?: string): Promise<User> {
  const changes = Object.fromEntries(
    Object.entries(storedForm(given, before)).filter(
      ([name, value]) => value !== undefined && value !== before[name as keyof User],
    ),
  );
  const changed = Object.keys(changes);
  if (changed.length === 0) return before;
  const user = await updateUser(tx, before.id, changes);
  await publish(tx, { type: 'user.updated', user_id: user.id, data: { changed }, request_id: requestId ?? null });
  return user;
}

// A row with another spelling of the external id keeps it: other readers of the table know the user by that.
function storedForm(given: UserChanges, { external_id: stored }: User): UserChanges {
  const { external_id: id } = given;
  if (typeof id !== 'string') return given;
  return { ...given, external_id: isSameExternalId(stored, id) ? stored : externalIdOf(id) };
}

function newUser(asked: Static<typeof UserRequest>): User {
  const now = new Date();
  return {
    id: uuidv7(),
    external_id: asked.external_id === undefined ? null : externalIdOf(asked.external_id),
    telegram_id: asked.telegram_id ?? null,
    first_name: asked.first_name ?? '',
    last_name: asked.last_name ?? null,
    username: asked.username ?? null,
    language_code: asked.language_code ?? 'en',
    timezone: asked.timezone ?? null,
    is_premium: asked.is_premium ?? false,
    is_bot: asked.is_bot ?? false,
    is_blocked: asked.is_blocked ?? false,
    main_avatar_id: null,
    created_at: now,
    updated_at: now,
  };
}

async function conflictsTold<T>(save: () => Promise<T>): Promise<T> {
  try {
    return await save();
  } catch (error) {
    const violation = violationOf(error);
    if (violation?.kind !== 'unique') throw error;
    const name = violation.constraint === 'ix_users_telegram_id' ? 'telegram_id' : 'external_id';
    throw taken(name, error);
  }
}

function taken(name: 'external_id' | 'telegram_id', cause?: unknown): Problem {
  return new Problem('user-exists', `Another user has this ${name}.`, {
    errors: [{ field: `/${name}`, code: 'conflict', detail: 'belongs to another user' }],
    cause,
  });
}

function noId(): Problem {
  return new Problem('invalid-request', 'A user needs external_id or telegram_id: give one of them at least.', {
    errors: [{ field: '/external_id', code: 'missing', detail: 'is missing, and so is telegram_id' }],
    extensions: { in: 'body' },
  });
}
