import type { Clock } from '../application/ports.ts';
import { loadTokenKeys, type TokenKeys } from './hmac-tokens.ts';
import type { ServiceKey, ServiceKeys } from './postgres-service-keys.ts';

export const tokenKeyPurpose = 'token-derivation';

/** How often each process asks the vault for keys that it does not know. */
const loadEveryMs = 30_000;
/** A new key issues only after this, when every process has had ten chances to learn of it: tokens are read at once. */
export const issuesAfterMs = 10 * loadEveryMs;

export interface LiveTokenKeys extends TokenKeys {
  /** Asks the vault now. While it does not answer, the keys stay as they were. */
  reload(): Promise<void>;
  stop(): void;
}

/** Keys that another process may add to while this one runs. */
export async function liveTokenKeys({
  serviceKeys,
  clock,
}: {
  serviceKeys: ServiceKeys;
  clock: Clock;
}): Promise<LiveTokenKeys> {
  const fixed = await loadTokenKeys({ serviceKeys });
  let known = await serviceKeys.all(tokenKeyPurpose);
  const reload = async (): Promise<void> => {
    known = await serviceKeys.all(tokenKeyPurpose).catch(() => known);
  };
  const timer = setInterval(() => void reload(), loadEveryMs).unref();
  return {
    emailHash: fixed.emailHash,
    deviceId: fixed.deviceId,
    get derivation() {
      return issuingLast(known, clock());
    },
    reload,
    stop: () => {
      clearInterval(timer);
    },
  };
}

/** The newest that is old enough comes last: that one issues. The very first key waits for nobody. */
function issuingLast(keys: readonly ServiceKey[], now: Date): readonly ServiceKey[] {
  const isYoung = ({ createdAt }: ServiceKey, index: number): boolean =>
    index > 0 && now.getTime() - createdAt.getTime() < issuesAfterMs;
  return [...keys.filter(isYoung), ...keys.filter((key, index) => !isYoung(key, index))];
}
