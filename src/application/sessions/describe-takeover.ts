import type { Client, Clock, EventStore, PersonalData, Recorded, SessionRecord } from '../ports.ts';
import { recentlyUsed } from '../recently-used.ts';
import { streams } from '../streams.ts';

type Details = Readonly<Record<string, string>>;

export type DescribeTakeover = (superseded: SessionRecord) => Promise<Details>;

interface Dependencies {
  eventStore: EventStore;
  personalData: PersonalData;
  clock: Clock;
  deviceName: (userAgent: string) => string | null;
}

/** Whoever is refused may ask again all the time, and all of the person's sessions have to be read to answer. */
const remembered = { sessions: 1000, forMs: 60_000 };

/** Where the session is that took over: told to the person whose session it was. */
export function describeTakeover(deps: Dependencies): DescribeTakeover {
  const told = recentlyUsed<{ readonly details: Promise<Details>; readonly until: number }>(remembered.sessions);
  return (superseded) => {
    const { sessionId } = superseded;
    const now = deps.clock().getTime();
    const known = told.get(sessionId);
    if (known !== undefined && now < known.until) return known.details;
    const details = takeoverOf(deps, superseded);
    told.set(sessionId, { details, until: now + remembered.forMs });
    // An outage is no answer.
    details.catch(() => {
      told.set(sessionId, { details, until: 0 });
    });
    return details;
  };
}

async function takeoverOf(deps: Dependencies, { userId, sessionId }: SessionRecord): Promise<Details> {
  const { events } = await deps.eventStore.readStream(streams.sessions(userId));
  const client = await clientOfTakeover(deps, events, sessionId);
  const byDevice = client?.userAgent ? deps.deviceName(client.userAgent) : null;
  return {
    ...(client?.ip && { byIp: client.ip }),
    ...(byDevice !== null && { byDevice }),
    ...(client?.place && { byPlace: client.place }),
  };
}

/** A worker may have been first to start the session that took over: then the login's last step says from where. */
async function clientOfTakeover(
  { eventStore, personalData }: Pick<Dependencies, 'eventStore' | 'personalData'>,
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
