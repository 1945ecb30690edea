import type { AuditMismatch } from '../domain/audit-checkpoint/events.ts';
import type { EventOf } from '../domain/events.ts';
import type { TechnicalCategory } from '../domain/retention/events.ts';

const mismatches: Record<AuditMismatch, string> = {
  'event-changed': 'an event of the log was changed',
  'event-missing': 'an event of the log is gone',
  'event-inserted': 'an event stands in the log that was not there',
  'proof-changed': 'the tree of the proofs was changed',
  'row-changed': 'a row of the audit log was changed',
  'row-missing': 'a row of the audit log is gone',
  'row-inserted': 'a row stands in the audit log without an event',
  'log-rolled-back': 'the log ends before what was proven',
  'checkpoint-inconsistent': 'the log is not the one of an earlier checkpoint',
  'checkpoint-unreadable': 'an earlier checkpoint cannot be read',
};

const technical: Record<TechnicalCategory, string> = {
  email: 'how mails left',
  geo_check: 'what was found out about the places of logins',
};

export const checkpointSentences = {
  CheckpointSigned: ({ size }: EventOf<'CheckpointSigned'>['data']) => `A checkpoint over ${size} events was signed`,
  CheckpointCosigned: ({ size, witness }: EventOf<'CheckpointCosigned'>['data']) =>
    `The checkpoint over ${size} events was cosigned by ${witness}`,
  AuditMismatchFound: ({ mismatch, index, detail }: EventOf<'AuditMismatchFound'>['data']) =>
    `The audit check found that ${mismatches[mismatch]}${index === null ? '' : ` (index ${index})`}: ${detail}`,
  RetentionSet: ({ category, days }: EventOf<'RetentionSet'>['data']) =>
    days === null
      ? `The event store keeps ${technical[category]} for ever from now on`
      : `The event store may let go of ${technical[category]} after ${days} days from now on`,
};
