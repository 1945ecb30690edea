import { call, fromMail, logIn, password, type Client, type Grant } from '../client-calls.ts';
import type { Measurement } from '../bench.ts';
import { openConnection, type Connection } from '../load/connection.ts';
import { makePerson } from '../people.ts';
import { row, type Row } from '../row.ts';
import { newInstallation, startService, type Service } from '../service.ts';
import { ascending, quantile, rounded, spread } from '../statistics.ts';

const patienceMs = 10_000;
const administrator = 'root@example.com';
/** What Managers may, and Developers may not. */
const permission = 'site.delete';

/** Two api processes of one installation: changes are made at the one, and their subject asks the other. */
interface Stage {
  readonly service: Service;
  readonly asking: Connection;
  readonly admin: Client;
  readonly adminGrant: Grant;
  readonly owner: Client;
  readonly ownerGrant: Grant;
  readonly member: Client & { readonly email: string; readonly userId: string };
  /** Where the member is a Manager. */
  team: Team;
  /** Of the member, in that team; `undefined` after it has ended. */
  token: string | undefined;
  invitations: number;
}

interface Team {
  readonly teamId: string;
  readonly roles: Readonly<Record<string, string>>;
}

interface Change {
  readonly name: string;
  /** Until the member may, in a session of the team. */
  readonly before: (stage: Stage) => Promise<unknown>;
  readonly change: (stage: Stage) => Promise<unknown>;
  readonly after: (stage: Stage) => Promise<unknown>;
  /** Whether the session of the member ends with it. */
  readonly ends: boolean;
}

const nothing = () => Promise.resolve();
const memberPath = ({ team, member }: Stage) => `/v1/teams/${team.teamId}/members/${member.userId}`;
const byOwner = (stage: Stage, method: string, path: string, body?: object) =>
  call(stage.owner, method, path, { bearer: stage.ownerGrant.accessToken, ...(body !== undefined && { body }) });
const giveRole = (name: string) => (stage: Stage) =>
  byOwner(stage, 'PATCH', memberPath(stage), { roleId: stage.team.roles[name] });
const byAdmin = (action: string) => (stage: Stage) =>
  call(stage.admin, 'POST', `/v1/users/${stage.member.userId}/${action}`, { bearer: stage.adminGrant.accessToken });

const changes: readonly Change[] = [
  { name: 'role changed', before: nothing, change: giveRole('Developer'), after: giveRole('Manager'), ends: false },
  { name: 'account locked', before: nothing, change: byAdmin('lock'), after: byAdmin('unlock'), ends: true },
  {
    name: 'account deactivated',
    before: nothing,
    change: byAdmin('deactivate'),
    after: byAdmin('reactivate'),
    ends: true,
  },
  {
    name: 'member removed',
    // One address is not invited into a team over and over.
    before: intoNewTeam,
    change: (stage) => byOwner(stage, 'DELETE', memberPath(stage)),
    after: nothing,
    ends: true,
  },
];

/** How long somebody may go on elsewhere after it was answered that they may no more. */
export const staleness: Measurement = {
  name: 'staleness',
  limitSeconds: 300,
  run: async (bench) => {
    const more = { BOOTSTRAP_ADMIN_EMAIL: administrator };
    const service = await startService(await newInstallation(bench.stores, 'stale', more));
    const other = await startService(service.installation, ['api'], { PUBLIC_URL: service.apiUrl });
    const asking = await openConnection(other.apiUrl);
    try {
      const stage = await setUp(service, asking);
      const rows: Row[] = [];
      for (const change of changes) {
        const rounds: number[][] = [];
        // The first round is the warm-up.
        for (let round = 0; round <= bench.size.rounds; round += 1) {
          rounds.push(await roundOf(stage, change, bench.size.changes));
        }
        rows.push(rowOf(change, rounds.slice(1)));
      }
      return rows;
    } finally {
      asking.close();
      await Promise.all([service.stop(), other.stop()]);
    }
  },
};

function rowOf({ name }: Change, rounds: readonly number[][]): Row {
  const all = ascending(rounds.flat());
  const p95 = quantile(all, 0.95);
  const medians = rounds.map((round) => quantile(ascending(round), 0.5));
  const note = `p95 ${rounded(p95)} ms; medians ${spread(medians)}, ${all.length} changes; from the answer to the change until the first answer of another api process that refuses, asked without a pause; 0 where it refused before`;
  const measured = { name: `${name}: refused elsewhere after, p50`, unit: 'ms', ours: quantile(all, 0.5), note };
  return row(measured, 'p95 ≤ 100 ms', () => p95 <= 100);
}

async function roundOf(stage: Stage, change: Change, times: number): Promise<number[]> {
  const waits: number[] = [];
  for (let n = 0; n < times; n += 1) {
    await change.before(stage);
    stage.token ??= (await logIn(stage.member, stage.member.email, stage.team.teamId)).accessToken;
    await until(stage, stage.token, true);
    const refused = until(stage, stage.token, false);
    // Whoever waits for it is told.
    refused.catch(() => undefined);
    await change.change(stage);
    const acknowledged = performance.now();
    waits.push(Math.max(0, (await refused) - acknowledged));
    if (change.ends) stage.token = undefined;
    await change.after(stage);
  }
  return waits;
}

/** When the other api process answered so for the first time. */
async function until({ asking }: Stage, token: string, allowed: boolean): Promise<number> {
  const body = JSON.stringify({ permissions: [permission] });
  const head = `POST /v1/authorize HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${token}\r\n`;
  const request = `${head}content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  for (const deadline = performance.now() + patienceMs; performance.now() < deadline;) {
    const reply = await asking.send(request);
    const answered = performance.now();
    const isAllowed = reply.status === 200 && reply.body.includes('true');
    if (isAllowed === allowed) return answered;
  }
  throw new Error(`Another api process did not ${allowed ? 'allow' : 'refuse'} within ${patienceMs / 1000} s.`);
}

async function setUp(service: Service, asking: Connection): Promise<Stage> {
  const admin: Client = { service, deviceToken: undefined };
  const link = await fromMail(service, administrator, 'invitation', /token=([\w%-]+)/);
  const token = decodeURIComponent(link);
  await call(admin, 'POST', '/v1/invitations/accept', { body: { token, name: 'Ada Example', password } });
  const adminGrant = await logIn(admin, administrator);
  const [ownerGrant, person] = [
    await makePerson(service, 'owner@example.com'),
    await makePerson(service, 'member@example.com'),
  ];
  const owner: Client = { service, deviceToken: ownerGrant.deviceToken };
  const { email, userId, deviceToken } = person;
  const member = { service, deviceToken, email, userId };
  const team: Team = { teamId: ownerGrant.teamId, roles: {} };
  const cast = { admin, adminGrant, owner, ownerGrant, member };
  const stage: Stage = { service, asking, ...cast, team, token: undefined, invitations: 0 };
  await intoNewTeam(stage);
  return stage;
}

/** A team of the owner, with the member as a Manager. */
async function intoNewTeam(stage: Stage): Promise<void> {
  const { service, member } = stage;
  const { teamId } = (await byOwner(stage, 'POST', '/v1/teams', { name: 'Bridge Works' })) as { teamId: string };
  const { items } = await byOwner(stage, 'GET', `/v1/teams/${teamId}/roles`);
  const roles = Object.fromEntries(
    (items as { name: string; roleId: string }[]).map(({ name, roleId }) => [name, roleId]),
  );
  stage.team = { teamId, roles };
  stage.token = undefined;
  stage.invitations += 1;
  await byOwner(stage, 'POST', `/v1/teams/${teamId}/invitations`, { email: member.email, roleId: roles['Manager'] });
  const link = await fromMail(service, member.email, 'invitation', /token=([\w%-]+)/, stage.invitations);
  const { accessToken: bearer } = await logIn(member, member.email);
  await call(member, 'POST', '/v1/invitations/accept', { body: { token: decodeURIComponent(link) }, bearer });
}
