import type { Client, EventStore, PersonalData, Recorded, SessionRecord } from '../ports.ts';
import { streams } from '../streams.ts';

export type DescribeTakeover = (superseded: SessionRecord) => Promise<Readonly<Record<string, string>>>;

interface Dependencies {
  eventStore: EventStore;
  personalData: PersonalData;
  deviceName: (userAgent: string) => string | null;
}

/** Where the session is that took over: told to the person whose session it was. */
export function describeTakeover(deps: Dependencies): DescribeTakeover {
  return async ({ userId, sessionId }) => {
    const { events } = await deps.eventStore.readStream(streams.sessions(userId));
    const client = await clientOfTakeover(deps, events, sessionId);
    const byDevice = client?.userAgent ? deps.deviceName(client.userAgent) : null;
    return {
      ...(client?.ip && { byIp: client.ip }),
      ...(byDevice !== null && { byDevice }),
      ...(client?.place && { byPlace: client.place }),
    };
  };
}

/** A worker may have been first to start the session that took over: then the login's last step says from where. */
async function clientOfTakeover(
  { eventStore, personalData }: Dependencies,
  events: readonly Recorded[],
  sessionId: string,
): Promise<Client | undefined> {
  for (const superseded of events) {
    const { event } = superseded;
    if (event.type !== 'SessionSuperseded' || event.data.sessionId !== sessionId) continue;
    const { client } = (await personalData.open(superseded)).context;
    if (client?.ip) return client;
    const loginId = loginOf(events, event.data.bySessionId);
    if (loginId === undefined) return client;
    const login = await eventStore.readStream(streams.login(loginId));
    const completed = login.events.find(({ event: { type } }) => type === 'LoginCompleted');
    return completed && (await personalData.open(completed)).context.client;
  }
  return undefined;
}

function loginOf(events: readonly Recorded[], sessionId: string): string | undefined {
  for (const { event } of events) {
    if (event.type === 'SessionStarted' && event.data.sessionId === sessionId) return event.data.loginId;
  }
  return undefined;
}
