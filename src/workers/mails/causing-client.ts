import type { Client, EventStore, PersonalData, Recorded } from '../../application/ports.ts';
import { streams } from '../../application/streams.ts';

interface Dependencies {
  readonly eventStore: Pick<EventStore, 'readStream'>;
  readonly personalData: Pick<PersonalData, 'open'>;
}

/** Where the request came from that left this event; `undefined` for what the system did, and after erasure. */
export async function clientOf({ personalData }: Dependencies, recorded: Recorded): Promise<Client | undefined> {
  const { client } = (await personalData.open(recorded)).context;
  return client && (client.ip ?? client.userAgent ?? client.place) !== null ? client : undefined;
}

/** Where a login began. */
export async function clientOfLogin(deps: Dependencies, loginId: string | null): Promise<Client | undefined> {
  if (loginId === null) return undefined;
  const [first] = (await deps.eventStore.readStream(streams.login(loginId))).events;
  return first && (await clientOf(deps, first));
}

/** Where the login began that gave this session. */
export async function clientOfSession(
  deps: Dependencies,
  userId: string,
  sessionId: string,
): Promise<Client | undefined> {
  const { events } = await deps.eventStore.readStream(streams.sessions(userId));
  for (const { event } of events) {
    if (event.type === 'SessionStarted' && event.data.sessionId === sessionId) {
      return clientOfLogin(deps, event.data.loginId);
    }
  }
  return undefined;
}
