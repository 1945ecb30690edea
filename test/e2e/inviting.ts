import { expect } from 'vitest';
import { openEventLog, type EventLog } from './event-log.ts';
import { call, logIn, mailTo, newPerson, password, tokenIn, type Answer, type Client, type Grant } from './journey.ts';
import { startStack, type Stack } from './stack.ts';

export type RoleName = 'Owner' | 'Manager' | 'Developer';

export interface Inviting {
  readonly stack: Stack;
  readonly log: EventLog;
  readonly owner: Client;
  readonly ownerGrant: Grant;
  readonly roles: Readonly<Record<RoleName, string>>;
  readonly newAddress: () => string;
  /** The owner's team where none is named. */
  readonly teamPath: (teamId?: string) => string;
  readonly invite: (email: string, role?: RoleName, by?: Grant) => Promise<Answer>;
  /** The same, and it works. */
  readonly invited: (email: string, role?: RoleName) => Promise<Answer['body']>;
  /** The token of the newest mail, once there are `count` of them. */
  readonly linkTo: (email: string, count?: number) => Promise<string>;
  readonly stop: () => Promise<void>;
}

export const problemOf = ({ body }: Answer): string => String(body['type']).replace('urn:problem:', '');

export const accept = (
  client: Client,
  token: string,
  more: object = { name: 'Bob Guest', password },
  bearer?: string,
) => call(client, 'POST', '/v1/invitations/accept', { body: { token, ...more }, ...(bearer && { bearer }) });

/** An installation with one team, whose Owner invites. */
export async function startInviting(): Promise<Inviting> {
  const stack = await startStack();
  const log = openEventLog(stack);
  const owner = stack.client();
  await newPerson(owner, 'owner@example.com');
  const ownerGrant = await logIn(owner, 'owner@example.com');
  const added = await log.ofType('RoleAdded');
  const roles = Object.fromEntries(added.map(({ data }) => [data['name'], data['roleId']])) as Inviting['roles'];
  let people = 0;
  const teamPath = (teamId = ownerGrant.session.teamId) => `/v1/teams/${teamId}/invitations`;

  const invite = (email: string, role: RoleName = 'Developer', by = ownerGrant) =>
    call(stack.client(), 'POST', teamPath(), { body: { email, roleId: roles[role] }, bearer: by.accessToken });
  return {
    ...{ stack, log, owner, ownerGrant, roles, teamPath, invite },
    newAddress: () => `guest${String((people += 1))}@example.com`,
    invited: async (email, role) => {
      const answer = await invite(email, role);
      expect(answer.status, JSON.stringify(answer.body)).toBe(201);
      return answer.body;
    },
    linkTo: async (email, count = 1) => tokenIn(await mailTo(owner, email, 'invitation', count)),
    stop: async () => {
      await log.close();
      await stack.stop();
    },
  };
}
