/** Enough for its owner to know which one it is: the first character, and the domain. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf('@');
  const [first = ''] = Array.from(email.slice(0, at));
  return `${first}***${email.slice(at)}`;
}
