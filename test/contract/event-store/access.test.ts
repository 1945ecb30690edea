import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AccessDeniedError, EventStoreDBClient } from '@eventstore/db-client';
import { GossipClient } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import { credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect, counted, newStream } from './events.ts';
import { startTestPostgres, type TestPostgres } from './postgres.ts';
import { notOurs, startServerProcess, type ServerProcess } from './server.ts';

describe.skipIf(notOurs !== undefined)(
  `a server with a certificate and credentials (${notOurs ?? 'own server'})`,
  () => {
    let folder: string;
    let postgres: TestPostgres;
    let server: ServerProcess;
    const clients: EventStoreDBClient[] = [];

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'event-store-tls-'));
      const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
      const request = [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
      ];
      const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
      await promisify(execFile)('openssl', [...request, ...subject, '-keyout', key, '-out', certificate]);
      postgres = await startTestPostgres();
      server = await startServerProcess({
        EVENT_STORE_DATABASE_URL: postgres.url,
        EVENT_STORE_USERNAME: 'admin',
        EVENT_STORE_PASSWORD: 'sésame:open',
        EVENT_STORE_TLS_CERT: certificate,
        EVENT_STORE_TLS_KEY: key,
      });
    });
    afterAll(async () => {
      for (const client of clients) await client.dispose();
      await server.end('SIGKILL');
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    });

    async function client(user?: { username: string; password: string }): Promise<EventStoreDBClient> {
      const rootCertificate = await readFile(join(folder, 'cert.pem'));
      const created = new EventStoreDBClient({ endpoint: `localhost:${server.port}` }, { rootCertificate }, user);
      clients.push(created);
      return created;
    }

    it('serves whoever has the credentials', async () => {
      const admitted = await client({ username: 'admin', password: 'sésame:open' });
      const stream = newStream();
      await admitted.appendToStream(stream, [counted(1)]);
      expect(await collect(admitted.readStream(stream))).toHaveLength(1);
    });

    it.each([
      ['without credentials', undefined],
      ['with a wrong password', { username: 'admin', password: 'open' }],
      ['with a wrong name', { username: 'other', password: 'sésame:open' }],
    ])('refuses every call %s', async (_, user) => {
      const refused = await client(user);
      const stream = newStream();
      await expect(refused.appendToStream(stream, [counted(1)])).rejects.toBeInstanceOf(AccessDeniedError);
      await expect(collect(refused.readStream(stream))).rejects.toBeInstanceOf(AccessDeniedError);
      await expect(collect(refused.subscribeToAll())).rejects.toBeInstanceOf(AccessDeniedError);
      await expect(refused.deleteStream(stream)).rejects.toBeInstanceOf(AccessDeniedError);
      await expect(refused.tombstoneStream(stream)).rejects.toBeInstanceOf(AccessDeniedError);
    });

    it('does not speak without encryption', async () => {
      const plain = new GossipClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
      const failure = await new Promise<{ code: number } | null>((resolve) => {
        plain.read(new shared.Empty(), { deadline: Date.now() + 5000 } as never, (error: { code: number } | null) => {
          resolve(error);
        });
      });
      plain.close();
      expect(failure?.code).toBe(14);
    });
  },
);
