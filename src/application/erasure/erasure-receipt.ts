/** What the person keeps as proof that they were forgotten. */
export interface ErasureReceipt {
  readonly receiptId: string;
  readonly userId: string;
  readonly erasedAt: string;
  /** Signed note (C2SP signed-note, Ed25519) over the lines of `receiptText`, by the key of the audit log. */
  readonly signed: string;
}

/** One fact a line, so that a person and a program can read it. */
export const receiptText = ({ receiptId, userId, erasedAt }: Omit<ErasureReceipt, 'signed'>): string =>
  `erasure receipt ${receiptId}\nuser ${userId}\nerased at ${erasedAt}\nthe key to all personal data of this user is destroyed\n`;
