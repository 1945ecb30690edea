import type { Bench } from '../bench.ts';
import { commandTakes } from '../command.ts';
import { fillLog } from './fill-log.ts';
import type { Plan } from './kept.ts';
import { eventsOfLife } from './life.ts';

/** Of those in it who can log in; the first of them is of the platform team. */
const readers = 8;

interface Sized extends Pick<Bench, 'signal'> {
  readonly size: Pick<Bench['size'], 'events'>;
}

/** What some twenty thousand people did, with live read models of it. */
export const longLog = ({ size, signal }: Sized): Plan => ({
  name: `log-${size.events}`,
  people: readers,
  fill: async (stores, installation) => {
    const to = Math.ceil(size.events / eventsOfLife);
    const events = await fillLog(stores, installation, { from: 0, to, signal });
    // Live tables, as whoever rebuilds has them.
    await commandTakes(installation, ['projections', 'rebuild', '--all'], signal);
    return events;
  },
});
