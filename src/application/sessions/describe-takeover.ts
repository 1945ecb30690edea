import type { EventStore, PersonalData, SessionRecord } from '../ports.ts';
import { streams } from '../streams.ts';

export type DescribeTakeover = (superseded: SessionRecord) => Promise<Readonly<Record<string, string>>>;

/** Where the session is that took over: told to the person whose session it was. */
export function describeTakeover(deps: {
  eventStore: EventStore;
  personalData: PersonalData;
  deviceName: (userAgent: string) => string | null;
}): DescribeTakeover {
  return async ({ userId, sessionId }) => {
    const { events } = await deps.eventStore.readStream(streams.sessions(userId));
    const superseded = events.find(
      ({ event }) => event.type === 'SessionSuperseded' && event.data.sessionId === sessionId,
    );
    if (!superseded) return {};
    const { client } = (await deps.personalData.open(superseded)).context;
    const byDevice = client?.userAgent ? deps.deviceName(client.userAgent) : null;
    return {
      ...(client?.ip && { byIp: client.ip }),
      ...(byDevice !== null && { byDevice }),
      ...(client?.place && { byPlace: client.place }),
    };
  };
}
