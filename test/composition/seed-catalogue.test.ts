import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { memoryEventStore } from '../../src/adapters/memory-event-store.ts';
import { seedPermissions } from '../../src/application/permissions/seed-permissions.ts';
import { streams } from '../../src/application/streams.ts';
import { seedCatalogue } from '../../src/composition/seed-catalogue.ts';

const clock = () => new Date('2026-03-01T12:00:00.000Z');
const context = { actor: { kind: 'system' }, correlationId: 'start', causationId: 'start' } as const;
const role = { teamId: 'team-1', teamName: 'Lee & Co', roleId: 'r1', roleName: 'Painter', members: 2 };

/** A start with this answer of the read models; answers the catalogue's stream and what was logged. */
function starting(rolesNow: () => Promise<readonly object[]>) {
  const eventStore = memoryEventStore({ clock });
  const logged: Record<string, unknown>[] = [];
  const ports = {
    eventStore,
    snapshots: { load: () => Promise.resolve(undefined), save: () => Promise.resolve() },
    newId: randomUUID,
    backOff: () => Promise.resolve(),
    clock,
  };
  const asked: unknown[] = [];
  const seeding = {
    eventStore,
    readModels: {
      query: async ({ values }: { values: unknown[] }) => {
        asked.push(values[0]);
        return { rows: await rolesNow() };
      },
    },
    logger: pino({ level: 'info' }, { write: (line) => logged.push(JSON.parse(line) as Record<string, unknown>) }),
    useCases: { seedPermissions: seedPermissions(ports) },
  };
  const start = () => seedCatalogue(seeding as unknown as Parameters<typeof seedCatalogue>[0], context);
  const types = async () => {
    const { events } = await eventStore.readStream(streams.permissionCatalogue());
    return events.map(({ event }) => event.type);
  };
  return { start, types, logged, asked, seed: seeding.useCases.seedPermissions };
}

describe('a start of the worker', () => {
  it('brings the catalogue to what the file says, and says what is new', async () => {
    const { start, types, logged } = starting(() => Promise.resolve([]));
    await start();
    expect((await types()).every((type) => type === 'PermissionAdded')).toBe(true);
    expect(logged).toMatchObject([{ level: 30, msg: 'permissions were added to the catalogue' }]);
    await start();
    expect(logged).toHaveLength(1);
  });

  it('says what was retired, and each time that roles still name it', async () => {
    const named = [{ ...role, grant: 'site.paint' }];
    const { start, types, logged, asked, seed } = starting(() => Promise.resolve(named));
    await seed([{ permission: 'site.paint', description: 'Paint' }], context);
    await start();
    expect((await types()).at(-1)).toBe('PermissionRetired');
    const told = { level: 40, permission: 'site.paint', roles: 1 };
    expect(logged.slice(1)).toMatchObject([{ level: 40, permissions: ['site.paint'] }, told]);
    await start();
    expect(logged.slice(3)).toMatchObject([told]);
    expect(asked).toEqual([['site.paint'], ['site.paint']]);
  });

  it('is not held up by read models that are away', async () => {
    const { start, types, logged } = starting(() => Promise.reject(new Error('no database')));
    await start();
    expect(await types()).not.toEqual([]);
    expect(logged.at(-1)).toMatchObject({ level: 40, err: { message: 'no database' } });
  });
});
