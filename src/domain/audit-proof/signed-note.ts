import type { Sha256 } from '../merkle.ts';

/** Ed25519 (RFC 8032), given from outside. */
export type VerifySignature = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;
export type Sign = (message: Uint8Array) => Uint8Array;

export interface Cryptography {
  readonly sha256: Sha256;
  readonly verify: VerifySignature;
}

/** A key as C2SP signed-note names it. */
export interface NoteKey {
  readonly name: string;
  /** 1: Ed25519 over the text. 4: cosignature/v1 of a witness (C2SP tlog-cosignature). */
  readonly algorithm: 1 | 4;
  readonly publicKey: Uint8Array;
}

export interface NoteSignature {
  readonly name: string;
  readonly keyId: string;
  /** Without the key id. */
  readonly bytes: Uint8Array;
  /** As it stands in the note. */
  readonly line: string;
}

export interface SignedNote {
  /** Ends with a newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

const keyIdBytes = 4;
const linePattern = /^— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/;
const bytesOf = (text: string) => Buffer.from(text, 'utf8');

/** Base64 (RFC 4648 §4) in its one canonical form; `undefined` for anything else. */
export function canonicalBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

/** C2SP signed-note: the first four bytes of SHA-256(name || 0x0A || algorithm || public key), in hex. */
export function keyIdOf(sha256: Sha256, { name, algorithm, publicKey }: NoteKey): string {
  const hash = sha256(Buffer.concat([bytesOf(`${name}\n`), Buffer.of(algorithm), publicKey]));
  return Buffer.from(hash.subarray(0, keyIdBytes)).toString('hex');
}

/** `<name>+<key id>+<base64(algorithm || public key)>` */
export function verifierKey(sha256: Sha256, key: NoteKey): string {
  const encoded = Buffer.concat([Buffer.of(key.algorithm), key.publicKey]).toString('base64');
  return `${key.name}+${keyIdOf(sha256, key)}+${encoded}`;
}

/** `undefined` for anything that is no verifier key of a kind that is known here. */
export function parseVerifierKey(sha256: Sha256, text: string): NoteKey | undefined {
  const [, name, id, encoded = ''] = /^([^\s+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? [];
  const bytes = canonicalBase64(encoded);
  const algorithm = bytes?.[0];
  if (name === undefined || bytes?.length !== 33 || (algorithm !== 1 && algorithm !== 4)) return undefined;
  const key: NoteKey = { name, algorithm, publicKey: bytes.subarray(1) };
  return keyIdOf(sha256, key) === id ? key : undefined;
}

export function signatureLine(sha256: Sha256, key: NoteKey, signature: Uint8Array): string {
  const bytes = Buffer.concat([Buffer.from(keyIdOf(sha256, key), 'hex'), signature]);
  return `— ${key.name} ${bytes.toString('base64')}`;
}

/** `text` ends with a newline. */
export function signNote(sha256: Sha256, text: string, key: NoteKey, sign: Sign): string {
  return `${text}\n${signatureLine(sha256, key, sign(bytesOf(text)))}\n`;
}

/** `undefined` for what is no signed note in its one canonical form. */
export function parseNote(note: string): SignedNote | undefined {
  const split = note.lastIndexOf('\n\n');
  if (split < 1 || !note.endsWith('\n')) return undefined;
  const lines = note.slice(split + 2, -1).split('\n');
  const signatures = lines.map(parseSignatureLine);
  if (!signatures.every((signature) => signature !== undefined)) return undefined;
  return { text: note.slice(0, split + 1), signatures };
}

function parseSignatureLine(line: string): NoteSignature | undefined {
  const [, name, encoded] = linePattern.exec(line) ?? [];
  const bytes = encoded === undefined ? undefined : canonicalBase64(encoded);
  if (name === undefined || bytes === undefined || bytes.length <= keyIdBytes) return undefined;
  const keyId = Buffer.from(bytes.subarray(0, keyIdBytes)).toString('hex');
  return { name, keyId, bytes: bytes.subarray(keyIdBytes), line };
}

/** Whether the key signed the note: a note without its signature, and one with a wrong one, are the same. */
export function isSignedBy({ sha256, verify }: Cryptography, note: SignedNote, key: NoteKey): boolean {
  const of = note.signatures.filter(({ name, keyId }) => name === key.name && keyId === keyIdOf(sha256, key));
  return of.length > 0 && of.every(({ bytes }) => verify(key.publicKey, ...signedPart(note.text, key, bytes)));
}

function signedPart(text: string, { algorithm }: NoteKey, bytes: Uint8Array): [Uint8Array, Uint8Array] {
  if (algorithm === 1) return [bytesOf(text), bytes];
  const [time, signature] = [bytes.subarray(0, 8), bytes.subarray(8)];
  const seconds = time.length === 8 ? Buffer.from(time).readBigUInt64BE() : 0n;
  return [cosignedMessage(text, seconds), signature];
}

/** C2SP tlog-cosignature, cosignature/v1: what a witness signs. */
export function cosignedMessage(text: string, unixSeconds: bigint): Uint8Array {
  return bytesOf(`cosignature/v1\ntime ${String(unixSeconds)}\n${text}`);
}
