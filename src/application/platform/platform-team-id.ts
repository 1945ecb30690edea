import type { Tokens } from '../ports.ts';

/** The one team of an installation that administers it; the same id at every start, whether or not it is founded. */
export const platformTeamId = (tokens: Pick<Tokens, 'derivedId'>): string => tokens.derivedId('platform', 'team');
