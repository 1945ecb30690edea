import { DomainError } from '../../domain/errors.ts';
import { passwordProblems } from '../../domain/password-policy.ts';
import type { ActiveUser } from '../../domain/user/state.ts';
import { recipientOf } from '../emails/email-recipient.ts';
import type { Credentials, Directory, EventStore, Passwords, PersonalData } from '../ports.ts';

interface Dependencies {
  eventStore: EventStore;
  personalData: PersonalData;
  directory: Directory;
  passwords: Passwords;
  credentials: Credentials;
}

/** Throws `password-not-acceptable` with all the reasons. `password` is normalised. */
export type JudgePassword = (person: ActiveUser, password: string) => Promise<void>;

/** Asks of a new password what is asked at registration; and one that has to be changed must become another. */
export function judgePassword(deps: Dependencies): JudgePassword {
  return async (person, password) => {
    const { passwords, directory } = deps;
    const isCommon = passwords.isCommon(password);
    const recipient = await recipientOf(deps, person.userId);
    const { name = null, email = null } = recipient ?? {};
    const teams = await directory.teamsOf(person.userId, 0n);
    const teamNames = [recipient?.teamName ?? null, ...teams.map((team) => team.name)];
    const found = teamNames.flatMap((teamName) => passwordProblems({ password, isCommon, name, email, teamName }));
    const reasons = [...new Set(found)];
    if (reasons.length === 0 && person.mustChangePassword && (await isCurrent(person, password))) {
      throw new DomainError('password-not-acceptable', { reasons: 'is-current' });
    }
    if (reasons.length > 0) throw new DomainError('password-not-acceptable', { reasons: reasons.join(', ') });
  };

  async function isCurrent({ credentialId }: ActiveUser, password: string): Promise<boolean> {
    return deps.passwords.verify(password, await deps.credentials.load(credentialId));
  }
}
