import { projections } from '../../src/projections/all.ts';

/** In the order of `projectionStatus`. */
export const all = projections.toSorted((a, b) => (a.name < b.name ? -1 : 1));
