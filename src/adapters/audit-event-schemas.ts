import { z } from 'zod';
import { technicalCategories } from '../domain/retention/events.ts';

const id = z.string().min(1);

/** The data of `AuditRead`. */
export const auditRead = z.strictObject({
  readBy: id,
  teamId: id,
  what: z.enum(['events', 'event', 'stream', 'state', 'access', 'access-diff', 'export', 'checkpoint', 'proof']),
  filter: z.record(z.string(), z.string()),
  count: z.int().nonnegative().nullable(),
  at: z.iso.datetime(),
});

export const retentionSet = z.strictObject({
  category: z.enum(technicalCategories),
  days: z.int().positive().nullable(),
  at: z.iso.datetime(),
});
