import { expect } from 'vitest';
import { accept, startInviting, type Inviting, type RoleName } from './inviting.ts';
import { call, eventually, logIn, newPerson, type Answer, type Client, type Grant } from './journey.ts';
import { positionIn, refresh } from './steps.ts';

/** Somebody with a session. */
export interface Colleague {
  readonly email: string;
  readonly client: Client;
  readonly userId: string;
  grant: Grant;
}

export interface Teaming extends Inviting {
  /** The Owner of the team that others are invited to. */
  readonly ada: Colleague;
  readonly teamId: string;
  /** With a team of their own, the first that they joined. */
  readonly colleague: () => Promise<Colleague>;
  /** Takes them into Ada's team. */
  readonly takeIn: (who: Colleague, role?: RoleName) => Promise<void>;
  readonly ask: (who: Colleague, method: string, path: string, body?: unknown) => Promise<Answer>;
}

export async function startTeaming(): Promise<Teaming> {
  const inviting = await startInviting();
  const { stack, owner, ownerGrant, newAddress, invite, linkTo } = inviting;
  const ada: Colleague = {
    email: 'owner@example.com',
    client: owner,
    userId: ownerGrant.session.userId,
    grant: ownerGrant,
  };
  const rounds = new Map<string, number>();
  return {
    ...inviting,
    ada,
    teamId: ownerGrant.session.teamId,
    ask: ({ client, grant }, method, path, body) => call(client, method, path, { body, bearer: grant.accessToken }),
    colleague: async () => {
      const [email, client] = [newAddress(), stack.client()];
      await newPerson(client, email);
      const grant = await logIn(client, email);
      return { email, client, userId: grant.session.userId, grant };
    },
    takeIn: async ({ email, client, grant }, role = 'Developer') => {
      expect((await invite(email, role, ada.grant)).status).toBe(201);
      const round = (rounds.get(email) ?? 0) + 1;
      rounds.set(email, round);
      const accepted = await accept(client, await linkTo(email, round), {}, grant.accessToken);
      expect(accepted.status, JSON.stringify(accepted.body)).toBe(200);
      const headers = { 'read-after': positionIn(accepted) };
      const seen = await call(client, 'GET', '/v1/teams', { bearer: grant.accessToken, headers });
      expect(seen.status).toBe(200);
    },
  };
}

/** Goes on in another team. */
export async function switchTo(who: Colleague, teamId: string): Promise<void> {
  const { client, grant } = who;
  const switched = await call(client, 'POST', '/v1/session/team', { body: { teamId }, bearer: grant.accessToken });
  expect(switched.status, JSON.stringify(switched.body)).toBe(200);
  const { accessToken } = switched.body as { accessToken: string };
  who.grant = { ...grant, accessToken, session: switched.body['session'] as Grant['session'] };
}

/** Until a refresh says so: sessions follow their team by a job. */
export async function untilIn(who: Colleague, teamId: string): Promise<void> {
  await eventually(async () => {
    const { status, body } = await refresh(who.client, who.grant.refreshToken);
    expect(status).toBe(200);
    who.grant = body as unknown as Grant;
    expect(who.grant.session.teamId).toBe(teamId);
  });
}

/** Status and body without what differs from request to request. */
export const comparable = ({ status, body: { requestId: _requestId, ...rest } }: Answer) => ({ status, rest });
