import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { email, type EmailCommand } from '../../src/domain/email/decide.ts';
import type { EmailEvent } from '../../src/domain/email/events.ts';
import { specificationFor } from '../support/given.ts';
import { at, moment } from './moments.ts';
import { expectAnyFold, expectNothingTwice, play } from './properties.ts';

const given = specificationFor(email);
const mail = { messageId: 'mail-1', userId: 'ann', template: 'verification' } as const;
const startedAs = (attempt: number): EmailEvent => ({ type: 'EmailSendStarted', data: { ...mail, attempt, at: at() } });
const sent: EmailEvent = { type: 'EmailSent', data: { ...mail, providerMessageId: 'pm-1', at: at() } };
const rejected: EmailEvent = { type: 'EmailRejected', data: { ...mail, reason: 'inactive-recipient', at: at() } };
const dropped: EmailEvent = { type: 'EmailDropped', data: { ...mail, reason: 'no-longer-needed', at: at() } };
const now = moment();
const start: EmailCommand = { type: 'StartSending', ...mail, now };
const recordSent: EmailCommand = { type: 'RecordSent', ...mail, providerMessageId: 'pm-1', now };
const recordRejected: EmailCommand = { type: 'RecordRejected', ...mail, reason: 'inactive-recipient', now };
const recordDropped: EmailCommand = { type: 'RecordDropped', ...mail, reason: 'no-longer-needed', now };

describe('sending a mail', () => {
  it('counts the attempts', () => {
    given().when(start).then(startedAs(1));
    given(startedAs(1)).when(start).then(startedAs(2));
    given(startedAs(1), startedAs(2)).when(start).then(startedAs(3));
  });

  it('is over when it was sent, rejected or dropped: the first outcome stands', () => {
    given(startedAs(1)).when(recordSent).then(sent);
    given(startedAs(1)).when(recordRejected).then(rejected);
    given(startedAs(1)).when(recordDropped).then(dropped);
    for (const outcome of [sent, rejected, dropped]) {
      for (const command of [start, recordSent, recordRejected, recordDropped])
        given(startedAs(1), outcome).when(command).thenNothing();
    }
  });

  it('may be rejected before it was tried', () => {
    given().when(recordRejected).then(rejected);
  });

  it('leaves no history when it is dropped before it was tried', () => {
    given().when(recordDropped).thenNothing();
  });

  it('cannot have succeeded before it was tried', () => {
    given().when(recordSent).thenFails();
  });
});

describe('any history of a mail', () => {
  it('folds', () => {
    expectAnyFold(email, fc.oneof(fc.constantFrom(sent, rejected, dropped), fc.nat().map(startedAs)));
  });

  const commands = fc
    .array(fc.constantFrom(start, recordSent, recordRejected, recordDropped))
    .map((rest) => [start, ...rest]);

  it('is not changed by the same outcome twice', () => {
    expectNothingTwice(email, commands, ({ type }) => type === 'EmailSendStarted');
  });

  it('has one outcome at most', () => {
    fc.assert(
      fc.property(commands, (sequence) => {
        const events = play(email, sequence).flatMap((step) => step.events);
        expect(events.filter(({ type }) => type !== 'EmailSendStarted').length).toBeLessThanOrEqual(1);
      }),
    );
  });
});
