import type { Clock, Context, Directory, PersonalData } from '../ports.ts';

const pageSize = 500;
/** A mail is tried for a day; by then nobody needs its address. */
const mailHours = 48;

interface Dependencies {
  directory: Directory;
  personalData: PersonalData;
  clock: Clock;
}

export type KeepErasures = (request: object, context: Context) => Promise<void>;

/**
 * Destroys the keys of everybody who was ever erased once more. A backup of the vault that was restored may have brought
 * some back; and where the last mail never left, the address it was for is forgotten here.
 */
export function keepErasures({ directory, personalData, clock }: Dependencies): KeepErasures {
  return async () => {
    const mailedBefore = clock().getTime() - mailHours * 3_600_000;
    for (let after: string | undefined; ;) {
      const page = await directory.erasures(after, pageSize);
      for (const { userId, receiptId, erasedAt } of page) {
        await personalData.destroyKey(userId);
        if (erasedAt.getTime() < mailedBefore) await personalData.destroyKey(`erasure-${receiptId}`);
      }
      after = page.at(-1)?.userId;
      if (page.length < pageSize) return;
    }
  };
}
