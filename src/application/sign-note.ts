/** Signs a text, which ends with a newline, by the key of the audit log: a signed note (C2SP signed-note). */
export type SignNote = (text: string) => Promise<string>;
