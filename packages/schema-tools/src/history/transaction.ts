import type pg from 'pg';

/** Runs `work` in a transaction: committed when it ends well, else rolled back, with its error thrown on. */
export async function inTransaction<T>(client: pg.ClientBase, work: () => Promise<T>): Promise<T> {
  await client.query('begin');
  try {
    const result = await work();
    await client.query('commit');
    return result;
  } catch (error) {
    // The first error says what is wrong; a rollback on a lost connection would hide it.
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/**
 * Runs `work` in a transaction that is rolled back whatever comes of it.
 * @param mode of BEGIN, as in `isolation level repeatable read read only`
 */
export async function rolledBack<T>(client: pg.ClientBase, work: () => Promise<T>, mode = ''): Promise<T> {
  await client.query(`begin ${mode}`);
  try {
    return await work();
  } finally {
    await client.query('rollback');
  }
}
