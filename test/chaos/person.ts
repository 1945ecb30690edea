import { awaited, glance, mailsOf, wish, type Identity, type Outcome, type World } from './asking.ts';

export interface Session {
  readonly sessionId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

export interface Person extends Identity {
  readonly email: string;
  userId: string;
  /** Their own. */
  teamId: string;
  session?: Session | undefined;
  /** Over, or taken to be. */
  readonly oldSessions: Session[];
  /** Into other people's teams, not yet looked at. */
  readonly invitations: { readonly from: Person; readonly invitationId: string }[];
  /** Addresses that were ever asked into their team. */
  readonly invited: Set<string>;
  /** Of their team: the id of a person, and the name of the role. */
  readonly members: Map<string, string>;
  readonly customRoles: string[];
}

const password = 'a river under the old bridge';
const refusedLogin = ['LoginFailed', 'UnknownLoginFailed', 'DeviceLoginFailed', 'AccountLocked', 'DeviceLoginLocked'];

/** From the first form to a team of their own. */
export async function settleIn(world: World, who: Person): Promise<boolean> {
  const { email } = who;
  const registered = await wish(world, who, {
    name: 'register',
    ...{ method: 'POST', path: '/v1/registrations' },
    body: { email, password, name: 'Ada Example', teamName: 'Bridge Works' },
    expects: () => [{ types: ['RegistrationSubmitted'], data: {}, own: true }],
  });
  if (registered?.status !== 202) return isOdd(world, 'register', registered);
  return (await verify(world, who)) && logIn(world, who);
}

async function verify(world: World, who: Person): Promise<boolean> {
  const token = await awaited(() => tokenFor(world, who, 'verification'));
  if (token === undefined) return isOdd(world, 'no verification mail', undefined);
  const verified = await wish(world, who, {
    name: 'verify',
    ...{ method: 'POST', path: '/v1/registrations/verify', body: { token } },
    expects: () => [{ types: ['EmailVerified'], data: {}, own: true }],
  });
  if (verified?.status === 204) return true;
  // Its first answer may be the one that was lost.
  const isDone = verified?.again === true && verified.problem === 'verification-token-used';
  return isDone || isOdd(world, 'verify', verified);
}

/** What the newest link of this kind holds. */
export async function tokenFor(world: World, { email }: Person, tag: string): Promise<string | undefined> {
  const mail = (await mailsOf(world, email)).find(({ Tag }) => Tag === tag);
  const token = /token=([\w%-]+)/.exec(mail?.TextBody ?? '')?.[1];
  return token === undefined ? undefined : decodeURIComponent(token);
}

/** Also where there is a session: that one is over then. */
export async function logIn(world: World, who: Person, fromNewDevice = false): Promise<boolean> {
  if (fromNewDevice) who.deviceToken = undefined;
  const before = new Set((await mailsOf(world, who.email)).map(({ MessageID }) => MessageID));
  const started = await wish(world, who, {
    name: 'start login',
    ...{ method: 'POST', path: '/v1/logins' },
    body: { email: who.email, password },
    expects: ({ loginId }) => [{ types: ['LoginStarted'], data: { loginId }, own: true }],
    mayLeave: refusedLogin,
  });
  if (started?.status !== 200) return isOdd(world, 'start login', started);
  const { loginId, loginToken } = started.body as { loginId: string; loginToken: string };
  const needsCode = started.body['status'] === 'device-approval-required';
  const ready = needsCode ? await approve(world, who, { loginId, loginToken, before }) : started;
  return ready !== undefined && chooseOneOf(world, who, { loginId, loginToken }, ready);
}

async function chooseOneOf(world: World, who: Person, login: Login, ready: Outcome): Promise<boolean> {
  const teams = (ready.body['teams'] ?? []) as readonly { teamId: string }[];
  const [own] = teams;
  if (own === undefined) return isOdd(world, `login ${login.loginId} shows no team`, ready);
  if (who.teamId === '') who.teamId = own.teamId;
  const { teamId } = teams[Math.floor(who.random() * teams.length)] ?? own;
  return choose(world, who, { ...login, teamId });
}

interface Login {
  readonly loginId: string;
  readonly loginToken: string;
}

/** A login whose answer was lost has sent a code too: whoever holds two mails tries both. */
async function approve(world: World, who: Person, login: Login & { before: ReadonlySet<string> }) {
  const tried = new Set<string>();
  for (;;) {
    const code = await awaited(async () => {
      const mails = await mailsOf(world, who.email);
      const fresh = mails.filter(({ Tag, MessageID }) => Tag === 'device-code' && !login.before.has(MessageID));
      const codes = fresh.map(({ TextBody }) => /^ *(\d{6})$/m.exec(TextBody)?.[1] ?? '');
      return codes.find((candidate) => !tried.has(candidate));
    });
    if (code === undefined) {
      isOdd(world, `no code for login ${login.loginId}`, undefined);
      return undefined;
    }
    tried.add(code);
    const approved = await wish(world, who, {
      name: 'approve device',
      ...{ method: 'POST', path: `/v1/logins/${login.loginId}/device-approval`, bearer: login.loginToken },
      body: { code },
      expects: () => [{ types: ['LoginDeviceApproved'], data: { loginId: login.loginId }, own: false }],
      mayLeave: ['DeviceCodeRejected'],
    });
    if (approved?.status === 200) return approved;
    if (approved?.problem !== 'device-code-wrong') {
      isOdd(world, 'approve device', approved);
      return undefined;
    }
  }
}

async function choose(world: World, who: Person, login: Login & { teamId: string }): Promise<boolean> {
  const { loginId, loginToken, teamId } = login;
  const former = who.session;
  const chosen = await wish(world, who, {
    name: 'choose team',
    ...{ method: 'POST', path: `/v1/logins/${loginId}/team`, bearer: loginToken },
    body: { teamId },
    expects: () => [{ types: ['SessionStarted'], data: { loginId }, own: false }],
    ends: former === undefined ? [] : [former.sessionId],
  });
  if (chosen?.status !== 200) {
    // Removed from that team meanwhile: then another is chosen next time.
    return chosen?.problem === 'team-not-found' ? false : isOdd(world, 'choose team', chosen);
  }
  const { accessToken, refreshToken, session } = chosen.body as unknown as Session & {
    session: { sessionId: string; userId: string };
  };
  who.userId = session.userId;
  isOver(who);
  who.session = { sessionId: session.sessionId, accessToken, refreshToken };
  if (former !== undefined) await lookEverywhere(world, who, former);
  return true;
}

export function isOver(who: Person): void {
  if (who.session !== undefined) who.oldSessions.push(who.session);
  who.session = undefined;
}

/** All at once, on whichever process answers. */
export async function lookEverywhere(world: World, who: Person, session: Session): Promise<void> {
  await Promise.all([look(world, who, session), look(world, who, session), look(world, who, session, 'authorize')]);
}

export const look = (world: World, who: Person, session: Session, how: 'authorize' | 'session' = 'session') =>
  glance(world, who, {
    name: `look (${how})`,
    ...(how === 'session'
      ? { method: 'GET', path: '/v1/session' }
      : { method: 'POST', path: '/v1/authorize', body: { permissions: ['team.view'] } }),
    bearer: session.accessToken,
    sessionId: session.sessionId,
  });

/** Nobody should meet this; always `false`. */
export function isOdd({ record }: World, what: string, outcome: Outcome | undefined): false {
  // Who was not answered at all has been recorded as such.
  const { status, problem, again } = outcome ?? {};
  record.oddities.push(`${what}: ${String(status)} ${problem ?? ''}${again === true ? ' (again)' : ''}`);
  return false;
}
