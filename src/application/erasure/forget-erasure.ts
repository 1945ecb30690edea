import { user } from '../../domain/user/decide.ts';
import type { EventStore, PersonalData, Snapshots } from '../ports.ts';
import { streamLoader } from '../stream-loader.ts';
import { streams } from '../streams.ts';

interface Dependencies {
  eventStore: EventStore;
  snapshots: Snapshots;
  personalData: PersonalData;
}

export type ForgetErasure = (request: { userId: string }) => Promise<void>;

/** Once the last mail has left, nobody needs the address that it went to. */
export function forgetErasure(deps: Dependencies): ForgetErasure {
  const load = streamLoader(deps, user);
  return async ({ userId }) => {
    const { state } = await load(streams.user(userId));
    if (state.status === 'erased') await deps.personalData.destroyKey(`erasure-${state.receiptId}`);
  };
}
