import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { cryptography } from '../../src/adapters/node-cryptography.ts';
import { eventKnowledge } from '../../src/adapters/event-knowledge.ts';
import { migrate } from '../../src/adapters/postgres-migrations.ts';
import { eachLine } from '../../src/cli/audit/each-line.ts';
import { checkpointText } from '../../src/domain/audit-proof/checkpoint.ts';
import { signNote } from '../../src/domain/audit-proof/signed-note.ts';
import { exportVerifier } from '../../src/domain/audit-proof/verify-export.ts';
import { exportLines } from '../../src/projections/proof/export.ts';
import { auditEvents } from '../../src/projections/audit-queries.ts';
import { projections } from '../../src/projections/all.ts';
import { prepareReadModels } from '../../src/projections/prepare.ts';
import { loadHead, takeIn } from '../../src/projections/proof/take-in.ts';
import { proofTree } from '../../src/projections/proof/tiles.ts';
import { freshDatabase } from './database.ts';
import { newSigner, rawEvent, uuid } from './proven-log.ts';

/** Events a second in, out and verified, and the time of a proof, over a log of made-up events. */
export async function measureProofs(size: number) {
  const { pool, drop } = await freshDatabase();
  const file = `/tmp/audit-bench-${process.pid}.ndjson`;
  const { sha256 } = cryptography;
  const seconds = async (work: () => Promise<unknown>) => {
    const started = performance.now();
    await work();
    return (performance.now() - started) / 1000;
  };
  try {
    await migrate(pool);
    await prepareReadModels(pool, projections, new AbortController().signal);
    const sql = await pool.connect();
    await sql.query('set synchronous_commit = off');
    const taking = { sql, sha256, checkpointStream: 'test_audit_checkpoint' };
    const head = await loadHead(taking);
    const takenIn = await seconds(async () => {
      for (let n = 0; n < size; n += 500) {
        const events = Array.from({ length: Math.min(500, size - n) }, (_, m) => ({
          ...rawEvent(n + m),
          recordedAt: new Date(0),
        }));
        await takeIn(taking, head, events, events.at(-1)?.position ?? 0n);
      }
    });
    sql.release();
    await fillAuditLog(size, (text, values) => pool.query(text, values));
    await pool.query('analyze');

    const tree = proofTree(pool, sha256);
    const times: number[] = [];
    for (let n = 0; n < 1000; n += 1) times.push(await seconds(() => tree.inclusion((n * 7919) % size, size)));
    times.sort((a, b) => a - b);

    const signer = newSigner('bench.example.org');
    const checkpoint = signNote(
      sha256,
      checkpointText({ origin: signer.key.name, size, root: await tree.root(size) }),
      signer.key,
      signer.sign,
    );
    const personalData = {
      openFields: () =>
        Promise.resolve({ data: null, client: { ip: '203.0.113.7', userAgent: 'Firefox', place: null } }),
    };
    const readers = { pool, personalData };
    const lines = exportLines({
      source: {
        sql: pool,
        size,
        entries: (page) => auditEvents(readers, {}, { ...page, order: 'oldest-first' }, 'all'),
      },
      filters: {},
      complete: true,
      checkpoint,
      consistency: undefined,
      tree: proofTree(pool, sha256),
      sha256,
      signer,
    });
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 50);
    const exported = await seconds(() => pipeline(Readable.from(lines, { highWaterMark: 1 }), createWriteStream(file)));
    const verified = await seconds(async () => {
      const verifier = exportVerifier({ cryptography, keys: [signer.key], knowledge: eventKnowledge });
      await eachLine(createReadStream(file, { highWaterMark: 1024 * 1024 }), (line) => {
        verifier.line(line);
      });
      verifier.end();
    });
    clearInterval(watch);
    return {
      size,
      takenInPerSecond: Math.round(size / takenIn),
      proofP50Ms: (times[500] ?? 0) * 1000,
      proofP95Ms: (times[950] ?? 0) * 1000,
      exportedPerSecond: Math.round(size / exported),
      verifiedPerSecond: Math.round(size / verified),
      mostMemoryMb: Math.round(most / 1e6),
    };
  } finally {
    await rm(file, { force: true });
    await drop();
  }
}

async function fillAuditLog(size: number, query: (text: string, values: unknown[]) => Promise<unknown>) {
  const about = `'0192a000-0000-7000-8000-' || lpad(to_hex(n % 1000), 12, '0')`;
  const own = `'0192a000-0000-7000-8000-' || lpad(to_hex(n), 12, '0')`;
  await query(
    `insert into read_model.audit_log (event_id, position, stream, revision, type, occurred_at, recorded_at, actor_kind,
       actor_id, subject_id, request_id, correlation_id, causation_id, data, sealed_subject, sealed_client)
     select (${own})::uuid, n * 7 + 7, 'user-' || ${about}, n, 'LoginFailed', '2026-01-02T03:04:05.678Z', now(), 'user',
       (${about})::uuid, (${about})::uuid, 'request-' || n, ${own}, ${own}, jsonb_build_object('userId', ${about},
       'loginId', ${own}, 'reason', 'wrong-password', 'at', '2026-01-02T03:04:05.678Z'), $2, 'sealed'
     from generate_series(0, $1 - 1) n`,
    [size, uuid(1)],
  );
}
