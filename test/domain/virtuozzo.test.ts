import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { virtuozzo } from '../../src/domain/virtuozzo/decide.ts';
import type { VirtuozzoEvent } from '../../src/domain/virtuozzo/events.ts';
import { specificationFor } from '../support/given.ts';

const given = specificationFor(virtuozzo);
const now = new Date('2026-03-01T12:00:00.000Z');
const at = now.toISOString();
const teamId = 'team';
const of = (linkId: string) => ({ teamId, linkId, now });
const about = { teamId, linkId: 'one', at };

const link = (linkId: string) =>
  ({
    type: 'Link',
    userId: 'ann',
    method: 'password',
    login: 'ann@example.org',
    renewable: true,
    ...of(linkId),
  }) as const;
const linked = (linkId: string, replaces: string | null = null): VirtuozzoEvent => ({
  type: 'VirtuozzoLinked',
  data: { teamId, linkId, replaces, userId: 'ann', method: 'password', login: 'ann@example.org', renewable: true, at },
});
const outage: VirtuozzoEvent = { type: 'VirtuozzoOutageBegan', data: about };
const back: VirtuozzoEvent = { type: 'VirtuozzoOutageEnded', data: { ...about, beganAt: at } };
const refreshed: VirtuozzoEvent = { type: 'VirtuozzoSessionRefreshed', data: about };
const refused: VirtuozzoEvent = { type: 'VirtuozzoRefreshFailed', data: { ...about, reason: 'token-refused' } };
const unlinked: VirtuozzoEvent = { type: 'VirtuozzoUnlinked', data: { ...about, reason: 'by-owner' } };

describe('a team on the platform', () => {
  it('is linked, and linked again in place of that', () => {
    given().when(link('one')).then(linked('one'));
    given(linked('one')).when(link('one')).thenNothing();
    given(linked('one')).when(link('two')).then(linked('two', 'one'));
  });

  it('is unlinked once', () => {
    given(linked('one')).when({ type: 'Unlink', teamId, reason: 'by-owner', now }).then(unlinked);
    given(linked('one'), unlinked).when({ type: 'Unlink', teamId, reason: 'by-owner', now }).thenNothing();
  });

  it('has one outage until the platform answers', () => {
    given(linked('one'))
      .when({ type: 'RecordUnavailable', ...of('one') })
      .then(outage);
    given(linked('one'), outage)
      .when({ type: 'RecordUnavailable', ...of('one') })
      .thenNothing();
    given(linked('one'), outage)
      .when({ type: 'RecordWorking', ...of('one') })
      .then(back);
    given(linked('one'), outage)
      .when({ type: 'RecordRefreshed', ...of('one') })
      .then(refreshed, back);
    given(linked('one'), outage, back)
      .when({ type: 'RecordWorking', ...of('one') })
      .thenNothing();
  });

  it('needs a person once the platform refuses, and no outage makes that less so', () => {
    const refuse = { type: 'RecordRefused', reason: 'token-refused', ...of('one') } as const;
    given(linked('one')).when(refuse).then(refused);
    given(linked('one'), outage).when(refuse).then(refused);
    given(linked('one'), refused).when(refuse).thenNothing();
    given(linked('one'), refused)
      .when({ type: 'RecordUnavailable', ...of('one') })
      .thenNothing();
    given(linked('one'), refused)
      .when({ type: 'RecordWorking', ...of('one') })
      .then(back);
  });

  it('records nothing of a link that is not there any more', () => {
    for (const type of ['RecordWorking', 'RecordRefreshed', 'RecordUnavailable'] as const) {
      given(linked('one'), linked('two', 'one'))
        .when({ type, ...of('one') })
        .thenNothing();
      given(linked('one'), unlinked)
        .when({ type, ...of('one') })
        .thenNothing();
      given()
        .when({ type, ...of('one') })
        .thenNothing();
    }
  });

  it('begins and ends outages in turn, and repeats nothing but renewals, whatever comes', () => {
    const command = fc.oneof(
      fc
        .constantFrom('RecordWorking', 'RecordRefreshed', 'RecordUnavailable')
        .chain((type) =>
          fc.constantFrom('one', 'two').map((linkId) => ({ type: type as 'RecordWorking', ...of(linkId) })),
        ),
      fc.constantFrom('one', 'two').map(link),
      fc.constant({ type: 'Unlink', teamId, reason: 'by-owner', now } as const),
      fc.constant({ type: 'RecordRefused', reason: 'not-renewable', ...of('one') } as const),
    );
    fc.assert(
      fc.property(fc.array(command), (commands) => {
        let state = virtuozzo.initialState;
        for (const one of commands) {
          const events = virtuozzo.decide(one, state);
          const wasOut = state.status === 'linked' && state.condition === 'outage';
          if (events.some(({ type }) => type === 'VirtuozzoOutageBegan')) expect(wasOut).toBe(false);
          state = events.reduce(virtuozzo.evolve, state);
          const again = virtuozzo.decide(one, state).filter(({ type }) => type !== 'VirtuozzoSessionRefreshed');
          expect(again).toEqual([]);
        }
      }),
    );
  });
});
