import { describe, it } from 'vitest';
import { emailAddress } from '../../src/domain/email-address/decide.ts';
import type { EmailAddressEvent } from '../../src/domain/email-address/events.ts';
import { specificationFor } from '../support/given.ts';
import { at, moment } from './moments.ts';

const given = specificationFor(emailAddress);
const emailHash = 'a1b2';
const reserved: EmailAddressEvent = { type: 'EmailAddressReserved', data: { emailHash, userId: 'ann', at: at() } };
const confirmed: EmailAddressEvent = { type: 'EmailAddressConfirmed', data: { emailHash, userId: 'ann', at: at() } };
const requested = (minutes: number, userId: string | null = 'ann'): EmailAddressEvent => ({
  type: 'PasswordResetRequested',
  data: { emailHash, userId, at: at({ minutes }) },
});
const request = (minutes: number) => ({ type: 'RequestPasswordReset', emailHash, now: moment({ minutes }) }) as const;

describe('asking for a new password', () => {
  it('is recorded for every address, and names who holds it', () => {
    given().when(request(1)).then(requested(1, null));
    given(reserved).when(request(1)).then(requested(1));
    given(reserved, confirmed).when(request(1)).then(requested(1));
    given(reserved, {
      type: 'EmailAddressReleased',
      data: { emailHash, userId: 'ann', reason: 'registration-lapsed', at: at() },
    })
      .when(request(1))
      .then(requested(1, null));
  });

  it('is recorded three times in an hour', () => {
    const three = [requested(0), requested(10), requested(20)];
    given(reserved, confirmed, ...three)
      .when(request(59))
      .thenNothing();
    given(reserved, confirmed, ...three)
      .when(request(60))
      .then(requested(60));
  });

  it('is not used up by notices that lead to no mail', () => {
    const resend = (minutes: number): EmailAddressEvent => ({
      type: 'VerificationResendRequested',
      data: { emailHash, userId: null, at: at({ minutes }) },
    });
    given(reserved, confirmed, resend(0), resend(1), resend(2)).when(request(3)).then(requested(3));
    given(reserved, confirmed, requested(0), requested(1), requested(2))
      .when({ type: 'RequestVerificationResend', emailHash, now: moment({ minutes: 3 }) })
      .then(resend(3));
  });
});
