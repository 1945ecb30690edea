import type { SignNote } from '../application/sign-note.ts';
import { signNote } from '../domain/audit-proof/signed-note.ts';
import type { AuditSigningKeys } from './audit-signing-keys.ts';
import { cryptography } from './node-cryptography.ts';

/** Signs as the audit log does, with its newest key (C2SP signed-note). */
export function noteSigner(keys: AuditSigningKeys): SignNote {
  return async (text) => {
    const { key, sign } = await keys.signer();
    return signNote(cryptography.sha256, text, key, sign);
  };
}
