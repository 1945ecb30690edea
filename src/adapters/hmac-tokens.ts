import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { parse as uuidBytes, stringify as uuidText } from 'uuid';

import type { TokenPurpose, Tokens } from '../application/ports.ts';
import type { ServiceKeys } from './postgres-service-keys.ts';

export interface TokenKeys {
  /** The last one issues, all are read; asked for each time, since keys are rotated. Numbers stand in one byte. */
  readonly derivation: readonly { readonly number: number; readonly secret: Buffer }[];
  /** Never replaced: reservations of addresses stand under it. */
  readonly emailHash: Buffer;
  /** Never replaced: ids must come out the same for ever. */
  readonly deviceId: Buffer;
}

export async function loadTokenKeys({ serviceKeys }: { serviceKeys: ServiceKeys }): Promise<TokenKeys> {
  return {
    derivation: await serviceKeys.all('token-derivation'),
    emailHash: await onlyKey(serviceKeys, 'email-hash'),
    deviceId: await onlyKey(serviceKeys, 'device-id'),
  };
}

async function onlyKey(serviceKeys: ServiceKeys, purpose: string): Promise<Buffer> {
  const [first] = await serviceKeys.all(purpose);
  if (first === undefined) throw new Error(`There is no key for ${purpose}.`);
  return first.secret;
}

const idsOf: Record<TokenPurpose, number> = {
  verification: 2,
  invitation: 2,
  login: 2,
  'login-decision': 2,
  refresh: 2,
  csrf: 1,
  reset: 2,
  'password-change': 2,
};

/** A token is `key number (1) | ids (16 each) | generation (4) | HMAC-SHA-256 (32)` in base64url. */
const uuidLength = 16;
const macLength = 32;

export function hmacTokens({ keys }: { keys: TokenKeys }): Tokens {
  issuingKey(keys);

  return {
    issue(purpose, ids, generation = 0) {
      if (ids.length !== idsOf[purpose]) throw new Error(`A ${purpose} token holds ${idsOf[purpose]} ids.`);
      const body = Buffer.alloc(bodyLength(purpose));
      const { number, secret } = issuingKey(keys);
      body.writeUInt8(number);
      for (const [index, id] of ids.entries()) body.set(uuidBytes(id), 1 + index * uuidLength);
      body.writeUInt32BE(generation, body.length - 4);
      return Buffer.concat([body, tokenMac(secret, purpose, body)]).toString('base64url');
    },

    read(purpose, token) {
      const bytes = Buffer.from(token, 'base64url');
      const length = bodyLength(purpose);
      if (bytes.length !== length + macLength || bytes.toString('base64url') !== token) return undefined;
      const body = bytes.subarray(0, length);
      const key = keys.derivation.find(({ number }) => number === body[0]);
      if (key === undefined) return undefined;
      if (!timingSafeEqual(tokenMac(key.secret, purpose, body), bytes.subarray(length))) return undefined;
      const ids = Array.from({ length: idsOf[purpose] }, (_, index) => {
        const start = 1 + index * uuidLength;
        return uuidText(body.subarray(start, start + uuidLength));
      });
      return { ids, generation: body.readUInt32BE(length - 4) };
    },

    deviceCode: (codeId) => sixDigits(issuingKey(keys).secret, codeId),

    deviceCodeMatches(codeId, code) {
      const given = Buffer.alloc(6);
      given.write(code);
      const equal = keys.derivation.filter(({ secret }) =>
        timingSafeEqual(Buffer.from(sixDigits(secret, codeId)), given),
      );
      return equal.length > 0 && code.length === 6;
    },

    newDeviceToken: () => randomBytes(32).toString('base64url'),
    deviceId: (deviceToken, userId) => uuidV8(mac(keys.deviceId, 'device', deviceToken, userId)),
    derivedId: (cause, name) => uuidV8(mac(keys.deviceId, 'derived', cause, name)),
    emailHash: (email) =>
      createHmac('sha256', keys.emailHash).update(email.trim().normalize('NFC').toLowerCase()).digest('hex'),
  };
}

function issuingKey({ derivation }: TokenKeys) {
  const last = derivation.at(-1);
  if (last === undefined) throw new Error('There is no key to derive tokens from.');
  return last;
}

function bodyLength(purpose: TokenPurpose): number {
  return 1 + idsOf[purpose] * uuidLength + 4;
}

function tokenMac(key: Buffer, purpose: TokenPurpose, body: Buffer): Buffer {
  return createHmac('sha256', key).update(`token ${purpose}\0`).update(body).digest();
}

/** Each part goes in with its length, so that no two lists of parts are the same bytes. */
function mac(key: Buffer, ...parts: readonly string[]): Buffer {
  const hmac = createHmac('sha256', key);
  for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:${part}`);
  return hmac.digest();
}

const codes = 1_000_000;
/** The highest multiple of a million in 32 bits; numbers from there on would favour low codes. */
const fairBelow = Math.floor(2 ** 32 / codes) * codes;

function sixDigits(key: Buffer, codeId: string): string {
  for (let round = 0; ; round += 1) {
    const words = mac(key, 'device-code', codeId, String(round));
    for (let offset = 0; offset < words.length; offset += 4) {
      const number = words.readUInt32BE(offset);
      if (number < fairBelow) return String(number % codes).padStart(6, '0');
    }
  }
}

function uuidV8(hash: Buffer): string {
  const bytes = Buffer.from(hash.subarray(0, uuidLength));
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return uuidText(bytes);
}
