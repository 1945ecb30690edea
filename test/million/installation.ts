import { setTimeout as pause } from 'node:timers/promises';
import { jsonEvent } from '@eventstore/db-client';
import pg, { type Pool } from 'pg';
import { call, logIn, type Client, type Grant } from '../../bench/client-calls.ts';
import { openCopy, type Kept } from '../../bench/data/kept.ts';
import { longLog } from '../../bench/data/long-log.ts';
import { startService, type Service } from '../../bench/service.ts';
import { connectEventStore } from '../../src/adapters/eventstoredb-client.ts';

/** How many events the bench's generator makes; fewer to try the suite itself. */
const events = Number(process.env['MILLION_EVENTS'] ?? 1_000_000);

/** An installation with a long history that runs, and the ways behind its back. */
export interface World {
  readonly kept: Kept;
  readonly service: Service;
  /** Of the service. */
  readonly tables: Pool;
  /** Of the event store. */
  readonly store: Pool;
  /** Somebody of the platform team, whose session lasts a quarter of an hour. */
  logIn(): Promise<Grant>;
  /** Of one of its people, who is its only Owner. */
  closeTeam(person: number): Promise<void>;
  /** An event of another installation in the same store; its position. */
  foreignEvent(): Promise<string>;
  /** The tree has passed that position; `ask` makes an event. */
  covered(position: string, ask: () => Promise<unknown>): Promise<void>;
  readonly stop: () => Promise<void>;
}

export async function openWorld(checkpoints: string): Promise<World> {
  const { signal } = new AbortController();
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const kept = await openCopy({ signal, say }, longLog({ size: { events }, signal }));
  const closing: (() => Promise<unknown>)[] = [kept.stop];
  const stop = async () => {
    for (const close of closing.toReversed()) await close();
  };
  try {
    const { installation, people } = kept;
    const often = { AUDIT_CHECKPOINT_SECONDS: '1', AUDIT_CHECKPOINT_DIR: checkpoints };
    const pool = (connectionString: string) => {
      const opened = new pg.Pool({ connectionString, max: 4 });
      closing.push(() => opened.end());
      return opened;
    };
    const [tables, store] = [pool(installation.databaseUrl), pool(installation.eventStoreDatabaseUrl)];
    // Without a worker: nobody is to be mailed for what was made up.
    const service = await startService(installation, ['api', 'projector'], often);
    closing.push(service.stop);
    const client = connectEventStore(kept.stores.eventStoreUrl);
    closing.push(() => client.dispose());
    const foreignEvent = async () => {
      const { position } = await client.appendToStream('foreign', [jsonEvent({ type: 'Foreign', data: {} })]);
      return String(position?.commit);
    };
    const logInAs = async (number: number, into?: string) => {
      const client: Client = { service, deviceToken: people[number]?.deviceToken };
      return { client, grant: await logIn(client, people[number]?.email ?? '', into) };
    };
    const platform = await platformTeamOf(tables, people[0]?.userId ?? '');
    const closeTeam = async (number: number) => {
      const { client, grant } = await logInAs(number);
      await call(client, 'DELETE', `/v1/teams/${grant.teamId}`, { bearer: grant.accessToken });
    };
    const reviewer = async () => (await logInAs(0, platform)).grant;
    const covered = async (position: string, ask: () => Promise<unknown>) => {
      for (;;) {
        await ask();
        const { rows } = await tables.query<{ position: string }>('select position from proof.log');
        if (BigInt(rows[0]?.position ?? 0) > BigInt(position)) return;
        await pause(200);
      }
    };
    return { kept, service, tables, store, logIn: reviewer, closeTeam, foreignEvent, covered, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The other one than that of everybody here. */
async function platformTeamOf(tables: Pool, userId: string): Promise<string> {
  const { rows } = await tables.query<{ team_id: string }>(
    `select team_id from read_model.memberships join read_model.teams using (team_id)
     where user_id = $1 and name <> 'Bridge Works'`,
    [userId],
  );
  if (!rows[0]) throw new Error(`${userId} is in no team.`);
  return rows[0].team_id;
}
