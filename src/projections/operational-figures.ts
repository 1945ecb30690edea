import type { ReadModels } from './read-models.ts';

/** `undefined`: the whole installation. A login that gave no session counts for the teams of its person. */
export interface OfTeam {
  readonly teamId: string;
  readonly memberIds: readonly string[];
}

/** Counts within a window that ends now. */
export interface OperationalFigures {
  readonly logins: {
    readonly completed: number;
    readonly failed: number;
    readonly began: number;
    readonly flagged: number;
    readonly trusted: number;
    readonly coded: number;
  };
  readonly sessions: {
    readonly ended: number;
    readonly endedNaturally: number;
    /** `null` where none has ended. */
    readonly averageSeconds: number | null;
  };
  readonly refreshes: { readonly all: number; readonly failed: number };
  readonly resets: number;
  /** `failed`: refused, given up, bounced, or still not taken after a second attempt. */
  readonly mails: { readonly all: number; readonly failed: number };
}

export async function operationalFigures(pool: ReadModels, since: Date, team?: OfTeam): Promise<OperationalFigures> {
  const [logins, sessions, refreshes, resets, mails] = await Promise.all([
    loginFigures(pool, since, team),
    sessionFigures(pool, since, team),
    one(
      pool,
      `select count(*) as all, count(*) filter (where failed) as failed from read_model.metric_refreshes
      where at >= $1 and ($2::uuid is null or team_id = $2)`,
      [since, team?.teamId ?? null],
    ),
    one(
      pool,
      `select count(*) as resets from read_model.metric_resets
      where at >= $1 and ($2::uuid[] is null or user_id = any($2))`,
      [since, team?.memberIds ?? null],
    ),
    one(
      pool,
      `select count(*) as all,
        count(*) filter (where outcome in ('rejected', 'parked', 'bounced') or outcome = 'sending' and attempts > 1) as failed
      from read_model.metric_mails
      where at >= $1 and outcome <> 'dropped' and ($2::uuid[] is null or user_id = any($2))`,
      [since, team?.memberIds ?? null],
    ),
  ]);
  return {
    logins,
    sessions,
    refreshes: { all: Number(refreshes['all']), failed: Number(refreshes['failed']) },
    resets: Number(resets['resets']),
    mails: { all: Number(mails['all']), failed: Number(mails['failed']) },
  };
}

async function loginFigures(pool: ReadModels, since: Date, team: OfTeam | undefined) {
  const row = await one(
    pool,
    `select count(*) filter (where outcome = 'completed') as completed,
       count(*) filter (where outcome in ('failed', 'denied')) as failed,
       count(*) filter (where began) as began,
       count(*) filter (where flagged) as flagged,
       count(*) filter (where trusted) as trusted,
       count(*) filter (where coded) as coded
     from read_model.metric_logins
     where at >= $1 and ($2::uuid is null or team_id = $2 or (team_id is null and user_id = any($3)))`,
    [since, team?.teamId ?? null, team?.memberIds ?? null],
  );
  const { completed, failed, began, flagged, trusted, coded } = row as Record<
    keyof OperationalFigures['logins'],
    string
  >;
  return {
    ...{ completed: Number(completed), failed: Number(failed), began: Number(began) },
    ...{ flagged: Number(flagged), trusted: Number(trusted), coded: Number(coded) },
  };
}

async function sessionFigures(pool: ReadModels, since: Date, team: OfTeam | undefined) {
  const row = await one(
    pool,
    `select count(*) as ended, count(*) filter (where ending = 'natural') as natural,
       extract(epoch from avg(ended_at - started_at))::float8 as average
     from read_model.metric_sessions where ended_at >= $1 and ($2::uuid is null or team_id = $2)`,
    [since, team?.teamId ?? null],
  );
  return {
    ended: Number(row['ended']),
    endedNaturally: Number(row['natural']),
    averageSeconds: typeof row['average'] === 'number' ? row['average'] : null,
  };
}

async function one(pool: ReadModels, text: string, values: unknown[]): Promise<Record<string, unknown>> {
  const { rows } = await pool.query<Record<string, unknown>>(text, values);
  return rows[0] ?? {};
}
