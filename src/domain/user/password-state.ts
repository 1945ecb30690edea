import { isPast } from '../time.ts';

/** As many as are issued in the hour that each is good for. */
const resetsKept = 3;

/** Good once, until its end, and while `open`: a newer one, or any change of the password, closes it. */
export interface OneUseLink {
  readonly linkId: string;
  readonly expiresAt: string;
  readonly open: boolean;
}

export interface PasswordFacts {
  /** Counts the times when what began with the password before must not go on. */
  readonly passwordGeneration: number;
  readonly mustChangePassword: boolean;
  /** Newest last; at most the newest is open. */
  readonly resets: readonly OneUseLink[];
  readonly changeOffer: OneUseLink | null;
}

export const freshPassword: PasswordFacts = {
  passwordGeneration: 0,
  mustChangePassword: false,
  resets: [],
  changeOffer: null,
};

export function withReset(resets: readonly OneUseLink[], linkId: string, expiresAt: string): readonly OneUseLink[] {
  return [...resets.map(closed), { linkId, expiresAt, open: true }].slice(-resetsKept);
}

export function withLinksClosed({ passwordGeneration, resets, changeOffer }: PasswordFacts): Partial<PasswordFacts> {
  return {
    passwordGeneration: passwordGeneration + 1,
    resets: resets.map(closed),
    changeOffer: changeOffer && closed(changeOffer),
  };
}

function closed(link: OneUseLink): OneUseLink {
  return { ...link, open: false };
}

export type LinkStanding = 'good' | 'unknown' | 'expired' | 'closed';

export function standingOf(link: OneUseLink | undefined, now: Date): LinkStanding {
  if (link === undefined) return 'unknown';
  if (!link.open) return 'closed';
  return isPast(link.expiresAt, now) ? 'expired' : 'good';
}
