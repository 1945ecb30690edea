import { cryptography } from '../adapters/node-cryptography.ts';
import { Unavailable, type EventStore, type Subscribe } from '../application/ports.ts';
import { streams } from '../application/streams.ts';
import type { Service } from '../compose.ts';
import type { RetentionSet, TechnicalCategory } from '../domain/retention/events.ts';
import {
  expiryUnder,
  nothingExpires,
  type Expiry,
  type IsExpired,
  type Policies,
} from '../projections/proof/expiry.ts';
import { withExpired } from '../projections/proof/with-expired.ts';

type Retaining = Pick<Service, 'eventStore' | 'config' | 'clock'>;

/** By the policies that the log has. */
export function expiryOf(service: Retaining): Expiry {
  const expiry = expiryIn(service);
  return async () => (await expiry()) ?? (await nothingExpires());
}

/** What read models are built from and compared with. */
export const wholeLog = (service: Retaining & Pick<Service, 'pool' | 'subscribe' | 'decodeRaw'>): Subscribe =>
  withExpired(
    {
      sql: service.pool,
      sha256: cryptography.sha256,
      prefix: service.config.STREAM_PREFIX,
      decode: service.decodeRaw,
      expiry: expiryIn(service),
    },
    service.subscribe,
  );

/** Policies do not change while the log is away: whoever follows it then goes on with those that were known last. */
function expiryIn({ eventStore, config, clock }: Retaining): () => Promise<IsExpired | undefined> {
  let known: Policies | undefined;
  return async () => {
    known = await policiesIn(eventStore).catch((error: unknown) => {
      if (known === undefined || !(error instanceof Unavailable)) throw error;
      return known;
    });
    return expiryUnder(known, config.STREAM_PREFIX, clock());
  };
}

async function policiesIn(eventStore: Pick<EventStore, 'readStream'>): Promise<Policies> {
  const of = async (category: TechnicalCategory) => {
    const { events } = await eventStore.readStream(streams.retention(category));
    return events.map(({ event }) => event as RetentionSet).map(({ data }) => data);
  };
  const [email, geoCheck] = await Promise.all([of('email'), of('geo_check')]);
  return { email, geo_check: geoCheck };
}
