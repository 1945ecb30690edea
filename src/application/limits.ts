/** Failed logins by address of the client, counted over an hour. */
export interface LoginLimit {
  /** Seconds to wait, or 0. */
  blockedFor(ip: string): Promise<number>;
  countFailure(ip: string): Promise<void>;
}

/** How often something may happen for one key in a while, over all processes. */
export interface Limit {
  /** Counts one, and answers the seconds to wait where that was one too many; else 0. */
  take(key: string): Promise<number>;
  /** What was taken does not count after all. */
  giveBack(key: string): Promise<void>;
  /** Seconds until there is room again, or 0. */
  blockedFor(key: string): Promise<number>;
}

export interface Limits {
  /** Failed logins by address of the client. */
  readonly loginFailuresOfIp: Limit;
  /** Wrong device codes by user id, in an hour and in a day. */
  readonly codeTriesOfUser: Limit;
  readonly codeTriesOfUserADay: Limit;
  /** Wrong device codes by device id, in a day. */
  readonly codeTriesOfDevice: Limit;
  /** Mails with device codes by user id. */
  readonly codeMailsOfUser: Limit;
  /** Mails that a stranger can make us send, by address of the client. */
  readonly mailsOfIp: Limit;
}

/** Hears of refreshes that failed otherwise than sessions end, and left no event that says so. */
export interface RefreshWatch {
  /** Does not wait. */
  failed(): void;
}
