import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { DomainError } from '../../src/domain/errors.ts';
import type { ExportRequest } from '../../src/projections/proof/queries.ts';
import { fakeProofs } from './fake-proofs.ts';
import { bearer, fakeService, id, teamId } from './fake-service.ts';

const proving = (changes: Partial<typeof fakeProofs>) => ({ queries: { proof: { ...fakeProofs, ...changes } } });
const nothing = () => Promise.resolve(undefined);

describe('the proofs of the log', () => {
  it('tell the keys to everybody, as text', async () => {
    const { text, type } = await request(fakeService().app).get('/.well-known/audit-log-key');
    expect([type, text]).toEqual(['text/plain', 'log.example.org+00000000+AQ==\n']);
  });

  it('are for those who may read the history', async () => {
    const refused = () => Promise.reject(new DomainError('permission-missing', { permission: 'events.read' }));
    const { app } = fakeService({ useCases: { requirePermission: refused } });
    for (const path of ['checkpoints', 'checkpoints/latest', 'proofs/consistency?from=1&to=2', 'export']) {
      expect((await request(app).get(`/v1/audit/${path}`).set(bearer)).status).toBe(403);
    }
    expect(
      (
        await request(app)
          .get(`/v1/audit/proofs/inclusion?eventId=${id(1)}`)
          .set(bearer)
      ).status,
    ).toBe(403);
  });

  it('do not tell of an event that may not be seen, and say when nothing is signed yet', async () => {
    const hidden = fakeService({ queries: { auditEvent: nothing } }).app;
    expect(
      (
        await request(hidden)
          .get(`/v1/audit/proofs/inclusion?eventId=${id(1)}`)
          .set(bearer)
      ).status,
    ).toBe(404);
    const none = { inclusion: nothing, latest: nothing, consistency: nothing, export: nothing };
    const { app } = fakeService(proving(none));
    const paths = [
      `proofs/inclusion?eventId=${id(1)}`,
      'checkpoints/latest',
      'proofs/consistency?from=1&to=2',
      'export',
    ];
    for (const path of paths) {
      const answer = await request(app).get(`/v1/audit/${path}`).set(bearer);
      expect([answer.status, (answer.body as { type: string }).type]).toEqual([409, 'urn:problem:proof-not-ready']);
    }
  });

  it('refuse sizes that shrink', async () => {
    const { status } = await request(fakeService().app).get('/v1/audit/proofs/consistency?from=2&to=1').set(bearer);
    expect(status).toBe(400);
  });
});

describe('an export', () => {
  it('has the filters that were asked for, and is not complete for a team', async () => {
    let asked: ExportRequest | undefined;
    const { app } = fakeService(
      proving({
        export: (wanted) => {
          asked = wanted;
          return fakeProofs.export(wanted);
        },
      }),
    );
    const url = `/v1/audit/export?format=csv&team=${teamId}&type=LoginFailed&previousSize=7`;
    const { headers } = await request(app).get(url).set(bearer);
    expect(headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="audit.csv"',
    });
    expect(asked).toMatchObject({ format: 'csv', complete: false, previousSize: 7 });
    expect(asked?.filters).toEqual({ team: teamId, type: ['LoginFailed'] });
  });

  it('is made no faster than it is read, and stops when the client hangs up', async () => {
    let made = 0;
    let stop: () => void = () => undefined;
    const stopped = new Promise<void>((resolve) => (stop = resolve));
    async function* endless() {
      try {
        for (;;) {
          made += 1;
          yield await Promise.resolve(`${'x'.repeat(100_000)}\n`);
        }
      } finally {
        stop();
      }
    }
    const server = createServer(fakeService(proving({ export: () => Promise.resolve(endless()) })).app);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const asking = get({ port, host: '127.0.0.1', path: '/v1/audit/export', headers: bearer });
    const [response] = (await once(asking, 'response')) as [IncomingMessage];
    await once(response, 'readable');
    response.destroy();
    await stopped;
    expect(made).toBeLessThan(1000);
    server.close();
    await once(server, 'close');
  });

  it('that breaks off is broken off, and logged', async () => {
    async function* broken() {
      yield await Promise.resolve('{}\n');
      throw new Error('the database is gone');
    }
    const { app, logged } = fakeService(proving({ export: () => Promise.resolve(broken()) }));
    await expect(request(app).get('/v1/audit/export').set(bearer)).rejects.toThrow();
    expect(logged.find(({ msg }) => msg === 'an export broke off')).toBeDefined();
  });
});
