import type { Service } from '../compose.ts';

type Circuits = Pick<Service, 'readModels' | 'eventStore' | 'sessionCache' | 'mailer' | 'geoIp'> &
  Partial<Pick<Service, 'virtuozzoPlatform' | 'queue'>>;

/** How this process stands with everything that it needs and that can be away. */
export function circuitsOf(service: Circuits): ReadonlyMap<string, ReturnType<Service['eventStore']['status']>> {
  const { readModels, eventStore, sessionCache, mailer, geoIp, virtuozzoPlatform, queue } = service;
  const circuits = new Map([
    ['database', readModels.status()],
    ['event-store', eventStore.status()],
    ['session-store', sessionCache.status()],
    ['mail', mailer.status()],
  ]);
  if (queue) circuits.set('queue', queue.status());
  if (virtuozzoPlatform) circuits.set('virtuozzo', virtuozzoPlatform.status());
  if (geoIp?.status) circuits.set('geo-ip', geoIp.status());
  return circuits;
}
