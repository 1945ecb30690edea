import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import { asText } from '../answer.ts';
import { auditReader } from '../audit-reading.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { input, nothing } from '../input.ts';

const tag = 'Audit';

const checkpoint = z.strictObject({
  size: z.int(),
  rootHash: z.string(),
  note: z.string().describe('C2SP tlog-checkpoint, signed; with the cosignatures of witnesses'),
  signedAt: input.time,
});
const treeSize = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const hashes = z.array(z.string()).describe('Base64');

const problems = [
  'permission-missing',
  'not-found',
  'proof-not-ready',
  'invalid-request',
  'database-unavailable',
  'event-store-unavailable',
] as const;
const common = { method: 'get', tag, auth: 'session', params: nothing, body: nothing, problems } as const;

type Deps = Pick<ApiDependencies, 'queries' | 'useCases'>;

export const auditProofEndpoints = (deps: Deps): Endpoint[] => [
  listCheckpoints(deps),
  latestCheckpoint(deps),
  inclusionProof(deps),
  consistencyProof(deps),
  logKey(deps),
];

const listCheckpoints = (deps: Deps) =>
  endpoint({
    ...common,
    path: '/v1/audit/checkpoints',
    summary: 'The signed checkpoints of the log, the newest first',
    query: z.strictObject({ cursor: input.cursor.optional(), limit: input.limit }),
    success: {
      status: 200,
      description: 'A page of checkpoints',
      body: z.strictObject({ items: z.array(checkpoint), nextCursor: z.string().optional() }),
    },
    handle: async ({ caller, context, query }) => {
      const { record } = await auditReader(deps, caller, context);
      const { items, ...more } = await deps.queries.proof.checkpoints(query);
      await record({ what: 'checkpoint', filter: query, count: items.length });
      return { body: { items: [...items], ...more } };
    },
  });

const latestCheckpoint = (deps: Deps) =>
  endpoint({
    ...common,
    path: '/v1/audit/checkpoints/latest',
    summary: 'The newest signed checkpoint of the log',
    query: nothing,
    success: { status: 200, description: 'The checkpoint', body: checkpoint },
    handle: async ({ caller, context }) => {
      const { record } = await auditReader(deps, caller, context);
      const latest = await deps.queries.proof.latest();
      if (!latest) throw new DomainError('proof-not-ready');
      await record({ what: 'checkpoint', filter: { size: latest.size }, count: 1 });
      return { body: latest };
    },
  });

const inclusionProof = (deps: Deps) =>
  endpoint({
    ...common,
    path: '/v1/audit/proofs/inclusion',
    summary: 'That an event stands in the signed log (RFC 6962 §2.1.1)',
    query: z.strictObject({ eventId: input.id }),
    success: {
      status: 200,
      description: 'The proof, and the checkpoint that it leads to',
      body: z.strictObject({
        eventId: input.id,
        index: z.int(),
        stored: z.string().describe('The bytes that the leaf is the hash of, base64'),
        leafHash: z.string(),
        proof: hashes,
        checkpoint: z.string(),
      }),
    },
    handle: async ({ caller, context, query: { eventId } }) => {
      const { visibleTo, record } = await auditReader(deps, caller, context);
      const found = await deps.queries.auditEvent(eventId, visibleTo);
      if (!found) throw new DomainError('not-found');
      const proven = await deps.queries.proof.inclusion(eventId);
      if (!proven) throw new DomainError('proof-not-ready');
      await record({ what: 'proof', filter: { eventId }, count: 1 });
      return { body: { ...proven, proof: [...proven.proof] } };
    },
  });

const consistencyProof = (deps: Deps) =>
  endpoint({
    ...common,
    path: '/v1/audit/proofs/consistency',
    summary: 'That the log at one size goes on from the log at an earlier one (RFC 6962 §2.1.2)',
    query: z.strictObject({ from: treeSize, to: treeSize }).refine(({ from, to }) => from <= to, {
      path: ['to'],
      message: 'must not be below `from`',
    }),
    success: {
      status: 200,
      description: 'The proof',
      body: z.strictObject({
        from: z.int(),
        to: z.int(),
        fromRoot: z.string(),
        toRoot: z.string(),
        proof: hashes,
      }),
    },
    handle: async ({ caller, context, query: { from, to } }) => {
      const { record } = await auditReader(deps, caller, context);
      const proven = await deps.queries.proof.consistency(from, to);
      if (!proven) throw new DomainError('proof-not-ready');
      await record({ what: 'proof', filter: { from, to }, count: null });
      return { body: { ...proven, proof: [...proven.proof] } };
    },
  });

const logKey = ({ queries }: Deps) =>
  endpoint({
    ...common,
    auth: 'none',
    path: '/.well-known/audit-log-key',
    summary: 'The keys that sign the log, in the verifier format of C2SP signed-note; the newest first',
    query: nothing,
    success: { status: 200, description: 'A key a line', body: z.string() },
    rendering: asText('text/plain; charset=utf-8'),
    problems: ['database-unavailable'],
    handle: async () => ({ body: await queries.proof.keys() }),
  });
