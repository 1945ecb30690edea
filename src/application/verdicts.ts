/**
 * Tells those who wait for the verdict on a login that there may be one, in whichever process. A hint that may be lost:
 * what is so stands in the login's stream.
 */
export interface Verdicts {
  announce(loginId: string): void;
  /** Calls back with each announcement until it is told to stop. */
  listen(loginId: string, heard: () => void): () => void;
}
