import type { Clock } from '../application/ports.ts';
import type { MasterKeys } from './master-keys.ts';
import type { Database } from './postgres-database.ts';

/** What the parts of the vault stand on. */
export interface VerifiedVault {
  readonly database: Database;
  readonly masterKeys: MasterKeys;
  readonly clock: Clock;
  /** Throws `WrongMasterKey`; to be awaited before a key is made. */
  readonly verified: () => Promise<void>;
}
