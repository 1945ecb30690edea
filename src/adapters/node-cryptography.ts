import { createPublicKey, hash, verify } from 'node:crypto';

import type { Cryptography } from '../domain/audit-proof/signed-note.ts';

/** DER of an Ed25519 public key (RFC 8410 §4) up to its 32 bytes. */
const publicKeyPrefix = Buffer.from('302a300506032b6570032100', 'hex');

export const cryptography: Cryptography = {
  sha256: (bytes) => hash('sha256', bytes, 'buffer'),
  verify: (publicKey, message, signature) => {
    if (publicKey.length !== 32 || signature.length !== 64) return false;
    const key = Buffer.concat([publicKeyPrefix, publicKey]);
    return verify(null, message, createPublicKey({ key, format: 'der', type: 'spki' }), signature);
  },
};
