import { describe, expect, it } from 'vitest';
import { eventCodec } from '../../src/adapters/event-codec.ts';
import { eventKnowledge } from '../../src/adapters/event-knowledge.ts';
import { firstDisagreement } from '../../src/domain/audit-proof/readable.ts';
import { auditLog } from '../../src/projections/audit-log.ts';
import { project, type Row, type Writes } from '../../src/projections/projection.ts';
import { goldenFiles } from './golden-files.ts';

const place = { stream: 'stream-1', revision: 3n, position: 42n, recordedAt: new Date(0) };
const files = await goldenFiles();

describe('the audit log and the verifier', () => {
  it.each(files)('read $name the same', ({ stored }) => {
    const codec = eventCodec({ subjectKeys: { forSealing: () => Promise.resolve(undefined) } });
    let row: Row = {};
    const writes: Writes = { insert: (_table, written) => (row = written), update: () => undefined };
    project(auditLog, writes, codec.decode(stored, place));
    const entry = {
      eventId: row['event_id'],
      position: row['position'],
      type: row['type'],
      occurredAt: new Date(row['occurred_at'] as string).toISOString(),
      actor: row['actor_kind'] === 'user' ? { kind: 'user', userId: row['actor_id'] } : { kind: row['actor_kind'] },
      subject: row['subject_id'],
      teamId: row['team_id'],
      sessionId: row['session_id'],
      deviceId: row['device_id'],
      requestId: row['request_id'],
      correlationId: row['correlation_id'],
      causationId: row['causation_id'],
      data: row['data'],
    };
    const bytes = (value: object) => Buffer.from(JSON.stringify(value));
    const raw = { ...stored, ...place, data: bytes(stored.data), metadata: bytes(stored.metadata) };
    expect(firstDisagreement(entry, raw, eventKnowledge)).toBeUndefined();
    expect(firstDisagreement({ ...entry, type: 'Another' }, raw, eventKnowledge)).toBe('type');
  });
});
