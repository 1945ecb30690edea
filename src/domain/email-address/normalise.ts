/**
 * The form in which addresses are compared. The local part is lower-cased too: RFC 5321 §2.4 lets a host tell cases
 * apart, but discourages it, and two accounts for `Ann@` and `ann@` would serve only confusion.
 */
export function normaliseEmail(email: string): string {
  // Again after lower-casing, which can leave letters decomposed.
  return email.trim().normalize('NFC').toLowerCase().normalize('NFC');
}
