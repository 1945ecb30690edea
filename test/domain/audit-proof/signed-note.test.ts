import { describe, expect, it } from 'vitest';
import { cryptography } from '../../../src/adapters/node-cryptography.ts';
import { checkpointText, openCheckpoint } from '../../../src/domain/audit-proof/checkpoint.ts';
import {
  cosignedMessage,
  isSignedBy,
  parseNote,
  parseVerifierKey,
  signatureLine,
  signNote,
  verifierKey,
  type NoteKey,
} from '../../../src/domain/audit-proof/signed-note.ts';
import { newSigner } from '../../support/proven-log.ts';

const { sha256 } = cryptography;

describe('a signed note', () => {
  /** The example of the documentation of golang.org/x/mod/sumdb/note. */
  it('is what the reference implementation makes', () => {
    const key = parseVerifierKey(sha256, 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW');
    expect(key).toMatchObject({ name: 'PeterNeumann', algorithm: 1 });
    const text =
      "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    const line =
      '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=';
    const note = parseNote(`${text}\n${line}\n`) ?? expect.fail();
    expect(isSignedBy(cryptography, note, key ?? expect.fail())).toBe(true);
    expect(isSignedBy(cryptography, { ...note, text: text.replace('you', 'we') }, key ?? expect.fail())).toBe(false);
  });

  it('names its key so that it is read back, and no other', () => {
    const { key } = newSigner('log.example.org');
    const text = verifierKey(sha256, key);
    expect(parseVerifierKey(sha256, text)).toEqual(key);
    expect(parseVerifierKey(sha256, text.replace('log', 'lag'))).toBeUndefined();
    expect(parseVerifierKey(sha256, `${text}=`)).toBeUndefined();
  });
});

describe('a checkpoint', () => {
  const { key, sign } = newSigner('log.example.org');
  const text = checkpointText({ origin: key.name, size: 7, root: Buffer.alloc(32, 1) });
  const note = signNote(sha256, text, key, sign);

  it('is opened with the key of its origin alone', () => {
    expect(openCheckpoint(cryptography, note, [key])).toMatchObject({ size: 7 });
    expect(openCheckpoint(cryptography, note, [newSigner('log.example.org').key])).toBeUndefined();
    const other = signNote(sha256, text.replace('log', 'lag'), key, sign);
    expect(openCheckpoint(cryptography, other, [key])).toBeUndefined();
    expect(openCheckpoint(cryptography, note.replace('\n7\n', '\n07\n'), [key])).toBeUndefined();
  });

  it('may be cosigned by a witness (cosignature/v1)', () => {
    const { key: bare, sign: signAsWitness } = newSigner('witness.example.net');
    const witness: NoteKey = { ...bare, algorithm: 4 };
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(1_767_323_045n);
    const signature = Buffer.concat([time, signAsWitness(cosignedMessage(text, 1_767_323_045n))]);
    const cosigned = `${note}${signatureLine(sha256, witness, signature)}\n`;
    expect(openCheckpoint(cryptography, cosigned, [key])).toMatchObject({ size: 7 });
    const parsed = parseNote(cosigned) ?? expect.fail();
    expect(isSignedBy(cryptography, parsed, witness)).toBe(true);
    expect(isSignedBy(cryptography, parseNote(note) ?? expect.fail(), witness)).toBe(false);
    const later = cosignedMessage(text, 1_767_323_046n);
    expect(Buffer.from(later).toString()).toBe(`cosignature/v1\ntime 1767323046\n${text}`);
  });
});
