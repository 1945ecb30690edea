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
    const service = await startService(installation, ['api', 'projector'], often);
    closing.push(service.stop);
    const pool = (connectionString: string) => {
      const opened = new pg.Pool({ connectionString, max: 4 });
      closing.push(() => opened.end());
      return opened;
    };
    const [tables, store] = [pool(installation.databaseUrl), pool(installation.eventStoreDatabaseUrl)];
    const client = connectEventStore(kept.stores.eventStoreUrl);
    closing.push(() => client.dispose());
    const foreignEvent = async () => {
      const { position } = await client.appendToStream('foreign', [jsonEvent({ type: 'Foreign', data: {} })]);
      return String(position?.commit);
    };
    const logInAs = async (number: number) => {
      const client: Client = { service, deviceToken: people[number]?.deviceToken };
      return { client, grant: await logIn(client, people[number]?.email ?? '') };
    };
    const closeTeam = async (number: number) => {
      const { client, grant } = await logInAs(number);
      await call(client, 'DELETE', `/v1/teams/${grant.teamId}`, { bearer: grant.accessToken });
    };
    const reviewer = async () => (await logInAs(0)).grant;
    return { kept, service, tables, store, logIn: reviewer, closeTeam, foreignEvent, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
