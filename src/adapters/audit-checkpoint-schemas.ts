import { z } from 'zod';

const at = z.iso.datetime();
const size = z.int().nonnegative();
const text = z.string().min(1);

export const auditCheckpointSchemas = {
  CheckpointSigned: z.strictObject({ size, rootHash: text, note: text, at }),
  CheckpointCosigned: z.strictObject({ size, witness: text, line: text, at }),
  AuditMismatchFound: z.strictObject({
    mismatch: z.enum([
      'event-changed',
      'event-missing',
      'event-inserted',
      'proof-changed',
      'row-changed',
      'row-missing',
      'row-inserted',
      'log-rolled-back',
      'checkpoint-inconsistent',
      'checkpoint-unreadable',
    ]),
    index: size.nullable(),
    eventId: text.nullable(),
    detail: z.string(),
    at,
  }),
};
