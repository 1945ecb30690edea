import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';

import type { NoteKey, Sign } from '../domain/audit-proof/signed-note.ts';
import type { MakeKey, ServiceKey, ServiceKeys } from './postgres-service-keys.ts';

const auditKeyPurpose = 'audit-log';

/** Ed25519 (RFC 8032); the secret is PKCS #8, the public part its 32 bytes in base64. */
const newAuditKey: MakeKey = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'jwk' }).x ?? '';
  return Promise.resolve({
    secret: privateKey.export({ format: 'der', type: 'pkcs8' }),
    public: { ed25519: Buffer.from(raw, 'base64url').toString('base64') },
  });
};

export interface AuditSigningKeys {
  /** Of every key that signed: the newest first. */
  keys(): Promise<readonly NoteKey[]>;
  /** The newest: what it signs, and as whom. */
  signer(): Promise<{ readonly key: NoteKey; readonly sign: Sign }>;
}

/** Makes the first key. `origin` is the name of the log, in its keys as in its checkpoints (C2SP tlog-checkpoint). */
export function auditSigningKeys({
  serviceKeys,
  origin,
}: {
  serviceKeys: Pick<ServiceKeys, 'all'>;
  origin: string;
}): AuditSigningKeys {
  const all = () => serviceKeys.all(auditKeyPurpose, newAuditKey);
  const noteKey = (key: ServiceKey): NoteKey => ({ name: origin, algorithm: 1, publicKey: publicKeyOf(key) });
  return {
    keys: async () => (await all()).map(noteKey).reverse(),
    async signer() {
      const newest = (await all()).at(-1);
      if (newest === undefined) throw new Error('There is no key for the audit log.');
      const privateKey = createPrivateKey({ key: newest.secret, format: 'der', type: 'pkcs8' });
      return { key: noteKey(newest), sign: (message) => sign(null, message, privateKey) };
    },
  };
}

function publicKeyOf({ public: shown }: ServiceKey): Buffer {
  const text = typeof shown === 'object' && shown !== null && 'ed25519' in shown ? shown.ed25519 : undefined;
  if (typeof text !== 'string') throw new Error('A key of the audit log in the vault is not an Ed25519 key.');
  return Buffer.from(text, 'base64');
}
