import type { ReadModels } from '../read-models.ts';

/** What was found stands until a whole pass of the running check has found nothing. */
export async function auditIsWrong(sql: ReadModels): Promise<boolean> {
  const { rows } = await sql.query<{ wrong: boolean }>(
    'select wrong_in_pass or wrong_in_last_pass or signing_refused as wrong from proof.log',
  );
  return rows[0]?.wrong ?? false;
}

export async function keepSigningOutcome(sql: ReadModels, refused: boolean): Promise<void> {
  await sql.query('update proof.log set signing_refused = $1 where signing_refused <> $1', [refused]);
}
