import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { DamagedEvent, eventCodec, type Place, type StoredEvent } from '../../src/adapters/event-codec.ts';
import { personalFields, subjectOf } from '../../src/adapters/event-personal-fields.ts';
import { eventSchemas, eventTypes, type EventSchemas } from '../../src/adapters/event-schemas.ts';
import { upcast } from '../../src/adapters/event-upcasters.ts';
import { personalData } from '../../src/adapters/personal-data.ts';
import { UnknownEventType, type Context, type NewEvent } from '../../src/application/ports.ts';
import type { DomainEvent } from '../../src/domain/events.ts';
import { samples } from '../golden/samples.ts';

// @ts-expect-error: a schema that lacks a field of its event does not compile.
export const mismatched: EventSchemas = { ...eventSchemas, AccountLocked: eventSchemas.LoginFailed };

const place: Place = { stream: 'user-1', revision: 0n, position: 7n, recordedAt: new Date(0) };
const client = { ip: '203.0.113.7', userAgent: 'curl/8', place: 'Berlin' };
const context: Context = { actor: { kind: 'anonymous' }, correlationId: 'c', causationId: 'r', client };
const id = '0192a000-0000-7000-8000-0000000000e1';
const registration: NewEvent = {
  id,
  event: { type: 'RegistrationSubmitted', data: samples.RegistrationSubmitted },
  context,
};
const { userId } = samples.RegistrationSubmitted;

function keyring() {
  const keys = new Map<string, Buffer | undefined>();
  const made: string[] = [];
  return {
    made,
    forSealing: (subject: string) => {
      if (!keys.has(subject)) {
        made.push(subject);
        keys.set(subject, Buffer.alloc(32, made.length));
      }
      return Promise.resolve(keys.get(subject));
    },
    forOpening: (subject: string) => Promise.resolve(keys.get(subject)),
    destroy: (subject: string) => {
      keys.set(subject, undefined);
      return Promise.resolve();
    },
  };
}

describe('event codec', () => {
  it('gives back what it was given, once opened with the key of the person', async () => {
    const subjectKeys = keyring();
    const codec = eventCodec({ subjectKeys });
    const sealed = codec.decode(throughJson(await codec.encode(registration)), place);
    const opened = await personalData({ subjectKeys }).open(sealed);
    expect(opened.event).toEqual(registration.event);
    expect(opened.context).toEqual(context);
    expect(subjectKeys.made).toEqual([userId]);
  });

  it('keeps the place in a trace that the append had, and has none where there was none', async () => {
    const codec = eventCodec({ subjectKeys: keyring() });
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const told = async (given: NewEvent) => codec.decode(throughJson(await codec.encode(given)), place).context;
    const traced = await told({ ...registration, context: { ...context, traceparent } });
    expect(traced.traceparent).toBe(traceparent);
    expect(await told(registration)).not.toHaveProperty('traceparent');
  });

  it('reads personal fields as null until they are opened', async () => {
    const codec = eventCodec({ subjectKeys: keyring() });
    const { event, context: from, sealed } = codec.decode(await codec.encode(registration), place);
    expect(event.data).toEqual({ ...samples.RegistrationSubmitted, email: null, name: null, teamName: null });
    expect(from.client).toEqual({ ip: null, userAgent: null, place: null });
    expect(sealed).toMatchObject({ subject: userId });
  });

  it('reads them as null for ever once the key is destroyed, and stores none any more', async () => {
    const subjectKeys = keyring();
    const codec = eventCodec({ subjectKeys });
    const personal = personalData({ subjectKeys });
    const recorded = codec.decode(await codec.encode(registration), place);
    await personal.destroyKey(userId);
    expect(await personal.open(recorded)).toEqual(recorded);
    expect(await personal.openFields(id, { subject: userId, data: 'x' })).toEqual({ data: null, client: null });

    const later = await codec.encode(registration);
    expect(later.data).not.toHaveProperty('$sealed');
    expect(later.metadata).not.toHaveProperty('client');
    expect(codec.decode(later, place).sealed).toBeUndefined();
  });

  it('does not open a ciphertext that was moved to another event, part or person', async () => {
    const subjectKeys = keyring();
    const codec = eventCodec({ subjectKeys });
    const personal = personalData({ subjectKeys });
    const { sealed } = codec.decode(await codec.encode(registration), place);
    if (sealed?.data === undefined || sealed.client === undefined) throw new Error('Nothing was sealed.');
    const { subject, data, client: sealedClient } = sealed;
    await subjectKeys.forSealing('someone-else');
    await expect(personal.openFields('another-event', { subject, data })).rejects.toThrow(DamagedEvent);
    await expect(personal.openFields(id, { subject, data: sealedClient })).rejects.toThrow(DamagedEvent);
    await expect(personal.openFields(id, { subject: 'someone-else', data })).rejects.toThrow(DamagedEvent);
    expect((await personal.openFields(id, sealed)).client).toEqual(client);
  });

  it('never seals the same thing to the same ciphertext twice', async () => {
    const codec = eventCodec({ subjectKeys: keyring() });
    const [first, second] = [await codec.encode(registration), await codec.encode(registration)];
    expect(first.data['$sealed']).not.toEqual(second.data['$sealed']);
    expect(first.metadata['client']).not.toEqual(second.metadata['client']);
  });

  it('round-trips any personal text', async () => {
    const subjectKeys = keyring();
    const codec = eventCodec({ subjectKeys });
    const personal = personalData({ subjectKeys });
    const text = fc.option(fc.string({ unit: 'grapheme' }));
    await fc.assert(
      fc.asyncProperty(text, text, text, async (email, name, teamName) => {
        const data = { ...samples.RegistrationSubmitted, email, name, teamName };
        const event = { type: 'RegistrationSubmitted', data } as const;
        const stored = throughJson(await codec.encode({ id, event, context }));
        expect((await personal.open(codec.decode(stored, place))).event.data).toEqual(data);
      }),
    );
  });

  it.each(eventTypes)('round-trips %s', async (type) => {
    const codec = eventCodec({ subjectKeys: keyring() });
    const event = { type, data: samples[type] } as DomainEvent;
    const decoded = codec.decode(throughJson(await codec.encode({ id, event, context })), place);
    const hidden = Object.fromEntries((personalFields[type]?.fields ?? []).map((field) => [field, null]));
    expect(decoded.event).toEqual({ type, data: { ...event.data, ...hidden } });
  });
});

describe('damage', () => {
  const codec = eventCodec({ subjectKeys: keyring() });
  const stored: StoredEvent = {
    id,
    type: 'AccountLocked',
    data: { ...samples.AccountLocked },
    metadata: { actor: { kind: 'system' }, $correlationId: 'c', $causationId: 'r', schemaVersion: 1 },
  };

  it.each([
    ['a field is missing', { ...stored, data: { userId } }],
    ['a field has another type', { ...stored, data: { ...stored.data, lockMinutes: 'secret-content' } }],
    ['a field is unknown', { ...stored, data: { ...stored.data, more: 'secret-content' } }],
    ['data is no object', { ...stored, data: 'secret-content' }],
    ['metadata has no actor', { ...stored, metadata: { ...stored.metadata, actor: undefined } }],
    ['metadata is a list', { ...stored, metadata: [] }],
    ['an actor has no id', { ...stored, metadata: { ...stored.metadata, actor: { kind: 'user' } } }],
    ['an actor is of no kind', { ...stored, metadata: { ...stored.metadata, actor: { kind: 'secret-content' } } }],
    ['metadata has no correlation', { ...stored, metadata: { ...stored.metadata, $correlationId: null } }],
    ['metadata has no cause', { ...stored, metadata: { ...stored.metadata, $causationId: 7 } }],
    ['a version is none', { ...stored, metadata: { ...stored.metadata, schemaVersion: 0 } }],
    ['a version is half of one', { ...stored, metadata: { ...stored.metadata, schemaVersion: 1.5 } }],
    ['a ciphertext is no text', { ...stored, metadata: { ...stored.metadata, client: { ip: 'secret-content' } } }],
    ['a session is null', { ...stored, metadata: { ...stored.metadata, sessionId: null } }],
    ['metadata has no version', { ...stored, metadata: { ...stored.metadata, schemaVersion: 'secret-content' } }],
  ])('is named without its content: %s', (_, damaged) => {
    const read = () => codec.decode(damaged as StoredEvent, place);
    expect(read).toThrow(DamagedEvent);
    expect(read).toThrow(`Event ${id} of type AccountLocked`);
    expect(read).not.toThrow(/secret-content/);
  });

  it('is refused before it is stored', async () => {
    const event = { type: 'AccountLocked', data: { ...samples.AccountLocked, at: 'yesterday' } } as const;
    await expect(codec.encode({ id, event, context })).rejects.toThrow(DamagedEvent);
  });

  it('of a type that only another release knows throws', () => {
    expect(() => codec.decode({ ...stored, type: 'AccountPainted' }, place)).toThrow(UnknownEventType);
    expect(codec.knows('AccountPainted')).toBe(false);
    expect(codec.knows('toString')).toBe(false);
  });

  it('of a newer schema version throws', () => {
    const newer = { ...stored, metadata: { ...stored.metadata, schemaVersion: 2 } };
    expect(() => codec.decode(newer, place)).toThrow(UnknownEventType);
  });
});

describe('upcasting', () => {
  const upcasters = {
    AccountLocked: [
      ({ minutes, ...rest }: Readonly<Record<string, unknown>>) => ({ ...rest, lockSeconds: Number(minutes) * 60 }),
      ({ lockSeconds, ...rest }: Readonly<Record<string, unknown>>) => ({
        ...rest,
        lockMinutes: Number(lockSeconds) / 60,
      }),
    ],
  };
  const { lockMinutes, ...unchanged } = samples.AccountLocked;

  it('lifts from the stored version through every one after it', () => {
    expect(upcast('AccountLocked', 1, { minutes: 15 }, upcasters)).toEqual({ lockMinutes: 15 });
    expect(upcast('AccountLocked', 2, { lockSeconds: 900 }, upcasters)).toEqual({ lockMinutes: 15 });
    expect(upcast('AccountLocked', 3, { lockMinutes: 15 }, upcasters)).toEqual({ lockMinutes: 15 });
    expect(() => upcast('AccountLocked', 4, {}, upcasters)).toThrow(UnknownEventType);
  });

  it('lets an event of the first version read as one of the newest', async () => {
    const codec = eventCodec({ subjectKeys: keyring(), upcasters });
    const metadata = { actor: { kind: 'system' }, $correlationId: 'c', $causationId: 'r', schemaVersion: 1 };
    const first = { id, type: 'AccountLocked', data: { ...unchanged, minutes: lockMinutes }, metadata };
    expect(codec.decode(first, place).event.data).toEqual(samples.AccountLocked);

    const event = { type: 'AccountLocked', data: samples.AccountLocked } as const;
    const newest = await codec.encode({ id, event, context });
    expect(newest.metadata['schemaVersion']).toBe(3);
    expect(codec.decode(newest, place).event.data).toEqual(samples.AccountLocked);
  });
});

describe('the subject of an event', () => {
  const user = { kind: 'user', userId: 'the-actor' } as const;
  const anonymous = { kind: 'anonymous' } as const;

  it('is whom its personal fields tell of, else who did it, else whom it is about, else the day, else nobody', () => {
    const submitted = { type: 'RegistrationSubmitted', data: samples.RegistrationSubmitted } as const;
    expect(subjectOf(submitted, user)).toBe(userId);
    expect(subjectOf({ type: 'MemberRemoved', data: samples.MemberRemoved }, user)).toBe('the-actor');
    expect(subjectOf({ type: 'LoginFailed', data: samples.LoginFailed }, anonymous)).toBe(userId);
    expect(subjectOf({ type: 'TeamCreated', data: samples.TeamCreated }, { kind: 'system' })).toBe(userId);
    expect(subjectOf({ type: 'RoleAdded', data: samples.RoleAdded }, user)).toBe('the-actor');
    const { tokenId } = samples.InvitationIssued;
    expect(subjectOf({ type: 'InvitationIssued', data: samples.InvitationIssued }, user)).toBe(`invitation-${tokenId}`);
    expect(subjectOf({ type: 'InvitationRevoked', data: samples.InvitationRevoked }, user)).toBe('the-actor');
    expect(subjectOf({ type: 'RoleAdded', data: samples.RoleAdded }, anonymous)).toBeUndefined();
    const unknown = { type: 'UnknownLoginFailed', data: samples.UnknownLoginFailed } as const;
    expect(subjectOf(unknown, anonymous)).toBe('failed_login-2026-01-02');
    expect(subjectOf({ type: 'PermissionAdded', data: samples.PermissionAdded }, { kind: 'system' })).toBeUndefined();
  });

  it('decides whether the client is kept', async () => {
    const codec = eventCodec({ subjectKeys: keyring() });
    const event = { type: 'PermissionAdded', data: samples.PermissionAdded } as const;
    expect((await codec.encode({ id, event, context })).metadata).not.toHaveProperty('client');
  });
});

function throughJson(stored: StoredEvent): StoredEvent {
  return JSON.parse(JSON.stringify(stored)) as StoredEvent;
}
