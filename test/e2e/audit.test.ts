import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, logIn, mailTo, newPerson, type Client } from './journey.ts';
import { startStack, type Stack } from './stack.ts';
import { address, expectProblem, person, positionIn, refresh, whoAmI } from './steps.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

describe('the audit log', () => {
  const agent = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0';
  const headers = { 'x-forwarded-for': '203.0.113.78', 'user-agent': agent };
  type Entry = Record<string, unknown> & { type: string; stream?: string; data: Record<string, unknown> };

  async function everything(client: Client, bearer: string, readAfter: string): Promise<Entry[]> {
    const entries: Entry[] = [];
    for (let cursor = ''; ;) {
      const path = `/v1/audit/events?limit=20${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
      const { body } = await call(client, 'GET', path, { bearer, headers: { 'read-after': readAfter } });
      entries.push(...(body['items'] as Entry[]));
      if (body['nextCursor'] === undefined) return entries;
      cursor = body['nextCursor'] as string;
    }
  }

  it('reads the whole journey back, to those it belongs to', async () => {
    const [email, owner] = [address(), stack.client()];
    await newPerson(owner, email);
    const client = stack.client();
    await call(client, 'POST', '/v1/logins', { headers, body: { email, password: 'another river altogether' } });
    const first = await logIn(client, email);
    const { accessToken } = await logIn(client, email);
    const grant = await logIn(client, email);
    await mailTo(client, email, 'session-superseded', 2);
    const position = positionIn(await refresh(client, grant.refreshToken));

    const entries = await everything(client, grant.accessToken, position);
    const types = new Set(entries.map(({ type }) => type));
    const journey = [
      ...['RegistrationSubmitted', 'EmailAddressReserved', 'UserRegistered', 'EmailVerified', 'EmailAddressConfirmed'],
      ...['TeamCreated', 'RoleAdded', 'MemberAdded', 'LoginFailed', 'LoginFailuresCleared', 'LoginStarted'],
      ...['LoginClearedWithoutGeo', 'DeviceCodeRequested', 'LoginDeviceApproved', 'DeviceApproved', 'LoginCompleted'],
      ...['SessionStarted', 'SessionSuperseded', 'SessionRefreshed', 'EmailSendStarted', 'EmailSent'],
    ];
    expect([...types].sort()).toEqual([...journey].sort());
    expect(new Set(entries.map(({ eventId }) => eventId)).size).toBe(entries.length);
    const positions = entries.map((entry) => Number(entry['position']));
    expect(positions).toEqual([...positions].sort((one, other) => other - one));

    const of = (type: string) => entries.find((entry) => entry.type === type) ?? expect.fail();
    expect(of('RegistrationSubmitted').data).toMatchObject({ email, name: 'Ada Example', teamName: 'Bridge Works' });
    expect(of('LoginFailed')).toMatchObject({
      subject: grant.session.userId,
      ip: '203.0.113.78',
      userAgent: agent,
      data: { reason: 'wrong-password' },
    });
    expect(of('SessionRefreshed')).toMatchObject({ position, sessionId: grant.session.sessionId });
    expect(entries.every(({ summary, correlationId }) => summary !== '' && correlationId !== null)).toBe(true);

    // What follows from one request is found by its correlation; the sessions that were superseded are refused.
    const submitted = of('RegistrationSubmitted');
    const consequences = entries.filter(({ correlationId }) => correlationId === submitted['correlationId']);
    expect(consequences.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['EmailAddressReserved', 'UserRegistered', 'EmailSent']),
    );
    expectProblem(await whoAmI(client, { accessToken }), 401, 'session-superseded');
    expectProblem(await whoAmI(client, first), 401, 'session-superseded');
  });

  it('shows nothing of it to the owner of another team', async () => {
    const { email, client } = await person(stack);
    const mine = await logIn(client, email);
    const other = await person(stack);
    const stranger = await logIn(other.client, other.email);
    const position = positionIn(await refresh(client, mine.refreshToken));
    const { userId, teamId, sessionId } = mine.session;
    const entries = await everything(other.client, stranger.accessToken, position);
    expect(JSON.stringify(entries)).not.toMatch(new RegExp([userId, teamId, sessionId, email].join('|')));

    const ask = (path: string) => call(other.client, 'GET', `/v1/audit/${path}`, { bearer: stranger.accessToken });
    expectProblem(await ask(`events?team=${teamId}`), 404, 'not-found');
    for (const filter of [`subject=${userId}`, `actor=${userId}`, `session=${sessionId}`]) {
      expect((await ask(`events?${filter}`)).body['items']).toEqual([]);
    }
    for (const stream of [`user-${userId}`, `sessions-${userId}`, `team-${teamId}`]) {
      expectProblem(await ask(`streams/${stream}`), 404, 'not-found');
    }
    const own = await call(client, 'GET', `/v1/audit/streams/team-${teamId}`, { bearer: mine.accessToken });
    expect((own.body['items'] as Entry[])[0]?.type).toBe('TeamCreated');
  });
});
