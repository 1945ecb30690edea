/** In code points of the normalised password. NIST SP 800-63B-4 §3.1.1.2 asks for 8 at least, and allows for 64. */
const minLength = 12;
const maxLength = 128;

export type PasswordProblem =
  'too-short' | 'too-long' | 'common' | 'is-name' | 'is-email' | 'is-email-local-part' | 'is-team-name';

export interface PasswordToJudge {
  readonly password: string;
  /** Whether it stands in the list of common passwords. */
  readonly isCommon: boolean;
  readonly name: string | null;
  readonly email: string | null;
  readonly teamName: string | null;
}

/** One password typed on two keyboards is one password (NIST SP 800-63B-4 §3.1.1.2). */
export function normalisePassword(password: string): string {
  return password.normalize('NFC');
}

/**
 * Why a password is not acceptable; empty when it is. As NIST SP 800-63B-4 §3.1.1.2 has it, nothing is asked of its
 * composition, and it is compared as a whole, not searched for parts.
 */
export function passwordProblems({ password, isCommon, name, email, teamName }: PasswordToJudge): PasswordProblem[] {
  const length = Array.from(normalisePassword(password)).length;
  const localPart = email === null ? null : email.slice(0, Math.max(0, email.lastIndexOf('@')));
  const found: readonly [PasswordProblem, boolean][] = [
    ['too-short', length < minLength],
    ['too-long', length > maxLength],
    ['common', isCommon],
    ['is-name', isValue(password, name)],
    ['is-email', isValue(password, email)],
    ['is-email-local-part', isValue(password, localPart)],
    ['is-team-name', isValue(password, teamName)],
  ];
  return found.filter(([, applies]) => applies).map(([problem]) => problem);
}

/** The value itself in any case and with any spaces, or with digits behind it. */
function isValue(password: string, value: string | null): boolean {
  const wanted = comparable(value ?? '');
  const given = comparable(password);
  return wanted !== '' && given.startsWith(wanted) && /^\d*$/.test(given.slice(wanted.length));
}

function comparable(value: string): string {
  return value.normalize('NFC').toLowerCase().replaceAll(/\s/gu, '');
}
