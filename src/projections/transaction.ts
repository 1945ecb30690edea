import type { ClientBase } from 'pg';

export async function inTransaction<Result>(
  sql: ClientBase,
  work: () => Promise<Result>,
  begin: 'begin' | 'begin isolation level repeatable read' = 'begin',
): Promise<Result> {
  await sql.query(begin);
  try {
    const result = await work();
    await sql.query('commit');
    return result;
  } catch (error) {
    // On a lost connection this fails too; the error that tells why is the first one.
    await sql.query('rollback').catch(() => undefined);
    throw error;
  }
}
