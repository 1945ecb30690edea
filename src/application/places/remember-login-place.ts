import type { EventOf } from '../../domain/events.ts';
import { login } from '../../domain/login/decide.ts';
import type { LoginEvent } from '../../domain/login/events.ts';
import { isPlaceProven } from '../../domain/login/state.ts';
import { remember } from '../../domain/places/remember.ts';
import type { CommandHandling } from '../command-handler.ts';
import { WrongExpectedRevision, type Clock, type Context, type PersonalData, type Recorded } from '../ports.ts';
import { streams } from '../streams.ts';
import { loadPlaces } from './known-places.ts';

const maxAttempts = 3;

interface Dependencies extends CommandHandling {
  personalData: PersonalData;
  clock: Clock;
}

export type RememberLoginPlace = (request: { loginId: string }, context: Context) => Promise<void>;

/**
 * From now on the person is known to log in from there. Nothing before both the login has shown to be theirs and its
 * place is known; so it is asked for whenever either may have come about.
 */
export function rememberLoginPlace(deps: Dependencies): RememberLoginPlace {
  return async ({ loginId }, context) => {
    const { eventStore, personalData, newId, clock, backOff } = deps;
    const [{ events }, isProven] = await Promise.all([
      eventStore.readStream(streams.geoCheck(loginId)),
      isPlaceOfOwner(loginId),
    ]);
    const checked = events.find(isVerdict);
    if (checked === undefined || !isProven) return;
    const { userId, inputs } = (await personalData.open(checked)).event.data;
    if (!inputs?.place) return;
    const visit = { place: inputs.place, at: inputs.at };

    for (let attempt = 1; ; attempt++) {
      const { known, loginIds, revision } = await loadPlaces(deps, userId);
      if (loginIds.has(loginId)) return;
      const event = remember(known, { userId, loginId, visit, now: clock() });
      try {
        await eventStore.append(streams.places(userId), [{ id: newId(), event, context }], revision);
        return;
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision) || attempt === maxAttempts) throw error;
        await backOff(attempt);
      }
    }
  };

  async function isPlaceOfOwner(loginId: string): Promise<boolean> {
    const { events } = await deps.eventStore.readStream(streams.login(loginId));
    return isPlaceProven(events.map(({ event }) => event as LoginEvent).reduce(login.evolve, login.initialState));
  }
}

export function isVerdict(recorded: Recorded): recorded is Recorded<EventOf<'GeoCheckCompleted'>> {
  return recorded.event.type === 'GeoCheckCompleted';
}
