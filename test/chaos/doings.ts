import { wish, type Outcome, type Wish, type World } from './asking.ts';
import { isOdd, isOver, logIn, look, lookEverywhere, tokenFor, type Person, type Session } from './person.ts';
import { refusals } from './refusals.ts';
import { teamWork } from './team-work.ts';
import { platformWork } from './platform-work.ts';

type Doing = (world: World, who: Person, others: readonly Person[]) => Promise<unknown>;

/** What people do, and how often compared with each other. */
const doings: readonly (readonly [weight: number, Doing])[] = [
  [6, (world, who) => checkSession(world, who)],
  [3, (world, who) => refresh(world, who)],
  [2, (world, who) => logOut(world, who)],
  [1, (world, who) => endOwnSession(world, who)],
  [2, (world, who) => logIn(world, who)],
  [1, (world, who) => logIn(world, who, true)],
  [3, (world, who) => tryOldSession(world, who)],
  [2, refusals],
  [6, teamWork],
  [3, (world, who) => platformWork(world, who)],
  [3, (world, who) => answerInvitation(world, who)],
];

/** Until the world ends; whoever has no session gets one first. */
export async function live(world: World, who: Person, others: readonly Person[]): Promise<void> {
  while (performance.now() < world.endsAt) {
    if (who.session === undefined) await logIn(world, who);
    else await oneOf(who.random)(world, who, others);
  }
}

function oneOf(random: () => number): Doing {
  const total = doings.reduce((sum, [weight]) => sum + weight, 0);
  let left = random() * total;
  return (doings.find(([weight]) => (left -= weight) < 0) ?? doings[0])?.[1] ?? checkSession;
}

async function checkSession(world: World, who: Person): Promise<void> {
  const session = who.session;
  if (session === undefined) return;
  const { status, problem } = await look(world, who, session, who.random() < 0.5 ? 'session' : 'authorize');
  if (status !== null && status >= 400 && status < 500) await afterRefusal(world, who, problem);
}

/** As a client does: new tokens where it is worth trying, else a new login. */
async function afterRefusal(world: World, who: Person, problem: string | undefined): Promise<void> {
  if (problem === 'session-team-changed') await refresh(world, who);
  else isOver(who);
}

async function refresh(world: World, who: Person): Promise<void> {
  const session = who.session;
  if (session === undefined) return;
  const { sessionId, refreshToken } = session;
  const refreshed = await wish(world, who, refreshing(session));
  if (refreshed?.status === 200) {
    const { accessToken, refreshToken: newest } = refreshed.body as unknown as Session;
    who.session = { sessionId, accessToken, refreshToken: newest };
    if (newest === refreshToken) isOdd(world, 'refresh gives the token it took', refreshed);
  } else isOver(who);
}

const refreshing = ({ sessionId, refreshToken }: Session): Wish => ({
  name: 'refresh',
  ...{ method: 'POST', path: '/v1/sessions/refresh', body: { refreshToken } },
  sessionId,
  expects: () => [{ types: ['SessionRefreshed'], data: { sessionId }, own: false }],
  mayLeave: ['SessionRevoked', ...followsFromReuse],
});

/** A token that is used again ends its session, and its owner is told. */
const followsFromReuse = ['EmailSendStarted', 'EmailSent', 'EmailDropped'];

const logOut = (world: World, who: Person) => end(world, who, '/v1/session');

const endOwnSession = (world: World, who: Person) => end(world, who, `/v1/sessions/${who.session?.sessionId ?? ''}`);

async function end(world: World, who: Person, path: string): Promise<void> {
  const session = who.session;
  if (session === undefined) return;
  const { sessionId, accessToken } = session;
  const ended = await wish(world, who, {
    name: `end session`,
    ...{ method: 'DELETE', path, bearer: accessToken, sessionId },
    expects: () => [
      { types: ['SessionRevoked', 'SessionSuperseded', 'SessionExpired'], data: { sessionId }, own: false },
    ],
    ends: [sessionId],
  });
  if (ended === undefined) return;
  if (ended.problem === 'session-team-changed') return refresh(world, who);
  isOver(who);
  await lookEverywhere(world, who, session);
}

/** With whatever it had: nothing of it may be worth anything. */
async function tryOldSession(world: World, who: Person): Promise<void> {
  const old = who.oldSessions[Math.floor(who.random() * who.oldSessions.length)];
  if (old === undefined) return checkSession(world, who);
  if (who.random() < 0.3) await wish(world, who, refreshing(old));
  else await lookEverywhere(world, who, old);
}

async function answerInvitation(world: World, who: Person): Promise<void> {
  const invitation = who.invitations.shift();
  if (invitation === undefined || who.session === undefined) return checkSession(world, who);
  const token = await tokenFor(world, who, 'invitation');
  // Not here yet, or revoked before it left.
  if (token === undefined) return void who.invitations.push(invitation);
  const accepted = await wish(world, who, {
    name: 'accept invitation',
    ...{ method: 'POST', path: '/v1/invitations/accept', body: { token } },
    ...{ bearer: who.session.accessToken, sessionId: who.session.sessionId },
    expects: ({ team }) => {
      const data = { teamId: (team as { teamId: string }).teamId, userId: who.userId };
      return ['InvitationAccepted', 'MemberJoined'].map((type) => ({ types: [type], data, own: false }));
    },
    // Whoever becomes a member by another one at the same moment: it is taken, and taken back.
    mayLeave: ['InvitationAccepted', 'InvitationAcceptanceFailed'],
  });
  await afterAcceptance(world, who, accepted, invitation.from);
}

async function afterAcceptance(world: World, who: Person, accepted: Outcome | undefined, from: Person) {
  if (accepted === undefined) return;
  const team = accepted.body['team'] as { teamId: string } | undefined;
  if (team?.teamId === from.teamId) from.members.set(who.userId, 'Developer');
  if (accepted.status === 401) await afterRefusal(world, who, accepted.problem);
}
