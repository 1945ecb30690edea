/** A good login on the platform, or why it was refused. */
export type VirtuozzoSignIn =
  | { readonly kind: 'signed-in'; readonly sessionKey: string }
  | { readonly kind: 'refused'; readonly reason: 'credentials' | 'two-factor' };

/** The Virtuozzo Application Platform. Every call throws `Unavailable('virtuozzo')` in an outage. */
export interface VirtuozzoPlatform {
  signIn(login: string, password: string): Promise<VirtuozzoSignIn>;
  /** With a personal access token that may sign in ("Extended Access"). */
  signInByToken(token: string): Promise<VirtuozzoSignIn>;
  /** A personal access token of the account; `undefined` where the platform gives none. */
  createToken(sessionKey: string, password: string): Promise<PlatformToken | undefined>;
  /** Whether the platform still takes the session key. */
  accepts(sessionKey: string): Promise<boolean>;
  signOut(sessionKey: string): Promise<void>;
  deleteToken(sessionKey: string, tokenId: string): Promise<void>;
}

export interface PlatformToken {
  readonly token: string;
  readonly tokenId: string;
}

/** What a link is worth. It is in the vault, encrypted, and nowhere else. */
export interface VirtuozzoSecret {
  readonly sessionKey: string;
  /** Gets new session keys. */
  readonly token?: string;
  /** Only for a token that we had the platform make: it is deleted with the link. */
  readonly tokenId?: string;
}

export interface VirtuozzoKey {
  readonly linkId: string;
  readonly teamId: string;
  readonly secret: VirtuozzoSecret;
  readonly obtainedAt: Date;
}

/** Keys in the vault. Every call throws `Unavailable('database')` in an outage. */
export interface VirtuozzoKeys {
  save(key: VirtuozzoKey, dueAt: Date): Promise<void>;
  load(linkId: string): Promise<VirtuozzoKey | undefined>;
  /** Links that are to be tried, those that have waited longest first. */
  due(now: Date, limit: number): Promise<readonly { linkId: string; teamId: string; createdAt: Date }[]>;
  /** For one holder at a time, of all processes; `undefined` while another one has it, or when the key is wiped. */
  claim(linkId: string, holder: string, now: Date, until: Date): Promise<VirtuozzoKey | undefined>;
  /** Only while `holder` has the claim: a key that has been wiped stays so. Answers whether it did. */
  renew(linkId: string, holder: string, secret: VirtuozzoSecret, obtainedAt: Date): Promise<boolean>;
  release(linkId: string, holder: string, dueAt: Date): Promise<void>;
  /** Gone for good; answers what was there. */
  wipe(linkId: string): Promise<VirtuozzoKey | undefined>;
}
