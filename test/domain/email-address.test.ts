import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emailAddress, type EmailAddressCommand } from '../../src/domain/email-address/decide.ts';
import type { EmailAddressEvent } from '../../src/domain/email-address/events.ts';
import { normaliseEmail } from '../../src/domain/email-address/normalise.ts';
import { holderOf } from '../../src/domain/email-address/state.ts';
import { specificationFor } from '../support/given.ts';
import { anyTime, at, moment } from './moments.ts';
import { expectAnyFold, expectNothingTwice, inOrder, play } from './properties.ts';

const given = specificationFor(emailAddress);
const emailHash = 'a1b2';
const now = moment({ hours: 5 });
const reserved: EmailAddressEvent = { type: 'EmailAddressReserved', data: { emailHash, userId: 'ann', at: at() } };
const confirmed: EmailAddressEvent = { type: 'EmailAddressConfirmed', data: { emailHash, userId: 'ann', at: at() } };
const released: EmailAddressEvent = {
  type: 'EmailAddressReleased',
  data: { emailHash, userId: 'ann', reason: 'registration-lapsed', at: at() },
};
const repeatedAt = (time: string): EmailAddressEvent => ({
  type: 'RegistrationRepeated',
  data: { emailHash, userId: 'ann', confirmed: false, at: time },
});
const resendAt = (time: string, userId: string | null = 'ann'): EmailAddressEvent => ({
  type: 'VerificationResendRequested',
  data: { emailHash, userId, at: time },
});
const reserveFor = (userId: string): EmailAddressCommand => ({ type: 'ReserveEmailAddress', emailHash, userId, now });
const confirmFor = (userId: string): EmailAddressCommand => ({ type: 'ConfirmEmailAddress', emailHash, userId, now });
const releaseFor = (userId: string): EmailAddressCommand => ({
  type: 'ReleaseEmailAddress',
  emailHash,
  userId,
  reason: 'registration-lapsed',
  now,
});
const resend: EmailAddressCommand = { type: 'RequestVerificationResend', emailHash, now };

describe('reserving an address', () => {
  it('gives a free address to the one who asks', () => {
    given()
      .when(reserveFor('ann'))
      .then({ type: 'EmailAddressReserved', data: { emailHash, userId: 'ann', at: at({ hours: 5 }) } });
  });

  it('is satisfied when the same person holds it already', () => {
    given(reserved).when(reserveFor('ann')).thenNothing();
    given(reserved, confirmed).when(reserveFor('ann')).thenNothing();
  });

  it('leaves the address with its holder, who is told', () => {
    given(reserved)
      .when(reserveFor('bob'))
      .then(repeatedAt(at({ hours: 5 })));
    given(reserved, confirmed)
      .when(reserveFor('bob'))
      .then({
        type: 'RegistrationRepeated',
        data: { emailHash, userId: 'ann', confirmed: true, at: at({ hours: 5 }) },
      });
  });

  it('tells the holder three times an hour at most, whatever else was asked for', () => {
    const thisHour = [
      at({ hours: 4, minutes: 1 }),
      at({ hours: 4, minutes: 2 }),
      at({ hours: 4, minutes: 3 }),
    ] as const;
    given(reserved, repeatedAt(thisHour[0]), repeatedAt(thisHour[1]), repeatedAt(thisHour[2]))
      .when(reserveFor('bob'))
      .thenNothing();
    given(reserved, repeatedAt(at({ hours: 4 })), repeatedAt(thisHour[1]), repeatedAt(thisHour[2]))
      .when(reserveFor('bob'))
      .then(repeatedAt(at({ hours: 5 })));
  });

  it('gives a released address to the next one', () => {
    given(reserved, released)
      .when(reserveFor('bob'))
      .then({ type: 'EmailAddressReserved', data: { emailHash, userId: 'bob', at: at({ hours: 5 }) } });
  });
});

describe('confirming an address', () => {
  it('confirms a reservation once', () => {
    given(reserved)
      .when(confirmFor('ann'))
      .then({ type: 'EmailAddressConfirmed', data: { emailHash, userId: 'ann', at: at({ hours: 5 }) } });
    given(reserved, confirmed).when(confirmFor('ann')).thenNothing();
  });

  it('is a bug when somebody else or nobody holds it', () => {
    given(reserved).when(confirmFor('bob')).thenFails();
    given(reserved, confirmed).when(confirmFor('bob')).thenFails();
    given().when(confirmFor('ann')).thenFails();
  });
});

describe('releasing an address', () => {
  it('frees it when its holder gives it up', () => {
    given(reserved)
      .when(releaseFor('ann'))
      .then({
        type: 'EmailAddressReleased',
        data: { emailHash, userId: 'ann', reason: 'registration-lapsed', at: at({ hours: 5 }) },
      });
  });

  it('does nothing to an address of somebody else, or of nobody', () => {
    given(reserved).when(releaseFor('bob')).thenNothing();
    given().when(releaseFor('ann')).thenNothing();
  });
});

describe('asking for the verification mail again', () => {
  it('is recorded for every address, and names the holder only where verification is open', () => {
    given(reserved)
      .when(resend)
      .then(resendAt(at({ hours: 5 })));
    given(reserved, confirmed)
      .when(resend)
      .then(resendAt(at({ hours: 5 }), null));
    given()
      .when(resend)
      .then(resendAt(at({ hours: 5 }), null));
  });

  it('tells nothing about the address by how often it is heard: registrations do not count', () => {
    const hour = at({ hours: 4, minutes: 30 });
    given(reserved, repeatedAt(hour), repeatedAt(hour), repeatedAt(hour))
      .when(resend)
      .then(resendAt(at({ hours: 5 })));
  });

  it('is heard three times an hour at most, for free addresses too', () => {
    const [first, second, third] = [at({ hours: 4, minutes: 1 }), at({ hours: 4, minutes: 30 }), at({ hours: 5 })];
    given(resendAt(first, null), resendAt(second, null), resendAt(third, null)).when(resend).thenNothing();
    given(resendAt(second, null), resendAt(third, null))
      .when(resend)
      .then(resendAt(at({ hours: 5 }), null));
  });

  it('is limited for the address, whoever held it meanwhile', () => {
    const three = [resendAt(at({ hours: 5 })), resendAt(at({ hours: 5 })), resendAt(at({ hours: 5 }))];
    given(reserved, ...three, released)
      .when(resend)
      .thenNothing();
    given(...three, reserved)
      .when(resend)
      .thenNothing();
    given(reserved, ...three, confirmed)
      .when(resend)
      .thenNothing();
  });
});

describe('any history of an address', () => {
  const userId = fc.constantFrom('ann', 'bob', 'eve');
  const event: fc.Arbitrary<EmailAddressEvent> = fc.oneof(
    fc.record({ userId, at: anyTime }).map((data): EmailAddressEvent => ({
      type: 'EmailAddressReserved',
      data: { emailHash, ...data },
    })),
    fc.record({ userId, at: anyTime }).map((data): EmailAddressEvent => ({
      type: 'EmailAddressConfirmed',
      data: { emailHash, ...data },
    })),
    fc.record({ userId, at: anyTime }).map((data): EmailAddressEvent => ({
      type: 'EmailAddressReleased',
      data: { emailHash, reason: 'registration-lapsed', ...data },
    })),
    fc.record({ userId, at: anyTime, confirmed: fc.boolean() }).map((data): EmailAddressEvent => ({
      type: 'RegistrationRepeated',
      data: { emailHash, ...data },
    })),
    anyTime.map((time) => resendAt(time, null)),
  );
  const commandAt = (time: Date): fc.Arbitrary<EmailAddressCommand> =>
    fc.oneof(
      userId.map((id) => ({ ...reserveFor(id), now: time })),
      userId.map((id) => ({ ...releaseFor(id), now: time })),
      fc.constant({ ...resend, now: time }),
    );
  const commands = inOrder(commandAt, { start: moment(), maxStepSeconds: 40 * 60 });

  it('folds', () => {
    expectAnyFold(emailAddress, event);
  });

  it('is not changed by reserving or releasing twice', () => {
    expectNothingTwice(
      emailAddress,
      commands,
      ({ type }) => type === 'RegistrationRepeated' || type === 'VerificationResendRequested',
    );
  });

  it('moves from one holder to another only over a release', () => {
    fc.assert(
      fc.property(commands, (sequence) => {
        for (const { before, after } of play(emailAddress, sequence)) {
          const [from, to] = [holderOf(before), holderOf(after)];
          expect(from === undefined || to === undefined || from === to).toBe(true);
        }
      }),
    );
  });

  it.each(['RegistrationRepeated', 'VerificationResendRequested'])(
    'never holds more than three %s in any hour',
    (kind) => {
      fc.assert(
        fc.property(commands, (sequence) => {
          const notices = play(emailAddress, sequence)
            .flatMap(({ events }) => events)
            .filter(({ type }) => type === kind)
            .map(({ data }) => Date.parse(data.at));
          for (const [index, time] of notices.entries()) {
            const third = notices[index + 3];
            if (third !== undefined) expect(third - time).toBeGreaterThanOrEqual(3_600_000);
          }
        }),
      );
    },
  );
});

describe('the form in which addresses are compared', () => {
  it('ignores case, spaces around it and how accents were typed', () => {
    expect(normaliseEmail('  Ann.Lee@Example.COM ')).toBe('ann.lee@example.com');
    expect(normaliseEmail('Jose\u0301@example.com')).toBe('jos\u00e9@example.com');
  });

  it('is the same when normalised again', () => {
    const letter = fc.integer({ min: 0, max: 0x2fff }).map((codePoint) => String.fromCodePoint(codePoint));
    fc.assert(
      fc.property(fc.array(letter), (letters) => {
        const once = normaliseEmail(letters.join(''));
        expect(normaliseEmail(once)).toBe(once);
      }),
      { numRuns: 1000 },
    );
  });
});
