import type { Place } from '../domain/geo-check/events.ts';

export interface GeoIp {
  /** `null` for addresses that are nowhere (private, loopback) or unknown. Throws `Unavailable('geo-ip')`. */
  locate(ip: string): Promise<Place | null>;
}
