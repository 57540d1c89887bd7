import type pg from 'pg';

/** Runs `work` in a transaction: commit, or rollback and rethrow. */
export async function inTransaction<T>(client: pg.ClientBase, work: () => Promise<T>): Promise<T> {
  await client.query('begin');
  try {
    const result = await work();
    await client.query('commit');
    return result;
  } catch (error) {
    // A failing rollback on a lost connection must not hide the first error.
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/**
 * Runs `work` in a transaction that is always rolled back.
 * @param mode of BEGIN, for example `isolation level repeatable read read only`
 */
export async function rolledBack<T>(client: pg.ClientBase, work: () => Promise<T>, mode = ''): Promise<T> {
  await client.query(`begin ${mode}`);
  try {
    return await work();
  } finally {
    await client.query('rollback');
  }
}
