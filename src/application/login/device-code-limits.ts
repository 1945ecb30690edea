import { DomainError } from '../../domain/errors.ts';
import type { Limits } from '../limits.ts';

interface Guessed {
  readonly userId: string;
  readonly deviceId: string;
}

/** The three counters of wrong codes that an attempt stands in; the fourth is the login itself, exact by its stream. */
const triesOf = ({ codeTriesOfUser, codeTriesOfUserADay, codeTriesOfDevice }: Limits, by: Guessed) =>
  [
    { limit: codeTriesOfUser, key: by.userId },
    { limit: codeTriesOfUserADay, key: by.userId },
    { limit: codeTriesOfDevice, key: by.deviceId },
  ] as const;

/** Counts a try before the code is looked at, so that tries at the same moment cannot pass together. */
export async function takeCodeTry(limits: Limits, by: Guessed): Promise<void> {
  for (const { limit, key } of triesOf(limits, by)) refuseUnlessZero(await limit.take(key));
}

/** The code was right: only wrong ones count. */
export async function giveCodeTryBack(limits: Limits, by: Guessed): Promise<void> {
  await Promise.all(triesOf(limits, by).map(({ limit, key }) => limit.giveBack(key)));
}

/** No login on a new device begins while no code of it could be entered. */
export async function refuseWhenGuessed(limits: Limits, by: Guessed): Promise<void> {
  for (const { limit, key } of triesOf(limits, by)) refuseUnlessZero(await limit.blockedFor(key));
}

/** Whoever has the password can have codes mailed; this is how many. */
export async function takeCodeMail({ codeMailsOfUser }: Limits, userId: string): Promise<void> {
  refuseUnlessZero(await codeMailsOfUser.take(userId));
}

function refuseUnlessZero(retryAfterSeconds: number): void {
  if (retryAfterSeconds > 0) throw new DomainError('too-many-attempts', { retryAfterSeconds });
}
